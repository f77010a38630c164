/* The generic search against brute force, on small histories of every model that is
 * registered, and what it does when memory or budget end. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "checker/algorithms/search.h"
#include "checker/algorithms/tried.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

static struct budget no_limit(void)
{
    return (struct budget){.steps_left = UINT64_MAX};
}

static uint64_t rounds(uint64_t otherwise)
{
    const char *asked = getenv("FAULTLINE_LONG");
    return asked && strcmp(asked, "1") == 0 ? 1000000 : otherwise;
}

/* --- against brute force --- */

struct judged {
    struct arena work, keep;
    struct finding finding;
};

static void judge(const struct problem *p, const struct search_limits *limits, struct judged *j)
{
    struct err err;
    struct budget budget = no_limit();
    *j = (struct judged){0};
    assert_int_equal(search_limited(p, limits, &budget, &j->work, &j->keep, &j->finding, &err),
                     ERR_OK);
}

static void judged_done(struct judged *j)
{
    arena_done(&j->work);
    arena_done(&j->keep);
}

static bool agrees(const struct problem *p, const struct search_limits *limits, bool possible)
{
    struct judged j;
    judge(p, limits, &j);
    const struct finding *f = &j.finding;
    bool right = possible
                     ? f->value == FINDING_ORDER && brute_accepts(p, f->order, f->order_count)
                     : f->value == FINDING_NO_ORDER && !f->proof;
    judged_done(&j);
    return right;
}

static const struct small_form forms[] = {
    {.ops = 9, .processes = 4, .values = 3, .unanswered_ppm = 150000, .changed_ppm = 500000},
    {.ops = 9,
     .processes = 6,
     .values = 2,
     .unanswered_ppm = 300000,
     .changed_ppm = 700000,
     .refused = true},
    {.ops = 9,
     .processes = 5,
     .values = 5,
     .distinct = true,
     .unanswered_ppm = 200000,
     .changed_ppm = 600000,
     .refused = true},
    {.ops = 12, .processes = 3, .values = 4, .unanswered_ppm = 50000, .changed_ppm = 800000},
};
enum { FORMS = sizeof forms / sizeof *forms };

/* Two records in all; states are forgotten as well, unless the path needs them. */
static const struct search_limits tiny = {.tried_bytes = 1};

static void compare_model(const char *model, uint64_t histories)
{
    uint64_t possible_count = 0;
    struct random_stream random = random_derive(20, model);
    for (uint64_t round = 0; round < histories; round++) {
        struct small small;
        struct small_form form = forms[round % FORMS];
        form.model = model;
        small_make(&form, &random, &small);
        bool possible = brute_possible(&small.problem);
        possible_count += possible;
        if (agrees(&small.problem, NULL, possible) && agrees(&small.problem, &tiny, possible))
            continue;
        print_message("%s, history %llu: %s expected\n", model, (unsigned long long)round,
                      possible ? "an order" : "none");
        brute_print(&small.problem);
        fail();
    }
    print_message("%s: %llu histories, %llu with an order\n", model,
                  (unsigned long long)histories, (unsigned long long)possible_count);
    assert_in_range(possible_count, histories / 10, histories - 1);
}

static void agrees_with_brute_force_on_every_model(void **state)
{
    (void)state;
    struct catalogue all = model_catalogue();
    for (size_t i = 0; all.all[i]; i++)
        compare_model(all.all[i]->name, rounds(2500));
}

/* --- what no registered model may have --- */

/* Writes that end in one of three states. */
static bool step_by_chance(const struct model_state *now, const struct model_op *op,
                           unsigned choice, struct model_state *next)
{
    const struct model_ops *plain = model_find("register");
    if (op->kind != OP_WRITE || choice > 2)
        return plain->step(now, op, choice, next);
    next->words[0] = op->argument + choice;
    next->count = 1;
    return true;
}

static void follows_every_choice_of_a_step(void **state)
{
    (void)state;
    struct model_ops model = *model_find("register");
    struct random_stream random = random_derive(5, "choices");
    uint64_t possible_count = 0, histories = rounds(4000);
    model.step = step_by_chance;
    for (uint64_t round = 0; round < histories; round++) {
        struct small small;
        struct small_form form = forms[round % FORMS];
        form.model = "register";
        form.changed_ppm = 900000;
        form.values = 4;
        small_make(&form, &random, &small);
        small.problem.model = &model;
        bool possible = brute_possible(&small.problem);
        possible_count += possible;
        assert_true(agrees(&small.problem, NULL, possible));
        assert_true(agrees(&small.problem, &tiny, possible));
    }
    assert_in_range(possible_count, histories / 4, histories - histories / 20);
}

