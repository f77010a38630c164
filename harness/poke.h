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

/* Do it, and write the answer as text ("41", "nil", "1 5 9") to `out`. ERR_TIMEOUT
 * when what became of it is unknown, ERR_IO when it did not happen. */
enum err_code poke_store(const struct poke *poke, struct buffer *out,
                         struct err *err) MUST_CHECK;

#endif
