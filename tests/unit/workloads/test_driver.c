/* A driver in simulation, over a system that answers after a fixed time as told; the
 * rows it records are caught instead of written (see test_driver.wrap). */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "io/sim.h"
#include "workloads/driver.h"
#include "workloads/workload.h"

enum { REGIONS = 2, ROWS_MAX = 20000, EVENTS_MAX = 64, NODES = 3 };

/* --- rows caught --- */

struct caught {
    struct op_row op;
    struct answer answer;
    int64_t returned_at_ns; /* -1: never */
};

static struct caught rows[ROWS_MAX];
static size_t row_count;
static struct {
    char name[32], detail[128];
    int node;
} events[EVENTS_MAX];
static size_t event_count, attempt_count;

int64_t __wrap_history_op(struct history_writer *w, const struct op_row *row);
void __wrap_history_ret(struct history_writer *w, int64_t op, int64_t at_ns,
                        const struct answer *answer);
void __wrap_history_attempt(struct history_writer *w, int64_t op, const struct attempt *a);
void __wrap_history_event(struct history_writer *w, int64_t at_ns, const char *name, int node,
                          const char *detail);

int64_t __wrap_history_op(struct history_writer *w, const struct op_row *row)
{
    (void)w;
    assert_true(row_count < ROWS_MAX);
    rows[row_count] = (struct caught){.op = *row, .returned_at_ns = -1};
    return (int64_t)++row_count;
}

void __wrap_history_ret(struct history_writer *w, int64_t op, int64_t at_ns,
                        const struct answer *answer)
{
    (void)w;
    assert_in_range(op, 1, row_count);
    assert_int_equal(rows[op - 1].returned_at_ns, -1);
    rows[op - 1].returned_at_ns = at_ns;
    rows[op - 1].answer = *answer;
}

void __wrap_history_attempt(struct history_writer *w, int64_t op, const struct attempt *a)
{
    (void)w;
    (void)a;
    assert_in_range(op, 1, row_count);
    attempt_count++;
}

void __wrap_history_event(struct history_writer *w, int64_t at_ns, const char *name, int node,
                          const char *detail)
{
    (void)w;
    (void)at_ns;
    assert_true(event_count < EVENTS_MAX);
    strncpy(events[event_count].name, name, sizeof events[event_count].name - 1);
    strncpy(events[event_count].detail, detail, sizeof events[event_count].detail - 1);
    events[event_count++].node = node;
}

/* --- a system that does as it is told --- */

struct fake {
    struct system base;
    struct io *io;
    int64_t service_ns; /* negative: answer from inside the call */
    enum op_outcome outcome;
    unsigned opened, closed, busy, opens_left;
    /* What each node holds in the final phase, by round. */
    const struct final_value *(*final)(unsigned round, uint32_t node, size_t *count);
    enum err_code final_code[NODES];
    unsigned finals_asked;
};

struct client {
    struct fake *fake;
    uint32_t region, number;
    struct client_handler handler;
    struct io_timer timer;
    bool busy;
};

static struct fake *fake_of(struct system *s)
{
    return CONTAINER_OF(s, struct fake, base);
}

static void answer_client(struct client *c)
{
    struct attempt attempt = {.number = 1, .node = 0, .outcome = c->fake->outcome};
    struct answer answer = {.outcome = c->fake->outcome,
                            .result = OP_NIL,
                            .version = OP_NIL,
                            .error = c->fake->outcome == OUTCOME_OK ? NULL : "told to"};
    c->busy = false;
    c->fake->busy--;
    c->handler.attempted(c->handler.user, &attempt);
    c->handler.answered(c->handler.user, &answer);
}

static void on_client_timer(struct io_timer *timer)
{
    answer_client(CONTAINER_OF(timer, struct client, timer));
}

static enum err_code fake_client_open(struct system *s, uint32_t region, uint32_t number,
                                      struct client **out, struct err *err)
{
    struct fake *f = fake_of(s);
    if (f->opens_left == 0)
        return err_set(err, ERR_LIMIT, "no more clients");
    f->opens_left--;
    f->opened++;
    struct client *c = calloc(1, sizeof *c);
    assert_non_null(c);
    *c = (struct client){
        .fake = f, .region = region, .number = number, .timer.fire = on_client_timer};
    *out = c;
    return ERR_OK;
}

