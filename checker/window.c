/* Contents: slots · names and room · feeding · marks · judging · going on · calls and
 * returns · beginning and end */
#include "checker/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"

enum {
    SLOTS_FIRST = 16,
    VALUES_FIRST = 64,
    WORDS_FIRST = 1 << 12,
    EVENTS_MAX = 4096, /* that wait for one that is open */
    MARK_EVERY = 32,   /* events, at least */
    MARKS_MAX = EVENTS_MAX / MARK_EVERY,
    UNANSWERED_MAX = 256
};

/* Ranks of returns are below it; those that are open come after all that returned. */
#define RANK_OPEN UINT32_C(0x80000000)

#define NOBODY UINT64_MAX

enum waiting_state {
    OP_FREE,
    OP_OPEN,
    OP_TOLD,
    OP_GONE, /* it is never answered */
    OP_VOID  /* it never happens, or says nothing */
};

struct waiting {
    struct followed_op about;
    enum waiting_state state;
    uint64_t call_at; /* which event it is */
    uint32_t return_at;
    bool is_fed;           /* its call is certain */
    struct int_list *list; /* and its words, in one block */
};

struct window_event {
    uint32_t slot;
    bool is_return;
};

/* How it stands after all events before `at`, if what was open then stays so. */
struct mark {
    struct standing standing;
    uint64_t at;
};

struct window {
    struct standing_kit kit;
    struct word_table names;
    struct budget *budget;

    struct waiting *ops; /* by slot */
    uint32_t slot_count;
    uint32_t gone_count, open_count;

    struct window_event *events; /* from `certain.at` on */
    size_t event_count, event_room;
    size_t return_count;   /* among them */
    uint64_t first_return; /* of those that are not judged yet; NOBODY */
    uint64_t changed_at;   /* the first call of which more is known since; NOBODY */

    struct mark certain, trial;
    bool trial_is_used;
    struct mark marks[MARKS_MAX];
    size_t mark_count;

    uint32_t rank, call_count; /* returns and calls so far */
    bool cut;
};

/* --- slots --- */

static size_t bytes_of_list(size_t count)
{
    return sizeof(struct int_list) + count * sizeof(int64_t);
}

static void release(struct window *w, uint32_t slot)
{
    struct waiting *op = &w->ops[slot];
    if (op->list)
        counted_free(w->budget->memory, op->list, bytes_of_list(op->list->count));
    *op = (struct waiting){.state = OP_FREE};
}

static uint32_t free_slot(const struct window *w)
{
    uint32_t slot = 0;
    while (slot < w->slot_count && w->ops[slot].state != OP_FREE)
        slot++;
    return slot;
}

static bool more_slots(struct window *w)
{
    uint32_t count = w->slot_count ? 2 * w->slot_count : SLOTS_FIRST;
    struct waiting *ops = counted_resize(w->budget->memory, w->ops, w->slot_count * sizeof *ops,
                                         count * sizeof *ops);
    if (!ops)
        return false;
    memset(ops + w->slot_count, 0, (count - w->slot_count) * sizeof *ops);
    w->ops = ops;
    w->slot_count = count;
    return true;
}

/* --- names and room --- */

static bool make_sources(struct window *w, uint32_t values)
{
    uint32_t *zeros = counted_resize(w->budget->memory, NULL, 0, (values + 2) * sizeof *zeros);
    if (!zeros)
        return false;
    memset(zeros, 0, (values + 2) * sizeof *zeros);
    counted_free(w->budget->memory, w->kit.next_source,
                 w->kit.next_source ? (w->kit.values + 2) * sizeof *zeros : 0);
    w->kit.next_source = zeros;
    w->kit.values = values;
    return true;
}

static bool remake(struct window *w, struct mark *m, const struct word_table *moved)
{
    struct standing fresh;
    bool made = standing_make(&fresh, &w->kit);
    if (made)
        standing_copy(&fresh, &m->standing, moved);
    made = made && standing_state(&fresh) != FRONTIER_FULL;
    standing_done(&m->standing);
    m->standing = fresh;
    return made;
}

