/* Contents: texts · where puts and gets end · appends · one leaf · numbering
 *
 * All texts are sorted. Of those that some get saw, one that is a prefix of another is
 * a prefix of its neighbour; the others are the leaves of the trie of all prefixes.
 * The leaves are walked in order, each from where it leaves its predecessor, and
 * `node` tells which of its lengths have a number. From a number the appends that lead
 * on are the prefixes of the rest of the leaf: found by one binary search, then up a
 * chain of appends that are prefixes of each other. */
#include "checker/kv_texts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "checker/int_map.h"

#define NONE   UINT32_MAX
#define WANTED (UINT32_MAX - 1) /* a length that gets a number when the walk is there */

struct text {
    const char *at;
    size_t length;
    bool got, put, appended;
    int64_t node;          /* where it ends, as a state; KV_JUNK: no get has this prefix */
    struct int_list *list; /* appended: pairs (before, after) */
    uint32_t shorter;      /* appended: the longest other append that it begins with */
};

/* The append `text` leads from one state to another. */
struct passage {
    struct text *text;
    uint32_t before;
    uint32_t after; /* while its leaf is walked, a length */
};

struct numbering {
    struct arena *work, *keep;
    struct budget *budget;
    uint64_t unspent;
    struct kv_source source;
    struct int_map index; /* of a value, among all */
    struct text *all;
    struct text **of_value; /* the one of equal texts that counts, by that index */
    uint32_t value_count;
    struct text **sorted, **appends;
    uint32_t count, append_count;
    size_t longest_append;
    uint32_t *node; /* by length along the leaf: a number, NONE or WANTED */
    uint32_t node_count;
    struct passage *passages;
    size_t passage_count, passage_max;
};

enum { STEPS_PER_SPENDING = 1024, BYTES_PER_STEP = 64 };

static bool spend(struct numbering *n, uint64_t steps)
{
    n->unspent += steps;
    if (n->unspent < STEPS_PER_SPENDING)
        return true;
    steps = n->unspent;
    n->unspent = 0;
    return budget_spend(n->budget, steps);
}

/* --- texts --- */

static int compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t shared = a_length < b_length ? a_length : b_length;
    int order = shared > 0 ? memcmp(a, b, shared) : 0;
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

static bool begins_with(const char *text, size_t length, const struct text *prefix)
{
    return prefix->length <= length &&
           (prefix->length == 0 || memcmp(text, prefix->at, prefix->length) == 0);
}

static int by_content(const void *a, const void *b)
{
    const struct text *x = *(struct text *const *)a, *y = *(struct text *const *)b;
    int order = compare(x->at, x->length, y->at, y->length);
    return order ? order : (x > y) - (x < y); /* both in one array, in order of use */
}

static int64_t value_in(const struct model_op *op)
{
    return op->kind == OP_READ ? op->result : op->argument;
}

static bool is_ours(const struct model_op *op)
{
    return op->kind == OP_READ || op->kind == OP_WRITE || op->kind == OP_APPEND;
}

static const char *text_of(struct numbering *n, int64_t value)
{
    if (value == OP_NIL)
        return "";
    const char *text = n->source.text(n->source.user, value);
    return text ? text : arena_format(n->work, "%lld", (long long)value);
}

static bool note_value(struct numbering *n, const struct model_op *op)
{
    uint32_t *index = int_map_put(&n->index, value_in(op), n->value_count);
    struct text *t = &n->all[*index];
    if (*index == n->value_count) {
        t->at = text_of(n, value_in(op));
        if (!t->at)
            return false;
        t->length = strlen(t->at);
        assert(t->length < WANTED);
        n->value_count++;
        if (!spend(n, t->length / BYTES_PER_STEP))
            return false;
    }
    t->got |= op->kind == OP_READ;
    t->put |= op->kind == OP_WRITE;
    t->appended |= op->kind == OP_APPEND;
    return true;
}

/* Values of equal text become one. */
static bool sort_texts(struct numbering *n)
{
    n->sorted = arena_array(n->work, n->value_count, sizeof *n->sorted);
    n->of_value = arena_array(n->work, n->value_count, sizeof *n->of_value);
    if (!n->sorted || !n->of_value)
        return false;
    for (uint32_t i = 0; i < n->value_count; i++)
        n->sorted[i] = &n->all[i];
    if (n->value_count > 0)
        qsort(n->sorted, n->value_count, sizeof *n->sorted, by_content);
    for (uint32_t i = 0; i < n->value_count; i++) {
        struct text *t = n->sorted[i], *last = n->count > 0 ? n->sorted[n->count - 1] : NULL;
        if (last && compare(last->at, last->length, t->at, t->length) == 0) {
            last->got |= t->got;
            last->put |= t->put;
            last->appended |= t->appended;
        } else {
            n->sorted[n->count++] = last = t;
        }
        n->of_value[t - n->all] = last;
    }
    return true;
}

