/* Contents: values · pairs · one try · measuring
 *
 * A value must come before another if it was known before the other was last called
 * for. Two that must each come before the other cross; an earlier call of the reads
 * of either can end that. How much earlier is known for each pair: what is asked for
 * is the most that any pair needs. */
#include "checker/relatives/delta_atomic.h"

#include <assert.h>
#include <stdlib.h>

#define NONE VERSION_NONE

struct value {
    int64_t known_at_ns;
    int64_t written_at_ns; /* the call of its write, which stays where it is */
    int64_t read_at_ns;    /* the last call of its reads; INT64_MIN: none */
    uint32_t version;
    bool is_forward;    /* of the try: it must hold the register from the one to the other */
    int64_t from_at_ns; /* of the try: when it is known, or last called, whichever first */
};

struct delta {
    const struct problem *p;
    struct versions versions;
    struct value *values;
    uint32_t count;
    struct budget *budget;
    struct delta_atomicity *out;
};

/* --- values --- */

static void collect(struct delta *d)
{
    for (uint32_t i = 0; i < d->versions.count; i++) {
        const struct version *l = &d->versions.at[i];
        if (l->kept)
            d->values[d->count++] = (struct value){.known_at_ns = relative_known_at_ns(l),
                                                   .written_at_ns = l->called_at_ns,
                                                   .read_at_ns = l->last_call_at_ns,
                                                   .version = i};
    }
}

static int64_t last_call_ns(const struct value *v, int64_t delta_ns)
{
    int64_t read_ns = v->read_at_ns;
    if (read_ns != INT64_MIN && __builtin_sub_overflow(read_ns, delta_ns, &read_ns))
        read_ns = INT64_MIN;
    return read_ns > v->written_at_ns ? read_ns : v->written_at_ns;
}

/* --- pairs --- */

static bool crosses(const struct value *a, const struct value *b, int64_t delta_ns)
{
    return a->known_at_ns < last_call_ns(b, delta_ns) &&
           b->known_at_ns < last_call_ns(a, delta_ns);
}

/* How much earlier the reads of `v` must be so that `other` need not come first;
 * INT64_MAX: its write is too late already. */
static int64_t needed_ns(const struct value *v, const struct value *other)
{
    int64_t needed;
    if (v->written_at_ns > other->known_at_ns)
        return INT64_MAX;
    if (__builtin_sub_overflow(v->read_at_ns, other->known_at_ns, &needed))
        return INT64_MAX;
    return needed;
}

/* A pair that needs `delta_ns`: remember who shows it. */
static void remember(struct delta *d, const struct value *a, const struct value *b)
{
    bool of_a = needed_ns(a, b) <= needed_ns(b, a);
    const struct version *mine = &d->versions.at[of_a ? a->version : b->version];
    const struct version *other = &d->versions.at[of_a ? b->version : a->version];
    d->out->read = mine->last_reader;
    d->out->observer = relative_first_knower(other);
    d->out->early = relative_first_knower(mine);
    d->out->late = other->last_reader != NONE && other->last_call_at_ns > other->called_at_ns
                       ? other->last_reader
                       : other->writer;
}

/* --- one try --- */

static int by_from(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    if (x->from_at_ns != y->from_at_ns)
        return x->from_at_ns < y->from_at_ns ? -1 : 1;
    if (x->is_forward != y->is_forward)
        return x->is_forward ? 1 : -1;
    return x->version < y->version ? -1 : x->version > y->version;
}

static void sort_values(struct delta *d, int64_t delta_ns)
{
    for (uint32_t i = 0; i < d->count; i++) {
        struct value *v = &d->values[i];
        int64_t last_ns = last_call_ns(v, delta_ns);
        v->is_forward = v->known_at_ns < last_ns;
        v->from_at_ns = v->is_forward ? v->known_at_ns : last_ns;
    }
    qsort(d->values, d->count, sizeof *d->values, by_from);
}

