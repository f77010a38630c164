/* Priority queues whose values are distinct, decided in O(n log n). */
#include "tests/support/test.h"

#include <string.h>

#include "checker/algorithms/priority_queue.h"
#include "tests/support/brute.h"
#include "tests/support/compare.h"

enum { HISTORIES = 40000, ALL_HISTORIES = 1000000 };

/* --- by hand --- */

static const struct timed_op *op(enum op_kind kind, int64_t value, int64_t from, int64_t to)
{
    static struct timed_op made[16];
    static size_t next;
    struct timed_op *o = &made[next++ % 16];
    *o = (struct timed_op){.op = {.kind = kind,
                                  .answered = to != INT64_MAX,
                                  .argument = kind == OP_INSERT ? value : OP_NIL,
                                  .expected = OP_NIL,
                                  .result = kind == OP_INSERT ? OP_NIL : value},
                           .called_at_ns = from,
                           .returned_at_ns = to};
    return o;
}

struct decided {
    struct arena work, keep;
    struct finding finding;
};

static struct decided decide(const struct timed_op *const *ops, size_t count, int64_t initial)
{
    struct decided d = {0};
    struct timed_op list[16];
    struct budget budget = {.steps_left = UINT64_MAX};
    struct err err;
    for (size_t i = 0; i < count; i++)
        list[i] = *ops[i];
    struct problem p = {
        .model = model_find("priority-queue"), .initial = initial, .ops = list, .count = count};
    assert_int_equal(priority_queue_decide(&p, &budget, &d.work, &d.keep, &d.finding, &err),
                     ERR_OK);
    return d;
}

static void forget(struct decided *d)
{
    arena_done(&d->work);
    arena_done(&d->keep);
}

#define DECIDE(...)                                                                            \
    decide((const struct timed_op *const[]){__VA_ARGS__},                                      \
           sizeof((const struct timed_op *const[]){__VA_ARGS__}) / sizeof(struct timed_op *),  \
           OP_NIL)

static void expect(struct decided d, enum finding_value value, size_t proof_count)
{
    assert_int_equal(d.finding.value, value);
    assert_int_equal(d.finding.proof_count, proof_count);
    forget(&d);
}

static void the_greatest_is_first_out(void **state)
{
    (void)state;
    expect(DECIDE(op(OP_INSERT, 1, 0, 1), op(OP_INSERT, 2, 2, 3), op(OP_POLL, 2, 4, 5),
                  op(OP_POLL, 1, 6, 7)),
           FINDING_ORDER, 0);
    expect(DECIDE(op(OP_INSERT, 1, 0, 1), op(OP_INSERT, 2, 2, 3), op(OP_POLL, 1, 4, 5),
                  op(OP_POLL, 2, 6, 7)),
           FINDING_NO_ORDER, 4);
    expect(DECIDE(op(OP_INSERT, 1, 0, 1), op(OP_INSERT, 2, 2, 5), op(OP_POLL, 1, 4, 5),
                  op(OP_POLL, 2, 6, 7)),
           FINDING_ORDER, 0);
}

static void a_greater_value_that_was_there_is_told(void **state)
{
    (void)state;
    struct decided d = DECIDE(op(OP_INSERT, 1, 0, 1), op(OP_INSERT, 2, 2, 3),
                              op(OP_POLL, 1, 4, 5), op(OP_POLL, 2, 6, 7));
    assert_string_equal(d.finding.claim,
                        "{0.who} {0.deed}, called at {0.called}, though {1.value}, which is "
                        "greater, was there until it returned at {0.returned}");
    assert_int_equal(d.finding.roles[0], 2);
    assert_int_equal(d.finding.roles[1], 1);
    forget(&d);
}

static void a_value_that_greater_ones_always_hide_is_told(void **state)
{
    (void)state;
    /* 5 is there from 1 to 10, and 1 comes only then. */
    struct decided d = DECIDE(op(OP_INSERT, 5, 0, 1), op(OP_POLL, 1, 0, 5),
                              op(OP_INSERT, 1, 3, 4), op(OP_POLL, 5, 10, 11));
    assert_int_equal(d.finding.value, FINDING_NO_ORDER);
    assert_string_equal(d.finding.claim,
                        "{0.who} {0.deed}, but whenever {1.value} can have been there until "
                        "then, a greater value was there, too");
    assert_int_equal(d.finding.proof_count, 4);
    forget(&d);
}

static void a_lost_value_needs_an_unanswered_poll(void **state)
{
    (void)state;
    const struct timed_op *less = op(OP_INSERT, 1, 0, 1), *lost = op(OP_INSERT, 2, 2, 3),
                          *got = op(OP_POLL, 1, 6, 7);
    expect(DECIDE(less, lost, got), FINDING_NO_ORDER, 3);
    expect(DECIDE(less, lost, op(OP_POLL, OP_NIL, 4, INT64_MAX), got), FINDING_ORDER, 0);
    expect(DECIDE(less, lost, got, op(OP_POLL, OP_NIL, 8, INT64_MAX)), FINDING_NO_ORDER, 3);
}

