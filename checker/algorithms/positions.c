#include "checker/algorithms/positions.h"

bool positions_init(struct positions *p, uint32_t count, struct arena *arena)
{
    p->levels = 0;
    do {
        count = count / 64 + 1;
        p->level[p->levels] = arena_array(arena, count, sizeof *p->level[0]);
        if (!p->level[p->levels++])
            return false;
    } while (count > 1);
    return true;
}

void positions_add(struct positions *p, uint32_t position)
{
    for (int i = 0; i < p->levels; i++, position /= 64)
        p->level[i][position / 64] |= UINT64_C(1) << position % 64;
}

static uint32_t highest(uint64_t bits)
{
    return 63 - (uint32_t)__builtin_clzll(bits);
}

static uint32_t lowest(uint64_t bits)
{
    return (uint32_t)__builtin_ctzll(bits);
}

uint32_t positions_last(const struct positions *p, uint32_t position)
{
    for (int i = 0; i < p->levels; i++) {
        uint64_t here = p->level[i][position / 64] & (UINT64_MAX >> (63 - position % 64));
        if (here) {
            position = position / 64 * 64 + highest(here);
            for (; i > 0; i--)
                position = position * 64 + highest(p->level[i - 1][position]);
            return position;
        }
        if (position / 64 == 0)
            return POSITIONS_NONE;
        position = position / 64 - 1; /* whole words before */
    }
    return POSITIONS_NONE;
}

uint32_t positions_first(const struct positions *p, uint32_t position)
{
    for (int i = 0; i < p->levels; i++) {
        uint64_t here = p->level[i][position / 64] & (UINT64_MAX << position % 64);
        if (here) {
            position = position / 64 * 64 + lowest(here);
            for (; i > 0; i--)
                position = position * 64 + lowest(p->level[i - 1][position]);
            return position;
        }
        position = position / 64 + 1; /* whole words after */
    }
    return POSITIONS_NONE;
}
