/* Contents: naming · operations · reads · the end */
#include "checker/elements.h"

#include <assert.h>
#include <string.h>

#include "checker/int_map.h"

struct collector {
    const struct columns *columns;
    struct budget *budget;
    struct elements *out;
    uint32_t *first_of_key; /* heads of the lists by `next` */
};

/* --- naming --- */

/* Elements are told apart by key and value: two numbers, put into one. */
static int64_t name_of(uint32_t key_number, uint32_t value_number)
{
    return (int64_t)((uint64_t)key_number << 32 | value_number);
}

static struct element *find(const struct elements *all, int64_t key, int64_t value)
{
    const uint32_t *k = int_map_get(&all->key_number, key);
    const uint32_t *v = int_map_get(&all->value_number, value);
    const uint32_t *at = k && v ? int_map_get(&all->by_name, name_of(*k, *v)) : NULL;
    return at ? &all->all[*at] : NULL;
}

static struct element *find_or_add(struct collector *s, int64_t key, int64_t value)
{
    struct elements *out = s->out;
    uint32_t k = *int_map_put(&out->key_number, key, (uint32_t)out->key_number.count);
    uint32_t v = *int_map_put(&out->value_number, value, (uint32_t)out->value_number.count);
    uint32_t fresh = (uint32_t)out->count;
    uint32_t at = *int_map_put(&out->by_name, name_of(k, v), fresh);
    if (at == fresh) {
        out->all[out->count++] = (struct element){.key = key,
                                                  .value = value,
                                                  .add = NO_ROW,
                                                  .tried_add = NO_ROW,
                                                  .refused_add = NO_ROW,
                                                  .removal = NO_ROW,
                                                  .tried_removal = NO_ROW,
                                                  .adds_over_at_ns = INT64_MIN,
                                                  .stale_read = NO_ROW,
                                                  .seen = NO_ROW,
                                                  .next = s->first_of_key[k]};
        s->first_of_key[k] = at;
    }
    return &out->all[at];
}

/* --- operations --- */

static bool happened(const struct columns *c, size_t row)
{
    return c->outcome[row] == OUTCOME_OK;
}

static void note_add(const struct columns *c, uint32_t row, struct element *e)
{
    if (c->outcome[row] == OUTCOME_FAIL) {
        e->refused_add = row;
        return;
    }
    int64_t over_ns = happened(c, row) ? c->returned_at_ns[row] : INT64_MAX;
    if (over_ns > e->adds_over_at_ns)
        e->adds_over_at_ns = over_ns;
    if (e->tried_add == NO_ROW || c->invoked_at_ns[row] < c->invoked_at_ns[e->tried_add])
        e->tried_add = row;
    if (happened(c, row) &&
        (e->add == NO_ROW || c->returned_at_ns[row] < c->returned_at_ns[e->add]))
        e->add = row;
}

static void note_removal(const struct columns *c, uint32_t row, struct element *e)
{
    if (c->outcome[row] == OUTCOME_FAIL)
        return;
    e->tried_removal = row;
    if (happened(c, row))
        e->removal = row;
}

static void note_operations(struct collector *s)
{
    const struct columns *c = s->columns;
    for (uint32_t row = 0; row < c->count; row++) {
        if (c->kind[row] == OP_ADD)
            note_add(c, row, find_or_add(s, c->key[row], c->argument[row]));
        else if (c->kind[row] == OP_REMOVE)
            note_removal(c, row, find_or_add(s, c->key[row], c->argument[row]));
    }
    for (size_t i = 0; i < s->out->count; i++)
        s->out->acknowledged_count += s->out->all[i].add != NO_ROW;
}

/* --- reads --- */

/* A read that cannot be right; the first of its kind is kept. */
static void note_wrong(struct wrong_read *wrong, uint32_t row, int64_t value,
                       const struct element *e)
{
    if (wrong->read == NO_ROW)
        *wrong = (struct wrong_read){.read = row, .value = value, .element = e};
}

static void note_seen(struct collector *s, uint32_t row, int64_t value)
{
    const struct columns *c = s->columns;
    struct elements *out = s->out;
    struct element *e = find(out, c->key[row], value);
    if (!e || e->tried_add == NO_ROW)
        note_wrong(&out->unexpected, row, value, e);
    else if (c->returned_at_ns[row] < c->invoked_at_ns[e->tried_add])
        note_wrong(&out->early, row, value, e);
    if (e && e->seen == row)
        note_wrong(&out->twice, row, value, e);
    if (e)
        e->seen = row;
}

static void note_missing(struct collector *s, uint32_t row, struct element *e)
{
    const struct columns *c = s->columns;
    if (!element_is_owed(e) || c->returned_at_ns[e->add] >= c->invoked_at_ns[row])
        return;
    e->could_be_read = true;
    if (e->seen == row || c->kind[row] == OP_FINAL)
        return;
    e->stale_count++;
    if (c->level[row] == LEVEL_LINEARIZABLE && e->stale_read == NO_ROW)
        e->stale_read = row;
}

