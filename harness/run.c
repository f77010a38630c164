/* A run, from the folder to the last final read. In order of events:
 *
 *   open      folder, world, history, system, injector
 *   play      nodes up > workload and faults > heal > final reads
 *   close     the same things in the other direction */
#include "harness/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/units.h"
#include "harness/nodes.h"
#include "harness/record.h"
#include "harness/repeat.h"
#include "harness/watch.h"
#include "injector/injector.h"
#include "injector/lab.h"
#include "workloads/driver.h"

#define READY_WITHIN_NS  (30 * NS_PER_S)
#define HEALED_WITHIN_NS (10 * NS_PER_S)
#define LEAD_IN_NS       (100 * NS_PER_MS)

struct run {
    const struct run_options *options;
    const struct prepared *prepared;
    struct run_result *result;
    char program[FOLDER_PATH_BYTES];

    struct stage stage;
    struct io *io; /* the run's own clock and timers */
    struct history_writer *history;
    struct system_setup setup;
    struct system *system;
    struct nodes nodes;
    struct fault_recorder recorder;
    struct injector *injector;
    struct driver *driver;
    struct watch watch;

    bool stop; /* the operator wants to end it */
    bool driver_done, agreed;
};

static const struct plan *plan_of(const struct run *r)
{
    return r->prepared->plan;
}

static int64_t now_ns(const struct run *r)
{
    return r->io->ops->now_ns(r->io);
}

/* --- Ctrl-C -------------------------------------------------------------- */

/* In simulation nothing waits in the kernel, so a plain handler must do. */
static bool *stop_flag;

static void on_interrupt(int signal)
{
    (void)signal;
    if (stop_flag)
        *stop_flag = true;
}

static void on_stop_signal(void *user)
{
    struct run *r = user;
    r->stop = true;
}

static enum err_code listen_for_signals(struct run *r, struct err *err)
{
    struct world *w = r->stage.world;
    if (w->ops->on_signal) {
        if (w->ops->on_signal(w, SIGINT, on_stop_signal, r, err))
            return err->code;
        return w->ops->on_signal(w, SIGTERM, on_stop_signal, r, err);
    }
    stop_flag = &r->stop;
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return ERR_OK;
}

/* --- open ---------------------------------------------------------------- */

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static enum err_code write_plan(struct run *r, struct err *err)
{
    json_t *json = plan_to_json(plan_of(r));
    char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_decref(json);
    if (!text)
        return err_set(err, ERR_NOMEM, "write the plan: no memory");
    enum err_code code = folder_write(&r->result->folder, "plan.json", text_bytes(text), err);
    free(text);
    return code;
}

static enum err_code fill_folder(struct run *r, struct err *err)
{
    const struct folder *f = &r->result->folder;
    char script[COMMAND_BYTES];
    repeat_script(r->options, r->result->kind, r->program, script, sizeof script);
    if (folder_copy(f, r->options->scenario, "scenario.yaml", err) ||
        folder_write_script(f, "repro.sh", text_bytes(script), err) || write_plan(r, err))
        return err->code;
    return folder_below(f, "nodes", err);
}

static enum err_code open_history(struct run *r, struct err *err)
{
    char path[FOLDER_PATH_BYTES + 64];
    char command[COMMAND_BYTES];
    folder_path(&r->result->folder, "history.db", path, sizeof path);
    if (history_create(path, &r->history, err))
        return err->code;
    r->result->recorded = true;
    history_meta(r->history, "command",
                 repeat_command(r->options, r->result->kind, command, sizeof command));
    return record_header(r->history, plan_of(r), &r->stage, err);
}

