/* How certain a try is. A node's word "not the leader" is definite, and so is a
 * connection that never stood. Everything lost after that may have happened. A reply
 * does not say which try it answers, so a try never goes over a connection that an
 * earlier try of the same operation used: a late or doubled "no" could otherwise pass
 * for the answer to a request that is still under way. */
#include "store/client.h"

#include <assert.h>
#include <stdlib.h>

#include "base/units.h"

/* Hints followed without a pause in between; two nodes may point at each other. */
enum { FOLLOWS_MAX = 2, BACKOFF_DOUBLINGS_MAX = 10 };

struct connection {
    struct store_client *client;
    struct io_channel *channel; /* NULL: none */
    uint8_t node;
    bool opened, greeted;
    uint64_t sequence; /* of the newest operation it carried a try of */
};

struct store_client {
    struct io *io;
    struct store_client_config config;
    struct connection connections[STORE_NODES_MAX];
    uint8_t leaders[STORE_TABLES_MAX]; /* by table; STORE_NODE_NONE: unknown */
    struct wire_space space;
    struct buffer out;

    /* The operation under way. */
    enum { PHASE_IDLE, PHASE_WAITING, PHASE_PAUSED } phase;
    struct request request;
    struct store_client_handler handler;
    struct store_attempt attempt; /* the newest */
    struct io_timer timer;        /* waiting: the try's end; paused: the next try */
    int64_t deadline_at_ns;
    unsigned turn, follows, pauses;
    bool was_greeted;    /* by any node, ever */
    bool maybe_happened; /* some try may have, or may yet */
    const char *error;   /* why no try has led anywhere yet */
};

static int64_t now_ns(const struct store_client *c)
{
    return c->io->ops->now_ns(c->io);
}

/* --- connections --- */

static void hang_up(struct connection *link)
{
    if (link->channel)
        link->client->io->ops->hang_up(link->channel);
    link->channel = NULL;
    link->opened = link->greeted = false;
}

static const struct io_handler channel_handler;

static bool connect_to(struct store_client *c, struct connection *link)
{
    if (link->sequence == c->request.sequence)
        hang_up(link); /* see the top of this file */
    if (!link->channel)
        link->channel =
            c->io->ops->dial(c->io, &c->config.addresses[link->node], &channel_handler, link);
    return link->channel != NULL;
}

static bool send_message(struct store_client *c, struct connection *link,
                         const struct message *m)
{
    c->out.size = 0;
    if (!wire_encode(m, &c->out))
        return false;
    c->io->ops->send(link->channel, buffer_bytes(&c->out));
    return true;
}

/* The hello goes again with every try until it is answered: frames can be lost. */
static bool send_request(struct store_client *c, struct connection *link)
{
    struct message hello = {
        .type = MESSAGE_HELLO,
        .hello = {.cluster = c->config.cluster, .who = HELLO_CLIENT, .id = c->config.id}};
    struct message request = {.type = MESSAGE_REQUEST, .request = c->request};
    link->sequence = c->request.sequence;
    return (link->greeted || send_message(c, link, &hello)) && send_message(c, link, &request);
}

/* --- how an operation ends --- */

static void finish(struct store_client *c, const struct store_answer *answer)
{
    struct store_client_handler handler = c->handler;
    c->io->ops->timer_stop(c->io, &c->timer);
    c->phase = PHASE_IDLE;
    handler.answered(handler.user, answer);
}

/* Nothing better is known than what the tries left open. */
static void give_up(struct store_client *c, const char *error)
{
    struct store_answer answer = {
        .status = c->maybe_happened ? REPLY_UNKNOWN : REPLY_FAIL,
        .error = error,
        .node = -1,
        .value = STORE_NIL,
    };
    finish(c, &answer);
}

static void finish_with_reply(struct store_client *c, const struct reply *reply)
{
    struct store_answer answer = {
        .status = reply->status,
        .error = reply->status == REPLY_OK ? NULL : reply_reason_text(reply->reason),
        .node = reply->node,
        .value = reply->value,
        .version = reply->version,
        .is_list = reply->is_list,
        .member_count = reply->member_count,
        .members = reply->members,
    };
    finish(c, &answer);
}

/* --- tries --- */

static void end_attempt(struct store_client *c, enum reply_status status, const char *error)
{
    c->phase = PHASE_IDLE;
    c->attempt.status = status;
    c->attempt.error = error;
    c->attempt.ended_at_ns = now_ns(c);
    c->maybe_happened |= status == REPLY_UNKNOWN;
    if (c->handler.attempted)
        c->handler.attempted(c->handler.user, &c->attempt);
}

