#include "checker/model.h"

#define MODEL(name) extern const struct model_ops model_##name;
#include "checker/models.def"
#undef MODEL

static const struct plugin *const plugins[] = {
#define MODEL(name) &model_##name.about,
#include "checker/models.def"
#undef MODEL
    NULL};

struct catalogue model_catalogue(void)
{
    return (struct catalogue){.kind = "model", .all = plugins};
}

const struct model_ops *model_find(const char *name)
{
    struct catalogue all = model_catalogue();
    const struct plugin *found = catalogue_find(&all, name);
    return found ? CONTAINER_OF(found, const struct model_ops, about) : NULL;
}

size_t model_state_words(const struct model_ops *model, size_t count, size_t listed)
{
    return model->words_at_start + model->words_per_op * (count + listed);
}
