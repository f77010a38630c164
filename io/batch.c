#include "io/batch.h"

#include <assert.h>

#include "io/frame.h"

bool batch_append(struct batch *b, struct bytes record, uint64_t count)
{
    assert(count > b->count);
    if (!frame_append(&b->frames, record))
        return false;
    b->count = count;
    return true;
}

bool batch_replace(struct batch *b, struct bytes records, uint64_t count)
{
    assert(count > b->count);
    struct buffer frames = {0};
    if (!buffer_append(&frames, records))
        return false;
    buffer_done(&b->frames);
    *b = (struct batch){.frames = frames, .replaces = true, .count = count};
    return true;
}

void batch_move(struct batch *next, struct batch *waiting)
{
    assert(next->count == 0 && waiting->count > 0);
    struct batch empty = *next;
    *next = *waiting;
    *waiting = empty;
}

void batch_clear(struct batch *b)
{
    b->frames.size = 0;
    b->replaces = false;
    b->count = 0;
}

void batch_done(struct batch *b)
{
    buffer_done(&b->frames);
    *b = (struct batch){0};
}
