/* What operations of a model may hold. */
#include "tests/support/test.h"

#include "checker/operands.h"

static enum err_code take(const char *model, struct model_op op, struct err *err)
{
    struct operands operands = {.model = model_find(model)};
    return operands_take(&operands, 3, &op, err);
}

static void an_answer_must_be_one_that_the_model_can_give(void **state)
{
    (void)state;
    struct err err;
    struct model_op found = {OP_CONTAINS, .answered = true, .argument = 1, .result = 7};
    assert_int_equal(take("set", found, &err), ERR_INVALID);
    assert_string_equal(err.msg,
                        "operation 3: the result of 'contains' is 7; a set allows 1 or 0");
    found.result = 0;
    assert_int_equal(take("set", found, &err), ERR_OK);
    found.result = OP_NIL;
    assert_int_equal(take("set", found, &err), ERR_INVALID);
}

static void what_was_not_answered_has_no_result_to_be_refused(void **state)
{
    (void)state;
    struct err err;
    struct model_op generate = {OP_GENERATE, .argument = OP_NIL, .result = OP_NIL};
    assert_int_equal(take("unique-ids", generate, &err), ERR_OK);
    generate.answered = true;
    assert_int_equal(take("unique-ids", generate, &err), ERR_INVALID);
}

static void a_list_is_no_single_value(void **state)
{
    (void)state;
    struct err err;
    struct int_list list = {0};
    struct model_op read = {OP_READ, true, .argument = OP_NIL, .result = OP_NIL, .list = &list};
    assert_int_equal(take("register", read, &err), ERR_INVALID);
    read.kind = OP_MEMBERS;
    assert_int_equal(take("set", read, &err), ERR_OK);
    read.list = NULL;
    assert_int_equal(take("set", read, &err), ERR_INVALID);
}

/* How many of two increments are certain to lead to integers of 64 bits. */
static size_t overflow(const char *model, int64_t initial, int64_t first, int64_t second)
{
    struct sum_range sums = sum_range_from(initial);
    struct model_op ops[] = {{OP_INCREMENT, .argument = first},
                             {OP_INCREMENT, .argument = second}};
    size_t fits = 0;
    while (fits < ARRAY_LEN(ops) && sum_range_add(&sums, model_find(model), &ops[fits]))
        fits++;
    return fits;
}

static void a_sum_that_may_leave_64_bits_is_found_whatever_the_order(void **state)
{
    (void)state;
    assert_int_equal(overflow("counter", OP_NIL, INT64_MAX, -INT64_MAX), 2);
    assert_int_equal(overflow("counter", 1, INT64_MAX, 0), 0);
    assert_int_equal(overflow("counter", 0, INT64_MAX, 1), 1);
    assert_int_equal(overflow("counter", -1, -5, -INT64_MAX), 1);
    assert_int_equal(overflow("counter", -1, -INT64_MAX, 5), 0); /* no integer: OP_NIL */
    assert_int_equal(overflow("log", 0, INT64_MAX, INT64_MAX), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_must_be_one_that_the_model_can_give),
        cmocka_unit_test(what_was_not_answered_has_no_result_to_be_refused),
        cmocka_unit_test(a_list_is_no_single_value),
        cmocka_unit_test(a_sum_that_may_leave_64_bits_is_found_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
