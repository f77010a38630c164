/* Contents: operations · what is shown · sentences · small contradictions · crossing
 *
 * A sentence is a template (checker/claim.h), put together from parts that depend on
 * which of its operations are reads. */
#include <assert.h>

#include "checker/algorithms/zones_parts.h"

#define NONE VERSION_NONE

/* --- operations --- */

static const struct timed_op *at(const struct zones *z, uint32_t op)
{
    assert(op < z->p->count);
    return &z->p->ops[op];
}

static bool is_read(const struct zones *z, uint32_t op)
{
    return versions_is_reader(&at(z, op)->op);
}

/* Who wrote what `op` saw; NONE: it was there at the start, nobody did, or `op` did
 * not look. */
static uint32_t source(const struct zones *z, uint32_t op)
{
    const struct versions *l = &z->versions;
    uint32_t version = l->of[op];
    if (version != NONE && !is_read(z, op))
        version = l->at[version].from;
    return version < l->count ? l->at[version].writer : NONE;
}

static bool before(const struct zones *z, uint32_t a, uint32_t b)
{
    return a == NONE || at(z, a)->returned_at_ns < at(z, b)->called_at_ns;
}

/* --- what is shown --- */

struct shown {
    uint32_t *ops;
    uint32_t count;
};

static bool is_shown(const struct shown *s, uint32_t op)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->ops[i] == op)
            return true;
    return false;
}

/* Marks of versions, as places: their writer is shown; and somebody is who saw it. */
#define SHOWN (NONE - 1)
#define SEEN  NONE

static void show(struct zones *z, struct shown *s, uint32_t op)
{
    uint32_t of = z->versions.of[op];
    if (of != NONE && !is_read(z, op)) {
        if (z->versions.at[of].place >= SHOWN)
            return;
        z->versions.at[of].place = SHOWN;
    }
    s->ops[s->count++] = op;
}

/* Everything that `op` follows from. */
static void show_sources(struct zones *z, struct shown *s, uint32_t op)
{
    for (op = source(z, op); op != NONE; op = source(z, op)) {
        struct version *version = &z->versions.at[z->versions.of[op]];
        if (version->place == SEEN)
            return;
        show(z, s, op);
        version->place = SEEN;
    }
}

/* An unanswered writer proves nothing by itself: it need not have happened. It did,
 * since somebody saw its value. */
static void show_observer(struct zones *z, struct shown *s, uint32_t op)
{
    if (at(z, op)->op.answered || z->versions.at[z->versions.of[op]].place == SEEN)
        return;
    const struct version *version = &z->versions.at[z->versions.of[op]];
    uint32_t observer = version->first_reader;
    if (observer == NONE && version->successor != NONE)
        observer = z->versions.at[version->successor].writer;
    assert(observer != NONE);
    show(z, s, observer);
    show_sources(z, s, observer);
}

/* The operations told of come first, then whom they followed from. Always false. */
static bool give_proof(struct zones *z, const char *claim, const uint32_t *roles,
                       uint32_t role_count)
{
    struct shown s = {arena_array(z->keep, z->p->count, sizeof *s.ops), 0};
    if (!s.ops || !claim)
        return false;
    for (uint32_t i = 0; i < z->versions.count; i++)
        z->versions.at[i].place = 0;
    for (uint32_t i = 0; i < role_count; i++) {
        z->out->roles[i] = roles[i];
        if (roles[i] != NONE && !is_shown(&s, roles[i]))
            show(z, &s, roles[i]);
    }
    for (uint32_t i = 0, told = s.count; i < told; i++)
        show_sources(z, &s, s.ops[i]);
    for (uint32_t i = 0; i < s.count; i++)
        show_observer(z, &s, s.ops[i]);
    z->out->proof = s.ops;
    z->out->proof_count = s.count;
    z->out->claim = claim;
    z->out->value = FINDING_NO_ORDER;
    return false;
}

/* --- sentences --- */

#define SAY(z, ...) arena_format((z)->keep, __VA_ARGS__)

/* "57 had been acknowledged to process 3 in eu-west at 12.050s"; NULL without memory. */
static const char *had_happened(const struct zones *z, uint32_t op, int role)
{
    if (is_read(z, op))
        return SAY(z, "{%d.who} {%d.did} by {%d.returned}", role, role, role);
    return SAY(z, "{%d.value} had been acknowledged to {%d.who} at {%d.returned}", role, role,
               role);
}

/* The word for what `op` found. */
static const char *seen(const struct zones *z, uint32_t op)
{
    return at(z, op)->op.kind == OP_CAS && !at(z, op)->op.refused ? "expected" : "result";
}

