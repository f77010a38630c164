/* The checks of promises that are weaker than linearizable, from whole histories: what
 * they tell, what they spend, and what proves it. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checker/checker.h"
#include "history/reader.h"

/* --- histories --- */

static struct history *read_lines(char *lines, size_t size)
{
    struct history *h;
    struct reading reading;
    struct err err;
    FILE *in = fmemopen(lines, size, "r");
    assert_non_null(in);
    if (history_read(in, "lines", "jsonl", NULL, &h, &reading, &err))
        fail_msg("%s", err.msg);
    fclose(in);
    return h;
}

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

/* One operation per key, all of one process. */
static struct history *one_read_of_each(unsigned keys)
{
    char *lines = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&lines, &size);
    assert_non_null(out);
    for (unsigned i = 1; i <= keys; i++)
        fprintf(out,
                "{\"op\":%u,\"process\":1,\"table\":\"t\",\"kind\":\"read\",\"key\":%u,"
                "\"invoked_at\":%u}\n{\"ret\":%u,\"returned_at\":%u}\n",
                i, i, 10 * i, i, 10 * i + 5);
    fclose(out);
    struct history *h = read_lines(lines, size);
    free(lines);
    return h;
}

static void run(const char *check, const char *model, struct history *h, uint64_t steps,
                struct arena *arena, struct verdict *out)
{
    struct budget budget = {.steps_left = steps};
    struct check_request request = {.check = check, .history = h};
    request.options.model = model ? model_find(model) : NULL;
    request.options.wants_orders = true;
    check_run_as(&request, &budget, arena, out);
}

/* --- sequential --- */

static void each_key_is_replayed_over_its_own_operations(void **state)
{
    (void)state;
    struct history *h = one_read_of_each(60000);
    struct arena arena = {0};
    struct verdict v;
    clock_t before = clock();
    run("sequential", "register", h, UINT64_MAX, &arena, &v);
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    print_message("60000 keys in %.3f s\n", seconds);
    assert_int_equal(v.value, VERDICT_HOLDS);
    assert_true(seconds < 5);
    arena_done(&arena);
    history_free(h);
}

/* With ever more steps: it is undecided until there are enough for all of it. */
static void an_order_that_could_not_be_replayed_is_undecided(void **state)
{
    (void)state;
    struct history *h = one_read_of_each(3000);
    struct arena arena = {0};
    struct verdict v;
    bool replayed_late = false;
    for (uint64_t steps = 0;; steps += 500) {
        run("sequential", "register", h, steps, &arena, &v);
        if (v.value == VERDICT_HOLDS)
            break;
        assert_int_equal(v.value, VERDICT_UNDECIDED);
        assert_non_null(strstr(v.sentence, "its budget of steps was used up"));
        assert_int_equal(v.undecided_count, v.object_count);
        replayed_late = true;
        assert_true(steps < 100000);
    }
    assert_true(replayed_late);
    arena_done(&arena);
    history_free(h);
}

/* Each key in turn, written and then read by another process. */
static struct history *keys_in_turn(void)
{
    enum { KEYS = 3, OPS = 60 };
    char *lines = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&lines, &size);
    assert_non_null(out);
    for (int i = 0; i < OPS; i++) {
        bool reads = i / KEYS % 2;
        fprintf(out,
                "{\"op\":%d,\"process\":%d,\"table\":\"t\",\"kind\":\"%s\",\"key\":%d,"
                "\"invoked_at\":%d",
                i + 1, reads, reads ? "read" : "write", i % KEYS, 10 * i);
        if (reads)
            fprintf(out, "}\n{\"ret\":%d,\"returned_at\":%d,\"result\":%d}\n", i + 1,
                    10 * i + 5, i - KEYS);
        else
            fprintf(out, ",\"argument\":%d}\n{\"ret\":%d,\"returned_at\":%d}\n", i, i + 1,
                    10 * i + 5);
    }
    fclose(out);
    struct history *h = read_lines(lines, size);
    free(lines);
    return h;
}

