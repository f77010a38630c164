/* Gathers the operations that prove that there is no order, and gives them as a
 * finding. */
#ifndef CHECKER_ALGORITHMS_PROOF_H
#define CHECKER_ALGORITHMS_PROOF_H

#include "checker/problem.h"

enum { PROOF_NOBODY = UINT32_MAX };

struct proof {
    bool *in; /* by operation */
    size_t op_count;
    uint32_t roles[ROLES_MAX];
    unsigned role_count;
};

/* For a problem of `op_count` operations; false without memory. */
bool proof_init(struct proof *proof, struct arena *work, size_t op_count) MUST_CHECK;

/* Put `op` in; nothing where it is PROOF_NOBODY or in already. */
void proof_add(struct proof *proof, uint32_t op);

/* Put `op` in and give it the next role. */
void proof_cast(struct proof *proof, uint32_t op);

/* Fill in a finding of NO_ORDER; `claim` lives as long as `keep`, or is NULL. */
enum err_code proof_give(const struct proof *proof, const char *claim, struct arena *keep,
                         struct finding *out, struct err *err) MUST_CHECK;

#endif
