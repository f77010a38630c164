/* A cluster of the store's nodes in the simulator, broken at random, with clients that
 * speak the wire themselves: no client library stands between the test and the node.
 *
 * Clients count: each key is a counter, raised by cas from the value last read. So a
 * change done twice, an acknowledged change lost and a stale read all show in plain
 * arithmetic, without a search. */
#ifndef TESTS_SIM_STORE_CLUSTER_H
#define TESTS_SIM_STORE_CLUSTER_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/random.h"
#include "base/units.h"
#include "io/sim.h"
#include "store/node.h"
#include "store/replica.h"

enum { NODES = STORE_NODES_MAX, CLIENTS = 6, KEYS = 3, PORT = 7000, HISTORY_MAX = 1 << 16 };

struct cluster;

struct counter_client {
    struct cluster *cluster;
    struct place place;
    struct io *io;
    struct io_channel *channel;
    struct io_timer timer; /* the try's time-out, then the pause before the next */
    uint64_t id, sequence;
    uint8_t node; /* to ask */
    bool greeted, waiting, reading;
    unsigned tries;
    struct request request;
    int64_t began_at_ns;
    int64_t floor; /* what the counter had surely reached when the operation began */
};

/* What must be true of a key, whoever asks. */
struct counter {
    int64_t least; /* seen or acknowledged */
    int64_t acked, unknown;
};

struct cluster {
    struct world *world;
    struct node_config config;
    struct place places[NODES + 1]; /* the last: clients */
    struct io *ios[NODES];
    struct node *nodes[NODES];
    int64_t restart_at_ns[NODES]; /* 0: runs */
    bool paused[NODES];
    struct random_stream chaos;
    struct counter_client clients[CLIENTS];
    struct counter counters[KEYS];
    bool adders;               /* clients add elements to the set 1 of table 0 instead */
    bool added[CLIENTS][4096]; /* acknowledged, by sequence */
    bool quiet;                /* clients begin nothing new */
    uint64_t answered, retries;

    /* what the nodes showed so far */
    uint8_t leaders[4096];           /* of each term; + 1; 0: not seen */
    uint64_t committed[HISTORY_MAX]; /* fingerprint by index; 0: not seen */
    uint64_t applied[HISTORY_MAX];   /* digest by index; 0: not seen */
    uint64_t checked[NODES];         /* committed entries of this life compared so far */
    uint64_t leader_changes;
};

/* --- nodes ----------------------------------------------------------------- */

static inline void node_up(struct cluster *c, uint8_t id)
{
    struct err err;
    struct node_config config = c->config;
    char name[16];
    snprintf(name, sizeof name, "node-%u", id);
    config.node_id = id;
    c->ios[id] = c->world->ops->open(c->world, &c->places[id], name, &err);
    assert(c->ios[id]);
    if (node_new(c->ios[id], &config, &c->nodes[id], &err)) {
        fprintf(stderr, "node %u does not start: %s\n", id, err.msg);
        abort();
    }
    c->restart_at_ns[id] = 0;
    c->checked[id] = 0;
}

static inline void node_down(struct cluster *c, uint8_t id)
{
    if (!c->nodes[id])
        return;
    if (c->paused[id])
        c->world->ops->resume(c->world, &c->places[id]);
    c->paused[id] = false;
    c->world->ops->power_off(c->world, &c->places[id]);
    node_free(c->nodes[id]);
    c->world->ops->close(c->world, c->ios[id]);
    c->nodes[id] = NULL;
    c->ios[id] = NULL;
}

static inline int64_t cluster_now(const struct cluster *c)
{
    return c->world->ops->now_ns(c->world);
}

/* --- clients --------------------------------------------------------------- */

static inline void client_next(struct counter_client *k);
static inline void client_try(struct counter_client *k);

static inline void client_say(struct counter_client *k, const struct message *m)
{
    struct buffer frame = {0};
    bool encoded = wire_encode(m, &frame);
    assert(encoded);
    k->io->ops->send(k->channel, buffer_bytes(&frame));
    buffer_done(&frame);
}

