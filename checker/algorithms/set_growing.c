/* Members of a set that only grows are a chain of lists, each within the next. So the
 * order is known but for few things: the elements of the first list are added, then those
 * who read it come, then what the second has more is added, and so on; each such step is
 * a block. Of several adds of one element the one called first makes it new; the others
 * may come at any time after it, and go where their calls put them. Within a block the
 * calls decide, for nothing else does. Such an order is one if nobody in it returned
 * before somebody in front of him was called; and if it is not one, none is, because
 * every other order has these two the same way round. */
#include "checker/algorithms/set_growing.h"

#include <stdlib.h>

#include "checker/algorithms/proof.h"
#include "checker/int_map.h"

static const char *const never_added =
    "{0.who} read the set by {0.returned} with an element that nobody had asked to add";
static const char *const apart = "{0.who} and {1.who} read the set, and each has an element "
                                 "that the other has not; but nothing was removed";
static const char *const went_back =
    "{0.who} read the set by {0.returned} with an element that is missing from what {1.who} "
    "read, who asked only at {1.called}";
static const char *const lost =
    "{0.who} had added {0.argument} by {0.returned}, but it is missing from what {1.who} read, "
    "who asked only at {1.called}";
static const char *const not_yet =
    "{0.who} read the set by {0.returned} with {1.argument}, but {1.who}, who added it, asked "
    "only at {1.called}";
static const char *const skipped =
    "{0.who} had added {0.argument} by {0.returned}, before {1.who} asked to add {1.argument}; "
    "but {2.who} read the set with the later one, and without the earlier";

#define NOBODY UINT32_MAX

struct growing {
    const struct problem *p;
    struct arena *keep;
    uint32_t *reads; /* by length of what they read, then by call */
    size_t read_count;
    struct int_map element; /* -> number from 0 */
    uint32_t *number;       /* by operation, of the element it adds */
    uint32_t *maker;        /* by element: the first who asked to add it */
    uint32_t *step;         /* by element: the list that first has it */
    uint32_t *first_read;   /* by list: one that read it */
    uint32_t step_count;
    int64_t *latest_ns; /* by block: call of any who must be in it or before */
    struct in_block {
        uint32_t op, block;
    } * placed;
    size_t placed_count;
};

/* Adds of list i are block 2i, its reads 2i + 1; what no list has comes last. */
static uint32_t block_count(const struct growing *g)
{
    return 2 * g->step_count + 1;
}

static const struct timed_op *timed(const struct growing *g, uint32_t op)
{
    return &g->p->ops[op];
}

static const struct int_list *list_of(const struct growing *g, uint32_t op)
{
    return g->p->ops[op].op.list;
}

static bool is_read(const struct growing *g, uint32_t op)
{
    return g->p->ops[op].op.kind == OP_MEMBERS;
}

static bool is_ascending(const struct int_list *list)
{
    for (size_t i = 1; i < list->count; i++)
        if (list->at[i - 1] >= list->at[i])
            return false;
    return true;
}

static int by_length(const void *a, const void *b, void *context)
{
    const struct growing *g = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    size_t more = list_of(g, x)->count, less = list_of(g, y)->count;
    return more != less ? (more < less ? -1 : 1) : x < y ? -1 : x > y;
}

static bool growing_init(struct growing *g, struct arena *work)
{
    size_t count = g->p->count;
    g->reads = arena_array(work, count + 1, sizeof *g->reads);
    g->number = arena_array(work, count + 1, sizeof *g->number);
    g->maker = arena_array(work, count + 1, sizeof *g->maker);
    g->step = arena_array(work, count + 1, sizeof *g->step);
    g->first_read = arena_array(work, count + 1, sizeof *g->first_read);
    g->latest_ns = arena_array(work, 2 * count + 3, sizeof *g->latest_ns);
    g->placed = arena_array(work, count + 1, sizeof *g->placed);
    return g->reads && g->number && g->maker && g->step && g->first_read && g->latest_ns &&
           g->placed && int_map_init(&g->element, work, count);
}

