#include "scenarios/nearest.h"

#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 48 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's: how many letters must be put in, taken out or changed. */
static size_t edits_between(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1], b_length = strlen(b);
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t changed = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_length];
}

void nearest_offer(struct nearest *n, const char *word)
{
    size_t written = strlen(n->written), offered = strlen(word);
    if (written > WORD_MAX || offered > WORD_MAX)
        return;
    size_t distance = edits_between(n->written, word);
    /* Further than that is another word, not a slip of the pen. */
    if (distance > 1 + written / 3 || distance >= offered)
        return;
    if (n->best && distance >= n->distance)
        return;
    n->best = word;
    n->distance = distance;
}

const char *nearest_hint(const struct nearest *n, char *out, size_t size)
{
    if (n->best)
        snprintf(out, size, " (did you mean '%s'?)", n->best);
    else if (size > 0)
        out[0] = '\0';
    return out;
}
