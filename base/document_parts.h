/* What the parts of a document share: document.c (files, asking), document_yaml.c,
 * document_json.c and document_set.c. Nobody else includes this.
 *
 * Every value is held by the table of origins from its first moment, and containers
 * take references of their own. So no failure has anything to take apart: freeing
 * the table frees all. */
#ifndef BASE_DOCUMENT_PARTS_H
#define BASE_DOCUMENT_PARTS_H

#include <stdbool.h>

#include "base/document.h"
#include "base/origin.h"

enum { DOCUMENT_DEPTH_MAX = 64, DOCUMENT_BYTES_MAX = 4 * 1024 * 1024 };

struct document {
    char *name;
    json_t *root; /* held by `origins` */
    struct origins origins;
};

/* Parse `text`; `*out` is held by the origins of `d`. `name` is for errors; without
 * lines (document_set) every value is on line 0. */
enum err_code document_read_yaml(struct document *d, const char *name, bool has_lines,
                                 struct bytes text, json_t **out, struct err *err);
enum err_code document_read_json(struct document *d, struct bytes text, json_t **out,
                                 struct err *err);

/* Put "NAME:LINE: " before a message, or "NAME: " when the line is 0. */
enum err_code document_place(const char *name, unsigned line, struct err *err);

enum err_code document_no_memory(const char *name, struct err *err);

/* The line, from 1, of the byte at `offset`. */
unsigned document_line_of(struct bytes text, size_t offset);

#endif
