/* The relatives of linearizability on small histories, against their definitions
 * taken literally: every order, every pair, every nanosecond. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker/relatives/delta_atomic.h"
#include "checker/relatives/k_atomic.h"
#include "checker/relatives/regular.h"
#include "checker/relatives/stale.h"
#include "checker/relatives/write_order.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

#define NOBODY RELATIVE_NOBODY

/* --- definitions --- */

/* Orders of all operations in which reads return one of the `k` latest writes. */
struct orders {
    const struct problem *p;
    uint32_t done, k;
    uint32_t writes; /* so far */
    uint32_t place[BRUTE_OPS_MAX];
};

static bool comes_next(const struct orders *o, size_t op)
{
    for (size_t i = 0; i < o->p->count; i++)
        if (!(o->done >> i & 1) && o->p->ops[i].returned_at_ns < o->p->ops[op].called_at_ns)
            return false;
    return !(o->done >> op & 1);
}

/* How many writes there have been since the one that `read` saw; UINT32_MAX: it is
 * not there yet. */
static uint32_t age(const struct orders *o, const struct model_op *read)
{
    if (read->result == o->p->initial)
        return o->writes;
    for (size_t i = 0; i < o->p->count; i++)
        if (o->p->ops[i].op.kind == OP_WRITE && o->p->ops[i].op.argument == read->result)
            return o->done >> i & 1 ? o->writes - o->place[i] : UINT32_MAX;
    return UINT32_MAX;
}

static bool can_be_ordered(struct orders *o)
{
    bool whole = true;
    for (size_t i = 0; i < o->p->count; i++)
        whole &= (o->done >> i & 1) || !o->p->ops[i].op.answered;
    for (size_t i = 0; i < o->p->count && !whole; i++) {
        bool writes = o->p->ops[i].op.kind == OP_WRITE;
        if (!comes_next(o, i) || (!writes && age(o, &o->p->ops[i].op) >= o->k))
            continue;
        o->done |= 1u << i;
        o->writes += writes;
        o->place[i] = o->writes;
        whole = can_be_ordered(o);
        o->writes -= writes;
        o->done &= ~(1u << i);
    }
    return whole;
}

/* 0: there is none. */
static uint32_t brute_k(const struct problem *p)
{
    for (uint32_t k = 1; k <= p->count + 1; k++)
        if (can_be_ordered(&(struct orders){.p = p, .k = k}))
            return k;
    return 0;
}

static bool possible_with_earlier_reads(const struct problem *p, int64_t delta_ns)
{
    struct timed_op ops[BRUTE_OPS_MAX];
    struct problem earlier = *p;
    memcpy(ops, p->ops, p->count * sizeof *ops);
    for (size_t i = 0; i < p->count; i++)
        if (ops[i].op.kind == OP_READ)
            ops[i].called_at_ns -= delta_ns;
    earlier.ops = ops;
    return brute_possible(&earlier);
}

/* -1: it is never enough. Small histories last less than a hundred nanoseconds. */
static int64_t brute_delta(const struct problem *p)
{
    for (int64_t delta_ns = 0; delta_ns < 100; delta_ns++)
        if (possible_with_earlier_reads(p, delta_ns))
            return delta_ns;
    return -1;
}

static const struct timed_op *writer_of(const struct problem *p, int64_t value)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->ops[i].op.kind == OP_WRITE && p->ops[i].op.argument == value)
            return &p->ops[i];
    return NULL;
}

/* When it was first certain that `w` had happened. */
static int64_t known_at(const struct problem *p, const struct timed_op *w)
{
    int64_t known = w->returned_at_ns;
    for (size_t i = 0; i < p->count; i++)
        if (p->ops[i].op.kind == OP_READ && p->ops[i].op.result == w->op.argument &&
            p->ops[i].returned_at_ns < known)
            known = p->ops[i].returned_at_ns;
    return known;
}

/* Writes that are certainly newer than what `read` saw, and there when it was called;
 * by acknowledgement alone or by what others read as well. */
