#include "tests/support/test.h"

#include "tests/support/played.h"

void played_begin(struct played *p, const char *model, int64_t initial)
{
    *p = (struct played){.model = model_find(model)};
    p->now.words = p->words[0];
    p->next.words = p->words[1];
    p->model->init(initial, &p->now);
}

bool played_does(struct played *p, struct model_op op)
{
    if (!p->model->step(&p->now, &op, 0, &p->next))
        return false;
    assert_false(p->model->step(&p->now, &op, 1, &p->next)); /* one way only */
    assert_true(p->model->step(&p->now, &op, 0, &p->next));
    if (p->model->only_looks(&op)) {
        assert_int_equal(p->next.count, p->now.count);
        assert_memory_equal(p->next.words, p->now.words, p->now.count * sizeof(int64_t));
    }
    struct model_state old = p->now;
    p->now = p->next;
    p->next = old;
    return true;
}

bool played_puts(struct played *p, enum op_kind kind, int64_t argument)
{
    return played_does(
        p, (struct model_op){
               .kind = kind, .answered = true, .argument = argument, .result = OP_NIL});
}

bool played_answers(struct played *p, enum op_kind kind, int64_t result)
{
    return played_does(p, (struct model_op){.kind = kind, .answered = true, .result = result});
}

bool played_may(struct played *p, enum op_kind kind)
{
    return played_does(p, (struct model_op){.kind = kind, .result = OP_NIL});
}
