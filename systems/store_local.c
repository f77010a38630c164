/* Nodes as processes: `PROGRAM store serve --config FILE --node N --data DIR`. Below
 * the run's folder: nodes/store.json for all, nodes/NAME.log and nodes/NAME/ each. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/units.h"
#include "systems/store_nodes.h"

#define END_WITHIN_NS (5 * NS_PER_S) /* of a node asked to stop, before it is killed */

enum { PATH_BYTES = 1024 };

struct seat {
    struct store_local *all;
    uint32_t node;
    struct process *process; /* NULL: none; else it runs or its end was not noticed yet */
    bool exited, wants_start;
    struct io_timer timer; /* to start again, from a clean stack */
};

struct store_local {
    struct store_nodes base;
    const struct system_setup *setup;
    struct io *clock;
    struct seat seats[STORE_NODES_MAX];
    char config_path[PATH_BYTES];
    bool all_exited; /* while freeing */
};

static struct store_local *local_of(struct store_nodes *n)
{
    return CONTAINER_OF(n, struct store_local, base);
}

static const char *name_of(const struct seat *seat)
{
    return seat->all->setup->places[seat->node]->name;
}

static enum err_code make_folder(const char *path, struct err *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return ERR_OK;
    return err_set(err, ERR_IO, "cannot make folder '%s': %s", path, strerror(errno));
}

/* --- one process --- */

static void on_exited(void *user, int code, int signal)
{
    struct seat *seat = user;
    struct store_local *s = seat->all;
    seat->exited = true;
    log_event(LOG_INFO, s->clock->ops->now_ns(s->clock), "node_exited",
              "node=%s code=%d signal=%d", name_of(seat), code, signal);
    if (seat->wants_start)
        s->clock->ops->timer_set(s->clock, &seat->timer, s->clock->ops->now_ns(s->clock));
    s->all_exited = true;
    for (size_t i = 0; i < STORE_NODES_MAX; i++)
        s->all_exited &= !s->seats[i].process || s->seats[i].exited;
}

static void forget_process(struct seat *seat)
{
    assert(!seat->process || seat->exited);
    if (seat->process)
        seat->all->setup->world->ops->process_free(seat->process);
    seat->process = NULL;
    seat->exited = false;
}

static enum err_code spawn(struct seat *seat, struct err *err)
{
    const struct system_setup *setup = seat->all->setup;
    char number[16], data[PATH_BYTES], log[PATH_BYTES];
    snprintf(number, sizeof number, "%u", seat->node);
    snprintf(data, sizeof data, "%s/nodes/%s", setup->folder, name_of(seat));
    snprintf(log, sizeof log, "%s/nodes/%s.log", setup->folder, name_of(seat));
    if (make_folder(data, err))
        return err->code;
    const char *argv[] = {setup->program, "store", "serve",  "--config", seat->all->config_path,
                          "--node",       number,  "--data", data,       NULL};
    struct process_spec spec = {.place = setup->places[seat->node],
                                .argv = argv,
                                .log_path = log,
                                .exited = on_exited,
                                .user = seat};
    seat->wants_start = false;
    forget_process(seat);
    seat->process = setup->world->ops->spawn(setup->world, &spec, err);
    return seat->process ? ERR_OK : err->code;
}

static void on_timer(struct io_timer *timer)
{
    struct seat *seat = CONTAINER_OF(timer, struct seat, timer);
    struct store_local *s = seat->all;
    struct err err;
    if (seat->wants_start && spawn(seat, &err))
        log_event(LOG_ERROR, s->clock->ops->now_ns(s->clock), "node_lost", "node=%s: %s",
                  name_of(seat), err.msg);
}

static enum err_code send_signal(struct seat *seat, int signal, struct err *err)
{
    if (!seat->process || seat->exited)
        return ERR_OK;
    return seat->all->setup->world->ops->signal(seat->process, signal, err);
}

/* --- the table --- */

/* After a kill the old process may still be on its way out: the new one must not find
 * its port and its log in use. */