static bool is_made(const struct mark *m)
{
    return m->standing.frontier || m->standing.ways;
}

/* Standings that are in use are made anew with the room that the kit asks for; others
 * go, and come back when they are needed. */
static bool remake_all(struct window *w, const struct word_table *moved)
{
    bool made = remake(w, &w->certain, moved);
    for (size_t i = 0; i < MARKS_MAX; i++)
        if (made && i < w->mark_count)
            made = remake(w, &w->marks[i], moved);
        else
            standing_done(&w->marks[i].standing);
    if (made && w->trial_is_used)
        return remake(w, &w->trial, moved);
    standing_done(&w->trial.standing);
    return made;
}

/* Forget names of what nobody can find any more; when few can be forgotten, let there
 * be more. */
static bool compact(struct window *w)
{
    word_table_mark(&w->names);
    standing_keep(&w->certain.standing, &w->names);
    for (size_t i = 0; i < w->mark_count; i++)
        standing_keep(&w->marks[i].standing, &w->names);
    if (w->trial_is_used)
        standing_keep(&w->trial.standing, &w->names);
    word_table_compact(&w->names);
    while (w->names.used > w->kit.words / 2)
        w->kit.words *= 2;
    uint32_t values = w->kit.values;
    while (w->names.count > values / 2)
        values *= 2;
    /* The old zeros go when no standing looks at them. */
    uint32_t *old = w->kit.next_source;
    uint32_t old_values = w->kit.values;
    w->kit.next_source = NULL;
    bool made = make_sources(w, values) && remake_all(w, &w->names);
    counted_free(w->budget->memory, old, (old_values + 2) * sizeof *old);
    return made;
}

/* --- feeding --- */

static struct model_op unanswered(const struct model_op *op)
{
    struct model_op asked = *op;
    asked.answered = asked.refused = false;
    asked.result = OP_NIL;
    asked.list = NULL;
    return asked;
}

static bool says_nothing(const struct window *w, const struct waiting *op)
{
    struct model_op asked = unanswered(&op->about.op);
    return w->kit.model->only_looks(&asked);
}

static bool feed_call(struct window *w, struct mark *m, uint32_t slot)
{
    const struct waiting *op = &w->ops[slot];
    bool told = op->state == OP_TOLD;
    if (op->state == OP_VOID || (!told && says_nothing(w, op)))
        return true;
    if (!standing_has_names(&w->kit) && !compact(w))
        return false;
    struct model_op asked = told ? op->about.op : unanswered(&op->about.op);
    return standing_call(&m->standing, &w->kit, slot, &asked, op->return_at);
}

/* False without memory. */
static bool feed(struct window *w, struct mark *m, const struct window_event *e)
{
    m->at++;
    if (!e->is_return)
        return feed_call(w, m, e->slot);
    standing_return(&m->standing, e->slot);
    return true;
}

/* What follows from how `m` stands after event `e`. */
static struct window_news news_of(const struct window *w, const struct mark *m,
                                  const struct window_event *e)
{
    switch (standing_state(&m->standing)) {
    case FRONTIER_ALIVE: return (struct window_news){.value = WINDOW_FITS};
    case FRONTIER_FULL: return (struct window_news){.value = WINDOW_NO_MEMORY};
    case FRONTIER_SPENT:
        return (struct window_news){.value = WINDOW_GAVE_UP, .why = w->budget->why};
    case FRONTIER_EMPTY: break;
    }
    if (w->cut)
        return (struct window_news){.value = WINDOW_GAVE_UP,
                                    .why = "too many operations were never answered"};
    if (standing_was_cut(&m->standing))
        return (struct window_news){.value = WINDOW_GAVE_UP, .why = "it can go too many ways"};
    return (struct window_news){.value = WINDOW_VIOLATED, .op = &w->ops[e->slot].about};
}

