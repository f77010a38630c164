/* Small topologies for tests that need one and do not care how it was read. */
#ifndef TESTS_SUPPORT_TOPOLOGY_H
#define TESTS_SUPPORT_TOPOLOGY_H

#include "scenarios/scenario.h"

/* us-east, eu-west and ap-south with `nodes_per_region` nodes each. One way: 40 ms
 * between the first two, 110 ms and 70 ms to the third; jitter a tenth. */
struct topology topology_of_three(uint32_t nodes_per_region);

#endif
