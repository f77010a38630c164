/* Puts the writes of a register in an order that keeps every read within the k latest:
 * the search behind k-atomicity (relatives/k_atomic.h says why it works). */
#ifndef CHECKER_RELATIVES_WRITE_ORDER_H
#define CHECKER_RELATIVES_WRITE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/budget.h"

struct write_job {
    int64_t called_at_ns;
    int64_t known_at_ns;       /* not before its call; whatever is called later follows it */
    int64_t last_wanted_at_ns; /* the last read's call; INT64_MIN: none. Whatever was known
                                  before that comes at most k - 1 places later */
};

enum write_order_result { WRITE_ORDER_FOUND, WRITE_ORDER_NONE, WRITE_ORDER_GAVE_UP };

struct write_orders;

/* For searches among `jobs`, by call; borrowed. Everything in `work`; NULL without
 * memory. */
struct write_orders *write_orders_new(const struct write_job *jobs, uint32_t count,
                                      struct arena *work) MUST_CHECK;

/* An order for `k`, at least 1, in `order`, which has room for all and is spoilt where
 * none is found. GAVE_UP once `steps` are used up, or when `budget` says no. */
enum write_order_result write_orders_find(struct write_orders *w, uint32_t k, uint64_t steps,
                                          struct budget *budget, uint32_t *order);

/* Two orders that keep real time, and are good where not much is wrong: by when writes
 * were known; and by that or when they were last wanted, whichever is earlier. */
void write_orders_simple(struct write_orders *w, bool by_wanted, uint32_t *order);

/* The k that an order which keeps real time is good for. */
uint32_t write_orders_rate(struct write_orders *w, const uint32_t *order);

#endif
