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
    if (c->builder)
        counted_free(builder_memory(c->builder), c->open, c->capacity * sizeof *c->open);
    *c = (struct calls){.builder = NULL};
}

void calls_model(struct calls *c, const char *model)
{
    builder_is_of(c->builder, model);
}

/* The place of process `number`, which may be a new one; NULL without memory. */
static struct open_call *place_of(struct calls *c, uint32_t number)
{
    assert(number <= c->process_count);
    if (number < c->process_count)
        return &c->open[number];
    struct open_call *room = counted_room(builder_memory(c->builder), c->open, c->process_count,
                                          &c->capacity, sizeof *room);
    if (!room)
        return NULL;
    c->open = room;
    return &c->open[c->process_count++];
}

enum err_code calls_invoke(struct calls *c, int64_t process, int64_t at_ns,
                           const struct operation *operation, size_t tag, struct err *err)
{
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
    uint32_t number = 0;
    if (builder_op(c->builder, &row, &op, err))
        return err->code;
    builder_open(c->builder, process, &number);
    struct open_call *call = place_of(c, number);
    if (!call)
        return err_set(err, ERR_NOMEM, "out of memory");
    c->op_count++;
    *call = (struct open_call){.op = op, .operation = *operation, .tag = tag};
    return ERR_OK;
}

const struct open_call *calls_open(const struct calls *c, int64_t process)
{
    uint32_t number;
    return builder_open(c->builder, process, &number) > 0 ? &c->open[number] : NULL;
}

enum err_code calls_answer(struct calls *c, int64_t process, int64_t at_ns,
                           const struct answer *answer, struct err *err)
{
    const struct open_call *call = calls_open(c, process);
    if (!call)
        return err_set(err, ERR_INVALID,
                       "process %" PRId64 " returns, but has no operation open", process);
    return builder_ret(c->builder, call->op, at_ns, answer, err);
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
