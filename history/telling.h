/* What of a history is worth telling people: how exact instants are, and whether it
 * knows regions. Verdicts and reports ask the same, so that they agree. */
#ifndef HISTORY_TELLING_H
#define HISTORY_TELLING_H

#include "history/history.h"

/* How many digits of a second tell its operations apart: 3, 6 or 9 by how long they take
 * at the median, and no more than its instants have; 0: whole nanoseconds, where all of it
 * is shorter than a millisecond. `end_ns`: of the whole history. */
int telling_digits(const struct columns *columns, int64_t end_ns);

/* Is it a run of ours, with a world, faults and final reads? */
bool telling_is_run(const struct history *h);

/* Did somebody name a region? What names none has one called "default". */
bool telling_has_regions(const struct history *h);

/* Are keys told apart? What a tool wrote down of one object without a key has key 0, in
 * a table called "object". */
bool telling_has_keys(const struct history *h, const struct columns *columns);

#endif
