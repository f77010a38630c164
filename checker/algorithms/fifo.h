/* In which order can values have passed through a queue? The stays of a history, put
 * in that order; how they fit together in time is all that counts here.
 *
 * A comes before B if whoever put A in returned before whoever put B in was called, or
 * if somebody saw A and returned before somebody was called who saw B or put it in
 * (span_precedes). An order of stays that obeys this is enough: the chain of entries
 * and the chain of those who saw, both in that order, never contradict time. And where
 * there is none, two or three stays contradict each other already: of two returns
 * before two calls, one also comes before the other's call, so longer circles have
 * short cuts.
 *
 * So the order is built from the front: whoever nobody must precede is next. It needs
 * only the least `entered_ns` and the two least `seen_ns` of those who are left.
 *
 * An answer that the queue was empty needs an instant within its time at which no value
 * must be in (fifo_narrow). Any such instant will do: whatever comes before a value
 * that is out by then is out by then, too. So it becomes a stay of that one instant.
 *
 * A value that nobody was told stays for ever, after all those that were seen; or an
 * unanswered dequeue took it, at any time after its call. Which dequeue that was is
 * settled from the front as well, and only when nobody else can be next. Then whoever
 * must leave soonest (its deadline) is taken; calls of dequeues only matter as
 * numbers of how many are there by now, since all of these will do for all who come
 * later. This is exact but for two cases, which are told (`guessed`): two values that
 * both were peeked at and lost could be next, or an empty answer had to wait because
 * values were put in line that need not have been. */
#ifndef CHECKER_ALGORITHMS_FIFO_H
#define CHECKER_ALGORITHMS_FIFO_H

#include "checker/algorithms/stays.h"

/* What time says about a stay. */
struct span {
    int64_t called_ns;  /* the call of whoever put it in */
    int64_t entered_ns; /* the return of that */
    int64_t seen_ns;    /* the first return of whoever was told it; INT64_MAX: nobody */
    /* The last call of all these. INT64_MAX: it never left. Of a lost stay that may be
     * taken: without the call of whoever takes it. */
    int64_t last_ns;
};

/* Times in which somebody must be in the queue. */
struct fifo_zones {
    uint32_t *stays; /* that must be in for some time, by its begin */
    uint32_t count;
    /* Runs of them that overlap, and the place in `stays` of the first. */
    struct fifo_run {
        int64_t from_ns, to_ns;
        uint32_t first;
    } * runs;
    uint32_t run_count;
};

struct fifo {
    const struct problem *p;
    const struct stays *stays;
    struct span *spans; /* by stay */
    int64_t *deadlines; /* by stay, of those lost: see fifo_deadlines.h; or NULL */
    uint32_t total;     /* all stays but those absent; of these: */
    uint32_t *by_called, *by_entered, *by_seen;
    struct fifo_zones zones; /* where there are empty answers */
};

/* Who may take lost values out, in fifo_run. */
enum fifo_takers {
    FIFO_TAKERS_NONE, /* nobody does; or span.last_ns says already when */
    /* The unanswered dequeues; needs deadlines, and FIFO_TO_ENDS. Where it is a guess
     * which of two values that were peeked at goes first: */
    FIFO_TAKERS_BY_DEADLINE,
    FIFO_TAKERS_BY_SIGHT
};

struct fifo_line {
    uint32_t *order; /* stays */
    uint32_t *taker; /* by place in the order: which unanswered dequeue, or STAY_NOBODY */
    uint32_t count;
    bool guessed; /* somewhere the other choice may have been right */
    /* Where not all are placed: of those left, who entered first and who were seen
     * first, or STAY_NOBODY. */
    uint32_t first_entered, first_seen, second_seen;
};

/* To what the time of an empty answer is narrowed. */
enum fifo_narrowing {
    FIFO_TO_INSTANT, /* the first instant that will do */
    FIFO_TO_ENDS     /* from the first to the last of these */
};

/* Spans and sorted lists. Lost values are taken out by nobody in time (`taken`: by
 * somebody as soon as anybody likes). *occupied is an empty answer that has no instant, and
 * then there are no lists; or STAY_NOBODY. */
enum err_code fifo_init(struct fifo *f, const struct problem *p, const struct stays *stays,
                        bool taken, enum fifo_narrowing narrowing, struct arena *work,
                        uint32_t *occupied, struct err *err) MUST_CHECK;

/* A few zones that cover `from_ns` to `to_ns`, which zones do cover, in `stays`, which
 * has room for all; returns how many. */
uint32_t fifo_cover(const struct fifo *f, int64_t from_ns, int64_t to_ns, uint32_t *stays);

/* Put them in line; *finished is false when the budget ran out. */
enum err_code fifo_run(const struct fifo *f, enum fifo_takers takers, struct budget *budget,
                       struct arena *work, struct fifo_line *out, bool *finished,
                       struct err *err) MUST_CHECK;

bool span_precedes(const struct span *a, const struct span *b);

#endif
