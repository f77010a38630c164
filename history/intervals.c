/* Operations with both ends, sorted; see intervals.h. */
#include "history/intervals.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/counted.h"

/* What happens at one instant, in this order: a process may call the next operation
 * at the instant its last one returns. Whoever meets in an instant is concurrent all
 * the same; that is told by the times, not by the order of rows. */
enum phase { PHASE_RETURN, PHASE_BOTH, PHASE_CALL };

struct moment {
    int64_t at_ns;
    uint32_t phase;
    uint32_t item;
};

/* Processes for operations that name none. */
struct numbers {
    uint32_t *free_heap; /* the lowest first */
    uint32_t free_count;
    uint32_t used; /* numbers from here on were never given */
    uint32_t *of;  /* by operation */
};

bool intervals_add(struct intervals *all, const struct interval *i)
{
    assert(i->called_at_ns >= 0 && i->returned_at_ns >= i->called_at_ns);
    assert(i->returned_at_ns != INT64_MAX || i->outcome == OUTCOME_UNKNOWN);
    struct interval *room =
        counted_room(all->memory, all->items, all->count, &all->capacity, sizeof *room);
    if (!room || all->count == UINT32_MAX)
        return false;
    all->items = room;
    all->items[all->count++] = *i;
    return true;
}

void intervals_done(struct intervals *all)
{
    counted_free(all->memory, all->items, all->capacity * sizeof *all->items);
    *all = (struct intervals){.items = NULL};
}

static int by_time(const void *left, const void *right)
{
    const struct moment *a = left, *b = right;
    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    if (a->phase != b->phase)
        return a->phase < b->phase ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

static size_t list_moments(const struct intervals *all, struct moment *out)
{
    size_t count = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        const struct interval *item = &all->items[i];
        bool one = item->called_at_ns == item->returned_at_ns;
        out[count++] = (struct moment){item->called_at_ns, one ? PHASE_BOTH : PHASE_CALL, i};
        if (!one && item->returned_at_ns != INT64_MAX)
            out[count++] = (struct moment){item->returned_at_ns, PHASE_RETURN, i};
    }
    qsort(out, count, sizeof *out, by_time);
    return count;
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t held = *a;
    *a = *b;
    *b = held;
}

static void put_back(struct numbers *n, uint32_t number)
{
    uint32_t at = n->free_count++;
    n->free_heap[at] = number;
    for (; at > 0 && n->free_heap[at] < n->free_heap[(at - 1) / 2]; at = (at - 1) / 2)
        swap(&n->free_heap[at], &n->free_heap[(at - 1) / 2]);
}

static uint32_t take_lowest(struct numbers *n)
{
    if (n->free_count == 0)
        return n->used++;
    uint32_t lowest = n->free_heap[0], at = 0;
    n->free_heap[0] = n->free_heap[--n->free_count];
    for (;;) {
        uint32_t least = at, left = 2 * at + 1, right = left + 1;
        if (left < n->free_count && n->free_heap[left] < n->free_heap[least])
            least = left;
        if (right < n->free_count && n->free_heap[right] < n->free_heap[least])
            least = right;
        if (least == at)
            return lowest;
        swap(&n->free_heap[at], &n->free_heap[least]);
        at = least;
    }
}

/* The tag of a call tells whether it never returns. */
static enum err_code call(struct calls *calls, const struct interval *i, int64_t process,
                          struct err *err)
{
    enum err_code code = ERR_OK;
    const struct open_call *open = calls_open(calls, process);
    if (open && open->tag)
        code = calls_return(calls, process, i->called_at_ns, OUTCOME_UNKNOWN, OP_NIL, err);
    if (code == ERR_OK)
        code = calls_invoke(calls, process, i->called_at_ns, &i->operation,
                            i->returned_at_ns == INT64_MAX, err);
    return code;
}

static enum err_code give_return(struct calls *calls, const struct interval *i, int64_t process,
                                 struct err *err)
{
    struct answer answer = calls_outcome(i->outcome);
    if (i->outcome == OUTCOME_OK)
        answer.result = i->result;
    if (i->mismatch)
        answer.error = OP_MISMATCH;
    return calls_answer(calls, process, i->returned_at_ns, &answer, err);
}

static enum err_code feed(struct calls *calls, struct numbers *n, const struct interval *item,
                          const struct moment *m, struct err *err)
{
    enum err_code code = ERR_OK;
    bool any = item->process == INTERVAL_ANY_PROCESS;
    if (any && m->phase != PHASE_RETURN)
        n->of[m->item] = take_lowest(n);
    int64_t process = any ? n->of[m->item] : item->process;
    if (m->phase != PHASE_RETURN)
        code = call(calls, item, process, err);
    if (code == ERR_OK && m->phase != PHASE_CALL)
        code = give_return(calls, item, process, err);
    if (any && m->phase != PHASE_CALL)
        put_back(n, n->of[m->item]);
    return code == ERR_OK ? ERR_OK : err_wrap(err, "%" PRIu64, item->line);
}

static enum err_code feed_all(const struct intervals *all, struct moment *moments,
                              struct numbers *n, struct calls *calls, struct err *err)
{
    enum err_code code = ERR_OK;
    size_t count = list_moments(all, moments);
    for (size_t i = 0; i < count && code == ERR_OK; i++)
        code = feed(calls, n, &all->items[moments[i].item], &moments[i], err);
    return code;
}

enum err_code intervals_feed(const struct intervals *all, struct calls *calls, struct err *err)
{
    size_t room = all->count + 1, bytes = room * sizeof(uint32_t);
    struct memory *m = all->memory;
    struct moment *moments = counted_zeroed(m, room, 2 * sizeof *moments);
    struct numbers n = {.free_heap = counted_zeroed(m, room, sizeof *n.free_heap),
                        .of = counted_zeroed(m, room, sizeof *n.of)};
    enum err_code code = moments && n.free_heap && n.of
                             ? feed_all(all, moments, &n, calls, err)
                             : err_set(err, ERR_NOMEM, "out of memory");
    counted_free(m, moments, room * 2 * sizeof *moments);
    counted_free(m, n.free_heap, bytes);
    counted_free(m, n.of, bytes);
    return code;
}