/* --- twins --- */

static struct timed_op a_cas(int64_t expected, int64_t value, int64_t from)
{
    return (struct timed_op){.op = {.kind = OP_CAS,
                                    .answered = true,
                                    .argument = value,
                                    .expected = expected,
                                    .result = OP_NIL},
                             .called_at_ns = from,
                             .returned_at_ns = from + 10};
}

static void operations_that_differ_a_little_are_no_twins(void **state)
{
    (void)state;
    /* 5 -> 7, then 9 is written, then 9 -> 7: the one called first comes last. */
    struct timed_op ops[] = {a_cas(9, 7, 0), a_cas(5, 7, 1), a_cas(OP_NIL, 9, 2)};
    ops[2].op.kind = OP_WRITE;
    struct problem p = {model_find("cas-register"), 5, ops, 3};
    assert_true(brute_possible(&p));
    assert_true(agrees(&p, NULL, true));
}

/* --- forgetting --- */

enum { WIDE = 12 };

/* Appends that all overlap, and a get that none of their orders can answer: all orders
 * have to be tried. */
static void make_hopeless(struct timed_op *ops, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ops[i] = (struct timed_op){.op = {.kind = OP_WRITE,
                                          .answered = true,
                                          .argument = (int64_t)i,
                                          .expected = OP_NIL,
                                          .result = OP_NIL},
                                   .called_at_ns = (int64_t)i,
                                   .returned_at_ns = 100 + (int64_t)i};
    ops[count - 1].op.kind = OP_READ;
    ops[count - 1].op.result = 77;
    ops[count - 1].op.argument = OP_NIL;
}

static void goes_on_with_a_tiny_memory_of_what_it_tried(void **state)
{
    (void)state;
    struct timed_op ops[WIDE];
    make_hopeless(ops, 8);
    struct problem p = {model_find("register"), OP_NIL, ops, 8};
    struct judged j;
    judge(&p, &(struct search_limits){.tried_bytes = 1}, &j);
    assert_int_equal(j.finding.value, FINDING_NO_ORDER);
    judged_done(&j);
}

static void says_how_much_it_forgot_when_it_gives_up(void **state)
{
    (void)state;
    struct timed_op ops[WIDE];
    make_hopeless(ops, WIDE);
    struct problem p = {model_find("register"), OP_NIL, ops, WIDE};
    struct budget budget = {.steps_left = 100000};
    struct search_limits limits = {.tried_bytes = 1};
    struct arena work = {0}, keep = {0};
    struct finding f;
    struct err err;
    assert_int_equal(search_limited(&p, &limits, &budget, &work, &keep, &f, &err), ERR_OK);
    assert_int_equal(f.value, FINDING_GAVE_UP);
    assert_non_null(strstr(f.why, "its budget of steps was used up (the memory cap made it"));
    assert_non_null(strstr(f.why, ","));
    arena_done(&work);
    arena_done(&keep);
}

/* Room for 64 states, of which 48 at most may stay; there are hundreds. Seldom a path
 * alone needs more. */
static void forgets_states_that_no_path_needs(void **state)
{
    (void)state;
    struct random_stream random = random_derive(4, "forget");
    struct small_form form = {.model = "multi-register",
                              .ops = 14,
                              .processes = 8,
                              .values = 40,
                              .changed_ppm = 900000};
    struct search_limits narrow = {.tried_bytes = 1 << 20, .states_bytes = 4000};
    uint64_t gave_up = 0, histories = rounds(8000);
    for (uint64_t round = 0; round < histories; round++) {
        struct small small;
        struct judged j;
        form.unanswered_ppm = round % 2 ? 100000 : 600000; /* sets are forgotten, too */
        small_make(&form, &random, &small);
        bool possible = brute_possible(&small.problem);
        assert_true(agrees(&small.problem, NULL, possible));
        judge(&small.problem, &narrow, &j);
        gave_up += j.finding.value == FINDING_GAVE_UP;
        if (j.finding.value == FINDING_GAVE_UP)
            assert_non_null(strstr(j.finding.why, "its memory was used up"));
        else
            assert_int_equal(j.finding.value, possible ? FINDING_ORDER : FINDING_NO_ORDER);
        judged_done(&j);
    }
    assert_in_range(gave_up, 0, histories / 20);
}