/* The most that a pair needs which crosses when reads are called `delta_ns` earlier:
 * 0 if none does, and then there is an order (algorithms/zones.c says why it is enough
 * to look at the last that holds the register). */
static int64_t most_needed_ns(struct delta *d, int64_t delta_ns)
{
    int64_t most_ns = 0;
    const struct value *held = NULL;
    sort_values(d, delta_ns);
    for (const struct value *v = d->values; v < d->values + d->count; v++) {
        int64_t last_ns = last_call_ns(v, delta_ns);
        if (held && crosses(held, v, delta_ns)) {
            int64_t of_held = needed_ns(held, v), of_v = needed_ns(v, held);
            int64_t needed = of_held < of_v ? of_held : of_v;
            assert(needed > delta_ns);
            if (needed > most_ns) {
                most_ns = needed;
                remember(d, held, v);
            }
        }
        if (v->is_forward && (!held || last_ns > last_call_ns(held, delta_ns)))
            held = v;
    }
    return most_ns;
}

/* --- measuring --- */

/* Each try that fails tells of a pair that needs more; each second one halves what is
 * left, so that there are never many. `most_ns` is enough. */
static bool find_delta(struct delta *d, int64_t most_ns)
{
    int64_t least_ns = 0, tried_ns = 0;
    for (unsigned tries = 0; least_ns < most_ns; tries++) {
        if (!budget_spend(d->budget, d->count))
            return false;
        int64_t needed_more_ns = most_needed_ns(d, tried_ns);
        if (needed_more_ns == 0)
            most_ns = tried_ns;
        else
            least_ns = needed_more_ns;
        bool halve = tries % 2 == 1;
        tried_ns = halve ? least_ns + (most_ns - least_ns) / 2 : least_ns;
    }
    d->out->delta_ns = most_ns;
    /* Again where it fails by a nanosecond, for those who show it. */
    if (most_ns > 0)
        most_needed_ns(d, most_ns - 1);
    return true;
}

/* Were reads this much earlier, each would be called before its own value, or any if it
 * was there at the start, was known: then nothing needs to hold the register. */
static int64_t enough_ns(const struct delta *d)
{
    int64_t first_known_ns = INT64_MAX, enough = 0;
    for (uint32_t i = 0; i < d->count; i++)
        if (d->values[i].version != 0 && d->values[i].known_at_ns < first_known_ns)
            first_known_ns = d->values[i].known_at_ns;
    for (uint32_t i = 0; i < d->count; i++) {
        const struct value *v = &d->values[i];
        int64_t known_ns = v->version == 0 ? first_known_ns : v->known_at_ns, needed;
        if (v->read_at_ns == INT64_MIN || v->read_at_ns <= known_ns)
            continue;
        if (__builtin_sub_overflow(v->read_at_ns, known_ns, &needed))
            needed = INT64_MAX;
        enough = needed > enough ? needed : enough;
    }
    return enough;
}

enum err_code delta_atomic_measure(const struct problem *p, struct budget *budget,
                                   struct arena *work, struct delta_atomicity *out,
                                   struct err *err)
{
    struct delta d = {.p = p, .budget = budget, .out = out};
    *out =
        (struct delta_atomicity){.read = NONE, .observer = NONE, .early = NONE, .late = NONE};
    if (relative_collect(p, true, budget, work, &d.versions, &out->state, &out->culprit, err))
        return err->code;
    if (out->state == RELATIVE_KNOWN) {
        d.values = arena_array(work, d.versions.count, sizeof *d.values);
        if (!d.values)
            return err_set(err, ERR_NOMEM, "delta-atomicity: out of memory");
        collect(&d);
        if (!find_delta(&d, enough_ns(&d)))
            out->state = RELATIVE_GAVE_UP;
    }
    out->why = out->state == RELATIVE_GAVE_UP ? budget->why : NULL;
    return ERR_OK;
}
