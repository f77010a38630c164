/* Contents: states · the timeline · what is done · looking and trying · the search
 *
 * The timeline is a list of calls and returns in time order from which operations
 * are lifted as they are linearized. The calls before its first return are the
 * candidates for the next step; when none of them fits, the operation of that
 * return is stuck and the last choice was wrong. */
#include "checker/search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "checker/memo.h"

#define NO_OP UINT32_MAX
enum { STEPS_PER_SPENDING = 64 };

struct entry {
    struct entry *before, *after;
    int64_t at_ns;
    uint32_t op;
    bool is_return;
};

/* One operation linearized, and how to take it back. */
struct frame {
    uint32_t op, state_before;
    bool free; /* it only looks: there was no choice in it */
};

struct search {
    const struct model_ops *model;
    const struct timed_op *ops;
    uint32_t count;
    struct budget *budget;
    struct arena arena;
    bool full; /* memory ran out on the way */
    uint64_t tries;

    /* Interned states, of one word. */
    int64_t *states;
    uint32_t state, state_count, state_max;
    uint32_t *state_slots; /* number plus one; twice state_max of them */

    struct entry head, *entries;
    struct entry **call, **ret; /* by operation; ret NULL: it never returned */

    /* Bits of operations that are linearized: those that returned, in the order of
     * their calls, then the others. */
    uint32_t *bit;
    uint64_t *done;
    size_t must_words, words, low_word; /* every word before low_word is all ones */
    uint32_t must_count, must_done;
    uint32_t *twin; /* of an unknown operation: an equal one called before it */

    struct frame *stack;
    uint32_t depth;
    uint64_t *memo_key;
    struct memo memo;

    uint32_t best_done, best_state, best_stuck;
};

/* --- states --- */

static int64_t *state_at(const struct search *s, uint32_t number)
{
    return s->states + number;
}

static uint64_t hash_of(int64_t word)
{
    return digest_u64(DIGEST_START, (uint64_t)word);
}

static bool grow_states(struct search *s)
{
    uint32_t max = s->state_max ? s->state_max * 2 : 64;
    int64_t *states = arena_array(&s->arena, max, sizeof *states);
    uint32_t *slots = arena_array(&s->arena, (size_t)max * 2, sizeof *slots);
    if (!states || !slots)
        return false;
    if (s->state_count > 0)
        memcpy(states, s->states, s->state_count * sizeof *states);
    for (uint32_t i = 0; i < s->state_count; i++) {
        size_t at = (size_t)hash_of(states[i]) % (max * 2);
        while (slots[at])
            at = (at + 1) % (max * 2);
        slots[at] = i + 1;
    }
    s->states = states;
    s->state_slots = slots;
    s->state_max = max;
    return true;
}

/* The number of a state; NO_OP without memory. */
static uint32_t intern(struct search *s, const int64_t *state)
{
    if (s->state_count == s->state_max && !grow_states(s))
        return NO_OP;
    size_t slots = (size_t)s->state_max * 2;
    size_t at = (size_t)hash_of(*state) % slots;
    for (; s->state_slots[at]; at = (at + 1) % slots)
        if (*state_at(s, s->state_slots[at] - 1) == *state)
            return s->state_slots[at] - 1;
    *state_at(s, s->state_count) = *state;
    s->state_slots[at] = ++s->state_count;
    return s->state_count - 1;
}

/* --- the timeline --- */

/* A call comes before a return at the same instant: intervals are closed. */
static int by_time(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    if (x->is_return != y->is_return)
        return x->is_return ? 1 : -1;
    return x->op < y->op ? -1 : x->op > y->op;
}

static size_t list_events(struct search *s)
{
    size_t count = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct timed_op *op = &s->ops[i];
        assert(op->called_at_ns <= op->returned_at_ns);
        assert(i == 0 || s->ops[i - 1].called_at_ns <= op->called_at_ns);
        s->entries[count++] = (struct entry){.at_ns = op->called_at_ns, .op = i};
        if (op->returned_at_ns != INT64_MAX)
            s->entries[count++] =
                (struct entry){.at_ns = op->returned_at_ns, .op = i, .is_return = true};
    }
    return count;
}

static void chain_events(struct search *s, size_t count)
{
    struct entry *last = &s->head;
    for (size_t i = 0; i < count; i++) {
        struct entry *e = &s->entries[i];
        *(e->is_return ? &s->ret[e->op] : &s->call[e->op]) = e;
        last->after = e;
        e->before = last;
        last = e;
    }
    last->after = NULL;
}

static void unlink_entry(struct entry *e)
{
    e->before->after = e->after;
    if (e->after)
        e->after->before = e->before;
}

static void relink_entry(struct entry *e)
{
    e->before->after = e;
    if (e->after)
        e->after->before = e;
}

/* --- what is done --- */

