#include "io/schedule.h"

#include <assert.h>
#include <stdlib.h>

static bool earlier(const struct schedule_entry *a, const struct schedule_entry *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static bool make_room(struct schedule *s, size_t extra)
{
    if (s->count + extra < s->capacity)
        return true;
    size_t capacity = 2 * s->capacity + extra + 64;
    struct schedule_entry *heap = realloc(s->heap, capacity * sizeof *heap);
    if (!heap)
        return false;
    s->heap = heap;
    s->capacity = capacity;
    return true;
}

static void put(struct schedule *s, size_t slot, struct schedule_entry entry)
{
    s->heap[slot] = entry;
    entry.timer->slot = slot;
}

/* Let `entry` rise from the hole at `slot` to its place. */
static void rise(struct schedule *s, size_t slot, struct schedule_entry entry)
{
    while (slot > 1 && earlier(&entry, &s->heap[slot / 2])) {
        put(s, slot, s->heap[slot / 2]);
        slot /= 2;
    }
    put(s, slot, entry);
}

/* The earlier child of `slot`, or 0 when it has none. */
static size_t earlier_child(const struct schedule *s, size_t slot)
{
    size_t left = 2 * slot, right = left + 1;
    if (left > s->count)
        return 0;
    return right <= s->count && earlier(&s->heap[right], &s->heap[left]) ? right : left;
}

static void sink(struct schedule *s, size_t slot, struct schedule_entry entry)
{
    size_t child;
    while ((child = earlier_child(s, slot)) && earlier(&s->heap[child], &entry)) {
        put(s, slot, s->heap[child]);
        slot = child;
    }
    put(s, slot, entry);
}

bool schedule_add(struct schedule *s, struct io_timer *timer)
{
    assert(timer->slot == 0);
    if (!make_room(s, 1))
        return false;
    s->count++;
    rise(s, s->count, (struct schedule_entry){timer->at_ns, timer->order, timer});
    return true;
}

bool schedule_holds(const struct schedule *s, const struct io_timer *timer)
{
    return timer->slot > 0 && timer->slot <= s->count && s->heap[timer->slot].timer == timer;
}

void schedule_remove(struct schedule *s, struct io_timer *timer)
{
    assert(schedule_holds(s, timer));
    size_t hole = timer->slot;
    struct schedule_entry last = s->heap[s->count--];
    timer->slot = 0;
    if (last.timer == timer)
        return;
    if (hole > 1 && earlier(&last, &s->heap[hole / 2]))
        rise(s, hole, last);
    else
        sink(s, hole, last);
}

bool schedule_move(struct schedule *s, struct schedule *from)
{
    if (!make_room(s, from->count))
        return false;
    for (size_t slot = 1; slot <= from->count; slot++)
        rise(s, ++s->count, from->heap[slot]);
    from->count = 0;
    return true;
}

struct io_timer *schedule_first(const struct schedule *s)
{
    return s->count > 0 ? s->heap[1].timer : NULL;
}

void schedule_remove_owner(struct schedule *s, const struct io *owner)
{
    size_t kept = 0;
    for (size_t slot = 1; slot <= s->count; slot++) {
        struct schedule_entry entry = s->heap[slot];
        if (entry.timer->owner == owner)
            entry.timer->slot = 0;
        else
            put(s, ++kept, entry);
    }
    s->count = kept;
    for (size_t slot = kept / 2; slot > 0; slot--)
        sink(s, slot, s->heap[slot]);
}

void schedule_done(struct schedule *s)
{
    for (size_t slot = 1; slot <= s->count; slot++)
        s->heap[slot].timer->slot = 0;
    free(s->heap);
    *s = (struct schedule){0};
}