static inline void client_pause(struct counter_client *k, int64_t most_ns)
{
    int64_t wait_ns = (int64_t)(k->io->ops->random(k->io) % (uint64_t)most_ns) + NS_PER_MS;
    k->io->ops->timer_set(k->io, &k->timer, k->io->ops->now_ns(k->io) + wait_ns);
}

static inline void client_hang_up(struct counter_client *k)
{
    if (k->channel)
        k->io->ops->hang_up(k->channel);
    k->channel = NULL;
    k->greeted = false;
}

static inline void client_go_to(struct counter_client *k, uint8_t node)
{
    if (node == k->node)
        return;
    client_hang_up(k);
    k->node = node;
}

static inline void client_go_on(struct counter_client *k)
{
    k->node = (uint8_t)((k->node + 1) % k->cluster->config.node_count);
    client_hang_up(k);
}

/* The whole operation is over: what it proves. */
static inline void client_read_done(struct counter_client *k, int64_t value)
{
    struct counter *counter = &k->cluster->counters[k->request.key];
    value = value == STORE_NIL ? 0 : value;
    if (value < k->floor) {
        fprintf(stderr, "stale read: key %lld is %lld, was %lld\n", (long long)k->request.key,
                (long long)value, (long long)k->floor);
        abort();
    }
    if (value > counter->least)
        counter->least = value;
    k->request.expected = value == 0 ? STORE_NIL : value;
    k->request.argument = value + 1;
}

static inline void client_cas_done(struct counter_client *k, const struct reply *reply)
{
    struct counter *counter = &k->cluster->counters[k->request.key];
    if (reply->status == REPLY_OK) {
        counter->acked++;
        if (k->request.argument > counter->least)
            counter->least = k->request.argument;
    } else {
        assert(reply->reason == REASON_MISMATCH);
    }
}

/* What an adder adds: its number and the sequence. */
static inline int64_t element_of(uint64_t client, uint64_t sequence)
{
    return (int64_t)(client * 10000 + sequence);
}

static inline void client_add_done(struct counter_client *k)
{
    assert(k->sequence < ARRAY_LEN(k->cluster->added[0]));
    k->cluster->added[k->id - 1][k->sequence] = true;
}

static inline bool is_final(const struct reply *reply)
{
    return reply->status == REPLY_OK || reply->reason == REASON_MISMATCH;
}

static inline void client_told(struct counter_client *k, const struct reply *reply)
{
    if (!k->waiting || reply->client != k->id || reply->sequence != k->request.sequence)
        return;
    assert(reply->reason != REASON_BAD_REQUEST && reply->reason != REASON_FULL &&
           reply->reason != REASON_SUPERSEDED);
    k->waiting = false;
    if (is_final(reply)) {
        k->cluster->answered++;
        if (k->cluster->adders)
            client_add_done(k);
        else if (k->reading)
            client_read_done(k, reply->value);
        else
            client_cas_done(k, reply);
        k->reading = !k->reading;
        k->tries = 0;
        client_pause(k, 20 * NS_PER_MS);
        return;
    }
    if (reply->reason == REASON_NOT_LEADER && reply->leader != STORE_NODE_NONE &&
        reply->leader != k->node)
        client_go_to(k, reply->leader);
    else
        client_go_on(k);
    client_pause(k, 60 * NS_PER_MS);
}

static inline void client_received(void *user, struct io_channel *ch, struct bytes frame)
{
    struct counter_client *k = user;
    struct wire_space space = {0};
    struct message m;
    struct err err;
    (void)ch;
    if (wire_decode(frame, &space, &m, &err)) {
        fprintf(stderr, "a node said: %s\n", err.msg);
        abort();
    }
    if (m.type == MESSAGE_HELLO)
        k->greeted = true;
    else if (m.type == MESSAGE_REPLY)
        client_told(k, &m.reply);
    wire_space_done(&space);
}

static inline void client_closed(void *user, struct io_channel *ch, const char *why)
{
    struct counter_client *k = user;
    (void)ch;
    (void)why;
    k->channel = NULL;
    k->greeted = false;
}

static inline void client_opened(void *user, struct io_channel *ch)
{
    (void)user;
    (void)ch;
}

