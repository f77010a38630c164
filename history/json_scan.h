/* JSON read strictly, value by value, where it stands: nothing is built and, but for
 * texts with escapes, nothing is copied.
 *
 * What is taken is RFC 8259 in UTF-8, with limits: integers of 64 bits, reals that are
 * finite, no NUL in texts, no name twice in an object, SCAN_DEPTH_MAX values in each
 * other. Knows nothing of histories. */
#ifndef HISTORY_JSON_SCAN_H
#define HISTORY_JSON_SCAN_H

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

enum { SCAN_DEPTH_MAX = 2048 };

enum scan_type {
    SCAN_NULL,
    SCAN_FALSE,
    SCAN_TRUE,
    SCAN_INTEGER,
    SCAN_REAL,
    SCAN_TEXT,
    SCAN_ARRAY,
    SCAN_OBJECT
};

/* A value. What it points to is valid until the next scan_begin, and as long as the text
 * that is scanned. */
struct scan_value {
    enum scan_type type;
    int64_t integer;
    double real;         /* of an integer, too */
    struct bytes text;   /* without quotes and escapes */
    struct bytes source; /* as it is written; of arrays and objects: after scan_skip */
};

/* Names that are looked for, numbered from 0. Objects mostly have the same of them in the
 * same order, so that one comparison tells which it is. */
enum { SCAN_KNOWN_MAX = 64 };
struct scan_known {
    struct scan_name {
        struct bytes text;
        uint64_t first, last; /* two words tell apart all of one size up to 16 bytes */
    } names[SCAN_KNOWN_MAX];
    struct scan_likeness {
        uint64_t words[2], masks[2]; /* of the name in quotes and a colon; masks 0: longer */
        uint8_t size;
    } likeness[SCAN_KNOWN_MAX];
    int count;
    uint8_t slots[2 * SCAN_KNOWN_MAX];  /* number + 1, by hash; 0: free */
    uint8_t likely[SCAN_KNOWN_MAX + 1]; /* which came last behind each, or first */
};

/* A name in an object. */
struct scan_member {
    int known; /* its number, or -1 */
    struct bytes text;
    const uint8_t *at; /* where it is written */
};

#define SCAN_TWICE "a name given twice" /* what `why` says of one; `at` is that name */

struct scan {
    const uint8_t *start, *at, *end;
    const char *why; /* it is no JSON, and `at` is where; NULL: so far it is */
    bool no_memory;  /* that is why */

    /* The arrays and objects around `at`. */
    struct scan_level {
        uint64_t known, seen; /* bits of known names, and of hashes of others */
        size_t first_name;
        uint8_t before; /* the known name before, or SCAN_KNOWN_MAX */
        bool is_object, begun;
    } levels[SCAN_DEPTH_MAX];
    size_t level_count;
    struct scan_name *names; /* of objects that are open, but for known ones */
    size_t name_count, name_room;

    struct buffer plain;      /* texts without their escapes; who counts it, counts
                                 the names, too */
    struct scan_known *known; /* borrowed; NULL: none */
};

/* `known` was filled with scan_know and is used until the end; NULL for none. */
void scan_init(struct scan *s, struct scan_known *known);

/* From now on `memory` counts what it takes; right behind scan_init. */
void scan_count(struct scan *s, struct memory *memory);
void scan_done(struct scan *s);

/* Begin with another text. */
void scan_begin(struct scan *s, struct bytes text);

/* The next value; of an array or object only its beginning. False when there is none,
 * and `why` is set. */
bool scan_value(struct scan *s, struct scan_value *out);

/* In an array: is there another item, to be read with scan_value? At its end, and when
 * `why` is set, there is none. */
bool scan_item(struct scan *s);

/* The same in an object: the name before the next value. */
bool scan_member(struct scan *s, struct scan_member *out);

/* Pass what is left of `v`, which was read last; nothing when it is no array and no
 * object. */
bool scan_skip(struct scan *s, struct scan_value *v);

/* Is nothing left? Else `why` is set. */
bool scan_end(struct scan *s);

/* Another name to look for, of at most SCAN_KNOWN_MAX; `text` is kept as it is. Its
 * number, also when it is known already. All zero is none. */
int scan_know(struct scan_known *known, struct bytes text);

#endif
