/* What the portfolio decides is what brute force says, for every model; and it believes
 * nobody. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "checker/algorithms/search.h"
#include "checker/part.h"
#include "checker/portfolio.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

enum { OPS_MAX = 9, ROUNDS = 1500 };

static unsigned rounds(void)
{
    const char *is_long = getenv("FAULTLINE_LONG");
    return is_long && strcmp(is_long, "1") == 0 ? 1000000 : ROUNDS;
}

static void print_and_fail(const struct problem *p, unsigned round, const char *what)
{
    brute_print(p);
    fail_msg("round %u: %s", round, what);
}

/* Its verdict, its order and its proof. */
static void judge(const struct problem *p, unsigned round, unsigned *possible)
{
    struct budget budget = {.steps_left = UINT64_MAX};
    struct arena keep = {0};
    struct decision d;
    portfolio_decide(p, &budget, &keep, &d);
    const struct finding *f = &d.finding;
    bool expected = brute_possible(p);
    if (d.is_our_fault)
        print_and_fail(p, round, f->why);
    if (f->value != (expected ? FINDING_ORDER : FINDING_NO_ORDER))
        print_and_fail(p, round, expected ? "it has an order" : "it has none");
    if (expected && !brute_accepts(p, f->order, f->order_count))
        print_and_fail(p, round, "that is no order");
    if (!expected && f->proof) {
        struct timed_op ops[OPS_MAX];
        struct problem part = brute_part(p, f->proof, f->proof_count, ops);
        if (brute_possible(&part))
            print_and_fail(p, round, "that is no proof");
    }
    *possible += expected;
    arena_done(&keep);
}

static void portfolio_and_brute_force_agree_on_every_model(void **state)
{
    (void)state;
    struct catalogue models = model_catalogue();
    for (const struct plugin *const *m = models.all; *m; m++) {
        struct random_stream random = random_derive(21, (*m)->name);
        struct small_form form = {.model = (*m)->name,
                                  .ops = OPS_MAX,
                                  .processes = 4,
                                  .values = 3,
                                  .unanswered_ppm = 150000,
                                  .changed_ppm = 600000};
        unsigned possible = 0, all = rounds();
        for (unsigned round = 0; round < all; round++) {
            static struct small small;
            form.distinct = round % 2 == 0;
            form.refused = round % 3 == 0;
            small_make(&form, &random, &small);
            judge(&small.problem, round, &possible);
        }
        print_message("%s: %u of %u possible\n", (*m)->name, possible, all);
    }
}

/* --- those who lie --- */

static struct timed_op an_op(enum op_kind kind, int64_t value, int64_t from, int64_t to)
{
    bool reads = kind == OP_READ;
    return (struct timed_op){.op = {.kind = kind,
                                    .answered = true,
                                    .argument = reads ? OP_NIL : value,
                                    .expected = OP_NIL,
                                    .result = reads ? value : OP_NIL},
                             .called_at_ns = from,
                             .returned_at_ns = to};
}

static enum err_code says_backwards(const struct problem *p, struct budget *budget,
                                    struct arena *work, struct arena *keep, struct finding *out,
                                    struct err *err)
{
    (void)budget, (void)work, (void)err;
    *out = (struct finding){.value = FINDING_ORDER, .order_count = p->count};
    out->order = arena_array(keep, p->count, sizeof *out->order);
    for (uint32_t i = 0; i < p->count; i++)
        out->order[i] = (uint32_t)p->count - 1 - i;
    return ERR_OK;
}

static enum err_code accuses_the_first(const struct problem *p, struct budget *budget,
                                       struct arena *work, struct arena *keep,
                                       struct finding *out, struct err *err)
{
    (void)p, (void)budget, (void)work, (void)err;
    *out = (struct finding){.value = FINDING_NO_ORDER, .proof_count = 1};
    out->proof = arena_alloc(keep, sizeof *out->proof);
    return ERR_OK;
}