static void two_lost_values_need_two_unanswered_polls(void **state)
{
    (void)state;
    const struct timed_op *less = op(OP_INSERT, 1, 0, 1), *lost = op(OP_INSERT, 2, 2, 3),
                          *too = op(OP_INSERT, 3, 4, 5), *got = op(OP_POLL, 1, 8, 9);
    expect(DECIDE(less, lost, too, op(OP_POLL, OP_NIL, 6, INT64_MAX), got), FINDING_NO_ORDER,
           5);
    expect(DECIDE(less, lost, too, op(OP_POLL, OP_NIL, 6, INT64_MAX),
                  op(OP_POLL, OP_NIL, 7, INT64_MAX), got),
           FINDING_ORDER, 0);
}

static void an_empty_answer_needs_an_empty_queue(void **state)
{
    (void)state;
    const struct timed_op *in = op(OP_INSERT, 1, 0, 1), *out = op(OP_POLL, 1, 6, 7);
    expect(DECIDE(in, op(OP_PEEK, OP_NIL, 2, 5), out), FINDING_NO_ORDER, 3);
    expect(DECIDE(in, op(OP_PEEK, OP_NIL, 2, 6), out), FINDING_ORDER, 0);
    expect(DECIDE(in, op(OP_POLL, OP_NIL, 1, 5), out), FINDING_ORDER, 0);
}

static void repeated_values_are_not_its_business(void **state)
{
    (void)state;
    expect(DECIDE(op(OP_INSERT, 1, 0, 1), op(OP_INSERT, 1, 2, 3)), FINDING_NOT_MINE, 0);
    expect(decide((const struct timed_op *const[]){op(OP_PEEK, 3, 0, 1)}, 1, 3),
           FINDING_NOT_MINE, 0);
    expect(decide(NULL, 0, OP_NIL), FINDING_ORDER, 0);
    expect(DECIDE(op(OP_INSERT, 1, 0, 1), op(OP_PEEK, 2, 2, 3)), FINDING_NO_ORDER, 1);
}

static bool is_never(void *user)
{
    (void)user;
    return true;
}

static void it_stops_when_its_budget_is_spent(void **state)
{
    (void)state;
    struct timed_op list[] = {*op(OP_INSERT, 2, 0, 1), *op(OP_INSERT, 1, 2, 3),
                              *op(OP_POLL, OP_NIL, 4, INT64_MAX), *op(OP_POLL, 1, 6, 7)};
    struct problem p = {
        .model = model_find("priority-queue"), .initial = OP_NIL, .ops = list, .count = 4};
    for (uint64_t steps = 0;; steps++) {
        struct budget budget = {.steps_left = steps, .expired = is_never};
        struct arena work = {0}, keep = {0};
        struct finding finding;
        struct err err;
        assert_int_equal(priority_queue_decide(&p, &budget, &work, &keep, &finding, &err),
                         ERR_OK);
        arena_done(&work);
        arena_done(&keep);
        if (finding.value == FINDING_ORDER)
            break;
        assert_int_equal(finding.value, FINDING_GAVE_UP);
        assert_non_null(finding.why);
    }
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    struct timed_op list[] = {*op(OP_INSERT, 2, 0, 1), *op(OP_INSERT, 1, 2, 3),
                              *op(OP_POLL, OP_NIL, 4, INT64_MAX), *op(OP_POLL, 1, 6, 7)};
    struct problem p = {
        .model = model_find("priority-queue"), .initial = OP_NIL, .ops = list, .count = 4};
    for (size_t limit = 1;; limit += 16) {
        struct budget budget = {.steps_left = UINT64_MAX};
        struct arena work = {.limit_bytes = limit}, keep = {.limit_bytes = limit};
        struct finding finding;
        struct err err;
        enum err_code code = priority_queue_decide(&p, &budget, &work, &keep, &finding, &err);
        arena_done(&work);
        arena_done(&keep);
        if (code == ERR_OK)
            break;
        assert_int_equal(code, ERR_NOMEM);
    }
}

/* --- against brute force --- */

static void drop(struct small *small, size_t at)
{
    for (size_t i = at + 1; i < small->problem.count; i++)
        small->ops[i - 1] = small->ops[i];
    small->problem.count--;
}

static void swap_results(struct timed_op *a, struct timed_op *b)
{
    int64_t result = a->op.result;
    if (b->op.kind == OP_INSERT || !b->op.answered)
        return;
    a->op.result = b->op.result;
    b->op.result = result;
}

/* What small_make seldom does: nothing found where there is something, answers that were
 * lost or exchanged, and a value of which nobody tells who took it. */
