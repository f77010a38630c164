/* Contents: who replaced what · sentences · deciding */
#include "checker/relatives/regular.h"

#include "checker/relatives/relative.h"

#define NONE VERSION_NONE

struct regular {
    const struct problem *p;
    struct versions versions;
    uint32_t *first_done; /* by version: of it and all called later, who returned first */
    struct arena *work, *keep;
    struct finding *out;
};

/* --- who replaced what --- */

static bool find_first_done(struct regular *r)
{
    const struct versions *l = &r->versions;
    r->first_done = arena_array(r->work, (size_t)l->count + 1, sizeof *r->first_done);
    if (!r->first_done)
        return false;
    r->first_done[l->count] = NONE;
    for (uint32_t i = l->count; i-- > 0;) {
        uint32_t later = r->first_done[i + 1];
        bool is_first = later == NONE || l->at[i].returned_at_ns < l->at[later].returned_at_ns;
        r->first_done[i] = is_first ? i : later;
    }
    return true;
}

/* A version that had certainly replaced `seen` when `op` was called, or NONE. */
static uint32_t replaced_by(const struct regular *r, uint32_t op, uint32_t seen)
{
    uint32_t later =
        relative_first_called_after(&r->versions, r->versions.at[seen].returned_at_ns);
    uint32_t done = r->first_done[later];
    bool replaced =
        done != NONE && r->versions.at[done].returned_at_ns < r->p->ops[op].called_at_ns;
    return replaced ? done : NONE;
}

/* --- sentences --- */

static void give(struct regular *r, const char *claim, uint32_t read, uint32_t writer,
                 uint32_t newer)
{
    uint32_t roles[3] = {read, writer, newer};
    r->out->proof = arena_array(r->keep, 3, sizeof *r->out->proof);
    if (!r->out->proof)
        return;
    for (int i = 0; i < 3; i++) {
        r->out->roles[i] = roles[i];
        if (roles[i] != NONE)
            r->out->proof[r->out->proof_count++] = roles[i];
    }
    r->out->claim = claim;
    r->out->value = FINDING_NO_ORDER;
}

static void tell_impossible(struct regular *r, uint32_t op)
{
    uint32_t seen = relative_seen(&r->versions, op);
    if (seen >= r->versions.count)
        give(r, "{0.who} {0.deed} in key {key} at {0.called}, but {0.origin}", op, NONE, NONE);
    else
        give(r,
             "{0.who} {0.deed} in key {key} by {0.returned}, but {1.who} did not begin to "
             "write {1.value} before {1.called}",
             op, r->versions.at[seen].writer, NONE);
}

static void tell_stale(struct regular *r, uint32_t op, uint32_t seen, uint32_t newer)
{
    static const char start[] =
        "{0.who} {0.deed} in key {key} at {0.called}, but {2.value} had "
        "been acknowledged to {2.who} at {2.returned}, and what it "
        "found was there only before the first write";
    static const char later[] =
        "{0.who} {0.deed} in key {key} at {0.called}, but {2.value} had been acknowledged to "
        "{2.who} at {2.returned}, and {2.value} came after {1.value}: {1.value} had been "
        "acknowledged to {1.who} at {1.returned}, before {2.who} began to write {2.value} at "
        "{2.called}";
    give(r, seen == 0 ? start : later, op, r->versions.at[seen].writer,
         r->versions.at[newer].writer);
}

/* --- deciding --- */

static void judge_reads(struct regular *r)
{
    for (uint32_t i = 0; i < r->p->count; i++) {
        uint32_t seen = relative_seen(&r->versions, i);
        uint32_t newer = seen == NONE ? NONE : replaced_by(r, i, seen);
        if (newer != NONE) {
            tell_stale(r, i, seen, newer);
            return;
        }
    }
    r->out->value = FINDING_ORDER;
}

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "regular: out of memory");
}

enum err_code regular_decide(const struct problem *p, struct budget *budget, struct arena *work,
                             struct arena *keep, struct finding *out, struct err *err)
{
    struct regular r = {.p = p, .work = work, .keep = keep, .out = out};
    enum relative_state state;
    uint32_t culprit;
    *out = (struct finding){.value = FINDING_NOT_MINE};
    if (relative_collect(p, false, budget, work, &r.versions, &state, &culprit, err))
        return err->code;
    if (state == RELATIVE_NOT_MINE)
        return ERR_OK;
    if (state == RELATIVE_GAVE_UP || !budget_spend(budget, p->count)) {
        out->value = FINDING_GAVE_UP;
        out->why = budget->why;
        return ERR_OK;
    }
    if (state == RELATIVE_IMPOSSIBLE)
        tell_impossible(&r, culprit);
    else if (find_first_done(&r))
        judge_reads(&r);
    return out->value == FINDING_NOT_MINE ? no_memory(err) : ERR_OK;
}
