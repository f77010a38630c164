/* Who is connected to a node: peers, one channel each, dialled by the node with the
 * higher number; clients; strangers until they say hello.
 *
 * A pulse every heartbeat keeps the channels honest: it repeats a hello nobody answered,
 * pings a peer we had nothing to say to, hangs up on silence and dials again after a
 * jittered back-off. TCP alone would notice a cut late and come back later still. */
#include <assert.h>
#include <stdlib.h>

#include "store/node_parts.h"

static const struct io_handler on_dialled, on_accepted;

/* --- connections ----------------------------------------------------------- */

static int64_t now_ns(const struct node *n)
{
    return n->io->ops->now_ns(n->io);
}

static struct connection *connection_add(struct node *n, struct io_channel *channel)
{
    struct connection *c = n->connection_count < CONNECTIONS_MAX ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    *c = (struct connection){.node = n,
                             .next = n->connections,
                             .channel = channel,
                             .id = ++n->last_connection_id,
                             .heard_at_ns = now_ns(n)};
    c->said_at_ns = c->heard_at_ns;
    n->connections = c;
    n->connection_count++;
    return c;
}

/* Try again between half of and the whole wait from now; wait longer each time. */
static void plan_dial(struct node *n, struct peer *p)
{
    uint64_t half = (uint64_t)p->patience_ns / 2;
    p->dial_at_ns = now_ns(n) + (int64_t)(half + n->io->ops->random(n->io) % (half + 1));
    p->patience_ns *= 2;
    if (p->patience_ns > n->config.election_timeout_ns / 2)
        p->patience_ns = n->config.election_timeout_ns / 2;
}

/* Its channel is gone, or about to be. */
static void connection_drop(struct connection *c)
{
    struct node *n = c->node;
    struct connection **at = &n->connections;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    n->connection_count--;
    struct peer *p = &n->peers[c->peer];
    if ((c->dialled || c->kind == CONNECTION_REPLICA) && p->connection == c) {
        p->connection = NULL;
        plan_dial(n, p);
    }
    free(c);
}

static void hang_up(struct connection *c, const char *why)
{
    struct node *n = c->node;
    node_trace(n, "hang_up", "connection=%llu kind=%d peer=%u why=\"%s\"",
               (unsigned long long)c->id, (int)c->kind, c->peer, why);
    n->io->ops->hang_up(c->channel);
    connection_drop(c);
}

/* Lost, as on any network, when the other side does not keep up. */
static void say(struct connection *c, struct bytes frame)
{
    const struct io_ops *ops = c->node->io->ops;
    c->said_at_ns = now_ns(c->node);
    if (ops->backlog_bytes(c->channel) + frame.size <= BACKLOG_BYTES_MAX)
        ops->send(c->channel, frame);
}

/* A message without lists; nothing is said without memory. */
static void say_message(struct connection *c, const struct message *m)
{
    struct buffer *frame = &c->node->frame;
    frame->size = 0;
    if (wire_encode(m, frame))
        say(c, buffer_bytes(frame));
}

static void say_hello(struct connection *c)
{
    const struct node_config *config = &c->node->config;
    struct hello hello = {config->cluster, HELLO_REPLICA, config->node_id};
    say_message(c, &(struct message){.type = MESSAGE_HELLO, .hello = hello});
}

/* --- sending --------------------------------------------------------------- */

static bool is_up(const struct connection *c)
{
    return c && c->kind == CONNECTION_REPLICA;
}

void node_net_send(struct node *n, uint8_t peer, struct bytes frame)
{
    if (is_up(n->peers[peer].connection))
        say(n->peers[peer].connection, frame);
}

void node_net_answer(struct node *n, uint64_t connection, struct bytes frame)
{
    struct connection *c = n->connections;
    while (c && c->id != connection)
        c = c->next;
    if (c) /* else it hung up meanwhile: nobody waits */
        say(c, frame);
}

/* --- greetings ------------------------------------------------------------- */

static void peer_is_up(struct connection *c)
{
    struct node *n = c->node;
    struct peer *p = &n->peers[c->peer];
    if (p->connection && p->connection != c)
        hang_up(p->connection, "a newer channel took its place");
    p->connection = c;
    p->patience_ns = n->config.heartbeat_ns;
    c->kind = CONNECTION_REPLICA;
    node_trace(n, "connected", "peer=%u", c->peer);
    node_step(n, &(struct event){.type = EVENT_CONNECTED, .peer = c->peer});
}

