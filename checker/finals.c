/* Contents: keys · rounds · the end · promotions */
#include "checker/finals.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/document.h"
#include "checker/int_map.h"

struct search_for_rounds {
    struct history *history;
    const struct columns *columns;
    struct arena *arena;
    struct finals *out;
    struct int_map number_of; /* by key */
    size_t read_count;        /* answered final reads */
};

/* --- keys --- */

static bool number_keys(struct search_for_rounds *s)
{
    const struct columns *c = s->columns;
    int64_t *keys = arena_array(s->arena, c->count, sizeof *keys);
    if (!keys || !int_map_init(&s->number_of, s->arena, c->count))
        return false;
    for (size_t row = 0; row < c->count; row++) {
        if (c->key[row] == OP_NIL || c->outcome[row] == OUTCOME_FAIL)
            continue;
        uint32_t fresh = (uint32_t)s->out->key_count;
        if (*int_map_put(&s->number_of, c->key[row], fresh) == fresh)
            keys[s->out->key_count++] = c->key[row];
    }
    s->out->keys = keys;
    return true;
}

/* --- rounds --- */

static bool answered(const struct columns *c, size_t row)
{
    return c->kind[row] == OP_FINAL && c->outcome[row] == OUTCOME_OK && c->node[row] >= 0 &&
           c->key[row] != OP_NIL;
}

struct round_of_row {
    int64_t round;
    uint32_t row;
};

