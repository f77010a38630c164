/* What every system under test must keep (systems/system.h), asked of one of them. The
 * same questions in every world; a claim that fails ends the test with its line. */
#ifndef TESTS_SUPPORT_CONFORMANCE_H
#define TESTS_SUPPORT_CONFORMANCE_H

#include "systems/system.h"

/* Plays all of it: nodes up, clients, final state, kills, pauses, an end with something
 * under way. `setup` names a world whose places are there and whose links are whole.
 * `durable`: what was acknowledged must outlive kills. Tables 0 (register) and, where
 * the system keeps sets, 1 (or-set) are used. */
void conformance_play(const struct system_ops *ops, const struct system_setup *setup,
                      bool durable);

#endif