/* --- small contradictions --- */

bool proof_nowhere(struct zones *z, uint32_t op)
{
    return give_proof(z, "{0.who} {0.deed} in key {key} at {0.called}, but {0.origin}", &op, 1);
}

bool proof_taken_twice(struct zones *z, uint32_t a, uint32_t b)
{
    const char *claim = SAY(z,
                            "{0.who} {0.deed} in key {key} at {0.called}, and {1.who} {1.deed} "
                            "at {1.called}, but {0.%s} was there only once",
                            seen(z, a));
    return give_proof(z, claim, (uint32_t[]){a, b}, 2);
}

/* Where all of the cycle is unanswered: whoever read one of its values; else NONE. */
static uint32_t observer_of_cycle(const struct zones *z, uint32_t op)
{
    const struct versions *l = &z->versions;
    uint32_t reader = NONE, version = l->of[op];
    do {
        if (at(z, l->at[version].writer)->op.answered)
            return NONE;
        reader = l->at[version].reader_count > 0 ? l->at[version].first_reader : reader;
        version = l->at[version].from;
    } while (version != l->of[op]);
    return reader;
}

bool proof_cycle(struct zones *z, uint32_t op)
{
    return give_proof(z,
                      "{0.who} {0.deed} in key {key} at {0.called}, but what it found could "
                      "only come from it",
                      (uint32_t[]){op, observer_of_cycle(z, op)}, 2);
}

bool proof_backwards(struct zones *z, uint32_t early, uint32_t late)
{
    const char *claim = "{0.who} {0.deed} in key {key} by {0.returned}, but {1.who} did not "
                        "begin to write {1.value} before {1.called}";
    const char *happened = had_happened(z, early, 0);
    if (!happened)
        return false;
    if (is_read(z, late))
        claim = SAY(z,
                    "{1.who} {1.deed} in key {key} at {1.called}, but %s, and that follows "
                    "{1.value}",
                    happened);
    return give_proof(z, claim, (uint32_t[]){early, late}, 2);
}

bool proof_refused(struct zones *z, uint32_t op, uint32_t first, uint32_t last)
{
    const char *since = "that was there from the start";
    if (first != NONE)
        since = had_happened(z, first, 1);
    const char *claim =
        SAY(z,
            "{0.who} did not find {0.expected} in key {key} from {0.called} to {0.returned}, "
            "but %s, and {2.who} {2.deed} at {2.called}, so it was there all the time",
            since ? since : "");
    return since && give_proof(z, claim, (uint32_t[]){op, first, last}, 3);
}

/* --- crossing ---
 *
 * Which four operations tell best why two blocks cross? The extremes of each block
 * prove it but may accuse a read that was right. The proof becomes as short as it can
 * be, and ends with a read of a value that had been replaced: four[0] returned before
 * four[1], of the other block, was called; four[2], of that other block, returned
 * before four[3], of the first, was called. four[0] is NONE for the value before all
 * writes. */

struct members {
    uint32_t *ops; /* by call */
    uint32_t count;
    bool from_start;
    /* Who returned first, and who was called last, of its writers and of all. */
    uint32_t first[2], last[2];
};

struct crossing {
    struct zones *z;
    uint32_t best[4], best_cost;
};

static void add_distinct(struct shown *s, uint32_t op)
{
    if (op != NONE && !is_shown(s, op))
        s->ops[s->count++] = op;
}

/* Operations to be shown, first of all; then: is the last one a read? */
static uint32_t cost(const struct zones *z, const uint32_t *four)
{
    uint32_t room[8];
    struct shown s = {room, 0};
    for (int i = 0; i < 4; i++) {
        add_distinct(&s, four[i]);
        if (four[i] != NONE)
            add_distinct(&s, source(z, four[i]));
    }
    return 2 * s.count + !is_read(z, four[3]);
}

static void consider(struct crossing *x, const uint32_t *four)
{
    if (!before(x->z, four[0], four[1]) || !before(x->z, four[2], four[3]))
        return;
    uint32_t its_cost = cost(x->z, four);
    if (its_cost >= x->best_cost)
        return;
    x->best_cost = its_cost;
    for (int i = 0; i < 4; i++)
        x->best[i] = four[i];
}

static void note(const struct zones *z, uint32_t op, uint32_t *first, uint32_t *last)
{
    if (*first == NONE || at(z, op)->returned_at_ns < at(z, *first)->returned_at_ns)
        *first = op;
    if (*last == NONE || at(z, op)->called_at_ns > at(z, *last)->called_at_ns)
        *last = op;
}

