#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"

enum {
    FIRST_BYTES = 1024,
    BLOCK_BYTES = 64 * 1024,
    PAGE_BYTES = 4096,
    LARGE_BYTES = 4 * 1024 * 1024
};

/* The newest block comes first; only it is filled further. */
struct arena_block {
    struct arena_block *next;
    size_t size, used; /* of `at` */
    max_align_t at[];
};

/* Large blocks are filled from end to end, and a kernel that is asked to gives them
 * in large pages: a third of the time goes into small ones. That it refuses changes
 * nothing. */
static void ask_for_large_pages(struct arena_block *block)
{
    uintptr_t from = ((uintptr_t)block + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    uintptr_t to = ((uintptr_t)block->at + block->size) / PAGE_BYTES * PAGE_BYTES;
    if (block->size >= LARGE_BYTES)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

/* Blocks grow with the arena: one that holds little should not cost much, as there may
 * be one for each of a hundred thousand keys. */
static size_t usual_size(const struct arena *a)
{
    if (a->used_bytes < FIRST_BYTES)
        return FIRST_BYTES;
    return a->used_bytes < BLOCK_BYTES ? a->used_bytes : BLOCK_BYTES;
}

static struct arena_block *add_block(struct arena *a, size_t at_least)
{
    size_t size = at_least > usual_size(a) ? at_least : usual_size(a);
    if (!memory_take(a->memory, sizeof(struct arena_block) + size))
        return NULL;
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block) {
        memory_give(a->memory, sizeof *block + size);
        return NULL;
    }
    block->size = size;
    ask_for_large_pages(block);
    block->next = a->blocks;
    a->blocks = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    const size_t align = _Alignof(max_align_t);
    size_t padded = size == 0 ? align : (size + align - 1) / align * align;
    if (a->limit_bytes != 0 &&
        (a->used_bytes > a->limit_bytes || padded > a->limit_bytes - a->used_bytes))
        return NULL;

    struct arena_block *block = a->blocks;
    if (!block || block->size - block->used < padded)
        block = add_block(a, padded);
    if (!block)
        return NULL;
    void *at = (char *)block->at + block->used;
    block->used += padded;
    a->used_bytes += padded;
    return at;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return arena_alloc(a, bytes);
}

char *arena_copy_text(struct arena *a, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_alloc(a, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

char *arena_format(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int length = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (length < 0)
        return NULL;

    size_t size = (size_t)length + 1;
    char *text = arena_alloc(a, size);
    if (!text)
        return NULL;
    va_start(ap, fmt);
    vsnprintf(text, size, fmt, ap);
    va_end(ap);
    return text;
}

void arena_done(struct arena *a)
{
    for (struct arena_block *next, *block = a->blocks; block; block = next) {
        next = block->next;
        memory_give(a->memory, sizeof *block + block->size);
        free(block);
    }
    *a = (struct arena){.limit_bytes = a->limit_bytes, .memory = a->memory};
}
