/* What a priority queue allows, one operation at a time. */
#include "tests/support/test.h"

#include "checker/model.h"

struct played {
    int64_t words[2][16];
    struct model_state now, next;
    const struct model_ops *model;
};

static struct played start(int64_t initial)
{
    struct played p = {.model = model_find("priority-queue")};
    assert_non_null(p.model);
    p.now.words = p.words[0];
    p.model->init(initial, &p.now);
    return p;
}

static bool step(struct played *p, struct model_op op)
{
    p->now.words = p->words[0];
    p->next.words = p->words[1];
    if (!p->model->step(&p->now, &op, 0, &p->next))
        return false;
    for (uint32_t i = 0; i < p->next.count; i++)
        p->words[0][i] = p->words[1][i];
    p->now.count = p->next.count;
    return true;
}

static bool insert(struct played *p, int64_t element)
{
    return step(p, (struct model_op){.kind = OP_INSERT, .answered = true, .argument = element});
}

static bool poll(struct played *p, int64_t result)
{
    return step(p, (struct model_op){.kind = OP_POLL, .answered = true, .result = result});
}

static bool peek(struct played *p, int64_t result)
{
    return step(p, (struct model_op){.kind = OP_PEEK, .answered = true, .result = result});
}

static void the_greatest_is_the_first_out(void **state)
{
    (void)state;
    struct played p = start(OP_NIL);
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
    struct played p = start(2);
    assert_true(insert(&p, 2));
    assert_true(poll(&p, 2));
    assert_false(peek(&p, OP_NIL));
    assert_true(poll(&p, 2));
    assert_true(peek(&p, OP_NIL));
}

static void equal_states_are_equal_words(void **state)
{
    (void)state;
    struct played p = start(OP_NIL), q = start(OP_NIL);
    assert_true(insert(&p, 1) && insert(&p, 9) && insert(&p, 4));
    assert_true(insert(&q, 9) && insert(&q, 4) && insert(&q, 1));
    assert_int_equal(p.now.count, q.now.count);
    assert_memory_equal(p.words[0], q.words[0], p.now.count * sizeof(int64_t));
}

static void an_unanswered_poll_removes_the_greatest(void **state)
{
    (void)state;
    struct played p = start(7);
    assert_true(insert(&p, 5));
    assert_true(step(&p, (struct model_op){.kind = OP_POLL, .result = OP_NIL}));
    assert_true(peek(&p, 5));
    assert_true(step(&p, (struct model_op){.kind = OP_POLL, .result = OP_NIL}));
    assert_true(step(&p, (struct model_op){.kind = OP_POLL, .result = OP_NIL}));
    assert_int_equal(p.now.count, 0);
}

static void who_finds_nothing_only_looks(void **state)
{
    (void)state;
    struct played p = start(OP_NIL);
    struct model_op op = {.kind = OP_POLL, .answered = true, .result = OP_NIL};
    assert_true(p.model->only_looks(&op));
    op.answered = false;
    assert_false(p.model->only_looks(&op));
    op.kind = OP_PEEK;
    assert_true(p.model->only_looks(&op));
    assert_false(step(&p, (struct model_op){.kind = OP_DEQUEUE, .answered = true}));
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
