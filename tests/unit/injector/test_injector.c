/* The injector in simulated time, with nodes that only remember and a backend that
 * keeps what it was told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#include "base/arena.h"
#include "base/units.h"
#include "injector/injector.h"
#include "io/sim.h"
#include "tests/support/topology.h"

/* Links that a partition cuts: nodes are 0 to 2, their regions' clients 3 to 5. */
#define CUT_BOTH "\"cut\":[[0,1],[0,4],[1,0],[1,3],[3,1],[3,4],[4,0],[4,3]]"
#define CUT_US_EAST                                                                            \
    "\"cut\":[[0,1],[0,2],[0,4],[0,5],[1,0],[1,3],[2,0],[2,3],"                                \
    "[3,1],[3,2],[3,4],[3,5],[4,0],[4,3],[5,0],[5,3]]"
#define CUT_AP_SOUTH                                                                           \
    "\"cut\":[[0,2],[0,5],[1,2],[1,5],[2,0],[2,1],[2,3],[2,4],"                                \
    "[3,2],[3,5],[4,2],[4,5],[5,0],[5,1],[5,3],[5,4]]"

enum { US, EU, AP, NODES, US_CLIENTS = NODES };

struct stage {
    struct arena arena;
    struct world *world;
    struct io *io;
    struct scenario scenario;
    struct plan plan;
    struct planned_fault faults[8];
    struct injector *injector;
    const char *forced[8];

    struct backend backend;
    struct link_table table; /* as applied last */
    bool backend_fails, backend_counts;
    struct link_counts counts;

    char node_calls[512]; /* "kill 0; start 0; " */
    bool node_fails;
    int leader;
    int64_t leader_from_ns; /* before it nobody leads */
    int questions;
    /* A question kept unanswered when `silent`. */
    bool silent;
    void (*told)(void *user, int node, uint64_t term);
    void *told_user;

    char heard[2048]; /* "1s 1 on {...}\n" */
};

/* --- what the injector is given --- */

static struct stage *stage_of(struct backend *b)
{
    return CONTAINER_OF(b, struct stage, backend);
}

static enum err_code backend_check(struct backend *b, const struct link_table *table,
                                   struct err *err)
{
    (void)b;
    for (int i = 0; i < PLACES_MAX; i++)
        for (int j = 0; j < PLACES_MAX; j++)
            if (table->at[i][j].duplicate_ppm)
                return err_set(err, ERR_UNSUPPORTED, "this backend cannot duplicate");
    return ERR_OK;
}

static enum err_code backend_apply(struct backend *b, const struct link_table *table,
                                   struct err *err)
{
    struct stage *s = stage_of(b);
    if (s->backend_fails)
        return err_set(err, ERR_IO, "the wire broke");
    s->table = *table;
    return ERR_OK;
}

static bool backend_measure(struct backend *b, const struct link_set *links,
                            struct link_counts *out)
{
    (void)links;
    *out = stage_of(b)->counts;
    return stage_of(b)->backend_counts;
}

static const struct backend_ops backend_ops = {
    .name = "test", .check = backend_check, .apply = backend_apply, .measure = backend_measure};

static void PRINTF_LIKE(3, 4) note(char *out, size_t size, const char *fmt, ...)
{
    size_t used = strlen(out);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(out + used, size - used, fmt, ap);
    va_end(ap);
}

static enum err_code call_node(void *user, const char *what, uint32_t node, struct err *err)
{
    struct stage *s = user;
    if (s->node_fails)
        return err_set(err, ERR_IO, "cannot %s node %u", what, node);
    note(s->node_calls, sizeof s->node_calls, "%s %u; ", what, node);
    return ERR_OK;
}

static enum err_code node_kill(void *user, uint32_t node, struct err *err)
{
    return call_node(user, "kill", node, err);
}

static enum err_code node_start(void *user, uint32_t node, struct err *err)
{
    return call_node(user, "start", node, err);
}

static enum err_code node_pause(void *user, uint32_t node, struct err *err)
{
    return call_node(user, "pause", node, err);
}

static enum err_code node_resume(void *user, uint32_t node, struct err *err)
{
    return call_node(user, "resume", node, err);
}

static int64_t now_ns(const struct stage *s)
{
    return s->world->ops->now_ns(s->world);
}

