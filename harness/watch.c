#include "harness/watch.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"

enum { LOOK_EVERY_NS = 200000000, SHOW_EVERY_NS = 500000000 };

static void record_leader(struct watched *seen, int node, uint64_t term)
{
    struct watch *w = seen->watch;
    uint32_t table = (uint32_t)(seen - w->tables);
    char detail[128];
    snprintf(detail, sizeof detail, "{\"table\": %" PRIu32 ", \"term\": %" PRIu64 "}", table,
             term);
    history_event(w->history, w->io->ops->now_ns(w->io), "leader", node, detail);
    w->change_count += seen->leader >= 0 && seen->leader != node;
    seen->leader = node;
    seen->term = term;
}

static void on_leader(void *user, int node, uint64_t term)
{
    struct watched *seen = user;
    seen->watch->asking--;
    /* An old leader that has not heard of its end is no news; one that leads again is:
     * who led in between was too quick for us to see. */
    if (node >= 0 && term >= seen->term && (node != seen->leader || term > seen->term))
        record_leader(seen, node, term);
}

static void ask(struct watch *w)
{
    struct node_ops ops = nodes_ops(w->nodes);
    for (uint32_t t = 0; t < w->scenario->system.table_count; t++) {
        w->asking++;
        ops.find_leader(ops.user, t, on_leader, &w->tables[t]);
    }
}

/* A node that ended though nobody told it to: once, until it runs again. */
static void look_for_ends(struct watch *w)
{
    char why[384];
    for (uint32_t node = 0; node < w->nodes->topology->node_count; node++) {
        bool ended = w->nodes->system->ops->ended(w->nodes->system, node, why, sizeof why);
        if (ended && !w->ended[node])
            history_event(w->history, w->io->ops->now_ns(w->io), "node ended", (int)node, why);
        w->ended[node] = ended;
    }
}

/* One line, written over itself. */
static void show(struct watch *w, int64_t now_ns)
{
    struct driver_counts c = driver_counts(w->driver);
    char at[32], of[32];
    int64_t at_ns = now_ns - w->start_at_ns;
    fprintf(w->progress,
            "\r%s of %s: %" PRIu64 " operations, %" PRIu64 " ok, %" PRIu64 " failed, %" PRIu64
            " unknown ",
            units_duration_short(at_ns > 0 ? at_ns : 0, at, sizeof at),
            units_duration_short(w->scenario->duration_ns, of, sizeof of), c.invoked, c.ok,
            c.failed, c.unknown);
    fflush(w->progress);
    w->shown_at_ns = now_ns;
}

static void on_look(struct io_timer *timer)
{
    struct watch *w = CONTAINER_OF(timer, struct watch, timer);
    int64_t now_ns = w->io->ops->now_ns(w->io);
    if (w->asking == 0)
        ask(w);
    look_for_ends(w);
    if (w->progress && w->driver && now_ns - w->shown_at_ns >= SHOW_EVERY_NS)
        show(w, now_ns);
    w->io->ops->timer_set(w->io, &w->timer, now_ns + LOOK_EVERY_NS);
}

void watch_start(struct watch *w, int64_t start_at_ns)
{
    w->start_at_ns = start_at_ns;
    for (uint32_t t = 0; t < TABLES_MAX; t++)
        w->tables[t] = (struct watched){.watch = w, .leader = -1};
    w->timer.fire = on_look;
    on_look(&w->timer);
}

void watch_stop(struct watch *w)
{
    w->io->ops->timer_stop(w->io, &w->timer);
    if (w->progress && w->shown_at_ns > 0)
        fprintf(w->progress, "\r%78s\r", "");
}
