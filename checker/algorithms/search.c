/* Contents: forgetting · steps · going and coming back · candidates · the search ·
 * what it found
 *
 * A configuration is what is done and the state after it. What is done is told by the
 * agenda's target, by who of those under way is done, and by the set of unanswered
 * operations that happened; so its size does not grow with the history. The path that
 * led to it is a stack of frames; nothing recurses. */
#include "checker/algorithms/search.h"

#include <assert.h>
#include <string.h>

#include "checker/algorithms/agenda.h"
#include "checker/algorithms/op_set.h"
#include "checker/algorithms/tried.h"
#include "checker/algorithms/word_table.h"

enum { STEPS_PER_SPENDING = 64, STEPS_KNOWN_MAX = 1 << 16 };

#define TRIED_BYTES_MAX  ((size_t)512 << 20)
#define STATES_BYTES_MAX ((size_t)1 << 30)

/* What is tried next: first whoever has to happen, in the order of their returns, so
 * the target before all; then whoever may. */
struct candidate {
    enum { MOVERS, UNANSWERED, NOBODY } phase;
    uint32_t op;
    unsigned choice; /* which of the states that its step may lead to */
};

/* One operation that was taken, and how it was before. */
struct frame {
    struct candidate taken;
    uint32_t state, set, target;
    bool looks; /* there was no choice in it */
};

struct search {
    const struct problem *p;
    struct budget *budget;
    struct agenda agenda;
    struct word_table states;
    struct op_sets sets; /* of unanswered operations that happened */
    struct tried tried;
    struct tried lesser; /* the same by what is certain: its records are alike but for `set` */
    uint32_t state, set;
    struct frame *frames;
    uint32_t depth;
    struct candidate candidate;

    /* The step of a state by an operation, for the last that fell into each slot. */
    struct known_step {
        uint32_t state, op, next;
    } * known;
    size_t known_mask;

    int64_t *next_words; /* room for a state */
    uint64_t *record;
    uint64_t unspent;
    enum { GOING, SPENT, FULL } stop;
};

/* --- forgetting --- */

static void forget_steps(struct search *s)
{
    for (size_t i = 0; i <= s->known_mask; i++)
        s->known[i].op = NO_OP;
}

static bool rebuild_sets(struct search *s)
{
    uint32_t set = EMPTY_SET;
    op_sets_clear(&s->sets);
    for (uint32_t i = 0; i < s->depth && set != NO_STRING; i++) {
        s->frames[i].set = set;
        if (s->agenda.list[s->frames[i].taken.op] == AGENDA_UNANSWERED)
            set = op_set_with(&s->sets, set, s->frames[i].taken.op);
    }
    s->set = set;
    return set != NO_STRING;
}

static void move_states(struct search *s)
{
    s->state = word_table_moved(&s->states, s->state);
    for (uint32_t i = 0; i < s->depth; i++)
        s->frames[i].state = word_table_moved(&s->states, s->frames[i].state);
}

/* A table is full: keep what the frames need, and nothing else. Where that leaves too
 * little room, it would soon be full again: whoever asked looks. */
static bool make_room(struct search *s)
{
    tried_clear(&s->tried);
    tried_clear(&s->lesser);
    forget_steps(s);
    word_table_mark(&s->states);
    word_table_keep(&s->states, s->state);
    for (uint32_t i = 0; i < s->depth; i++)
        word_table_keep(&s->states, s->frames[i].state);
    word_table_compact(&s->states);
    move_states(s);
    return rebuild_sets(s);
}

/* --- steps --- */

/* Every step spends; whoever loops over steps looks at `stop`. */
static void spend(struct search *s)
{
    if (++s->unspent % STEPS_PER_SPENDING == 0 && !budget_spend(s->budget, STEPS_PER_SPENDING))
        s->stop = SPENT;
}

static uint32_t step_anew(struct search *s, uint32_t op, unsigned choice)
{
    struct model_state now, next = {s->next_words, 0};
    now.words = (int64_t *)word_table_at(&s->states, s->state, &now.count);
    if (!s->p->model->step(&now, &s->p->ops[op].op, choice, &next))
        return NO_STRING;
    uint32_t number = word_table_add(&s->states, next.words, next.count);
    if (number == NO_STRING && make_room(s) && word_table_is_roomy(&s->states))
        number = word_table_add(&s->states, next.words, next.count);
    if (number == NO_STRING)
        s->stop = FULL;
    return number;
}

/* The state after `op`; NO_STRING: it does not fit, or `stop` says more. */
static uint32_t step(struct search *s, uint32_t op, unsigned choice)
{
    spend(s);
    if (choice > 0)
        return step_anew(s, op, choice);
    size_t at = (s->state * UINT32_C(0x9e3779b1) ^ op) & s->known_mask;
    if (s->known[at].op == op && s->known[at].state == s->state)
        return s->known[at].next;
    uint32_t next = step_anew(s, op, 0);
    s->known[at] = (struct known_step){s->state, op, next};
    return next;
}

