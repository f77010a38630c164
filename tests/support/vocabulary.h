/* A small vocabulary for tests of the loader, with one plug-in of each sort that the
 * loader tells apart. */
#ifndef TESTS_SUPPORT_VOCABULARY_H
#define TESTS_SUPPORT_VOCABULARY_H

#include "scenarios/scenario.h"

/* Faults partition, latency, kill and pause; workloads register and set; checks
 * linearizable (of registers), set (of sets) and convergence. System `store` can do
 * everything, `bare` keeps registers and nothing else. */
struct vocabulary small_vocabulary(void);

#endif
