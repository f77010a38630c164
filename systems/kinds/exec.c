/* exec: any program as a node, any program as a client; docs/systems.md has the lines
 * they exchange with us. Only where nodes are processes. */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "systems/command_line.h"
#include "systems/distance.h"
#include "systems/exec_line.h"
#include "systems/line_program.h"
#include "systems/node_process.h"
#include "systems/run_folder.h"
#include "systems/system.h"

#define PROBE_WITHIN_NS (1 * NS_PER_S)
#define FINAL_WITHIN_NS (5 * NS_PER_S)
#define END_WITHIN_NS   (5 * NS_PER_S)

struct exec_params {
    const char *node, *client;
    int64_t port, operation_timeout_ns;
};

const struct system_ops system_exec;

static const struct param params[] = {
    {.name = "node",
     .type = PARAM_TEXT,
     .offset = offsetof(struct exec_params, node),
     .required = true,
     .help =
         "Command line of a node; {name}, {address}, {peers}, {data} and more are filled in."},
    {.name = "client",
     .type = PARAM_TEXT,
     .offset = offsetof(struct exec_params, client),
     .required = true,
     .help = "Command line of a client, which answers one JSON line with another."},
    {.name = "port",
     .type = PARAM_COUNT,
     .offset = offsetof(struct exec_params, port),
     .min = 1,
     .max = 65535,
     .otherwise = 7000,
     .help = "Where nodes listen, each at its own address; ready is who accepts there."},
    {.name = "operation_timeout",
     .type = PARAM_DURATION,
     .offset = offsetof(struct exec_params, operation_timeout_ns),
     .min = 10 * NS_PER_MS,
     .max = 60 * NS_PER_S,
     .otherwise = 2 * NS_PER_S,
     .help = "A client's operation is unknown when it is not answered by then."},
    {.name = NULL},
};

/* A node and the program that reads its final state from inside its place. */
struct seat {
    struct node_process *process;
    enum { SEAT_DOWN, SEAT_UP, SEAT_PAUSED } state;
    struct io *door; /* in its place, to see whether it listens */
    struct line_program *reader;
};

struct exec_system {
    struct system base;
    const struct system_setup *setup;
    const struct exec_params *params;
    struct arena arena;
    struct seat seats[NODES_MAX];
    struct io *clock;
    struct probe *probes;
    struct final_question *questions;
    unsigned alive;   /* programs not gone yet */
    uint64_t next_id; /* of final questions */
};

static struct exec_system *exec_of(struct system *s)
{
    return CONTAINER_OF(s, struct exec_system, base);
}

/* --- what placeholders stand for --- */

enum { BINDINGS_MAX = 10 };

static const char *address_text(struct exec_system *s, uint32_t node, struct arena *arena)
{
    char text[80];
    struct io_address address = s->setup->places[node]->address;
    address.port = (uint16_t)s->params->port;
    return arena_copy_text(arena, io_address_format(&address, text, sizeof text));
}

/* "NAME=ADDRESS,...", the nearest first. */
static const char *peers_text(struct exec_system *s, uint32_t region, struct arena *arena)
{
    const struct topology *t = s->setup->topology;
    uint8_t nearest[NODES_MAX];
    const char *text = "";
    distance_rank(t, region, nearest);
    for (uint32_t i = 0; text && i < t->node_count; i++) {
        const char *address = address_text(s, nearest[i], arena);
        text = address ? arena_format(arena, "%s%s%s=%s", text, i ? "," : "",
                                      t->nodes[nearest[i]].name, address)
                       : NULL;
    }
    return text;
}

static bool all_bound(const struct binding *bindings)
{
    for (; bindings->name; bindings++)
        if (!bindings->value)
            return false;
    return true;
}

static bool bind_node(struct exec_system *s, uint32_t node, struct arena *arena,
                      struct binding *out)
{
    const struct topology *t = s->setup->topology;
    const struct binding all[] = {
        {"name", t->nodes[node].name},
        {"node", arena_format(arena, "%u", node)},
        {"region", t->regions[t->nodes[node].region].name},
        {"address", address_text(s, node, arena)},
        {"port", arena_format(arena, "%u", (unsigned)s->params->port)},
        {"peers", peers_text(s, t->nodes[node].region, arena)},
        {"data", run_folder_data(s->setup, node, arena)},
        {NULL, NULL}};
    memcpy(out, all, sizeof all);
    return all_bound(out);
}