static const struct io_handler client_handler = {
    .opened = client_opened, .received = client_received, .closed = client_closed};

static inline void client_try(struct counter_client *k)
{
    struct cluster *c = k->cluster;
    if (!k->channel)
        k->channel = k->io->ops->dial(k->io, &c->config.addresses[k->node], &client_handler, k);
    assert(k->channel);
    if (!k->greeted)
        client_say(k, &(struct message){.type = MESSAGE_HELLO,
                                        .hello = {c->config.cluster, HELLO_CLIENT, k->id}});
    client_say(k, &(struct message){.type = MESSAGE_REQUEST, .request = k->request});
    c->retries += k->tries++ > 0;
    k->waiting = true;
    k->io->ops->timer_set(k->io, &k->timer, k->io->ops->now_ns(k->io) + 120 * NS_PER_MS);
}

static inline void client_begin(struct counter_client *k)
{
    struct counter *counters = k->cluster->counters;
    k->request.sequence = ++k->sequence;
    if (k->cluster->adders) {
        k->request.kind = REQUEST_ADD;
        k->request.key = 1;
        k->request.argument = element_of(k->id, k->sequence);
        k->request.expected = STORE_NIL;
    } else if (k->reading) {
        k->request.key = (int64_t)(k->io->ops->random(k->io) % KEYS);
        k->request.kind = REQUEST_READ;
        k->request.argument = k->request.expected = STORE_NIL;
        k->floor = counters[k->request.key].least;
    } else {
        k->request.kind = REQUEST_CAS;
    }
}

/* The timer: a try was not answered, or the pause is over. */
static inline void client_next(struct counter_client *k)
{
    if (k->waiting) {
        k->waiting = false;
        client_go_on(k);
        client_try(k);
        return;
    }
    if (k->tries == 0) {
        if (k->cluster->quiet)
            return;
        client_begin(k);
    }
    client_try(k);
}

static inline void client_fire(struct io_timer *timer)
{
    client_next(CONTAINER_OF(timer, struct counter_client, timer));
}

static inline void client_up(struct cluster *c, uint8_t number)
{
    struct err err;
    struct counter_client *k = &c->clients[number];
    char name[16];
    snprintf(name, sizeof name, "client-%u", number);
    *k = (struct counter_client){.cluster = c, .id = number + 1u, .reading = true};
    k->node = (uint8_t)(number % c->config.node_count);
    k->request = (struct request){.client = k->id, .level = REQUEST_LINEARIZABLE};
    k->io = c->world->ops->open(c->world, &c->places[c->config.node_count], name, &err);
    assert(k->io);
    k->timer.fire = client_fire;
    client_pause(k, 50 * NS_PER_MS);
}

/* --- invariants (research: what must hold at any moment) -------------------- */

static inline void broken(const char *what, unsigned long long at)
{
    fprintf(stderr, "invariant broken: %s (%llu)\n", what, at);
    abort();
}

static inline uint64_t entry_print(const struct entry *e)
{
    const uint64_t words[] = {e->term,
                              (uint64_t)e->type << 8 | (uint64_t)e->kind,
                              e->client,
                              e->sequence,
                              (uint64_t)e->key,
                              (uint64_t)e->argument,
                              (uint64_t)e->expected};
    uint64_t digest = DIGEST_START;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        digest = digest_u64(digest, words[i]);
    return digest | 1;
}

static inline void check_leader(struct cluster *c, const struct raft *r)
{
    if (r->role != RAFT_LEADER)
        return;
    if (r->term >= ARRAY_LEN(c->leaders))
        broken("terms run away", r->term);
    uint8_t *seen = &c->leaders[r->term];
    c->leader_changes += *seen == 0;
    if (*seen != 0 && *seen != r->config.id + 1)
        broken("two leaders in a term", r->term);
    *seen = (uint8_t)(r->config.id + 1);
}

