/* Which operations of a history are still to happen, and who of them may be next:
 * whoever was called before the first of them returned. That one is the `target`; all
 * who returned before it are done, all who were called after it has returned are not,
 * so what was done is told by the target and by those that were under way then.
 *
 * Operations are indexes. What is unanswered may stay undone. */
#ifndef CHECKER_ALGORITHMS_AGENDA_H
#define CHECKER_ALGORITHMS_AGENDA_H

#include "checker/problem.h"

#define NO_OP UINT32_MAX

enum agenda_list { AGENDA_LOOKERS, AGENDA_MOVERS, AGENDA_UNANSWERED, AGENDA_LISTS };

struct agenda {
    const struct problem *problem;
    uint32_t answered_count, unanswered_count;
    uint32_t *by_return; /* the answered ones */
    uint32_t target;     /* in by_return; answered_count: nothing has to be done */
    int64_t deadline_ns; /* when the target returned */

    /* Those that are not done, by call, in three rings; the ends come behind the ops. */
    struct agenda_link {
        uint32_t before, after;
    } * links;
    uint8_t *list; /* of an operation; AGENDA_LISTS: in none, as it tells nothing */
    bool *done;

    /* A bit for each that was under way when the target returned, set when it is done.
     * An operation has its slot for as long as it takes: never more than overlap. */
    uint32_t *slot;
    uint64_t *open;
    size_t open_words;

    /* An equal operation that was called and returned no later: it can do whatever this
     * one can, so it is taken first. NO_OP: none. */
    uint32_t *twin;
};

/* All in `work`; false without memory. */
bool agenda_init(struct agenda *a, const struct problem *p, struct arena *work) MUST_CHECK;

static inline bool agenda_is_over(const struct agenda *a)
{
    return a->target == a->answered_count;
}

/* The first of a list, and who follows one that is in it, as far as they may be next;
 * else NO_OP. */
uint32_t agenda_first(const struct agenda *a, enum agenda_list list);
uint32_t agenda_after(const struct agenda *a, uint32_t op);

/* Do one, or undo the last that was done; `target` as it was before it. */
void agenda_take(struct agenda *a, uint32_t op);
void agenda_put_back(struct agenda *a, uint32_t op, uint32_t target);

/* Is an equal one to be taken before it? */
static inline bool agenda_must_wait(const struct agenda *a, uint32_t op)
{
    return a->twin[op] != NO_OP && !a->done[a->twin[op]];
}

#endif