static void fake_invoke(struct client *c, const struct operation *op,
                        const struct client_handler *handler)
{
    (void)op;
    struct fake *f = c->fake;
    assert_false(c->busy);
    c->busy = true;
    f->busy++;
    c->handler = *handler;
    if (f->service_ns < 0)
        answer_client(c);
    else
        f->io->ops->timer_set(f->io, &c->timer, f->io->ops->now_ns(f->io) + f->service_ns);
}

static void fake_client_close(struct client *c)
{
    c->fake->closed++;
    c->fake->io->ops->timer_stop(c->fake->io, &c->timer);
    free(c);
}

static void fake_final_state(struct system *s, uint32_t node, uint32_t table,
                             void (*told)(void *, enum err_code, const struct final_value *,
                                          size_t),
                             void *user)
{
    (void)table;
    struct fake *f = fake_of(s);
    size_t count = 0;
    unsigned round = f->finals_asked++ / NODES;
    const struct final_value *values = f->final(round, node, &count);
    told(user, f->final_code[node], values, count);
}

static const struct system_ops fake_ops = {
    .about = {.name = "fake", .flags = SYSTEM_FINAL_STATE},
    .final_state = fake_final_state,
    .client_open = fake_client_open,
    .invoke = fake_invoke,
    .client_close = fake_client_close,
};

/* --- a bench: scenario, plan, world and driver --- */

struct bench {
    struct world *world;
    struct io *io;
    struct fake fake;
    struct workload_common *common; /* head of the workload's config */
    struct workload_spec workload;
    struct scenario scenario;
    struct plan plan;
    struct driver *driver;
    bool done, agreed;
};

static void on_done(void *user)
{
    struct bench *b = user;
    assert_false(b->done);
    b->done = true;
}

static void on_final_done(void *user, bool agreed)
{
    struct bench *b = user;
    b->done = true;
    b->agreed = agreed;
}

static void fill_scenario(struct bench *b, const char *workload)
{
    struct catalogue all = workload_catalogue();
    const struct plugin *plugin = catalogue_find(&all, workload);
    assert_non_null(plugin);
    b->common = calloc(1, plugin->config_size);
    assert_non_null(b->common);
    param_defaults(plugin->params, b->common);
    b->workload = (struct workload_spec){plugin, b->common, "workloads[0]", 0};
    bool set = plugin->flags & PLUGIN_OR_SET;
    b->scenario = (struct scenario){
        .name = "test",
        .topology = {.region_count = REGIONS,
                     .node_count = NODES,
                     .regions = {{"east", 2}, {"west", 1}},
                     .nodes = {{"east-1", 0}, {"east-2", 0}, {"west-1", 1}}},
        .system = {.table_count = 1,
                   .tables = {{.name = "accounts",
                               .type = set ? TABLE_OR_SET : TABLE_REGISTER,
                               .reads = "linearizable"}}},
        .workload_count = 1,
        .workloads = &b->workload,
        .duration_ns = 5 * NS_PER_S,
        .settle_ns = 3 * NS_PER_S,
    };
    b->plan = (struct plan){.scenario = &b->scenario, .workload_seeds = {11}};
}

static void open_bench(struct bench *b, const char *workload)
{
    struct sim_config sim = {.seed = 1, .host_count = 1, .sync_ns = NS_PER_MS};
    struct place place = {.name = "own", .netns_fd = -1, .cgroup_fd = -1};
    struct err err;
    row_count = event_count = attempt_count = 0;
    memset(events, 0, sizeof events);
    *b = (struct bench){.world = sim_new(&sim)};
    assert_non_null(b->world);
    b->io = b->world->ops->open(b->world, &place, "own", &err);
    assert_non_null(b->io);
    b->fake = (struct fake){
        .base.ops = &fake_ops, .io = b->io, .service_ns = NS_PER_MS, .opens_left = 100000};
    fill_scenario(b, workload);
}

