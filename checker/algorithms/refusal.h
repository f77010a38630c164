/* Findings that a few operations prove at a glance. */
#ifndef CHECKER_ALGORITHMS_REFUSAL_H
#define CHECKER_ALGORITHMS_REFUSAL_H

#include "checker/problem.h"

/* There is no order, because of these alone: the roles of the claim. */
enum err_code refuse_one(const char *claim, uint32_t a, struct arena *keep, struct finding *out,
                         struct err *err) MUST_CHECK;
enum err_code refuse_two(const char *claim, uint32_t a, uint32_t b, struct arena *keep,
                         struct finding *out, struct err *err) MUST_CHECK;
enum err_code refuse_three(const char *claim, const uint32_t roles[3], struct arena *keep,
                           struct finding *out, struct err *err) MUST_CHECK;

#endif
