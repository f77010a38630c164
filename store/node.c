#include "store/node.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/node_parts.h"

void node_trace(struct node *n, const char *name, const char *fmt, ...)
{
    if (!n->trace)
        return;
    char text[ERR_MSG_SIZE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    n->trace(n->trace_user, n->io->ops->now_ns(n->io), name, text);
}

/* --- stopping -------------------------------------------------------------- */

static void release(struct node *n)
{
    n->io->ops->timer_stop(n->io, &n->wake);
    node_net_done(n);
    for (uint8_t i = 0; i < LOG_COUNT; i++) {
        if (n->logs[i].log)
            n->io->ops->log_close(n->logs[i].log);
        n->logs[i].log = NULL;
    }
}

void node_stop(struct node *n, const struct err *why)
{
    if (n->stopped)
        return;
    n->stopped = true;
    n->why = *why;
    release(n);
    node_trace(n, "stopped", "why=\"%s\"", n->why.msg);
    if (n->told)
        n->told(n->told_user, n->why.msg);
}

/* --- steps and effects ----------------------------------------------------- */

static enum err_code carry_out(struct node *n, const struct effect *e, struct err *err)
{
    const struct io_ops *ops = n->io->ops;
    struct bytes bytes = effect_bytes(&n->effects, e);
    switch (e->type) {
    case EFFECT_SEND: node_net_send(n, e->node, bytes); return ERR_OK;
    case EFFECT_ANSWER: node_net_answer(n, e->connection, bytes); return ERR_OK;
    case EFFECT_APPEND: return ops->log_append(n->logs[e->log].log, bytes, err);
    case EFFECT_REPLACE: return ops->log_replace(n->logs[e->log].log, bytes, err);
    }
    return ERR_OK;
}

static void trace_role(struct node *n)
{
    static const char *const names[] = {"follower", "pre-candidate", "candidate", "leader"};
    const struct raft *raft = &n->replica.raft;
    if (raft->role == n->traced_role && raft->term == n->traced_term)
        return;
    n->traced_role = raft->role;
    n->traced_term = raft->term;
    node_trace(n, "role", "role=%s term=%llu", names[raft->role],
               (unsigned long long)raft->term);
}

static void set_wake(struct node *n)
{
    int64_t at_ns = replica_wake_at_ns(&n->replica);
    if (n->wake.slot == 0 || n->wake.at_ns != at_ns)
        n->io->ops->timer_set(n->io, &n->wake, at_ns);
}

static struct moment moment_of(struct node *n)
{
    effects_clear(&n->effects);
    return (struct moment){.now_ns = n->io->ops->now_ns(n->io),
                           .random = n->io->ops->random(n->io),
                           .out = &n->effects};
}

static void carry_out_all(struct node *n)
{
    struct err err;
    for (size_t i = 0; i < n->effects.count && !n->stopped; i++)
        if (carry_out(n, &n->effects.items[i], &err))
            node_stop(n, &err);
    if (n->stopped)
        return;
    trace_role(n);
    set_wake(n);
}

void node_step(struct node *n, const struct event *event)
{
    if (n->stopped)
        return;
    struct err err;
    struct moment at = moment_of(n);
    if (replica_step(&n->replica, &at, event, &err))
        node_stop(n, &err);
    else
        carry_out_all(n);
}

static void on_wake(struct io_timer *timer)
{
    struct node *n = CONTAINER_OF(timer, struct node, wake);
    node_step(n, &(struct event){.type = EVENT_TIMER});
}

/* --- logs ------------------------------------------------------------------ */

static void on_recovered(void *user, struct bytes record)
{
    struct node_log *log = user;
    struct node *n = log->node;
    if (n->recovery.code == ERR_OK &&
        replica_recover(&n->replica, log->number, record, &n->recovery))
        err_wrap(&n->recovery, "log of node %u", n->config.node_id);
}

static void on_cut(void *user, size_t size_bytes)
{
    struct node_log *log = user;
    log->cut_bytes = size_bytes;
}

static void on_synced(void *user, uint64_t count)
{
    struct node_log *log = user;
    node_step(log->node,
              &(struct event){.type = EVENT_SYNCED, .log = log->number, .count = count});
}

static void on_failed(void *user, const char *why)
{
    struct node_log *log = user;
    struct err err;
    err_set(&err, ERR_IO, "the disk of node %u failed: %s", log->node->config.node_id, why);
    node_stop(log->node, &err);
}

static enum err_code open_log(struct node *n, uint8_t number, const char *name, struct err *err)
{
    static const struct io_log_handler handler = {
        .recovered = on_recovered, .cut = on_cut, .synced = on_synced, .failed = on_failed};
    struct node_log *log = &n->logs[number];
    *log = (struct node_log){.node = n, .number = number};
    if (n->io->ops->log_open(n->io, name, &handler, log, &log->log, err))
        return err_wrap(err, "log '%s'", name);
    if (n->recovery.code)
        *err = n->recovery;
    return n->recovery.code;
}

static enum err_code open_logs(struct node *n, struct err *err)
{
    if (open_log(n, LOG_CONSENSUS, "consensus", err))
        return err->code;
    for (uint32_t i = 0; i < n->config.table_count; i++) {
        char name[16];
        if (n->config.tables[i].mode != STORE_ASYNC)
            continue;
        snprintf(name, sizeof name, "table-%u", i);
        if (open_log(n, (uint8_t)(LOG_TABLE + i), name, err))
            return err->code;
    }
    return n->replica.has_async ? open_log(n, LOG_LOST, "lost", err) : ERR_OK;
}

/* --- life ------------------------------------------------------------------ */

static enum err_code start(struct node *n, struct err *err)
{
    if (node_config_check(&n->config, err) || replica_init(&n->replica, &n->config, err) ||
        open_logs(n, err))
        return err->code;
    struct moment at = moment_of(n);
    if (replica_start(&n->replica, &at, err) || node_net_start(n, err))
        return err->code;
    carry_out_all(n);
    if (n->stopped)
        *err = n->why;
    return n->stopped ? err->code : ERR_OK;
}

enum err_code node_new(struct io *io, const struct node_config *config, struct node **out,
                       struct err *err)
{
    struct node *n = calloc(1, sizeof *n);
    if (!n)
        return err_set(err, ERR_NOMEM, "no memory for a node");
    n->io = io;
    n->config = *config;
    n->wake.fire = on_wake;
    if (start(n, err)) {
        enum err_code code = err->code;
        node_free(n);
        return code;
    }
    n->started = true;
    *out = n;
    return ERR_OK;
}

void node_free(struct node *n)
{
    if (!n)
        return;
    if (!n->stopped)
        release(n);
    replica_done(&n->replica);
    effects_done(&n->effects);
    wire_space_done(&n->space);
    buffer_done(&n->frame);
    free(n);
}

const char *node_stopped(const struct node *n)
{
    return n->stopped ? n->why.msg : NULL;
}

void node_on_stop(struct node *n, void (*told)(void *user, const char *why), void *user)
{
    n->told = told;
    n->told_user = user;
}

void node_on_trace(struct node *n, node_trace_fn trace, void *user)
{
    n->trace = trace;
    n->trace_user = user;
    for (uint8_t i = 0; i < LOG_COUNT; i++)
        if (n->logs[i].cut_bytes > 0)
            node_trace(n, "torn_tail", "log=%u cut_bytes=%zu", i, n->logs[i].cut_bytes);
}

const struct replica *node_replica(const struct node *n)
{
    return &n->replica;
}
