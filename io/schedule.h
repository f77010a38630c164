/* Timers in the order they are due. Ties break by the order of setting, so that a
 * run does not depend on where the allocator puts things.
 *
 * A binary heap whose keys lie beside each other, and whose timers know their
 * slot: one can be moved or stopped in O(log n). It knows no clock. */
#ifndef IO_SCHEDULE_H
#define IO_SCHEDULE_H

#include "io/io.h"

struct schedule_entry {
    int64_t at_ns;
    uint64_t order;
    struct io_timer *timer;
};

/* All zero is empty. Slots count from 1: slot 0 says that a timer is idle. */
struct schedule {
    struct schedule_entry *heap;
    size_t count, capacity;
};

/* Add an idle timer by its `at_ns` and `order`; false, and still idle, without
 * memory. */
bool schedule_add(struct schedule *s, struct io_timer *timer) MUST_CHECK;

/* Is this timer in this schedule? */
bool schedule_holds(const struct schedule *s, const struct io_timer *timer);

/* Take out a timer that is in it. */
void schedule_remove(struct schedule *s, struct io_timer *timer);

/* Add everything that is in `from`, keys and all, and leave that empty; false, and
 * nothing changed, without memory. */
bool schedule_move(struct schedule *s, struct schedule *from) MUST_CHECK;

/* The earliest; it stays. NULL when there is none. */
struct io_timer *schedule_first(const struct schedule *s);

/* Take out all timers of one owner. */
void schedule_remove_owner(struct schedule *s, const struct io *owner);

/* Every timer left is idle then. */
void schedule_done(struct schedule *s);

#endif