static void number_bits(struct search *s)
{
    uint32_t must = 0, may = 0;
    for (uint32_t i = 0; i < s->count; i++)
        s->bit[i] = s->ret[i] ? must++ : may++;
    s->must_count = must;
    s->must_words = (must + 63) / 64;
    s->words = s->must_words + (may + 63) / 64;
    for (uint32_t i = 0; i < s->count; i++)
        if (!s->ret[i])
            s->bit[i] += (uint32_t)s->must_words * 64;
}

static bool is_done(const struct search *s, uint32_t op)
{
    return s->done[s->bit[op] / 64] >> (s->bit[op] % 64) & 1;
}

static void lift(struct search *s, uint32_t op)
{
    assert(!is_done(s, op));
    s->done[s->bit[op] / 64] |= UINT64_C(1) << (s->bit[op] % 64);
    /* The return first: whoever stands on the call must not walk on to it. */
    if (s->ret[op])
        unlink_entry(s->ret[op]);
    unlink_entry(s->call[op]);
    if (!s->ret[op])
        return;
    s->must_done++;
    while (s->low_word < s->must_words && s->done[s->low_word] == UINT64_MAX)
        s->low_word++;
}

/* The reverse, in the reverse order. */
static void put_back(struct search *s, uint32_t op)
{
    assert(is_done(s, op));
    size_t word = s->bit[op] / 64;
    s->done[word] &= ~(UINT64_C(1) << (s->bit[op] % 64));
    relink_entry(s->call[op]);
    if (!s->ret[op])
        return;
    relink_entry(s->ret[op]);
    s->must_done--;
    if (word < s->low_word)
        s->low_word = word;
}

/* Where we are, as the memo knows it: the state, and the bits from the first word
 * that is not all ones up to the last that is not all zeros. As long as operations
 * overlap little, that is a word or two however long the history is. */
static enum memo_answer remember(struct search *s)
{
    uint64_t *key = s->memo_key;
    size_t used = 0;
    key[used++] = (uint64_t)s->low_word << 32 | s->state;
    uint32_t seen = (uint32_t)s->low_word * 64;
    for (size_t word = s->low_word; seen < s->must_done; word++) {
        assert(word < s->must_words);
        key[used++] = s->done[word];
        seen += (uint32_t)__builtin_popcountll(s->done[word]);
    }
    for (size_t word = s->must_words; word < s->words; word++)
        key[used++] = s->done[word];
    return memo_add(&s->memo, key, used);
}

/* --- unknown operations that are the same --- */

static int compare_ops(const struct model_op *a, const struct model_op *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->argument != b->argument)
        return a->argument < b->argument ? -1 : 1;
    return a->expected < b->expected ? -1 : a->expected > b->expected;
}

static int by_content(const void *a, const void *b)
{
    const struct timed_op *x = *(const struct timed_op *const *)a;
    const struct timed_op *y = *(const struct timed_op *const *)b;
    int order = compare_ops(&x->op, &y->op);
    return order ? order : (x < y ? -1 : x > y); /* both in one array, ordered by call */
}

/* Of equal operations that never returned, the one called first may do whatever a
 * later one may: taking them in that order loses nothing. */
static bool find_twins(struct search *s)
{
    const struct timed_op **unknown = arena_array(&s->arena, s->count, sizeof(void *));
    if (!unknown)
        return false;
    size_t count = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        s->twin[i] = NO_OP;
        if (!s->ret[i])
            unknown[count++] = &s->ops[i];
    }
    qsort(unknown, count, sizeof *unknown, by_content);
    for (size_t i = 1; i < count; i++)
        if (compare_ops(&unknown[i - 1]->op, &unknown[i]->op) == 0)
            s->twin[unknown[i] - s->ops] = (uint32_t)(unknown[i - 1] - s->ops);
    return true;
}

/* --- looking and trying --- */

static void push(struct search *s, uint32_t op, uint32_t state_after, bool is_free)
{
    assert(s->depth < s->count);
    s->stack[s->depth++] = (struct frame){.op = op, .state_before = s->state, .free = is_free};
    s->state = state_after;
    lift(s, op);
}

static uint32_t pop(struct search *s)
{
    assert(s->depth > 0);
    const struct frame *top = &s->stack[--s->depth];
    put_back(s, top->op);
    s->state = top->state_before;
    return top->op;
}

/* The state after `op`; NO_OP when it does not fit, or without memory. */
static uint32_t step(struct search *s, const struct model_op *op)
{
    int64_t word;
    struct model_state now = {state_at(s, s->state), 1}, next = {&word, 1};
    if (!s->model->step(&now, op, 0, &next))
        return NO_OP;
    uint32_t state = intern(s, &word);
    s->full |= state == NO_OP;
    return state;
}

/* Linearize whatever only looks and fits the state. It is never a choice: in any
 * order that works from here, it could be moved to this place. */
