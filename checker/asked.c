/* What a check of single objects is asked about. */
#include "checker/asked.h"

#include <string.h>

const struct model_ops *asked_model(const struct check_input *in)
{
    const struct model_ops *own = NULL;
    if (in->options->model)
        return in->options->model;
    if (in->promise && in->promise->type)
        own = model_find(in->promise->type);
    /* Our own store calls its registers so, and they take a CAS. */
    return own && strcmp(own->about.name, "register") != 0 ? own : model_find("cas-register");
}

/* The weakest level a read may have asked for and still be part of the promise. */
static enum op_level promised(const struct promise *p)
{
    int level = p && p->level ? op_level_find(p->level) : -1;
    return level < 0 ? LEVEL_LINEARIZABLE : (enum op_level)level;
}

enum err_code asked_objects(const struct check_input *in, const struct model_ops *model,
                            struct arena *arena, struct objects *out, struct err *err)
{
    struct objects_source source = {.columns = in->columns,
                                    .model = model,
                                    .level = promised(in->promise),
                                    .history = in->history,
                                    .initial = in->options->initial,
                                    .budget = in->budget};
    enum err_code code = objects_split(&source, arena, out, err);
    if (code == ERR_INVALID && !in->options->model) {
        struct err why = *err;
        err_set(err, code, "%s; say which model with --model", why.msg);
    }
    return code;
}

static bool is_exercised(const struct object *o)
{
    return o->was_looked_at && o->was_changed && o->process_count == 2;
}

bool asked_enough(const struct check_input *in, const struct objects *objects)
{
    if (in->options->model)
        return objects->op_count > 0;
    for (size_t i = 0; i < objects->count; i++)
        if (is_exercised(&objects->all[i]))
            return true;
    return false;
}

const char *asked_too_little(const struct check_input *in, const struct model_ops *model)
{
    if (in->options->model && in->columns->count == 0)
        return "there is no operation";
    if (in->options->model)
        return "no operation counts: all failed, looked without an answer, or asked for less "
               "than is promised";
    if (model->is_register)
        return "no key has an acknowledged write, an acknowledged read and two clients";
    return "no object was changed and looked at, and that by two clients";
}
