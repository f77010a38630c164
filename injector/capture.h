/* What really went over the wire at a place: packets with the kernel's own stamps, to
 * be kept as a pcap file or compared with what another place saw. Captures of one
 * machine share a clock, so a packet seen at both ends tells its one-way delay.
 *
 * The only user of libpcap. */
#ifndef INJECTOR_CAPTURE_H
#define INJECTOR_CAPTURE_H

#include "base/bytes.h"
#include "base/err.h"
#include "io/place.h"

struct capture_spec {
    const struct place *place; /* with a namespace of its own */
    const char *path;          /* of a pcap file to write; NULL: not kept */
    const char *filter;        /* in tcpdump's language; NULL: everything */
};

struct captured {
    int64_t wall_at_ns;
    struct bytes packet; /* from its IP header on, perhaps cut short; for the call only */
    uint32_t wire_bytes; /* how long it was, Ethernet header included */
};

struct capture;

/* Everything that passes the place's device from now on. */
enum err_code capture_open(const struct capture_spec *spec, struct capture **out,
                           struct err *err) MUST_CHECK;

/* Take what has arrived so far, oldest first; packets come within 100 ms. `seen` may be
 * NULL. Never waits. */
enum err_code capture_read(struct capture *c,
                           void (*seen)(void *user, const struct captured *packet), void *user,
                           struct err *err) MUST_CHECK;

/* Packets that passed and were not captured. */
uint64_t capture_missed(const struct capture *c);

void capture_close(struct capture *c);

/* --- comparing both ends --- */

/* The same for a packet wherever it is seen: neither what routers change (hop limit)
 * nor checksums that a device fills in later are part of it. 0 when it is no IP. */
uint64_t capture_key(struct bytes packet);

struct capture_sight {
    uint64_t key;
    int64_t wall_at_ns;
};

struct capture_delays {
    uint64_t count; /* packets seen at both ends; duplicates once */
    int64_t median_ns, p99_ns, min_ns, max_ns;
};

struct capture_list {
    struct capture_sight *at;
    uint64_t count;
};

/* Sorts both lists. `scratch` has room for the shorter one. */
struct capture_delays capture_compare(struct capture_list sent, struct capture_list received,
                                      int64_t *scratch);

#endif
