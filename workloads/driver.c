/* From the top: a slot is one client at work, a stream is a workload in one region
 * with its arrivals and its slots, the driver is all streams and how they end. */
#include "workloads/driver.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/units.h"
#include "workloads/final.h"
#include "workloads/workload.h"

#define LATE_NS (1 * NS_PER_MS)

/* What a closed-loop client waits after a failure: a store that refuses at once must
 * not be asked without end at one instant. */
#define PAUSE_AFTER_FAILURE_NS (10 * NS_PER_MS)

/* Values of workload n count from n billion, which people can still read. */
#define VALUES_PER_WORKLOAD INT64_C(1000000000)

struct arrival {
    struct operation operation;
    int64_t intended_at_ns;
};

/* One workload: its generator is shared by all regions, so that values are unique. */
struct generator {
    const struct workload_ops *ops;
    const struct workload_common *common;
    struct workload_state *state;
    uint32_t table;
    enum op_level level;
};

struct slot {
    struct stream *stream;
    struct client *client; /* NULL: could not be opened again */
    struct client_handler handler;
    struct io_timer turn; /* closed pacing: when to invoke next */
    int64_t process, op;
    bool busy, invoking, retired;
};

struct stream {
    struct driver *driver;
    struct generator *generator;
    uint32_t region;
    struct random_stream arrivals, operations;
    struct io_timer arrival_timer;
    int64_t next_arrival_at_ns;
    struct arrival *queue; /* a ring of DRIVER_QUEUE_MAX */
    size_t queue_first, queue_count;
    bool overflowing; /* told once per overflow */
    struct slot *slots;
    size_t slot_count, turn;
};

struct driver {
    struct driver_setup setup;
    struct arena arena;
    struct driver_counts counts;
    struct generator *generators;
    struct stream *streams;
    size_t stream_count;
    struct touched_keys touched[TABLES_MAX];
    int64_t next_process;
    uint64_t next_request, busy_count;
    struct io_timer end_timer;  /* the duration is over */
    struct io_timer done_timer; /* tells `done` from a clean stack */
    void (*done)(void *user);
    void *user;
    bool stopping;
    struct final_phase *final;
};

static int64_t now_ns(const struct driver *d)
{
    return d->setup.io->ops->now_ns(d->setup.io);
}

static void timer_set(struct driver *d, struct io_timer *timer, int64_t at_ns)
{
    d->setup.io->ops->timer_set(d->setup.io, timer, at_ns);
}

static void timer_stop(struct driver *d, struct io_timer *timer)
{
    d->setup.io->ops->timer_stop(d->setup.io, timer);
}

static void tell_done_when_idle(struct driver *d)
{
    if (d->stopping && d->busy_count == 0 && d->done)
        timer_set(d, &d->done_timer, now_ns(d));
}

/* --- slots --- */

static enum err_code open_client(struct slot *slot, struct err *err)
{
    struct driver *d = slot->stream->driver;
    slot->process = d->next_process++;
    return d->setup.system->ops->client_open(d->setup.system, slot->stream->region,
                                             (uint32_t)slot->process, &slot->client, err);
}

/* A thread of control that lost sight of an operation is at its end: the operation
 * may still happen, so the process must not be seen doing anything after it. */
static void replace_client(struct slot *slot)
{
    struct driver *d = slot->stream->driver;
    struct err err;
    slot->retired = false;
    d->setup.system->ops->client_close(slot->client);
    slot->client = NULL;
    if (open_client(slot, &err)) {
        slot->client = NULL;
        history_event(d->setup.history, now_ns(d), "client_lost", -1, err.msg);
    }
}

static void count_outcome(struct driver_counts *counts, enum op_outcome outcome)
{
    counts->ok += outcome == OUTCOME_OK;
    counts->failed += outcome == OUTCOME_FAIL;
    counts->unknown += outcome == OUTCOME_UNKNOWN;
}

static void work(struct slot *slot);

static void on_attempted(void *user, const struct attempt *attempt)
{
    struct slot *slot = user;
    history_attempt(slot->stream->driver->setup.history, slot->op, attempt);
}

static void plan_turn(struct slot *slot, int64_t pause_ns)
{
    struct driver *d = slot->stream->driver;
    if (!d->stopping)
        timer_set(d, &slot->turn, now_ns(d) + pause_ns);
}

