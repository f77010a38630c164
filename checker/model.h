/* What a single object is allowed to do, one operation at a time: the judge that the
 * algorithms ask about every step. A model knows nothing of time, processes or
 * histories; all its functions are pure.
 *
 * A state is a string of words, and equal states are equal strings: a model keeps
 * them canonical (a set sorted, a map without what is at its start), so that whoever
 * stores states can compare and hash them without asking. */
#ifndef CHECKER_MODEL_H
#define CHECKER_MODEL_H

#include "base/param.h"
#include "history/op.h"

/* An operation and what came back. OP_NIL as `result` is an answer, too: nothing was
 * there. Where an operation answers more than its model needs (an add that tells
 * whether the element was new), OP_NIL means that it was not told. */
struct model_op {
    enum op_kind kind;
    bool answered; /* false: unknown. It may happen or not, and its result says nothing */
    bool refused;  /* a CAS that certainly found another value */
    int64_t argument, expected, result;
    const struct int_list *list; /* operands that are no single word; the model says */
};

/* Was something told that was not OP_NIL? */
static inline bool model_op_told(const struct model_op *op)
{
    return op->answered && op->result != OP_NIL;
}

struct model_state {
    int64_t *words;
    uint32_t count;
};

/* What may be taken out of a history of it together, see checker/shrink.c. */
enum grouping {
    GROUPING_NONE,
    GROUPING_VALUE,  /* all that has to do with one value of a register */
    GROUPING_ELEMENT /* all that has to do with one element */
};

/* As which checker/collection.h can play it. */
enum collection_kind {
    COLLECTION_NONE,
    COLLECTION_QUEUE,
    COLLECTION_STACK,
    COLLECTION_PRIORITY_QUEUE, /* a heap */
    COLLECTION_SET,            /* of elements, or of ids that were given out */
    COLLECTION_IDS,
    COLLECTION_LOG
};

/* What of its operands a model computes with or orders: no text will do there, and a
 * large integer has to be itself (checker/operands.h). */
enum model_counts {
    COUNTS_NOTHING,
    COUNTS_OPERANDS, /* arguments and results */
    COUNTS_PLACES,   /* where an element of a log is */
    COUNTS_PERMITS   /* whether a permit was got */
};

struct model_ops {
    struct plugin about;
    uint64_t kinds; /* of operations that it knows: 1 << OP_READ | ... */
    bool by_key;    /* each key is an object of its own (locality) */

    bool is_register; /* one value: a read returns the latest write, whole */
    bool is_of_texts; /* its words are numbers that checker/kv_texts.h gives to texts */
    enum grouping grouping;
    enum collection_kind collection;

    /* What it may hold before all operations but OP_NIL, if that is for anybody to say. */
    bool takes_initial;
    int64_t initial_min, initial_max;

    /* How long a state may get: words_at_start + words_per_op * operations. An
     * operation with a list counts as many as the list is long, if that is more. */
    uint32_t words_at_start, words_per_op;

    /* The state before all operations. OP_NIL: the model's own; for what `initial`
     * means see docs/verdicts.md. `out` has room; its count is to be set. */
    void (*init)(int64_t initial, struct model_state *out);

    /* May `op` happen in `now` and answer what it did? If so, `next`, which has room
     * and is not `now`, is the state after it. A step that can end in several states
     * gives them for `choice` 0, 1, ... until it answers false. That is for models to
     * come: all that there are know 0 alone. */
    bool (*step)(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next);

    /* Does it leave every state as it was? Such an operation may be taken as soon as
     * it fits: nothing can be lost by it. */
    bool (*only_looks)(const struct model_op *op);

    /* "57", "[3 4]", "held": the state, for people. Returns `out`. */
    const char *(*describe)(const struct model_state *state, char *out, size_t size);

    enum model_counts counts;
};

struct catalogue model_catalogue(void);

/* The model called `name`, or NULL. */
const struct model_ops *model_find(const char *name);

/* Words that a state may need for `count` operations whose lists hold `listed`. */
size_t model_state_words(const struct model_ops *model, size_t count, size_t listed);

#endif