static void make_driver(struct bench *b)
{
    struct driver_setup setup = {.plan = &b->plan, .system = &b->fake.base, .io = b->io};
    struct err err;
    assert_int_equal(driver_new(&setup, &b->driver, &err), ERR_OK);
}

static void run_until_done(struct bench *b)
{
    struct err err;
    assert_int_equal(b->world->ops->run(b->world, &b->done, -1, &err), ERR_OK);
    assert_true(b->done);
}

static void play(struct bench *b)
{
    make_driver(b);
    driver_start(b->driver, NS_PER_S, on_done, b);
    run_until_done(b);
}

static void close_bench(struct bench *b)
{
    driver_free(b->driver);
    assert_int_equal(b->fake.opened, b->fake.closed);
    b->world->ops->close(b->world, b->io);
    sim_free(b->world);
    free(b->common);
}

/* --- pacing --- */

static void arrivals_are_invoked_at_their_intended_instants(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.common->pacing = PACING_CONSTANT;
    b.common->rate_per_ks = 100000;
    play(&b);
    assert_int_equal(row_count, 2 * 500);
    for (size_t i = 0; i < row_count; i++) {
        assert_int_equal(rows[i].op.invoked_at_ns, rows[i].op.intended_at_ns);
        assert_in_range(rows[i].op.invoked_at_ns, NS_PER_S, 6 * NS_PER_S);
        assert_int_equal(rows[i].op.operation.level, LEVEL_LINEARIZABLE);
    }
    for (size_t i = REGIONS * 4; i < row_count; i++) /* everybody in turn */
        assert_int_equal(rows[i].op.process, rows[i - REGIONS * 4].op.process);
    assert_int_equal(driver_counts(b.driver).late, 0);
    assert_int_equal(driver_counts(b.driver).ok, row_count);
    assert_int_equal(attempt_count, row_count);
    close_bench(&b);
}

static void poisson_arrivals_come_at_the_rate_asked_for(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.common->rate_per_ks = 200000;
    play(&b);
    assert_in_range(row_count, 2 * 1000 * 92 / 100, 2 * 1000 * 108 / 100);
    close_bench(&b);
}

/* 100 a second for a single client that takes 50 ms each: the k-th starts 40 ms later
 * than the one before it, and its latency must say so. */
static void a_busy_client_does_not_move_the_intended_time(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.common->pacing = PACING_CONSTANT;
    b.common->rate_per_ks = 100000;
    b.common->clients = 1;
    b.fake.service_ns = 50 * NS_PER_MS;
    b.scenario.duration_ns = 2 * NS_PER_S;
    play(&b);
    int64_t seen[REGIONS] = {0}, first_ns[REGIONS];
    for (size_t i = 0; i < row_count; i++) {
        uint32_t region = rows[i].op.region;
        if (seen[region] == 0)
            first_ns[region] = rows[i].op.intended_at_ns;
        int64_t k = seen[region]++;
        assert_int_equal(rows[i].op.intended_at_ns, first_ns[region] + k * 10 * NS_PER_MS);
        assert_int_equal(rows[i].op.invoked_at_ns, first_ns[region] + k * 50 * NS_PER_MS);
    }
    assert_int_equal(seen[0], 40);
    struct driver_counts counts = driver_counts(b.driver);
    assert_int_equal(counts.late, row_count - REGIONS);
    assert_int_equal(counts.dropped, 2 * 200 - row_count);
    close_bench(&b);
}

static void the_queue_is_bounded_and_what_it_drops_is_counted(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.common->pacing = PACING_CONSTANT;
    b.common->rate_per_ks = 1000000;
    b.common->clients = 1;
    b.fake.service_ns = 20 * NS_PER_S;
    play(&b);
    assert_int_equal(row_count, REGIONS);
    assert_int_equal(driver_counts(b.driver).dropped, 2 * 5000 - REGIONS);
    assert_int_equal(event_count, REGIONS);
    assert_string_equal(events[0].name, "queue_full");
    assert_non_null(strstr(events[0].detail, "register in"));
    close_bench(&b);
}

