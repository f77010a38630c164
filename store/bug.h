/* Bugs that can be switched on, so that checks can prove themselves. The table is
 * store/bugs.def; each bites in one place. */
#ifndef STORE_BUG_H
#define STORE_BUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum store_bug {
#define BUG(name, text, where, anomaly) BUG_##name,
#include "store/bugs.def"
#undef BUG
    BUG_COUNT
};

/* Read "a,b" into a bit set; empty is none. An unknown name is refused with those
 * that are known. `bits` is untouched on failure. */
enum err_code store_bugs_parse(const char *text, uint32_t *bits, struct err *err) MUST_CHECK;

/* "ack-before-quorum", where it bites, and what must be found; NULL past the last. */
const char *store_bug_name(unsigned bug);
const char *store_bug_summary(unsigned bug);

static inline bool store_has_bug(uint32_t bits, enum store_bug bug)
{
    return bits >> bug & 1;
}

#endif