/* --- long histories --- */

enum { LONG = 100000, OVERLAP = 10 };

/* One value after the other, each written while the one before is read. */
static void make_long(struct timed_op *ops, size_t count, bool stale)
{
    for (size_t i = 0; i < count; i++) {
        bool reads = i % 2;
        int64_t value = (int64_t)(i / 2);
        ops[i] = (struct timed_op){.op = {.kind = reads ? OP_READ : OP_WRITE,
                                          .answered = true,
                                          .argument = reads ? OP_NIL : value,
                                          .expected = OP_NIL,
                                          .result = reads ? value : OP_NIL},
                                   .called_at_ns = (int64_t)(10 * i),
                                   .returned_at_ns = (int64_t)(10 * i) + 10 * OVERLAP};
    }
    if (stale)
        ops[count - 1].op.result = 3;
}

static void memory_grows_with_overlap_and_not_with_length(void **state)
{
    (void)state;
    struct timed_op *ops = calloc(LONG, sizeof *ops);
    assert_non_null(ops);
    for (int stale = 0; stale < 2; stale++) {
        size_t count = stale ? LONG / 20 : LONG;
        make_long(ops, count, stale);
        ops[0].returned_at_ns = INT64_MAX - 1; /* one that takes as long as all */
        struct memory memory = {.max_bytes = (size_t)64 << 20};
        struct budget budget = {.steps_left = 100 * 1000 * 1000, .memory = &memory};
        struct arena work = {.memory = &memory}, keep = {.memory = &memory};
        struct problem p = {model_find("register"), OP_NIL, ops, count};
        struct finding f;
        struct err err;
        assert_int_equal(search_decide(&p, &budget, &work, &keep, &f, &err), ERR_OK);
        assert_int_equal(f.value, stale ? FINDING_NO_ORDER : FINDING_ORDER);
        arena_done(&work);
        arena_done(&keep);
        assert_int_equal(memory.used_bytes, 0);
    }
    free(ops);
}

static void stops_when_time_is_up(void **state)
{
    (void)state;
    struct timed_op ops[WIDE];
    make_hopeless(ops, WIDE);
    struct problem p = {model_find("register"), OP_NIL, ops, WIDE};
    struct budget budget = {.steps_left = 500};
    struct arena work = {0}, keep = {0};
    struct finding f;
    struct err err;
    assert_int_equal(search_decide(&p, &budget, &work, &keep, &f, &err), ERR_OK);
    assert_int_equal(f.value, FINDING_GAVE_UP);
    assert_string_equal(f.why, "its budget of steps was used up");
    arena_done(&work);
    arena_done(&keep);
}

static void an_empty_history_has_an_order(void **state)
{
    (void)state;
    struct problem p = {.model = model_find("register"), .initial = OP_NIL};
    assert_true(agrees(&p, NULL, true));
}

static void tried_forgets_but_never_invents(void **state)
{
    (void)state;
    struct tried t = {.bytes_max = 1, .width = 2};
    assert_true(tried_init(&t));
    for (uint64_t i = 1; i <= 1000; i++)
        assert_true(tried_add(&t, (uint64_t[]){i, i}));
    assert_int_equal(t.forgotten_count, 1000 - t.count);
    assert_false(tried_add(&t, (uint64_t[]){1000, 1000}));
    tried_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_brute_force_on_every_model),
        cmocka_unit_test(follows_every_choice_of_a_step),
        cmocka_unit_test(operations_that_differ_a_little_are_no_twins),
        cmocka_unit_test(goes_on_with_a_tiny_memory_of_what_it_tried),
        cmocka_unit_test(says_how_much_it_forgot_when_it_gives_up),
        cmocka_unit_test(forgets_states_that_no_path_needs),
        cmocka_unit_test(memory_grows_with_overlap_and_not_with_length),
        cmocka_unit_test(stops_when_time_is_up),
        cmocka_unit_test(an_empty_history_has_an_order),
        cmocka_unit_test(tried_forgets_but_never_invents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
