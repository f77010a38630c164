/* Zones and brute force judge the same small histories and must agree; what zones
 * shows must prove what it says. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "checker/algorithms/zones.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

/* --- judging one history --- */

static struct finding decide(const struct problem *p, struct arena *arena)
{
    struct budget budget = {.steps_left = UINT64_MAX};
    struct finding found;
    struct err err;
    assert_int_equal(zones_decide(p, &budget, arena, arena, &found, &err), ERR_OK);
    return found;
}

static int64_t initial_of(const struct problem *p)
{
    int64_t word;
    struct model_state state = {&word, 0};
    p->model->init(p->initial, &state);
    return word;
}

/* Everything that an operation of `p` saw was written by one of them, or there at the
 * start; or nobody wrote it in `whole` either. */
static bool nothing_is_missing(const struct problem *p, const struct problem *whole)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct model_op *op = &p->ops[i].op;
        bool looks = op->kind == OP_READ || (op->kind == OP_RMW && op->answered) ||
                     (op->kind == OP_CAS && (!op->refused || op->result != OP_NIL));
        int64_t seen = op->kind == OP_CAS && !op->refused ? op->expected : op->result;
        bool found = !looks || seen == initial_of(p), exists = false;
        for (size_t k = 0; k < p->count; k++)
            found |= !p->ops[k].op.refused && p->ops[k].op.argument == seen;
        for (size_t k = 0; k < whole->count; k++)
            exists |= !whole->ops[k].op.refused && whole->ops[k].op.argument == seen;
        if (!found && exists)
            return false;
    }
    return true;
}

static bool proves(const struct problem *p, const struct finding *f)
{
    struct timed_op ops[BRUTE_OPS_MAX];
    if (!f->proof || f->proof_count > p->count || !f->claim)
        return false;
    struct problem part = brute_part(p, f->proof, f->proof_count, ops);
    return part.count == f->proof_count && nothing_is_missing(&part, p) &&
           !brute_possible(&part);
}

static bool is_right(const struct problem *p, const struct finding *f)
{
    switch (f->value) {
    case FINDING_NOT_MINE: return true;
    case FINDING_ORDER: return brute_accepts(p, f->order, f->order_count);
    case FINDING_NO_ORDER: return !brute_possible(p) && proves(p, f);
    case FINDING_GAVE_UP: break;
    }
    return false;
}

/* --- random histories --- */

struct tally {
    unsigned count[FINDING_GAVE_UP + 1];
};

/* Not every refused CAS is told what it found. */
static void forget_some(struct small *s, struct random_stream *random)
{
    for (size_t i = 0; i < s->problem.count; i++)
        if (s->ops[i].op.refused && random_below(random, 2) == 0)
            s->ops[i].op.result = OP_NIL;
}

static void spread_word(int64_t *word)
{
    if (*word != OP_NIL)
        *word = (int64_t)((uint64_t)*word * UINT64_C(0x9e3779b97f4a7c15));
}

/* The same history with values that lie far apart. */
static void spread(struct small *s)
{
    for (size_t i = 0; i < s->problem.count; i++) {
        spread_word(&s->ops[i].op.argument);
        spread_word(&s->ops[i].op.expected);
        spread_word(&s->ops[i].op.result);
    }
}

static void judge(const struct small_form *form, struct random_stream *random, struct tally *t)
{
    struct small s;
    struct arena arena = {0};
    small_make(form, random, &s);
    forget_some(&s, random);
    if (random_below(random, 2) == 0)
        spread(&s);
    struct finding found = decide(&s.problem, &arena);
    t->count[found.value]++;
    if (!is_right(&s.problem, &found)) {
        brute_print(&s.problem);
        fail_msg("zones says %d, %s", (int)found.value, found.claim ? found.claim : "");
    }
    arena_done(&arena);
}

static void judge_many(const char *name, const struct small_form *form)
{
    if (!model_find(form->model))
        return;
    unsigned histories = getenv("FAULTLINE_LONG") ? 1000000 : 50000;
    struct random_stream random = random_derive(1, name);
    struct tally t = {0};
    for (unsigned i = 0; i < histories; i++)
        judge(form, &random, &t);
    print_message("%s: %u histories, %u with an order, %u without, %u not for zones\n", name,
                  histories, t.count[FINDING_ORDER], t.count[FINDING_NO_ORDER],
                  t.count[FINDING_NOT_MINE]);
    assert_true(t.count[FINDING_ORDER] > histories / 20);
    assert_true(t.count[FINDING_NO_ORDER] > histories / 20);
}

static void reads_and_writes_are_judged_as_by_brute_force(void **state)
{
    (void)state;
    judge_many("register", &(struct small_form){.model = "cas-register",
                                                .kinds = 1 << OP_READ | 1 << OP_WRITE,
                                                .ops = 12,
                                                .processes = 5,
                                                .values = 3,
                                                .distinct = true,
                                                .unanswered_ppm = 150000,
                                                .changed_ppm = 600000});
}

static void cas_registers_are_judged_as_by_brute_force(void **state)
{
    (void)state;
    judge_many("cas-register", &(struct small_form){.model = "cas-register",
                                                    .ops = 10,
                                                    .processes = 4,
                                                    .values = 3,
                                                    .distinct = true,
                                                    .unanswered_ppm = 150000,
                                                    .changed_ppm = 600000});
}

static void refused_cas_are_judged_as_by_brute_force(void **state)
{
    (void)state;
    judge_many("refused", &(struct small_form){.model = "cas-register",
                                               .ops = 10,
                                               .processes = 5,
                                               .values = 3,
                                               .distinct = true,
                                               .refused = true,
                                               .unanswered_ppm = 100000,
                                               .changed_ppm = 600000});
}

static void values_that_repeat_are_never_judged_wrong(void **state)
{
    (void)state;
    judge_many("repeated", &(struct small_form){.model = "cas-register",
                                                .ops = 6,
                                                .processes = 3,
                                                .values = 8,
                                                .unanswered_ppm = 300000,
                                                .changed_ppm = 600000});
}

static void read_modify_writes_are_judged_as_by_brute_force(void **state)
{
    (void)state;
    judge_many("rmw", &(struct small_form){.model = "rmw",
                                           .ops = 10,
                                           .processes = 4,
                                           .values = 3,
                                           .distinct = true,
                                           .distinct_from = 1,
                                           .unanswered_ppm = 100000,
                                           .changed_ppm = 600000});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_are_judged_as_by_brute_force),
        cmocka_unit_test(cas_registers_are_judged_as_by_brute_force),
        cmocka_unit_test(refused_cas_are_judged_as_by_brute_force),
        cmocka_unit_test(values_that_repeat_are_never_judged_wrong),
        cmocka_unit_test(read_modify_writes_are_judged_as_by_brute_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
