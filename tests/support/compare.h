/* An algorithm against brute force, on many small random histories. */
#ifndef TESTS_SUPPORT_COMPARE_H
#define TESTS_SUPPORT_COMPARE_H

#include "checker/problem.h"
#include "tests/support/small.h"

struct compared {
    uint64_t histories, orders, no_orders, not_mine, bare; /* bare: without a proof */
};

struct compare {
    algorithm decide;
    struct small_form form;
    /* Changes the history once more, or NULL. */
    void (*change)(struct small *small, struct random_stream *random);
};

/* Fails the test where the algorithm is wrong: an order that is none, no order where
 * there is one, or a proof that proves nothing, be it alone or with all operations that
 * were not answered. Adds to `sum`. */
void compare_with_brute(const struct compare *c, const char *stream, uint64_t count,
                        struct compared *sum);

/* The same for histories that have an order as they were played, of any length: not
 * finding one is wrong. `form` must change no answers. */
void compare_with_play(const struct compare *c, const char *stream, uint64_t count,
                       struct compared *sum);

/* `count`, or with FAULTLINE_LONG=1 `full`. */
uint64_t compare_count(uint64_t count, uint64_t full);

/* How often it answered what, on stdout. */
void compare_print(const char *name, const struct compared *sum);

#endif