static enum err_code open_system(struct run *r, struct err *err)
{
    const struct scenario *s = plan_of(r)->scenario;
    r->setup = (struct system_setup){
        .world = r->stage.world,
        .topology = &s->topology,
        .spec = &s->system,
        .places = r->stage.places,
        .folder = r->result->folder.path,
        /* Not by its path: in a chroot the kernel tells one that leads nowhere. */
        .program = "/proc/self/exe",
        .seed = plan_of(r)->world_seed,
    };
    if (system_of(s->system.plugin)->create(&r->setup, &r->system, err))
        return err_wrap(err, "system '%s'", s->system.plugin->name);
    r->nodes =
        (struct nodes){.system = r->system, .world = r->stage.world, .topology = &s->topology};
    return ERR_OK;
}

static enum err_code open_injector(struct run *r, struct err *err)
{
    r->recorder = (struct fault_recorder){.history = r->history, .world = r->stage.world};
    struct injector_setup setup = {
        .plan = plan_of(r),
        .io = r->io,
        .backend = r->stage.backend,
        .nodes = nodes_ops(&r->nodes),
        .listener = record_faults(&r->recorder),
        .forced = r->prepared->forced,
    };
    return injector_new(&setup, &r->injector, err);
}

static enum err_code open_driver(struct run *r, struct err *err)
{
    struct driver_setup setup = {
        .plan = plan_of(r), .system = r->system, .io = r->io, .history = r->history};
    return driver_new(&setup, &r->driver, err);
}

static enum err_code find_program(struct run *r, struct err *err)
{
    if (readlink("/proc/self/exe", r->program, sizeof r->program - 1) < 0)
        return err_set(err, ERR_IO, "cannot tell where the faultline program is");
    return ERR_OK;
}

static enum err_code open_all(struct run *r, struct err *err)
{
    struct stage_setup setup = {.kind = r->result->kind,
                                .shaper = r->options->shaper,
                                .plan = plan_of(r),
                                .folder = &r->result->folder};
    if (find_program(r, err) || fill_folder(r, err) || stage_open(&r->stage, &setup, err))
        return err->code;
    struct world *w = r->stage.world;
    r->io = w->ops->open(w, &r->stage.own, "faultline", err);
    if (!r->io)
        return err->code;
    if (listen_for_signals(r, err) || open_history(r, err) || open_system(r, err) ||
        open_injector(r, err))
        return err->code;
    return open_driver(r, err);
}

/* --- play ---------------------------------------------------------------- */

static void phase(struct run *r, const char *name)
{
    log_event(LOG_INFO, now_ns(r), "phase", "name=%s", name);
    history_event(r->history, now_ns(r), "phase", -1, name);
}

static void on_driver_done(void *user)
{
    struct run *r = user;
    r->driver_done = true;
}

static void on_final_done(void *user, bool agreed)
{
    struct run *r = user;
    r->agreed = agreed;
    r->driver_done = true;
}

/* Let the world run until the driver is done. The operator's wish ends the workload
 * in order: what is under way is waited for. */
static enum err_code run_driver(struct run *r, struct err *err)
{
    struct world *w = r->stage.world;
    bool told = false;
    while (!r->driver_done) {
        /* Wake up for the operator as long as they have not spoken. */
        const bool *until = told ? &r->driver_done : &r->stop;
        int64_t slice_ns = now_ns(r) + 50 * NS_PER_MS;
        if (w->ops->run(w, until, slice_ns, err))
            return err->code;
        if (r->stop && !told) {
            driver_stop(r->driver);
            told = true;
        }
    }
    return ERR_OK;
}

/* Faults that end after the last operation, or wait for a role. */
static enum err_code await_faults(struct run *r, struct err *err)
{
    struct world *w = r->stage.world;
    while (!injector_done(r->injector) && !r->stop)
        if (w->ops->run(w, &r->stop, now_ns(r) + 50 * NS_PER_MS, err))
            return err->code;
    return ERR_OK;
}

static enum err_code play_workload(struct run *r, struct err *err)
{
    int64_t start_at_ns = now_ns(r) + LEAD_IN_NS;
    r->watch = (struct watch){.io = r->io,
                              .nodes = &r->nodes,
                              .history = r->history,
                              .scenario = plan_of(r)->scenario,
                              .driver = r->driver,
                              .progress = r->options->progress};
    phase(r, "workload");
    watch_start(&r->watch, start_at_ns);
    injector_start(r->injector, start_at_ns);
    driver_start(r->driver, start_at_ns, on_driver_done, r);
    if (run_driver(r, err))
        return err->code;
    return await_faults(r, err);
}

