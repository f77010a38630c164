/* Which four operations tell best why two values of a register cross? Those that
 * zones finds are the extremes of each value, which prove it but may accuse a read
 * that was right. Here the proof becomes as short as it can be, and ends with a read
 * of a value that had been replaced. */
#ifndef CHECKER_CROSSING_H
#define CHECKER_CROSSING_H

#include "checker/zones.h"

/* `crossed` holds ZONES_CROSSED for `ops`; its operations are replaced by others that
 * stand in the same relation. */
enum err_code crossing_choose(const struct timed_op *ops, size_t count,
                              struct zones_answer *crossed, struct err *err) MUST_CHECK;

#endif
