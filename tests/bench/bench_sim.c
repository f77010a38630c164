/* How many bare events the simulator delivers per second and core: nodes that pass
 * frames around a ring of links, each with a timer it moves at every frame. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "io/sim.h"

enum { NODES = 9, FRAMES_UNDER_WAY = 64, FRAME_BYTES = 120 };

struct node {
    struct io *io;
    struct io_channel *next;
    struct io_timer timer;
};

static void on_timer(struct io_timer *timer)
{
    struct node *n = CONTAINER_OF(timer, struct node, timer);
    n->io->ops->timer_set(n->io, timer, n->io->ops->now_ns(n->io) + 10 * NS_PER_MS);
}

static void on_accepted(void *user, struct io_channel *ch)
{
    (void)user;
    (void)ch;
}

static void on_opened(void *user, struct io_channel *ch)
{
    struct node *n = user;
    uint8_t frame[FRAME_BYTES];
    for (int i = 0; i < FRAMES_UNDER_WAY; i++) {
        memset(frame, i, sizeof frame);
        n->io->ops->send(ch, (struct bytes){frame, sizeof frame});
    }
}

static void on_received(void *user, struct io_channel *ch, struct bytes frame)
{
    (void)ch;
    struct node *n = user;
    on_timer(&n->timer);
    n->io->ops->send(n->next, frame);
}

static void on_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)user;
    (void)ch;
    (void)why;
}

static const struct io_handler handler = {on_accepted, on_opened, on_received, on_closed};

static void open_ring(struct world *w, struct node *nodes)
{
    struct err err;
    for (uint16_t i = 0; i < NODES; i++) {
        struct place place = {.host = i};
        char name[16];
        snprintf(name, sizeof name, "n%u", i);
        nodes[i].io = w->ops->open(w, &place, name, &err);
        assert(nodes[i].io);
        nodes[i].timer.fire = on_timer;
        enum err_code code =
            nodes[i].io->ops->listen(nodes[i].io, 7000, &handler, &nodes[i], &err);
        assert(code == ERR_OK);
        for (uint16_t to = 0; to < NODES; to++)
            *w->ops->link(w, i, to) =
                (struct link_shape){.delay_ns = 40 * NS_PER_MS, .jitter_ns = 5 * NS_PER_MS};
    }
    for (uint16_t i = 0; i < NODES; i++) {
        struct io_address to = io_sim_address((uint16_t)((i + 1) % NODES), 7000);
        nodes[i].next = nodes[i].io->ops->dial(nodes[i].io, &to, &handler, &nodes[i]);
        assert(nodes[i].next);
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void)
{
    struct err err;
    struct node nodes[NODES] = {0};
    struct world *w = sim_new(&(struct sim_config){.seed = 7, .host_count = NODES});
    assert(w);
    open_ring(w, nodes);
    double began = seconds();
    enum err_code code = w->ops->run(w, NULL, 150 * NS_PER_S, &err);
    double took = seconds() - began;
    assert(code == ERR_OK);
    uint64_t events = w->ops->event_count(w);
    printf("%.0f events/s (%llu events in %.2f s of CPU, digest %016llx)\n",
           (double)events / took, (unsigned long long)events, took,
           (unsigned long long)w->ops->digest(w));
    for (size_t i = 0; i < NODES; i++)
        w->ops->close(w, nodes[i].io);
    sim_free(w);
    return 0;
}
