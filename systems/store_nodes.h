/* How nodes of the store come to life: as replicas inside the simulator, or as
 * processes on this machine. What is the same in both worlds is in kinds/store.c. */
#ifndef SYSTEMS_STORE_NODES_H
#define SYSTEMS_STORE_NODES_H

#include "store/config.h"
#include "systems/system.h"

/* Every node listens here, each in a place of its own. */
enum { STORE_PORT = 7000 };

struct store_nodes;

struct store_nodes_ops {
    /* Nothing of the node is left when stop and kill return, or it will be soon and a
     * start waits for that. All of them are called in states that allow them. */
    enum err_code (*start)(struct store_nodes *n, uint32_t node, struct err *err);
    enum err_code (*stop)(struct store_nodes *n, uint32_t node, struct err *err);
    enum err_code (*kill)(struct store_nodes *n, uint32_t node, struct err *err);
    enum err_code (*pause)(struct store_nodes *n, uint32_t node, struct err *err);
    enum err_code (*resume)(struct store_nodes *n, uint32_t node, struct err *err);
    bool (*ended)(struct store_nodes *n, uint32_t node, char *why, size_t size);
    void (*free)(struct store_nodes *n);
};

struct store_nodes {
    const struct store_nodes_ops *ops;
};

/* `setup` and `config` are borrowed for their life. `clock` gives timers. */
enum err_code store_nodes_sim(const struct system_setup *setup,
                              const struct node_config *config, struct store_nodes **out,
                              struct err *err) MUST_CHECK;
enum err_code store_nodes_local(const struct system_setup *setup,
                                const struct node_config *config, struct io *clock,
                                struct store_nodes **out, struct err *err) MUST_CHECK;

#endif
