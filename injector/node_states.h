/* Which nodes are down or paused, as the faults that are on want it together: a node
 * is down as long as any of them wants it down. Like links, nodes have a desired
 * state, and a change brings the real one to it. */
#ifndef INJECTOR_NODE_STATES_H
#define INJECTOR_NODE_STATES_H

#include <stdbool.h>

#include "injector/node_ops.h"
#include "scenarios/scenario.h"

struct node_states {
    struct node_ops real;
    uint32_t count;
    struct {
        uint16_t kills, pauses; /* how many faults want it so */
        bool down, paused;      /* how it is; what is down is not paused */
    } of[NODES_MAX];
    uint32_t hit; /* nodes that were as wanted after a kill or pause; reset by the user */
};

void node_states_init(struct node_states *s, const struct node_ops *real, uint32_t count);

/* The table for faults: every kill is to be followed by one start, every pause by one
 * resume. A kill or pause that failed is not wanted any more; a start or resume that
 * failed stays wanted, and node_states_heal tries again. */
struct node_ops node_states_ops(struct node_states *s);

/* Nothing is wanted down or paused any more. On failure the rest is healed all the
 * same, and `err` names the first that is not. */
enum err_code node_states_heal(struct node_states *s, struct err *err) MUST_CHECK;

#endif
