/* One test body, run in the simulator and on this machine's loopback: what io.h
 * promises holds in every world.
 *
 * A party is one endpoint and all it was told, as text, in the order it was told. */
#ifndef TESTS_UNIT_IO_PARTY_H
#define TESTS_UNIT_IO_PARTY_H

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/units.h"
#include "io/live.h"
#include "io/sim.h"
#include "tests/support/scratch.h"
#include "tests/support/test.h"

struct two_worlds {
    struct world *world;
    char *folder;
    struct place places[2]; /* two hosts, 10 ms apart where links can be shaped */
    uint16_t port;          /* nobody listens there */
};

struct party {
    struct two_worlds *in;
    struct io *io;
    struct io_channel *ch; /* the last that was opened or accepted; NULL once closed */
    unsigned opened, accepted, received, closed;
    char why[80];
    size_t received_bytes;
    uint64_t received_digest; /* of the frames, in order */
    bool calling;             /* set by the test: nothing may be told now */
    bool hangs_up;            /* at the first frame */
    bool any_channel;         /* `ch` is but one of many */
    struct io_log *log;
    uint64_t synced;
    unsigned sync_count;
    char recovered[256]; /* the records, each with a space after it */
    size_t cut_bytes;
    char failed[160];
    bool done; /* set when `wanted` is reached, to end a run */
    unsigned *watched;
    unsigned wanted;
};

/* --- the worlds (cmocka setups, and the teardown of both)
 * ---------------------------------------------------------- */

static inline struct two_worlds *worlds_new(void)
{
    struct two_worlds *t = calloc(1, sizeof *t);
    void *folder = NULL;
    if (!t || scratch_make(&folder))
        return NULL;
    t->folder = folder;
    return t;
}

static inline int two_worlds_make_sim(void **state)
{
    struct two_worlds *t = worlds_new();
    if (!t)
        return -1;
    t->world = sim_new(&(struct sim_config){.seed = 1, .host_count = 2, .sync_ns = NS_PER_MS});
    t->port = 7000;
    for (uint16_t host = 0; host < 2; host++)
        t->places[host] = (struct place){.name = "place",
                                         .host = host,
                                         .netns_fd = -1,
                                         .cgroup_fd = -1,
                                         .address = io_sim_address(host, 0)};
    if (!t->world)
        return -1;
    t->world->ops->link(t->world, 0, 1)->delay_ns = 10 * NS_PER_MS;
    t->world->ops->link(t->world, 1, 0)->delay_ns = 10 * NS_PER_MS;
    *state = t;
    return 0;
}

static inline uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&at, size) ||
        getsockname(fd, (struct sockaddr *)&at, &size))
        at.sin_port = 0;
    close(fd);
    return ntohs(at.sin_port);
}

static inline int two_worlds_make_live(void **state)
{
    struct err err;
    struct two_worlds *t = worlds_new();
    if (!t)
        return -1;
    t->world = live_new(&(struct live_config){.seed = 1, .folder = t->folder}, &err);
    t->port = free_port();
    for (uint16_t host = 0; host < 2; host++)
        t->places[host] = (struct place){.name = "place",
                                         .host = host,
                                         .netns_fd = -1,
                                         .cgroup_fd = -1,
                                         .address = {.family = IO_IPV4, .ip = {127, 0, 0, 1}}};
    *state = t;
    return t->world && t->port ? 0 : -1;
}

static inline int two_worlds_remove(void **state)
{
    struct two_worlds *t = *state;
    if (t->world && t->world->simulated)
        sim_free(t->world);
    else
        live_free(t->world);
    void *folder = t->folder;
    int rc = scratch_remove(&folder);
    free(t);
    return rc;
}

/* --- what a party is told ------------------------------------------------ */

static inline void told(struct party *p)
{
    assert_false(p->calling); /* nothing is delivered from inside a call */
    if (p->watched)
        p->done = *p->watched >= p->wanted;
}

static inline void on_accepted(void *user, struct io_channel *ch)
{
    struct party *p = user;
    p->ch = ch;
    p->accepted++;
    told(p);
}

static inline void on_opened(void *user, struct io_channel *ch)
{
    struct party *p = user;
    assert_ptr_equal(p->ch, ch);
    p->opened++;
    told(p);
}

