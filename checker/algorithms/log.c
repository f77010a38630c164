/* Offsets are the places of a chain (chain.h). An append that told its offset has its
 * place; a read of an element tells the place of the append that told none, if only one
 * was of that element; the rest are a pool. A read of an element is a look at more
 * places filled than its offset; a read of nothing, at no more. */
#include "checker/algorithms/log.h"

#include <assert.h>

#include "checker/algorithms/chain.h"
#include "checker/algorithms/refusal.h"
#include "checker/int_map.h"

static const char *const same_offset = "{0.who} and {1.who} both appended at {0.result}";
static const char *const beyond =
    "{0.who} appended at {0.result}, but there are not that many appends before it";
static const char *const other_read =
    "{0.who} read {0.result} at {0.argument}, where {1.who} read {1.result}";
static const char *const other_appended =
    "{0.who} read {0.result} at {0.argument}, where {1.who} had appended {1.argument}";
static const char *const unknown_element =
    "{0.who} read {0.result} at {0.argument}, which nobody had appended there";
static const char *const two_offsets =
    "{0.who} read {0.result} at {0.argument} and {1.who} read it at {1.argument}, but it was "
    "appended once";
static const char *const negative = "{0.who} read {0.result} at {0.argument}";
static const char *const late =
    "{0.who} {0.deed} by {0.returned}, which comes after what {1.who} appended, who asked for "
    "it only at {1.called}";
static const char *const too_few = "{0.who} {0.deed} by {0.returned}, which takes more "
                                   "appends than had been asked for by then";
static const char *const vanished =
    "{0.who} found nothing at {0.argument}, though {1.who} had shown before that something "
    "was there";

struct log {
    const struct problem *p;
    struct arena *keep;
    struct chain chain;
    uint32_t *read_at;     /* by offset: a read that saw an element there, plus one */
    struct int_map untold; /* element -> an append that told no offset, or SEVERAL */
};

#define SEVERAL UINT32_MAX

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "log: out of memory");
}

static const struct model_op *op_of(const struct log *l, uint32_t op)
{
    return &l->p->ops[op].op;
}

static enum err_code place_append(struct log *l, uint32_t op, struct finding *out,
                                  struct err *err)
{
    const struct model_op *append = op_of(l, op);
    struct chain_part *part = &l->chain.parts[op];
    *part = (struct chain_part){.role = CHAIN_POOL, .low = CHAIN_FIRST};
    if (!model_op_told(append)) {
        uint32_t *known = int_map_put(&l->untold, append->argument, op);
        if (*known != op)
            *known = SEVERAL;
        return ERR_OK;
    }
    if (append->result < 0 || append->result >= (int64_t)l->chain.place_count)
        return refuse_one(beyond, op, l->keep, out, err);
    uint32_t offset = (uint32_t)append->result;
    if (l->chain.places[offset].owner != CHAIN_NOBODY)
        return refuse_two(same_offset, l->chain.places[offset].owner, op, l->keep, out, err);
    l->chain.places[offset].owner = op;
    *part = (struct chain_part){.role = CHAIN_PLACE, .low = offset};
    return ERR_OK;
}

/* A read of an element says whose its place is. */
static enum err_code place_by_read(struct log *l, uint32_t op, uint32_t offset,
                                   struct finding *out, struct err *err)
{
    const struct model_op *read = op_of(l, op);
    struct chain_place *place = &l->chain.places[offset];
    if (l->read_at[offset] > 0) {
        uint32_t other = l->read_at[offset] - 1;
        return op_of(l, other)->result == read->result
                   ? ERR_OK
                   : refuse_two(other_read, op, other, l->keep, out, err);
    }
    l->read_at[offset] = op + 1;
    if (place->owner != CHAIN_NOBODY)
        return op_of(l, place->owner)->argument == read->result
                   ? ERR_OK
                   : refuse_two(other_appended, op, place->owner, l->keep, out, err);
    const uint32_t *append = int_map_get(&l->untold, read->result);
    if (!append)
        return refuse_one(unknown_element, op, l->keep, out, err);
    if (*append == SEVERAL) {
        out->value = FINDING_NOT_MINE;
        return ERR_OK;
    }
    struct chain_part *part = &l->chain.parts[*append];
    if (part->role == CHAIN_PLACE)
        return refuse_three(two_offsets, (uint32_t[]){part->because - 1, op, *append}, l->keep,
                            out, err);
    *part = (struct chain_part){.role = CHAIN_PLACE, .low = offset, .because = op + 1};
    place->owner = *append;
    return ERR_OK;
}

static enum err_code place_read(struct log *l, uint32_t op, struct finding *out,
                                struct err *err)
{
    const struct model_op *read = op_of(l, op);
    struct chain_part *part = &l->chain.parts[op];
    bool inside = read->argument >= 0 && read->argument < (int64_t)l->chain.place_count;
    uint32_t offset = inside ? (uint32_t)read->argument : 0;
    *part = (struct chain_part){.role = CHAIN_LOOK, .low = offset + 1, .high = UINT32_MAX};
    if (read->result == OP_NIL && !inside)
        part->role = CHAIN_FREE; /* there is never anything */
    else if (read->result == OP_NIL)
        *part = (struct chain_part){.role = CHAIN_LOOK, .low = 0, .high = offset};
    else if (!inside)
        return refuse_one(read->argument < 0 ? negative : unknown_element, op, l->keep, out,
                          err);
    else
        return place_by_read(l, op, offset, out, err);
    return ERR_OK;
}

static enum err_code place_all(struct log *l, struct arena *work, struct finding *out,
                               struct err *err)
{
    uint32_t appends = 0;
    for (size_t i = 0; i < l->p->count; i++)
        appends += l->p->ops[i].op.kind == OP_APPEND;
    l->read_at = arena_array(work, (size_t)appends + 1, sizeof *l->read_at);
    if (!l->read_at || !chain_init(&l->chain, l->p, appends, work) ||
        !int_map_init(&l->untold, work, appends))
        return no_memory(err);
    *out = (struct finding){.value = FINDING_ORDER};
    enum err_code code = ERR_OK;
    for (uint32_t i = 0; i < l->p->count && !code && out->value == FINDING_ORDER; i++)
        if (op_of(l, i)->kind == OP_APPEND)
            code = place_append(l, i, out, err);
    for (uint32_t i = 0; i < l->p->count && !code && out->value == FINDING_ORDER; i++)
        if (op_of(l, i)->kind == OP_READ && !op_of(l, i)->answered)
            l->chain.parts[i].role = CHAIN_NEVER;
        else if (op_of(l, i)->kind == OP_READ)
            code = place_read(l, i, out, err);
    return code;
}

static void tell(const struct chain_failure *f, struct finding *out)
{
    out->roles[0] = f->by;
    out->roles[1] = f->owner;
    switch (f->reason) {
    case CHAIN_LATE: out->claim = late; break;
    case CHAIN_NO_ONE: out->claim = too_few; break;
    case CHAIN_PASSED: out->claim = vanished; break;
    }
}

enum err_code log_decide(const struct problem *p, struct budget *budget, struct arena *work,
                         struct arena *keep, struct finding *out, struct err *err)
{
    struct log l = {.p = p, .keep = keep};
    struct chain_failure failure;
    enum err_code code = place_all(&l, work, out, err);
    if (code || out->value != FINDING_ORDER)
        return code;
    code = chain_decide(&l.chain, budget, work, keep, out, &failure, err);
    if (!code && out->value == FINDING_NO_ORDER)
        tell(&failure, out);
    return code;
}