static void find_leader(void *user, uint32_t table,
                        void (*told)(void *told_user, int node, uint64_t term), void *told_user)
{
    struct stage *s = user;
    assert_int_equal(table, 0);
    s->questions++;
    if (s->silent) {
        s->told = told;
        s->told_user = told_user;
        return;
    }
    told(told_user, now_ns(s) >= s->leader_from_ns ? s->leader : -1, 3);
}

static void hear(void *user, const struct planned_fault *fault, const char *state,
                 const char *resolved, const char *measured, const char *detail)
{
    struct stage *s = user;
    char at[32];
    if (strcmp(state, "asked") == 0)
        return;
    note(s->heard, sizeof s->heard, "%s %u %s", units_duration(now_ns(s), at, sizeof at),
         fault->id, state);
    const char *const more[] = {resolved, measured, detail};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        if (more[i])
            note(s->heard, sizeof s->heard, " %s", more[i]);
    note(s->heard, sizeof s->heard, "\n");
}

/* --- setting up --- */

static int set_up(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    static const struct place place = {.name = "injector"};
    struct err err;
    s->world = sim_new(&(struct sim_config){.seed = 1, .host_count = 1});
    assert_non_null(s->world);
    s->io = s->world->ops->open(s->world, &place, "injector", &err);
    assert_non_null(s->io);
    s->scenario = (struct scenario){
        .topology = topology_of_three(1),
        .system = {.table_count = 1, .tables = {{.name = "accounts"}}},
    };
    s->plan = (struct plan){.scenario = &s->scenario, .faults = s->faults};
    s->backend.ops = &backend_ops;
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *s = *state;
    injector_free(s->injector);
    s->world->ops->close(s->world, s->io);
    sim_free(s->world);
    arena_done(&s->arena);
    free(s);
    return 0;
}

/* A fault `at` seconds for `lasts` seconds; `pairs` is "param=value;param=value". */
static struct planned_fault *add_fault(struct stage *s, const char *kind, const char *pairs,
                                       int64_t at, int64_t lasts)
{
    struct catalogue all = fault_catalogue();
    const struct plugin *plugin = catalogue_find(&all, kind);
    void *config = arena_alloc(&s->arena, plugin->config_size);
    param_defaults(plugin->params, config);
    char copy[256], *rest = copy;
    snprintf(copy, sizeof copy, "%s", pairs);
    for (char *pair; (pair = strsep(&rest, ";")) && *pair;) {
        char *key = strsep(&pair, "=");
        struct err err;
        const struct param *p = param_find(plugin->params, key);
        assert_int_equal(param_parse(p, pair, config, &s->arena, &err), ERR_OK);
    }
    struct planned_fault *f = &s->faults[s->plan.fault_count++];
    *f = (struct planned_fault){.id = s->plan.fault_count,
                                .plugin = plugin,
                                .config = config,
                                .words = kind,
                                .at_ns = at * NS_PER_S,
                                .for_ns = lasts * NS_PER_S,
                                .restart_after_ns = -1,
                                .wait_ns = 2 * NS_PER_S,
                                .order = {2, 1, 0}};
    return f;
}

static enum err_code make_injector(struct stage *s, struct err *err)
{
    struct injector_setup setup = {
        .plan = &s->plan,
        .io = s->io,
        .backend = &s->backend,
        .nodes = {s, node_kill, node_start, node_pause, node_resume, find_leader},
        .listener = {s, hear},
        .forced = s->forced,
    };
    return injector_new(&setup, &s->injector, err);
}

static void begin(struct stage *s)
{
    struct err err;
    if (make_injector(s, &err))
        fail_msg("%s", err.msg);
    injector_start(s->injector, 0);
}

static void run_until(struct stage *s, int64_t at_ms)
{
    static const bool never = false;
    struct err err;
    assert_int_equal(s->world->ops->run(s->world, &never, at_ms * NS_PER_MS, &err), ERR_OK);
}

static void heal(struct stage *s)
{
    struct err err;
    if (injector_heal(s->injector, &err))
        fail_msg("%s", err.msg);
}

static void expect_heard(const struct stage *s, const char *text)
{
    if (strcmp(s->heard, text) != 0)
        fail_msg("heard:\n%s\nnot:\n%s", s->heard, text);
}

/* --- claims --- */

