/* Contents: forgetting · steps · going and coming back · candidates · the search
 *
 * A configuration is how far each process has come and the state of each object. From
 * there a process may go on with any of its unanswered operations that come next, or
 * with the first answered one behind them; those passed over do not happen. All that
 * may be next are tried in the order of their calls: mostly that is how it was. */
#include "checker/algorithms/sequential.h"

#include <assert.h>
#include <string.h>

#include "checker/algorithms/tried.h"
#include "checker/algorithms/word_table.h"

#define NO_OP UINT32_MAX

enum { STEPS_PER_SPENDING = 64 };

#define TRIED_BYTES_MAX  ((size_t)512 << 20)
#define STATES_BYTES_MAX ((size_t)1 << 30)

/* One operation that was taken, and how it was before. */
struct frame {
    uint32_t op, position, state;
    unsigned choice;
    bool looks; /* there was no choice in it */
};

struct sequential {
    const struct problem *p;
    const uint32_t *key_of; /* NULL: all are on object 0 */
    struct budget *budget;
    uint32_t process_count, key_count, left; /* answered ones that are not done */

    /* The operations of process i are in_order[first[i]], ... up to first[i + 1]. */
    uint32_t *in_order, *first;
    uint32_t
        *where; /* positions of the processes in in_order plus one, then the keys' states */

    struct word_table states;
    struct tried tried;
    uint64_t *record;
    int64_t *next_words; /* room for a state */

    struct frame *frames;
    uint32_t depth;
    uint32_t op; /* tried next; NO_OP: nothing is left to try here */
    unsigned choice;
    uint64_t unspent;
    enum { GOING, SPENT, FULL } stop;
};

static uint32_t *position_of(struct sequential *s, uint32_t op)
{
    return &s->where[s->p->ops[op].process];
}

static uint32_t *state_of(struct sequential *s, uint32_t op)
{
    return &s->where[s->process_count + (s->key_of ? s->key_of[op] : 0)];
}

/* --- forgetting --- */

/* The states are full: keep what the objects and the frames need, and nothing
 * else. False: that is so much that soon they would be full again. */
static bool make_room(struct sequential *s)
{
    tried_clear(&s->tried);
    word_table_mark(&s->states);
    for (uint32_t i = 0; i < s->key_count; i++)
        word_table_keep(&s->states, s->where[s->process_count + i]);
    for (uint32_t i = 0; i < s->depth; i++)
        word_table_keep(&s->states, s->frames[i].state);
    word_table_compact(&s->states);
    for (uint32_t i = 0; i < s->key_count; i++) {
        uint32_t *state = &s->where[s->process_count + i];
        *state = word_table_moved(&s->states, *state);
    }
    for (uint32_t i = 0; i < s->depth; i++)
        s->frames[i].state = word_table_moved(&s->states, s->frames[i].state);
    return word_table_is_roomy(&s->states);
}

/* --- steps --- */

static void spend(struct sequential *s)
{
    if (++s->unspent % STEPS_PER_SPENDING == 0 && !budget_spend(s->budget, STEPS_PER_SPENDING))
        s->stop = SPENT;
}

/* The state of its object after `op`; NO_STRING: it does not fit, or `stop` says more. */
static uint32_t step(struct sequential *s, uint32_t op, unsigned choice)
{
    struct model_state now, next = {s->next_words, 0};
    spend(s);
    now.words = (int64_t *)word_table_at(&s->states, *state_of(s, op), &now.count);
    if (!s->p->model->step(&now, &s->p->ops[op].op, choice, &next))
        return NO_STRING;
    uint32_t number = word_table_add(&s->states, next.words, next.count);
    if (number == NO_STRING && make_room(s))
        number = word_table_add(&s->states, next.words, next.count);
    if (number == NO_STRING)
        s->stop = FULL;
    return number;
}

/* --- going and coming back --- */