static struct window_news no_memory(void)
{
    return (struct window_news){.value = WINDOW_NO_MEMORY};
}

/* --- marks --- */

/* Those that took somebody as open of whom more is known by now. */
static void drop_marks_after(struct window *w, uint64_t at)
{
    while (w->mark_count > 0 && w->marks[w->mark_count - 1].at > at)
        w->mark_count--;
}

/* The certain standing has come past them. */
static void drop_marks_before(struct window *w, uint64_t at)
{
    size_t gone = 0;
    struct mark spare[MARKS_MAX];
    while (gone < w->mark_count && w->marks[gone].at <= at)
        gone++;
    if (gone == 0)
        return;
    memcpy(spare, w->marks, gone * sizeof *spare);
    memmove(w->marks, w->marks + gone, (MARKS_MAX - gone) * sizeof *spare);
    memcpy(w->marks + MARKS_MAX - gone, spare, gone * sizeof *spare);
    w->mark_count -= gone;
}

/* `to` becomes a copy of `from`. */
static bool copy_mark(struct window *w, struct mark *to, const struct mark *from)
{
    if (!is_made(to) && !standing_make(&to->standing, &w->kit))
        return false;
    standing_copy(&to->standing, &from->standing, NULL);
    to->at = from->at;
    return standing_state(&to->standing) != FRONTIER_FULL;
}

/* --- judging --- */

/* Feed all that waits to a copy of the latest standing that is still good. Half way
 * there, where it is long, another is kept. */
static struct window_news judge(struct window *w)
{
    const struct mark *from = w->mark_count > 0 ? &w->marks[w->mark_count - 1] : &w->certain;
    uint64_t end = w->certain.at + w->event_count, halfway = from->at + (end - from->at) / 2;
    bool marks = end - from->at >= 2 * MARK_EVERY && w->mark_count < MARKS_MAX;
    if (!copy_mark(w, &w->trial, from))
        return no_memory();
    w->trial_is_used = true;
    while (w->trial.at < end) {
        const struct window_event *e = &w->events[w->trial.at - w->certain.at];
        if (!feed(w, &w->trial, e))
            return no_memory();
        struct window_news news = news_of(w, &w->trial, e);
        if (news.value != WINDOW_FITS)
            return news;
        if (marks && w->trial.at == halfway) {
            if (!copy_mark(w, &w->marks[w->mark_count], &w->trial))
                return no_memory();
            w->mark_count++;
        }
    }
    return (struct window_news){.value = WINDOW_FITS};
}

/* --- going on --- */

/* Forget the event at `i` of those that are certain now. */
static void leave_behind(struct window *w, const struct window_event *e)
{
    struct waiting *op = &w->ops[e->slot];
    w->return_count -= e->is_return;
    op->is_fed = true;
    if (e->is_return || op->state == OP_VOID)
        release(w, e->slot);
}

static bool is_open_call(const struct window *w, const struct window_event *e)
{
    return !e->is_return && w->ops[e->slot].state == OP_OPEN;
}

/* As far as nobody is open. */
static struct window_news go_on(struct window *w)
{
    struct window_news news = {.value = WINDOW_FITS};
    size_t done = 0;
    while (done < w->event_count && news.value == WINDOW_FITS &&
           !is_open_call(w, &w->events[done])) {
        const struct window_event *e = &w->events[done++];
        news = feed(w, &w->certain, e) ? news_of(w, &w->certain, e) : no_memory();
        if (news.value == WINDOW_FITS)
            leave_behind(w, e);
    }
    w->event_count -= done;
    memmove(w->events, w->events + done, w->event_count * sizeof *w->events);
    drop_marks_before(w, w->certain.at);
    return news;
}

/* The oldest that is open is taken as never answered. */
static void give_up_oldest(struct window *w)
{
    struct waiting *op = &w->ops[w->events[0].slot];
    assert(op->state == OP_OPEN);
    bool silent = says_nothing(w, op);
    op->state = silent ? OP_VOID : OP_GONE;
    w->open_count--;
    w->gone_count += !silent;
}