/* `node` is empty but for the program that reads the final state of one. */
static bool bind_client(struct exec_system *s, uint32_t region, uint32_t number,
                        const char *node, struct arena *arena, struct binding *out)
{
    const struct binding all[] = {{"client", arena_format(arena, "%u", number)},
                                  {"node", node},
                                  {"region", s->setup->topology->regions[region].name},
                                  {"peers", peers_text(s, region, arena)},
                                  {NULL, NULL}};
    memcpy(out, all, sizeof all);
    return all_bound(out);
}

/* The same names without a run, to check what a scenario says. */
static const struct binding node_names[] = {{"name", ""},    {"node", ""}, {"region", ""},
                                            {"address", ""}, {"port", ""}, {"peers", ""},
                                            {"data", ""},    {NULL, NULL}};
static const struct binding client_names[] = {
    {"client", ""}, {"node", ""}, {"region", ""}, {"peers", ""}, {NULL, NULL}};

/* --- nodes --- */

static enum err_code refuse_state(const struct exec_system *s, uint32_t node,
                                  const char *wanted, struct err *err)
{
    static const char *const texts[] = {"down", "up", "paused"};
    return err_set(err, ERR_INVALID, "cannot %s node %s: it is %s", wanted,
                   s->setup->places[node]->name, texts[s->seats[node].state]);
}

static enum err_code exec_start(struct system *base, uint32_t node, struct err *err)
{
    struct exec_system *s = exec_of(base);
    struct seat *seat = &s->seats[node];
    if (seat->state != SEAT_DOWN)
        return refuse_state(s, node, "start", err);
    if (node_process_start(seat->process, err))
        return err->code;
    seat->state = SEAT_UP;
    return ERR_OK;
}

static enum err_code end_node(struct seat *seat, int sig, struct err *err)
{
    struct err ignored;
    seat->state = SEAT_DOWN;
    if (node_process_end(seat->process, sig, err))
        return err->code;
    (void)node_process_signal(seat->process, SIGCONT, &ignored);
    return ERR_OK;
}

static enum err_code exec_stop(struct system *base, uint32_t node, struct err *err)
{
    return end_node(&exec_of(base)->seats[node], SIGTERM, err);
}

static enum err_code exec_kill(struct system *base, uint32_t node, struct err *err)
{
    struct exec_system *s = exec_of(base);
    if (s->seats[node].state == SEAT_DOWN)
        return refuse_state(s, node, "kill", err);
    return end_node(&s->seats[node], SIGKILL, err);
}

static enum err_code exec_pause(struct system *base, uint32_t node, struct err *err)
{
    struct exec_system *s = exec_of(base);
    if (s->seats[node].state != SEAT_UP)
        return refuse_state(s, node, "pause", err);
    s->seats[node].state = SEAT_PAUSED;
    return node_process_signal(s->seats[node].process, SIGSTOP, err);
}

static enum err_code exec_resume(struct system *base, uint32_t node, struct err *err)
{
    struct exec_system *s = exec_of(base);
    if (s->seats[node].state != SEAT_PAUSED)
        return refuse_state(s, node, "resume", err);
    s->seats[node].state = SEAT_UP;
    return node_process_signal(s->seats[node].process, SIGCONT, err);
}

/* --- ready: does it accept connections? --- */

struct probe {
    struct exec_system *system;
    struct probe *next;
    uint32_t node;
    struct io_channel *channel;
    struct io_timer timer;
    void (*told)(void *user, bool ready);
    void *user;
};

static void free_probe(struct probe *p)
{
    struct exec_system *s = p->system;
    struct io *door = s->seats[p->node].door;
    struct probe **at = &s->probes;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    s->clock->ops->timer_stop(s->clock, &p->timer);
    if (p->channel)
        door->ops->hang_up(p->channel);
    free(p);
}

static void end_probe(struct probe *p, bool ready)
{
    void (*told)(void *, bool) = p->told;
    void *user = p->user;
    free_probe(p);
    told(user, ready);
}

static void on_probe_opened(void *user, struct io_channel *ch)
{
    (void)ch;
    end_probe(user, true);
}

static void on_probe_received(void *user, struct io_channel *ch, struct bytes frame)
{
    (void)ch;
    (void)frame;
    end_probe(user, true);
}

static void on_probe_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)ch;
    (void)why;
    struct probe *p = user;
    p->channel = NULL;
    end_probe(p, false);
}

static void on_probe_timer(struct io_timer *timer)
{
    end_probe(CONTAINER_OF(timer, struct probe, timer), false);
}

static const struct io_handler probe_handler = {
    .opened = on_probe_opened, .received = on_probe_received, .closed = on_probe_closed};