static void look_around(struct search *s)
{
    for (struct entry *e = s->head.after; e && !e->is_return; e = e->after) {
        const struct model_op *op = &s->ops[e->op].op;
        if (s->model->only_looks(op) && step(s, op) != NO_OP)
            push(s, e->op, s->state, true);
    }
}

/* Take back all free steps and the choice below them. False: there was none. */
static bool take_back(struct search *s, struct entry **retry)
{
    while (s->depth > 0 && s->stack[s->depth - 1].free)
        pop(s);
    if (s->depth == 0)
        return false;
    *retry = s->call[pop(s)]->after;
    return true;
}

static void note_progress(struct search *s)
{
    if (s->must_done < s->best_done || s->must_done == s->must_count)
        return;
    const struct entry *e = s->head.after;
    while (!e->is_return)
        e = e->after;
    s->best_done = s->must_done;
    s->best_state = s->state;
    s->best_stuck = e->op;
}

static bool may_choose(const struct search *s, uint32_t op)
{
    return !s->model->only_looks(&s->ops[op].op) &&
           (s->twin[op] == NO_OP || is_done(s, s->twin[op]));
}

/* Linearize `op` next, if it fits and leads somewhere new. */
static bool choose(struct search *s, uint32_t op)
{
    if (!may_choose(s, op))
        return false;
    uint32_t state = step(s, &s->ops[op].op);
    if (state == NO_OP)
        return false;
    push(s, op, state, false);
    look_around(s);
    enum memo_answer answer = remember(s);
    s->full = answer == MEMO_FULL;
    if (answer == MEMO_NEW) {
        note_progress(s);
        return true;
    }
    struct entry *unused;
    take_back(s, &unused);
    return false;
}

/* --- the search --- */

static bool spent(struct search *s)
{
    return ++s->tries % STEPS_PER_SPENDING == 0 && !budget_spend(s->budget, STEPS_PER_SPENDING);
}

static void explore(struct search *s, struct search_answer *out)
{
    look_around(s);
    note_progress(s);
    struct entry *candidate = s->head.after;
    out->result = SEARCH_GAVE_UP;
    while (s->must_done < s->must_count) {
        assert(candidate); /* a return comes before the end of the list */
        if (spent(s)) {
            out->why = s->budget->why;
            return;
        }
        if (candidate->is_return) {
            if (!take_back(s, &candidate)) {
                out->result = SEARCH_IMPOSSIBLE;
                return;
            }
        } else {
            candidate = choose(s, candidate->op) ? s->head.after : candidate->after;
        }
        if (s->full) {
            out->why = "its memory was used up";
            return;
        }
    }
    out->result = SEARCH_POSSIBLE;
}

static bool allocate(struct search *s)
{
    size_t n = s->count;
    s->entries = arena_array(&s->arena, 2 * n, sizeof *s->entries);
    s->call = arena_array(&s->arena, n, sizeof(struct entry *));
    s->ret = arena_array(&s->arena, n, sizeof(struct entry *));
    s->bit = arena_array(&s->arena, n, sizeof *s->bit);
    s->done = arena_array(&s->arena, n / 64 + 2, sizeof *s->done);
    s->memo_key = arena_array(&s->arena, n / 64 + 3, sizeof *s->memo_key);
    s->twin = arena_array(&s->arena, n, sizeof *s->twin);
    s->stack = arena_array(&s->arena, n, sizeof *s->stack);
    return s->entries && s->call && s->ret && s->bit && s->done && s->memo_key && s->twin &&
           s->stack;
}

static bool prepare(struct search *s)
{
    int64_t word;
    struct model_state first = {&word, 1};
    if (!allocate(s))
        return false;
    size_t events = list_events(s);
    qsort(s->entries, events, sizeof *s->entries, by_time);
    chain_events(s, events);
    number_bits(s);
    s->model->init(OP_NIL, &first);
    s->state = intern(s, &word);
    return s->state != NO_OP && find_twins(s);
}

enum err_code search_order(const struct model_ops *model, const struct timed_op *ops,
                           size_t count, struct budget *budget, struct search_answer *out,
                           struct err *err)
{
    assert(model->words_at_start == 1 && model->words_per_op == 0);
    assert(count < NO_OP / 2);
    *out = (struct search_answer){0};
    struct search s = {.model = model,
                       .ops = ops,
                       .count = (uint32_t)count,
                       .budget = budget,
                       .arena = {.memory = budget->memory}};
    s.memo.arena = &s.arena;
    bool ready = prepare(&s);
    if (ready) {
        explore(&s, out);
        out->state[0] = *state_at(&s, s.best_state);
        out->stuck = s.best_stuck;
    }
    arena_done(&s.arena);
    return ready ? ERR_OK : err_set(err, ERR_NOMEM, "search: out of memory");
}
