/* The delay of each directed link between regions as seen on the wire. */
#ifndef TESTS_SUPPORT_LAB_DELAY_H
#define TESTS_SUPPORT_LAB_DELAY_H

#include "injector/capture.h"

/* Send `count` datagrams from one place to another, `gap_ns` apart, capture them at
 * both ends and compare. Fails the test when most of them are not seen. */
struct capture_delays lab_delay_measure(const struct place *from, const struct place *to,
                                        uint32_t count, int64_t gap_ns);

#endif