static void exec_ready(struct system *base, uint32_t node, void (*told)(void *, bool),
                       void *user)
{
    struct exec_system *s = exec_of(base);
    struct io *door = s->seats[node].door;
    struct io_address address = s->setup->places[node]->address;
    address.port = (uint16_t)s->params->port;
    /* A process just killed may still accept: it must not pass for the next one. */
    bool runs = s->seats[node].state == SEAT_UP && node_process_runs(s->seats[node].process);
    struct probe *p = runs ? calloc(1, sizeof *p) : NULL;
    if (!p) {
        told(user, false);
        return;
    }
    *p = (struct probe){.system = s,
                        .next = s->probes,
                        .node = node,
                        .timer = {.fire = on_probe_timer},
                        .told = told,
                        .user = user};
    s->probes = p;
    p->channel = door->ops->dial(door, &address, &probe_handler, p);
    int64_t within_ns = p->channel ? PROBE_WITHIN_NS : 0;
    s->clock->ops->timer_set(s->clock, &p->timer, s->clock->ops->now_ns(s->clock) + within_ns);
}

static bool exec_ended(struct system *base, uint32_t node, char *why, size_t size)
{
    return node_process_ended(exec_of(base)->seats[node].process, why, size);
}

static void exec_role(struct system *base, uint32_t node, uint32_t table,
                      void (*told)(void *, const struct role_told *), void *user)
{
    (void)base;
    (void)node;
    (void)table;
    told(user,
         &(struct role_told){0}); /* a program's roles are its own affair: no SYSTEM_ROLES */
}

/* --- clients --- */

struct client {
    struct exec_system *system;
    struct line_program *program;
    struct client_handler handler;
    struct operation op; /* under way */
    int64_t sent_at_ns;
};

static void tell_attempt(struct client *c, const struct answer *answer)
{
    struct io *clock = c->system->clock;
    struct attempt attempt = {
        .number = 1,
        .node = answer->node,
        .sent_at_ns = c->sent_at_ns,
        .ended_at_ns = clock->ops->now_ns(clock),
        .outcome = answer->outcome,
        .error = answer->error,
    };
    if (c->handler.attempted)
        c->handler.attempted(c->handler.user, &attempt);
}

static void tell_answer(struct client *c, const struct answer *answer)
{
    struct client_handler handler = c->handler;
    tell_attempt(c, answer);
    handler.answered(handler.user, answer);
}

static int find_node(const struct topology *t, const char *name)
{
    for (uint32_t node = 0; name && node < t->node_count; node++)
        if (strcmp(t->nodes[node].name, name) == 0)
            return (int)node;
    return -1;
}

static void tell_parsed(struct client *c, const json_t *line)
{
    struct exec_answer parsed;
    struct err err;
    if (exec_answer_parse(line, &c->op, &parsed, &err)) {
        log_event(LOG_WARN, c->system->clock->ops->now_ns(c->system->clock), "bad_answer",
                  "id=%llu %s", (unsigned long long)c->op.request_id, err.msg);
        parsed =
            (struct exec_answer){.answer = exec_answer_none(OUTCOME_UNKNOWN, "bad answer")};
    }
    parsed.answer.level = c->op.level;
    parsed.answer.node = find_node(c->system->setup->topology, parsed.node);
    tell_answer(c, &parsed.answer);
    free(parsed.members);
}

static void on_line_answered(void *user, enum line_end end, const json_t *line, const char *why)
{
    struct client *c = user;
    if (end == LINE_ANSWERED) {
        tell_parsed(c, line);
        return;
    }
    struct answer answer =
        exec_answer_none(end == LINE_NOT_SENT ? OUTCOME_FAIL : OUTCOME_UNKNOWN, why);
    tell_answer(c, &answer);
}

static enum err_code start_program(struct exec_system *s, const struct place *place,
                                   const struct binding *bindings, struct arena *arena,
                                   struct line_program **out, struct err *err)
{
    const char *const *argv;
    if (command_line_expand(s->params->client, bindings, arena, &argv, err))
        return err_wrap(err, "client");
    struct line_program_spec spec = {
        .world = s->setup->world,
        .clock = s->clock,
        .place = place,
        .argv = argv,
        .env = command_line_environment(bindings, arena),
        .log_path = run_folder_log(s->setup, place->name, arena),
        .alive = &s->alive,
    };
    if (!spec.env || !spec.log_path)
        return err_set(err, ERR_NOMEM, "a client program");
    return line_program_start(&spec, out, err);
}