/* --- appends --- */

static bool list_appends(struct numbering *n)
{
    n->appends = arena_array(n->work, n->count, sizeof *n->appends);
    if (!n->appends)
        return false;
    for (uint32_t i = 0; i < n->count; i++) {
        struct text *t = n->sorted[i];
        if (!t->appended)
            continue;
        t->shorter = n->append_count > 0 ? n->append_count - 1 : NONE;
        while (t->shorter != NONE && !begins_with(t->at, t->length, n->appends[t->shorter])) {
            t->shorter = n->appends[t->shorter]->shorter;
            n->unspent++;
        }
        if (!spend(n, 1))
            return false;
        n->appends[n->append_count++] = t;
        if (t->length > n->longest_append)
            n->longest_append = t->length;
    }
    return true;
}

/* The longest append that `rest` begins with, or NONE. It is the last one not behind
 * `rest`, or that begins with it. */
static uint32_t append_at(struct numbering *n, const char *rest, size_t length)
{
    uint32_t low = 0, high = n->append_count;
    while (low < high) {
        n->unspent++;
        uint32_t middle = (low + high) / 2;
        const struct text *t = n->appends[middle];
        if (compare(t->at, t->length, rest, length) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t found = low > 0 ? low - 1 : NONE;
    while (found != NONE && !begins_with(rest, length, n->appends[found])) {
        found = n->appends[found]->shorter;
        n->unspent++;
    }
    return found;
}

static bool add_passage(struct numbering *n, struct passage p)
{
    if (n->passage_count == n->passage_max) {
        size_t max = n->passage_max ? 2 * n->passage_max : 256;
        struct passage *more = arena_array(n->work, max, sizeof *more);
        if (!more)
            return false;
        if (n->passage_count > 0)
            memcpy(more, n->passages, n->passage_count * sizeof *more);
        n->passages = more;
        n->passage_max = max;
    }
    n->passages[n->passage_count++] = p;
    return true;
}

/* --- one leaf --- */

struct leaf {
    const struct text *text;
    size_t fresh;             /* its shortest prefix that is no prefix of the leaf before */
    struct text **ends, **to; /* texts that may end along it, and on no leaf before */
};

static bool follow_appends(struct numbering *n, const struct leaf *leaf, size_t length)
{
    const struct text *text = leaf->text;
    uint32_t a = append_at(n, text->at + length, text->length - length);
    for (; a != NONE; a = n->appends[a]->shorter) {
        struct text *t = n->appends[a];
        size_t after = length + t->length;
        if (after < leaf->fresh) /* found along the leaf before; the shorter ones, too */
            break;
        if (!spend(n, 1) ||
            !add_passage(n, (struct passage){t, n->node[length], (uint32_t)after}))
            return false;
        if (n->node[after] == NONE)
            n->node[after] = WANTED;
    }
    return true;
}

/* Texts of which the leaf has no such prefix are passed over: they are JUNK. */
static void meet_end(struct numbering *n, struct leaf *leaf, size_t length)
{
    for (; leaf->ends < leaf->to; leaf->ends++) {
        struct text *t = *leaf->ends;
        bool along = begins_with(leaf->text->at, leaf->text->length, t);
        if (along && t->length > length)
            return;
        if (!along || !(t->got || t->put))
            continue;
        assert(t->length == length);
        if (n->node[length] >= WANTED)
            n->node[length] = n->node_count++;
        t->node = n->node[length];
    }
}

static bool walk_leaf(struct numbering *n, struct leaf *leaf)
{
    size_t length = leaf->fresh > n->longest_append ? leaf->fresh - n->longest_append : 0;
    size_t first = n->passage_count;
    for (; length <= leaf->text->length; length++) {
        if (!spend(n, 1))
            return false;
        if (length >= leaf->fresh)
            meet_end(n, leaf, length);
        if (n->node[length] == WANTED)
            n->node[length] = n->node_count++;
        if (n->node[length] != NONE && !follow_appends(n, leaf, length))
            return false;
    }
    for (size_t i = first; i < n->passage_count; i++)
        n->passages[i].after = n->node[n->passages[i].after];
    return true;
}

/* --- all leaves --- */

static size_t shared_length(const struct text *a, const struct text *b)
{
    size_t length = 0;
    while (length < a->length && length < b->length && a->at[length] == b->at[length])
        length++;
    return length;
}

/* The next text from `i` on that some get saw; `count`: none. */
static uint32_t next_got(const struct numbering *n, uint32_t i)
{
    while (i < n->count && !n->sorted[i]->got)
        i++;
    return i;
}

/* The first leaf from `i` on. */
static uint32_t next_leaf(const struct numbering *n, uint32_t i)
{
    i = next_got(n, i);
    for (uint32_t next; i < n->count; i = next) {
        next = next_got(n, i + 1);
        if (next == n->count ||
            !begins_with(n->sorted[next]->at, n->sorted[next]->length, n->sorted[i]))
            break;
    }
    return i;
}

static bool room_for_nodes(struct numbering *n)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < n->count; i++)
        if (n->sorted[i]->got && n->sorted[i]->length > longest)
            longest = n->sorted[i]->length;
    n->node = arena_array(n->work, longest + 1, sizeof *n->node);
    return n->node != NULL;
}