/* False where this is no set that only grows, or it tells more than this can judge. */
static bool collect(struct growing *g)
{
    bool told = false, again = false;
    for (uint32_t i = 0; i < g->p->count; i++) {
        const struct model_op *op = &timed(g, i)->op;
        if (op->kind == OP_MEMBERS && op->answered) {
            if (!op->list || !is_ascending(op->list))
                return false;
            g->reads[g->read_count++] = i;
        } else if (op->kind == OP_ADD) {
            uint32_t fresh = (uint32_t)g->element.count;
            g->number[i] = *int_map_put(&g->element, op->argument, fresh);
            again |= g->number[i] != fresh;
            told |= model_op_told(op);
            if (model_op_told(op) && op->result != 1)
                return false;
            if (g->number[i] == fresh) {
                g->maker[fresh] = i;
                g->step[fresh] = NOBODY;
            }
        } else
            return false;
    }
    qsort_r(g->reads, g->read_count, sizeof *g->reads, by_length, g);
    return !(told && again);
}

/* --- refusals: with all adds of what these read --- */

static void name_list(const struct growing *g, uint32_t read, bool *named)
{
    const struct int_list *list = list_of(g, read);
    for (size_t i = 0; i < list->count; i++) {
        const uint32_t *known = int_map_get(&g->element, list->at[i]);
        if (known)
            named[*known] = true;
    }
}

static enum err_code refuse(struct growing *g, const char *claim, const uint32_t roles[3],
                            struct arena *work, struct finding *out, struct err *err)
{
    struct proof proof;
    bool *named = arena_array(work, g->element.count + 1, sizeof *named);
    if (!named || !proof_init(&proof, work, g->p->count))
        return err_set(err, ERR_NOMEM, "set: out of memory");
    for (int i = 0; i < 3 && roles[i] != NOBODY; i++) {
        proof_cast(&proof, roles[i]);
        if (is_read(g, roles[i]))
            name_list(g, roles[i], named);
    }
    for (uint32_t i = 0; i < g->p->count; i++)
        if (!is_read(g, i) && named[g->number[i]])
            proof_add(&proof, i);
    return proof_give(&proof, claim, g->keep, out, err);
}

/* --- the chain of lists --- */

/* Give what `read` has more than the list before it its step. What does not fit, if
 * anything, is `claim`. */
static void take_list(struct growing *g, uint32_t read, const char **claim)
{
    static const struct int_list nothing = {0};
    const struct int_list *list = list_of(g, read);
    const struct int_list *last =
        g->step_count > 0 ? list_of(g, g->first_read[g->step_count - 1]) : &nothing;
    size_t at = 0;
    bool is_new = g->step_count == 0 || list->count > last->count;
    for (size_t i = 0; i < list->count; i++) {
        if (at < last->count && last->at[at] == list->at[i]) {
            at++;
            continue;
        }
        const uint32_t *known = int_map_get(&g->element, list->at[i]);
        if (!known)
            *claim = never_added;
        else if (g->step[*known] == NOBODY)
            g->step[*known] = g->step_count;
    }
    if (at < last->count)
        *claim = apart;
    else if (is_new)
        g->first_read[g->step_count++] = read;
}

static enum err_code take_lists(struct growing *g, struct budget *budget, struct arena *work,
                                struct finding *out, struct err *err)
{
    for (size_t i = 0; i < g->read_count; i++) {
        const char *claim = NULL;
        uint32_t read = g->reads[i];
        if (!budget_spend(budget, 1 + list_of(g, read)->count)) {
            *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
            return ERR_OK;
        }
        take_list(g, read, &claim);
        if (claim) {
            uint32_t other =
                g->step_count > 0 && claim == apart ? g->first_read[g->step_count - 1] : NOBODY;
            return refuse(g, claim, (uint32_t[]){read, other, NOBODY}, work, out, err);
        }
        g->placed[g->placed_count++] =
            (struct in_block){.op = read, .block = 2 * g->step_count - 1};
    }
    return ERR_OK;
}

/* --- the order --- */

static uint32_t block_of_element(const struct growing *g, uint32_t element)
{
    return g->step[element] == NOBODY ? 2 * g->step_count : 2 * g->step[element];
}

