/* multi-register: many registers; one operation reads and writes several at once. Its
 * list holds three words for each part: OP_READ or OP_WRITE, the register's key, the
 * value. Parts happen one after the other, so a read sees the writes before it in the
 * same list. `initial` is what every register holds at the start.
 *
 * State: that initial value, then a (key, value) pair of each register that differs
 * from it, by key. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "checker/model.h"
#include "checker/states.h"

/* Where the pair of `key` is, or would be. */
static uint32_t place_of(const struct model_state *s, int64_t key)
{
    uint32_t low = 0, high = s->count / 2;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (s->words[1 + 2 * middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return 1 + 2 * low;
}

static bool holds(const struct model_state *s, uint32_t place, int64_t key)
{
    return place < s->count && s->words[place] == key;
}

static int64_t value_of(const struct model_state *s, int64_t key)
{
    uint32_t place = place_of(s, key);
    return holds(s, place, key) ? s->words[place + 1] : s->words[0];
}

static void set_value(struct model_state *s, int64_t key, int64_t value)
{
    uint32_t place = place_of(s, key);
    int64_t *at = s->words + place;
    size_t behind = (s->count - place) * sizeof *at;
    if (holds(s, place, key)) {
        at[1] = value;
        if (value != s->words[0])
            return;
        memmove(at, at + 2, behind - 2 * sizeof *at);
        s->count -= 2;
    } else if (value != s->words[0]) {
        memmove(at + 2, at, behind);
        at[0] = key;
        at[1] = value;
        s->count += 2;
    }
}

static bool step(const struct model_state *now, const struct model_op *op, unsigned choice,
                 struct model_state *next)
{
    if (choice > 0 || op->kind != OP_TXN)
        return false;
    assert(op->list && op->list->count % OP_PART_WORDS == 0);
    states_copy(now, next);
    for (size_t i = 0; i < op->list->count; i += OP_PART_WORDS) {
        const int64_t *part = op->list->at + i;
        if (part[0] == OP_WRITE)
            set_value(next, part[1], part[2]);
        else if (op->answered && value_of(next, part[1]) != part[2])
            return false;
    }
    return true;
}

static bool only_looks(const struct model_op *op)
{
    for (size_t i = 0; i < op->list->count; i += OP_PART_WORDS)
        if (op->list->at[i] == OP_WRITE)
            return false;
    return true;
}

static int print(char *out, size_t size, const char *before, int64_t value)
{
    return value == OP_NIL ? snprintf(out, size, "%snothing", before)
                           : snprintf(out, size, "%s%lld", before, (long long)value);
}

static const char *describe(const struct model_state *state, char *out, size_t size)
{
    size_t used = 0;
    for (uint32_t i = 1; i < state->count && used < size; i += 2) {
        used += (size_t)print(out + used, size - used, i > 1 ? ", " : "", state->words[i]);
        if (used < size)
            used += (size_t)print(out + used, size - used, ": ", state->words[i + 1]);
    }
    if (used < size)
        print(out + used, size - used, used > 0 ? ", all else: " : "all: ", state->words[0]);
    return out;
}

const struct model_ops model_multi_register = {
    .about = {.name = "multi-register",
              .summary = "Many values: read and write several of them at once."},
    .kinds = 1 << OP_TXN,
    .takes_initial = true,
    .initial_min = INT64_MIN,
    .initial_max = INT64_MAX,
    .words_at_start = 1,
    .words_per_op = 1,
    .init = states_start_value,
    .step = step,
    .only_looks = only_looks,
    .describe = describe,
};
