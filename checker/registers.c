/* Contents: splitting · unknown writes · deciding */
#include "checker/registers.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/int_map.h"

/* --- splitting --- */

static bool matters(const struct columns *c, size_t row, enum op_level level)
{
    switch (c->kind[row]) {
    case OP_READ: return c->outcome[row] == OUTCOME_OK && c->level[row] <= level;
    case OP_WRITE:
    case OP_CAS: return c->outcome[row] != OUTCOME_FAIL;
    default: return false;
    }
}

static struct timed_op timed(const struct columns *c, size_t row)
{
    bool unknown = c->outcome[row] == OUTCOME_UNKNOWN;
    return (struct timed_op){.op = {.kind = (enum op_kind)c->kind[row],
                                    .argument = c->argument[row],
                                    .expected = c->expected[row],
                                    .result = c->result[row],
                                    .answered = !unknown},
                             .called_at_ns = c->invoked_at_ns[row],
                             .returned_at_ns = unknown ? INT64_MAX : c->returned_at_ns[row],
                             .row = (uint32_t)row};
}

/* Count into `keys`; the key of every row that matters into `key_of`. */
static uint32_t count_by_key(const struct columns *c, enum op_level level, struct int_map *map,
                             struct register_key *keys, uint32_t *key_of)
{
    uint32_t count = 0;
    for (size_t row = 0; row < c->count; row++) {
        key_of[row] = UINT32_MAX;
        if (!matters(c, row, level))
            continue;
        key_of[row] = *int_map_put(map, c->key[row], count);
        if (key_of[row] == count)
            keys[count++].key = c->key[row];
        keys[key_of[row]].count++;
    }
    return count;
}

static bool give_room(struct register_key *keys, uint32_t count, struct arena *arena)
{
    for (uint32_t k = 0; k < count; k++) {
        keys[k].ops = arena_array(arena, keys[k].count, sizeof *keys[k].ops);
        if (!keys[k].ops)
            return false;
        keys[k].count = 0;
    }
    return true;
}

static void note_use(struct register_key *key, const struct columns *c, size_t row,
                     int64_t *first_process)
{
    if (c->outcome[row] != OUTCOME_OK)
        return;
    key->was_read |= c->kind[row] == OP_READ;
    key->was_written |= c->kind[row] != OP_READ;
    if (key->process_count == 2)
        return;
    if (key->process_count == 0)
        *first_process = c->process[row];
    if (key->process_count == 0 || *first_process != c->process[row])
        key->process_count++;
}

static int by_call(const void *a, const void *b)
{
    const struct timed_op *x = a, *y = b;
    if (x->called_at_ns != y->called_at_ns)
        return x->called_at_ns < y->called_at_ns ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "registers: out of memory");
}

enum err_code registers_split(const struct columns *c, enum op_level level, struct arena *arena,
                              struct register_key **out, size_t *out_count, struct err *err)
{
    assert(c->count < ZONES_START / 4);
    struct int_map map;
    uint32_t *key_of = arena_array(arena, c->count, sizeof *key_of);
    struct register_key *keys = arena_array(arena, c->count, sizeof *keys);
    int64_t *first_process = arena_array(arena, c->count, sizeof *first_process);
    if (!key_of || !keys || !first_process || !int_map_init(&map, arena, c->count))
        return no_memory(err);
    uint32_t count = count_by_key(c, level, &map, keys, key_of);
    if (!give_room(keys, count, arena))
        return no_memory(err);
    for (size_t row = 0; row < c->count; row++) {
        if (key_of[row] == UINT32_MAX)
            continue;
        struct register_key *key = &keys[key_of[row]];
        key->ops[key->count++] = timed(c, row);
        note_use(key, c, row, &first_process[key_of[row]]);
    }
    for (uint32_t k = 0; k < count; k++) {
        keys[k].given_count = keys[k].count;
        qsort(keys[k].ops, keys[k].count, sizeof *keys[k].ops, by_call);
        if (registers_drop_unseen(keys[k].ops, &keys[k].count, err))
            return err->code;
    }
    *out = keys;
    *out_count = count;
    return ERR_OK;
}

/* --- unknown writes --- */

static bool is_unknown(const struct timed_op *op)
{
    return op->returned_at_ns == INT64_MAX;
}

static void want(struct int_map *wanted, const struct model_op *op)
{
    if (op->kind == OP_READ)
        int_map_put(wanted, op->result, 0);
    else if (op->kind == OP_CAS)
        int_map_put(wanted, op->expected, 0);
}

/* Keep what is wanted; a CAS that is kept wants another value in turn. Backwards,
 * since a CAS mostly expects what was written before it. */
static void keep_wanted(const struct timed_op *ops, size_t count, struct int_map *wanted,
                        bool *kept)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = count; i-- > 0;) {
            if (kept[i] || !int_map_get(wanted, ops[i].op.argument))
                continue;
            kept[i] = true;
            again |= ops[i].op.kind == OP_CAS && !int_map_get(wanted, ops[i].op.expected);
            want(wanted, &ops[i].op);
        }
    }
}

static size_t compact(struct timed_op *ops, size_t count, const bool *kept)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        if (kept[i])
            ops[left++] = ops[i];
    return left;
}

enum err_code registers_drop_unseen(struct timed_op *ops, size_t *count, struct err *err)
{
    struct arena arena = {0};
    struct int_map wanted;
    bool any_unknown = false, any_refused = false;
    for (size_t i = 0; i < *count; i++) {
        any_unknown |= is_unknown(&ops[i]);
        any_refused |= ops[i].op.refused;
    }
    if (!any_unknown || any_refused)
        return ERR_OK;
    bool *kept = arena_array(&arena, *count, sizeof *kept);
    bool ready = kept && int_map_init(&wanted, &arena, *count);
    if (ready) {
        for (size_t i = 0; i < *count; i++) {
            kept[i] = !is_unknown(&ops[i]);
            if (kept[i])
                want(&wanted, &ops[i].op);
        }
        keep_wanted(ops, *count, &wanted, kept);
        *count = compact(ops, *count, kept);
    }
    arena_done(&arena);
    return ready ? ERR_OK : no_memory(err);
}

/* --- deciding --- */

enum err_code registers_decide(const struct timed_op *ops, size_t count, struct budget *budget,
                               struct register_answer *out, struct err *err)
{
    *out = (struct register_answer){.result = REGISTER_IMPOSSIBLE};
    if (!budget_spend(budget, count)) {
        out->result = REGISTER_GAVE_UP;
        out->search.why = budget->why;
        return ERR_OK;
    }
    if (zones_check(ops, count, &out->zones, err))
        return err->code;
    if (out->zones.result == ZONES_POSSIBLE)
        out->result = REGISTER_POSSIBLE;
    if (out->zones.result != ZONES_REPEATED)
        return ERR_OK;
    if (search_order(model_find("cas-register"), ops, count, budget, &out->search, err))
        return err->code;
    if (out->search.result == SEARCH_POSSIBLE)
        out->result = REGISTER_POSSIBLE;
    else if (out->search.result == SEARCH_GAVE_UP)
        out->result = REGISTER_GAVE_UP;
    return ERR_OK;
}