static inline void on_received(void *user, struct io_channel *ch, struct bytes frame)
{
    struct party *p = user;
    assert_ptr_equal(p->ch, ch);
    p->received++;
    p->received_bytes += frame.size;
    p->received_digest = digest_bytes(digest_u64(p->received_digest, frame.size), frame);
    if (p->hangs_up) {
        p->io->ops->hang_up(ch);
        p->ch = NULL;
    }
    told(p);
}

static inline void on_closed(void *user, struct io_channel *ch, const char *why)
{
    struct party *p = user;
    if (!p->any_channel)
        assert_ptr_equal(p->ch, ch);
    p->ch = NULL;
    p->closed++;
    snprintf(p->why, sizeof p->why, "%s", why);
    told(p);
}

static const struct io_handler handler = {on_accepted, on_opened, on_received, on_closed};

static inline void on_recovered(void *user, struct bytes record)
{
    struct party *p = user;
    size_t size = strlen(p->recovered);
    snprintf(p->recovered + size, sizeof p->recovered - size, "%.*s ", (int)record.size,
             (const char *)record.at);
}

static inline void on_synced(void *user, uint64_t count)
{
    struct party *p = user;
    assert_true(count > p->synced);
    p->synced = count;
    p->sync_count++;
    told(p);
    p->done |= !p->watched && p->synced >= p->wanted;
}

static inline void on_failed(void *user, const char *why)
{
    struct party *p = user;
    snprintf(p->failed, sizeof p->failed, "%s", why);
    p->done = true;
}

static inline void on_cut(void *user, size_t size_bytes)
{
    struct party *p = user;
    p->cut_bytes = size_bytes;
}

static const struct io_log_handler log_handler = {on_recovered, on_cut, on_synced, on_failed};

/* --- what a party does --------------------------------------------------- */

static inline void party_open(struct party *p, struct two_worlds *in, int place,
                              const char *name)
{
    struct err err;
    *p = (struct party){.in = in, .received_digest = DIGEST_START};
    p->io = in->world->ops->open(in->world, &in->places[place], name, &err);
    assert_non_null(p->io);
}

static inline void party_close(struct party *p)
{
    p->calling = true;
    p->in->world->ops->close(p->in->world, p->io);
}

static inline void party_listen(struct party *p)
{
    struct err err = {0};
    assert_int_equal(p->io->ops->listen(p->io, p->in->port, &handler, p, &err), ERR_OK);
}

static inline struct io_channel *party_dial(struct party *p, int place)
{
    struct io_address to = p->in->places[place].address;
    to.port = p->in->port;
    p->calling = true;
    p->ch = p->io->ops->dial(p->io, &to, &handler, p);
    p->calling = false;
    assert_non_null(p->ch);
    return p->ch;
}

static inline void party_send(struct party *p, const char *text)
{
    p->calling = true;
    p->io->ops->send(p->ch, (struct bytes){(const uint8_t *)text, strlen(text)});
    p->calling = false;
}

static inline void party_open_log(struct party *p)
{
    struct err err = {0};
    p->synced = 0;
    p->recovered[0] = '\0';
    if (p->io->ops->log_open(p->io, "wal", &log_handler, p, &p->log, &err))
        fail_msg("%s", err.msg);
}

static inline void party_append(struct party *p, const char *record)
{
    struct err err = {0};
    struct bytes bytes = {(const uint8_t *)record, strlen(record)};
    p->calling = true;
    assert_int_equal(p->io->ops->log_append(p->log, bytes, &err), ERR_OK);
    p->calling = false;
}

static inline void run_until_done(struct party *p)
{
    struct err err = {0};
    struct world *w = p->in->world;
    if (w->ops->run(w, &p->done, w->ops->now_ns(w) + 5 * NS_PER_S, &err))
        fail_msg("%s", err.msg);
}

/* Run until `*count` of the party is `wanted`; fails after 5 s of the run's clock. */
static inline void party_await(struct party *p, unsigned *count, unsigned wanted)
{
    p->watched = count;
    p->wanted = wanted;
    p->done = *count >= wanted;
    run_until_done(p);
    p->watched = NULL;
    assert_true(*count >= wanted);
}

static inline void party_await_synced(struct party *p, uint64_t count)
{
    p->wanted = (unsigned)count;
    p->done = p->synced >= count;
    run_until_done(p);
    assert_string_equal(p->failed, "");
    assert_true(p->synced >= count);
}

static inline void party_await_failure(struct party *p)
{
    p->wanted = UINT_MAX;
    p->done = false;
    run_until_done(p);
    assert_string_not_equal(p->failed, "");
}

#endif