static bool walk_leaves(struct numbering *n)
{
    const struct text *before = NULL;
    if (!room_for_nodes(n))
        return false;
    for (uint32_t from = 0, at; (at = next_leaf(n, from)) < n->count; from = at + 1) {
        struct leaf leaf = {.text = n->sorted[at],
                            .fresh = before ? shared_length(before, n->sorted[at]) + 1 : 0,
                            .ends = n->sorted + from,
                            .to = n->sorted + at + 1};
        for (size_t i = leaf.fresh; i <= leaf.text->length; i++)
            n->node[i] = NONE;
        if (!before)
            n->node[0] = WANTED; /* where everything begins: number 0 */
        if (!walk_leaf(n, &leaf))
            return false;
        before = leaf.text;
    }
    return true;
}

/* --- numbering --- */

static int by_before(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool make_lists(struct numbering *n)
{
    struct int_list *lists = arena_array(n->keep, n->append_count, sizeof *lists);
    int64_t *words = arena_array(n->keep, 2 * n->passage_count, sizeof *words);
    if (!lists || !words)
        return false;
    for (uint32_t i = 0; i < n->append_count; i++)
        n->appends[i]->list = &lists[i];
    for (size_t i = 0; i < n->passage_count; i++)
        n->passages[i].text->list->count += 2;
    for (uint32_t i = 0; i < n->append_count; i++) {
        lists[i].at = words;
        words += lists[i].count;
        lists[i].count = 0;
    }
    for (size_t i = 0; i < n->passage_count; i++) {
        struct int_list *list = n->passages[i].text->list;
        int64_t *pair = (int64_t *)list->at + list->count;
        pair[0] = n->passages[i].before;
        pair[1] = n->passages[i].after;
        list->count += 2;
    }
    for (uint32_t i = 0; i < n->append_count; i++)
        if (lists[i].count > 2)
            qsort((void *)lists[i].at, lists[i].count / 2, 2 * sizeof(int64_t), by_before);
    return true;
}

static void put_numbers(const struct numbering *n, struct timed_op *ops, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct model_op *op = &ops[i].op;
        if (!is_ours(op))
            continue;
        const struct text *t = n->of_value[*int_map_get(&n->index, value_in(op))];
        if (op->kind == OP_READ)
            op->result = t->node;
        else if (op->kind == OP_WRITE)
            op->argument = t->node;
        else
            op->list = t->list;
    }
}

static bool number(struct numbering *n, struct timed_op *ops, size_t count)
{
    n->all = arena_array(n->work, count, sizeof *n->all);
    if (!n->all || !int_map_init(&n->index, n->work, count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (is_ours(&ops[i].op) && (!spend(n, 1) || !note_value(n, &ops[i].op)))
            return false;
    for (uint32_t i = 0; i < n->value_count; i++)
        n->all[i].node = n->all[i].length == 0 ? 0 : KV_JUNK;
    if (!sort_texts(n) || !list_appends(n) || !walk_leaves(n) || !make_lists(n))
        return false;
    put_numbers(n, ops, count);
    return budget_spend(n->budget, n->unspent);
}

enum err_code kv_texts_number(struct timed_op *ops, size_t count, struct kv_source source,
                              const struct kv_room *room, struct err *err)
{
    struct numbering n = {
        .work = room->work, .keep = room->keep, .budget = room->budget, .source = source};
    if (number(&n, ops, count))
        return ERR_OK;
    if (room->budget->why)
        return err_set(err, ERR_LIMIT, "%s", room->budget->why);
    return err_set(err, ERR_NOMEM, "texts: out of memory");
}
