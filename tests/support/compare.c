#include "tests/support/test.h"

#include "tests/support/compare.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/brute.h"

struct judged {
    const struct problem *p;
    const struct finding *finding;
    struct compared *sum;
};

static void check(const struct judged *j, bool right, const char *what)
{
    if (right)
        return;
    brute_print(j->p);
    for (size_t i = 0; i < j->finding->order_count; i++)
        fprintf(stderr, "order %u\n", j->finding->order[i]);
    for (size_t i = 0; i < j->finding->proof_count; i++)
        fprintf(stderr, "proof %u\n", j->finding->proof[i]);
    fail_msg("%s", what);
}

static void judge_proof(const struct judged *j)
{
    const struct finding *f = j->finding;
    struct timed_op ops[SMALL_OPS_MAX];
    uint32_t kept[2 * SMALL_OPS_MAX];
    size_t count = 0;
    for (; count < f->proof_count; count++) {
        check(j, f->proof[count] < j->p->count, "the proof names nobody");
        kept[count] = f->proof[count];
    }
    struct problem part = brute_part(j->p, kept, count, ops);
    check(j, part.count == f->proof_count, "the proof names somebody twice");
    check(j, !brute_possible(&part), "the proof alone has an order");
    for (uint32_t i = 0; i < j->p->count; i++)
        if (!j->p->ops[i].op.answered)
            kept[count++] = i;
    part = brute_part(j->p, kept, count, ops);
    check(j, !brute_possible(&part), "the proof has an order with those unanswered");
}

static void judge_order(const struct judged *j)
{
    const struct finding *f = j->finding;
    check(j, brute_accepts(j->p, f->order, f->order_count), "the order is none");
}

static void judge_no_order(const struct judged *j)
{
    check(j, !brute_possible(j->p), "there is an order");
    if (j->finding->proof)
        judge_proof(j);
    else
        j->sum->bare++;
}

static void judge(const struct judged *j, bool as_played)
{
    j->sum->histories++;
    switch (j->finding->value) {
    case FINDING_ORDER:
        j->sum->orders++;
        judge_order(j);
        break;
    case FINDING_NO_ORDER:
        j->sum->no_orders++;
        check(j, !as_played, "it was played in an order");
        judge_no_order(j);
        break;
    case FINDING_NOT_MINE: j->sum->not_mine++; break;
    case FINDING_GAVE_UP: check(j, false, "it gave up"); break;
    }
}

static void compare(const struct compare *c, const char *stream, uint64_t count, bool as_played,
                    struct compared *sum)
{
    struct random_stream random = random_derive(1, stream);
    struct small small;
    struct err err;
    for (uint64_t i = 0; i < count; i++) {
        struct arena work = {0}, keep = {0};
        struct budget budget = {.steps_left = UINT64_MAX};
        struct finding finding;
        small_make(&c->form, &random, &small);
        if (c->change)
            c->change(&small, &random);
        enum err_code code = c->decide(&small.problem, &budget, &work, &keep, &finding, &err);
        assert_int_equal(code, ERR_OK);
        judge(&(struct judged){.p = &small.problem, .finding = &finding, .sum = sum},
              as_played);
        arena_done(&work);
        arena_done(&keep);
    }
}

void compare_with_brute(const struct compare *c, const char *stream, uint64_t count,
                        struct compared *sum)
{
    compare(c, stream, count, false, sum);
}

void compare_with_play(const struct compare *c, const char *stream, uint64_t count,
                       struct compared *sum)
{
    assert_true(c->form.changed_ppm == 0 && !c->change);
    compare(c, stream, count, true, sum);
}

uint64_t compare_count(uint64_t count, uint64_t full)
{
    const char *wanted = getenv("FAULTLINE_LONG");
    return wanted && wanted[0] == '1' ? full : count;
}

void compare_print(const char *name, const struct compared *sum)
{
    printf("%s: %llu histories, %llu with an order, %llu without (%llu bare), %llu not mine\n",
           name, (unsigned long long)sum->histories, (unsigned long long)sum->orders,
           (unsigned long long)sum->no_orders, (unsigned long long)sum->bare,
           (unsigned long long)sum->not_mine);
}
