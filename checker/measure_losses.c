/* RPO: what was acknowledged and is held by no replica at the end. A promise may
 * allow it; measured it is all the same. */
#include <string.h>

#include "base/document.h"
#include "checker/elements.h"
#include "checker/measuring.h"

struct loss_count {
    const struct columns *columns; /* of one table */
    struct finals finals;
    struct promotions promotions;
    size_t count;
    uint32_t oldest; /* the first to return; NO_ROW: none */
};

static void note_lost(struct loss_count *l, uint32_t row)
{
    const int64_t *returned_at_ns = l->columns->returned_at_ns;
    l->count++;
    if (l->oldest == NO_ROW || returned_at_ns[row] < returned_at_ns[l->oldest])
        l->oldest = row;
}

/* How old the oldest was when a promotion lost it, or when the loss was seen. */
static int64_t age_ns(const struct loss_count *l)
{
    if (l->count == 0)
        return 0;
    const struct promotion *p = promotion_losing(&l->promotions, l->columns, l->oldest);
    int64_t lost_at_ns =
        p && p->at_ns < l->finals.asked_at_ns ? p->at_ns : l->finals.asked_at_ns;
    int64_t age = lost_at_ns - l->columns->returned_at_ns[l->oldest];
    return age < 0 ? 0 : age;
}

static enum err_code count_elements(struct loss_count *l, struct arena *arena, struct err *err)
{
    struct budget budget = {.steps_left = UINT64_MAX};
    struct elements elements;
    struct losses losses;
    bool spent;
    if (elements_find(l->columns, &budget, arena, &elements, &spent, err))
        return err->code;
    uint32_t *held = elements_held(&elements, l->columns, &l->finals, arena);
    if (!held)
        return err_set(err, ERR_NOMEM, "losses: out of memory");
    elements_lost(&elements, l->columns, &l->finals, held, NULL, &losses);
    l->count = losses.all_count;
    l->oldest = losses.oldest;
    return ERR_OK;
}

static bool is_write(const struct columns *c, size_t row)
{
    return (c->kind[row] == OP_WRITE || c->kind[row] == OP_CAS) &&
           c->outcome[row] != OUTCOME_FAIL;
}

static bool is_held(const struct loss_count *l, size_t key, uint32_t row)
{
    const struct columns *c = l->columns;
    for (uint32_t node = 0; node < l->finals.node_count; node++)
        if (c->result[finals_row(&l->finals, key, node)] == c->argument[row])
            return true;
    return false;
}

/* The place of the key of a write among the final keys, or NULL. */
static const uint32_t *written_key(const struct loss_count *l, const struct int_map *number_of,
                                   uint32_t row)
{
    return is_write(l->columns, row) ? int_map_get(number_of, l->columns->key[row]) : NULL;
}

/* By key: when the last write of a value that a replica holds was over. A write that
 * began later ought to have replaced it. INT64_MAX: it may not be over. NULL without
 * memory. */
static int64_t *held_until_ns(const struct loss_count *l, const struct int_map *number_of,
                              struct arena *arena)
{
    const struct columns *c = l->columns;
    int64_t *until_ns = arena_array(arena, l->finals.key_count, sizeof *until_ns);
    for (size_t key = 0; until_ns && key < l->finals.key_count; key++)
        until_ns[key] = INT64_MIN;
    for (uint32_t row = 0; until_ns && row < c->count; row++) {
        const uint32_t *key = written_key(l, number_of, row);
        int64_t over_ns = c->outcome[row] == OUTCOME_OK ? c->returned_at_ns[row] : INT64_MAX;
        if (key && over_ns > until_ns[*key] && is_held(l, *key, row))
            until_ns[*key] = over_ns;
    }
    return until_ns;
}

