#include "checker/algorithms/proof.h"

#include <assert.h>
#include <string.h>

bool proof_init(struct proof *proof, struct arena *work, size_t op_count)
{
    *proof = (struct proof){.op_count = op_count};
    proof->in = arena_array(work, op_count, sizeof *proof->in);
    return proof->in != NULL;
}

void proof_add(struct proof *proof, uint32_t op)
{
    if (op == PROOF_NOBODY)
        return;
    assert(op < proof->op_count);
    proof->in[op] = true;
}

void proof_cast(struct proof *proof, uint32_t op)
{
    assert(proof->role_count < ROLES_MAX && op != PROOF_NOBODY);
    proof->roles[proof->role_count++] = op;
    proof_add(proof, op);
}

enum err_code proof_give(const struct proof *proof, const char *claim, struct arena *keep,
                         struct finding *out, struct err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < proof->op_count; i++)
        count += proof->in[i];
    uint32_t *ops = arena_array(keep, count, sizeof *ops);
    if (!ops)
        return err_set(err, ERR_NOMEM, "proof: out of memory");
    *out = (struct finding){
        .value = FINDING_NO_ORDER, .proof = ops, .proof_count = count, .claim = claim};
    memcpy(out->roles, proof->roles, sizeof out->roles);
    for (size_t i = 0; i < proof->op_count; i++)
        if (proof->in[i])
            *ops++ = (uint32_t)i;
    return ERR_OK;
}
