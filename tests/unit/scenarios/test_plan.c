#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#include "base/units.h"
#include "scenarios/plan.h"
#include "scenarios/target.h"
#include "tests/support/vocabulary.h"

#define HEAD                                                                                   \
    "name: planned\n"                                                                          \
    "topology:\n"                                                                              \
    "  regions: {us-east: {nodes: 2}, eu-west: {nodes: 2}, ap-south: {nodes: 1}}\n"            \
    "  links:\n"                                                                               \
    "    us-east <-> eu-west: {one_way: 40ms}\n"                                               \
    "    us-east <-> ap-south: {one_way: 110ms}\n"                                             \
    "    eu-west <-> ap-south: {one_way: 70ms}\n"                                              \
    "system: {kind: store, tables: {accounts: {type: register, mode: consensus, checks: "      \
    "[linearizable]}}}\n"                                                                      \
    "workloads: [{kind: register, table: accounts}, {kind: register, table: accounts}]\n"      \
    "duration: 20s\n"
#define CUT     "  - {at: 8s, for: 2s, partition: {isolate: minority}}\n"
#define KILL    "  - {at: 3s, kill: {node: any-follower}, restart_after: 1s}\n"
#define LATENCY "  - {at: 8s, for: 1s, latency: {isolate: majority, delay: 20ms}}\n"

static struct arena arena;

static int forget_plans(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const struct plan *plan_of(const char *text, uint64_t seed)
{
    struct vocabulary v = small_vocabulary();
    struct document *d;
    struct scenario *s;
    struct plan *plan = NULL;
    struct err err;
    if (document_parse("planned", (struct bytes){(const uint8_t *)text, strlen(text)}, &d,
                       &err) ||
        scenario_read(d, &v, &arena, &s, &err) ||
        plan_make(s, seed, &v.faults, &arena, &plan, &err))
        fail_msg("%s", err.msg);
    document_free(d);
    return plan;
}

static char *text_of(const struct plan *plan)
{
    json_t *json = plan_to_json(plan);
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

static void the_same_scenario_and_seed_give_the_same_plan(void **state)
{
    (void)state;
    const char *text = HEAD "faults:\n" CUT KILL "random_faults: {min: 2, max: 5}\n";
    char *first = text_of(plan_of(text, 7)), *again = text_of(plan_of(text, 7)),
         *other = text_of(plan_of(text, 8));
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    free(first);
    free(again);
    free(other);
}

static void faults_are_numbered_by_time_and_then_as_written(void **state)
{
    (void)state;
    const struct plan *p = plan_of(HEAD "faults:\n" CUT LATENCY KILL, 1);
    assert_int_equal(p->fault_count, 3);
    assert_string_equal(p->faults[0].words, "kill: {node: any-follower}");
    assert_string_equal(p->faults[1].words, "partition: {isolate: minority}");
    assert_string_equal(p->faults[2].words, "latency: {isolate: majority, delay: 20ms}");
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(p->faults[i].id, i + 1);
    assert_true(p->faults[0].restart_after_ns == NS_PER_S);
}

static void a_fault_taken_away_leaves_the_other_draws(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        const struct plan *with = plan_of(HEAD "faults:\n" KILL CUT LATENCY, seed);
        const struct plan *without = plan_of(HEAD "faults:\n" LATENCY, seed);
        const struct planned_fault *a = &with->faults[2], *b = &without->faults[0];
        assert_memory_equal(a->order, b->order, sizeof a->order);
        assert_true(a->seed == b->seed);
        assert_true(with->world_seed == without->world_seed);
        assert_true(with->workload_seeds[1] == without->workload_seeds[1]);
    }
}

static void twins_do_not_share_their_draws(void **state)
{
    (void)state;
    const struct plan *p = plan_of(HEAD "faults:\n" CUT KILL, 1);
    assert_true(p->faults[0].seed != p->faults[1].seed);
    assert_true(p->workload_seeds[0] != p->workload_seeds[1]);
    assert_true(p->workload_seeds[0] != p->world_seed);
}

static void an_order_names_every_node_once(void **state)
{
    (void)state;
    unsigned firsts = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        const struct plan *p = plan_of(HEAD "faults:\n" CUT, seed);
        unsigned seen = 0;
        for (uint32_t i = 0; i < 5; i++)
            seen |= 1u << p->faults[0].order[i];
        assert_int_equal(seen, 0x1f);
        firsts |= 1u << p->faults[0].order[0];
    }
    assert_int_equal(firsts, 0x1f); /* and each may be the first */
}

