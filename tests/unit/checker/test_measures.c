/* What measures say of small histories. */
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "checker/objective.h"
#include "history/reader.h"

struct measured {
    struct arena arena;
    struct history *history;
    struct measures measures;
};

static void measure(struct measured *m, const char *lines)
{
    struct err err;
    struct reading reading;
    *m = (struct measured){0};
    FILE *in = fmemopen((void *)(uintptr_t)lines, strlen(lines), "r");
    assert_non_null(in);
    if (history_read(in, "lines", "jsonl", NULL, &m->history, &reading, &err) ||
        measures_take(m->history, &m->arena, &m->measures, &err))
        fail_msg("%s", err.msg);
    fclose(in);
}

static void done(struct measured *m)
{
    measures_done(&m->measures);
    history_free(m->history);
    arena_done(&m->arena);
}

#define OP(id, kind, at)                                                                       \
    "{\"op\":" id ",\"process\":" id ",\"table\":\"a\",\"kind\":\"" kind                       \
    "\",\"key\":1,\"argument\":" id ",\"invoked_at\":\"" at "\"}\n"
#define LATE(id, intended, at)                                                                 \
    "{\"op\":" id ",\"process\":" id                                                           \
    ",\"table\":\"a\",\"kind\":\"write\",\"key\":1,\"argument\":" id                           \
    ",\"intended_at\":\"" intended "\",\"invoked_at\":\"" at "\"}\n"
#define RET(id, at)     "{\"ret\":" id ",\"returned_at\":\"" at "\"}\n"
#define GAVE_UP(id, at) "{\"ret\":" id ",\"outcome\":\"unknown\",\"returned_at\":\"" at "\"}\n"

/* --- unavailable --- */

struct outage_case {
    const char *what, *lines;
    int64_t seconds;
};

static void seconds_count_while_somebody_waits_or_meant_to_call(void **state)
{
    (void)state;
    static const struct outage_case cases[] = {
        {"served", OP("1", "write", "100ms") RET("1", "200ms"), 0},
        {"over the turn of a second", OP("1", "write", "900ms") RET("1", "1100ms"), 0},
        {"pending",
         OP("1", "write", "100ms") RET("1", "200ms") OP("2", "write", "900ms")
             RET("2", "3550ms"),
         2},
        {"intended",
         OP("1", "write", "100ms") RET("1", "200ms") LATE("2", "1s", "3500ms")
             RET("2", "3550ms"),
         2},
        {"nobody wanted anything",
         OP("1", "write", "100ms") RET("1", "200ms") OP("2", "write", "5s") RET("2", "5100ms"),
         0},
        {"given up at the turn of a second", OP("1", "write", "1s") GAVE_UP("1", "3s"), 2},
        {"two wait for the same",
         OP("1", "write", "0s") OP("2", "write", "1s") GAVE_UP("1", "3s") GAVE_UP("2", "4s"),
         4},
        {"never answered",
         OP("1", "write", "500ms") "{\"event\":\"phase\",\"at\":\"2500ms\"}\n", 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct measured m;
        print_message("%s\n", cases[i].what);
        measure(&m, cases[i].lines);
        assert_int_equal(m.measures.outage_count, 1);
        assert_int_equal(m.measures.outages[0].unavailable_ns, cases[i].seconds * NS_PER_S);
        done(&m);
    }
}

/* --- reasons --- */

#define FAILED(id, outcome, why)                                                               \
    "{\"ret\":" id ",\"outcome\":\"" outcome "\",\"returned_at\":\"1s\"" why "}\n"

static void reasons_are_counted_by_outcome_the_most_frequent_first(void **state)
{
    (void)state;
    static const struct reason expected[] = {{OUTCOME_FAIL, "no leader", 2},
                                             {OUTCOME_FAIL, "other value", 1},
                                             {OUTCOME_UNKNOWN, NULL, 2},
                                             {OUTCOME_UNKNOWN, "time-out", 1}};
    struct measured m;
    measure(&m, OP("1", "write", "0s") OP("2", "write", "0s") OP("3", "write", "0s")
                    OP("4", "write", "0s") OP("5", "write", "0s") OP("6", "write", "0s")
                        OP("7", "write", "0s") RET("1", "1s")
                            FAILED("2", "fail", ",\"error\":\"other value\"")
                                FAILED("3", "fail", ",\"error\":\"no leader\"")
                                    FAILED("4", "unknown", ",\"error\":\"time-out\"")
                                        FAILED("5", "fail", ",\"error\":\"no leader\"")
                                            FAILED("6", "unknown", ""));
    assert_int_equal(m.measures.reason_count, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        const struct reason *r = &m.measures.reasons[i];
        assert_int_equal(r->outcome, expected[i].outcome);
        assert_int_equal(r->count, expected[i].count);
        assert_string_equal(r->error ? r->error : "-",
                            expected[i].error ? expected[i].error : "-");
    }
    done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_count_while_somebody_waits_or_meant_to_call),
        cmocka_unit_test(reasons_are_counted_by_outcome_the_most_frequent_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