/* Whatever its process has not done before `op` does not happen. */
static void go(struct sequential *s, uint32_t op, uint32_t state, bool looks)
{
    assert(s->depth < s->p->count);
    uint32_t *position = position_of(s, op);
    s->frames[s->depth++] = (struct frame){op, *position, *state_of(s, op), s->choice, looks};
    while (s->in_order[(*position)++ - 1] != op)
        ;
    *state_of(s, op) = state;
    s->left -= s->p->ops[op].op.answered;
}

static const struct frame *come_back(struct sequential *s)
{
    const struct frame *top = &s->frames[--s->depth];
    *position_of(s, top->op) = top->position;
    *state_of(s, top->op) = top->state;
    s->left += s->p->ops[top->op].op.answered;
    return top;
}

/* The next operation of a process; NO_OP: it has no more. */
static uint32_t head_of(const struct sequential *s, uint32_t process)
{
    uint32_t at = s->where[process] - 1;
    return at < s->first[process + 1] ? s->in_order[at] : NO_OP;
}

/* Take whatever only looks, fits, and is next of its process. It is never a choice: in
 * any order that works from here it could be moved to this place. */
static void look_around(struct sequential *s)
{
    for (uint32_t i = 0; i < s->process_count; i++)
        for (uint32_t op; s->stop == GOING && (op = head_of(s, i)) != NO_OP;) {
            const struct model_op *o = &s->p->ops[op].op;
            if (!o->answered || !s->p->model->only_looks(o) || step(s, op, 0) == NO_STRING)
                break;
            go(s, op, *state_of(s, op), true);
        }
}

static bool remember(struct sequential *s)
{
    size_t count = (size_t)s->process_count + s->key_count;
    memcpy(s->record, s->where, count * sizeof *s->where);
    return tried_add(&s->tried, s->record);
}

/* --- candidates --- */

/* Of those that the process may go on with, the first from `least` on. */
static uint32_t candidate_of(const struct sequential *s, uint32_t process, uint32_t least)
{
    for (uint32_t at = s->where[process] - 1; at < s->first[process + 1]; at++) {
        uint32_t op = s->in_order[at];
        if (op >= least)
            return op;
        if (s->p->ops[op].op.answered)
            break;
    }
    return NO_OP;
}

static void choose_from(struct sequential *s, uint32_t least)
{
    s->op = NO_OP;
    s->choice = 0;
    for (uint32_t i = 0; i < s->process_count; i++) {
        uint32_t op = candidate_of(s, i, least);
        if (op < s->op)
            s->op = op;
    }
}

/* --- the search --- */

/* Undo the last choice, and stand on the next. False: there was none. */
static bool give_way(struct sequential *s)
{
    while (s->depth > 0 && s->frames[s->depth - 1].looks)
        come_back(s);
    if (s->depth == 0)
        return false;
    const struct frame *last = come_back(s);
    s->op = last->op;
    s->choice = last->choice + 1;
    return true;
}

static void try_candidate(struct sequential *s)
{
    uint32_t next = step(s, s->op, s->choice);
    if (s->stop != GOING)
        return;
    if (next == NO_STRING) {
        choose_from(s, s->op + 1);
        return;
    }
    /* Something unanswered that changes nothing need not happen. */
    if (next == *state_of(s, s->op) && !s->p->ops[s->op].op.answered) {
        s->choice++;
        return;
    }
    go(s, s->op, next, false);
    look_around(s);
    if (s->stop != GOING)
        return;
    if (remember(s))
        choose_from(s, 0);
    else
        (void)give_way(s);
}

static enum finding_value explore(struct sequential *s)
{
    look_around(s);
    choose_from(s, 0);
    while (s->left > 0) {
        if (s->stop != GOING)
            return FINDING_GAVE_UP;
        if (s->op != NO_OP)
            try_candidate(s);
        else if (!give_way(s))
            return FINDING_NO_ORDER;
    }
    return FINDING_ORDER;
}

