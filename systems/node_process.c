#include "systems/node_process.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"

#define END_WITHIN_NS (5 * NS_PER_S) /* of one asked to end, before it is killed */
#define LOOK_EVERY_NS (10 * NS_PER_MS)

enum { LAST_LINE_BYTES = 512 };

struct node_process {
    struct node_process_spec spec;
    struct process *process; /* NULL: none */
    bool wants_start;
    bool asked_to_end;        /* since it was started */
    bool ended;               /* by itself */
    int exit_code, by_signal; /* then */
    struct io_timer timer;    /* to start again, from a clean stack */
};

static int64_t now_ns(const struct node_process *p)
{
    return p->spec.clock->ops->now_ns(p->spec.clock);
}

static void on_exited(void *user, int code, int signal)
{
    struct node_process *p = user;
    p->spec.world->ops->process_free(p->process);
    p->process = NULL;
    p->ended = !p->asked_to_end;
    p->exit_code = code;
    p->by_signal = signal;
    log_event(LOG_INFO, now_ns(p), "node_exited", "node=%s code=%d signal=%d",
              p->spec.what.place->name, code, signal);
    if (p->wants_start)
        p->spec.clock->ops->timer_set(p->spec.clock, &p->timer, now_ns(p));
}

static enum err_code spawn(struct node_process *p, struct err *err)
{
    assert(!p->process);
    p->wants_start = p->asked_to_end = p->ended = false;
    p->process = p->spec.world->ops->spawn(p->spec.world, &p->spec.what, err);
    return p->process ? ERR_OK : err->code;
}

static void on_timer(struct io_timer *timer)
{
    struct node_process *p = CONTAINER_OF(timer, struct node_process, timer);
    struct err err;
    if (p->wants_start && spawn(p, &err))
        log_event(LOG_ERROR, now_ns(p), "node_lost", "node=%s: %s", p->spec.what.place->name,
                  err.msg);
}

struct node_process *node_process_new(const struct node_process_spec *spec)
{
    struct node_process *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->spec = *spec;
    p->spec.what.exited = on_exited;
    p->spec.what.user = p;
    p->timer.fire = on_timer;
    return p;
}

enum err_code node_process_start(struct node_process *p, struct err *err)
{
    if (!p->process)
        return spawn(p, err);
    p->wants_start = true;
    return ERR_OK;
}

bool node_process_runs(const struct node_process *p)
{
    return p->process && !p->wants_start;
}

enum err_code node_process_signal(struct node_process *p, int signal, struct err *err)
{
    return p->process ? p->spec.world->ops->signal(p->process, signal, err) : ERR_OK;
}

enum err_code node_process_end(struct node_process *p, int signal, struct err *err)
{
    p->wants_start = p->ended = false;
    p->asked_to_end = true;
    return node_process_signal(p, signal, err);
}

/* --- why it ended --- */

/* The last line of a text that ends with NUL; what is behind it goes. */
static const char *last_line(char *text)
{
    size_t size = strlen(text);
    while (size > 0 && strchr("\r\n \t", text[size - 1]))
        text[--size] = '\0';
    const char *before = strrchr(text, '\n');
    return before ? before + 1 : text;
}

static void read_end(const char *path, char out[LAST_LINE_BYTES])
{
    size_t size = 0;
    FILE *file = fopen(path, "re");
    if (file) {
        if (fseek(file, 1 - (long)LAST_LINE_BYTES, SEEK_END) < 0)
            rewind(file);
        size = fread(out, 1, LAST_LINE_BYTES - 1, file);
        fclose(file);
    }
    out[size] = '\0';
}

bool node_process_ended(const struct node_process *p, char *why, size_t size)
{
    char end[LAST_LINE_BYTES];
    if (!p->ended)
        return false;
    read_end(p->spec.what.log_path, end);
    const char *line = last_line(end);
    snprintf(why, size, "ended %s %d%s%s", p->by_signal ? "by signal" : "with status",
             p->by_signal ? p->by_signal : p->exit_code, line[0] ? ": " : "", line);
    return true;
}

static void signal_all(struct node_process **list, size_t count, int signal)
{
    struct err ignored; /* it may have ended in between */
    for (size_t i = 0; i < count; i++)
        if (list[i])
            (void)node_process_end(list[i], signal, &ignored);
}

static bool all_gone(struct node_process *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] && list[i]->process)
            return false;
    return true;
}

static void await_all(struct world *w, struct node_process *const *list, size_t count)
{
    struct err ignored;
    bool never = false;
    int64_t until_ns = w->ops->now_ns(w) + END_WITHIN_NS;
    while (!all_gone(list, count) && w->ops->now_ns(w) < until_ns)
        if (w->ops->run(w, &never, w->ops->now_ns(w) + LOOK_EVERY_NS, &ignored))
            return;
}

/* What will not even be killed keeps its memory: its end may still be told. */
static void forget(struct node_process *p)
{
    if (!p || p->process)
        return;
    p->spec.clock->ops->timer_stop(p->spec.clock, &p->timer);
    free(p);
}

void node_processes_free(struct world *world, struct node_process **list, size_t count)
{
    signal_all(list, count, SIGTERM);
    signal_all(list, count, SIGCONT); /* a paused one cannot end */
    await_all(world, list, count);
    signal_all(list, count, SIGKILL);
    await_all(world, list, count);
    for (size_t i = 0; i < count; i++)
        forget(list[i]);
}
