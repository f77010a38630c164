/* "Did you mean ...?": the allowed word closest to what was written. */
#ifndef SCENARIOS_NEAREST_H
#define SCENARIOS_NEAREST_H

#include <stddef.h>

/* All zero, but for `written`, before the first offer. */
struct nearest {
    const char *written;
    const char *best; /* NULL: nothing comes close */
    size_t distance;  /* of the best */
};

/* Consider one allowed word; the first of equals is kept. */
void nearest_offer(struct nearest *n, const char *word);

/* " (did you mean 'NAME'?)" or nothing. Returns `out`, always terminated. */
const char *nearest_hint(const struct nearest *n, char *out, size_t size);

#endif
