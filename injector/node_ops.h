/* What node faults may do to nodes: a table made by harness/ from the system under
 * test, so that the injector need not know it. */
#ifndef INJECTOR_NODE_OPS_H
#define INJECTOR_NODE_OPS_H

#include <stdint.h>

#include "base/err.h"

struct node_ops {
    void *user;
    enum err_code (*kill)(void *user, uint32_t node, struct err *err);
    enum err_code (*start)(void *user, uint32_t node, struct err *err);
    enum err_code (*pause)(void *user, uint32_t node, struct err *err);
    enum err_code (*resume)(void *user, uint32_t node, struct err *err);

    /* Ask every node whether it leads `table`; `told` gets the one with the highest
     * term, or -1 when none claims to. Called once, later or from inside. */
    void (*find_leader)(void *user, uint32_t table,
                        void (*told)(void *told_user, int node, uint64_t term),
                        void *told_user);
};

#endif
