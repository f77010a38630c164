/* EDN, the notation of Clojure's data, one form at a time as lines stream in.
 *
 * Comments, commas and discarded forms are white space; a tag is dropped and what it
 * tags is kept. Knows nothing of histories. */
#ifndef HISTORY_EDN_H
#define HISTORY_EDN_H

#include "history/lines.h"

enum edn_type {
    EDN_NIL,
    EDN_INTEGER,
    EDN_TEXT,    /* "in quotes" */
    EDN_KEYWORD, /* with its colon */
    EDN_SYMBOL,  /* also true, 1.5, \c, 12345678901234567890: as written */
    EDN_LIST,
    EDN_VECTOR,
    EDN_SET,
    EDN_MAP, /* keys and values in turn */
};

/* A form. Those in a collection follow one another by `next`. */
struct edn {
    enum edn_type type;
    uint32_t first, next; /* items of the reader; 0: none */
    uint32_t count;       /* of the forms in it */
    int64_t integer;
    size_t text_at, text_size; /* in the reader's `texts` */
    uint64_t line;
    size_t column; /* from 1, in bytes */
};

struct edn_reader {
    struct lines *in; /* NULL: there is no line but the one at hand */
    struct bytes line;
    uint64_t number; /* of that line */
    size_t at;       /* the next byte of it */
    bool at_end;
    uint8_t closer; /* of what edn_enter entered; 0: nothing */
    uint64_t entered_line;
    unsigned depth;
    struct edn *items; /* of the form at hand, from 1 */
    size_t count, capacity;
    struct buffer texts;
};

/* `in` is borrowed. `memory` counts what the form at hand takes; NULL: nobody. */
void edn_init(struct edn_reader *r, struct lines *in, struct memory *memory);

/* A single line, which `column` (from 0) bytes of line `number` stand before. May be
 * used again and again. */
void edn_init_line(struct edn_reader *r, struct bytes text, uint64_t number, size_t column);
void edn_done(struct edn_reader *r);

/* Step into the list or vector that comes next, if one does: its forms are then read
 * one by one. For the start of a file. */
enum err_code edn_enter(struct edn_reader *r, struct err *err) MUST_CHECK;

/* Read the next form into `items`; it is edn_root. `found` is false at the end of the
 * file, or of what was entered. Errors begin with line and column. Forgets the form
 * before. */
enum err_code edn_next(struct edn_reader *r, bool *found, struct err *err) MUST_CHECK;

/* The same of all forms that are left, which become the items of one list. */
enum err_code edn_rest(struct edn_reader *r, struct err *err) MUST_CHECK;

const struct edn *edn_root(const struct edn_reader *r);

/* NULL when there is none. */
const struct edn *edn_first(const struct edn_reader *r, const struct edn *form);
const struct edn *edn_after(const struct edn_reader *r, const struct edn *form);

/* The content of a text; of other atoms how they are written. Valid until the next
 * form is read or printed. */
struct bytes edn_text(const struct edn_reader *r, const struct edn *form);
bool edn_is(const struct edn_reader *r, const struct edn *form, const char *text);

/* The form in one way of writing it: what is written differently but for white space
 * differs. False without memory. */
bool edn_print(struct edn_reader *r, const struct edn *form, struct buffer *out) MUST_CHECK;

/* A refusal of `form`: the sentence, after its place. */
enum err_code edn_refuse(const struct edn *form, struct err *err, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Could a file that begins so be EDN made of maps? */
bool edn_recognises(struct bytes head);

#endif