static void change(struct small *small, struct random_stream *random)
{
    if (small->problem.count == 0)
        return;
    size_t at = (size_t)random_below(random, small->problem.count);
    struct timed_op *o = &small->ops[at];
    if (o->op.kind == OP_INSERT || !o->op.answered)
        return;
    switch (random_below(random, 8)) {
    case 0: o->op.result = OP_NIL; break;
    case 1: swap_results(o, &small->ops[random_below(random, small->problem.count)]); break;
    case 2: drop(small, at); break;
    case 3:
        if (o->op.kind == OP_PEEK)
            return;
        o->op.answered = false;
        o->op.result = OP_NIL;
        o->returned_at_ns = INT64_MAX;
        break;
    default: break;
    }
}

/* Half of those who took something out are not told. */
static void lose(struct small *small, struct random_stream *random)
{
    for (size_t i = 0; i < small->problem.count; i++) {
        struct timed_op *o = &small->ops[i];
        if (o->op.kind != OP_POLL || !o->op.answered || random_below(random, 2))
            continue;
        o->op.answered = false;
        o->op.result = OP_NIL;
        o->returned_at_ns = INT64_MAX;
    }
    change(small, random);
}

static const uint64_t no_peeks = UINT64_C(1) << OP_INSERT | UINT64_C(1) << OP_POLL;

static const struct small_form forms[] = {
    {.ops = 6, .processes = 2, .changed_ppm = 500000},
    {.ops = 10, .processes = 3, .changed_ppm = 500000},
    {.ops = 12, .processes = 4, .changed_ppm = 700000},
    {.ops = 10, .processes = 3, .changed_ppm = 500000, .unanswered_ppm = 200000},
    {.ops = 10, .processes = 4, .changed_ppm = 300000, .unanswered_ppm = 400000},
    {.ops = 12, .processes = 3, .changed_ppm = 300000, .unanswered_ppm = 300000},
    {.ops = 12, .processes = 6, .changed_ppm = 300000, .unanswered_ppm = 300000},
    {.ops = 12,
     .processes = 4,
     .changed_ppm = 500000,
     .unanswered_ppm = 200000,
     .kinds = no_peeks},
    {.ops = 12,
     .processes = 6,
     .changed_ppm = 300000,
     .unanswered_ppm = 400000,
     .kinds = no_peeks},
    {.ops = 14, .processes = 4, .changed_ppm = 500000, .unanswered_ppm = 300000},
    {.ops = 8, .processes = 8, .changed_ppm = 300000, .unanswered_ppm = 200000},
    /* from here on, see lose() */
    {.ops = 10, .processes = 4, .changed_ppm = 500000},
    {.ops = 13, .processes = 4, .changed_ppm = 500000},
    {.ops = 12, .processes = 8, .changed_ppm = 500000},
};

enum { FORMS = sizeof forms / sizeof *forms, LOSING = 3 };

static void it_agrees_with_brute_force(void **state)
{
    (void)state;
    struct compared sum = {0};
    uint64_t count = compare_count(HISTORIES, ALL_HISTORIES) / FORMS;
    for (size_t i = 0; i < FORMS; i++) {
        struct compare c = {.decide = priority_queue_decide, .form = forms[i]};
        c.change = i < FORMS - LOSING ? change : lose;
        struct compared one = {0};
        char stream[] = "priority queue a";
        stream[sizeof stream - 2] = (char)('a' + i);
        c.form.model = "priority-queue";
        c.form.shuffled = true;
        c.form.distinct = true;
        c.form.values = 1;
        compare_with_brute(&c, stream, count, &one);
        compare_print(stream, &one);
        sum.histories += one.histories;
        sum.not_mine += one.not_mine;
    }
    /* Only where two values that were peeked at are lost together. */
    assert_true(sum.not_mine * 1000 <= sum.histories);
}

static void it_finds_orders_of_longer_histories(void **state)
{
    (void)state;
    struct compared sum = {0};
    struct compare c = {.decide = priority_queue_decide,
                        .form = {.model = "priority-queue",
                                 .distinct = true,
                                 .shuffled = true,
                                 .values = 1,
                                 .ops = SMALL_OPS_MAX}};
    for (unsigned unanswered_ppm = 0; unanswered_ppm <= 400000; unanswered_ppm += 100000)
        for (c.form.processes = 2; c.form.processes <= 8; c.form.processes += 3) {
            c.form.unanswered_ppm = unanswered_ppm;
            compare_with_play(&c, "priority queue", compare_count(500, 20000), &sum);
        }
    compare_print("priority queue, played", &sum);
    assert_true(sum.not_mine * 1000 <= sum.histories);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greatest_is_first_out),
        cmocka_unit_test(a_greater_value_that_was_there_is_told),
        cmocka_unit_test(a_value_that_greater_ones_always_hide_is_told),
        cmocka_unit_test(a_lost_value_needs_an_unanswered_poll),
        cmocka_unit_test(two_lost_values_need_two_unanswered_polls),
        cmocka_unit_test(an_empty_answer_needs_an_empty_queue),
        cmocka_unit_test(repeated_values_are_not_its_business),
        cmocka_unit_test(it_stops_when_its_budget_is_spent),
        cmocka_unit_test(without_memory_it_says_so),
        cmocka_unit_test(it_agrees_with_brute_force),
        cmocka_unit_test(it_finds_orders_of_longer_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