static unsigned brute_newer(const struct problem *p, const struct timed_op *read, bool by_reads)
{
    const struct timed_op *w = writer_of(p, read->op.result);
    unsigned count = 0;
    if (!w && read->op.result != p->initial)
        return 0;
    int64_t since = !w ? INT64_MIN : by_reads ? known_at(p, w) : w->returned_at_ns;
    for (size_t i = 0; i < p->count; i++) {
        const struct timed_op *x = &p->ops[i];
        count += x->op.kind == OP_WRITE && x->called_at_ns > since &&
                 (by_reads ? known_at(p, x) : x->returned_at_ns) < read->called_at_ns;
    }
    return count;
}

static bool brute_regular(const struct problem *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct timed_op *read = &p->ops[i];
        if (read->op.kind != OP_READ)
            continue;
        const struct timed_op *w = writer_of(p, read->op.result);
        if (!w && read->op.result != p->initial)
            return false;
        if ((w && read->returned_at_ns < w->called_at_ns) || brute_newer(p, read, false) > 0)
            return false;
    }
    return true;
}

/* --- one history --- */

struct tally {
    unsigned k[8], deltas, stale, irregular, impossible;
};

static struct budget no_limit(void)
{
    return (struct budget){.steps_left = UINT64_MAX};
}

static bool k_is_right(const struct problem *p, struct arena *arena, uint64_t *k)
{
    struct budget budget = no_limit();
    struct k_atomicity got;
    struct err err;
    uint32_t want = brute_k(p);
    assert_int_equal(k_atomic_measure(p, UINT64_MAX, &budget, arena, arena, &got, &err),
                     ERR_OK);
    *k = want;
    if (want == 0)
        return got.state == RELATIVE_IMPOSSIBLE && got.culprit < p->count;
    return got.state == RELATIVE_KNOWN && got.at_least == want && got.at_most == want;
}

static bool bounds_are_right(const struct problem *p, struct arena *arena, uint64_t want)
{
    struct budget budget = no_limit();
    struct k_atomicity got;
    struct err err;
    assert_int_equal(k_atomic_measure(p, 12, &budget, arena, arena, &got, &err), ERR_OK);
    return want == 0 || (got.state == RELATIVE_KNOWN && got.at_least <= want &&
                         got.at_most >= want && got.at_least >= 1);
}

static bool delta_is_right(const struct problem *p, struct arena *arena, int64_t *delta_ns)
{
    struct budget budget = no_limit();
    struct delta_atomicity got;
    struct err err;
    *delta_ns = brute_delta(p);
    assert_int_equal(delta_atomic_measure(p, &budget, arena, &got, &err), ERR_OK);
    if (*delta_ns < 0)
        return got.state == RELATIVE_IMPOSSIBLE && got.culprit < p->count;
    if (got.state != RELATIVE_KNOWN || got.delta_ns != *delta_ns)
        return false;
    return got.delta_ns == 0 ||
           p->ops[got.read].called_at_ns - p->ops[got.observer].returned_at_ns == got.delta_ns;
}

static bool staleness_is_right(const struct problem *p, struct arena *arena, uint64_t k,
                               int64_t delta_ns)
{
    struct budget budget = no_limit();
    struct staleness got;
    struct err err;
    unsigned most = 0, stale = 0;
    assert_int_equal(stale_measure(p, &budget, arena, &got, &err), ERR_OK);
    if (k == 0)
        return got.state == RELATIVE_IMPOSSIBLE;
    for (size_t i = 0; i < p->count; i++) {
        unsigned newer = p->ops[i].op.kind == OP_READ ? brute_newer(p, &p->ops[i], true) : 0;
        most = newer > most ? newer : most;
        stale += newer > 0;
    }
    if (got.versions != most || got.stale_count != stale || got.versions >= k ||
        got.late_ns > delta_ns)
        return false;
    return stale == 0 || (brute_newer(p, &p->ops[got.by_versions.read], true) == most &&
                          p->ops[got.by_time.read].called_at_ns -
                                  p->ops[got.by_time.observer].returned_at_ns ==
                              got.late_ns);
}

static bool regularity_is_right(const struct problem *p, struct arena *arena, bool *regular)
{
    struct budget budget = no_limit();
    struct timed_op ops[BRUTE_OPS_MAX];
    struct finding got;
    struct err err;
    *regular = brute_regular(p);
    assert_int_equal(regular_decide(p, &budget, arena, arena, &got, &err), ERR_OK);
    if (*regular)
        return got.value == FINDING_ORDER;
    struct problem part = brute_part(p, got.proof, got.proof_count, ops);
    return got.value == FINDING_NO_ORDER && got.claim && got.proof_count <= 3 &&
           !brute_regular(&part);
}