static inline void check_committed(struct cluster *c, const struct raft *r)
{
    uint64_t *checked = &c->checked[r->config.id];
    if (*checked < r->log.base_index)
        *checked = r->log.base_index;
    for (uint64_t i = *checked + 1; i <= r->commit_index; i++) {
        uint64_t print = entry_print(entry_log_at(&r->log, i));
        if (i >= HISTORY_MAX)
            broken("the test's log is too short", i);
        if (c->committed[i] != 0 && c->committed[i] != print)
            broken("a committed entry was replaced", i);
        c->committed[i] = print;
    }
    *checked = r->commit_index;
}

static inline void check_applied(struct cluster *c, const struct machine *m)
{
    uint64_t *seen = &c->applied[m->applied_index];
    if (*seen != 0 && *seen != m->digest)
        broken("applied states differ", m->applied_index);
    *seen = m->digest;
}

/* On how many disks is the entry at `index`? Nodes that are down are asked later. */
static inline void check_commit_is_durable(const struct cluster *c, uint64_t index,
                                           uint64_t print)
{
    unsigned durable = 0, down = 0;
    for (uint32_t i = 0; i < c->config.node_count; i++) {
        if (!c->nodes[i]) {
            down++;
            continue;
        }
        const struct raft *r = &node_replica(c->nodes[i])->raft;
        if (index <= r->log.base_index)
            durable += r->disk.durable_index >= index;
        else if (index <= r->disk.durable_index)
            durable += entry_print(entry_log_at(&r->log, index)) == print;
        else
            down += raft_is_replacing(r); /* the old log still may hold it */
    }
    if (durable + down <= c->config.node_count / 2)
        broken("committed, but not on a majority's disks", index);
}

static inline uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* If two logs hold an entry of the same index and term, they are equal up to there.
 * What both have committed is compared by check_committed. */
static inline void check_matching(const struct raft *a, const struct raft *b)
{
    uint64_t low = lower(a->commit_index, b->commit_index);
    low = low > a->log.base_index ? low : a->log.base_index;
    low = low > b->log.base_index ? low : b->log.base_index;
    uint64_t high = lower(entry_log_last(&a->log), entry_log_last(&b->log));
    bool equal = false;
    for (uint64_t i = high; i > low; i--) {
        const struct entry *x = entry_log_at(&a->log, i), *y = entry_log_at(&b->log, i);
        equal = equal || x->term == y->term;
        if (equal && entry_print(x) != entry_print(y))
            broken("logs do not match", i);
    }
}

/* Clocks agree in the simulator: leases of two nodes must not overlap at all. */
static inline void check_leases(const struct cluster *c)
{
    for (uint32_t t = 0; t < c->config.table_count; t++) {
        unsigned holders = 0;
        for (uint32_t i = 0; i < c->config.node_count; i++) {
            struct moment at = {.now_ns = cluster_now(c)};
            const struct async *a = c->nodes[i] ? node_replica(c->nodes[i])->asyncs[t] : NULL;
            holders += a && async_has_lease(a, &at);
        }
        if (holders > 1)
            broken("two nodes hold a lease", t);
    }
}

static inline void cluster_check(struct cluster *c)
{
    check_leases(c);
    for (uint32_t i = 0; i < c->config.node_count; i++) {
        if (!c->nodes[i])
            continue;
        if (node_stopped(c->nodes[i])) {
            fprintf(stderr, "node %u: %s\n", i, node_stopped(c->nodes[i]));
            broken("a node stopped", i);
        }
        const struct replica *r = node_replica(c->nodes[i]);
        check_leader(c, &r->raft);
        check_committed(c, &r->raft);
        check_applied(c, &r->machine);
        if (r->raft.commit_index > r->raft.log.base_index)
            check_commit_is_durable(c, r->raft.commit_index,
                                    c->committed[r->raft.commit_index]);
        for (uint32_t j = 0; j < i; j++)
            if (c->nodes[j])
                check_matching(&r->raft, &node_replica(c->nodes[j])->raft);
    }
}

/* --- chaos ----------------------------------------------------------------- */

static inline struct link_shape *cluster_link(struct cluster *c, uint64_t from, uint64_t to)
{
    return c->world->ops->link(c->world, (uint16_t)from, (uint16_t)to);
}

