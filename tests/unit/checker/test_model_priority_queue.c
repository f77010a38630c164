/* What a priority queue allows, one operation at a time. */
#include "tests/support/test.h"

#include "tests/support/played.h"

static bool insert(struct played *p, int64_t element)
{
    return played_puts(p, OP_INSERT, element);
}

static bool poll(struct played *p, int64_t result)
{
    return played_answers(p, OP_POLL, result);
}

static bool peek(struct played *p, int64_t result)
{
    return played_answers(p, OP_PEEK, result);
}

static void the_greatest_is_the_first_out(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "priority-queue", OP_NIL);
    assert_true(insert(&p, 3));
    assert_true(insert(&p, 5));
    assert_true(insert(&p, -4));
    assert_false(poll(&p, 3));
    assert_true(peek(&p, 5));
    assert_true(poll(&p, 5));
    assert_true(poll(&p, 3));
    assert_true(poll(&p, -4));
    assert_true(poll(&p, OP_NIL));
}

static void equal_elements_are_there_together(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "priority-queue", 2);
    assert_true(insert(&p, 2));
    assert_true(poll(&p, 2));
    assert_false(peek(&p, OP_NIL));
    assert_true(poll(&p, 2));
    assert_true(peek(&p, OP_NIL));
}

static void equal_states_are_equal_words(void **state)
{
    (void)state;
    struct played p, q;
    played_begin(&p, "priority-queue", OP_NIL);
    played_begin(&q, "priority-queue", OP_NIL);
    assert_true(insert(&p, 1) && insert(&p, 9) && insert(&p, 4));
    assert_true(insert(&q, 9) && insert(&q, 4) && insert(&q, 1));
    assert_int_equal(p.now.count, q.now.count);
    assert_memory_equal(p.now.words, q.now.words, p.now.count * sizeof(int64_t));
}

static void an_unanswered_poll_removes_the_greatest(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "priority-queue", 7);
    assert_true(insert(&p, 5));
    assert_true(played_may(&p, OP_POLL));
    assert_true(peek(&p, 5));
    assert_true(played_may(&p, OP_POLL));
    assert_true(played_may(&p, OP_POLL));
    assert_int_equal(p.now.count, 0);
}

static void who_finds_nothing_only_looks(void **state)
{
    (void)state;
    struct played p;
    played_begin(&p, "priority-queue", OP_NIL);
    struct model_op op = {.kind = OP_POLL, .answered = true, .result = OP_NIL};
    assert_true(p.model->only_looks(&op));
    op.answered = false;
    assert_false(p.model->only_looks(&op));
    op.kind = OP_PEEK;
    assert_true(p.model->only_looks(&op));
    assert_false(played_does(&p, (struct model_op){.kind = OP_DEQUEUE, .answered = true}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greatest_is_the_first_out),
        cmocka_unit_test(equal_elements_are_there_together),
        cmocka_unit_test(equal_states_are_equal_words),
        cmocka_unit_test(an_unanswered_poll_removes_the_greatest),
        cmocka_unit_test(who_finds_nothing_only_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
