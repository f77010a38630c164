/* Many objects: what is ruled is the same however many threads do it. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "checker/rulings.h"

enum { OBJECTS = 40, OPS = 1200 };

/* Registers whose every third holds a stale read, some with repeated values. */
static void make_objects(struct arena *arena, struct objects *out)
{
    struct random_stream random = random_derive(5, "rulings");
    *out = (struct objects){.count = OBJECTS};
    out->all = arena_array(arena, OBJECTS, sizeof *out->all);
    for (size_t k = 0; k < OBJECTS; k++) {
        struct object *o = &out->all[k];
        o->key = (int64_t)k;
        o->count = OPS + k * 7; /* not in the order in which they are taken */
        o->ops = arena_array(arena, o->count, sizeof *o->ops);
        int64_t value = OP_NIL, values = k % 2 ? 3 : INT64_MAX;
        for (size_t i = 0; i < o->count; i++) {
            bool writes = random_below(&random, 2) == 0;
            bool stale = k % 3 == 2 && i == o->count / 2;
            if (writes && !stale)
                value = (int64_t)i % values;
            o->ops[i] =
                (struct timed_op){.op = {writes && !stale ? OP_WRITE : OP_READ, true, false,
                                         writes && !stale ? value : OP_NIL, OP_NIL,
                                         stale    ? 1000000
                                         : writes ? OP_NIL
                                                  : value,
                                         NULL},
                                  .called_at_ns = (int64_t)i * 10,
                                  .returned_at_ns = (int64_t)i * 10 + 5,
                                  .row = (uint32_t)i};
        }
        out->op_count += o->count;
    }
}

static struct rulings rule(const struct objects *objects, struct rulings_plan plan,
                           struct budget budget, struct arena *arena)
{
    struct rulings out;
    struct err err;
    plan.model = model_find("cas-register");
    plan.initial = OP_NIL;
    assert_int_equal(rulings_make(objects, &plan, &budget, arena, &out, &err), ERR_OK);
    return out;
}

static void rulings_do_not_depend_on_the_number_of_threads(void **state)
{
    (void)state;
    static const unsigned jobs[] = {1, 2, 8};
    struct arena arena = {0};
    struct objects objects;
    struct budget budget = {.steps_left = UINT64_MAX};
    make_objects(&arena, &objects);
    struct rulings first = {0};
    for (size_t k = 0; k < ARRAY_LEN(jobs); k++) {
        struct rulings_plan plan = {.jobs = jobs[k], .keep_orders = true};
        struct rulings got = rule(&objects, plan, budget, &arena);
        assert_int_equal(got.first_impossible, 2);
        assert_int_equal(got.decision.finding.value, FINDING_NO_ORDER);
        assert_non_null(got.decision.finding.proof);
        for (size_t i = 0; i < OBJECTS; i++) {
            assert_int_equal(got.all[i].value,
                             i % 3 == 2 ? RULING_IMPOSSIBLE : RULING_POSSIBLE);
            assert_int_equal(got.all[i].order != NULL, i % 3 != 2);
            if (k == 0)
                continue;
            assert_int_equal(got.all[i].steps, first.all[i].steps);
            assert_string_equal(got.all[i].by, first.all[i].by);
            assert_int_equal(got.all[i].order_count, first.all[i].order_count);
            if (got.all[i].order)
                assert_memory_equal(got.all[i].order, first.all[i].order,
                                    got.all[i].order_count * sizeof(uint32_t));
        }
        rulings_done(&got);
        if (k == 0)
            first = got;
    }
    arena_done(&arena);
}

static void nothing_is_ruled_behind_the_first_violation_when_that_is_the_end(void **state)
{
    (void)state;
    static const unsigned jobs[] = {1, 8};
    struct arena arena = {0};
    struct objects objects;
    make_objects(&arena, &objects);
    for (size_t k = 0; k < ARRAY_LEN(jobs); k++) {
        struct rulings_plan plan = {.jobs = jobs[k], .stop_at_once = true};
        struct rulings got =
            rule(&objects, plan, (struct budget){.steps_left = UINT64_MAX}, &arena);
        assert_int_equal(got.first_impossible, 2);
        for (size_t i = 0; i < OBJECTS; i++)
            assert_int_equal(got.all[i].value, i < 2    ? RULING_POSSIBLE
                                               : i == 2 ? RULING_IMPOSSIBLE
                                                        : RULING_NONE);
        rulings_done(&got);
    }
    arena_done(&arena);
}

static bool at_once(void *user)
{
    (void)user;
    return true;
}

static void out_of_time_or_memory_no_object_is_ruled_possible(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct objects objects;
    make_objects(&arena, &objects);
    struct memory little = {.max_bytes = 1000};
    const struct budget budgets[] = {{.steps_left = 10},
                                     {.steps_left = UINT64_MAX, .memory = &little},
                                     {.steps_left = UINT64_MAX, .expired = at_once}};
    for (size_t b = 0; b < ARRAY_LEN(budgets); b++) {
        struct rulings_plan plan = {.jobs = 4};
        struct rulings got;
        struct err err;
        plan.model = model_find("cas-register");
        plan.initial = OP_NIL;
        enum err_code code = rulings_make(&objects, &plan, &budgets[b], &arena, &got, &err);
        if (code) {
            assert_int_equal(code, ERR_NOMEM);
            continue;
        }
        size_t gave_up = 0;
        for (size_t i = 0; i < OBJECTS; i++) {
            gave_up += got.all[i].value == RULING_GAVE_UP && got.all[i].why;
            assert_true(got.all[i].value != RULING_POSSIBLE || i % 3 != 2);
        }
        assert_true(budgets[b].expired ? gave_up == OBJECTS : gave_up > OBJECTS / 2);
        rulings_done(&got);
        assert_int_equal(little.used_bytes, 0);
    }
    arena_done(&arena);
}