/* Full jitter: clients that failed together must not come back together. */
static int64_t draw_pause_ns(struct store_client *c)
{
    unsigned doublings = c->pauses < BACKOFF_DOUBLINGS_MAX ? c->pauses : BACKOFF_DOUBLINGS_MAX;
    int64_t most_ns = c->config.backoff_ns << doublings;
    if (most_ns > c->config.backoff_ns_max)
        most_ns = c->config.backoff_ns_max;
    c->pauses++;
    return (int64_t)(c->io->ops->random(c->io) % (uint64_t)(most_ns + 1));
}

/* A try that the deadline cut short says less than the one before it. */
static void pause_before_retry(struct store_client *c, const char *error)
{
    if (!c->error || now_ns(c) < c->deadline_at_ns)
        c->error = error;
    int64_t again_at_ns = now_ns(c) + draw_pause_ns(c);
    if (again_at_ns >= c->deadline_at_ns) {
        give_up(c, c->error);
        return;
    }
    c->follows = 0;
    c->phase = PHASE_PAUSED;
    c->io->ops->timer_set(c->io, &c->timer, again_at_ns);
}

static bool asks_leader(const struct store_client *c)
{
    return c->request.level == REQUEST_LINEARIZABLE;
}

/* The leader if one is known and needed, else the nearest whose turn it is, but not
 * the one that was just asked in vain. */
static uint8_t choose_node(struct store_client *c)
{
    uint8_t leader = c->leaders[c->request.table];
    if (asks_leader(c) && leader != STORE_NODE_NONE)
        return leader;
    uint32_t count = c->config.node_count;
    bool again = c->attempt.number > 0 && count > 1;
    if (again && c->config.nearest[c->turn % count] == c->attempt.node)
        c->turn++;
    return c->config.nearest[c->turn++ % count];
}

static void begin_attempt(struct store_client *c)
{
    uint8_t node = choose_node(c);
    struct connection *link = &c->connections[node];
    int64_t at_ns = now_ns(c);
    int64_t until_ns = at_ns + c->config.attempt_timeout_ns;
    c->attempt = (struct store_attempt){
        .number = c->attempt.number + 1, .node = node, .sent_at_ns = at_ns};
    if (!connect_to(c, link) || !send_request(c, link)) {
        hang_up(link);
        end_attempt(c, REPLY_FAIL, "no memory");
        pause_before_retry(c, "no memory");
        return;
    }
    c->phase = PHASE_WAITING;
    c->io->ops->timer_set(c->io, &c->timer,
                          until_ns < c->deadline_at_ns ? until_ns : c->deadline_at_ns);
}

/* No answer will come over `link` any more. What never left here did not happen. */
static void lose_attempt(struct store_client *c, struct connection *link, const char *error)
{
    bool sent = link->opened;
    hang_up(link);
    if (c->leaders[c->request.table] == link->node)
        c->leaders[c->request.table] = STORE_NODE_NONE;
    if (!sent)
        error = "could not connect";
    end_attempt(c, sent ? REPLY_UNKNOWN : REPLY_FAIL, error);
    pause_before_retry(c, error);
}

static void on_timer(struct io_timer *timer)
{
    struct store_client *c = CONTAINER_OF(timer, struct store_client, timer);
    if (c->phase == PHASE_PAUSED)
        begin_attempt(c);
    else
        lose_attempt(c, &c->connections[c->attempt.node], "timed out");
}

/* --- what nodes say --- */

static bool known_node(const struct store_client *c, uint8_t node)
{
    return node < c->config.node_count;
}

/* The node would not or could not; somebody else may. A hint is believed a few times
 * in a row; then whoever is nearest is asked again. */
static void try_elsewhere(struct store_client *c, const struct reply *reply)
{
    const char *error = reply_reason_text(reply->reason);
    bool follow = asks_leader(c) && known_node(c, reply->leader) &&
                  reply->leader != c->attempt.node && c->follows++ < FOLLOWS_MAX;
    if (asks_leader(c))
        c->leaders[c->request.table] = follow ? reply->leader : STORE_NODE_NONE;
    end_attempt(c, reply->status, error);
    if (follow)
        begin_attempt(c);
    else
        pause_before_retry(c, error);
}

/* Does the reply speak of the operation itself? Then another node would say the same. */
static bool is_verdict(enum reply_reason reason)
{
    return reason == REASON_BAD_REQUEST || reason == REASON_FULL || reason == REASON_SUPERSEDED;
}

/* A mismatch is remembered with the request id, so no try can happen after it; but on an
 * async table that memory falls with a primary, and an earlier try may come back. */