static bool is_right(const struct problem *p, struct tally *t)
{
    struct arena arena = {0};
    uint64_t k;
    int64_t delta_ns;
    bool regular;
    bool right = k_is_right(p, &arena, &k) && bounds_are_right(p, &arena, k) &&
                 delta_is_right(p, &arena, &delta_ns) &&
                 staleness_is_right(p, &arena, k, delta_ns) &&
                 regularity_is_right(p, &arena, &regular);
    arena_done(&arena);
    if (!right)
        return false;
    t->k[k < 8 ? k : 7]++;
    t->impossible += k == 0;
    t->deltas += delta_ns > 0;
    t->irregular += !regular;
    return (k == 1) == (delta_ns == 0) && (k == 0) == (delta_ns < 0);
}

/* --- random histories --- */

/* Reads that return something older: where answers are right there is little to
 * measure. */
static void make_stale(struct small *s, struct random_stream *random)
{
    for (size_t i = 0; i < s->problem.count; i++) {
        struct model_op *op = &s->ops[i].op;
        if (op->kind != OP_READ || random_below(random, 2) == 0)
            continue;
        size_t other = (size_t)random_below(random, s->problem.count);
        op->result = s->ops[other].op.kind == OP_WRITE ? s->ops[other].op.argument : OP_NIL;
    }
}

static void judge_many(const char *name, const struct small_form *form, unsigned histories)
{
    struct random_stream random = random_derive(1, name);
    struct tally t = {0};
    struct small s;
    for (unsigned i = 0; i < histories; i++) {
        small_make(form, &random, &s);
        make_stale(&s, &random);
        if (!is_right(&s.problem, &t)) {
            brute_print(&s.problem);
            fail_msg("history %u", i);
        }
    }
    print_message("%s: %u histories: k 1: %u, 2: %u, 3: %u, 4: %u, 5: %u, more: %u, none: %u; "
                  "delta above 0: %u, not regular: %u\n",
                  name, histories, t.k[1], t.k[2], t.k[3], t.k[4], t.k[5], t.k[6] + t.k[7],
                  t.impossible, t.deltas, t.irregular);
    assert_true(t.k[1] > histories / 20);
    assert_true(t.k[2] > histories / 50);
    assert_true(t.k[3] > histories / 1000);
}

static unsigned scaled(unsigned histories)
{
    return getenv("FAULTLINE_LONG") ? 30 * histories : histories;
}

static void measures_are_those_of_the_definitions(void **state)
{
    (void)state;
    struct small_form form = {.model = "cas-register",
                              .kinds = 1 << OP_READ | 1 << OP_WRITE,
                              .ops = 9,
                              .processes = 4,
                              .values = 3,
                              .distinct = true,
                              .unanswered_ppm = 100000};
    judge_many("four clients", &form, scaled(20000));
    form.processes = 2;
    form.ops = 12;
    judge_many("two clients", &form, scaled(10000));
    form.processes = 7;
    form.ops = 9;
    judge_many("seven clients", &form, scaled(5000));
}

static struct timed_op an_op(enum op_kind kind, int64_t value, int64_t from, int64_t to)
{
    return (struct timed_op){.op = {.kind = kind,
                                    .answered = true,
                                    .argument = kind == OP_WRITE ? value : OP_NIL,
                                    .expected = OP_NIL,
                                    .result = kind == OP_READ ? value : OP_NIL},
                             .called_at_ns = from,
                             .returned_at_ns = to};
}

/* Writing 1 first looks as good as any: then 4 must follow, and then two more at once. */
static void a_choice_that_leads_nowhere_is_taken_back(void **state)
{
    (void)state;
    const struct timed_op ops[] = {
        an_op(OP_WRITE, 1, 0, 10), an_op(OP_WRITE, 2, 1, 14), an_op(OP_WRITE, 3, 2, 15),
        an_op(OP_WRITE, 4, 3, 12), an_op(OP_READ, 2, 11, 20), an_op(OP_READ, 3, 11, 20),
        an_op(OP_READ, 1, 13, 20), an_op(OP_READ, 4, 16, 20),
    };
    struct problem p = {.model = model_find("cas-register"),
                        .initial = OP_NIL,
                        .ops = ops,
                        .count = ARRAY_LEN(ops)};
    struct arena arena = {0};
    uint64_t k;
    assert_true(k_is_right(&p, &arena, &k));
    assert_int_equal(k, 2);
    arena_done(&arena);
}

