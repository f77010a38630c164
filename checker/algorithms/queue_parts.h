/* How queue_decide tells what it found; not for others. */
#ifndef CHECKER_ALGORITHMS_QUEUE_PARTS_H
#define CHECKER_ALGORITHMS_QUEUE_PARTS_H

#include "checker/algorithms/fifo_deadlines.h"

/* The operations of a finished line, in an order that time permits. */
enum err_code queue_weave(const struct fifo *f, const struct fifo_line *line,
                          struct arena *work, struct arena *keep, struct finding *out,
                          struct err *err) MUST_CHECK;

/* The two or three stays because of which a line without takers got stuck. */
enum err_code queue_refute_circle(const struct fifo *f, const struct fifo_line *stuck,
                                  struct arena *work, struct arena *keep, struct finding *out,
                                  struct err *err) MUST_CHECK;

/* The stays that leave an empty answer, `occupied`, no instant. */
enum err_code queue_refute_empty(const struct fifo *f, uint32_t occupied, struct arena *work,
                                 struct arena *keep, struct finding *out,
                                 struct err *err) MUST_CHECK;

/* More values are lost by some time than unanswered dequeues were called: if so, *found
 * and the finding. */
enum err_code queue_refute_shortage(const struct fifo_deadlines *d, struct arena *work,
                                    struct arena *keep, bool *found, struct finding *out,
                                    struct err *err) MUST_CHECK;

#endif
