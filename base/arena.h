/* Memory that dies in one call: whole-life data of one run or one check. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct arena_block;
struct memory;

/* All zero is an empty arena without a limit. */
struct arena {
    struct arena_block *blocks;
    size_t used_bytes;     /* handed out so far */
    size_t limit_bytes;    /* 0: none; past it every request fails */
    struct memory *memory; /* who counts its blocks; NULL: nobody */
};

/* `size` zeroed bytes, aligned for anything; NULL without memory or past the limit. */
void *arena_alloc(struct arena *a, size_t size) MUST_CHECK;

/* `count` zeroed items of `size`; NULL also when the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size) MUST_CHECK;

char *arena_copy_text(struct arena *a, const char *text) MUST_CHECK;
char *arena_format(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

/* Release everything; the arena is empty again and keeps its limits. */
void arena_done(struct arena *a);

#endif
