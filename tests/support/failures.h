/* Fail the 1st, then the 2nd, ... call that a body makes, until it runs clean.
 *
 * A test says which calls can fail with WRAP lines of its own, and names them, one
 * per line, in test_X.wrap beside it (the linker's --wrap); the product carries no
 * test hooks. Run the loop once with a single failing call and once with every
 * call failing from that point on. */
#ifndef TESTS_SUPPORT_FAILURES_H
#define TESTS_SUPPORT_FAILURES_H

#include <stdbool.h>

void failures_arm(unsigned nth, bool keep_failing);
void failures_disarm(void); /* keeps what failures_fired says */
bool failures_fired(void);  /* did the armed failure happen? */
bool failures_due(void);    /* asked by WRAP: must this call fail? */

#define FOR_EACH_FAILURE(nth, keep_failing)                                                    \
    for (unsigned nth = 1; failures_arm(nth, keep_failing), nth < 10000; nth++)

/* --wrap=call sends the product's `call` to __wrap_call, and __real_call to the
 * original: WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL) */
#define WRAP(result, call, params, args, failure)                                              \
    result __real_##call params;                                                               \
    result __wrap_##call params;                                                               \
    result __wrap_##call params                                                                \
    {                                                                                          \
        return failures_due() ? (failure) : __real_##call args;                                \
    }

#endif
