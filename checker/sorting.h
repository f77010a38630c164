/* Orders for qsort that several places need. */
#ifndef CHECKER_SORTING_H
#define CHECKER_SORTING_H

/* Of struct timed_op, or of structs that begin with one: by call, then by row. */
int sorting_by_call(const void *a, const void *b);

/* Of int64_t, and of uint32_t: ascending. */
int sorting_by_number(const void *a, const void *b);
int sorting_by_index(const void *a, const void *b);

#endif
