/* Registers with repeated values: the events and brute force judge the same small
 * histories and must agree. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "checker/algorithms/events.h"
#include "checker/algorithms/search.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

static enum finding_value decide(const struct small *s, struct finding *out, struct arena *keep)
{
    struct arena work = {0};
    struct err err;
    struct budget budget = {.steps_left = UINT64_MAX};
    assert_int_equal(events_decide(&s->problem, &budget, &work, keep, out, &err), ERR_OK);
    arena_done(&work);
    return out->value;
}

static void compare(const struct small *s, const char *form, size_t *possible)
{
    struct arena keep = {0};
    struct finding found;
    bool expected = brute_possible(&s->problem);
    enum finding_value value = decide(s, &found, &keep);
    bool right = value == (expected ? FINDING_ORDER : FINDING_NO_ORDER) &&
                 (!expected || brute_accepts(&s->problem, found.order, found.order_count));
    if (!right) {
        fprintf(stderr, "%s: %s expected, finding %d\n", form, expected ? "order" : "none",
                (int)value);
        brute_print(&s->problem);
        for (size_t i = 0; value == FINDING_ORDER && i < found.order_count; i++)
            fprintf(stderr, " %u", found.order[i]);
        fprintf(stderr, "\n");
    }
    assert_true(right);
    *possible += expected;
    arena_done(&keep);
}

static size_t histories(void)
{
    const char *longer = getenv("FAULTLINE_LONG");
    return longer && strcmp(longer, "1") == 0 ? 1000000 : 20000;
}

enum { READS_AND_WRITES = 1 << OP_READ | 1 << OP_WRITE };

/* As many histories of each model, over its forms. */
static const struct small_form forms[] = {
    {.model = "cas-register",
     .ops = 6,
     .processes = 3,
     .values = 2,
     .unanswered_ppm = 150000,
     .changed_ppm = 500000},
    {.model = "cas-register",
     .ops = 9,
     .processes = 4,
     .values = 3,
     .unanswered_ppm = 100000,
     .changed_ppm = 500000,
     .refused = true},
    {.model = "cas-register",
     .ops = 11,
     .processes = 6,
     .values = 4,
     .unanswered_ppm = 200000,
     .changed_ppm = 600000,
     .refused = true},
    {.model = "cas-register",
     .ops = 11,
     .processes = 6,
     .values = 2,
     .unanswered_ppm = 50000,
     .changed_ppm = 600000},
    {.model = "cas-register",
     .ops = 14,
     .processes = 8,
     .values = 4,
     .unanswered_ppm = 50000,
     .changed_ppm = 800000,
     .refused = true},
    {.model = "register",
     .ops = 10,
     .processes = 5,
     .values = 3,
     .changed_ppm = 600000,
     .kinds = READS_AND_WRITES},
    {.model = "register",
     .ops = 14,
     .processes = 8,
     .values = 4,
     .unanswered_ppm = 50000,
     .changed_ppm = 800000,
     .kinds = READS_AND_WRITES},
    {.model = "register",
     .ops = 16,
     .processes = 8,
     .values = 6,
     .changed_ppm = 800000,
     .kinds = READS_AND_WRITES},
    {.model = "rmw",
     .ops = 9,
     .processes = 5,
     .values = 3,
     .unanswered_ppm = 100000,
     .changed_ppm = 600000},
    {.model = "rmw",
     .ops = 12,
     .processes = 6,
     .values = 3,
     .unanswered_ppm = 50000,
     .changed_ppm = 800000},
    {.model = "kv",
     .ops = 8,
     .processes = 4,
     .values = 4,
     .unanswered_ppm = 150000,
     .changed_ppm = 600000},
    {.model = "kv",
     .ops = 11,
     .processes = 6,
     .values = 8,
     .unanswered_ppm = 50000,
     .changed_ppm = 800000},
    {.model = "register",
     .ops = 14,
     .processes = 6,
     .values = 2,
     .unanswered_ppm = 400000,
     .changed_ppm = 800000},
};

static size_t forms_of(const char *model)
{
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        count += strcmp(forms[i].model, model) == 0;
    return count;
}

static void events_and_brute_force_agree(void **state)
{
    (void)state;
    static struct small s;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct random_stream random = random_derive(i, "events");
        size_t possible = 0, count = histories() / forms_of(forms[i].model) + 1;
        for (size_t k = 0; k < count; k++) {
            small_make(&forms[i], &random, &s);
            compare(&s, forms[i].model, &possible);
        }
        printf("%s of %zu operations: %zu histories, %zu with an order\n", forms[i].model,
               forms[i].ops, count, possible);
        assert_in_range(possible, count / 20, count * 19 / 20);
    }
}