/* --- going and coming back --- */

/* Add the last frame's operation to the set of those that happened. Making room does
 * so, too. */
static void add_to_set(struct search *s, uint32_t op)
{
    uint32_t set = op_set_with(&s->sets, s->set, op);
    if (set != NO_STRING)
        s->set = set;
    else if (!make_room(s) || !op_sets_are_roomy(&s->sets))
        s->stop = FULL;
}

static void go(struct search *s, struct candidate taken, uint32_t state, bool looks)
{
    assert(s->depth < s->p->count);
    s->frames[s->depth++] = (struct frame){taken, s->state, s->set, s->agenda.target, looks};
    s->state = state;
    agenda_take(&s->agenda, taken.op);
    if (s->agenda.list[taken.op] == AGENDA_UNANSWERED)
        add_to_set(s, taken.op);
}

static struct candidate come_back(struct search *s)
{
    assert(s->depth > 0);
    const struct frame *top = &s->frames[--s->depth];
    agenda_put_back(&s->agenda, top->taken.op, top->target);
    s->state = top->state;
    s->set = top->set;
    return top->taken;
}

/* Take whatever only looks and fits. It is never a choice: in any order that works from
 * here it could be moved to this place. */
static void look_around(struct search *s)
{
    const struct agenda *a = &s->agenda;
    for (uint32_t op = agenda_first(a, AGENDA_LOOKERS); op != NO_OP && s->stop == GOING;
         op = agenda_after(a, op))
        if (step(s, op, 0) != NO_STRING)
            go(s, (struct candidate){NOBODY, op, 0}, s->state, true);
}

/* Was it tried with fewer of the unanswered operations, in the same state? Whatever
 * works from here works from there, too. */
static bool was_tried_with_less(struct search *s)
{
    size_t at = 0;
    for (const uint64_t *r; (r = tried_like(&s->lesser, s->record, &at));)
        if (op_set_is_within(&s->sets, (uint32_t)r[s->lesser.width - 1], s->set))
            return true;
    return false;
}

/* Is this configuration new? */
static bool remember(struct search *s)
{
    uint64_t *at = s->record;
    *at++ = ((uint64_t)s->agenda.target + 1) << 32 | s->state;
    memcpy(at, s->agenda.open, s->agenda.open_words * sizeof *at);
    if (s->agenda.unanswered_count == 0)
        return tried_add(&s->tried, s->record);
    at[s->agenda.open_words] = s->set;
    return !was_tried_with_less(s) && tried_add(&s->tried, s->record) &&
           tried_add(&s->lesser, s->record);
}

/* --- candidates --- */

static bool returns_later(const struct search *s, uint32_t op, uint32_t than)
{
    int64_t a = s->p->ops[op].returned_at_ns, b = s->p->ops[than].returned_at_ns;
    return a != b ? a > b : op > than;
}

/* Who returns next after `last` did (NO_OP: first of all). */
static uint32_t mover_after(const struct search *s, uint32_t last)
{
    const struct agenda *a = &s->agenda;
    uint32_t first = NO_OP;
    for (uint32_t op = agenda_first(a, AGENDA_MOVERS); op != NO_OP; op = agenda_after(a, op))
        if ((last == NO_OP || returns_later(s, op, last)) &&
            (first == NO_OP || returns_later(s, first, op)) && !agenda_must_wait(a, op))
            first = op;
    return first;
}

static uint32_t unanswered_from(const struct search *s, uint32_t op)
{
    while (op != NO_OP && agenda_must_wait(&s->agenda, op))
        op = agenda_after(&s->agenda, op);
    return op;
}

static void next_candidate(struct search *s)
{
    struct candidate c = s->candidate;
    if (c.phase == MOVERS) {
        c.op = mover_after(s, c.op);
        if (c.op == NO_OP) {
            c.phase = UNANSWERED;
            c.op = unanswered_from(s, agenda_first(&s->agenda, AGENDA_UNANSWERED));
        }
    } else {
        c.op = unanswered_from(s, agenda_after(&s->agenda, c.op));
    }
    if (c.op == NO_OP)
        c.phase = NOBODY;
    c.choice = 0;
    s->candidate = c;
}

static void first_candidate(struct search *s)
{
    if (agenda_is_over(&s->agenda))
        return;
    uint32_t target = s->agenda.by_return[s->agenda.target];
    s->candidate = (struct candidate){MOVERS, target, 0};
    /* A target that only looks does not fit, or it would have been taken. */
    if (s->agenda.list[target] != AGENDA_MOVERS || agenda_must_wait(&s->agenda, target)) {
        s->candidate.op = NO_OP;
        next_candidate(s);
    }
}

/* --- the search --- */

/* This way is no way: undo the last choice, and stand on the next. False: there was
 * none. */
static bool give_way(struct search *s)
{
    while (s->depth > 0 && s->frames[s->depth - 1].looks)
        come_back(s);
    if (s->depth == 0)
        return false;
    s->candidate = come_back(s);
    s->candidate.choice++;
    return true;
}

