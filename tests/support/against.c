#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/against.h"
#include "tests/support/brute.h"

static bool complain(const struct problem *p, const char *what)
{
    brute_print(p);
    fprintf(stderr, "%s\n", what);
    return false;
}

static bool order_is_right(const struct problem *p, const struct finding *found)
{
    if (brute_accepts(p, found->order, found->order_count))
        return true;
    for (size_t i = 0; i < found->order_count; i++)
        fprintf(stderr, "%u ", found->order[i]);
    return complain(p, "is no order");
}

static bool proof_is_right(const struct problem *p, const struct finding *found)
{
    struct timed_op ops[BRUTE_OPS_MAX];
    if (!found->proof)
        return true;
    struct problem part = brute_part(p, found->proof, found->proof_count, ops);
    if (part.count != found->proof_count)
        return complain(p, "its proof names an operation twice");
    return !brute_possible(&part) || complain(p, "what it proves with is possible") ||
           complain(&part, "this is");
}

static bool judge(const struct problem *p, const struct finding *found, struct against *sum)
{
    sum->tried++;
    switch (found->value) {
    case FINDING_NOT_MINE: sum->not_mine++; return true;
    case FINDING_ORDER: sum->orders++; return order_is_right(p, found);
    case FINDING_NO_ORDER: break;
    default: return complain(p, "gave up");
    }
    sum->refusals++;
    sum->proof_ops += found->proof_count;
    sum->claims += found->claim != NULL;
    for (int i = 0; found->claim && i < ROLES_MAX; i++)
        if (found->claim && found->roles[i] >= p->count && found->roles[i] != UINT32_MAX)
            return complain(p, "a role is nobody's");
    if (brute_possible(p))
        return complain(p, "has an order");
    return proof_is_right(p, found);
}

bool against_one(algorithm decide, const struct problem *p, struct against *sum)
{
    struct arena work = {0}, keep = {0};
    struct budget budget = {.steps_left = UINT64_MAX};
    struct finding found = {0};
    struct err err;
    bool right = decide(p, &budget, &work, &keep, &found, &err) == ERR_OK;
    right = right ? judge(p, &found, sum) : complain(p, err.msg);
    arena_done(&work);
    arena_done(&keep);
    return right;
}

unsigned long against_count(unsigned long count)
{
    return getenv("FAULTLINE_LONG") ? 1000000 : count;
}

void against_saw_both(const struct against *sum, unsigned long part)
{
    assert_true(sum->orders > sum->tried / 10);
    assert_true(sum->refusals > sum->tried / part);
}

void against_print(const char *what, const struct against *sum)
{
    print_message("%s: %lu histories, %lu with an order, %lu without (%lu told why, %.1f "
                  "operations), %lu not decided\n",
                  what, sum->tried, sum->orders, sum->refusals, sum->claims,
                  sum->refusals ? (double)sum->proof_ops / (double)sum->refusals : 0.0,
                  sum->not_mine);
}

struct against against_brute(algorithm decide, const struct small_form *form,
                             unsigned long count)
{
    struct against sum = {0};
    struct small small;
    struct random_stream random = random_derive(1, form->model);
    while (sum.tried < against_count(count)) {
        small_make(form, &random, &small);
        /* Brute force knows what a start means: it need not be the one that was played. */
        if (random_below(&random, 10) == 0)
            small.problem.initial = (int64_t)random_below(&random, 3);
        if (!against_one(decide, &small.problem, &sum)) {
            fprintf(stderr, "history %lu of %s\n", sum.tried, form->model);
            fail();
        }
    }
    against_print(form->model, &sum);
    return sum;
}
