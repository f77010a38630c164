/* A model that steps in place, for tests of what it allows. */
#ifndef TESTS_SUPPORT_PLAYED_H
#define TESTS_SUPPORT_PLAYED_H

#include "checker/model.h"

enum { PLAYED_WORDS_MAX = 32 };

/* Stays where it is: it points into itself. */
struct played {
    const struct model_ops *model;
    int64_t words[2][PLAYED_WORDS_MAX];
    struct model_state now, next;
};

void played_begin(struct played *p, const char *model, int64_t initial);

/* May `op` happen? If so, it did. It may in one way only, and leaves the state as it was
 * where it only looks: else the test fails. */
bool played_does(struct played *p, struct model_op op);

/* May it happen with this argument, telling nothing; and answering this? */
bool played_puts(struct played *p, enum op_kind kind, int64_t argument);
bool played_answers(struct played *p, enum op_kind kind, int64_t result);

/* Unanswered. */
bool played_may(struct played *p, enum op_kind kind);

#endif
