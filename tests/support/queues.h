/* What is asked of queues and of priority queues alike: histories by hand, what happens
 * when budget or memory ends, and brute force on histories in which values get lost. */
#ifndef TESTS_SUPPORT_QUEUES_H
#define TESTS_SUPPORT_QUEUES_H

#include "tests/support/compare.h"

struct queues_subject {
    const char *model;
    algorithm decide;
    enum op_kind put, take;
    bool shuffled; /* values are put in in any order, not ascending */
};

/* By hand: `value` is what was put in or what was answered; to INT64_MAX: unanswered. Good
 * for the next fifteen calls. */
const struct timed_op *queues_op(enum op_kind kind, int64_t value, int64_t from, int64_t to);

struct queues_decided {
    struct arena work, keep;
    struct finding finding;
};

/* At most 16 operations. */
struct queues_decided queues_decide(const struct queues_subject *s,
                                    const struct timed_op *const *ops, size_t count,
                                    int64_t initial);
void queues_forget(struct queues_decided *d);

/* Check what was decided, and forget it. */
void queues_expect(struct queues_decided d, enum finding_value value, size_t proof_count);

/* Of these, which have an order, with every budget and every amount of memory. */
void queues_spend(const struct queues_subject *s, const struct timed_op *ops, size_t count);
void queues_starve(const struct queues_subject *s, const struct timed_op *ops, size_t count);

/* Against brute force, and on longer histories that were played. */
void queues_compare(const struct queues_subject *s, uint64_t count, uint64_t full);
void queues_play(const struct queues_subject *s);

#endif