/* Of those that were never answered, the one that was called first. */
static void forget_oldest(struct window *w)
{
    uint32_t oldest = UINT32_MAX;
    for (uint32_t slot = 0; slot < w->slot_count; slot++) {
        const struct waiting *op = &w->ops[slot];
        if (op->state == OP_GONE && op->is_fed &&
            (oldest == UINT32_MAX || op->call_at < w->ops[oldest].call_at))
            oldest = slot;
    }
    if (oldest == UINT32_MAX)
        return;
    standing_return(&w->certain.standing, oldest);
    w->mark_count = 0;
    w->cut = true;
    w->gone_count--;
    release(w, oldest);
}

struct window_news window_settle(struct window *w)
{
    bool changed = w->changed_at != NOBODY;
    if (w->rank >= RANK_OPEN - EVENTS_MAX)
        return (struct window_news){.value = WINDOW_GAVE_UP,
                                    .why = "it was used too often without a rest"};
    if (changed)
        drop_marks_after(w, w->changed_at);
    w->first_return = w->changed_at = NOBODY;
    w->trial_is_used = false;
    struct window_news news = go_on(w);
    while (news.value == WINDOW_FITS && w->event_count > EVENTS_MAX) {
        give_up_oldest(w);
        news = go_on(w);
    }
    while (news.value == WINDOW_FITS && w->gone_count > UNANSWERED_MAX)
        forget_oldest(w);
    if (news.value != WINDOW_FITS || !changed || w->return_count == 0)
        return news;
    return judge(w);
}

/* --- calls and returns --- */

static bool add_event(struct window *w, uint64_t at, struct window_event e)
{
    if (w->event_count == w->event_room) {
        size_t room = w->event_room ? 2 * w->event_room : 2 * SLOTS_FIRST;
        struct window_event *events =
            counted_resize(w->budget->memory, w->events, w->event_room * sizeof *events,
                           room * sizeof *events);
        if (!events)
            return false;
        w->events = events;
        w->event_room = room;
    }
    size_t i = (size_t)(at - w->certain.at);
    memmove(w->events + i + 1, w->events + i, (w->event_count - i) * sizeof e);
    w->events[i] = e;
    w->event_count++;
    return true;
}

bool window_call(struct window *w, const struct followed_op *about, uint32_t *slot)
{
    *slot = free_slot(w);
    if (*slot == w->slot_count) {
        w->trial_is_used = false;
        w->kit.slots = 2 * w->slot_count;
        if (!more_slots(w) || !remake_all(w, NULL))
            return false;
    }
    /* Whoever is called at the instant in which another returns is concurrent with it. */
    uint64_t end = w->certain.at + w->event_count;
    uint64_t at = w->first_return == NOBODY ? end : w->first_return++;
    w->ops[*slot] = (struct waiting){.about = *about,
                                     .state = OP_OPEN,
                                     .call_at = at,
                                     .return_at = RANK_OPEN + w->call_count};
    w->call_count = (w->call_count + 1) % RANK_OPEN;
    w->open_count++;
    return add_event(w, at, (struct window_event){.slot = *slot});
}

static bool copy_list(struct window *w, struct waiting *op, const struct int_list *list)
{
    op->list = counted_resize(w->budget->memory, NULL, 0, bytes_of_list(list->count));
    op->about.op.list = op->list;
    if (!op->list)
        return false;
    int64_t *words = (int64_t *)(op->list + 1);
    if (list->count > 0)
        memcpy(words, list->at, list->count * sizeof *words);
    *op->list = (struct int_list){.at = words, .count = list->count};
    return true;
}

