#include "checker/sorting.h"

#include "checker/problem.h"

int sorting_by_call(const void *a, const void *b)
{
    const struct timed_op *x = a, *y = b;
    if (x->called_at_ns != y->called_at_ns)
        return x->called_at_ns < y->called_at_ns ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

int sorting_by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int sorting_by_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}
