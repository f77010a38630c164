/* One operation on a running store, from outside any run: for people who look. */
#ifndef HARNESS_POKE_H
#define HARNESS_POKE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "store/client.h"

struct poke {
    const char *config;               /* the file its nodes were started with */
    const char *table;                /* by name */
    struct store_operation operation; /* but for the table */
    int node;                         /* ask this one first; -1: any */
};

/* What is known of it when poke_store fails. */
enum poke_end {
    POKE_NOT_DONE, /* it did not happen and never will */
    POKE_MISMATCH, /* nor did this: a compare-and-set found another value */
    POKE_UNKNOWN   /* a change that may have happened, or may yet */
};

/* Do it, and write the answer as text ("41", "nil", "1 5 9"; "ok" of a change) to `out`. */
enum err_code poke_store(const struct poke *poke, struct buffer *out, enum poke_end *end,
                         struct err *err) MUST_CHECK;

#endif