static enum err_code heal(struct run *r, struct err *err)
{
    phase(r, "heal");
    if (injector_heal(r->injector, err) == ERR_OK)
        return ERR_OK;
    r->result->not_healed = true;
    return err->code;
}

struct lost_table {
    struct run *run;
    uint32_t table;
};

static void on_lost(void *user, uint32_t node, uint64_t count)
{
    const struct lost_table *l = user;
    char detail[96];
    snprintf(detail, sizeof detail, "{\"table\": %" PRIu32 ", \"count\": %" PRIu64 "}",
             l->table, count);
    history_event(l->run->history, now_ns(l->run), "lost", (int)node, detail);
}

/* What the store itself says that promotions cost, beside what the history shows. */
static enum err_code record_lost(struct run *r, struct err *err)
{
    const struct system_spec *spec = &plan_of(r)->scenario->system;
    if (!(r->system->ops->about.flags & SYSTEM_ROLES))
        return ERR_OK;
    for (uint32_t table = 0; table < spec->table_count; table++) {
        struct lost_table l = {r, table};
        if (spec->tables[table].mode == MODE_ASYNC &&
            nodes_ask_lost(&r->nodes, table, on_lost, &l, err))
            return err->code;
    }
    return ERR_OK;
}

static enum err_code play_final(struct run *r, struct err *err)
{
    const struct scenario *s = plan_of(r)->scenario;
    int64_t within_ns = s->settle_ns > HEALED_WITHIN_NS ? s->settle_ns : HEALED_WITHIN_NS;
    bool never = false;
    if (nodes_await(&r->nodes, &s->system, &never, within_ns, err)) {
        /* For the checks to say: there will be no final reads to agree. */
        history_event(r->history, now_ns(r), "not ready", -1, err->msg);
        if (err->code != ERR_TIMEOUT)
            return err->code;
    }
    phase(r, "final");
    r->driver_done = false;
    driver_final(r->driver, on_final_done, r);
    struct world *w = r->stage.world;
    while (!r->driver_done)
        if (w->ops->run(w, &r->driver_done, -1, err))
            return err->code;
    phase(r, r->agreed ? "agreed" : "not agreed");
    return record_lost(r, err);
}

static enum err_code play_all(struct run *r, struct err *err)
{
    phase(r, "start");
    if (nodes_start(&r->nodes, err) ||
        nodes_await(&r->nodes, &plan_of(r)->scenario->system, &r->stop, READY_WITHIN_NS, err))
        return err->code;
    enum err_code code = r->stop ? ERR_OK : play_workload(r, err);
    struct err heal_err = {0};
    if (heal(r, &heal_err)) {
        if (code == ERR_OK)
            *err = heal_err;
        return heal_err.code;
    }
    if (code == ERR_OK && !r->stop)
        code = play_final(r, err);
    if (code == ERR_OK)
        code = stage_check_health(&r->stage, err);
    return code;
}

/* --- close --------------------------------------------------------------- */

/* Questions under way hold pointers into us: let them be answered, also after Ctrl-C. */
static void settle_watch(struct run *r)
{
    struct err ignored;
    bool never = false;
    struct world *w = r->stage.world;
    if (!r->watch.io)
        return;
    watch_stop(&r->watch);
    for (unsigned i = 0; r->watch.asking > 0 && i < 1000; i++)
        if (w->ops->run(w, &never, now_ns(r) + 10 * NS_PER_MS, &ignored))
            return;
}