/* False without memory. */
static bool count_writes(struct loss_count *l, struct arena *arena)
{
    const struct columns *c = l->columns;
    struct int_map number_of;
    if (!int_map_init(&number_of, arena, l->finals.key_count))
        return false;
    for (uint32_t key = 0; key < l->finals.key_count; key++)
        int_map_put(&number_of, l->finals.keys[key], key);
    int64_t *until_ns = held_until_ns(l, &number_of, arena);
    for (uint32_t row = 0; until_ns && row < c->count; row++) {
        const uint32_t *key = written_key(l, &number_of, row);
        if (key && c->outcome[row] == OUTCOME_OK && c->invoked_at_ns[row] > until_ns[*key] &&
            c->returned_at_ns[row] < l->finals.asked_at_ns)
            note_lost(l, row);
    }
    return until_ns != NULL;
}

/* Without final reads nobody knows what was lost, and the columns need not be loaded. */
static bool was_read_in_the_end(const struct measuring *m, uint32_t table)
{
    for (size_t row = 0; row < m->columns->count; row++)
        if (m->columns->kind[row] == OP_FINAL && m->columns->table[row] == table)
            return true;
    return false;
}

/* `arena` is this table's alone: its columns may be as large as the history. */
static enum err_code measure_table(struct measuring *m, uint32_t table, struct arena *arena,
                                   struct err *err)
{
    struct columns columns;
    struct loss_count l = {.columns = &columns, .oldest = NO_ROW};
    if (!was_read_in_the_end(m, table))
        return ERR_OK;
    if (history_columns(m->history, (int)table, arena, &columns, err) ||
        finals_find(m->history, &columns, arena, &l.finals, err) ||
        promotions_find(m->history, table, arena, &l.promotions, err))
        return err->code;
    if (!l.finals.complete || l.finals.unready || l.finals.key_count == 0)
        return ERR_OK;
    bool holds_sets = columns.is_list[finals_row(&l.finals, 0, 0)];
    if (holds_sets && count_elements(&l, arena, err))
        return err->code;
    if (!holds_sets && !count_writes(&l, arena))
        return err_set(err, ERR_NOMEM, "losses: out of memory");
    m->out->rpo_count[table] = (int64_t)l.count;
    m->out->rpo_ns[table] = age_ns(&l);
    return ERR_OK;
}

/* "lost" says {"table": 0, "count": 3}, of one node. */
static void note_told(struct measures *out, const char *detail)
{
    json_t *told = detail ? json_loads(detail, 0, NULL) : NULL;
    const json_t *table = json_object_get(told, "table");
    const json_t *count = json_object_get(told, "count");
    json_int_t t = json_integer_value(table), n = json_integer_value(count);
    if (json_is_integer(table) && json_is_integer(count) && t >= 0 && t < MEASURED_TABLES_MAX &&
        n >= 0 && n < UINT32_MAX) {
        int64_t before = out->cut_off_count[t];
        out->cut_off_count[t] = (before < 0 ? 0 : before) + n;
    }
    json_decref(told);
}

static enum err_code note_all_told(struct measuring *m, struct err *err)
{
    const struct event_row *events;
    size_t count;
    if (history_events(m->history, m->arena, &events, &count, err))
        return err->code;
    for (size_t i = 0; i < count; i++)
        if (strcmp(events[i].name, "lost") == 0)
            note_told(m->out, events[i].detail);
    return ERR_OK;
}

enum err_code measure_losses(struct measuring *m, struct err *err)
{
    for (uint32_t table = 0; table < MEASURED_TABLES_MAX; table++)
        m->out->rpo_count[table] = m->out->rpo_ns[table] = m->out->cut_off_count[table] = -1;
    if (note_all_told(m, err))
        return err->code;
    enum err_code code = ERR_OK;
    for (uint32_t table = 0;
         code == ERR_OK && table < m->table_count && table < MEASURED_TABLES_MAX; table++) {
        struct arena arena = {0};
        code = measure_table(m, table, &arena, err);
        arena_done(&arena);
    }
    return code;
}
