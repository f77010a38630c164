/* What a queue allows, one operation at a time. */
#include "tests/support/test.h"

#include "checker/model.h"

struct played {
    int64_t words[2][16];
    struct model_state now, next;
    const struct model_ops *model;
};

static struct played start(int64_t initial)
{
    struct played p = {.model = model_find("queue")};
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

static bool enqueue(struct played *p, int64_t element)
{
    return step(p,
                (struct model_op){.kind = OP_ENQUEUE, .answered = true, .argument = element});
}

static bool dequeue(struct played *p, int64_t result)
{
    return step(p, (struct model_op){.kind = OP_DEQUEUE, .answered = true, .result = result});
}

static bool peek(struct played *p, int64_t result)
{
    return step(p, (struct model_op){.kind = OP_PEEK, .answered = true, .result = result});
}

static void the_first_in_is_the_first_out(void **state)
{
    (void)state;
    struct played p = start(OP_NIL);
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
    struct played p = start(OP_NIL);
    assert_true(peek(&p, OP_NIL));
    assert_true(dequeue(&p, OP_NIL));
    assert_true(enqueue(&p, 5));
    assert_false(peek(&p, OP_NIL));
    assert_false(dequeue(&p, OP_NIL));
}

static void an_unanswered_dequeue_removes_what_is_first(void **state)
{
    (void)state;
    struct played p = start(7);
    assert_true(enqueue(&p, 5));
    assert_true(step(&p, (struct model_op){.kind = OP_DEQUEUE, .result = OP_NIL}));
    assert_true(peek(&p, 5));
    assert_true(step(&p, (struct model_op){.kind = OP_DEQUEUE, .result = OP_NIL}));
    assert_true(step(&p, (struct model_op){.kind = OP_DEQUEUE, .result = OP_NIL}));
    assert_int_equal(p.now.count, 0);
}

static void who_finds_nothing_only_looks(void **state)
{
    (void)state;
    struct played p = start(OP_NIL);
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
    struct played p = start(OP_NIL);
    assert_false(step(&p, (struct model_op){.kind = OP_PUSH, .answered = true}));
    struct model_op again = {.kind = OP_ENQUEUE, .answered = true, .argument = 1};
    assert_false(p.model->step(&p.now, &again, 1, &p.next));
}

static void its_state_is_told_first_one_first(void **state)
{
    (void)state;
    char text[32], small[4];
    struct played p = start(OP_NIL);
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