static enum err_code exec_client_open(struct system *base, uint32_t region, uint32_t number,
                                      struct client **out, struct err *err)
{
    struct exec_system *s = exec_of(base);
    const struct place *place = s->setup->places[s->setup->topology->node_count + region];
    struct binding bindings[BINDINGS_MAX];
    struct arena scratch = {0};
    struct client *c = calloc(1, sizeof *c);
    enum err_code code;
    if (c && bind_client(s, region, number, "", &scratch, bindings))
        code = start_program(s, place, bindings, &scratch, &c->program, err);
    else
        code = err_set(err, ERR_NOMEM, "client %u", number);
    arena_done(&scratch);
    if (code) {
        free(c);
        return code;
    }
    c->system = s;
    *out = c;
    return ERR_OK;
}

static void exec_invoke(struct client *c, const struct operation *op,
                        const struct client_handler *handler)
{
    struct exec_system *s = c->system;
    c->op = *op;
    c->handler = *handler;
    c->sent_at_ns = s->clock->ops->now_ns(s->clock);
    line_program_ask(c->program, op->request_id,
                     exec_request(op, s->setup->spec->tables[op->table].name),
                     s->params->operation_timeout_ns, on_line_answered, c);
}

static void exec_client_close(struct client *c)
{
    line_program_close(c->program);
    free(c);
}

/* --- final state: a client program in the node's own place --- */

struct final_question {
    struct exec_system *system;
    struct final_question *next;
    uint32_t table;
    void (*told)(void *user, enum err_code code, const struct final_value *values,
                 size_t count);
    void *user;
};

static void end_final(struct final_question *q, enum err_code code,
                      const struct final_value *values, size_t count)
{
    struct final_question **at = &q->system->questions;
    while (*at != q)
        at = &(*at)->next;
    *at = q->next;
    q->told(q->user, code, values, count);
    free(q);
}

static void on_final_answered(void *user, enum line_end end, const json_t *line,
                              const char *why)
{
    struct final_question *q = user;
    struct exec_system *s = q->system;
    struct arena arena = {0};
    struct err err;
    struct final_value *values = NULL;
    size_t count = 0;
    enum err_code code;
    if (end != LINE_ANSWERED)
        code = err_set(&err, strcmp(why, "timed out") == 0 ? ERR_TIMEOUT : ERR_IO, "%s", why);
    else
        code = exec_final_parse(line, q->table, s->setup->spec->tables[q->table].type, &arena,
                                &values, &count, &err);
    if (code)
        log_event(LOG_WARN, s->clock->ops->now_ns(s->clock), "no_final", "%s", err.msg);
    end_final(q, code, values, count);
    arena_done(&arena);
}

/* A reader that ended is replaced: the node it spoke to may have been killed. */
static enum err_code open_reader(struct exec_system *s, uint32_t node, struct err *err)
{
    const struct topology *t = s->setup->topology;
    struct seat *seat = &s->seats[node];
    struct binding bindings[BINDINGS_MAX];
    struct arena scratch = {0};
    enum err_code code;
    if (seat->reader && !line_program_ended(seat->reader))
        return ERR_OK;
    line_program_close(seat->reader);
    seat->reader = NULL;
    if (bind_client(s, t->nodes[node].region, 0, t->nodes[node].name, &scratch, bindings))
        code = start_program(s, s->setup->places[node], bindings, &scratch, &seat->reader, err);
    else
        code = err_set(err, ERR_NOMEM, "a client program");
    arena_done(&scratch);
    return code;
}

static void exec_final_state(struct system *base, uint32_t node, uint32_t table,
                             void (*told)(void *, enum err_code, const struct final_value *,
                                          size_t),
                             void *user)
{
    struct exec_system *s = exec_of(base);
    struct err err;
    if (s->seats[node].state != SEAT_UP) {
        told(user, ERR_NOTFOUND, NULL, 0);
        return;
    }
    struct final_question *q = calloc(1, sizeof *q);
    if (!q || open_reader(s, node, &err)) {
        free(q);
        told(user, q ? err.code : ERR_NOMEM, NULL, 0);
        return;
    }
    *q = (struct final_question){s, s->questions, table, told, user};
    s->questions = q;
    line_program_ask(s->seats[node].reader, ++s->next_id,
                     exec_final_request(s->setup->spec->tables[table].name,
                                        s->setup->topology->nodes[node].name),
                     FINAL_WITHIN_NS, on_final_answered, q);
}

/* --- making it --- */

