#include "checker/relatives/k_atomic.h"

#include "checker/relatives/stale.h"
#include "checker/relatives/write_order.h"

#define NONE VERSION_NONE

struct k_atomic {
    const struct problem *p;
    struct versions versions;
    struct write_job *jobs;
    uint32_t *version_of; /* by job */
    uint32_t job_count;
    struct write_orders *orders;
    uint32_t *tried, *best; /* orders of jobs */
    struct budget *budget;
    struct k_atomicity *out;
};

/* The value at the start is a job like any other. */
static void make_jobs(struct k_atomic *k)
{
    for (uint32_t i = 0; i < k->versions.count; i++) {
        const struct version *l = &k->versions.at[i];
        if (!l->kept)
            continue;
        k->version_of[k->job_count] = i;
        k->jobs[k->job_count++] = (struct write_job){.called_at_ns = l->called_at_ns,
                                                     .known_at_ns = relative_known_at_ns(l),
                                                     .last_wanted_at_ns = l->last_call_at_ns};
    }
}

static bool allocate(struct k_atomic *k, struct arena *work)
{
    size_t room = k->versions.count;
    k->jobs = arena_array(work, room, sizeof *k->jobs);
    k->version_of = arena_array(work, room, sizeof *k->version_of);
    k->tried = arena_array(work, room, sizeof *k->tried);
    k->best = arena_array(work, room, sizeof *k->best);
    if (!k->jobs || !k->version_of || !k->tried || !k->best)
        return false;
    make_jobs(k);
    k->orders = write_orders_new(k->jobs, k->job_count, work);
    return k->orders != NULL;
}

/* --- bounds --- */

/* What was tried is good for `at_most`. */
static void improve(struct k_atomic *k, uint32_t at_most)
{
    if (k->out->at_most != 0 && at_most >= k->out->at_most)
        return;
    k->out->at_most = at_most;
    uint32_t *spare = k->best;
    k->best = k->tried;
    k->tried = spare;
}

static void try_simple_orders(struct k_atomic *k)
{
    for (int by_wanted = 0; by_wanted < 2; by_wanted++) {
        write_orders_simple(k->orders, by_wanted != 0, k->tried);
        improve(k, write_orders_rate(k->orders, k->tried));
    }
}

/* Raise the lower bound while the search can refute it; where it takes too long, look
 * further and further up for what it can find. */
static void search(struct k_atomic *k, uint64_t steps)
{
    enum { SHARES = 4 };
    bool sure = true;
    for (uint64_t tried = k->out->at_least, gap = 1; tried < k->out->at_most; tried += gap) {
        enum write_order_result result =
            write_orders_find(k->orders, (uint32_t)tried, steps / SHARES, k->budget, k->tried);
        if (result == WRITE_ORDER_FOUND)
            improve(k, (uint32_t)tried);
        else if (result == WRITE_ORDER_NONE)
            k->out->at_least = tried + 1;
        else if (k->budget->why)
            return;
        sure &= result == WRITE_ORDER_NONE;
        gap = sure ? 1 : 2 * gap;
        steps -= sure ? 0 : steps / SHARES;
    }
}

/* --- measuring --- */

static bool give_order(struct k_atomic *k, struct arena *keep)
{
    k->out->writes = arena_array(keep, k->job_count, sizeof *k->out->writes);
    for (uint32_t i = 0; k->out->writes && i < k->job_count; i++) {
        uint32_t writer = k->versions.at[k->version_of[k->best[i]]].writer;
        if (writer != NONE)
            k->out->writes[k->out->write_count++] = writer;
    }
    return k->out->writes != NULL;
}

static enum err_code find_bounds(struct k_atomic *k, uint64_t steps, struct arena *work,
                                 struct arena *keep, struct err *err)
{
    struct staleness stale;
    if (stale_measure(k->p, k->budget, work, &stale, err))
        return err->code;
    if (stale.state == RELATIVE_GAVE_UP)
        return ERR_OK;
    if (!allocate(k, work))
        return err_set(err, ERR_NOMEM, "k-atomicity: out of memory");
    k->out->state = RELATIVE_KNOWN;
    k->out->why = NULL;
    k->out->at_least = stale.versions + 1;
    try_simple_orders(k);
    search(k, steps);
    return give_order(k, keep) ? ERR_OK : err_set(err, ERR_NOMEM, "k-atomicity: out of memory");
}

enum err_code k_atomic_measure(const struct problem *p, uint64_t steps, struct budget *budget,
                               struct arena *work, struct arena *keep, struct k_atomicity *out,
                               struct err *err)
{
    struct k_atomic k = {.p = p, .budget = budget, .out = out};
    *out = (struct k_atomicity){.state = RELATIVE_GAVE_UP};
    if (relative_collect(p, true, budget, work, &k.versions, &out->state, &out->culprit, err))
        return err->code;
    if (out->state == RELATIVE_KNOWN) {
        out->state = RELATIVE_GAVE_UP;
        if (find_bounds(&k, steps, work, keep, err))
            return err->code;
    }
    out->why = out->state == RELATIVE_GAVE_UP ? budget->why : NULL;
    return ERR_OK;
}