static void on_answered(void *user, const struct answer *answer)
{
    struct slot *slot = user;
    struct driver *d = slot->stream->driver;
    assert(slot->busy);
    history_ret(d->setup.history, slot->op, now_ns(d), answer);
    count_outcome(&d->counts, answer->outcome);
    slot->busy = false;
    slot->retired = answer->outcome == OUTCOME_UNKNOWN;
    d->busy_count--;
    if (slot->stream->generator->common->pacing == PACING_CLOSED)
        plan_turn(slot, answer->outcome == OUTCOME_OK ? 0 : PAUSE_AFTER_FAILURE_NS);
    if (!slot->invoking)
        work(slot);
    tell_done_when_idle(d);
}

static void invoke(struct slot *slot, const struct arrival *arrival)
{
    struct driver *d = slot->stream->driver;
    struct op_row row = {
        .process = slot->process,
        .session = slot->process,
        .region = slot->stream->region,
        .operation = arrival->operation,
        .intended_at_ns = arrival->intended_at_ns,
        .invoked_at_ns = now_ns(d),
    };
    slot->op = history_op(d->setup.history, &row);
    d->counts.invoked++;
    d->counts.late += row.invoked_at_ns - arrival->intended_at_ns > LATE_NS;
    d->busy_count++;
    slot->busy = true;
    slot->invoking = true;
    d->setup.system->ops->invoke(slot->client, &row.operation, &slot->handler);
    slot->invoking = false;
}

static bool take_arrival(struct stream *s, struct arrival *out)
{
    if (s->queue_count == 0 || s->driver->stopping)
        return false;
    *out = s->queue[s->queue_first];
    s->queue_first = (s->queue_first + 1) % DRIVER_QUEUE_MAX;
    s->queue_count--;
    s->overflowing = false;
    return true;
}

/* Take what waits, for as long as answers come from inside the call. */
static void work(struct slot *slot)
{
    struct arrival arrival;
    for (;;) {
        if (slot->retired && !slot->stream->driver->stopping)
            replace_client(slot);
        if (slot->busy || !slot->client || !take_arrival(slot->stream, &arrival))
            return;
        invoke(slot, &arrival);
    }
}

/* --- streams --- */

static struct operation draw_operation(struct stream *s)
{
    struct generator *g = s->generator;
    struct operation op;
    g->ops->next(g->state, &s->operations, s->region, &op);
    op.table = g->table;
    op.level = g->level;
    op.request_id = ++s->driver->next_request;
    struct touched_keys *touched = &s->driver->touched[g->table];
    assert(op.key >= 0 && (size_t)op.key < touched->count);
    touched->flags[op.key] = 1;
    return op;
}

static void report_overflow(struct stream *s)
{
    char detail[128];
    snprintf(detail, sizeof detail, "%s in %s: %d operations wait already",
             s->generator->ops->about.name,
             s->driver->setup.plan->scenario->topology.regions[s->region].name,
             DRIVER_QUEUE_MAX);
    history_event(s->driver->setup.history, now_ns(s->driver), "queue_full", -1, detail);
}

/* The operation is drawn also when nobody can take it: which operations arrive must
 * not depend on how the system behaves. */
static void enqueue(struct stream *s, int64_t intended_at_ns)
{
    struct arrival arrival = {draw_operation(s), intended_at_ns};
    if (s->queue_count == DRIVER_QUEUE_MAX) {
        if (!s->overflowing)
            report_overflow(s);
        s->overflowing = true;
        s->driver->counts.dropped++;
        return;
    }
    s->queue[(s->queue_first + s->queue_count++) % DRIVER_QUEUE_MAX] = arrival;
}

/* In turn, so that every client gets its share also when few are busy. */
static struct slot *idle_slot(struct stream *s)
{
    for (size_t i = 0; i < s->slot_count; i++) {
        struct slot *slot = &s->slots[(s->turn + i) % s->slot_count];
        if (!slot->busy && slot->client) {
            s->turn = (s->turn + i + 1) % s->slot_count;
            return slot;
        }
    }
    return NULL;
}

static void plan_arrival(struct stream *s, int64_t gap_ns)
{
    s->next_arrival_at_ns += gap_ns;
    timer_set(s->driver, &s->arrival_timer, s->next_arrival_at_ns);
}

