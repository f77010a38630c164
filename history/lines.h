/* A file, line by line, as it streams in; nobody holds more of it than one line and
 * one block. */
#ifndef HISTORY_LINES_H
#define HISTORY_LINES_H

#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/memory.h"

enum { LINES_BYTES_MAX = 16 << 20 }; /* of one line; longer ones are refused */

/* Where bytes come from, if not from a file that is there as a whole. */
struct line_source {
    /* Wait for bytes: how many came; 0 at the end, -1 with errno on an error. */
    long (*read)(void *user, void *to, size_t size);
    void *user;
    const bool *is_cut; /* asked at the end: is a line without its end not there yet? */
};

struct lines {
    FILE *in; /* NULL: */
    struct line_source source;
    struct memory *memory; /* who counts the buffer, set behind lines_init; NULL: nobody */
    uint64_t number;       /* of the line at hand, from 1 */
    uint8_t *buffer;       /* its own from here on */
    size_t capacity, start, end;
    bool at_end;
};

/* `in` is borrowed. */
void lines_init(struct lines *l, FILE *in);
void lines_init_from(struct lines *l, struct line_source source);
void lines_done(struct lines *l);

/* The next line without its end ("\n" or "\r\n"), valid until the next call; false at
 * the end of the file, or on an error, which is in `code` then: LINES_BYTES_MAX passed,
 * no memory, cannot be read. `code` must be ERR_OK before. Its sentence has no place. */
bool lines_next(struct lines *l, struct bytes *line, enum err_code *code, struct err *err);

/* The first bytes of the file, before any line was taken: at most `most`. Of a source,
 * no more than it takes to have a line that is not blank. */
struct bytes lines_head(struct lines *l, size_t most);

#endif