static void the_order_of_all_keys_is_given(void **state)
{
    (void)state;
    struct history *h = read_case("sequential/holds-a-stale-read-of-another-process");
    struct arena arena = {0};
    struct verdict v;
    run("sequential", NULL, h, UINT64_MAX, &arena, &v);
    assert_int_equal(v.value, VERDICT_HOLDS);
    assert_int_equal(v.order_count, 1);
    assert_true(v.orders[0].key == OP_NIL);
    assert_int_equal(v.orders[0].count, v.checked_count);
    for (size_t i = 0; i < v.orders[0].count; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(v.orders[0].ids[i] != v.orders[0].ids[k]);
    arena_done(&arena);
    history_free(h);
}

static void keys_in_turn_are_told_apart_when_they_are_replayed(void **state)
{
    (void)state;
    struct history *h = keys_in_turn();
    struct arena arena = {0};
    struct verdict v;
    run("sequential", "register", h, UINT64_MAX, &arena, &v);
    if (v.value != VERDICT_HOLDS)
        fail_msg("%s", v.sentence);
    assert_int_equal(v.orders[0].count, 60);
    arena_done(&arena);
    history_free(h);
}

static void only_the_whole_is_violated_and_proven(void **state)
{
    (void)state;
    struct history *h = read_case("sequential/violated-two-processes-disagree-over-two-keys");
    struct arena arena = {0};
    struct verdict v;
    run("sequential", NULL, h, UINT64_MAX, &arena, &v);
    assert_int_equal(v.value, VERDICT_VIOLATED);
    assert_int_equal(v.object_count, 1);
    assert_int_equal(v.violated_count, 1);
    assert_true(v.proof.key == OP_NIL);
    assert_true(v.proof.count >= v.witness_count && v.proof.count > 0);
    arena_done(&arena);
    history_free(h);
}

static void what_is_undecided_is_the_whole(void **state)
{
    (void)state;
    struct history *h = read_case("sequential/undecided-out-of-steps");
    struct arena arena = {0};
    struct verdict v;
    run("sequential", NULL, h, 0, &arena, &v);
    assert_int_equal(v.value, VERDICT_UNDECIDED);
    assert_int_equal(v.undecided_count, 1);
    assert_non_null(v.undecided_keys);
    assert_true(v.undecided_keys[0] == OP_NIL);
    arena_done(&arena);
    history_free(h);
}

/* --- bounded-staleness --- */

static void what_the_stalest_read_missed_is_told(void **state)
{
    (void)state;
    struct history *h = read_case("bounded-staleness/holds-one-write-behind");
    struct arena arena = {0};
    struct verdict v;
    run("bounded-staleness", NULL, h, UINT64_MAX, &arena, &v);
    assert_int_equal(v.value, VERDICT_HOLDS);
    assert_non_null(v.note);
    print_message("%s\n", v.note);
    assert_non_null(strstr(v.note, "missed 1 newer write"));
    arena_done(&arena);
    history_free(h);
}

static void nothing_is_told_where_no_read_was_stale(void **state)
{
    (void)state;
    struct history *h = read_case("bounded-staleness/holds-never-behind");
    struct arena arena = {0};
    struct verdict v;
    run("bounded-staleness", NULL, h, UINT64_MAX, &arena, &v);
    assert_int_equal(v.value, VERDICT_HOLDS);
    assert_null(v.note);
    arena_done(&arena);
    history_free(h);
}

/* --- what takes objects apart --- */

static void a_table_that_takes_too_many_steps_is_undecided(void **state)
{
    (void)state;
    struct history *h = one_read_of_each(3000);
    struct arena arena = {0};
    struct verdict v;
    run("linearizable", "register", h, 2000, &arena, &v);
    assert_int_equal(v.value, VERDICT_UNDECIDED);
    assert_string_equal(v.sentence, "its budget of steps was used up");
    arena_done(&arena);
    history_free(h);
}

/* Appends of "a", "aa", ... lead from every state to as many others. */
static struct history *appends_that_begin_alike(void)
{
    enum { APPENDS = 60, LENGTH = 600 };
    char *lines = NULL, text[LENGTH + 1];
    size_t size = 0;
    FILE *out = open_memstream(&lines, &size);
    assert_non_null(out);
    memset(text, 'a', LENGTH);
    text[LENGTH] = '\0';
    for (int i = 1; i <= APPENDS; i++)
        fprintf(out,
                "{\"op\":%d,\"process\":%d,\"table\":\"t\",\"kind\":\"append\",\"key\":1,"
                "\"argument\":\"%.*s\",\"invoked_at\":%d}\n",
                i, i, i, text, i);
    fprintf(out,
            "{\"op\":%d,\"process\":100,\"table\":\"t\",\"kind\":\"read\",\"key\":1,"
            "\"invoked_at\":200}\n{\"ret\":%d,\"returned_at\":201,\"result\":\"%s\"}\n",
            APPENDS + 1, APPENDS + 1, text);
    fclose(out);
    struct history *h = read_lines(lines, size);
    free(lines);
    return h;
}

static void texts_that_take_too_many_steps_are_undecided(void **state)
{
    (void)state;
    static const char *const checks[] = {"linearizable", "sequential"};
    struct history *h = appends_that_begin_alike();
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        struct arena arena = {0};
        struct verdict v;
        run(checks[i], "kv", h, 10000, &arena, &v);
        assert_int_equal(v.value, VERDICT_UNDECIDED);
        assert_string_equal(v.sentence, "its budget of steps was used up");
        arena_done(&arena);
    }
    history_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_is_replayed_over_its_own_operations),
        cmocka_unit_test(an_order_that_could_not_be_replayed_is_undecided),
        cmocka_unit_test(the_order_of_all_keys_is_given),
        cmocka_unit_test(keys_in_turn_are_told_apart_when_they_are_replayed),
        cmocka_unit_test(only_the_whole_is_violated_and_proven),
        cmocka_unit_test(what_is_undecided_is_the_whole),
        cmocka_unit_test(what_the_stalest_read_missed_is_told),
        cmocka_unit_test(nothing_is_told_where_no_read_was_stale),
        cmocka_unit_test(a_table_that_takes_too_many_steps_is_undecided),
        cmocka_unit_test(texts_that_take_too_many_steps_are_undecided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
