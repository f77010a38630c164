/* What a queue allows, one operation at a time. */
#include "tests/support/test.h"

#include "tests/support/played.h"

static bool enqueue(struct played *p, int64_t element)
{
    return played_puts(p, OP_ENQUEUE, element);
}

static bool dequeue(struct played *p, int64_t result)
{
    return played_answers(p, OP_DEQUEUE, result);
}

static bool peek(struct played *p, int64_t result)
{
    return played_answers(p, OP_PEEK, result);
}

static void the_first_in_is_the_first_out(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "queue", OP_NIL);
    assert_true(enqueue(&p, 5));
    assert_true(enqueue(&p, 3));
    assert_false(dequeue(&p, 3));
    assert_true(peek(&p, 5));
    assert_true(dequeue(&p, 5));
    assert_false(peek(&p, 5));
    assert_true(dequeue(&p, 3));
}

static void nothing_is_answered_only_by_an_empty_queue(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "queue", OP_NIL);
    assert_true(peek(&p, OP_NIL));
    assert_true(dequeue(&p, OP_NIL));
    assert_true(enqueue(&p, 5));
    assert_false(peek(&p, OP_NIL));
    assert_false(dequeue(&p, OP_NIL));
}

static void an_unanswered_dequeue_removes_what_is_first(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "queue", 7);
    assert_true(enqueue(&p, 5));
    assert_true(played_may(&p, OP_DEQUEUE));
    assert_true(peek(&p, 5));
    assert_true(played_may(&p, OP_DEQUEUE));
    assert_true(played_may(&p, OP_DEQUEUE));
    assert_int_equal(p.now.count, 0);
}

static void who_finds_nothing_only_looks(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "queue", OP_NIL);
    struct model_op op = {.kind = OP_DEQUEUE, .answered = true, .result = OP_NIL};
    assert_true(p.model->only_looks(&op));
    op.result = 5;
    assert_false(p.model->only_looks(&op));
    op = (struct model_op){.kind = OP_DEQUEUE, .result = OP_NIL};
    assert_false(p.model->only_looks(&op));
    op.kind = OP_PEEK;
    assert_true(p.model->only_looks(&op));
}

static void other_operations_are_none_of_its(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "queue", OP_NIL);
    assert_false(played_does(&p, (struct model_op){.kind = OP_PUSH, .answered = true}));
}

static void its_state_is_told_first_one_first(void **state)
{
    (void)state;
    char text[32], small[4];
    struct played p;
    played_begin(&p, "queue", OP_NIL);
    assert_string_equal(p.model->describe(&p.now, text, sizeof text), "[]");
    assert_true(enqueue(&p, 4));
    assert_true(enqueue(&p, -3));
    assert_string_equal(p.model->describe(&p.now, text, sizeof text), "[4 -3]");
    assert_string_equal(p.model->describe(&p.now, small, sizeof small), "[4 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_in_is_the_first_out),
        cmocka_unit_test(nothing_is_answered_only_by_an_empty_queue),
        cmocka_unit_test(an_unanswered_dequeue_removes_what_is_first),
        cmocka_unit_test(who_finds_nothing_only_looks),
        cmocka_unit_test(other_operations_are_none_of_its),
        cmocka_unit_test(its_state_is_told_first_one_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