static void count_all(struct sequential *s)
{
    for (uint32_t i = 0; i < s->p->count; i++) {
        uint32_t key = s->key_of ? s->key_of[i] : 0;
        if (s->p->ops[i].process >= s->process_count)
            s->process_count = s->p->ops[i].process + 1;
        if (key >= s->key_count)
            s->key_count = key + 1;
        s->left += s->p->ops[i].op.answered;
    }
}

static bool order_by_process(struct sequential *s, struct arena *work)
{
    s->in_order = arena_array(work, s->p->count, sizeof *s->in_order);
    s->first = arena_array(work, (size_t)s->process_count + 2, sizeof *s->first);
    if (!s->in_order || !s->first)
        return false;
    for (uint32_t i = 0; i < s->p->count; i++)
        s->first[s->p->ops[i].process + 2]++;
    for (uint32_t i = 0; i < s->process_count; i++)
        s->first[i + 2] += s->first[i + 1];
    /* Each begins where the one before it will end. */
    for (uint32_t i = 0; i < s->p->count; i++)
        s->in_order[s->first[s->p->ops[i].process + 1]++] = i;
    return true;
}

static bool allocate(struct sequential *s, struct arena *work)
{
    size_t listed = 0, parts = (size_t)s->process_count + s->key_count;
    for (size_t i = 0; i < s->p->count; i++)
        listed += s->p->ops[i].op.list ? s->p->ops[i].op.list->count : 0;
    size_t words = model_state_words(s->p->model, s->p->count, listed);
    s->where = arena_array(work, parts, sizeof *s->where);
    s->frames = arena_array(work, s->p->count, sizeof *s->frames);
    s->next_words = arena_array(work, words, sizeof *s->next_words);
    s->tried.width = (parts + 1) / 2;
    s->record = arena_array(work, s->tried.width, sizeof *s->record);
    return s->where && s->frames && s->next_words && s->record && tried_init(&s->tried);
}

static bool begin(struct sequential *s, struct arena *work)
{
    count_all(s);
    if (!order_by_process(s, work) || !allocate(s, work))
        return false;
    struct model_state first = {s->next_words, 0};
    s->p->model->init(s->p->initial, &first);
    uint32_t state = word_table_add(&s->states, first.words, first.count);
    for (uint32_t i = 0; i < s->process_count; i++)
        s->where[i] = s->first[i] + 1; /* a record must not begin with 0 */
    for (uint32_t i = 0; i < s->key_count; i++)
        s->where[s->process_count + i] = state;
    return state != NO_STRING;
}

static bool tell_order(const struct sequential *s, struct arena *keep, struct finding *out)
{
    out->order = arena_array(keep, s->depth, sizeof *out->order);
    out->order_count = s->depth;
    for (uint32_t i = 0; out->order && i < s->depth; i++)
        out->order[i] = s->frames[i].op;
    return out->order != NULL;
}

static bool run(struct sequential *s, struct arena *work, struct arena *keep,
                struct finding *out)
{
    if (!begin(s, work))
        return false;
    out->value = explore(s);
    if (out->value == FINDING_GAVE_UP)
        out->why = tried_why(&s->tried, s->budget, keep);
    return out->value != FINDING_ORDER || tell_order(s, keep, out);
}

enum err_code sequential_decide(const struct problem *p, const uint32_t *key_of,
                                struct budget *budget, struct arena *work, struct arena *keep,
                                struct finding *out, struct err *err)
{
    assert(p->count < UINT32_MAX / 4);
    struct sequential s = {
        .p = p,
        .key_of = key_of,
        .budget = budget,
        .states = {.memory = budget->memory,
                   .bytes_max = tried_share(budget->memory, 4, STATES_BYTES_MAX)},
        .tried = {.memory = budget->memory,
                  .bytes_max = tried_share(budget->memory, 4, TRIED_BYTES_MAX)}};
    *out = (struct finding){0};
    bool ran = p->count == 0 || run(&s, work, keep, out);
    if (p->count == 0)
        out->value = FINDING_ORDER;
    tried_done(&s.tried);
    word_table_done(&s.states);
    return ran ? ERR_OK : err_set(err, ERR_NOMEM, "sequential: out of memory");
}
