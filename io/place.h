/* Where something lives: a simulated host, or descriptors of a network namespace
 * and a cgroup on this machine. Made by the injector's lab, handed on by harness/. */
#ifndef IO_PLACE_H
#define IO_PLACE_H

#include <stdint.h>

#include "io/io.h"

struct place {
    const char *name;          /* of the node, or "clients-REGION"; borrowed for the run */
    uint16_t host;             /* number among all places of the run, from 0 */
    int netns_fd;              /* -1: the one we are in, or simulated */
    int cgroup_fd;             /* -1: none */
    struct io_address address; /* others reach it here; port 0 */
};

#endif