/* The first half of the jobs is wanted late: at every place all of it is passed over. */
static void jobs_that_are_passed_over_cost_steps(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    static struct write_job jobs[COUNT];
    static uint32_t order[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        jobs[i] =
            (struct write_job){.called_at_ns = i,
                               .known_at_ns = COUNT + i,
                               .last_wanted_at_ns = i < COUNT / 2 ? 3 * COUNT : INT64_MIN};
    struct arena arena = {0};
    struct budget budget = no_limit();
    struct write_orders *w = write_orders_new(jobs, COUNT, &arena);
    assert_non_null(w);
    assert_int_equal(write_orders_find(w, COUNT, UINT64_MAX, &budget, order),
                     WRITE_ORDER_FOUND);
    budget = (struct budget){.steps_left = COUNT * COUNT / 4};
    assert_int_equal(write_orders_find(w, COUNT, UINT64_MAX, &budget, order),
                     WRITE_ORDER_GAVE_UP);
    assert_non_null(budget.why);
    arena_done(&arena);
}

/* --- without memory or time --- */

enum { MEASURES = 4 };

/* RELATIVE_KNOWN, or why not. */
static enum err_code measure(int which, const struct problem *p, struct budget *budget,
                             struct arena *arena, enum relative_state *state)
{
    struct k_atomicity k;
    struct delta_atomicity delta;
    struct staleness stale;
    struct finding regular;
    struct err err;
    enum err_code code;
    switch (which) {
    case 0:
        code = k_atomic_measure(p, 1000, budget, arena, arena, &k, &err);
        *state = k.state;
        return code;
    case 1:
        code = delta_atomic_measure(p, budget, arena, &delta, &err);
        *state = delta.state;
        return code;
    case 2:
        code = stale_measure(p, budget, arena, &stale, &err);
        *state = stale.state;
        return code;
    default:
        code = regular_decide(p, budget, arena, arena, &regular, &err);
        *state = regular.value == FINDING_GAVE_UP ? RELATIVE_GAVE_UP : RELATIVE_KNOWN;
        return code;
    }
}

static const struct timed_op *a_stale_read(void)
{
    static struct timed_op ops[3];
    ops[0] = an_op(OP_WRITE, 1, 0, 1);
    ops[1] = an_op(OP_WRITE, 2, 2, 3);
    ops[2] = an_op(OP_READ, 1, 4, 5);
    return ops;
}

static void a_lack_of_memory_or_time_is_told(void **state)
{
    (void)state;
    struct problem p = {.model = model_find("cas-register"),
                        .initial = OP_NIL,
                        .ops = a_stale_read(),
                        .count = 3};
    for (int which = 0; which < MEASURES; which++) {
        enum relative_state found = RELATIVE_GAVE_UP;
        enum err_code code = ERR_NOMEM;
        for (size_t limit_bytes = 16; code == ERR_NOMEM; limit_bytes += 16) {
            struct arena arena = {.limit_bytes = limit_bytes};
            struct budget budget = no_limit();
            code = measure(which, &p, &budget, &arena, &found);
            assert_true(code == ERR_NOMEM || (code == ERR_OK && limit_bytes > 16));
            arena_done(&arena);
        }
        assert_int_equal(found, RELATIVE_KNOWN);
        struct arena arena = {0};
        struct budget none = {.steps_left = 1};
        assert_int_equal(measure(which, &p, &none, &arena, &found), ERR_OK);
        assert_int_equal(found, RELATIVE_GAVE_UP);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_are_those_of_the_definitions),
        cmocka_unit_test(a_choice_that_leads_nowhere_is_taken_back),
        cmocka_unit_test(jobs_that_are_passed_over_cost_steps),
        cmocka_unit_test(a_lack_of_memory_or_time_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
