/* Sorts blocks that come in the order of their writers' calls, which is nearly the
 * order wanted: each is as far from its place as operations overlap. So a merge sort
 * that merges only where two runs overlap is done in little more than linear time. */
#include <string.h>

#include "checker/algorithms/zones_parts.h"

enum { RUN_LENGTH = 16 };

static bool is_before(const struct block *a, const struct block *b)
{
    if (a->from_at_ns != b->from_at_ns)
        return a->from_at_ns < b->from_at_ns;
    return a->is_forward < b->is_forward;
}

static void sort_run(struct block *run, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct block moved = run[i];
        uint32_t at = i;
        for (; at > 0 && is_before(&moved, &run[at - 1]); at--)
            run[at] = run[at - 1];
        run[at] = moved;
    }
}

/* How many of `run` are not after `b`. */
static uint32_t count_up_to(const struct block *run, uint32_t count, const struct block *b)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_before(b, &run[middle]))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Two runs, the second right behind the first. */
static void merge(struct block *run, uint32_t first, uint32_t second, struct block *spare)
{
    struct block *out = run + count_up_to(run, first, &run[first]);
    uint32_t left = (uint32_t)(run + first - out);
    const struct block *a = spare, *b = run + first, *b_end = b + second;
    memcpy(spare, out, left * sizeof *spare);
    for (const struct block *a_end = a + left; a < a_end;)
        *out++ = b < b_end && is_before(b, a) ? *b++ : *a++;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void blocks_sort(struct block *blocks, uint32_t count, struct block *spare)
{
    for (uint32_t at = 0; at < count; at += RUN_LENGTH)
        sort_run(blocks + at, least(RUN_LENGTH, count - at));
    for (uint32_t run = RUN_LENGTH; run < count; run *= 2)
        for (uint32_t at = 0; at + run < count; at += 2 * run)
            if (is_before(&blocks[at + run], &blocks[at + run - 1]))
                merge(blocks + at, run, least(run, count - at - run), spare);
}