static void links_are_the_topologys_before_anything_begins(void **state)
{
    struct stage *s = *state;
    begin(s);
    assert_int_equal(s->table.place_count, 6);
    assert_true(s->table.at[US][EU].delay_ns == 40 * NS_PER_MS);
    assert_true(s->table.at[EU][US_CLIENTS].jitter_ns == 4 * NS_PER_MS);
    assert_true(s->table.at[AP][US].delay_ns == 110 * NS_PER_MS);
    assert_true(s->table.at[US][US_CLIENTS].delay_ns == 0); /* within a region */
    assert_true(injector_done(s->injector));
}

static void overlapping_faults_fold_and_one_heals_alone(void **state)
{
    struct stage *s = *state;
    add_fault(s, "latency", "from=us-east;to=eu-west;delay=100ms", 1, 4);
    add_fault(s, "latency", "isolate=us-east;delay=10ms", 2, 1);
    add_fault(s, "partition", "between=us-east;and=eu-west", 2, 2);
    begin(s);
    run_until(s, 1500);
    assert_true(s->table.at[US][EU].delay_ns == 140 * NS_PER_MS);
    assert_true(s->table.at[EU][US].delay_ns == 40 * NS_PER_MS);
    run_until(s, 2500);
    assert_true(s->table.at[US][EU].delay_ns == 150 * NS_PER_MS);
    assert_true(s->table.at[US][EU].blocked && s->table.at[EU][US].blocked);
    assert_false(s->table.at[US][AP].blocked);
    run_until(s, 3500);
    assert_true(s->table.at[US][EU].delay_ns == 140 * NS_PER_MS);
    assert_true(s->table.at[US][EU].blocked);
    run_until(s, 4500);
    assert_false(s->table.at[US][EU].blocked);
    assert_false(injector_done(s->injector));
    run_until(s, 5500);
    assert_true(s->table.at[US][EU].delay_ns == 40 * NS_PER_MS);
    assert_true(injector_done(s->injector));
    assert_int_equal(injector_failed_count(s->injector), 0);
    expect_heard(s,
                 "1s 1 on {\"us-east\":\"us-east-1\",\"eu-west\":\"eu-west-1\"}\n"
                 "2s 2 on {\"us-east\":\"us-east-1\"}\n"
                 "2s 3 on {\"us-east\":\"us-east-1\",\"eu-west\":\"eu-west-1\"," CUT_BOTH "}\n"
                 "3s 2 off\n"
                 "4s 3 off\n"
                 "5s 1 off\n");
}

static void a_role_is_asked_for_until_somebody_holds_it(void **state)
{
    struct stage *s = *state;
    add_fault(s, "partition", "isolate=leader-region of accounts", 1, 5);
    s->leader = AP;
    s->leader_from_ns = 1450 * NS_PER_MS;
    begin(s);
    run_until(s, 1400);
    assert_false(s->table.at[AP][EU].blocked);
    run_until(s, 2000);
    assert_true(s->table.at[AP][EU].blocked);
    assert_int_equal(s->questions, 6);
    run_until(s, 6400);
    assert_true(s->table.at[AP][EU].blocked); /* it lasts as long as was asked */
    run_until(s, 7000);
    expect_heard(s, "1.5s 1 on {\"leader-region of accounts\":\"ap-south-1\"," CUT_AP_SOUTH
                    "}\n6.5s 1 off\n");
}

static void a_role_that_nobody_holds_is_not_applied(void **state)
{
    struct stage *s = *state;
    add_fault(s, "kill", "node=leader of accounts", 1, 0);
    s->leader = -1;
    begin(s);
    run_until(s, 10000);
    assert_string_equal(s->node_calls, "");
    assert_true(injector_done(s->injector));
    assert_int_equal(injector_failed_count(s->injector), 1);
    expect_heard(s, "3s 1 not applied nobody was known to lead accounts within 2s\n");
}

static void an_answer_that_comes_too_late_is_ignored(void **state)
{
    struct stage *s = *state;
    add_fault(s, "kill", "node=leader of accounts", 1, 0);
    s->silent = true;
    begin(s);
    run_until(s, 5000);
    assert_int_equal(s->questions, 1); /* never two at once */
    assert_int_equal(injector_failed_count(s->injector), 1);
    s->told(s->told_user, US, 1);
    assert_string_equal(s->node_calls, "");
}

static void an_answer_may_outlive_the_injector(void **state)
{
    struct stage *s = *state;
    add_fault(s, "kill", "node=leader of accounts", 1, 0);
    s->silent = true;
    begin(s);
    run_until(s, 1500);
    injector_free(s->injector);
    s->injector = NULL;
    s->told(s->told_user, US, 1);
    assert_string_equal(s->node_calls, "");
}

