#include "checker/algorithms/counter_bounds.h"

#include "checker/algorithms/moments.h"
#include "checker/algorithms/proof.h"

static const char *const too_small =
    "{0.who} {0.deed}, asking at {0.called}, but more had been added by then";
static const char *const too_great =
    "{0.who} {0.deed} by {0.returned}, but not so much had been asked for by then";
static const char *const went_back =
    "{0.who} {0.deed}, asking at {0.called}, though {1.who} {1.did}, which is more";

struct bounds {
    const struct problem *p;
    int64_t added;     /* by those that returned */
    int64_t asked_for; /* by those that were called */
    int64_t seen;      /* the greatest sum that one who returned saw; INT64_MIN: none */
    uint32_t seer;     /* who saw it */
    int64_t *least;    /* by operation, of the sum it saw: more than this, or as much */
    uint32_t *because; /* by operation: the seer, plus one */
};

/* Of an increment `least` is about the sum after it. */
static void call(struct bounds *b, uint32_t i)
{
    const struct model_op *op = &b->p->ops[i].op;
    int64_t own = op->kind == OP_INCREMENT ? op->argument : 0;
    b->asked_for += own;
    b->least[i] = b->added + own;
    if (b->seen != INT64_MIN && b->seen > b->added) {
        b->least[i] = b->seen; /* its own might be too much for a number */
        b->because[i] = b->seer + 1;
    }
}

/* What is wrong about the sum it saw, or NULL. */
static const char *judge(struct bounds *b, uint32_t i)
{
    const struct model_op *op = &b->p->ops[i].op;
    if (op->kind == OP_INCREMENT)
        b->added += op->argument;
    if (!model_op_told(op))
        return NULL;
    if (op->result < b->least[i])
        return b->because[i] > 0 ? went_back : too_small;
    if (op->result > b->asked_for)
        return too_great;
    if (op->result > b->seen) {
        b->seen = op->result;
        b->seer = i;
    }
    return NULL;
}

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "counter: out of memory");
}

/* All increments that were asked for by then, and who saw. */
static enum err_code refuse(const struct bounds *b, const char *claim, uint32_t by,
                            struct arena *work, struct arena *keep, struct finding *out,
                            struct err *err)
{
    const struct timed_op *ops = b->p->ops;
    struct proof proof;
    if (!proof_init(&proof, work, b->p->count))
        return no_memory(err);
    proof_cast(&proof, by);
    proof_cast(&proof, b->because[by] > 0 ? b->because[by] - 1 : by);
    for (uint32_t i = 0; i < b->p->count; i++)
        if (ops[i].op.kind == OP_INCREMENT && ops[i].called_at_ns <= ops[by].returned_at_ns)
            proof_add(&proof, i);
    return proof_give(&proof, claim, keep, out, err);
}

enum err_code counter_bounds(const struct problem *p, struct budget *budget, struct arena *work,
                             struct arena *keep, struct finding *out, struct err *err)
{
    struct moments time;
    int64_t start = p->initial == OP_NIL ? 0 : p->initial;
    struct bounds b = {.p = p, .added = start, .asked_for = start, .seen = INT64_MIN};
    b.least = arena_array(work, p->count + 1, sizeof *b.least);
    b.because = arena_array(work, p->count + 1, sizeof *b.because);
    *out = (struct finding){.value = FINDING_NOT_MINE};
    if (!b.least || !b.because || !moments_make(p, work, &time))
        return no_memory(err);
    for (size_t i = 0; i < time.count; i++) {
        if (!budget_spend(budget, 1)) {
            *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
            return ERR_OK;
        }
        uint32_t op = time.at[i].op;
        const char *claim = NULL;
        if (!time.at[i].is_return)
            call(&b, op);
        else
            claim = judge(&b, op);
        if (claim)
            return refuse(&b, claim, op, work, keep, out, err);
    }
    return ERR_OK;
}