/* Its answer is known, and counts from the next window_settle on. */
static bool note_answer(struct window *w, uint32_t slot, const struct model_op *answered,
                        int64_t at_ns)
{
    struct waiting *op = &w->ops[slot];
    uint64_t end = w->certain.at + w->event_count;
    op->state = OP_TOLD;
    op->about.op = *answered;
    op->about.returned_at_ns = at_ns;
    op->return_at = w->rank++;
    w->return_count++;
    if (w->first_return == NOBODY)
        w->first_return = end;
    if (answered->list && !copy_list(w, op, answered->list))
        return false;
    return add_event(w, end, (struct window_event){.slot = slot, .is_return = true});
}

bool window_return(struct window *w, uint32_t slot, enum window_end end,
                   const struct model_op *answered, int64_t at_ns)
{
    struct waiting *op = &w->ops[slot];
    assert(op->state == OP_OPEN);
    w->open_count--;
    bool silent = says_nothing(w, op);
    if (end == END_UNKNOWN) {
        op->state = silent ? OP_VOID : OP_GONE;
        w->gone_count += !silent;
        return true;
    }
    if (w->changed_at > op->call_at)
        w->changed_at = op->call_at;
    if (end == END_TOLD)
        return note_answer(w, slot, answered, at_ns);
    op->state = OP_VOID;
    return true;
}

bool window_waits_for(const struct window *w, uint32_t slot, int64_t id)
{
    const struct waiting *op = slot < w->slot_count ? &w->ops[slot] : NULL;
    return op && op->state == OP_OPEN && op->about.id == id;
}

const struct followed_op *window_op(const struct window *w, uint32_t slot)
{
    assert(w->ops[slot].state != OP_FREE);
    return &w->ops[slot].about;
}

bool window_rests(const struct window *w, struct model_state *state)
{
    uint32_t name = w->event_count == 0 ? standing_only(&w->certain.standing) : NO_STRING;
    if (name == NO_STRING)
        return false;
    state->words = (int64_t *)word_table_at(&w->names, name, &state->count);
    return true;
}

bool window_was_cut(const struct window *w)
{
    return w->cut || standing_was_cut(&w->certain.standing);
}

/* --- beginning and end --- */

bool window_begin(struct window *w, const struct model_state *state, bool cut)
{
    for (uint32_t slot = 0; slot < w->slot_count; slot++)
        release(w, slot);
    w->event_count = w->return_count = w->mark_count = 0;
    w->gone_count = w->open_count = w->rank = w->call_count = 0;
    w->certain.at = 0;
    w->first_return = w->changed_at = NOBODY;
    w->cut = cut;
    word_table_clear(&w->names);
    uint32_t name = word_table_add(&w->names, state->words, state->count);
    if (name == NO_STRING)
        return false;
    standing_begin(&w->certain.standing, name);
    return standing_state(&w->certain.standing) == FRONTIER_ALIVE;
}

struct window *window_new(const struct model_ops *model, struct budget *budget)
{
    struct window *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->budget = budget;
    w->names.memory = budget->memory;
    w->kit = (struct standing_kit){.model = model,
                                   .budget = budget,
                                   .names = &w->names,
                                   .slots = SLOTS_FIRST,
                                   .words = WORDS_FIRST};
    if (more_slots(w) && make_sources(w, VALUES_FIRST) &&
        standing_make(&w->certain.standing, &w->kit))
        return w;
    window_free(w);
    return NULL;
}

void window_free(struct window *w)
{
    if (!w)
        return;
    for (uint32_t slot = 0; slot < w->slot_count; slot++)
        release(w, slot);
    for (size_t i = 0; i < MARKS_MAX; i++)
        standing_done(&w->marks[i].standing);
    standing_done(&w->certain.standing);
    standing_done(&w->trial.standing);
    word_table_done(&w->names);
    counted_free(w->budget->memory, w->kit.next_source,
                 (w->kit.values + 2) * sizeof *w->kit.next_source);
    counted_free(w->budget->memory, w->events, w->event_room * sizeof *w->events);
    counted_free(w->budget->memory, w->ops, w->slot_count * sizeof *w->ops);
    free(w);
}
