/* Registers with repeated values: the events and brute force judge the same small
 * histories and must agree. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker/algorithms/events.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_and_brute_force_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