static inline void cluster_links(struct cluster *c, struct link_shape shape)
{
    for (uint32_t from = 0; from <= c->config.node_count; from++)
        for (uint32_t to = 0; to <= c->config.node_count; to++)
            if (from != to) {
                shape.delay_ns = (5 + 5 * ((from + to) % 4)) * NS_PER_MS;
                shape.jitter_ns = shape.delay_ns / 5;
                *cluster_link(c, from, to) = shape;
            }
}

static inline void isolate(struct cluster *c, uint64_t node)
{
    for (uint32_t other = 0; other < c->config.node_count; other++)
        if (other != node)
            cluster_link(c, node, other)->blocked = cluster_link(c, other, node)->blocked =
                true;
}

static inline uint64_t leader_or(const struct cluster *c, uint64_t otherwise)
{
    for (uint32_t i = 0; i < c->config.node_count; i++)
        if (c->nodes[i] && node_replica(c->nodes[i])->raft.role == RAFT_LEADER)
            return i;
    return otherwise;
}

static inline void crash_one(struct cluster *c, uint64_t node)
{
    int64_t down_ns = (int64_t)random_below(&c->chaos, 800) * NS_PER_MS + 1;
    if (!c->nodes[node])
        return;
    node_down(c, (uint8_t)node);
    c->restart_at_ns[node] = cluster_now(c) + down_ns;
}

static inline void pause_one(struct cluster *c, uint64_t node)
{
    if (!c->nodes[node])
        return;
    if (c->paused[node])
        c->world->ops->resume(c->world, &c->places[node]);
    else
        c->world->ops->pause(c->world, &c->places[node]);
    c->paused[node] = !c->paused[node];
}

static inline void cluster_hurt(struct cluster *c)
{
    uint64_t what = random_below(&c->chaos, 13);
    uint64_t one = random_below(&c->chaos, c->config.node_count);
    uint64_t two = random_below(&c->chaos, c->config.node_count + 1u);
    switch (what) {
    case 0: isolate(c, leader_or(c, one)); break;
    case 1: isolate(c, one); break;
    case 2:
        cluster_link(c, one, two == one ? c->config.node_count : two)->blocked = true;
        break;
    case 3: crash_one(c, leader_or(c, one)); break;
    case 4: crash_one(c, one); break;
    case 5: pause_one(c, one); break;
    case 6:
        cluster_links(c, (struct link_shape){
                             .loss_ppm = 50000, .duplicate_ppm = 50000, .reorder_ppm = 100000});
        break;
    case 7:
        crash_one(c, one);
        crash_one(c, two % c->config.node_count);
        break;
    default: cluster_links(c, (struct link_shape){0}); break;
    }
}

static inline void cluster_heal(struct cluster *c)
{
    cluster_links(c, (struct link_shape){0});
    for (uint8_t i = 0; i < c->config.node_count; i++) {
        if (!c->nodes[i])
            node_up(c, i);
        if (c->paused[i])
            pause_one(c, i);
    }
}

/* --- a run ----------------------------------------------------------------- */

static inline void cluster_open(struct cluster *c, uint64_t seed,
                                const struct node_config *config)
{
    struct sim_config sim = {.seed = seed,
                             .host_count = (uint16_t)(config->node_count + 1),
                             .sync_ns = 2 * NS_PER_MS};
    memset(c, 0, sizeof *c);
    c->world = sim_new(&sim);
    assert(c->world);
    c->config = *config;
    c->chaos = random_derive(seed, "chaos");
    for (uint32_t i = 0; i <= config->node_count; i++) {
        c->places[i] = (struct place){.name = "place", .host = (uint16_t)i};
        if (i < config->node_count)
            c->config.addresses[i] = io_sim_address((uint16_t)i, PORT);
    }
    cluster_links(c, (struct link_shape){0});
    for (uint8_t i = 0; i < config->node_count; i++)
        node_up(c, i);
}

