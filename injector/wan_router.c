#include "injector/wan_router.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "injector/wan_fate.h"
#include "injector/wan_queue.h"
#include "io/clock.h"

enum { BATCH = 64 }; /* packets from one port before the others have their turn */

struct router {
    const struct wan_router_spec *spec;
    struct wan_queue *queue;
    struct wan_link links[PLACES_MAX][PLACES_MAX];
};

/* One writer: no need for a locked instruction. */
static void add(_Atomic uint64_t *counter, uint64_t n)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + n, memory_order_relaxed);
}

/* --- packets out --- */

static void transmit(struct router *r, const struct wan_packet *p)
{
    const struct wan_port *port = &r->spec->ports[p->port];
    struct wan_count *count = &r->spec->shared->counts[p->from][p->to];
    if (!wan_port_send(port, (struct bytes){p->bytes, p->size})) {
        add(&r->spec->shared->unsent, 1);
        return;
    }
    add(&count->packets, 1);
    add(&count->bytes, p->size);
}

static void send_due(struct router *r)
{
    int64_t now_ns = clock_monotonic_ns();
    while (wan_queue_next_at_ns(r->queue) <= now_ns) {
        struct wan_packet *p = wan_queue_pop(r->queue);
        transmit(r, p);
        wan_queue_drop(r->queue, p);
    }
}

/* --- packets in --- */

static void enqueue_copy(struct router *r, const struct wan_packet *p, int64_t due_at_ns)
{
    struct wan_packet *copy = wan_queue_take(r->queue);
    if (!copy) {
        add(&r->spec->shared->overflow, 1);
        return;
    }
    memcpy(copy, p, offsetof(struct wan_packet, bytes) + p->size);
    wan_queue_push(r->queue, copy, due_at_ns);
}

/* Owns `p`: it is queued or given back. */
static void route(struct router *r, struct wan_packet *p, int64_t sent_at_ns)
{
    struct place_pair pair;
    if (!lab_map_packet(r->spec->map, (struct bytes){p->bytes, p->size}, &pair)) {
        add(&r->spec->shared->foreign, 1);
        wan_queue_drop(r->queue, p);
        return;
    }
    p->from = (uint8_t)pair.from;
    p->to = (uint8_t)pair.to;
    p->port = (uint8_t)r->spec->map->region[pair.to];
    struct wan_fate fate = wan_link_decide(&r->links[pair.from][pair.to], sent_at_ns);
    if (fate.copies == 0) {
        add(&r->spec->shared->counts[pair.from][pair.to].dropped, 1);
        wan_queue_drop(r->queue, p);
        return;
    }
    for (unsigned extra = 1; extra < fate.copies; extra++)
        enqueue_copy(r, p, fate.due_at_ns);
    wan_queue_push(r->queue, p, fate.due_at_ns);
}

/* False when there is no more. */
static bool receive_one(struct router *r, const struct wan_port *port)
{
    static struct wan_packet spare; /* read all the same when we are full */
    struct wan_packet *p = wan_queue_take(r->queue);
    int64_t came_at_ns;
    ssize_t got =
        wan_port_receive(port, (p ? p : &spare)->bytes, WAN_PACKET_BYTES_MAX, &came_at_ns);
    if (p && got > 0) {
        p->size = (uint16_t)got;
        route(r, p, came_at_ns);
    } else if (p) {
        wan_queue_drop(r->queue, p);
    } else if (got > 0) {
        add(&r->spec->shared->overflow, 1);
    }
    return got > 0;
}

static void receive(struct router *r, const struct wan_port *port)
{
    for (unsigned n = 0; n < BATCH && receive_one(r, port); n++)
        ;
}

/* --- what is asked of us --- */

static void look_for_overruns(struct router *r)
{
    for (uint32_t i = 0; i < r->spec->map->region_count; i++)
        add(&r->spec->shared->overrun, wan_port_overrun(&r->spec->ports[i]));
}

static void reshape(struct router *r)
{
    uint32_t count = r->spec->map->place_count;
    for (uint32_t from = 0; from < count; from++)
        for (uint32_t to = 0; to < count; to++)
            wan_link_reshape(&r->links[from][to], &r->spec->shared->asked.at[from][to]);
}

/* False when nobody asks any more. */
static bool answer(struct router *r)
{
    uint64_t number;
    ssize_t got = recv(r->spec->control, &number, sizeof number, 0);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    if (got != sizeof number)
        return false;
    reshape(r);
    look_for_overruns(r);
    return send(r->spec->control, &number, sizeof number, MSG_NOSIGNAL) == sizeof number;
}

static bool wait_and_serve(struct router *r, struct pollfd *fds, uint32_t ports)
{
    int64_t left_ns = wan_queue_next_at_ns(r->queue) - clock_monotonic_ns();
    if (left_ns < 0)
        left_ns = 0;
    if (left_ns > NS_PER_S)
        left_ns = NS_PER_S;
    struct timespec wait = {left_ns / NS_PER_S, left_ns % NS_PER_S};
    if (ppoll(fds, ports + 1, &wait, NULL) < 0)
        return errno == EINTR;
    for (uint32_t i = 0; i < ports; i++)
        if (fds[i].revents)
            receive(r, &r->spec->ports[i]);
    return !fds[ports].revents || answer(r);
}

static void serve(struct router *r)
{
    uint32_t ports = r->spec->map->region_count;
    struct pollfd fds[REGIONS_MAX + 1];
    for (uint32_t i = 0; i < ports; i++)
        fds[i] = (struct pollfd){.fd = r->spec->ports[i].fd, .events = POLLIN};
    fds[ports] = (struct pollfd){.fd = r->spec->control, .events = POLLIN};
    while (wait_and_serve(r, fds, ports))
        send_due(r);
}

/* Waking late is delay nobody asked for. Where we may not have this, the machine's
 * load shows in the tail, not in the median. */
static void be_punctual(void)
{
    struct sched_param first = {.sched_priority = 10};
    (void)sched_setscheduler(0, SCHED_FIFO, &first);
    prctl(PR_SET_TIMERSLACK, 1);
}

bool wan_router_run(const struct wan_router_spec *spec)
{
    struct router *r = calloc(1, sizeof *r);
    struct wan_queue *queue = wan_queue_new();
    bool ready = r && queue;
    if (ready) {
        r->spec = spec;
        r->queue = queue;
        for (uint32_t from = 0; from < spec->map->place_count; from++)
            for (uint32_t to = 0; to < spec->map->place_count; to++)
                r->links[from][to] = wan_link_between(spec->seed, from, to);
        be_punctual();
        serve(r);
    }
    wan_queue_free(queue);
    free(r);
    return ready;
}
