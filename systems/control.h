/* Asks nodes of the store about themselves: ready, role, everything they hold.
 *
 * From an endpoint in the node's own place, so no fault on a link comes in between.
 * Each question has its own connection and its own end: a node that is down, stopped
 * or paused gives an answer too, namely none. */
#ifndef SYSTEMS_CONTROL_H
#define SYSTEMS_CONTROL_H

#include "io/world.h"
#include "store/config.h"
#include "systems/system.h"

struct control;

/* `clock` gives the timers; it must go on when nodes are paused or lose their power.
 * `places` and `config` are borrowed. NULL without memory. */
struct control *control_new(struct world *world, struct io *clock,
                            const struct place *const *places,
                            const struct node_config *config);

/* From now on the node can be asked. */
enum err_code control_open(struct control *c, uint32_t node, struct err *err);

/* It cannot be asked any more; what was asked is answered soon, with nothing. Before
 * its power fails or it is paused. */
void control_shut(struct control *c, uint32_t node);

void control_ready(struct control *c, uint32_t node, void (*told)(void *user, bool ready),
                   void *user);
void control_role(struct control *c, uint32_t node, uint32_t table,
                  void (*told)(void *user, const struct role_told *role), void *user);
void control_state(struct control *c, uint32_t node, uint32_t table,
                   void (*told)(void *user, enum err_code code,
                                const struct final_value *values, size_t count),
                   void *user);

/* What was asked is not answered any more. NULL is fine. */
void control_free(struct control *c);

#endif