static void a_closed_loop_invokes_after_each_answer(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.common->pacing = PACING_CLOSED;
    b.common->clients = 2;
    b.fake.service_ns = 10 * NS_PER_MS;
    b.scenario.duration_ns = NS_PER_S;
    play(&b);
    assert_int_equal(row_count, REGIONS * 2 * 100);
    for (size_t i = 0; i < row_count; i++)
        assert_int_equal(rows[i].op.invoked_at_ns, rows[i].op.intended_at_ns);
    close_bench(&b);
}

static void a_closed_loop_does_not_spin_on_refusals(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.common->pacing = PACING_CLOSED;
    b.common->clients = 1;
    b.fake.service_ns = -1;
    b.fake.outcome = OUTCOME_FAIL;
    b.scenario.duration_ns = NS_PER_S;
    play(&b);
    assert_int_equal(row_count, REGIONS * 100);
    close_bench(&b);
}

static void answers_from_inside_the_call_are_fine(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.service_ns = -1;
    b.fake.outcome = OUTCOME_UNKNOWN;
    play(&b);
    assert_true(row_count > 300);
    assert_int_equal(driver_counts(b.driver).unknown, row_count);
    close_bench(&b);
}

/* --- clients and processes --- */

static void a_process_is_retired_after_an_unknown(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.outcome = OUTCOME_UNKNOWN;
    play(&b);
    assert_true(row_count > 300);
    for (size_t i = 0; i < row_count; i++)
        for (size_t j = i + 1; j < row_count; j++)
            assert_int_not_equal(rows[i].op.process, rows[j].op.process);
    close_bench(&b);
}

static void a_process_goes_on_after_a_failure(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.outcome = OUTCOME_FAIL;
    play(&b);
    assert_int_equal(b.fake.opened, REGIONS * 4);
    for (size_t i = 0; i < row_count; i++)
        assert_in_range(rows[i].op.process, 0, REGIONS * 4 - 1);
    close_bench(&b);
}

static void a_process_does_one_thing_at_a_time(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.service_ns = 60 * NS_PER_MS;
    b.common->rate_per_ks = 100000;
    play(&b);
    int64_t free_at_ns[REGIONS * 4] = {0};
    for (size_t i = 0; i < row_count; i++) {
        int64_t *free_at = &free_at_ns[rows[i].op.process];
        assert_true(rows[i].op.invoked_at_ns >= *free_at);
        *free_at = rows[i].returned_at_ns;
    }
    for (size_t i = 0; i < REGIONS * 4; i++)
        assert_true(free_at_ns[i] > 0); /* everybody got work */
    close_bench(&b);
}

static void a_client_that_cannot_be_replaced_is_told(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.outcome = OUTCOME_UNKNOWN;
    b.fake.opens_left = REGIONS * 4;
    play(&b);
    assert_int_equal(row_count, REGIONS * 4);
    assert_int_equal(event_count, REGIONS * 4);
    assert_string_equal(events[0].name, "client_lost");
    assert_string_equal(events[0].detail, "no more clients");
    close_bench(&b);
}

static void request_ids_and_values_are_unique(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    play(&b);
    for (size_t i = 0; i < row_count; i++)
        for (size_t j = i + 1; j < row_count; j++) {
            const struct operation *a = &rows[i].op.operation, *c = &rows[j].op.operation;
            assert_int_not_equal(a->request_id, c->request_id);
            assert_true(a->argument == OP_NIL || a->argument != c->argument);
        }
    close_bench(&b);
}

/* --- the end --- */

static void nothing_begins_after_the_duration_and_done_waits_for_answers(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.service_ns = 700 * NS_PER_MS;
    play(&b);
    for (size_t i = 0; i < row_count; i++) {
        assert_true(rows[i].op.invoked_at_ns < 6 * NS_PER_S);
        assert_true(rows[i].returned_at_ns >= 0);
    }
    assert_true(b.world->ops->now_ns(b.world) > 6 * NS_PER_S);
    assert_int_equal(b.fake.busy, 0);
    close_bench(&b);
}