static int by_round(const void *a, const void *b)
{
    const struct round_of_row *x = a, *y = b;
    if (x->round != y->round)
        return x->round < y->round ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static struct round_of_row *list_reads(struct search_for_rounds *s)
{
    const struct columns *c = s->columns;
    struct round_of_row *reads = arena_array(s->arena, c->count, sizeof *reads);
    for (size_t row = 0; reads && row < c->count; row++) {
        s->out->recorded |= c->kind[row] == OP_FINAL;
        if (!answered(c, row))
            continue;
        reads[s->read_count++] =
            (struct round_of_row){.round = c->argument[row], .row = (uint32_t)row};
        if ((uint32_t)c->node[row] >= s->out->node_count)
            s->out->node_count = (uint32_t)c->node[row] + 1;
    }
    if (reads)
        qsort(reads, s->read_count, sizeof *reads, by_round);
    return reads;
}

/* Put reads[from..to) where they belong; true when no place stays empty. */
static bool fill_round(const struct search_for_rounds *s, uint32_t *rows,
                       const struct round_of_row *reads, size_t from, size_t to)
{
    const struct columns *c = s->columns;
    size_t places = s->out->key_count * s->out->node_count, filled = 0;
    for (size_t i = 0; i < places; i++)
        rows[i] = NO_ROW;
    for (size_t i = from; i < to; i++) {
        uint32_t row = reads[i].row;
        size_t key = *int_map_get(&s->number_of, c->key[row]);
        uint32_t *place = &rows[key * s->out->node_count + (uint32_t)c->node[row]];
        filled += *place == NO_ROW;
        *place = row;
    }
    return filled == places;
}

/* About the newest round: it is the one a person would look at. */
static const char *tell_missing(const struct search_for_rounds *s, const uint32_t *rows)
{
    for (size_t i = 0; i < s->out->key_count * s->out->node_count; i++) {
        if (rows[i] != NO_ROW)
            continue;
        uint32_t node = (uint32_t)(i % s->out->node_count);
        int64_t key = s->out->keys[i / s->out->node_count];
        const char *name = node < history_node_count(s->history)
                               ? history_node_name(s->history, node)
                               : "a replica";
        return arena_format(s->arena, "%s did not answer for key %lld", name, (long long)key);
    }
    return "nothing was asked";
}

static bool find_round(struct search_for_rounds *s, const struct round_of_row *reads)
{
    uint32_t *rows =
        arena_array(s->arena, s->out->key_count * s->out->node_count, sizeof *rows);
    if (!rows)
        return false;
    for (size_t to = s->read_count, from; to > 0 && !s->out->complete; to = from) {
        for (from = to - 1; from > 0 && reads[from - 1].round == reads[to - 1].round;)
            from--;
        s->out->complete = fill_round(s, rows, reads, from, to);
        s->out->asked_at_ns = s->columns->invoked_at_ns[reads[from].row];
        if (!s->out->complete && !s->out->missing)
            s->out->missing = tell_missing(s, rows);
    }
    s->out->rows = rows;
    if (!s->out->missing)
        s->out->missing = "no replica answered";
    return true;
}

/* --- the end --- */

static enum err_code find_end(struct search_for_rounds *s, struct err *err)
{
    const struct event_row *events;
    size_t count;
    if (history_events(s->history, s->arena, &events, &count, err))
        return err->code;
    for (size_t i = 0; i < count; i++) {
        s->out->unready |= strcmp(events[i].name, "not ready") == 0;
        if (strcmp(events[i].name, "phase") == 0 && events[i].detail &&
            (strcmp(events[i].detail, "agreed") == 0 ||
             strcmp(events[i].detail, "not agreed") == 0))
            s->out->ended = true;
    }
    return ERR_OK;
}

enum err_code finals_find(struct history *history, const struct columns *columns,
                          struct arena *arena, struct finals *out, struct err *err)
{
    *out = (struct finals){.node_count = history_node_count(history)};
    struct search_for_rounds s = {
        .history = history, .columns = columns, .arena = arena, .out = out};
    if (find_end(&s, err))
        return err->code;
    struct round_of_row *reads = list_reads(&s);
    if (!reads || !number_keys(&s) || !find_round(&s, reads))
        return err_set(err, ERR_NOMEM, "final reads: out of memory");
    return ERR_OK;
}

bool finals_equal(const struct columns *c, uint32_t a, uint32_t b)
{
    if (c->is_list[a] != c->is_list[b])
        return false;
    if (!c->is_list[a])
        return c->result[a] == c->result[b];
    const struct int_list *x = &c->lists[c->result[a]], *y = &c->lists[c->result[b]];
    return x->count == y->count &&
           (x->count == 0 || memcmp(x->at, y->at, x->count * sizeof x->at[0]) == 0);
}

/* --- promotions --- */

/* "leader" says {"table": 0, "term": 3}; one that names no table is about all. */
static bool is_about(const struct event_row *event, uint32_t table, int64_t *term)
{
    if (strcmp(event->name, "leader") != 0)
        return false;
    json_t *detail = event->detail ? json_loads(event->detail, 0, NULL) : NULL;
    const json_t *named = json_object_get(detail, "table");
    bool about = !json_is_integer(named) || json_integer_value(named) == (json_int_t)table;
    *term = json_integer_value(json_object_get(detail, "term"));
    json_decref(detail);
    return about;
}

/* The same node again, two terms on: another took over and was not seen doing it. */
static bool took_over(int leader, int64_t term, int next_leader, int64_t next_term)
{
    return leader >= 0 && (next_leader != leader || next_term > term + 1);
}

enum err_code promotions_find(struct history *history, uint32_t table, struct arena *arena,
                              struct promotions *out, struct err *err)
{
    const struct event_row *events;
    size_t count, found = 0;
    if (history_events(history, arena, &events, &count, err))
        return err->code;
    struct promotion *all = arena_array(arena, count, sizeof *all);
    if (!all)
        return err_set(err, ERR_NOMEM, "promotions: out of memory");
    int leader = -1;
    int64_t term = 0, next_term;
    for (size_t i = 0; i < count; i++) {
        if (!is_about(&events[i], table, &next_term))
            continue;
        if (took_over(leader, term, events[i].node, next_term))
            all[found++] = (struct promotion){.at_ns = events[i].at_ns,
                                              .from = leader,
                                              .known = term > 0 && next_term == term + 1};
        leader = events[i].node;
        term = next_term;
    }
    *out = (struct promotions){.all = all, .count = found};
    return ERR_OK;
}

/* Could `from` of the promotion `i` have acknowledged `row` as primary? It began after
 * the promotion before the one that made it primary was seen. */
static bool may_have_led(const struct promotions *p, size_t i, const struct columns *c,
                         uint32_t row)
{
    return c->node[row] == p->all[i].from &&
           (i < 2 || c->returned_at_ns[row] >= p->all[i - 2].at_ns);
}

const struct promotion *promotion_losing(const struct promotions *p, const struct columns *c,
                                         uint32_t row)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->all[i].at_ns >= c->invoked_at_ns[row] &&
            (c->node[row] < 0 || !p->all[i].known || may_have_led(p, i, c, row)))
            return &p->all[i];
    return NULL;
}
