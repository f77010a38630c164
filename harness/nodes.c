#include "harness/nodes.h"

#include <stdlib.h>

#include "base/units.h"

enum { ASK_AGAIN_NS = 50000000 };

enum err_code nodes_start(struct nodes *n, struct err *err)
{
    for (uint32_t node = 0; node < n->topology->node_count; node++)
        if (n->system->ops->start(n->system, node, err))
            return err_wrap(err, "start %s", n->topology->nodes[node].name);
    return ERR_OK;
}

void nodes_stop(struct nodes *n)
{
    struct err ignored;
    for (uint32_t node = 0; node < n->topology->node_count; node++)
        (void)n->system->ops->stop(n->system, node, &ignored);
}

/* --- who leads? ---------------------------------------------------------- */

/* One question put to all nodes; freed by the last answer. */
struct poll {
    uint32_t waiting, next;
    int leader;
    uint64_t term;
    void (*told)(void *user, int node, uint64_t term);
    void *user;
    struct poll_seat {
        struct poll *poll;
        uint32_t node;
    } seats[NODES_MAX];
};

static void poll_leave(struct poll *p)
{
    if (--p->waiting > 0)
        return;
    p->told(p->user, p->leader, p->term);
    free(p);
}

/* Two may claim it while the older one has not heard yet: the higher term leads. */
static void on_role(void *user, const struct role_told *role)
{
    struct poll_seat *seat = user;
    struct poll *p = seat->poll;
    if (role->leads && (p->leader < 0 || role->term > p->term)) {
        p->leader = (int)seat->node;
        p->term = role->term;
    }
    poll_leave(p);
}

static void find_leader(void *user, uint32_t table,
                        void (*told)(void *user, int node, uint64_t term), void *told_user)
{
    struct nodes *n = user;
    struct poll *p = calloc(1, sizeof *p);
    if (!p || !(n->system->ops->about.flags & SYSTEM_ROLES)) {
        free(p);
        told(told_user, -1, 0);
        return;
    }
    *p = (struct poll){.waiting = 1, .leader = -1, .told = told, .user = told_user};
    for (uint32_t node = 0; node < n->topology->node_count; node++) {
        p->seats[node] = (struct poll_seat){p, node};
        p->waiting++;
        n->system->ops->role(n->system, node, table, on_role, &p->seats[node]);
    }
    poll_leave(p); /* answers may have come from inside the calls */
}

/* --- ready? -------------------------------------------------------------- */

struct waiting {
    uint32_t ready_count, answer_count, leader_count;
    bool answered;
    uint32_t expected_count;
};

static void note_answer(struct waiting *w)
{
    w->answer_count++;
    w->answered = w->answer_count == w->expected_count;
}

static void on_ready(void *user, bool ready)
{
    struct waiting *w = user;
    w->ready_count += ready;
    note_answer(w);
}

static void on_leader(void *user, int node, uint64_t term)
{
    (void)term;
    struct waiting *w = user;
    w->leader_count += node >= 0;
    note_answer(w);
}

/* Ask everything once, and let the world run until all has been answered: systems
 * bound the time they take to answer. */
static enum err_code ask_all(struct nodes *n, uint32_t table_count, struct waiting *w,
                             struct err *err)
{
    *w = (struct waiting){.expected_count = n->topology->node_count + table_count};
    for (uint32_t node = 0; node < n->topology->node_count; node++)
        n->system->ops->ready(n->system, node, on_ready, w);
    for (uint32_t table = 0; table < table_count; table++)
        find_leader(n, table, on_leader, w);
    enum err_code code = ERR_OK;
    while (!w->answered && code == ERR_OK)
        code = n->world->ops->run(n->world, &w->answered, -1, err);
    return code;
}

