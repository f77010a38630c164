#include "checker/witness.h"

#include <assert.h>
#include <stdlib.h>

#include "checker/sorting.h"

void witness_add(struct witness *w, uint32_t row)
{
    if (row == UINT32_MAX || w->count == WITNESS_MAX)
        return;
    for (size_t i = 0; i < w->count; i++)
        if (w->rows[i] == row)
            return;
    w->rows[w->count++] = row;
}

enum err_code witness_give(struct witness *w, const struct columns *columns,
                           struct arena *arena, struct verdict *out, struct err *err)
{
    assert(w->count > 0);
    int64_t *ids = arena_array(arena, w->count, sizeof *ids);
    if (!ids)
        return err_set(err, ERR_NOMEM, "witness: out of memory");
    qsort(w->rows, w->count, sizeof w->rows[0], sorting_by_index);
    for (size_t i = 0; i < w->count; i++)
        ids[i] = columns->id[w->rows[i]];
    out->witness = ids;
    out->witness_count = w->count;
    return ERR_OK;
}