static void the_targets_of_an_earlier_run_are_hit_again(void **state)
{
    struct stage *s = *state;
    add_fault(s, "kill", "node=leader of accounts", 1, 0)->restart_after_ns = NS_PER_S;
    s->leader = US;
    s->forced[0] = "{\"leader of accounts\":\"eu-west-1\"}";
    begin(s);
    run_until(s, 5000);
    assert_int_equal(s->questions, 0);
    assert_string_equal(s->node_calls, "kill 1; start 1; ");
    expect_heard(s, "1s 1 on {\"leader of accounts\":\"eu-west-1\",\"nodes\":[1]}\n"
                    "1s 1 effective {\"nodes\":1}\n"
                    "2s 1 off\n");
}

static void a_node_is_down_as_long_as_any_fault_wants_it_down(void **state)
{
    struct stage *s = *state;
    add_fault(s, "kill", "node=us-east-1", 1, 0)->restart_after_ns = 3 * NS_PER_S;
    add_fault(s, "kill", "node=us-east-1, eu-west-1", 2, 0)->restart_after_ns = NS_PER_S;
    begin(s);
    run_until(s, 2500);
    assert_string_equal(s->node_calls, "kill 0; kill 1; ");
    run_until(s, 3500);
    assert_string_equal(s->node_calls, "kill 0; kill 1; start 1; ");
    run_until(s, 4500);
    assert_string_equal(s->node_calls, "kill 0; kill 1; start 1; start 0; ");
    assert_int_equal(injector_failed_count(s->injector), 0);
}

static void a_node_killed_while_paused_is_paused_again_when_it_is_back(void **state)
{
    struct stage *s = *state;
    add_fault(s, "pause", "node=us-east-1", 1, 5);
    add_fault(s, "kill", "node=us-east-1", 2, 0)->restart_after_ns = NS_PER_S;
    begin(s);
    run_until(s, 7000);
    assert_string_equal(s->node_calls, "pause 0; kill 0; start 0; pause 0; resume 0; ");
}

static void pausing_what_is_down_has_no_effect_and_counts(void **state)
{
    struct stage *s = *state;
    add_fault(s, "kill", "node=us-east-1", 1, 0);
    add_fault(s, "pause", "node=us-east-1", 2, 1);
    begin(s);
    run_until(s, 5000);
    assert_string_equal(s->node_calls, "kill 0; ");
    assert_int_equal(injector_failed_count(s->injector), 1);
    expect_heard(s, "1s 1 on {\"us-east-1\":\"us-east-1\",\"nodes\":[0]}\n"
                    "1s 1 effective {\"nodes\":1}\n"
                    "2s 2 on {\"us-east-1\":\"us-east-1\",\"nodes\":[0]}\n"
                    "2s 2 no effect {\"nodes\":0}\n"
                    "3s 2 off\n");
}

static void a_kill_without_restart_lasts_until_everything_is_healed(void **state)
{
    struct stage *s = *state;
    add_fault(s, "kill", "node=us-east-1", 1, 0);
    begin(s);
    run_until(s, 5000);
    assert_true(injector_done(s->injector));
    assert_string_equal(s->node_calls, "kill 0; ");
    heal(s);
    assert_string_equal(s->node_calls, "kill 0; start 0; ");
}

static void a_cut_that_drops_nothing_is_not_effective(void **state)
{
    struct stage *s = *state;
    add_fault(s, "partition", "isolate=us-east", 1, 1);
    add_fault(s, "latency", "isolate=us-east;delay=1ms", 4, 1);
    s->backend_counts = true;
    s->counts = (struct link_counts){100, 10};
    begin(s);
    run_until(s, 1500);
    s->counts.carried = 200;
    run_until(s, 3000);
    assert_int_equal(injector_failed_count(s->injector), 1);
    run_until(s, 4500);
    s->counts.carried = 250;
    run_until(s, 6000);
    assert_int_equal(injector_failed_count(s->injector), 1);
    expect_heard(s, "1s 1 on {\"us-east\":\"us-east-1\"," CUT_US_EAST "}\n"
                    "2s 1 no effect {\"carried\":100,\"dropped\":0}\n"
                    "2s 1 off\n"
                    "4s 2 on {\"us-east\":\"us-east-1\"}\n"
                    "5s 2 effective {\"carried\":50,\"dropped\":0}\n"
                    "5s 2 off\n");
}

