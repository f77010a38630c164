/* What is left of an impossible history is impossible by itself, and what is called
 * sound to take out is: taking it out of a possible one leaves a possible one. The
 * longest possible beginning is the longest. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "checker/part.h"
#include "checker/prefix.h"
#include "checker/shrink.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

enum { OPS_MAX = 9, ROUNDS = 600 };

static struct budget no_limit(void)
{
    return (struct budget){.steps_left = UINT64_MAX};
}

static void for_every_model(bool possible, void (*judge)(const struct problem *p))
{
    struct catalogue models = model_catalogue();
    bool is_long = getenv("FAULTLINE_LONG") && strcmp(getenv("FAULTLINE_LONG"), "1") == 0;
    for (const struct plugin *const *m = models.all; *m; m++) {
        struct random_stream random = random_derive(12, (*m)->name);
        struct small_form form = {.model = (*m)->name,
                                  .ops = OPS_MAX,
                                  .processes = 3,
                                  .values = 3,
                                  .unanswered_ppm = 100000,
                                  .changed_ppm = 900000,
                                  .refused = true};
        for (unsigned round = 0; round < ROUNDS * (is_long ? 100 : 1); round++) {
            static struct small small;
            form.distinct = round % 2 == 0;
            form.refused = round % 3 == 0;
            small_make(&form, &random, &small);
            if (brute_possible(&small.problem) == possible)
                judge(&small.problem);
        }
    }
}

static unsigned shrunk_count, seen_count;

static void judge_shrinking(const struct problem *p)
{
    struct timed_op ops[OPS_MAX];
    struct budget budget = no_limit();
    struct arena first = {0}, keep = {0};
    struct decision last;
    struct err err;
    struct problem small = *p;
    memcpy(ops, p->ops, p->count * sizeof *ops);
    small.ops = ops;
    portfolio_decide(&small, &budget, &first, &last);
    assert_int_equal(last.finding.value, FINDING_NO_ORDER);
    assert_int_equal(shrink_ops(&small, ops, &budget, &keep, &last, &err), ERR_OK);
    if (brute_possible(&small)) {
        brute_print(p);
        brute_print(&small);
        fail_msg("what is left has an order");
    }
    seen_count++;
    shrunk_count += small.count < p->count;
    arena_done(&first);
    arena_done(&keep);
}

static void what_is_left_is_impossible_by_itself_and_shorter(void **state)
{
    (void)state;
    for_every_model(false, judge_shrinking);
    print_message("%u of %u became shorter\n", shrunk_count, seen_count);
    assert_true(shrunk_count > seen_count / 4);
}

static unsigned taken_out_count;

static void judge_soundness(const struct problem *p)
{
    uint32_t kept[OPS_MAX];
    struct timed_op ops[OPS_MAX];
    size_t count;
    for (uint32_t unit = 0; shrink_without(p, unit, kept, &count); unit++) {
        struct problem left = part_kept(p, kept, count, ops);
        if (!brute_possible(&left)) {
            brute_print(p);
            brute_print(&left);
            fail_msg("without unit %u what had an order has none", unit);
        }
        taken_out_count++;
    }
}

static void what_is_taken_out_of_a_possible_history_leaves_it_possible(void **state)
{
    (void)state;
    for_every_model(true, judge_soundness);
    print_message("%u times\n", taken_out_count);
    assert_true(taken_out_count > 10000);
}

static void judge_prefix(const struct problem *p)
{
    struct timed_op ops[OPS_MAX];
    struct budget budget = no_limit();
    struct prefix prefix;
    struct err err;
    assert_int_equal(prefix_find(p, NULL, 0, &budget, &prefix, &err), ERR_OK);
    assert_true(prefix.is_exact);
    struct problem broken = part_until(p, prefix.broken_at_ns, ops);
    assert_false(brute_possible(&broken));
    assert_int_equal(p->ops[prefix.broken_by].returned_at_ns, prefix.broken_at_ns);
    struct problem well = part_until(p, prefix.broken_at_ns - 1, ops);
    assert_true(brute_possible(&well));
    assert_true(prefix.well_until_ns < prefix.broken_at_ns);
}

static void the_first_return_that_no_order_explains_is_found(void **state)
{
    (void)state;
    for_every_model(false, judge_prefix);
}

static void without_budget_the_end_of_the_prefix_is_not_exact(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static struct timed_op ops[MANY];
    for (uint32_t i = 0; i < MANY; i++)
        ops[i] = (struct timed_op){
            .op = {OP_WRITE, true, false, i, OP_NIL, OP_NIL, NULL}, 2 * i, 2 * i + 1, i, 0};
    ops[10].op = ops[MANY - 1].op =
        (struct model_op){OP_READ, true, false, OP_NIL, OP_NIL, 5000, NULL};
    struct problem p = {model_find("cas-register"), OP_NIL, ops, MANY};
    struct budget budget = {.steps_left = 10};
    struct prefix prefix;
    struct err err;
    uint32_t proof = MANY - 1;
    assert_int_equal(prefix_find(&p, &proof, 1, &budget, &prefix, &err), ERR_OK);
    assert_false(prefix.is_exact);
    assert_int_equal(prefix.broken_by, MANY - 1);
    budget = no_limit();
    assert_int_equal(prefix_find(&p, &proof, 1, &budget, &prefix, &err), ERR_OK);
    assert_true(prefix.is_exact);
    assert_int_equal(prefix.broken_by, 10);
    assert_int_equal(prefix.well_until_ns, ops[9].returned_at_ns);
}

/* Each finds what the one behind it made: nothing of it can stay without its start. */
static void a_long_chain_goes_at_once(void **state)
{
    (void)state;
    enum { LINKS = 100 * 1000 };
    struct arena arena = {0};
    struct timed_op *ops = arena_array(&arena, LINKS, sizeof *ops);
    uint32_t *kept = arena_array(&arena, LINKS, sizeof *kept);
    for (uint32_t i = 0; i < LINKS; i++)
        ops[i] = (struct timed_op){
            .op = {OP_CAS, true, false, LINKS - i, LINKS - 1 - i, OP_NIL, NULL}, 0, 1, i, 0};
    struct problem p = {model_find("cas-register"), 0, ops, LINKS};
    size_t count = LINKS;
    clock_t began = clock();
    assert_true(shrink_without(&p, LINKS, kept, &count));
    assert_int_equal(count, 0);
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    print_message("%.3f s for %d links\n", seconds, LINKS);
    assert_true(seconds < 1);
    assert_true(shrink_without(&p, LINKS - 10, kept, &count));
    assert_int_equal(count, 9); /* what made 1 to 9 */
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_impossible_by_itself_and_shorter),
        cmocka_unit_test(what_is_taken_out_of_a_possible_history_leaves_it_possible),
        cmocka_unit_test(the_first_return_that_no_order_explains_is_found),
        cmocka_unit_test(a_long_chain_goes_at_once),
        cmocka_unit_test(without_budget_the_end_of_the_prefix_is_not_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