/* A late timer makes up for what it missed: arrivals keep their own instants. */
static void on_arrival(struct io_timer *timer)
{
    struct stream *s = CONTAINER_OF(timer, struct stream, arrival_timer);
    const struct workload_common *common = s->generator->common;
    enqueue(s, s->next_arrival_at_ns);
    plan_arrival(s,
                 pacing_gap_ns((enum pacing)common->pacing, common->rate_per_ks, &s->arrivals));
    struct slot *slot = idle_slot(s);
    if (slot)
        work(slot);
}

/* Closed pacing: this client's next operation arrives when it can take it. */
static void on_turn(struct io_timer *timer)
{
    struct slot *slot = CONTAINER_OF(timer, struct slot, turn);
    enqueue(slot->stream, now_ns(slot->stream->driver));
    work(slot);
}

static void start_stream(struct stream *s, int64_t start_at_ns)
{
    const struct workload_common *common = s->generator->common;
    if (common->pacing == PACING_CLOSED) {
        for (size_t i = 0; i < s->slot_count; i++)
            timer_set(s->driver, &s->slots[i].turn, start_at_ns);
        return;
    }
    s->next_arrival_at_ns = start_at_ns;
    plan_arrival(
        s, pacing_first_gap_ns((enum pacing)common->pacing, common->rate_per_ks, &s->arrivals));
}

static void stop_stream(struct stream *s)
{
    timer_stop(s->driver, &s->arrival_timer);
    for (size_t i = 0; i < s->slot_count; i++)
        timer_stop(s->driver, &s->slots[i].turn);
    s->driver->counts.dropped += s->queue_count;
    s->queue_count = 0;
}

static void free_stream(struct stream *s)
{
    for (size_t i = 0; i < s->slot_count; i++)
        if (s->slots[i].client)
            s->driver->setup.system->ops->client_close(s->slots[i].client);
}

/* --- making it --- */

static enum err_code make_slots(struct driver *d, struct stream *s, struct err *err)
{
    size_t wanted = (size_t)s->generator->common->clients;
    s->slots = arena_array(&d->arena, wanted, sizeof *s->slots);
    if (!s->slots)
        return err_set(err, ERR_NOMEM, "%zu clients", wanted);
    while (s->slot_count < wanted) {
        struct slot *slot = &s->slots[s->slot_count++];
        slot->stream = s;
        slot->turn.fire = on_turn;
        slot->handler = (struct client_handler){slot, on_attempted, on_answered};
        if (open_client(slot, err)) {
            slot->client = NULL;
            return err_wrap(err, "a client in %s",
                            d->setup.plan->scenario->topology.regions[s->region].name);
        }
    }
    return ERR_OK;
}

static enum err_code make_stream(struct driver *d, uint32_t workload, uint32_t region,
                                 struct err *err)
{
    uint64_t seed = d->setup.plan->workload_seeds[workload];
    char name[64];
    struct stream *s = &d->streams[d->stream_count++];
    *s = (struct stream){.driver = d, .generator = &d->generators[workload], .region = region};
    s->arrival_timer.fire = on_arrival;
    snprintf(name, sizeof name, "region %u arrivals", region);
    s->arrivals = random_derive(seed, name);
    snprintf(name, sizeof name, "region %u operations", region);
    s->operations = random_derive(seed, name);
    s->queue = arena_array(&d->arena, DRIVER_QUEUE_MAX, sizeof *s->queue);
    if (!s->queue)
        return err_set(err, ERR_NOMEM, "a queue of operations");
    return make_slots(d, s, err);
}

static enum err_code touch_room(struct driver *d, uint32_t table, size_t keys, struct err *err)
{
    struct touched_keys *touched = &d->touched[table];
    if (keys <= touched->count)
        return ERR_OK;
    touched->flags = arena_alloc(&d->arena, keys); /* nothing is touched yet */
    touched->count = keys;
    return touched->flags ? ERR_OK : err_set(err, ERR_NOMEM, "%zu keys", keys);
}

