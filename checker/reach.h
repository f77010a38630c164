/* Which regions still reach a majority of the nodes while faults are on? Knows only
 * what the history's fault rows tell: nodes that are down and links that are cut. */
#ifndef CHECKER_REACH_H
#define CHECKER_REACH_H

#include <stdbool.h>
#include <stdint.h>

enum { REACH_PLACES_MAX = 64 };

/* Places are nodes, then one for the clients of each region. All zero: no fault. */
struct reach {
    bool down[REACH_PLACES_MAX];
    bool cut[REACH_PLACES_MAX][REACH_PLACES_MAX]; /* [from][to] */
};

/* Add what one fault took away: {"nodes": [1], "cut": [[0,2], [2,0]]}. What is not
 * understood takes nothing away. */
void reach_add_fault(struct reach *r, const char *resolved);

/* Can clients of `region` speak with a node that speaks with a majority? */
bool reach_majority(const struct reach *r, uint32_t node_count, uint32_t region);

#endif