static inline void cluster_run(struct cluster *c, int64_t until_ns)
{
    struct err err;
    bool stop = false;
    enum err_code code = c->world->ops->run(c->world, &stop, until_ns, &err);
    assert(code == ERR_OK);
    for (uint8_t i = 0; i < c->config.node_count; i++)
        if (!c->nodes[i] && c->restart_at_ns[i] != 0 && cluster_now(c) >= c->restart_at_ns[i])
            node_up(c, i);
    cluster_check(c);
}

static inline void cluster_run_for(struct cluster *c, int64_t for_ns)
{
    int64_t end_ns = cluster_now(c) + for_ns;
    while (cluster_now(c) < end_ns)
        cluster_run(c, cluster_now(c) + 10 * NS_PER_MS);
}

static inline bool clients_busy(const struct cluster *c)
{
    for (uint8_t i = 0; i < CLIENTS; i++)
        if (c->clients[i].io && (c->clients[i].waiting || c->clients[i].tries > 0))
            return true;
    return false;
}

static inline bool asyncs_agree(const struct cluster *c, const struct replica *x,
                                const struct replica *y)
{
    for (uint32_t t = 0; t < c->config.table_count; t++)
        if (x->asyncs[t] &&
            (x->asyncs[t]->machine.digest != y->asyncs[t]->machine.digest ||
             entry_log_last(&x->asyncs[t]->log) != entry_log_last(&y->asyncs[t]->log)))
            return false;
    return true;
}

static inline bool states_agree(const struct cluster *c)
{
    const struct machine *first = &node_replica(c->nodes[0])->machine;
    for (uint32_t i = 1; i < c->config.node_count; i++) {
        const struct machine *m = &node_replica(c->nodes[i])->machine;
        if (m->applied_index != first->applied_index || m->digest != first->digest ||
            !asyncs_agree(c, node_replica(c->nodes[0]), node_replica(c->nodes[i])))
            return false;
    }
    return true;
}

static inline void cluster_describe(const struct cluster *c)
{
    for (uint32_t i = 0; i < c->config.node_count; i++) {
        const struct replica *r = node_replica(c->nodes[i]);
        fprintf(stderr,
                "\n  node %u: role %d term %llu leader %u base %llu last %llu commit %llu "
                "durable %llu verified %llu applied %llu",
                i, (int)r->raft.role, (unsigned long long)r->raft.term, r->raft.leader,
                (unsigned long long)r->raft.log.base_index,
                (unsigned long long)entry_log_last(&r->raft.log),
                (unsigned long long)r->raft.commit_index,
                (unsigned long long)r->raft.disk.durable_index,
                (unsigned long long)r->raft.verified_index,
                (unsigned long long)r->machine.applied_index);
    }
    fprintf(stderr, "\n");
}

/* After heal everything must come to rest: every operation answered, all states equal. */
static inline void cluster_settle(struct cluster *c)
{
    cluster_heal(c);
    c->quiet = true;
    for (unsigned i = 0; i < 2000; i++) {
        cluster_run_for(c, 10 * NS_PER_MS);
        if (!clients_busy(c) && states_agree(c))
            return;
    }
    cluster_describe(c);
    broken("no rest within 20 s after heal", clients_busy(c));
}

/* Every cas that was acknowledged raised its counter by one, and nothing else did. */
static inline void cluster_check_counters(const struct cluster *c)
{
    const struct table *t = &node_replica(c->nodes[0])->machine.tables[0];
    for (int64_t key = 0; key < KEYS; key++) {
        const struct row *row = table_find(t, key);
        int64_t value = row ? row->value : 0;
        if (value != c->counters[key].acked)
            broken("a counter is not the number of acknowledged raises",
                   (unsigned long long)key);
    }
}

static inline uint64_t cluster_close(struct cluster *c)
{
    uint64_t digest = c->world->ops->digest(c->world);
    for (uint8_t i = 0; i < CLIENTS; i++)
        if (c->clients[i].io) {
            client_hang_up(&c->clients[i]);
            c->world->ops->close(c->world, c->clients[i].io);
        }
    for (uint8_t i = 0; i < c->config.node_count; i++)
        if (c->nodes[i]) {
            node_free(c->nodes[i]);
            c->world->ops->close(c->world, c->ios[i]);
        }
    sim_free(c->world);
    return digest;
}

#endif