/* Something unanswered that changes nothing need not happen. */
static bool is_idle(const struct search *s, uint32_t op, uint32_t next)
{
    return next == s->state && s->agenda.list[op] == AGENDA_UNANSWERED;
}

static void try_candidate(struct search *s)
{
    struct candidate c = s->candidate;
    uint32_t next = step(s, c.op, c.choice);
    if (s->stop != GOING)
        return;
    if (next == NO_STRING) {
        next_candidate(s);
        return;
    }
    if (is_idle(s, c.op, next)) {
        s->candidate.choice++;
        return;
    }
    go(s, c, next, false);
    look_around(s);
    if (s->stop != GOING)
        return;
    if (remember(s))
        first_candidate(s);
    else
        (void)give_way(s);
}

static enum finding_value explore(struct search *s)
{
    look_around(s);
    first_candidate(s);
    while (!agenda_is_over(&s->agenda)) {
        if (s->stop != GOING)
            return FINDING_GAVE_UP;
        if (s->candidate.phase != NOBODY)
            try_candidate(s);
        else if (!give_way(s))
            return FINDING_NO_ORDER;
    }
    return FINDING_ORDER;
}

/* --- what it found --- */

static bool allocate(struct search *s, struct arena *work)
{
    size_t known = 64;
    while (known < 4 * s->p->count && known < STEPS_KNOWN_MAX)
        known *= 2;
    s->known_mask = known - 1;
    s->known = arena_array(work, known, sizeof *s->known);
    s->frames = arena_array(work, s->p->count, sizeof *s->frames);
    s->next_words = arena_array(work, problem_state_words(s->p), sizeof *s->next_words);
    s->record = arena_array(work, s->agenda.open_words + 2, sizeof *s->record);
    if (!s->known || !s->frames || !s->next_words || !s->record)
        return false;
    forget_steps(s);
    return true;
}

static bool begin(struct search *s, struct arena *work)
{
    if (!agenda_init(&s->agenda, s->p, work) || !allocate(s, work))
        return false;
    s->tried.width = 1 + s->agenda.open_words + (s->agenda.unanswered_count > 0 ? 1 : 0);
    s->lesser.width = s->tried.width;
    struct model_state first = {s->next_words, 0};
    s->p->model->init(s->p->initial, &first);
    s->state = word_table_add(&s->states, first.words, first.count);
    return s->state != NO_STRING && op_sets_init(&s->sets, s->agenda.unanswered_count, work) &&
           tried_init(&s->tried) && tried_init(&s->lesser);
}

static bool tell_order(const struct search *s, struct arena *keep, struct finding *out)
{
    out->order = arena_array(keep, s->depth, sizeof *out->order);
    if (!out->order)
        return false;
    out->order_count = s->depth;
    for (uint32_t i = 0; i < s->depth; i++)
        out->order[i] = s->frames[i].taken.op;
    return true;
}

static bool run(struct search *s, struct arena *work, struct arena *keep, struct finding *out)
{
    if (!begin(s, work))
        return false;
    out->value = explore(s);
    out->lacked_memory = out->value == FINDING_GAVE_UP && !s->budget->why;
    if (out->value == FINDING_GAVE_UP)
        out->why = tried_why(&s->tried, s->budget, keep);
    return out->value != FINDING_ORDER || tell_order(s, keep, out);
}

static void set_limits(struct search *s, const struct search_limits *limits)
{
    struct search_limits l = limits ? *limits : (struct search_limits){0};
    struct memory *memory = s->budget->memory;
    s->tried.memory = s->lesser.memory = s->states.memory = s->sets.pairs.memory = memory;
    s->lesser.alike = true;
    s->tried.bytes_max =
        l.tried_bytes ? l.tried_bytes : tried_share(memory, 4, TRIED_BYTES_MAX);
    s->lesser.bytes_max = s->tried.bytes_max / 4;
    s->states.bytes_max =
        l.states_bytes ? l.states_bytes : tried_share(memory, 4, STATES_BYTES_MAX);
    s->sets.pairs.bytes_max = s->states.bytes_max / 2;
}

enum err_code search_limited(const struct problem *p, const struct search_limits *limits,
                             struct budget *budget, struct arena *work, struct arena *keep,
                             struct finding *out, struct err *err)
{
    assert(p->count < UINT32_MAX / 4);
    struct search s = {.p = p, .budget = budget};
    *out = (struct finding){0};
    set_limits(&s, limits);
    bool ran = run(&s, work, keep, out);
    tried_done(&s.tried);
    tried_done(&s.lesser);
    op_sets_done(&s.sets);
    word_table_done(&s.states);
    return ran ? ERR_OK : err_set(err, ERR_NOMEM, "search: out of memory");
}

enum err_code search_decide(const struct problem *p, struct budget *budget, struct arena *work,
                            struct arena *keep, struct finding *out, struct err *err)
{
    return search_limited(p, NULL, budget, work, keep, out, err);
}