/* NULL, or why this hello is refused. */
static const char *refusal(const struct connection *c, const struct hello *m)
{
    const struct node_config *config = &c->node->config;
    if (m->cluster != config->cluster)
        return "hello of another cluster";
    if (c->dialled)
        return m->who == HELLO_REPLICA && m->id == c->peer ? NULL : "hello of somebody else";
    if (m->who == HELLO_CLIENT)
        return c->kind == CONNECTION_REPLICA ? "hello of a client from a replica" : NULL;
    if (m->id >= config->node_count || m->id <= config->node_id)
        return "hello of a replica that should not dial here";
    return c->kind == CONNECTION_CLIENT || (c->kind == CONNECTION_REPLICA && c->peer != m->id)
               ? "hello of somebody else"
               : NULL;
}

static void on_hello(struct connection *c, const struct hello *m)
{
    const char *why = refusal(c, m);
    if (why) {
        hang_up(c, why);
        return;
    }
    if (!c->dialled)
        say_hello(c);
    if (c->kind != CONNECTION_STRANGER)
        return; /* said again */
    if (m->who == HELLO_CLIENT) {
        c->kind = CONNECTION_CLIENT;
        c->only_asks = m->id >= HELLO_ASKER;
        return;
    }
    c->peer = (uint8_t)m->id;
    peer_is_up(c);
}

/* --- what arrives ---------------------------------------------------------- */

/* The network may double a frame, or hold one back until its sender has gone on. Clients
 * send a request id once per connection: what was refused once must not be begun by an
 * echo of it. */
static bool is_echo(struct connection *c, const struct request *m)
{
    if (m->client == c->client && m->sequence <= c->sequence)
        return true;
    c->client = m->client;
    c->sequence = m->sequence;
    return false;
}

static void on_client_message(struct connection *c, const struct message *m)
{
    struct node *n = c->node;
    struct event event = {.type = EVENT_CLIENT, .connection = c->id, .message = m};
    switch (m->type) {
    case MESSAGE_PING: say_message(c, m); return;
    case MESSAGE_ASK_ROLE:
        if (m->ask_role.table >= n->config.table_count)
            break;
        node_step(n, &event);
        return;
    case MESSAGE_ASK_STATE:
        if (m->ask_state.table >= n->config.table_count)
            break;
        node_step(n, &event);
        return;
    case MESSAGE_REQUEST:
        if (!is_echo(c, &m->request))
            node_step(n, &event);
        return;
    case MESSAGE_ASK_READY: node_step(n, &event); return;
    default: hang_up(c, "a message that clients do not send"); return;
    }
    hang_up(c, "asks for a table that is not there");
}

static void on_peer_message(struct connection *c, const struct message *m)
{
    if (m->type == MESSAGE_PING)
        return;
    if (m->type < MESSAGE_VOTE) {
        hang_up(c, "a message that replicas do not send");
        return;
    }
    node_step(c->node, &(struct event){.type = EVENT_PEER, .peer = c->peer, .message = m});
}

static void on_message(struct connection *c, const struct message *m)
{
    if (m->type == MESSAGE_HELLO)
        on_hello(c, &m->hello);
    else if (c->kind == CONNECTION_CLIENT)
        on_client_message(c, m);
    else if (c->kind == CONNECTION_REPLICA)
        on_peer_message(c, m);
    /* else its hello was lost, or overtaken: it will be said again */
}

static void received(void *user, struct io_channel *ch, struct bytes frame)
{
    struct connection *c = user;
    struct node *n = c->node;
    struct message m;
    struct err err;
    (void)ch;
    c->heard_at_ns = now_ns(n);
    switch (wire_decode(frame, &n->space, &m, &err)) {
    case ERR_OK: on_message(c, &m); break;
    case ERR_NOMEM: node_stop(n, &err); break;
    default: hang_up(c, err.msg); break;
    }
}

static void closed(void *user, struct io_channel *ch, const char *why)
{
    struct connection *c = user;
    (void)ch;
    if (!c->only_asks)
        node_trace(c->node, "closed", "connection=%llu kind=%d peer=%u why=\"%s\"",
                   (unsigned long long)c->id, (int)c->kind, c->peer, why);
    connection_drop(c);
}