static enum err_code has_no_memory(const struct problem *p, struct budget *budget,
                                   struct arena *work, struct arena *keep, struct finding *out,
                                   struct err *err)
{
    (void)p, (void)budget, (void)work, (void)keep, (void)out;
    return err_set(err, ERR_NOMEM, "no memory");
}

static enum err_code never_ends(const struct problem *p, struct budget *budget,
                                struct arena *work, struct arena *keep, struct finding *out,
                                struct err *err)
{
    (void)p, (void)work, (void)keep, (void)err;
    while (budget_spend(budget, 1))
        ;
    *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
    return ERR_OK;
}

static const struct timed_op two_writes[] = {
    {{OP_WRITE, true, false, 1, OP_NIL, OP_NIL, NULL}, 0, 10, 0, 0},
    {{OP_WRITE, true, false, 2, OP_NIL, OP_NIL, NULL}, 20, 30, 1, 0},
};

static struct decision ask(const struct contender *who, size_t count, uint64_t steps,
                           struct arena *keep)
{
    struct problem p = {model_find("cas-register"), OP_NIL, two_writes, 2};
    struct budget budget = {.steps_left = steps};
    struct decision d;
    portfolio_ask(who, count, &p, &budget, keep, &d);
    return d;
}

static const struct contender search = {"search", search_decide, false};

static void a_wrong_order_is_not_believed(void **state)
{
    (void)state;
    struct arena keep = {0};
    const struct contender who[] = {{"liar", says_backwards, true}, search};
    struct decision d = ask(who, 2, UINT64_MAX, &keep);
    assert_int_equal(d.finding.value, FINDING_GAVE_UP);
    assert_true(d.is_our_fault);
    assert_string_equal(d.finding.why,
                        "a fault of the checker: the order of 'liar' is wrong: it puts an "
                        "operation before one that had returned by its call");
    arena_done(&keep);
}

static void a_wrong_proof_is_not_believed(void **state)
{
    (void)state;
    struct arena keep = {0};
    const struct contender who[] = {{"liar", accuses_the_first, true}, search};
    struct decision d = ask(who, 2, UINT64_MAX, &keep);
    assert_int_equal(d.finding.value, FINDING_GAVE_UP);
    assert_true(d.is_our_fault);
    assert_string_equal(d.finding.why, "a fault of the checker: the proof of 'liar' is wrong");
    arena_done(&keep);
}

static void who_has_no_memory_leaves_it_to_the_others(void **state)
{
    (void)state;
    struct arena keep = {0};
    const struct contender who[] = {
        {"poor", has_no_memory, true}, {"poor, too", has_no_memory, false}, search};
    struct decision d = ask(who, 3, UINT64_MAX, &keep);
    assert_int_equal(d.finding.value, FINDING_ORDER);
    assert_string_equal(d.by, "search");
    d = ask(who, 2, UINT64_MAX, &keep);
    assert_int_equal(d.finding.value, FINDING_GAVE_UP);
    assert_string_equal(d.finding.why, NO_MEMORY_LEFT);
    assert_false(d.is_our_fault);
    assert_null(d.by);
    arena_done(&keep);
}

static void who_does_not_end_cannot_hold_up_the_others(void **state)
{
    (void)state;
    struct arena keep = {0};
    const struct contender who[] = {{"slow", never_ends, false}, search};
    struct decision d = ask(who, 2, UINT64_MAX, &keep);
    assert_int_equal(d.finding.value, FINDING_ORDER);
    assert_string_equal(d.by, "search");
    assert_string_equal(d.spent[0].algorithm, "slow");
    assert_in_range(d.spent[0].steps, 1000, 20000);
    d = ask(who, 1, 100000, &keep);
    assert_int_equal(d.finding.value, FINDING_GAVE_UP);
    assert_string_equal(d.finding.why, "its budget of steps was used up");
    assert_in_range(d.spent[0].steps, 99000, 100000);
    arena_done(&keep);
}

/* --- limits --- */

enum { CROWD = 24 };

/* Writes that all overlap, then two reads that cannot both be right: of a model that
 * only the search knows. */
