#include "tests/support/test.h"

#include <stdio.h>

#include "tests/support/queues.h"

/* --- by hand --- */

static bool is_put(enum op_kind kind)
{
    return kind == OP_ENQUEUE || kind == OP_INSERT;
}

const struct timed_op *queues_op(enum op_kind kind, int64_t value, int64_t from, int64_t to)
{
    static struct timed_op made[16];
    static size_t next;
    struct timed_op *o = &made[next++ % 16];
    *o = (struct timed_op){.op = {.kind = kind,
                                  .answered = to != INT64_MAX,
                                  .argument = is_put(kind) ? value : OP_NIL,
                                  .expected = OP_NIL,
                                  .result = is_put(kind) ? OP_NIL : value},
                           .called_at_ns = from,
                           .returned_at_ns = to};
    return o;
}

struct queues_decided queues_decide(const struct queues_subject *s,
                                    const struct timed_op *const *ops, size_t count,
                                    int64_t initial)
{
    struct queues_decided d = {0};
    struct timed_op list[16];
    struct budget budget = {.steps_left = UINT64_MAX};
    struct err err;
    for (size_t i = 0; i < count; i++)
        list[i] = *ops[i];
    struct problem p = {
        .model = model_find(s->model), .initial = initial, .ops = list, .count = count};
    assert_int_equal(s->decide(&p, &budget, &d.work, &d.keep, &d.finding, &err), ERR_OK);
    return d;
}

void queues_forget(struct queues_decided *d)
{
    arena_done(&d->work);
    arena_done(&d->keep);
}

void queues_expect(struct queues_decided d, enum finding_value value, size_t proof_count)
{
    assert_int_equal(d.finding.value, value);
    assert_int_equal(d.finding.proof_count, proof_count);
    queues_forget(&d);
}

static bool is_never(void *user)
{
    (void)user;
    return true;
}

void queues_spend(const struct queues_subject *s, const struct timed_op *ops, size_t count)
{
    struct problem p = {
        .model = model_find(s->model), .initial = OP_NIL, .ops = ops, .count = count};
    for (uint64_t steps = 0;; steps++) {
        struct budget budget = {.steps_left = steps, .expired = is_never};
        struct arena work = {0}, keep = {0};
        struct finding finding;
        struct err err;
        assert_int_equal(s->decide(&p, &budget, &work, &keep, &finding, &err), ERR_OK);
        arena_done(&work);
        arena_done(&keep);
        if (finding.value == FINDING_ORDER)
            break;
        assert_int_equal(finding.value, FINDING_GAVE_UP);
        assert_non_null(finding.why);
    }
}

