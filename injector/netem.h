/* The shaper that the kernel brings along, where it does: a mesh of cables between
 * the regions' routers, and netem on each end. One device per directed link between
 * regions, because a netem that duplicates tolerates no other beside it.
 *
 * It cannot tell places of one region apart, nor shape inside a region. */
#ifndef INJECTOR_NETEM_H
#define INJECTOR_NETEM_H

#include "injector/lab_shaper.h"

enum err_code netem_open(const struct shaper_spec *spec, struct shaper **out,
                         struct err *err) MUST_CHECK;

/* Is netem to be had in the kernel? Tried on the loopback device of `ns`. */
enum err_code netem_try(const struct netns *ns, struct err *err) MUST_CHECK;

#endif