static void accepted(void *user, struct io_channel *ch)
{
    struct node *n = user;
    struct connection *c = n->stopped ? NULL : connection_add(n, ch);
    if (c)
        io_channel_set_user(ch, &on_accepted, c);
    else
        n->io->ops->hang_up(ch);
}

static void opened(void *user, struct io_channel *ch)
{
    struct connection *c = user;
    (void)ch;
    c->opened = true;
    c->heard_at_ns = now_ns(c->node);
    say_hello(c);
}

/* Only `accepted` is told to the listener itself: it hands every channel on, or ends it. */
static const struct io_handler on_listener = {
    .accepted = accepted, .received = received, .closed = closed};
static const struct io_handler on_accepted = {.received = received, .closed = closed};
static const struct io_handler on_dialled = {
    .opened = opened, .received = received, .closed = closed};

/* --- the pulse ------------------------------------------------------------- */

static void dial(struct node *n, uint8_t peer)
{
    struct io_channel *ch =
        n->io->ops->dial(n->io, &n->config.addresses[peer], &on_dialled, NULL);
    struct connection *c = ch ? connection_add(n, ch) : NULL;
    if (!c) {
        if (ch)
            n->io->ops->hang_up(ch);
        plan_dial(n, &n->peers[peer]);
        return;
    }
    io_channel_set_user(ch, &on_dialled, c);
    c->dialled = true;
    c->peer = peer;
    n->peers[peer].connection = c;
}

static void keep_peer(struct node *n, uint8_t peer)
{
    struct peer *p = &n->peers[peer];
    struct connection *c = p->connection;
    int64_t now = now_ns(n);
    if (!c) {
        if (peer < n->config.node_id && now >= p->dial_at_ns)
            dial(n, peer);
        return;
    }
    if (now - c->heard_at_ns >= n->config.election_timeout_ns)
        hang_up(c, c->opened || !c->dialled ? "silence" : "no answer to the dial");
    else if (c->kind == CONNECTION_STRANGER && c->opened)
        say_hello(c);
    else if (c->kind == CONNECTION_REPLICA && now - c->said_at_ns >= n->config.heartbeat_ns)
        say_message(c, &(struct message){.type = MESSAGE_PING});
}

/* Who dialled us and never said who they are. */
static void drop_strangers(struct node *n)
{
    int64_t now = now_ns(n);
    for (struct connection *c = n->connections, *next; c; c = next) {
        next = c->next;
        if (c->kind == CONNECTION_STRANGER && !c->dialled &&
            now - c->heard_at_ns >= 10 * n->config.election_timeout_ns)
            hang_up(c, "no hello");
    }
}

static void on_pulse(struct io_timer *timer)
{
    struct node *n = CONTAINER_OF(timer, struct node, pulse);
    for (uint8_t peer = 0; peer < n->config.node_count && !n->stopped; peer++)
        if (peer != n->config.node_id)
            keep_peer(n, peer);
    if (n->stopped)
        return;
    drop_strangers(n);
    n->io->ops->timer_set(n->io, &n->pulse, now_ns(n) + n->config.heartbeat_ns);
}

enum err_code node_net_start(struct node *n, struct err *err)
{
    uint16_t port = n->config.addresses[n->config.node_id].port;
    n->pulse.fire = on_pulse;
    for (uint8_t i = 0; i < n->config.node_count; i++)
        n->peers[i].patience_ns = n->config.heartbeat_ns;
    if (n->io->ops->listen(n->io, port, &on_listener, n, err))
        return err_wrap(err, "node %u", n->config.node_id);
    n->io->ops->timer_set(n->io, &n->pulse, now_ns(n));
    return ERR_OK;
}

void node_net_done(struct node *n)
{
    n->io->ops->timer_stop(n->io, &n->pulse);
    while (n->connections) {
        struct connection *c = n->connections;
        n->connections = c->next;
        n->io->ops->hang_up(c->channel);
        free(c);
    }
    n->connection_count = 0;
    for (uint8_t i = 0; i < STORE_NODES_MAX; i++)
        n->peers[i].connection = NULL;
}