static bool is_final_mismatch(const struct store_client *c, const struct reply *reply)
{
    return reply->reason == REASON_MISMATCH &&
           !(c->config.async[c->request.table] && c->maybe_happened);
}

static void on_reply(struct store_client *c, const struct reply *reply)
{
    bool decided = reply->status == REPLY_OK || is_final_mismatch(c, reply);
    c->io->ops->timer_stop(c->io, &c->timer);
    if (decided) {
        if (asks_leader(c))
            c->leaders[c->request.table] = reply->node;
        end_attempt(c, reply->status,
                    reply->status == REPLY_OK ? NULL : reply_reason_text(reply->reason));
        finish_with_reply(c, reply);
    } else if (is_verdict(reply->reason) || reply->reason == REASON_MISMATCH) {
        end_attempt(c, reply->status, reply_reason_text(reply->reason));
        give_up(c, reply_reason_text(reply->reason));
    } else {
        try_elsewhere(c, reply);
    }
}

static bool is_awaited(const struct store_client *c, const struct connection *link,
                       const struct reply *reply)
{
    return c->phase == PHASE_WAITING && c->attempt.node == link->node &&
           reply->client == c->config.id && reply->sequence == c->request.sequence &&
           known_node(c, reply->node);
}

static void break_off(struct connection *link, const char *why)
{
    struct store_client *c = link->client;
    if (c->phase == PHASE_WAITING && c->attempt.node == link->node)
        lose_attempt(c, link, why);
    else
        hang_up(link);
}

static void on_opened(void *user, struct io_channel *ch)
{
    (void)ch;
    struct connection *link = user;
    link->opened = true;
}

static void on_received(void *user, struct io_channel *ch, struct bytes frame)
{
    (void)ch;
    struct connection *link = user;
    struct store_client *c = link->client;
    struct message m;
    struct err err;
    if (wire_decode(frame, &c->space, &m, &err))
        break_off(link, "bad frame");
    else if (m.type == MESSAGE_HELLO)
        c->was_greeted |= link->greeted = m.hello.cluster == c->config.cluster;
    else if (m.type == MESSAGE_REPLY && is_awaited(c, link, &m.reply))
        on_reply(c, &m.reply);
}

static void on_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)ch;
    (void)why; /* many texts; errors of operations are few */
    struct connection *link = user;
    link->channel = NULL;
    break_off(link, "connection lost");
}

static const struct io_handler channel_handler = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

/* --- the client --- */

struct store_client_config store_client_config_default(void)
{
    return (struct store_client_config){.operation_timeout_ns = 2 * NS_PER_S,
                                        .attempt_timeout_ns = 900 * NS_PER_MS,
                                        .backoff_ns = 20 * NS_PER_MS,
                                        .backoff_ns_max = 500 * NS_PER_MS};
}

struct store_client *store_client_new(struct io *io, const struct store_client_config *config)
{
    assert(config->id != 0);
    assert(config->node_count >= 1 && config->node_count <= STORE_NODES_MAX);
    assert(config->operation_timeout_ns > 0 && config->attempt_timeout_ns > 0);
    struct store_client *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->io = io;
    c->config = *config;
    c->timer.fire = on_timer;
    for (uint8_t node = 0; node < STORE_NODES_MAX; node++)
        c->connections[node] = (struct connection){.client = c, .node = node};
    for (size_t table = 0; table < STORE_TABLES_MAX; table++)
        c->leaders[table] = STORE_NODE_NONE;
    return c;
}

void store_client_invoke(struct store_client *c, const struct store_operation *op,
                         const struct store_client_handler *handler)
{
    assert(c->phase == PHASE_IDLE);
    assert(op->table < STORE_TABLES_MAX);
    c->handler = *handler;
    c->request = (struct request){
        .client = c->config.id,
        .sequence = c->request.sequence + 1,
        .table = op->table,
        .kind = op->kind,
        .key = op->key,
        .argument = op->argument,
        .expected = op->expected,
        .level = op->level,
    };
    c->attempt = (struct store_attempt){0};
    c->deadline_at_ns = now_ns(c) + c->config.operation_timeout_ns;
    c->turn = c->follows = c->pauses = 0;
    c->maybe_happened = false;
    c->error = NULL;
    begin_attempt(c);
}

bool store_client_was_greeted(const struct store_client *c)
{
    return c->was_greeted;
}

void store_client_free(struct store_client *c)
{
    if (!c)
        return;
    c->io->ops->timer_stop(c->io, &c->timer);
    for (size_t node = 0; node < STORE_NODES_MAX; node++)
        hang_up(&c->connections[node]);
    wire_space_done(&c->space);
    buffer_done(&c->out);
    free(c);
}