/* --- many small ones --- */

enum { SMALL_ONES = 20000 };

static struct timed_op an_op(enum op_kind kind, int64_t value, int64_t call, int64_t ret)
{
    bool asks = kind == OP_READ;
    return (struct timed_op){.op = {kind, ret != INT64_MAX, false, asks ? OP_NIL : value,
                                    OP_NIL, asks ? value : OP_NIL, NULL},
                             .called_at_ns = call,
                             .returned_at_ns = ret};
}

/* One write each. */
static void make_small_ones(struct arena *arena, struct objects *out)
{
    *out = (struct objects){.count = SMALL_ONES, .op_count = SMALL_ONES};
    out->all = arena_array(arena, SMALL_ONES, sizeof *out->all);
    struct timed_op *ops = arena_array(arena, SMALL_ONES, sizeof *ops);
    for (size_t k = 0; k < SMALL_ONES; k++) {
        ops[k] = an_op(OP_WRITE, 1, 0, 1);
        out->all[k] = (struct object){.key = (int64_t)k, .ops = &ops[k], .count = 1};
    }
}

static bool after_a_hundred(void *user)
{
    return ++*(unsigned *)user > 100;
}

static void time_ends_between_small_objects_too(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct objects objects;
    unsigned asked = 0;
    make_small_ones(&arena, &objects);
    struct budget budget = {
        .steps_left = UINT64_MAX, .expired = after_a_hundred, .user = &asked};
    struct rulings got = rule(&objects, (struct rulings_plan){.jobs = 1}, budget, &arena);
    size_t possible = 0;
    for (size_t k = 0; k < SMALL_ONES; k++) {
        possible += got.all[k].value == RULING_POSSIBLE;
        if (got.all[k].value == RULING_GAVE_UP)
            assert_string_equal(got.all[k].why, "its time was used up");
    }
    printf("%zu of %d before the time was up\n", possible, SMALL_ONES);
    assert_in_range(possible, 1, 100);
    rulings_done(&got);
    arena_done(&arena);
}

/* --- too little memory for all at once --- */

enum { CROWDS = 8, CROWD = 11, CALM = 2600 };

/* Increments that all overlap, a sum that no subset makes, then many that do not: much
 * to be remembered, by each of them. */
static void make_crowds(struct arena *arena, struct objects *out)
{
    *out = (struct objects){.count = CROWDS, .op_count = (size_t)CROWDS * (CROWD + CALM)};
    out->all = arena_array(arena, CROWDS, sizeof *out->all);
    for (size_t k = 0; k < CROWDS; k++) {
        struct object *o = &out->all[k];
        *o = (struct object){.key = (int64_t)k, .count = CROWD + 2 + CALM};
        o->ops = arena_array(arena, o->count, sizeof *o->ops);
        int64_t power = 1;
        for (int64_t i = 0; i < CROWD; i++, power *= 3)
            o->ops[i] = an_op(OP_INCREMENT, power + 7 * i, 0, 100);
        for (int64_t i = 0; i < CALM + 2; i++)
            o->ops[CROWD + i] = an_op(OP_READ, 2222222, 10 + i * 2, 11 + i * 2);
    }
}

static struct rulings rule_crowds(const struct objects *objects, unsigned jobs, size_t bytes,
                                  struct arena *arena)
{
    struct memory memory = {.max_bytes = bytes};
    struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
    struct rulings_plan plan = {
        .jobs = jobs, .model = model_find("counter"), .initial = OP_NIL};
    struct rulings out;
    struct err err;
    assert_int_equal(rulings_make(objects, &plan, &budget, arena, &out, &err), ERR_OK);
    rulings_done(&out);
    return out;
}

static void what_several_lack_memory_for_is_ruled_as_by_one(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct objects objects;
    make_crowds(&arena, &objects);
    for (size_t bytes = 147456; bytes <= 1 << 18; bytes += bytes / 2) {
        struct rulings one = rule_crowds(&objects, 1, bytes, &arena);
        struct rulings eight = rule_crowds(&objects, 8, bytes, &arena);
        for (size_t k = 0; k < CROWDS; k++) {
            if (one.all[k].value != eight.all[k].value)
                printf("with %zu bytes, by eight: %s\n", bytes, eight.all[k].why);
            assert_int_equal(one.all[k].value, eight.all[k].value);
        }
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rulings_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(nothing_is_ruled_behind_the_first_violation_when_that_is_the_end),
        cmocka_unit_test(time_ends_between_small_objects_too),
        cmocka_unit_test(what_several_lack_memory_for_is_ruled_as_by_one),
        cmocka_unit_test(out_of_time_or_memory_no_object_is_ruled_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
