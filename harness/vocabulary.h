/* Everything a scenario may name, gathered from the folders that do not know each
 * other. */
#ifndef HARNESS_VOCABULARY_H
#define HARNESS_VOCABULARY_H

#include "scenarios/scenario.h"

struct vocabulary harness_vocabulary(void);

#endif