/* Where brute force would take too long the generic search is the judge. */
static const struct small_form long_forms[] = {
    {.model = "cas-register",
     .ops = 40,
     .processes = 8,
     .values = 5,
     .unanswered_ppm = 50000,
     .changed_ppm = 800000,
     .refused = true},
    {.model = "cas-register",
     .ops = 40,
     .processes = 6,
     .values = 5,
     .unanswered_ppm = 50000,
     .changed_ppm = 800000},
    {.model = "register",
     .ops = 48,
     .processes = 8,
     .values = 6,
     .unanswered_ppm = 30000,
     .changed_ppm = 900000,
     .kinds = READS_AND_WRITES},
    {.model = "register",
     .ops = 64,
     .processes = 8,
     .values = 4,
     .changed_ppm = 900000,
     .kinds = READS_AND_WRITES},
    {.model = "rmw",
     .ops = 40,
     .processes = 8,
     .values = 4,
     .unanswered_ppm = 30000,
     .changed_ppm = 800000},
    {.model = "kv",
     .ops = 24,
     .processes = 6,
     .values = 8,
     .unanswered_ppm = 50000,
     .changed_ppm = 800000},
    {.model = "register",
     .ops = 40,
     .processes = 6,
     .values = 2,
     .unanswered_ppm = 400000,
     .changed_ppm = 800000},
    {.model = "cas-register",
     .ops = 32,
     .processes = 6,
     .values = 2,
     .unanswered_ppm = 300000,
     .changed_ppm = 800000,
     .refused = true},
};

static enum finding_value searched(const struct problem *p)
{
    struct arena work = {0}, keep = {0};
    struct err err;
    struct budget budget = {.steps_left = UINT64_MAX};
    struct finding found;
    assert_int_equal(search_decide(p, &budget, &work, &keep, &found, &err), ERR_OK);
    arena_done(&work);
    arena_done(&keep);
    return found.value;
}

static void events_and_the_search_agree(void **state)
{
    (void)state;
    static struct small s;
    for (size_t i = 0; i < ARRAY_LEN(long_forms); i++) {
        struct random_stream random = random_derive(i, "events and search");
        size_t possible = 0, count = histories() / 20;
        for (size_t k = 0; k < count; k++) {
            struct arena keep = {0};
            struct finding found;
            small_make(&long_forms[i], &random, &s);
            enum finding_value expected = searched(&s.problem);
            enum finding_value value = decide(&s, &found, &keep);
            if (value != expected) {
                fprintf(stderr, "%d expected, %d found\n", (int)expected, (int)value);
                brute_print(&s.problem);
            }
            assert_int_equal(value, expected);
            if (value == FINDING_ORDER)
                assert_true(brute_accepts(&s.problem, found.order, found.order_count));
            possible += expected == FINDING_ORDER;
            arena_done(&keep);
        }
        printf("%s of %zu operations: %zu histories, %zu with an order\n", long_forms[i].model,
               long_forms[i].ops, count, possible);
    }
}

/* Following a single configuration it may lose its way; it must not say that there is
 * none. */
static void what_was_cut_proves_nothing(void **state)
{
    (void)state;
    static struct small s;
    static const size_t one = 1;
    struct random_stream random = random_derive(1, "cut");
    size_t lost = 0;
    for (size_t k = 0; k < 2000; k++) {
        struct arena work = {0}, keep = {0};
        struct err err;
        struct budget budget = {.steps_left = UINT64_MAX};
        struct finding found;
        small_make(&long_forms[2], &random, &s);
        assert_int_equal(
            events_decide_by(&s.problem, &one, 1, &budget, &work, &keep, &found, &err), ERR_OK);
        lost += found.value == FINDING_GAVE_UP;
        if (found.value != FINDING_GAVE_UP)
            assert_int_equal(found.value, searched(&s.problem));
        arena_done(&work);
        arena_done(&keep);
    }
    printf("%zu of 2000 given up with one configuration\n", lost);
    assert_in_range(lost, 10, 1990);
}

enum { SPARES_MAX = 12 };