static void stopping_early_invokes_nothing_new(void **state)
{
    (void)state;
    struct bench b;
    struct err err;
    open_bench(&b, "register");
    make_driver(&b);
    driver_start(b.driver, NS_PER_S, on_done, &b);
    assert_int_equal(b.world->ops->run(b.world, NULL, 2 * NS_PER_S, &err), ERR_OK);
    size_t so_far = row_count;
    assert_true(so_far > 50);
    driver_stop(b.driver);
    assert_false(b.done); /* told from a clean stack */
    run_until_done(&b);
    assert_int_equal(row_count, so_far);
    close_bench(&b);
}

/* Field by field: what lies between fields is anybody's. */
static void assert_same_operation(const struct operation *a, const struct operation *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->table, b->table);
    assert_int_equal(a->key, b->key);
    assert_int_equal(a->argument, b->argument);
    assert_int_equal(a->expected, b->expected);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->request_id, b->request_id);
}

/* How the system behaves must not change what is asked of it. */
static void operations_do_not_depend_on_the_system(void **state)
{
    (void)state;
    static struct operation fast[ROWS_MAX];
    struct bench b;
    open_bench(&b, "register");
    play(&b);
    size_t count = row_count;
    for (size_t i = 0; i < count; i++)
        fast[i] = rows[i].op.operation;
    close_bench(&b);
    open_bench(&b, "register");
    b.fake.service_ns = 30 * NS_PER_MS;
    play(&b);
    assert_in_range(row_count, count - 20, count);
    for (size_t i = 0; i < row_count; i++) {
        const struct operation *slow = &rows[i].op.operation;
        const struct operation *same = &fast[slow->request_id - 1];
        assert_same_operation(same, slow);
    }
    close_bench(&b);
}

static void a_table_of_another_type_is_refused(void **state)
{
    (void)state;
    struct bench b;
    struct err err;
    open_bench(&b, "register");
    b.scenario.system.tables[0].type = TABLE_OR_SET;
    struct driver_setup setup = {.plan = &b.plan, .system = &b.fake.base, .io = b.io};
    assert_int_equal(driver_new(&setup, &b.driver, &err), ERR_INVALID);
    assert_string_equal(
        err.msg, "workloads[0]: 'register' cannot drive table 'accounts' of type or-set");
    close_bench(&b);
}

/* --- the final phase --- */

static const struct final_value *agree_in_third_round(unsigned round, uint32_t node,
                                                      size_t *count)
{
    static struct final_value values[2];
    values[0] = (struct final_value){.key = 3, .value = round < 2 ? (int64_t)node : 7};
    values[1] = (struct final_value){.key = 2000, .value = 9}; /* no operation's */
    *count = 2;
    return values;
}

static const struct final_value *never_agree(unsigned round, uint32_t node, size_t *count)
{
    static struct final_value value;
    (void)round;
    value = (struct final_value){.key = 3, .value = (int64_t)node};
    *count = 1;
    return &value;
}

static const struct final_value *hold_a_set(unsigned round, uint32_t node, size_t *count)
{
    static const int64_t members[] = {4, 6};
    static struct final_value value;
    (void)round;
    (void)node;
    value =
        (struct final_value){.key = 0, .members = members, .member_count = 2, .is_list = true};
    *count = 1;
    return &value;
}

static const struct final_value *hold_nothing(unsigned round, uint32_t node, size_t *count)
{
    (void)round;
    (void)node;
    *count = 0;
    return NULL;
}

static size_t play_final(struct bench *b)
{
    play(b);
    size_t first = row_count;
    b->done = false;
    driver_final(b->driver, on_final_done, b);
    assert_false(b->done);
    run_until_done(b);
    return first;
}

static void rounds_go_on_until_all_replicas_agree(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.final = agree_in_third_round;
    size_t first = play_final(&b);
    assert_true(b.agreed);
    assert_int_equal(b.fake.finals_asked, 3 * NODES);
    /* 20 keys were touched, and a replica holds one more */
    assert_int_equal(row_count - first, 3 * NODES * 21);
    for (size_t i = first; i < row_count; i++) {
        const struct operation *op = &rows[i].op.operation;
        assert_int_equal(op->kind, OP_FINAL);
        assert_int_equal(op->argument, (int64_t)(i - first) / (NODES * 21) + 1);
        assert_int_equal(rows[i].answer.outcome, OUTCOME_OK);
        int64_t expected = op->key == 2000 ? 9 : OP_NIL;
        if (op->key == 3)
            expected = op->argument < 3 ? rows[i].answer.node : 7;
        assert_int_equal(rows[i].answer.result, expected);
    }
    close_bench(&b);
}

