/* One client that asks one thing at a time and waits for the answer: for stories told
 * step by step. */
#ifndef TESTS_SIM_STORE_PROBE_H
#define TESTS_SIM_STORE_PROBE_H

#include "tests/sim/store_cluster.h"

enum { PROBE_MEMBERS_MAX = 64 };

struct probe {
    struct cluster *cluster;
    struct io *io;
    struct io_channel *channel;
    bool told, closed;
    struct message got; /* lists are copied below */
    int64_t members[PROBE_MEMBERS_MAX];
    struct state_item items[PROBE_MEMBERS_MAX];
    uint64_t id, sequence;
};

static inline void probe_keep(struct probe *p, const struct message *m)
{
    p->told = true;
    p->got = *m;
    if (m->type == MESSAGE_REPLY) {
        assert(m->reply.member_count <= PROBE_MEMBERS_MAX);
        for (uint32_t i = 0; i < m->reply.member_count; i++)
            p->members[i] = m->reply.members[i];
    }
    if (m->type == MESSAGE_STATE)
        for (uint32_t i = 0; i < m->state.item_count && i < PROBE_MEMBERS_MAX; i++)
            p->items[i] = m->state.items[i];
}

static inline void probe_received(void *user, struct io_channel *ch, struct bytes frame)
{
    struct probe *p = user;
    struct wire_space space = {0};
    struct message m;
    struct err err;
    (void)ch;
    enum err_code code = wire_decode(frame, &space, &m, &err);
    assert(code == ERR_OK);
    if (m.type != MESSAGE_HELLO)
        probe_keep(p, &m);
    wire_space_done(&space);
}

static inline void probe_closed(void *user, struct io_channel *ch, const char *why)
{
    struct probe *p = user;
    (void)ch;
    (void)why;
    p->closed = true;
    p->channel = NULL;
}

static inline void probe_opened(void *user, struct io_channel *ch)
{
    (void)user;
    (void)ch;
}

static const struct io_handler probe_handler = {
    .opened = probe_opened, .received = probe_received, .closed = probe_closed};

static inline void probe_open(struct probe *p, struct cluster *c, uint64_t id)
{
    struct err err;
    char name[24];
    snprintf(name, sizeof name, "probe-%llu", (unsigned long long)id);
    *p = (struct probe){.cluster = c, .id = id};
    p->io = c->world->ops->open(c->world, &c->places[c->config.node_count], name, &err);
    assert(p->io);
}

static inline void probe_close(struct probe *p)
{
    if (p->channel)
        p->io->ops->hang_up(p->channel);
    p->cluster->world->ops->close(p->cluster->world, p->io);
}

static inline void probe_send(struct probe *p, const struct message *m)
{
    struct buffer frame = {0};
    bool encoded = wire_encode(m, &frame);
    assert(encoded);
    p->io->ops->send(p->channel, buffer_bytes(&frame));
    buffer_done(&frame);
}

/* On a new channel to `node`, said hello. */
static inline void probe_dial(struct probe *p, uint8_t node)
{
    if (p->channel)
        p->io->ops->hang_up(p->channel);
    p->closed = false;
    p->channel =
        p->io->ops->dial(p->io, &p->cluster->config.addresses[node], &probe_handler, p);
    assert(p->channel);
    probe_send(p,
               &(struct message){.type = MESSAGE_HELLO,
                                 .hello = {p->cluster->config.cluster, HELLO_CLIENT, p->id}});
}

/* Ask `node`; false when it says nothing for two seconds. */
static inline bool probe_ask(struct probe *p, uint8_t node, const struct message *m)
{
    probe_dial(p, node);
    p->told = false;
    probe_send(p, m);
    for (unsigned i = 0; i < 200 && !p->told; i++)
        cluster_run(p->cluster, cluster_now(p->cluster) + 10 * NS_PER_MS);
    return p->told;
}

/* A request; `kind` decides which of the numbers it takes. The same sequence again when
 * `again`. The reply's reason; -1 for silence. */
struct ask {
    uint8_t node;
    uint32_t table;
    enum request_kind kind;
    int64_t key, argument, expected;
    bool again, local;
};

static inline int probe_do(struct probe *p, struct ask ask)
{
    bool read = ask.kind == REQUEST_READ || ask.kind == REQUEST_MEMBERS;
    struct request request = {.client = p->id,
                              .sequence = ask.again ? p->sequence : ++p->sequence,
                              .table = ask.table,
                              .kind = ask.kind,
                              .key = ask.key,
                              .argument = read ? STORE_NIL : ask.argument,
                              .expected = ask.kind == REQUEST_CAS ? ask.expected : STORE_NIL,
                              .level = ask.local ? REQUEST_LOCAL : REQUEST_LINEARIZABLE};
    if (!probe_ask(p, ask.node, &(struct message){.type = MESSAGE_REQUEST, .request = request}))
        return -1;
    assert(p->got.type == MESSAGE_REPLY && p->got.reply.sequence == request.sequence);
    return (int)p->got.reply.reason;
}

/* Wait for a leader other than `other`; its number. */
static inline uint8_t probe_leader(struct cluster *c, uint8_t other)
{
    for (unsigned i = 0; i < 500; i++) {
        for (uint8_t node = 0; node < c->config.node_count; node++) {
            if (node == other || !c->nodes[node])
                continue;
            const struct raft *r = &node_replica(c->nodes[node])->raft;
            if (r->role == RAFT_LEADER && r->commit_index >= r->first_index)
                return node;
        }
        cluster_run(c, cluster_now(c) + 10 * NS_PER_MS);
    }
    broken("no leader within 5 s", other);
    return 0;
}

#endif