/* So many unanswered writes of 0 and of 1, and then reads of 1, 0, 1, 0, ... */
static enum finding_value alternating(size_t writes, size_t reads)
{
    static struct timed_op ops[4 * SPARES_MAX + 2];
    struct small s = {
        .problem = {.model = model_find("register"), .initial = OP_NIL, .ops = ops}};
    struct arena keep = {0};
    struct finding found;
    for (size_t i = 0; i < 2 * writes + reads; i++) {
        bool is_write = i < 2 * writes;
        ops[i] = (struct timed_op){.op = {.kind = is_write ? OP_WRITE : OP_READ,
                                          .answered = !is_write,
                                          .argument = is_write ? (int64_t)(i % 2) : OP_NIL,
                                          .expected = OP_NIL,
                                          .result = is_write ? OP_NIL : (int64_t)((i + 1) % 2)},
                                   .called_at_ns = (int64_t)i * 2,
                                   .returned_at_ns = is_write ? INT64_MAX : (int64_t)i * 2 + 1};
        s.problem.count++;
    }
    enum finding_value value = decide(&s, &found, &keep);
    if (value == FINDING_ORDER)
        assert_true(brute_accepts(&s.problem, found.order, found.order_count));
    arena_done(&keep);
    return value;
}

static void each_unanswered_write_can_be_of_use_once(void **state)
{
    (void)state;
    for (size_t writes = 1; writes <= SPARES_MAX; writes++) {
        assert_int_equal(alternating(writes, 2 * writes), FINDING_ORDER);
        assert_int_equal(alternating(writes, 2 * writes + 1), FINDING_NO_ORDER);
    }
}

enum { CHAIN = 60000 };

/* Each unanswered CAS leads to the next: who wants the last wants them all. */
static void a_long_chain_of_unanswered_cas_takes_no_time(void **state)
{
    (void)state;
    static struct timed_op ops[CHAIN + 2];
    struct small s = {
        .problem = {.model = model_find("cas-register"), .initial = 0, .ops = ops}};
    struct arena keep = {0};
    struct finding found;
    for (int64_t i = 0; i < CHAIN; i++)
        ops[i] = (struct timed_op){
            .op = {.kind = OP_CAS, .argument = i + 1, .expected = i, .result = OP_NIL},
            .called_at_ns = i,
            .returned_at_ns = INT64_MAX};
    for (int64_t i = 0; i < 2; i++) /* twice, so that zones would not do */
        ops[CHAIN + i] = (struct timed_op){.op = {.kind = OP_READ,
                                                  .answered = true,
                                                  .argument = OP_NIL,
                                                  .expected = OP_NIL,
                                                  .result = 3},
                                           .called_at_ns = CHAIN + 2 * i,
                                           .returned_at_ns = CHAIN + 2 * i + 1};
    s.problem.count = CHAIN + 2;
    struct budget budget = {.steps_left = 40 * CHAIN};
    struct arena work = {0};
    struct err err;
    assert_int_equal(events_decide(&s.problem, &budget, &work, &keep, &found, &err), ERR_OK);
    assert_int_equal(found.value, FINDING_ORDER);
    arena_done(&work);
    arena_done(&keep);
}

static void out_of_steps_or_memory_it_gives_up(void **state)
{
    (void)state;
    static struct small s;
    struct random_stream random = random_derive(2, "cut");
    do
        small_make(&long_forms[3], &random, &s);
    while (s.problem.count < 40);
    struct arena work = {0}, keep = {0};
    struct err err;
    struct finding found;
    struct budget budget = {.steps_left = 5};
    assert_int_equal(events_decide(&s.problem, &budget, &work, &keep, &found, &err), ERR_OK);
    assert_int_equal(found.value, FINDING_GAVE_UP);
    assert_string_equal(found.why, "its budget of steps was used up");
    struct memory little = {.max_bytes = 3000};
    budget = (struct budget){.steps_left = UINT64_MAX, .memory = &little};
    assert_int_equal(events_decide(&s.problem, &budget, &work, &keep, &found, &err), ERR_NOMEM);
    assert_int_equal(little.used_bytes, 0);
    arena_done(&work);
    arena_done(&keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_and_brute_force_agree),
        cmocka_unit_test(events_and_the_search_agree),
        cmocka_unit_test(what_was_cut_proves_nothing),
        cmocka_unit_test(each_unanswered_write_can_be_of_use_once),
        cmocka_unit_test(a_long_chain_of_unanswered_cas_takes_no_time),
        cmocka_unit_test(out_of_steps_or_memory_it_gives_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