static enum err_code make_generator(struct driver *d, uint32_t workload, struct err *err)
{
    const struct scenario *scenario = d->setup.plan->scenario;
    const struct workload_spec *spec = &scenario->workloads[workload];
    const struct table_spec *table = &scenario->system.tables[spec->table];
    struct generator *g = &d->generators[workload];
    *g = (struct generator){.ops = workload_of(spec->plugin),
                            .common = spec->config,
                            .table = spec->table,
                            .level = (enum op_level)op_level_find(table->reads)};
    unsigned drives = table->type == TABLE_REGISTER ? PLUGIN_REGISTER : PLUGIN_OR_SET;
    if (!(g->ops->about.flags & drives))
        return err_set(err, ERR_INVALID, "%s: '%s' cannot drive table '%s' of type %s",
                       spec->name, g->ops->about.name, table->name,
                       table_type_name(table->type));
    g->state = arena_alloc(&d->arena, g->ops->state_size);
    if (!g->state)
        return err_set(err, ERR_NOMEM, "workload '%s'", g->ops->about.name);
    g->ops->begin(g->state, spec->config, 1 + workload * VALUES_PER_WORKLOAD);
    return touch_room(d, spec->table, (size_t)g->common->keys, err);
}

static enum err_code make_all(struct driver *d, struct err *err)
{
    const struct scenario *scenario = d->setup.plan->scenario;
    uint32_t regions = scenario->topology.region_count;
    uint32_t workloads = scenario->workload_count;
    assert(workloads <= ARRAY_LEN(d->setup.plan->workload_seeds));
    d->generators = arena_array(&d->arena, workloads, sizeof *d->generators);
    d->streams = arena_array(&d->arena, (size_t)workloads * regions, sizeof *d->streams);
    if (!d->generators || !d->streams)
        return err_set(err, ERR_NOMEM, "%u workloads in %u regions", workloads, regions);
    enum err_code code = ERR_OK;
    for (uint32_t w = 0; !code && w < workloads; w++)
        code = make_generator(d, w, err);
    for (uint32_t w = 0; !code && w < workloads; w++)
        for (uint32_t region = 0; !code && region < regions; region++)
            code = make_stream(d, w, region, err);
    return code;
}

/* --- the driver --- */

static void on_end(struct io_timer *timer)
{
    driver_stop(CONTAINER_OF(timer, struct driver, end_timer));
}

static void on_done(struct io_timer *timer)
{
    struct driver *d = CONTAINER_OF(timer, struct driver, done_timer);
    void (*done)(void *) = d->done;
    d->done = NULL;
    done(d->user);
}

enum err_code driver_new(const struct driver_setup *setup, struct driver **out, struct err *err)
{
    struct driver *d = calloc(1, sizeof *d);
    if (!d)
        return err_set(err, ERR_NOMEM, "the driver of the workloads");
    d->setup = *setup;
    d->end_timer.fire = on_end;
    d->done_timer.fire = on_done;
    enum err_code code = make_all(d, err);
    if (code) {
        driver_free(d);
        return code;
    }
    *out = d;
    return ERR_OK;
}

void driver_start(struct driver *d, int64_t start_at_ns, void (*done)(void *user), void *user)
{
    assert(!d->done && !d->stopping);
    d->done = done;
    d->user = user;
    for (size_t i = 0; i < d->stream_count; i++)
        start_stream(&d->streams[i], start_at_ns);
    timer_set(d, &d->end_timer, start_at_ns + d->setup.plan->scenario->duration_ns);
}

void driver_stop(struct driver *d)
{
    if (d->stopping)
        return;
    d->stopping = true;
    timer_stop(d, &d->end_timer);
    for (size_t i = 0; i < d->stream_count; i++)
        stop_stream(&d->streams[i]);
    tell_done_when_idle(d);
}

struct driver_counts driver_counts(const struct driver *d)
{
    return d->counts;
}

/* Without memory there is nothing to wait for: tell at once. */
void driver_final(struct driver *d, void (*done)(void *user, bool agreed), void *user)
{
    struct final_setup setup = {
        .scenario = d->setup.plan->scenario,
        .system = d->setup.system,
        .io = d->setup.io,
        .history = d->setup.history,
        .touched = d->touched,
        .next_process = &d->next_process,
        .done = done,
        .user = user,
    };
    assert(!d->final);
    d->final = final_start(&setup);
    if (!d->final)
        done(user, false);
}

void driver_free(struct driver *d)
{
    if (!d)
        return;
    timer_stop(d, &d->end_timer);
    timer_stop(d, &d->done_timer);
    d->stopping = true;
    for (size_t i = 0; i < d->stream_count; i++) {
        stop_stream(&d->streams[i]);
        free_stream(&d->streams[i]);
    }
    final_free(d->final);
    arena_done(&d->arena);
    free(d);
}