static void a_cut_that_drops_something_is_effective(void **state)
{
    struct stage *s = *state;
    add_fault(s, "partition", "isolate=us-east", 1, 1);
    s->backend_counts = true;
    begin(s);
    run_until(s, 1500);
    s->counts.dropped = 7;
    run_until(s, 3000);
    assert_int_equal(injector_failed_count(s->injector), 0);
    expect_heard(s, "1s 1 on {\"us-east\":\"us-east-1\"," CUT_US_EAST "}\n"
                    "2s 1 effective {\"carried\":0,\"dropped\":7}\n"
                    "2s 1 off\n");
}

static void what_is_healed_early_may_have_had_no_time_for_an_effect(void **state)
{
    struct stage *s = *state;
    add_fault(s, "partition", "isolate=us-east", 1, 10);
    s->backend_counts = true;
    begin(s);
    run_until(s, 2000);
    heal(s);
    assert_int_equal(injector_failed_count(s->injector), 0);
    expect_heard(s, "1s 1 on {\"us-east\":\"us-east-1\"," CUT_US_EAST "}\n"
                    "2s 1 off\n");
}

static void healing_undoes_everything_and_nothing_begins_after_it(void **state)
{
    struct stage *s = *state;
    add_fault(s, "partition", "isolate=us-east", 1, 10);
    add_fault(s, "pause", "node=eu-west-1", 1, 10);
    add_fault(s, "kill", "node=leader of accounts", 1, 0);
    add_fault(s, "kill", "node=ap-south-1", 5, 0);
    s->leader = -1;
    begin(s);
    run_until(s, 2000);
    heal(s);
    assert_false(s->table.at[US][EU].blocked);
    assert_true(injector_done(s->injector));
    run_until(s, 20000);
    assert_string_equal(s->node_calls, "pause 1; resume 1; ");
    assert_int_equal(injector_failed_count(s->injector), 0);
    expect_heard(s, "1s 1 on {\"us-east\":\"us-east-1\"," CUT_US_EAST "}\n"
                    "1s 2 on {\"eu-west-1\":\"eu-west-1\",\"nodes\":[1]}\n"
                    "1s 2 effective {\"nodes\":1}\n"
                    "2s 3 not applied everything was healed before it began\n"
                    "2s 1 off\n"
                    "2s 2 off\n");
}

static void what_could_not_be_undone_is_told_and_tried_again_by_heal(void **state)
{
    struct stage *s = *state;
    add_fault(s, "partition", "isolate=us-east", 1, 1);
    add_fault(s, "kill", "node=eu-west-1", 1, 0)->restart_after_ns = NS_PER_S;
    begin(s);
    run_until(s, 1500);
    s->backend_fails = s->node_fails = true;
    run_until(s, 3000);
    struct err err;
    assert_int_equal(injector_heal(s->injector, &err), ERR_IO);
    assert_string_equal(err.msg, "links are not as before: the wire broke");
    s->backend_fails = false;
    assert_int_equal(injector_heal(s->injector, &err), ERR_IO);
    assert_string_equal(err.msg, "nodes are not as before: cannot start node 1");
    s->node_fails = false;
    heal(s);
    assert_false(s->table.at[US][EU].blocked);
    assert_string_equal(s->node_calls, "kill 1; start 1; ");
    assert_non_null(strstr(s->heard, "3s 1 off\n3s 2 off\n"));
}

static void a_fault_the_backend_refuses_midway_is_not_applied(void **state)
{
    struct stage *s = *state;
    add_fault(s, "partition", "isolate=us-east", 1, 1);
    add_fault(s, "kill", "node=eu-west-1", 1, 0);
    begin(s);
    s->backend_fails = s->node_fails = true;
    run_until(s, 3000);
    assert_int_equal(injector_failed_count(s->injector), 2);
    expect_heard(s, "1s 1 not applied the wire broke\n"
                    "1s 2 not applied cannot kill node 1\n");
    s->backend_fails = s->node_fails = false;
    heal(s);
    assert_string_equal(s->node_calls, "");
}

static void a_fault_the_backend_cannot_do_is_refused_before_the_start(void **state)
{
    struct stage *s = *state;
    add_fault(s, "duplicate", "isolate=us-east;rate=1%", 1, 1);
    struct err err;
    assert_int_equal(make_injector(s, &err), ERR_UNSUPPORTED);
    assert_string_equal(err.msg, "duplicate: this backend cannot duplicate");
}

