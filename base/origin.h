/* Where the values of a document came from: a table from a value's address to its
 * line and text. It is only ever asked, never listed, so that no address decides an
 * order. Part of document.c; nobody else needs it. */
#ifndef BASE_ORIGIN_H
#define BASE_ORIGIN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/bytes.h"

struct origin {
    struct origin *next; /* in its bucket */
    json_t *value;       /* held, so that its address is not given to another */
    unsigned line;       /* 0: put there by document_set */
    char text[];         /* of a number, as written; else empty */
};

/* All zero is empty. */
struct origins {
    struct origin **buckets;
    size_t bucket_count, count; /* a power of two, or 0 */
};

/* Remember a value; the table takes over the reference, also on failure. False
 * without memory. */
bool origins_add(struct origins *o, json_t *value, unsigned line, struct bytes text);

/* NULL when the value is not known. */
const struct origin *origins_find(const struct origins *o, const json_t *value);

void origins_done(struct origins *o);

#endif
