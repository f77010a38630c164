#include "tests/support/crowd.h"

#include <stdlib.h>

#include "base/random.h"
#include "history/source.h"

enum { TOOK_NS_MAX = 1000000, PAUSE_NS_MAX = 1000 };

struct effect {
    int64_t at_ns;
    size_t row;
};

struct crowd {
    const struct crowd_form *form;
    struct columns *c;
    struct random_stream random;
    int64_t *free_at_ns; /* by client */
    struct effect *effects;
    size_t stale; /* row of the stale read */
};

static unsigned first_free(const struct crowd *w)
{
    unsigned client = 0;
    for (unsigned i = 1; i < w->form->clients; i++)
        if (w->free_at_ns[i] < w->free_at_ns[client])
            client = i;
    return client;
}

/* For as long as an operation takes, nobody writes 0: a later read of it has no excuse. */
static int64_t draw_value(struct crowd *w, size_t row)
{
    const struct crowd_form *f = w->form;
    if (f->values == 0)
        return (int64_t)row;
    int64_t value = (int64_t)random_below(&w->random, (uint64_t)f->values);
    bool quiet = f->stale && row <= w->stale && w->stale - row < 4 * (size_t)f->clients + 4;
    return quiet && value == 0 ? 1 : value;
}

static void call(struct crowd *w, size_t row, unsigned client, int64_t took_ns)
{
    struct columns *c = w->c;
    bool writes = random_below(&w->random, 2) == 0;
    bool crashed = random_happens(&w->random, w->form->crashed_ppm) && writes;
    bool happens = random_below(&w->random, 2) == 0 || !crashed;
    int64_t keys = w->form->keys > 0 ? w->form->keys : 1;
    int64_t from_ns = w->free_at_ns[client];
    c->id[row] = (int64_t)row + 1;
    c->process[row] = client;
    c->kind[row] = writes ? OP_WRITE : OP_READ;
    c->outcome[row] = crashed ? OUTCOME_UNKNOWN : OUTCOME_OK;
    c->key[row] = (int64_t)random_below(&w->random, (uint64_t)keys);
    c->argument[row] = writes ? draw_value(w, row) : OP_NIL;
    c->expected[row] = c->result[row] = OP_NIL;
    c->node[row] = -1;
    c->intended_at_ns[row] = c->invoked_at_ns[row] = from_ns;
    c->returned_at_ns[row] = from_ns + took_ns;
    w->effects[row].row = row;
    w->effects[row].at_ns =
        happens ? from_ns + (int64_t)random_below(&w->random, (uint64_t)took_ns) : INT64_MAX;
    w->free_at_ns[client] =
        from_ns + took_ns + 1 + (int64_t)random_below(&w->random, PAUSE_NS_MAX);
}

/* A write and a read, short and one after the other: what was there before the write is
 * gone for good when the read begins. */
static void call_the_stale(struct crowd *w)
{
    size_t write = w->stale - 1, read = w->stale;
    unsigned client = first_free(w);
    struct columns *c = w->c;
    for (size_t row = write; row <= read; row++) {
        call(w, row, client, 2);
        c->kind[row] = row == write ? OP_WRITE : OP_READ;
        c->argument[row] = row == read ? OP_NIL : w->form->values ? 1 : (int64_t)row;
        c->outcome[row] = OUTCOME_OK;
        c->key[row] = 0;
        w->effects[row].at_ns = c->invoked_at_ns[row];
        w->free_at_ns[client] = c->returned_at_ns[row] + 1;
    }
}

static int by_effect(const void *a, const void *b)
{
    const struct effect *x = a, *y = b;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* In the order of their effects. The stale read finds what its key held long ago. */
static bool answer(struct crowd *w)
{
    struct columns *c = w->c;
    int64_t keys = w->form->keys > 0 ? w->form->keys : 1;
    int64_t *value = calloc((size_t)keys, sizeof *value), long_ago = OP_NIL;
    for (int64_t key = 0; value && key < keys; key++)
        value[key] = OP_NIL;
    qsort(w->effects, c->count, sizeof *w->effects, by_effect);
    for (size_t i = 0; value && i < c->count && w->effects[i].at_ns != INT64_MAX; i++) {
        size_t row = w->effects[i].row;
        int64_t *here = &value[c->key[row]];
        if (i == c->count / 4)
            long_ago = value[0];
        if (c->kind[row] == OP_WRITE)
            *here = c->argument[row];
        else
            c->result[row] = *here;
    }
    if (w->form->stale)
        c->result[w->stale] = w->form->values ? 0 : long_ago;
    free(value);
    return value != NULL;
}

bool crowd_make(const struct crowd_form *form, struct arena *arena, struct columns *out)
{
    *out = (struct columns){.count = form->count};
    struct crowd w = {.form = form, .c = out, .stale = form->count / 2};
    w.random = random_derive(7, "crowd");
    w.free_at_ns = calloc(form->clients, sizeof *w.free_at_ns);
    w.effects = calloc(form->count, sizeof *w.effects);
    bool made = w.free_at_ns && w.effects && source_make_columns(out, form->count, arena);
    for (size_t row = 0; made && row < form->count; row++) {
        if (form->stale && row + 1 == w.stale) {
            call_the_stale(&w);
            row = w.stale;
            continue;
        }
        unsigned client = first_free(&w);
        call(&w, row, client, 1 + (int64_t)random_below(&w.random, TOOK_NS_MAX));
    }
    made = made && answer(&w);
    free(w.free_at_ns);
    free(w.effects);
    return made;
}