static void the_simulator_makes_links_as_they_are_wanted(void **state)
{
    (void)state;
    struct world *w = sim_new(&(struct sim_config){.seed = 1, .host_count = 6});
    struct backend *b = backend_sim(w, 6);
    struct link_table *table = calloc(1, sizeof *table);
    struct err err;
    table->place_count = 6;
    table->at[4][1] = (struct link_shape){.delay_ns = 5, .blocked = true};
    assert_int_equal(b->ops->apply(b, table, &err), ERR_OK);
    assert_true(w->ops->link(w, 4, 1)->blocked);
    assert_true(w->ops->link(w, 4, 1)->delay_ns == 5);
    assert_false(w->ops->link(w, 1, 4)->blocked);
    table->place_count = 7;
    assert_int_equal(b->ops->apply(b, table, &err), ERR_INVALID);
    free(table);
    b->ops->free(b);
    sim_free(w);
}

static void note_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)user, (void)ch, (void)why;
}

static void note_opened(void *user, struct io_channel *ch)
{
    (void)user, (void)ch;
}

static void note_received(void *user, struct io_channel *ch, struct bytes frame)
{
    (void)user, (void)ch, (void)frame;
}

static void the_simulator_tells_what_chosen_links_did(void **state)
{
    (void)state;
    static const struct io_handler handler = {
        .opened = note_opened, .received = note_received, .closed = note_closed};
    struct err err;
    struct world *w = sim_new(&(struct sim_config){.seed = 1, .host_count = 3});
    struct backend *b = backend_sim(w, 3);
    struct io *io = w->ops->open(w, &(struct place){.host = 0, .netns_fd = -1}, "caller", &err);
    for (uint16_t host = 1; host < 3; host++) {
        struct io_address to = io_sim_address(host, 7000);
        w->ops->link(w, 0, host)->blocked = host == 2;
        assert_non_null(io->ops->dial(io, &to, &handler, NULL));
    }
    assert_int_equal(w->ops->run(w, NULL, -1, &err), ERR_OK);
    struct link_set links = {0};
    struct link_counts counts;
    assert_true(b->ops->measure(b, &links, &counts));
    assert_int_equal(counts.carried + counts.dropped, 0);
    links.on[0][1] = true;
    assert_true(b->ops->measure(b, &links, &counts));
    assert_int_equal(counts.carried, 1); /* the dial */
    assert_int_equal(counts.dropped, 0);
    links.on[0][2] = links.on[1][0] = true;
    assert_true(b->ops->measure(b, &links, &counts));
    assert_int_equal(counts.carried, 2); /* and the refusal */
    assert_int_equal(counts.dropped, 1); /* the dial into the cut */
    w->ops->close(w, io);
    b->ops->free(b);
    sim_free(w);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(links_are_the_topologys_before_anything_begins),
        CLAIM(overlapping_faults_fold_and_one_heals_alone),
        CLAIM(a_role_is_asked_for_until_somebody_holds_it),
        CLAIM(a_role_that_nobody_holds_is_not_applied),
        CLAIM(an_answer_that_comes_too_late_is_ignored),
        CLAIM(an_answer_may_outlive_the_injector),
        CLAIM(the_targets_of_an_earlier_run_are_hit_again),
        CLAIM(a_node_is_down_as_long_as_any_fault_wants_it_down),
        CLAIM(a_node_killed_while_paused_is_paused_again_when_it_is_back),
        CLAIM(pausing_what_is_down_has_no_effect_and_counts),
        CLAIM(a_kill_without_restart_lasts_until_everything_is_healed),
        CLAIM(a_cut_that_drops_nothing_is_not_effective),
        CLAIM(a_cut_that_drops_something_is_effective),
        CLAIM(what_is_healed_early_may_have_had_no_time_for_an_effect),
        CLAIM(healing_undoes_everything_and_nothing_begins_after_it),
        CLAIM(what_could_not_be_undone_is_told_and_tried_again_by_heal),
        CLAIM(a_fault_the_backend_refuses_midway_is_not_applied),
        CLAIM(a_fault_the_backend_cannot_do_is_refused_before_the_start),
        cmocka_unit_test(the_simulator_makes_links_as_they_are_wanted),
        cmocka_unit_test(the_simulator_tells_what_chosen_links_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
