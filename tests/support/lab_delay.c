#include "tests/support/lab_delay.h"

#include "tests/support/test.h"

#include <time.h>
#include <unistd.h>

#include "tests/support/lab_traffic.h"

enum { SIGHTS_MAX = 4096 };

struct end {
    struct capture *capture;
    struct capture_sight sights[SIGHTS_MAX];
    uint64_t count;
};

static void note(void *user, const struct captured *packet)
{
    struct end *e = user;
    if (e->count < SIGHTS_MAX)
        e->sights[e->count++] =
            (struct capture_sight){capture_key(packet->packet), packet->wall_at_ns};
}

static void open_end(struct end *e, const struct place *place)
{
    struct err err = {0};
    struct capture_spec spec = {.place = place, .filter = "udp dst port 7001"};
    e->count = 0;
    if (capture_open(&spec, &e->capture, &err))
        fail_msg("%s", err.msg);
}

/* Blocks of the capture come on their own time; a bounded number of looks. */
static void collect(struct end *e, uint64_t wanted)
{
    struct err err = {0};
    for (unsigned look = 0; look < 100 && e->count < wanted; look++) {
        if (capture_read(e->capture, note, e, &err))
            fail_msg("%s", err.msg);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    capture_close(e->capture);
}

struct capture_delays lab_delay_measure(const struct place *from, const struct place *to,
                                        uint32_t count, int64_t gap_ns)
{
    static struct end sender, receiver;
    static int64_t scratch[SIGHTS_MAX];
    assert_true(count <= SIGHTS_MAX);
    open_end(&sender, from);
    open_end(&receiver, to);
    int sink = traffic_sink(to);
    struct traffic_burst burst = {from, to, count, 64, gap_ns};
    assert_true(sink >= 0 && traffic_send(&burst));
    collect(&receiver, count);
    collect(&sender, count);
    close(sink);
    struct capture_delays d =
        capture_compare((struct capture_list){sender.sights, sender.count},
                        (struct capture_list){receiver.sights, receiver.count}, scratch);
    assert_true(d.count >= count / 2);
    return d;
}
