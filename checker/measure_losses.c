/* RPO: what was acknowledged and is held by no replica at the end. A promise may
 * allow it; measured it is all the same. */
#include "checker/elements.h"
#include "checker/measuring.h"

struct loss_count {
    const struct columns *columns; /* of one table */
    struct finals finals;
    struct promotions promotions;
    int64_t count, oldest_returned_at_ns, oldest_called_at_ns;
};

static void note_lost(struct loss_count *l, uint32_t row)
{
    const struct columns *c = l->columns;
    if (l->count++ == 0 || c->returned_at_ns[row] < l->oldest_returned_at_ns) {
        l->oldest_returned_at_ns = c->returned_at_ns[row];
        l->oldest_called_at_ns = c->invoked_at_ns[row];
    }
}

/* How old the oldest was when a promotion lost it, or when the loss was seen. */
static int64_t age_ns(const struct loss_count *l)
{
    if (l->count == 0)
        return 0;
    int64_t lost_at_ns = promotion_after(&l->promotions, l->oldest_called_at_ns);
    if (lost_at_ns > l->finals.asked_at_ns)
        lost_at_ns = l->finals.asked_at_ns;
    int64_t age = lost_at_ns - l->oldest_returned_at_ns;
    return age < 0 ? 0 : age;
}

static enum err_code count_elements(struct loss_count *l, struct arena *arena, struct err *err)
{
    struct budget budget = {.steps_left = UINT64_MAX};
    struct elements elements;
    bool spent;
    if (elements_find(l->columns, &budget, arena, &elements, &spent, err))
        return err->code;
    uint32_t *held = elements_held(&elements, l->columns, &l->finals, arena);
    if (!held)
        return err_set(err, ERR_NOMEM, "losses: out of memory");
    for (size_t i = 0; i < elements.count; i++)
        if (element_is_lost(&elements.all[i], l->columns, &l->finals, held[i]))
            note_lost(l, elements.all[i].add);
    return ERR_OK;
}

static bool is_write(const struct columns *c, size_t row)
{
    return (c->kind[row] == OP_WRITE || c->kind[row] == OP_CAS) &&
           c->outcome[row] != OUTCOME_FAIL;
}

/* When the last write of a value that a replica holds under `key` was over: a write
 * that began later ought to have replaced it. INT64_MAX: it may not be over. */
static int64_t held_until_ns(const struct loss_count *l, size_t key)
{
    const struct columns *c = l->columns;
    int64_t until_ns = INT64_MIN;
    for (uint32_t row = 0; row < c->count; row++) {
        if (!is_write(c, row) || c->key[row] != l->finals.keys[key])
            continue;
        int64_t over_ns = c->outcome[row] == OUTCOME_OK ? c->returned_at_ns[row] : INT64_MAX;
        for (uint32_t node = 0; node < l->finals.node_count && over_ns > until_ns; node++)
            if (c->result[finals_row(&l->finals, key, node)] == c->argument[row])
                until_ns = over_ns;
    }
    return until_ns;
}

static void count_writes(struct loss_count *l)
{
    const struct columns *c = l->columns;
    for (size_t key = 0; key < l->finals.key_count; key++) {
        int64_t until_ns = held_until_ns(l, key);
        for (uint32_t row = 0; row < c->count; row++)
            if (is_write(c, row) && c->key[row] == l->finals.keys[key] &&
                c->outcome[row] == OUTCOME_OK && c->invoked_at_ns[row] > until_ns &&
                c->returned_at_ns[row] < l->finals.asked_at_ns)
                note_lost(l, row);
    }
}

static enum err_code measure_table(struct measuring *m, uint32_t table, struct err *err)
{
    struct columns columns;
    struct loss_count l = {.columns = &columns};
    if (history_columns(m->history, (int)table, m->arena, &columns, err) ||
        finals_find(m->history, &columns, m->arena, &l.finals, err) ||
        promotions_find(m->history, table, m->arena, &l.promotions, err))
        return err->code;
    if (!l.finals.complete || l.finals.unready || l.finals.key_count == 0)
        return ERR_OK;
    if (!columns.is_list[finals_row(&l.finals, 0, 0)])
        count_writes(&l);
    else if (count_elements(&l, m->arena, err))
        return err->code;
    m->out->rpo_count[table] = l.count;
    m->out->rpo_ns[table] = age_ns(&l);
    return ERR_OK;
}

enum err_code measure_losses(struct measuring *m, struct err *err)
{
    for (uint32_t table = 0; table < MEASURED_TABLES_MAX; table++)
        m->out->rpo_count[table] = m->out->rpo_ns[table] = -1;
    for (uint32_t table = 0; table < m->table_count && table < MEASURED_TABLES_MAX; table++)
        if (measure_table(m, table, err))
            return err->code;
    return ERR_OK;
}