static enum err_code local_start(struct store_nodes *n, uint32_t node, struct err *err)
{
    struct seat *seat = &local_of(n)->seats[node];
    if (seat->process && !seat->exited) {
        seat->wants_start = true;
        return ERR_OK;
    }
    return spawn(seat, err);
}

static enum err_code end_process(struct store_nodes *n, uint32_t node, int signal,
                                 struct err *err)
{
    struct seat *seat = &local_of(n)->seats[node];
    seat->wants_start = false;
    return send_signal(seat, signal, err);
}

static enum err_code local_stop(struct store_nodes *n, uint32_t node, struct err *err)
{
    return end_process(n, node, SIGTERM, err);
}

static enum err_code local_kill(struct store_nodes *n, uint32_t node, struct err *err)
{
    return end_process(n, node, SIGKILL, err);
}

static enum err_code local_pause(struct store_nodes *n, uint32_t node, struct err *err)
{
    return send_signal(&local_of(n)->seats[node], SIGSTOP, err);
}

static enum err_code local_resume(struct store_nodes *n, uint32_t node, struct err *err)
{
    return send_signal(&local_of(n)->seats[node], SIGCONT, err);
}

/* --- all of them --- */

static void signal_all(struct store_local *s, int signal)
{
    struct err ignored;
    for (size_t i = 0; i < STORE_NODES_MAX; i++)
        (void)send_signal(&s->seats[i], signal, &ignored);
}

static void await_all(struct store_local *s, int64_t within_ns)
{
    struct world *w = s->setup->world;
    struct err ignored;
    s->all_exited = true;
    for (size_t i = 0; i < STORE_NODES_MAX; i++)
        s->all_exited &= !s->seats[i].process || s->seats[i].exited;
    if (!s->all_exited)
        (void)w->ops->run(w, &s->all_exited, w->ops->now_ns(w) + within_ns, &ignored);
}

static void local_free(struct store_nodes *n)
{
    struct store_local *s = local_of(n);
    for (size_t i = 0; i < STORE_NODES_MAX; i++) {
        s->clock->ops->timer_stop(s->clock, &s->seats[i].timer);
        s->seats[i].wants_start = false;
    }
    signal_all(s, SIGTERM);
    signal_all(s, SIGCONT); /* a paused one cannot end */
    await_all(s, END_WITHIN_NS);
    signal_all(s, SIGKILL);
    await_all(s, END_WITHIN_NS);
    for (size_t i = 0; i < STORE_NODES_MAX; i++)
        if (!s->seats[i].process || s->seats[i].exited)
            forget_process(&s->seats[i]);
    free(s);
}

static const struct store_nodes_ops local_ops = {.start = local_start,
                                                 .stop = local_stop,
                                                 .kill = local_kill,
                                                 .pause = local_pause,
                                                 .resume = local_resume,
                                                 .free = local_free};

static enum err_code write_config(struct store_local *s, const struct node_config *config,
                                  struct err *err)
{
    char folder[PATH_BYTES];
    int length = snprintf(s->config_path, sizeof s->config_path, "%s/nodes/store.json",
                          s->setup->folder);
    if (length >= PATH_BYTES - STORE_NAME_SIZE)
        return err_set(err, ERR_LIMIT, "the run's folder '%s' has too long a name",
                       s->setup->folder);
    snprintf(folder, sizeof folder, "%s/nodes", s->setup->folder);
    if (make_folder(folder, err))
        return err->code;
    return node_config_save(config, s->config_path, err);
}

enum err_code store_nodes_local(const struct system_setup *setup,
                                const struct node_config *config, struct io *clock,
                                struct store_nodes **out, struct err *err)
{
    struct store_local *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, ERR_NOMEM, "nodes of the store");
    s->base.ops = &local_ops;
    s->setup = setup;
    s->clock = clock;
    for (uint32_t i = 0; i < STORE_NODES_MAX; i++)
        s->seats[i] = (struct seat){.all = s, .node = i, .timer = {.fire = on_timer}};
    if (write_config(s, config, err)) {
        free(s);
        return err->code;
    }
    *out = &s->base;
    return ERR_OK;
}
