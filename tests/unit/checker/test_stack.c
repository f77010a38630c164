/* Stacks: brute force judges the same small histories. */
#include "tests/support/test.h"

#include <stdlib.h>

#include "checker/algorithms/stack.h"
#include "tests/support/against.h"

enum { HISTORIES = 20000 };

static struct small_form form_of(unsigned unanswered_ppm)
{
    return (struct small_form){.model = "stack",
                               .ops = 16,
                               .processes = 4,
                               .values = 4,
                               .distinct = true,
                               .unanswered_ppm = unanswered_ppm,
                               .changed_ppm = 100000,
                               .lost_ppm = 600000};
}

static void a_stack_is_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of(0);
    struct against sum = against_brute(stack_decide, &form, HISTORIES);
    assert_true(sum.not_mine < sum.tried / 100);
    against_saw_both(&sum, 10);
}

static void pushes_and_pops_only_are_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct small_form form = form_of(0);
    form.kinds = UINT64_C(1) << OP_PUSH | UINT64_C(1) << OP_POP;
    struct against sum = against_brute(stack_decide, &form, HISTORIES);
    assert_true(sum.not_mine < sum.tried / 100);
    against_saw_both(&sum, 10);
}

static void unanswered_operations_are_never_judged_wrongly(void **state)
{
    (void)state;
    struct small_form form = form_of(100000);
    struct against sum = against_brute(stack_decide, &form, HISTORIES);
    assert_true(sum.not_mine < sum.tried / 10);
    against_saw_both(&sum, 10);
}

/* --- elements whose operations lie anywhere, not as a stack would have had them --- */

enum { ELEMENTS = 5, OPS_MAX = 14, INSTANTS = 14 };

struct jumble {
    struct random_stream random;
    struct timed_op ops[OPS_MAX];
    size_t count;
    unsigned unanswered_ppm;
};

static void add(struct jumble *j, enum op_kind kind, int64_t element, int64_t from, int64_t to)
{
    bool answered = !random_happens(&j->random, j->unanswered_ppm);
    bool pushes = kind == OP_PUSH;
    if (j->count == OPS_MAX || (!answered && kind == OP_PEEK))
        return;
    j->ops[j->count++] =
        (struct timed_op){.op = {.kind = kind,
                                 .answered = answered,
                                 .argument = pushes ? element : OP_NIL,
                                 .expected = OP_NIL,
                                 .result = pushes || !answered ? OP_NIL : element},
                          .called_at_ns = from < to ? from : to,
                          .returned_at_ns = !answered   ? INT64_MAX
                                            : from < to ? to
                                                        : from};
}

static int64_t instant(struct jumble *j, int64_t from)
{
    return from + (int64_t)random_below(&j->random, (uint64_t)(INSTANTS - from));
}

static int by_call(const void *a, const void *b)
{
    int64_t x = ((const struct timed_op *)a)->called_at_ns;
    int64_t y = ((const struct timed_op *)b)->called_at_ns;
    return x < y ? -1 : x > y;
}

static void make_jumble(struct jumble *j)
{
    size_t elements = 1 + random_below(&j->random, ELEMENTS);
    j->count = 0;
    for (int64_t i = 0; i < (int64_t)elements; i++) {
        int64_t pushed = instant(j, 0), popped = instant(j, pushed);
        add(j, OP_PUSH, i, pushed, pushed + (int64_t)random_below(&j->random, 4));
        if (random_below(&j->random, 8) > 0)
            add(j, OP_POP, i, popped, popped + (int64_t)random_below(&j->random, 4));
        if (random_below(&j->random, 3) == 0)
            add(j, OP_PEEK, i, instant(j, pushed), instant(j, pushed));
    }
    if (random_below(&j->random, 2) == 0)
        add(j, OP_POP, OP_NIL, instant(j, 0), instant(j, 0));
    qsort(j->ops, j->count, sizeof *j->ops, by_call);
}

static struct against judge_jumbles(unsigned unanswered_ppm)
{
    struct against sum = {0};
    struct jumble j = {.random = random_derive(1, "jumble"), .unanswered_ppm = unanswered_ppm};
    struct problem p = {.model = model_find("stack"), .initial = OP_NIL, .ops = j.ops};
    while (sum.tried < against_count(HISTORIES)) {
        make_jumble(&j);
        p.count = j.count;
        assert_true(against_one(stack_decide, &p, &sum));
    }
    against_print("stack", &sum);
    return sum;
}

static void elements_that_cover_each_other_are_decided_as_by_brute_force(void **state)
{
    (void)state;
    struct against sum = judge_jumbles(0);
    assert_int_equal(sum.not_mine, 0);
    against_saw_both(&sum, 10);
}

static void unanswered_pops_of_them_are_never_judged_wrongly(void **state)
{
    (void)state;
    struct against sum = judge_jumbles(150000);
    assert_true(sum.not_mine < sum.tried / 10);
    against_saw_both(&sum, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_is_decided_as_by_brute_force),
        cmocka_unit_test(pushes_and_pops_only_are_decided_as_by_brute_force),
        cmocka_unit_test(unanswered_operations_are_never_judged_wrongly),
        cmocka_unit_test(elements_that_cover_each_other_are_decided_as_by_brute_force),
        cmocka_unit_test(unanswered_pops_of_them_are_never_judged_wrongly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