static enum err_code make_seat(struct exec_system *s, uint32_t node, struct err *err)
{
    const struct place *place = s->setup->places[node];
    struct seat *seat = &s->seats[node];
    struct binding bindings[BINDINGS_MAX];
    char name[96];
    struct node_process_spec spec = {
        .world = s->setup->world, .clock = s->clock, .what = {.place = place}};
    if (!bind_node(s, node, &s->arena, bindings))
        return err_set(err, ERR_NOMEM, "node %s", place->name);
    if (command_line_expand(s->params->node, bindings, &s->arena, &spec.what.argv, err))
        return err_wrap(err, "node");
    spec.what.env = command_line_environment(bindings, &s->arena);
    spec.what.log_path = run_folder_log(s->setup, place->name, &s->arena);
    if (spec.what.env && spec.what.log_path)
        seat->process = node_process_new(&spec);
    if (!seat->process)
        return err_set(err, ERR_NOMEM, "node %s", place->name);
    snprintf(name, sizeof name, "control of %s", place->name);
    seat->door = s->setup->world->ops->open(s->setup->world, place, name, err);
    return seat->door ? ERR_OK : err->code;
}

static enum err_code make_seats(struct exec_system *s, struct err *err)
{
    const struct topology *t = s->setup->topology;
    struct world *w = s->setup->world;
    s->clock = w->ops->open(w, s->setup->places[t->node_count], "clock of exec", err);
    if (!s->clock)
        return err->code;
    enum err_code code = run_folder_make(s->setup, err);
    for (uint32_t node = 0; !code && node < t->node_count; node++)
        code = make_seat(s, node, err);
    return code;
}

static void await_programs(struct exec_system *s)
{
    struct world *w = s->setup->world;
    struct err ignored;
    bool never = false;
    int64_t until_ns = w->ops->now_ns(w) + END_WITHIN_NS;
    while (s->alive > 0 && w->ops->now_ns(w) < until_ns)
        if (w->ops->run(w, &never, w->ops->now_ns(w) + 10 * NS_PER_MS, &ignored))
            return;
}

static void free_seats(struct exec_system *s)
{
    struct node_process *processes[NODES_MAX];
    for (size_t node = 0; node < NODES_MAX; node++) {
        line_program_close(s->seats[node].reader);
        processes[node] = s->seats[node].process;
    }
    await_programs(s);
    node_processes_free(s->setup->world, processes, NODES_MAX);
    for (size_t node = 0; node < NODES_MAX; node++)
        if (s->seats[node].door)
            s->setup->world->ops->close(s->setup->world, s->seats[node].door);
}

static void exec_destroy(struct system *base)
{
    struct exec_system *s = exec_of(base);
    while (s->probes)
        free_probe(s->probes);
    free_seats(s);
    while (s->questions) { /* their readers are closed: nobody answers them any more */
        struct final_question *q = s->questions;
        s->questions = q->next;
        free(q);
    }
    if (s->clock)
        s->setup->world->ops->close(s->setup->world, s->clock);
    arena_done(&s->arena);
    free(s);
}

static enum err_code exec_create(const struct system_setup *setup, struct system **out,
                                 struct err *err)
{
    if (setup->world->simulated)
        return err_set(err, ERR_UNSUPPORTED, "exec runs programs, which cannot be simulated");
    struct exec_system *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, ERR_NOMEM, "the system");
    s->base.ops = &system_exec;
    s->setup = setup;
    s->params = setup->spec->config;
    if (make_seats(s, err)) {
        exec_destroy(&s->base);
        return err->code;
    }
    *out = &s->base;
    return ERR_OK;
}

/* What the loader asks: a wrong placeholder is refused before anything runs. */
static enum err_code check(const void *config, struct err *err)
{
    const struct exec_params *p = config;
    const char *const *argv;
    struct arena scratch = {0};
    enum err_code code = command_line_expand(p->node, node_names, &scratch, &argv, err);
    if (code)
        err_wrap(err, "node");
    else if ((code = command_line_expand(p->client, client_names, &scratch, &argv, err)))
        err_wrap(err, "client");
    arena_done(&scratch);
    return code;
}

const struct system_ops system_exec = {
    .about = {.name = "exec",
              .summary = "Any programs as nodes and clients, spoken to by JSON lines.",
              .config_size = sizeof(struct exec_params),
              .params = params,
              .flags = SYSTEM_IN_LOCAL | SYSTEM_ASYNC | SYSTEM_FINAL_STATE | SYSTEM_PAUSE |
                       SYSTEM_KILL | SYSTEM_REGISTER | SYSTEM_OR_SET,
              .check = check},
    .create = exec_create,
    .destroy = exec_destroy,
    .start = exec_start,
    .stop = exec_stop,
    .kill = exec_kill,
    .pause = exec_pause,
    .resume = exec_resume,
    .ready = exec_ready,
    .ended = exec_ended,
    .role = exec_role,
    .final_state = exec_final_state,
    .client_open = exec_client_open,
    .invoke = exec_invoke,
    .client_close = exec_client_close,
};
