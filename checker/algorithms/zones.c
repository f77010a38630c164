/* Contents: blocks · crossing · order · deciding */
#include "checker/algorithms/zones.h"

#include <assert.h>

#include "checker/algorithms/zones_parts.h"

#define NONE VERSION_NONE

/* --- blocks --- */

/* A block as far as it was walked. */
struct walk {
    int64_t first_return_at_ns, last_call_at_ns;
    uint32_t last_called; /* an operation; NONE: none yet */
};

/* Operations follow of which `first` returned first and `last` was called last. */
static bool extend(struct zones *z, struct walk *w, uint32_t first, int64_t returned_at_ns,
                   uint32_t last, int64_t called_at_ns)
{
    if (returned_at_ns < w->last_call_at_ns)
        return proof_backwards(z, first, w->last_called);
    if (called_at_ns > w->last_call_at_ns) {
        w->last_call_at_ns = called_at_ns;
        w->last_called = last;
    }
    if (returned_at_ns < w->first_return_at_ns)
        w->first_return_at_ns = returned_at_ns;
    return true;
}

/* A writer must not have returned before anything earlier in the block was called,
 * nor a read before its writer; reads of one value are free among themselves. */
static bool extend_by_version(struct zones *z, struct walk *w, const struct version *l)
{
    return extend(z, w, l->writer, l->returned_at_ns, l->writer, l->called_at_ns) &&
           (l->reader_count == 0 || extend(z, w, l->first_reader, l->first_return_at_ns,
                                           l->last_reader, l->last_call_at_ns));
}

/* All versions that follow from `root`; `walked` counts them. */
static bool build_block(struct zones *z, uint32_t root, uint32_t *walked)
{
    struct version *versions = z->versions.at;
    struct walk w = {INT64_MAX, INT64_MIN, NONE};
    for (uint32_t at = root; at != NONE; at = versions[at].successor) {
        versions[at].place = 1;
        ++*walked;
        if (!extend_by_version(z, &w, &versions[at]))
            return false;
    }
    bool is_forward = w.first_return_at_ns < w.last_call_at_ns;
    z->blocks[z->block_count++] =
        (struct block){.from_at_ns = is_forward ? w.first_return_at_ns : w.last_call_at_ns,
                       .to_at_ns = is_forward ? w.last_call_at_ns : w.first_return_at_ns,
                       .root = root,
                       .is_forward = is_forward};
    return true;
}

static bool build_blocks(struct zones *z)
{
    const struct versions *l = &z->versions;
    uint32_t kept = 0, walked = 0;
    z->blocks = arena_array(z->work, l->count, sizeof *z->blocks);
    if (!z->blocks || !budget_spend(z->budget, l->count))
        return false;
    for (uint32_t i = 0; i < l->count; i++) {
        kept += l->at[i].kept;
        if (l->at[i].kept && l->at[i].from == NONE && !build_block(z, i, &walked))
            return false;
    }
    if (walked == kept)
        return true;
    /* Every CAS follows from another value: one that no chain from a root reaches is
     * on a chain that bites its tail. */
    uint32_t lost = 0;
    while (!l->at[lost].kept || l->at[lost].place == 1)
        lost++;
    return proof_cycle(z, l->at[lost].writer);
}

/* --- crossing --- */

/* By the start of their times, backward ones first, blocks are in an order that
 * works, if any is: if A must come before B, A's first return is before B's last
 * call; then A starts before B, or B before it as well. So it is enough to look for
 * blocks that reach into the time of the last forward one. */
static bool blocks_fit(struct zones *z)
{
    const struct block *held = NULL;
    struct block *spare = arena_array(z->work, z->block_count, sizeof *spare);
    if (!spare || !budget_spend(z->budget, z->block_count))
        return false;
    blocks_sort(z->blocks, z->block_count, spare);
    for (const struct block *b = z->blocks; b < z->blocks + z->block_count; b++) {
        if (held && (b->is_forward ? b->from_at_ns : b->to_at_ns) < held->to_at_ns)
            return proof_crossed(z, held, b);
        if (b->is_forward)
            held = b;
    }
    return true;
}

/* --- order --- */

/* Writers in order, each followed by room for its readers. */
static void place_writers(struct zones *z)
{
    uint32_t next = 0, *order = z->out->order;
    for (uint32_t i = 0; i < z->block_count; i++)
        for (uint32_t at = z->blocks[i].root; at != NONE; at = z->versions.at[at].successor) {
            struct version *version = &z->versions.at[at];
            if (version->writer != NONE)
                order[next++] = version->writer;
            version->place = next;
            next += version->reader_count;
        }
    z->out->order_count = next;
}

/* Readers of one value in the order of their calls. Their version is fetched from
 * memory some operations ahead. */
static void place_readers(struct zones *z)
{
    enum { AHEAD = 16 };
    struct version *versions = z->versions.at;
    const uint32_t *of = z->versions.of;
    for (uint32_t i = 0; i < z->p->count; i++) {
        if (z->p->count - i > AHEAD && of[i + AHEAD] != NONE)
            __builtin_prefetch(&versions[of[i + AHEAD]], 1);
        if (of[i] != NONE && versions[of[i]].writer != i)
            z->out->order[versions[of[i]].place++] = i;
    }
}

static bool make_order(struct zones *z)
{
    z->out->order = arena_array(z->keep, z->p->count, sizeof *z->out->order);
    if (!z->out->order || !budget_spend(z->budget, z->p->count))
        return false;
    place_writers(z);
    place_readers(z);
    return z->versions.blind_count == 0 || refused_place(z);
}

/* --- deciding --- */

/* True: there is an order. False: something else is in `out`, or nothing could be. */
static bool decide(struct zones *z)
{
    const struct versions *l = &z->versions;
    if (!versions_collect(z->p, z->budget, z->work, &z->versions))
        return false;
    switch (l->state) {
    case VERSIONS_FOREIGN:
    case VERSIONS_REPEATED: z->is_foreign = true; return false;
    case VERSIONS_NOWHERE: return proof_nowhere(z, l->culprit);
    case VERSIONS_TAKEN_TWICE: return proof_taken_twice(z, l->culprit, l->other);
    case VERSIONS_DISTINCT: break;
    }
    return build_blocks(z) && blocks_fit(z) && make_order(z);
}

enum err_code zones_decide(const struct problem *p, struct budget *budget, struct arena *work,
                           struct arena *keep, struct finding *out, struct err *err)
{
    assert(p->count < NONE / 4);
    *out = (struct finding){.value = FINDING_NOT_MINE};
    struct zones z = {.p = p, .budget = budget, .work = work, .keep = keep, .out = out};
    if (decide(&z)) {
        out->value = FINDING_ORDER;
        return ERR_OK;
    }
    out->order = NULL;
    out->order_count = 0;
    if (out->value != FINDING_NOT_MINE || z.is_foreign)
        return ERR_OK;
    if (!budget->why)
        return err_set(err, ERR_NOMEM, "zones: out of memory");
    out->value = FINDING_GAVE_UP;
    out->why = budget->why;
    return ERR_OK;
}
