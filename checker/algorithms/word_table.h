/* Word strings by number: equal strings have equal numbers, and a search keeps and
 * compares numbers alone. Numbers are given from 0; none goes away but by
 * word_table_compact, which gives new ones. */
#ifndef CHECKER_ALGORITHMS_WORD_TABLE_H
#define CHECKER_ALGORITHMS_WORD_TABLE_H

#include "base/memory.h"

#include <stdint.h>

#define NO_STRING UINT32_MAX

struct word_table {
    struct memory *memory; /* who counts it; NULL: nobody */
    size_t bytes_max;      /* it does not grow past this; 0: no limit */
    int64_t *words;
    size_t used, words_max;
    struct word_string {
        size_t at;
        uint32_t count, hash;
        uint32_t moved; /* its new number, while and after it is compacted */
    } * strings;
    uint32_t count, strings_max; /* a power of two */
    uint32_t *slots;             /* number plus one, 0: empty; twice strings_max of them */
};

/* All zero but `memory` and `bytes_max` is an empty table. */
void word_table_done(struct word_table *t);

/* Its number; NO_STRING without memory or past the limit, and nothing is changed. */
uint32_t word_table_add(struct word_table *t, const int64_t *words, uint32_t count) MUST_CHECK;

/* Its words; good until the next that is added. */
const int64_t *word_table_at(const struct word_table *t, uint32_t number, uint32_t *count);

/* Forget all strings. */
void word_table_clear(struct word_table *t);

/* Is a quarter of what it has taken left? */
bool word_table_is_roomy(const struct word_table *t);

/* Forget all strings but those kept since word_table_mark; each that is left is now
 * called word_table_moved(its old number), until one is added. */
void word_table_mark(struct word_table *t);
void word_table_keep(struct word_table *t, uint32_t number);
void word_table_compact(struct word_table *t);
uint32_t word_table_moved(const struct word_table *t, uint32_t old_number);

#endif
