/* The local world's ground: network namespaces for nodes and clients, a routed WAN
 * between regions, and the backend that shapes it. Nothing of it has a name on the
 * machine: it lives in descriptors, and dies with the processes that hold them.
 *
 * The order is fixed: cage_enter() while the process is still single and small, then
 * lab_new(), then the live world, then everything else. */
#ifndef INJECTOR_LAB_H
#define INJECTOR_LAB_H

#include "injector/backend.h"
#include "io/place.h"

/* What pid 1 of a run calls itself, for whoever looks for what was left. */
#define CAGE_INIT_NAME "faultline-init"

/* Put this run into a pid namespace of its own (and, for a plain user, a user
 * namespace): front -> init -> main. Returns ERR_OK in `main`; the front never
 * returns, it waits, hands SIGINT and SIGTERM on, and exits with main's code. When
 * the front dies, the kernel ends everything inside. ERR_PERM with what is missing
 * when the system does not allow it. */
enum err_code cage_enter(struct err *err) MUST_CHECK;

/* LAB_WAN_TUN is LAB_WAN over TUN devices in place of packet sockets. */
enum lab_shaper { LAB_AUTO, LAB_WAN, LAB_WAN_TUN, LAB_NETEM };

struct lab_setup {
    const struct topology *topology;
    uint64_t seed;
    enum lab_shaper shaper;
    bool ipv6; /* give out the places' IPv6 addresses; both always work */
};

struct lab;

/* Build all of it; on failure nothing is left. */
enum err_code lab_new(const struct lab_setup *setup, struct lab **out,
                      struct err *err) MUST_CHECK;

/* Places in the order of struct link_table; belong to the lab. */
const struct place *lab_place(const struct lab *lab, uint32_t place);
uint32_t lab_place_count(const struct lab *lab);

/* Shapes its links; belongs to the lab. */
struct backend *lab_backend(struct lab *lab);

/* "wan", "wan-tun" or "netem", for the report. */
const char *lab_shaper_name(const struct lab *lab);

/* Of TCP, in every place: "cubic", or "reno" where the machine allows no other. */
const char *lab_congestion_control(const struct lab *lab);

/* Has the network done what it was asked, and nothing else? ERR_LIMIT when packets
 * were lost that nobody asked to lose (a wrong fault), ERR_IO when its router died. */
enum err_code lab_check_health(struct lab *lab, struct err *err) MUST_CHECK;

void lab_free(struct lab *lab);

#endif