void queues_starve(const struct queues_subject *s, const struct timed_op *ops, size_t count)
{
    struct problem p = {
        .model = model_find(s->model), .initial = OP_NIL, .ops = ops, .count = count};
    for (size_t limit = 1;; limit += 16) {
        struct budget budget = {.steps_left = UINT64_MAX};
        struct arena work = {.limit_bytes = limit}, keep = {.limit_bytes = limit};
        struct finding finding;
        struct err err;
        enum err_code code = s->decide(&p, &budget, &work, &keep, &finding, &err);
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
    if (is_put(b->op.kind) || !b->op.answered)
        return;
    a->op.result = b->op.result;
    b->op.result = result;
}

static void lose_answer(struct timed_op *o)
{
    o->op.answered = false;
    o->op.result = OP_NIL;
    o->returned_at_ns = INT64_MAX;
}

/* What small_make seldom does: nothing found where there is something, answers that were
 * lost or exchanged, and a value of which nobody tells who took it. */
static void change(struct small *small, struct random_stream *random)
{
    if (small->problem.count == 0)
        return;
    size_t at = (size_t)random_below(random, small->problem.count);
    struct timed_op *o = &small->ops[at];
    if (is_put(o->op.kind) || !o->op.answered)
        return;
    switch (random_below(random, 8)) {
    case 0: o->op.result = OP_NIL; break;
    case 1: swap_results(o, &small->ops[random_below(random, small->problem.count)]); break;
    case 2: drop(small, at); break;
    case 3:
        if (o->op.kind != OP_PEEK)
            lose_answer(o);
        break;
    default: break;
    }
}

/* Half of those who took something out are not told. */
static void lose(struct small *small, struct random_stream *random)
{
    for (size_t i = 0; i < small->problem.count; i++) {
        struct timed_op *o = &small->ops[i];
        bool takes = !is_put(o->op.kind) && o->op.kind != OP_PEEK;
        if (takes && o->op.answered && random_below(random, 2) == 0)
            lose_answer(o);
    }
    change(small, random);
}

static const struct small_form forms[] = {
    {.ops = 6, .processes = 2, .changed_ppm = 500000},
    {.ops = 10, .processes = 3, .changed_ppm = 500000},
    {.ops = 12, .processes = 4, .changed_ppm = 700000},
    {.ops = 10, .processes = 3, .changed_ppm = 500000, .unanswered_ppm = 200000},
    {.ops = 10, .processes = 4, .changed_ppm = 300000, .unanswered_ppm = 400000},
    {.ops = 12, .processes = 3, .changed_ppm = 300000, .unanswered_ppm = 300000},
    {.ops = 12, .processes = 6, .changed_ppm = 300000, .unanswered_ppm = 300000},
    {.ops = 12, .processes = 4, .changed_ppm = 500000, .unanswered_ppm = 200000},
    {.ops = 12, .processes = 6, .changed_ppm = 300000, .unanswered_ppm = 400000},
    {.ops = 14, .processes = 4, .changed_ppm = 500000, .unanswered_ppm = 300000},
    {.ops = 8, .processes = 8, .changed_ppm = 300000, .unanswered_ppm = 200000},
    /* from here on, see lose() */
    {.ops = 10, .processes = 4, .changed_ppm = 500000},
    {.ops = 13, .processes = 4, .changed_ppm = 500000},
    {.ops = 12, .processes = 8, .changed_ppm = 500000},
};

/* Where the forms without peeks are, and how many that lose are last. */
enum { FORMS = sizeof forms / sizeof *forms, PEEKLESS = 7, PEEKLESS_END = 9, LOSING = 3 };

/* Form `i` of the subject. */
static struct compare compare_of(const struct queues_subject *s, size_t i)
{
    struct compare c = {.decide = s->decide, .form = forms[i]};
    c.change = i < FORMS - LOSING ? change : lose;
    c.form.model = s->model;
    c.form.shuffled = s->shuffled;
    c.form.distinct = true;
    c.form.values = 1;
    if (i >= PEEKLESS && i < PEEKLESS_END)
        c.form.kinds = UINT64_C(1) << s->put | UINT64_C(1) << s->take;
    return c;
}

void queues_compare(const struct queues_subject *s, uint64_t count, uint64_t full)
{
    struct compared sum = {0};
    for (size_t i = 0; i < FORMS; i++) {
        struct compare c = compare_of(s, i);
        struct compared one = {0};
        char stream[32];
        snprintf(stream, sizeof stream, "%s %c", s->model, (char)('a' + i));
        compare_with_brute(&c, stream, compare_count(count, full) / FORMS, &one);
        compare_print(stream, &one);
        sum.histories += one.histories;
        sum.not_mine += one.not_mine;
    }
    /* Only where two values that were peeked at are lost together. */
    assert_true(sum.not_mine * 1000 <= sum.histories);
}

void queues_play(const struct queues_subject *s)
{
    struct compared sum = {0};
    struct compare c = {.decide = s->decide,
                        .form = {.model = s->model,
                                 .distinct = true,
                                 .shuffled = s->shuffled,
                                 .values = 1,
                                 .ops = SMALL_OPS_MAX}};
    for (unsigned unanswered_ppm = 0; unanswered_ppm <= 400000; unanswered_ppm += 100000)
        for (c.form.processes = 2; c.form.processes <= 8; c.form.processes += 3) {
            c.form.unanswered_ppm = unanswered_ppm;
            compare_with_play(&c, s->model, compare_count(500, 20000), &sum);
        }
    compare_print(s->model, &sum);
    assert_true(sum.not_mine * 1000 <= sum.histories);
}