static void take_stock(struct run *r)
{
    struct run_result *out = r->result;
    out->interrupted = r->stop;
    out->fault_failed_count = r->injector ? injector_failed_count(r->injector) : 0;
    out->operation_count = r->driver ? driver_counts(r->driver).invoked : 0;
    out->leader_change_count = r->watch.change_count;
    struct world *w = r->stage.world;
    if (w && w->ops->digest) {
        out->digest = w->ops->digest(w);
        out->event_count = w->ops->event_count(w);
    }
}

/* How it ended travels with the history, for whoever judges it later. */
static void record_end(struct run *r)
{
    if (!r->history)
        return;
    const struct run_result *out = r->result;
    history_meta(r->history, "ended",
                 out->not_healed    ? "not healed"
                 : out->trouble[0]  ? "failed"
                 : out->interrupted ? "interrupted"
                                    : "complete");
    if (out->trouble[0])
        history_meta(r->history, "trouble", out->trouble);
    if (r->stage.kind == STAGE_SIM) {
        char digest[24];
        snprintf(digest, sizeof digest, "%016" PRIx64, out->digest);
        history_meta(r->history, "digest", digest); /* of every event of the simulation */
    }
}

static enum err_code close_all(struct run *r, struct err *err)
{
    settle_watch(r);
    take_stock(r);
    record_end(r);
    if (r->driver)
        driver_free(r->driver);
    if (r->injector)
        injector_free(r->injector);
    if (r->system) {
        nodes_stop(&r->nodes);
        r->system->ops->destroy(r->system);
    }
    enum err_code code = history_close(r->history, err);
    if (r->io)
        r->stage.world->ops->close(r->stage.world, r->io);
    stop_flag = NULL;
    stage_close(&r->stage);
    return code;
}

/* --- all of it ----------------------------------------------------------- */

/* Can the system under test live there at all? */
static enum err_code check_kind(const struct plugin *system, enum stage_kind kind,
                                struct err *err)
{
    bool simulated = kind == STAGE_SIM;
    if (system->flags & (simulated ? SYSTEM_IN_SIM : SYSTEM_IN_LOCAL))
        return ERR_OK;
    return err_set(err, ERR_INVALID, "system '%s' cannot run in %s; use --on %s", system->name,
                   simulated ? "sim" : "local", simulated ? "local" : "sim");
}

/* Enter the cage where the run needs one; `auto` is content with the simulation. */
static enum err_code choose_kind(enum world_choice on, const struct plugin *system,
                                 enum stage_kind *kind, struct err *err)
{
    *kind = STAGE_SIM;
    bool local = on == ON_LOCAL || (on == ON_AUTO && system->flags & SYSTEM_IN_LOCAL);
    if (!local)
        return check_kind(system, STAGE_SIM, err);
    if (check_kind(system, STAGE_LOCAL, err))
        return err->code;
    if (cage_enter(err) == ERR_OK) {
        *kind = STAGE_LOCAL;
        return ERR_OK;
    }
    bool content = on == ON_AUTO && err->code == ERR_PERM && system->flags & SYSTEM_IN_SIM;
    return content ? ERR_OK : err->code;
}

enum err_code run_play(const struct run_options *options, const struct prepared *p,
                       struct run_result *out, struct err *err)
{
    *out = (struct run_result){0};
    struct run *r = calloc(1, sizeof *r);
    if (!r)
        return err_set(err, ERR_NOMEM, "run: no memory");
    *r = (struct run){.options = options, .prepared = p, .result = out};
    enum err_code code = choose_kind(options->on, p->scenario->system.plugin, &out->kind, err);
    if (code == ERR_OK)
        code = folder_make(&out->folder, options->out, p->scenario->name, options->seed, err);
    if (code == ERR_OK)
        code = open_all(r, err);
    if (code == ERR_OK)
        code = play_all(r, err);
    if (code)
        snprintf(out->trouble, sizeof out->trouble, "%s", err->msg);
    struct err close_err = {0};
    if (r->stage.world && close_all(r, &close_err) && code == ERR_OK) {
        *err = close_err;
        code = close_err.code;
    }
    free(r);
    return code;
}
