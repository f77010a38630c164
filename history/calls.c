/* Calls and returns, into a builder; see calls.h. */
#include "history/calls.h"

#include <assert.h>
#include <inttypes.h>

#include "base/counted.h"
#include "history/words.h"

enum err_code calls_begin(struct calls *c, struct builder *builder, struct err *err)
{
    *c = (struct calls){.builder = builder};
    enum err_code code = builder_region(builder, "default", err);
    if (code == ERR_OK)
        code = builder_table(builder, "object", err);
    if (code != ERR_OK)
        return code;
    return builder_promise(builder,
                           &(struct promise){.table = 0,
                                             .type = "register",
                                             .mode = "consensus",
                                             .level = "linearizable",
                                             .checks = "linearizable"},
                           err);
}

void calls_done(struct calls *c)
{
    intern_done(&c->processes);
    if (c->builder)
        counted_free(builder_memory(c->builder), c->open, c->capacity * sizeof *c->open);
    *c = (struct calls){.builder = NULL};
}

void calls_model(struct calls *c, const char *model)
{
    builder_is_of(c->builder, model);
}

static struct bytes process_bytes(const int64_t *process)
{
    return (struct bytes){(const uint8_t *)process, sizeof *process};
}

/* The place of a process, which is made when it is new; NULL without memory. */
static struct open_call *place_of(struct calls *c, int64_t process)
{
    struct bytes name = process_bytes(&process);
    int64_t place = intern_find(&c->processes, 0, name);
    if (place > 0)
        return &c->open[place - 1];
    struct open_call *room = counted_room(builder_memory(c->builder), c->open, c->process_count,
                                          &c->capacity, sizeof *room);
    if (!room)
        return NULL;
    c->open = room;
    if (!intern_add(&c->processes, 0, name, (int64_t)c->process_count + 1))
        return NULL;
    struct open_call *call = &c->open[c->process_count++];
    *call = (struct open_call){.op = 0};
    return call;
}

enum err_code calls_invoke(struct calls *c, int64_t process, int64_t at_ns,
                           const struct operation *operation, size_t tag, struct err *err)
{
    struct open_call *call = place_of(c, process);
    if (!call)
        return err_set(err, ERR_NOMEM, "out of memory");
    struct op_row row = {
        .process = process,
        .session = process,
        .operation = *operation,
        .intended_at_ns = at_ns,
        .invoked_at_ns = at_ns,
    };
    row.operation.level = LEVEL_LINEARIZABLE;
    row.operation.request_id = (uint64_t)c->op_count + 1;
    int64_t op = 0;
    enum err_code code = builder_op(c->builder, &row, &op, err);
    if (code != ERR_OK)
        return code;
    c->op_count++;
    *call = (struct open_call){.op = op, .operation = *operation, .tag = tag};
    return ERR_OK;
}

const struct open_call *calls_open(const struct calls *c, int64_t process)
{
    int64_t place = intern_find(&c->processes, 0, process_bytes(&process));
    return place > 0 && c->open[place - 1].op > 0 ? &c->open[place - 1] : NULL;
}

enum err_code calls_answer(struct calls *c, int64_t process, int64_t at_ns,
                           const struct answer *answer, struct err *err)
{
    int64_t place = intern_find(&c->processes, 0, process_bytes(&process));
    struct open_call *call = place > 0 ? &c->open[place - 1] : NULL;
    if (!call || call->op == 0)
        return err_set(err, ERR_INVALID,
                       "process %" PRId64 " returns, but has no operation open", process);
    enum err_code code = builder_ret(c->builder, call->op, at_ns, answer, err);
    if (code == ERR_OK)
        call->op = 0;
    return code;
}

struct answer calls_outcome(enum op_outcome outcome)
{
    static const char *const errors[] = {
        [OUTCOME_OK] = NULL, [OUTCOME_FAIL] = "failed", [OUTCOME_UNKNOWN] = "no answer"};
    return (struct answer){.outcome = outcome,
                           .result = OP_NIL,
                           .level = LEVEL_LINEARIZABLE,
                           .version = OP_NIL,
                           .node = -1,
                           .error = errors[outcome]};
}

enum err_code calls_return(struct calls *c, int64_t process, int64_t at_ns,
                           enum op_outcome outcome, int64_t result, struct err *err)
{
    struct answer answer = calls_outcome(outcome);
    if (outcome == OUTCOME_OK)
        answer.result = result;
    return calls_answer(c, process, at_ns, &answer, err);
}

enum err_code calls_text(struct calls *c, struct bytes text, int64_t *id, struct err *err)
{
    *id = builder_text(c->builder, text);
    return *id == OP_NIL ? err_set(err, ERR_NOMEM, "out of memory") : ERR_OK;
}

enum err_code calls_value(struct calls *c, struct bytes word, int64_t *id, struct err *err)
{
    int64_t integer;
    if (!words_integer(word, &integer))
        return calls_text(c, word, id, err);
    *id = builder_integer(c->builder, integer);
    return *id == OP_NIL ? err_set(err, ERR_NOMEM, "out of memory") : ERR_OK;
}
