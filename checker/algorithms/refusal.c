#include "checker/algorithms/refusal.h"

static enum err_code refuse(const char *claim, const uint32_t *roles, size_t count,
                            struct arena *keep, struct finding *out, struct err *err)
{
    *out = (struct finding){.value = FINDING_NO_ORDER, .claim = claim, .proof_count = count};
    out->proof = arena_array(keep, count, sizeof *out->proof);
    if (!out->proof)
        return err_set(err, ERR_NOMEM, "refusal: out of memory");
    for (size_t i = 0; i < count; i++)
        out->proof[i] = out->roles[i] = roles[i];
    return ERR_OK;
}

enum err_code refuse_one(const char *claim, uint32_t a, struct arena *keep, struct finding *out,
                         struct err *err)
{
    return refuse(claim, &a, 1, keep, out, err);
}

enum err_code refuse_two(const char *claim, uint32_t a, uint32_t b, struct arena *keep,
                         struct finding *out, struct err *err)
{
    return refuse(claim, (uint32_t[]){a, b}, 2, keep, out, err);
}

enum err_code refuse_three(const char *claim, const uint32_t roles[3], struct arena *keep,
                           struct finding *out, struct err *err)
{
    return refuse(claim, roles, 3, keep, out, err);
}