static bool note_read(struct collector *s, uint32_t row)
{
    const struct columns *c = s->columns;
    const struct int_list *list = &c->lists[c->result[row]];
    s->out->read_count++;
    for (size_t i = 0; i < list->count; i++)
        note_seen(s, row, list->at[i]);
    const uint32_t *key = int_map_get(&s->out->key_number, c->key[row]);
    uint64_t steps = list->count + 1;
    for (uint32_t i = key ? s->first_of_key[*key] : NO_ROW; i != NO_ROW;
         i = s->out->all[i].next, steps++)
        note_missing(s, row, &s->out->all[i]);
    return budget_spend(s->budget, steps);
}

static bool is_set_read(const struct columns *c, size_t row)
{
    return (c->kind[row] == OP_MEMBERS || c->kind[row] == OP_FINAL) && happened(c, row) &&
           c->is_list[row];
}

static bool note_reads(struct collector *s)
{
    for (uint32_t row = 0; row < s->columns->count; row++)
        if (is_set_read(s->columns, row) && !note_read(s, row))
            return false;
    return true;
}

/* --- all of it --- */

static size_t most_elements(const struct columns *c)
{
    size_t most = 0;
    for (size_t row = 0; row < c->count; row++)
        most += c->kind[row] == OP_ADD || c->kind[row] == OP_REMOVE;
    return most;
}

static bool allocate(struct collector *s, struct arena *arena)
{
    size_t most = most_elements(s->columns);
    s->out->all = arena_array(arena, most, sizeof *s->out->all);
    s->first_of_key = arena_array(arena, most, sizeof *s->first_of_key);
    if (!s->out->all || !s->first_of_key)
        return false;
    for (size_t i = 0; i < most; i++)
        s->first_of_key[i] = NO_ROW;
    return int_map_init(&s->out->key_number, arena, most) &&
           int_map_init(&s->out->value_number, arena, most) &&
           int_map_init(&s->out->by_name, arena, most);
}

enum err_code elements_find(const struct columns *columns, struct budget *budget,
                            struct arena *arena, struct elements *out, bool *spent,
                            struct err *err)
{
    const struct wrong_read none = {.read = NO_ROW};
    *out = (struct elements){.unexpected = none, .early = none, .twice = none};
    struct collector s = {.columns = columns, .budget = budget, .out = out};
    if (!allocate(&s, arena))
        return err_set(err, ERR_NOMEM, "elements: out of memory");
    note_operations(&s);
    *spent = !note_reads(&s);
    return ERR_OK;
}

/* --- the end --- */

/* Was it added, then removed for good, each acknowledged before the next began? */
static bool is_gone(const struct columns *c, const struct element *e)
{
    return e->removal != NO_ROW && e->tried_add != NO_ROW &&
           e->adds_over_at_ns < c->invoked_at_ns[e->removal];
}

uint32_t *elements_held(const struct elements *elements, const struct columns *c,
                        const struct finals *finals, struct arena *arena)
{
    assert(finals->complete);
    uint32_t *held = arena_array(arena, elements->count, sizeof *held);
    for (size_t i = 0; held && i < finals->key_count * finals->node_count; i++) {
        uint32_t row = finals->rows[i];
        const struct int_list *list = c->is_list[row] ? &c->lists[c->result[row]] : NULL;
        for (size_t k = 0; list && k < list->count; k++) {
            const struct element *e = find(elements, c->key[row], list->at[k]);
            if (e)
                held[e - elements->all]++;
        }
    }
    return held;
}

static bool is_lost(const struct element *e, uint32_t held)
{
    return held == 0 && element_is_owed(e);
}

static bool is_undead(const struct element *e, const struct columns *c, uint32_t held)
{
    return held > 0 && is_gone(c, e);
}

static void count_loss(const struct element *e, bool removal, bool excused, struct losses *out)
{
    if (excused)
        ++*(removal ? &out->excused_removal_count : &out->excused_add_count);
    else if (removal && out->undead_count++ == 0)
        out->undead = e;
    else if (!removal && out->lost_count++ == 0)
        out->lost = e;
}

/* `row` is the acknowledged operation that the end does not show. */
static void note_loss(const struct columns *c, const struct promotions *p,
                      const struct element *e, uint32_t row, struct losses *out)
{
    count_loss(e, row == e->removal, p && promotion_losing(p, c, row), out);
    out->all_count++;
    if (out->oldest == NO_ROW || c->returned_at_ns[row] < c->returned_at_ns[out->oldest])
        out->oldest = row;
}

void elements_lost(const struct elements *elements, const struct columns *c,
                   const struct finals *finals, const uint32_t *held,
                   const struct promotions *promotions, struct losses *out)
{
    *out = (struct losses){.oldest = NO_ROW};
    for (size_t i = 0; i < elements->count; i++) {
        const struct element *e = &elements->all[i];
        uint32_t row = is_lost(e, held[i])        ? e->add
                       : is_undead(e, c, held[i]) ? e->removal
                                                  : NO_ROW;
        if (row != NO_ROW && c->returned_at_ns[row] < finals->asked_at_ns)
            note_loss(c, promotions, e, row, out);
    }
}