/* When everybody of the blocks up to each has been called. */
static void find_latest(struct growing *g)
{
    for (uint32_t i = 0; i < block_count(g); i++)
        g->latest_ns[i] = INT64_MIN;
    for (size_t i = 0; i < g->element.count; i++) {
        int64_t *latest_ns = &g->latest_ns[block_of_element(g, (uint32_t)i)];
        int64_t called_at_ns = timed(g, g->maker[i])->called_at_ns;
        if (called_at_ns > *latest_ns)
            *latest_ns = called_at_ns;
    }
    for (size_t i = 0; i < g->placed_count; i++) {
        int64_t *latest_ns = &g->latest_ns[g->placed[i].block];
        int64_t called_at_ns = timed(g, g->placed[i].op)->called_at_ns;
        if (called_at_ns > *latest_ns)
            *latest_ns = called_at_ns;
    }
    for (uint32_t i = 1; i < block_count(g); i++)
        if (g->latest_ns[i] < g->latest_ns[i - 1])
            g->latest_ns[i] = g->latest_ns[i - 1];
    g->latest_ns[2 * g->step_count] = INT64_MAX;
}

/* The first block from that of its element on, where it makes nobody wait: of the first
 * add of an element, just that. */
static uint32_t block_of_add(const struct growing *g, uint32_t op)
{
    uint32_t from = block_of_element(g, g->number[op]), to = 2 * g->step_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (g->latest_ns[middle] < timed(g, op)->called_at_ns)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void place_adds(struct growing *g)
{
    find_latest(g);
    for (uint32_t i = 0; i < g->p->count; i++) {
        if (is_read(g, i))
            continue;
        bool makes = g->maker[g->number[i]] == i && g->step[g->number[i]] != NOBODY;
        if (timed(g, i)->op.answered || makes)
            g->placed[g->placed_count++] =
                (struct in_block){.op = i, .block = block_of_add(g, i)};
    }
}

static int by_block(const void *a, const void *b)
{
    const struct in_block *x = a, *y = b;
    if (x->block != y->block)
        return x->block < y->block ? -1 : 1;
    return x->op < y->op ? -1 : x->op > y->op;
}

/* `op` returned before `before` was called, which must be in front of it. */
static enum err_code refuse_pair(struct growing *g, const struct in_block *op,
                                 const struct in_block *before, struct arena *work,
                                 struct finding *out, struct err *err)
{
    bool first_reads = is_read(g, op->op), second_reads = is_read(g, before->op);
    uint32_t roles[3] = {op->op, before->op, NOBODY};
    const char *claim =
        first_reads ? (second_reads ? went_back : not_yet) : (second_reads ? lost : skipped);
    if (claim == skipped)
        roles[2] = g->first_read[before->block / 2];
    return refuse(g, claim, roles, work, out, err);
}

/* Its block is certain; of an add of what was there already it is not. */
static bool is_firm(const struct growing *g, uint32_t op)
{
    return is_read(g, op) || g->maker[g->number[op]] == op;
}

/* Where an add that is not firm makes others wait, one that is does so as long. */
static bool is_called_later(const struct growing *g, uint32_t op, uint32_t other)
{
    int64_t a_ns = timed(g, op)->called_at_ns, b_ns = timed(g, other)->called_at_ns;
    return a_ns > b_ns || (a_ns == b_ns && is_firm(g, op));
}

static enum err_code give_order(struct growing *g, struct arena *work, struct finding *out,
                                struct err *err)
{
    const struct in_block *last = NULL; /* of those so far the one called last */
    qsort(g->placed, g->placed_count, sizeof *g->placed, by_block);
    out->order = arena_array(g->keep, g->placed_count + 1, sizeof *out->order);
    if (!out->order)
        return err_set(err, ERR_NOMEM, "set: out of memory");
    for (size_t i = 0; i < g->placed_count; i++) {
        const struct in_block *now = &g->placed[i];
        if (last && timed(g, now->op)->returned_at_ns < timed(g, last->op)->called_at_ns)
            return refuse_pair(g, now, last, work, out, err);
        out->order[out->order_count++] = now->op;
        if (!last || is_called_later(g, now->op, last->op))
            last = now;
    }
    out->value = FINDING_ORDER;
    return ERR_OK;
}

enum err_code set_growing_decide(const struct problem *p, struct budget *budget,
                                 struct arena *work, struct arena *keep, struct finding *out,
                                 struct err *err)
{
    struct growing g = {.p = p, .keep = keep};
    *out = (struct finding){.value = FINDING_NOT_MINE};
    if (!growing_init(&g, work))
        return err_set(err, ERR_NOMEM, "set: out of memory");
    if (!collect(&g))
        return ERR_OK;
    enum err_code code = take_lists(&g, budget, work, out, err);
    if (code || out->value != FINDING_NOT_MINE)
        return code;
    place_adds(&g);
    return give_order(&g, work, out, err);
}
