#include "checker/algorithms/queue_parts.h"

#include <assert.h>

/* Two chains are woven into one: who put values in, and who saw or took them. */
struct weaving {
    const struct fifo *f;
    const struct fifo_line *line;
    uint32_t entered, left; /* stays of the line that came in, and that are through */
    uint32_t peek;          /* the next one at the first value, or STAY_NOBODY */
    int64_t *entry_ns;      /* by place: the first return of all entries from there on */
    uint32_t *order;
    size_t count;
};

static const struct stay *stay_of(const struct weaving *w, uint32_t place)
{
    return &w->f->stays->all[w->line->order[place]];
}

static void put(struct weaving *w, uint32_t op)
{
    w->order[w->count++] = op;
}

/* Who sees the first value next: its peeks, then whoever takes it; or nobody. */
static uint32_t next_to_see(const struct weaving *w)
{
    const struct stay *stay = stay_of(w, w->left);
    if (w->peek != STAY_NOBODY)
        return w->peek;
    return stay->leave != STAY_NOBODY ? stay->leave : w->line->taker[w->left];
}

static void pass_to_next_stay(struct weaving *w)
{
    w->left++;
    if (w->left < w->line->count)
        w->peek = stay_of(w, w->left)->peek;
}

static void enter(struct weaving *w)
{
    assert(w->entered < w->line->count && !stay_of(w, w->entered)->empty);
    put(w, stay_of(w, w->entered++)->enter);
}

/* Put the next operation of either chain, whichever need not wait for the other. */
static void weave_next(struct weaving *w)
{
    const struct stay *stay = stay_of(w, w->left);
    if (stay->empty && w->entered == w->left) {
        put(w, stay->enter);
        w->entered++;
        pass_to_next_stay(w);
        return;
    }
    if (w->entered == w->left) {
        enter(w);
        return;
    }
    uint32_t seeing = next_to_see(w);
    if (seeing == STAY_NOBODY) {
        pass_to_next_stay(w);
    } else if (w->f->p->ops[seeing].called_at_ns > w->entry_ns[w->entered]) {
        enter(w);
    } else {
        put(w, seeing);
        if (seeing == w->peek)
            w->peek = w->f->stays->next_peek[seeing];
        else
            pass_to_next_stay(w);
    }
}

static bool prepare(struct weaving *w, struct arena *work, struct arena *keep)
{
    uint32_t count = w->line->count;
    w->entry_ns = arena_array(work, (size_t)count + 1, sizeof *w->entry_ns);
    w->order = arena_array(keep, w->f->p->count, sizeof *w->order);
    if (!w->entry_ns || !w->order)
        return false;
    w->entry_ns[count] = INT64_MAX;
    for (uint32_t i = count; i-- > 0;) {
        int64_t returned_ns = w->f->p->ops[stay_of(w, i)->enter].returned_at_ns;
        w->entry_ns[i] = returned_ns < w->entry_ns[i + 1] ? returned_ns : w->entry_ns[i + 1];
    }
    if (count > 0)
        w->peek = stay_of(w, 0)->peek;
    return true;
}

enum err_code queue_weave(const struct fifo *f, const struct fifo_line *line,
                          struct arena *work, struct arena *keep, struct finding *out,
                          struct err *err)
{
    struct weaving w = {.f = f, .line = line, .peek = STAY_NOBODY};
    if (!prepare(&w, work, keep))
        return err_set(err, ERR_NOMEM, "queue: out of memory");
    while (w.left < line->count)
        weave_next(&w);
    *out = (struct finding){.value = FINDING_ORDER, .order = w.order, .order_count = w.count};
    return ERR_OK;
}