/* Nobody told it to: it refuses to run, or cannot. */
static enum err_code check_alive(struct nodes *n, struct err *err)
{
    char why[384];
    for (uint32_t node = 0; node < n->topology->node_count; node++)
        if (n->system->ops->ended(n->system, node, why, sizeof why))
            return err_set(err, ERR_IO, "%s %s", n->topology->nodes[node].name, why);
    return ERR_OK;
}

enum err_code nodes_await(struct nodes *n, const struct system_spec *spec, const bool *stop,
                          int64_t within_ns, struct err *err)
{
    bool has_roles = n->system->ops->about.flags & SYSTEM_ROLES;
    uint32_t table_count = has_roles ? spec->table_count : 0;
    int64_t deadline_at_ns = n->world->ops->now_ns(n->world) + within_ns;
    struct waiting w;
    do {
        if (ask_all(n, table_count, &w, err) || (!n->were_up && check_alive(n, err)))
            return err->code;
        n->were_up |= w.ready_count == n->topology->node_count;
        if (w.ready_count == n->topology->node_count && w.leader_count == table_count)
            return ERR_OK;
        int64_t now_ns = n->world->ops->now_ns(n->world);
        if (n->world->ops->run(n->world, stop, now_ns + ASK_AGAIN_NS, err))
            return err->code;
    } while (!*stop && n->world->ops->now_ns(n->world) < deadline_at_ns);
    if (*stop)
        return ERR_OK;
    return err_set(err, ERR_TIMEOUT,
                   "the system did not come up in %lld s: %u of %u nodes ready, %u of %u "
                   "tables led; see nodes/ in the run folder",
                   (long long)(within_ns / NS_PER_S), w.ready_count, n->topology->node_count,
                   w.leader_count, table_count);
}

/* --- what was cut off? ---------------------------------------------------- */

struct lost_answers {
    struct lost_seat {
        struct lost_answers *all;
        bool answered;
        uint64_t count;
    } seats[NODES_MAX];
    uint32_t waiting;
    bool done;
};

static void on_lost(void *user, const struct role_told *role)
{
    struct lost_seat *seat = user;
    seat->answered = role->term > 0;
    seat->count = role->lost_count;
    seat->all->done = --seat->all->waiting == 0;
}

enum err_code nodes_ask_lost(struct nodes *n, uint32_t table,
                             void (*told)(void *user, uint32_t node, uint64_t count),
                             void *user, struct err *err)
{
    uint32_t node_count = n->topology->node_count;
    struct lost_answers answers = {.waiting = node_count};
    for (uint32_t node = 0; node < node_count; node++) {
        answers.seats[node].all = &answers;
        n->system->ops->role(n->system, node, table, on_lost, &answers.seats[node]);
    }
    enum err_code code = ERR_OK;
    while (!answers.done && code == ERR_OK)
        code = n->world->ops->run(n->world, &answers.done, -1, err);
    for (uint32_t node = 0; node < node_count && code == ERR_OK; node++)
        if (answers.seats[node].answered)
            told(user, node, answers.seats[node].count);
    return code;
}

/* --- for the injector ---------------------------------------------------- */

static enum err_code on_kill(void *user, uint32_t node, struct err *err)
{
    struct nodes *n = user;
    return n->system->ops->kill(n->system, node, err);
}

static enum err_code on_start(void *user, uint32_t node, struct err *err)
{
    struct nodes *n = user;
    return n->system->ops->start(n->system, node, err);
}

static enum err_code on_pause(void *user, uint32_t node, struct err *err)
{
    struct nodes *n = user;
    return n->system->ops->pause(n->system, node, err);
}

static enum err_code on_resume(void *user, uint32_t node, struct err *err)
{
    struct nodes *n = user;
    return n->system->ops->resume(n->system, node, err);
}

struct node_ops nodes_ops(struct nodes *n)
{
    return (struct node_ops){.user = n,
                             .kill = on_kill,
                             .start = on_start,
                             .pause = on_pause,
                             .resume = on_resume,
                             .find_leader = find_leader};
}
