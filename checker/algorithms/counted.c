#include "checker/algorithms/counted.h"

#include <assert.h>
#include <stdlib.h>

void *counted_resize(struct memory *m, void *old, size_t old_bytes, size_t new_bytes)
{
    assert(new_bytes > old_bytes);
    if (!memory_take(m, new_bytes - old_bytes))
        return NULL;
    void *at = realloc(old, new_bytes);
    if (!at)
        memory_give(m, new_bytes - old_bytes);
    return at;
}

void counted_free(struct memory *m, void *at, size_t bytes)
{
    if (!at)
        return;
    free(at);
    memory_give(m, bytes);
}