static struct problem a_crowd(struct timed_op *ops)
{
    for (int64_t i = 0; i < CROWD; i++)
        ops[i] = an_op(OP_WRITE, i % 5, 0, 100);
    ops[CROWD] = an_op(OP_READ, 3, 101, 102);
    ops[CROWD + 1] = an_op(OP_READ, 4, 103, 104);
    return (struct problem){model_find("cas-register"), OP_NIL, ops, CROWD + 2};
}

static bool at_once(void *user)
{
    (void)user;
    return true;
}

static void out_of_steps_time_or_memory_nothing_is_decided(void **state)
{
    (void)state;
    struct timed_op ops[CROWD + 2];
    struct problem p = a_crowd(ops);
    struct arena keep = {0};
    struct decision d;
    struct budget budget = {.steps_left = 1000};
    portfolio_ask(&search, 1, &p, &budget, &keep, &d);
    assert_int_equal(d.finding.value, FINDING_GAVE_UP);
    assert_string_equal(d.finding.why, "its budget of steps was used up");
    budget = (struct budget){.steps_left = UINT64_MAX, .expired = at_once};
    portfolio_ask(&search, 1, &p, &budget, &keep, &d);
    assert_int_equal(d.finding.value, FINDING_GAVE_UP);
    assert_non_null(strstr(d.finding.why, "its time was used up"));
    struct memory little = {.max_bytes = 2000};
    budget = (struct budget){.steps_left = UINT64_MAX, .memory = &little};
    portfolio_decide(&p, &budget, &keep, &d);
    assert_int_equal(d.finding.value, FINDING_GAVE_UP);
    assert_string_equal(d.finding.why, NO_MEMORY_LEFT);
    assert_int_equal(little.used_bytes, 0);
    arena_done(&keep);
}

static void who_gave_up_for_want_of_memory_says_so(void **state)
{
    (void)state;
    struct timed_op ops[CROWD + 2];
    struct problem p = a_crowd(ops);
    struct arena keep = {0};
    struct decision d;
    for (size_t bytes = 2000; bytes < 400000; bytes += bytes / 3) {
        struct memory little = {.max_bytes = bytes};
        struct budget budget = {.steps_left = 100000, .memory = &little};
        portfolio_ask(&search, 1, &p, &budget, &keep, &d);
        if (d.finding.value == FINDING_GAVE_UP && !strstr(d.finding.why, "steps")) {
            assert_true(d.finding.lacked_memory);
        }
    }
    struct budget few = {.steps_left = 1000};
    portfolio_ask(&search, 1, &p, &few, &keep, &d);
    assert_false(d.finding.lacked_memory);
    arena_done(&keep);
}

static void what_was_spent_is_taken_from_the_budget(void **state)
{
    (void)state;
    struct timed_op ops[CROWD + 2];
    struct problem p = a_crowd(ops);
    struct arena keep = {0};
    struct decision d;
    struct budget budget = {.steps_left = UINT64_MAX - 1};
    portfolio_decide(&p, &budget, &keep, &d);
    uint64_t told = 0;
    for (size_t i = 0; i < d.spent_count; i++)
        told += d.spent[i].steps;
    assert_int_equal(d.finding.value, FINDING_NO_ORDER);
    assert_true(told > 0);
    assert_in_range(UINT64_MAX - 1 - budget.steps_left, told, told + p.count + 1);
    arena_done(&keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portfolio_and_brute_force_agree_on_every_model),
        cmocka_unit_test(a_wrong_order_is_not_believed),
        cmocka_unit_test(a_wrong_proof_is_not_believed),
        cmocka_unit_test(who_has_no_memory_leaves_it_to_the_others),
        cmocka_unit_test(who_does_not_end_cannot_hold_up_the_others),
        cmocka_unit_test(out_of_steps_time_or_memory_nothing_is_decided),
        cmocka_unit_test(who_gave_up_for_want_of_memory_says_so),
        cmocka_unit_test(what_was_spent_is_taken_from_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