static void rounds_end_with_the_settle_time(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.final = never_agree;
    play_final(&b);
    assert_false(b.agreed);
    assert_int_equal(b.fake.finals_asked, 7 * NODES); /* at 0, 0.5, ... 3 s */
    close_bench(&b);
}

static void a_replica_that_does_not_answer_is_no_agreement(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "register");
    b.fake.final = hold_nothing;
    b.fake.final_code[1] = ERR_TIMEOUT;
    size_t first = play_final(&b);
    assert_false(b.agreed);
    assert_string_equal(events[0].name, "final_unanswered");
    assert_int_equal(events[0].node, 1);
    assert_string_equal(events[0].detail, "table accounts, round 1: timed out");
    for (size_t i = first; i < row_count; i++)
        assert_int_not_equal(rows[i].answer.node, 1);
    close_bench(&b);
}

static void a_set_is_recorded_as_a_list_also_when_empty(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "set");
    b.fake.final = hold_a_set;
    size_t first = play_final(&b);
    assert_true(b.agreed);
    for (size_t i = first; i < row_count; i++) {
        assert_true(rows[i].answer.is_list);
        assert_int_equal(rows[i].answer.member_count, rows[i].op.operation.key == 0 ? 2 : 0);
    }
    close_bench(&b);
}

static void the_same_plan_gives_the_same_rows(void **state)
{
    (void)state;
    static struct caught before[ROWS_MAX];
    size_t count = 0;
    for (int run = 0; run < 2; run++) {
        struct bench b;
        open_bench(&b, "set");
        play(&b);
        if (run == 0)
            count = row_count;
        assert_int_equal(row_count, count);
        for (size_t i = 0; i < count; i++) {
            if (run == 0)
                before[i] = rows[i];
            assert_same_operation(&before[i].op.operation, &rows[i].op.operation);
            assert_int_equal(before[i].op.process, rows[i].op.process);
            assert_int_equal(before[i].op.invoked_at_ns, rows[i].op.invoked_at_ns);
            assert_int_equal(before[i].returned_at_ns, rows[i].returned_at_ns);
        }
        close_bench(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_are_invoked_at_their_intended_instants),
        cmocka_unit_test(poisson_arrivals_come_at_the_rate_asked_for),
        cmocka_unit_test(a_busy_client_does_not_move_the_intended_time),
        cmocka_unit_test(the_queue_is_bounded_and_what_it_drops_is_counted),
        cmocka_unit_test(a_closed_loop_invokes_after_each_answer),
        cmocka_unit_test(a_closed_loop_does_not_spin_on_refusals),
        cmocka_unit_test(answers_from_inside_the_call_are_fine),
        cmocka_unit_test(a_process_is_retired_after_an_unknown),
        cmocka_unit_test(a_process_goes_on_after_a_failure),
        cmocka_unit_test(a_process_does_one_thing_at_a_time),
        cmocka_unit_test(a_client_that_cannot_be_replaced_is_told),
        cmocka_unit_test(request_ids_and_values_are_unique),
        cmocka_unit_test(nothing_begins_after_the_duration_and_done_waits_for_answers),
        cmocka_unit_test(stopping_early_invokes_nothing_new),
        cmocka_unit_test(operations_do_not_depend_on_the_system),
        cmocka_unit_test(a_table_of_another_type_is_refused),
        cmocka_unit_test(rounds_go_on_until_all_replicas_agree),
        cmocka_unit_test(rounds_end_with_the_settle_time),
        cmocka_unit_test(a_replica_that_does_not_answer_is_no_agreement),
        cmocka_unit_test(a_set_is_recorded_as_a_list_also_when_empty),
        cmocka_unit_test(the_same_plan_gives_the_same_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
