/* One allocation after the other fails while a check runs: what comes out is right or
 * undecided, whichever it was. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "checker/checker.h"
#include "history/reader.h"
#include "tests/support/failures.h"

WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), NULL)

static struct history *read_case(const char *name)
{
    char path[300];
    struct history *h;
    struct reading reading;
    struct err err;
    snprintf(path, sizeof path, "tests/golden/%s/history.jsonl", name);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    if (history_read(in, path, "jsonl", NULL, &h, &reading, &err))
        fail_msg("%s", err.msg);
    fclose(in);
    return h;
}

/* How many allocations failed before it ran clean. */
static unsigned fail_each(const struct check_request *request, enum verdict_value right,
                          bool keep_failing)
{
    FOR_EACH_FAILURE (nth, keep_failing) {
        struct arena arena = {0};
        struct memory memory = {0};
        struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
        struct verdict v;
        check_run_as(request, &budget, &arena, &v);
        bool failed = failures_fired();
        failures_disarm();
        assert_non_null(v.sentence);
        if (v.value != right && v.value != VERDICT_UNDECIDED)
            fail_msg("%s without memory: %s", verdict_name(v.value), v.sentence);
        assert_false(v.is_our_fault);
        assert_int_equal(memory.used_bytes, 0);
        if (!failed)
            assert_int_equal(v.value, right);
        arena_done(&arena);
        if (!failed)
            return nth;
    }
    fail_msg("it never ran clean");
    return 0;
}

static void without_memory_a_verdict_is_right_or_undecided(void **state)
{
    (void)state;
    static const struct {
        const char *name, *check, *model;
        enum verdict_value right;
    } cases[] = {
        {"linearizable/holds-cas-chain", "linearizable", NULL, VERDICT_HOLDS},
        {"linearizable/holds-repeated-values", "linearizable", NULL, VERDICT_HOLDS},
        {"linearizable/violated-stale-read", "linearizable", NULL, VERDICT_VIOLATED},
        {"linearizable/violated-repeated-values", "linearizable", NULL, VERDICT_VIOLATED},
        {"linearizable/violated-stale-read", "regular", NULL, VERDICT_VIOLATED},
        {"linearizable/violated-stale-read", "sequential", NULL, VERDICT_HOLDS},
        {"sequential/violated-two-processes-disagree-over-two-keys", "sequential", NULL,
         VERDICT_VIOLATED},
        {"linearizable/violated-stale-read", "bounded-staleness", NULL, VERDICT_HOLDS},
        {"models/kv/violated-an-append-got-lost", "linearizable", "kv", VERDICT_VIOLATED},
        {"models/queue/violated-out-of-order", "linearizable", "queue", VERDICT_VIOLATED},
        {"models/multi-register/violated-half-of-a-transaction", "linearizable",
         "multi-register", VERDICT_VIOLATED},
        {"models/stack/holds-last-in-first-out", "linearizable", "stack", VERDICT_HOLDS},
        {"models/set/holds-added-and-removed", "linearizable", "set", VERDICT_HOLDS},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct history *h = read_case(cases[i].name);
        struct check_request request = {.check = cases[i].check, .history = h};
        request.options.model = cases[i].model ? model_find(cases[i].model) : NULL;
        request.options.wants_orders = true;
        unsigned once = fail_each(&request, cases[i].right, false);
        unsigned always = fail_each(&request, cases[i].right, true);
        print_message("%s of %s: %u allocations\n", cases[i].check, cases[i].name, once - 1);
        assert_true(once > 5 && always > 5);
        history_free(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_a_verdict_is_right_or_undecided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