/* Whoever wrote or read a version of the block. */
static bool find_members(struct zones *z, const struct block *b, struct members *m)
{
    *m = (struct members){
        .from_start = b->root == 0, .first = {NONE, NONE}, .last = {NONE, NONE}};
    m->ops = arena_array(z->work, z->p->count, sizeof *m->ops);
    if (!m->ops)
        return false;
    for (uint32_t i = 0; i < z->versions.count; i++)
        z->versions.at[i].place = 0;
    for (uint32_t l = b->root; l != NONE; l = z->versions.at[l].successor)
        z->versions.at[l].place = 1;
    for (uint32_t i = 0; i < z->p->count; i++) {
        if (z->versions.of[i] == NONE || z->versions.at[z->versions.of[i]].place == 0)
            continue;
        m->ops[m->count++] = i;
        if (!is_read(z, i))
            note(z, i, &m->first[0], &m->last[0]);
        note(z, i, &m->first[1], &m->last[1]);
    }
    return true;
}

/* The first of `m` that was called when `op` had returned. Reads are looked for
 * first: a write is never stale. */
static uint32_t first_after(const struct zones *z, const struct members *m, uint32_t op)
{
    for (int reads = 1; reads >= 0; reads--)
        for (uint32_t i = 0; i < m->count; i++)
            if (is_read(z, m->ops[i]) == reads && before(z, op, m->ops[i]))
                return m->ops[i];
    return NONE;
}

/* Every way to say that `other` came between the write of `mine` and a read of it. */
static void consider_role(struct crossing *x, const struct members *mine,
                          const struct members *other)
{
    for (int way = 0; way < 8; way++) {
        uint32_t four[4] = {mine->first[way & 1], other->last[(way >> 1) & 1],
                            other->first[(way >> 2) & 1], NONE};
        if (mine->from_start) { /* all of the other is after the start */
            four[0] = NONE;
            four[1] = four[2];
        }
        if (four[1] == NONE || four[2] == NONE || (!mine->from_start && four[0] == NONE))
            continue;
        four[3] = first_after(x->z, mine, four[2]);
        if (four[3] != NONE)
            consider(x, four);
    }
}

/* "57 came after 41: ..." */
static const char *why_later(const struct zones *z, const uint32_t *roles)
{
    if (roles[0] == NONE)
        return SAY(z, "{4.%s} was there only before the first write", seen(z, roles[4]));
    const char *happened = had_happened(z, roles[0], 0);
    return happened ? SAY(z,
                          "{1.value} came after {0.value}: %s, before {1.who} began to %s "
                          "{1.value} at {1.called}",
                          happened, is_read(z, roles[1]) ? "read" : "write")
                    : NULL;
}

static bool tell_crossed(struct zones *z, const uint32_t *four)
{
    uint32_t roles[5] = {four[0], four[1], four[2], four[3], NONE};
    const struct version *start = &z->versions.at[0];
    if (four[0] == NONE) /* somebody who saw the value before all writes */
        roles[4] = is_read(z, four[3]) && z->versions.of[four[3]] == 0 ? four[3]
                   : start->successor != NONE ? z->versions.at[start->successor].writer
                                              : start->last_reader;
    const char *happened = had_happened(z, four[2], 2), *why = why_later(z, roles);
    if (!happened || !why)
        return false;
    const char *claim =
        SAY(z, "{3.who} {3.deed} in key {key} at {3.called}, but %s, and %s", happened, why);
    return give_proof(z, claim, roles, four[0] == NONE ? 5 : 4);
}

static int64_t last_call_at_ns(const struct block *b)
{
    return b->is_forward ? b->to_at_ns : b->from_at_ns;
}

/* Of two ways that are as good, the one that accuses whoever was called last. */
bool proof_crossed(struct zones *z, const struct block *a, const struct block *b)
{
    bool a_is_first = a->root == 0 || last_call_at_ns(a) >= last_call_at_ns(b);
    struct crossing x = {.z = z, .best_cost = UINT32_MAX};
    struct members first, other;
    if (!find_members(z, a_is_first ? a : b, &first) ||
        !find_members(z, a_is_first ? b : a, &other))
        return false;
    if (!first.from_start)
        consider(&x,
                 (uint32_t[]){first.first[1], other.last[1], other.first[1], first.last[1]});
    consider_role(&x, &first, &other);
    if (!first.from_start)
        consider_role(&x, &other, &first);
    assert(x.best_cost < UINT32_MAX);
    return tell_crossed(z, x.best);
}