/* What the loader would have refused must not be drawn either. */
static void check_drawn(const struct plan *plan, const struct planned_fault *f)
{
    const struct scenario *s = plan->scenario;
    int targets = 0;
    for (const struct param *p = f->plugin->params; p->name; p++) {
        struct target target;
        struct err err;
        const char *text = p->type == PARAM_TARGET ? param_text(p, f->config) : NULL;
        if (text && target_parse(text, &s->topology, s->system.tables, s->system.table_count,
                                 &target, &err))
            fail_msg("%s: %s", f->words, err.msg);
        targets += text != NULL;
    }
    assert_true(targets == 1 || targets == 2);
    assert_true((f->for_ns > 0) == ((f->plugin->flags & FAULT_HEALS) != 0));
    assert_true((f->restart_after_ns >= 0) == ((f->plugin->flags & FAULT_RESTARTS) != 0));
    int64_t rest_ns = f->for_ns + (f->restart_after_ns > 0 ? f->restart_after_ns : 0);
    assert_true(f->at_ns > 0 && f->at_ns + f->wait_ns + rest_ns < s->duration_ns);
}

static void random_faults_are_of_every_kind_and_over_before_the_end(void **state)
{
    (void)state;
    unsigned counts = 0, kinds = 0;
    struct vocabulary v = small_vocabulary();
    for (uint64_t seed = 1; seed <= 300; seed++) {
        const struct plan *p = plan_of(HEAD "random_faults: {min: 1, max: 4}\n", seed);
        counts |= 1u << p->fault_count;
        for (uint32_t i = 0; i < p->fault_count; i++) {
            check_drawn(p, &p->faults[i]);
            for (unsigned k = 0; v.faults.all[k]; k++)
                kinds |= (unsigned)(v.faults.all[k] == p->faults[i].plugin) << k;
        }
    }
    assert_int_equal(counts, 0x1e);
    assert_int_equal(kinds, 0x0f);
}

static void a_single_node_is_never_isolated_from_nobody(void **state)
{
    (void)state;
    const char *text = "name: alone\n"
                       "topology: {regions: {home: {nodes: 1}}}\n"
                       "system: {kind: bare, tables: {a: {type: register, mode: consensus, "
                       "checks: [linearizable]}}}\n"
                       "workloads: [{kind: register, table: a}]\n"
                       "duration: 1s\n"
                       "random_faults: {min: 4, max: 4}\n";
    for (uint64_t seed = 1; seed <= 50; seed++) {
        const struct plan *p = plan_of(text, seed);
        for (uint32_t i = 0; i < p->fault_count; i++) {
            check_drawn(p, &p->faults[i]);
            assert_true(p->faults[i].plugin->flags & FAULT_ON_LINKS); /* bare: no kill */
            assert_non_null(strstr(p->faults[i].words, "clients of home"));
        }
    }
}

static void the_plan_as_json_is_absolute_and_whole(void **state)
{
    (void)state;
    json_t *json = plan_to_json(plan_of(HEAD "faults:\n" KILL, 7));
    const json_t *fault = json_array_get(json_object_get(json, "faults"), 0);
    assert_string_equal(json_string_value(json_object_get(json, "seed")), "7");
    assert_true(json_integer_value(json_object_get(fault, "at_ns")) == 3 * NS_PER_S);
    assert_int_equal(json_array_size(json_object_get(fault, "order")), 5);
    assert_int_equal(json_array_size(json_object_get(json, "links")), 6);
    assert_int_equal(json_array_size(json_object_get(json, "workloads")), 2);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_scenario_and_seed_give_the_same_plan),
        cmocka_unit_test(faults_are_numbered_by_time_and_then_as_written),
        cmocka_unit_test(a_fault_taken_away_leaves_the_other_draws),
        cmocka_unit_test(twins_do_not_share_their_draws),
        cmocka_unit_test(an_order_names_every_node_once),
        cmocka_unit_test(random_faults_are_of_every_kind_and_over_before_the_end),
        cmocka_unit_test(a_single_node_is_never_isolated_from_nobody),
        cmocka_unit_test(the_plan_as_json_is_absolute_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, forget_plans);
}
