/* Traffic for tests of the lab: programs that answer in a place, and questions from
 * another place to them. Each answerer is a child process; each question a socket
 * made on a thread that has entered the place, so the test itself stays at home. */
#ifndef TESTS_SUPPORT_LAB_TRAFFIC_H
#define TESTS_SUPPORT_LAB_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "io/place.h"

enum { TRAFFIC_PORT = 7000 };

/* May this process make network namespaces? Enters a user namespace where a plain
 * user can. Call first thing in main(); the test returns 77 when it is false. */
bool traffic_privileged(void);

/* The place with its address of the other family. */
struct place traffic_ipv6(const struct place *place);

/* A socket (SOCK_STREAM, SOCK_DGRAM) of the family of the place's address; -1. */
int traffic_socket(const struct place *place, int type);

/* Answer every byte over TCP and every datagram over UDP at TRAFFIC_PORT of a place,
 * from when this returns until it is stopped. */
pid_t traffic_echo(const struct place *place);
void traffic_stop(pid_t echo);

/* How long one datagram takes there and back; -1 when nothing is back in time. */
int64_t traffic_ping_ns(const struct place *from, const struct place *to, int64_t wait_ns);

/* The same for connecting and one byte over TCP. */
int64_t traffic_connect_ns(const struct place *from, const struct place *to, int64_t wait_ns);

/* Send `count` numbered datagrams of `size` bytes, `gap_ns` apart. */
struct traffic_burst {
    const struct place *from, *to;
    uint32_t count, size;
    int64_t gap_ns;
};
bool traffic_send(const struct traffic_burst *burst);

/* A bound datagram socket that takes what traffic_send sends; -1. */
int traffic_sink(const struct place *place);

/* Send, and note the numbers of what arrives in its order, until nothing has come for
 * `quiet_ns`. Arrivals are taken while sending, so that no buffer runs over. */
uint32_t traffic_arrivals(const struct traffic_burst *burst, int64_t quiet_ns,
                          uint32_t *numbers, uint32_t max);

#endif
