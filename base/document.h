/* YAML and JSON text read into jansson values, with a line for every value.
 *
 * Every scalar of a YAML document arrives as a string: the parameter it is for
 * decides its type. A document that starts with `{` is JSON and keeps its types;
 * document_text gives the text of a scalar of either. The root is a mapping.
 * Refused with one sentence: duplicate keys, a second or empty document, keys
 * without values, non-scalar keys, aliases, anchors, merge keys, tags, NUL, depth
 * over 64, more than 4 MiB. */
#ifndef BASE_DOCUMENT_H
#define BASE_DOCUMENT_H

#include <jansson.h>

#include "base/bytes.h"
#include "base/err.h"

struct document;

/* Read a file. Errors are prefixed by `path` and, where one is known, the line:
 * "x.yaml:12: ...". */
enum err_code document_load(const char *path, struct document **out,
                            struct err *err) MUST_CHECK;

/* The same for text in memory; `name` stands for the path in errors. */
enum err_code document_parse(const char *name, struct bytes text, struct document **out,
                             struct err *err) MUST_CHECK;

/* Belongs to the document. */
json_t *document_root(const struct document *d);
const char *document_name(const struct document *d);

/* The line a value starts on; 0 when it came from document_set, or is one of JSON's
 * true, false and null, which jansson shares. */
unsigned document_line(const struct document *d, const json_t *value);

/* The text of a scalar as it was written: of a string its characters, of a number
 * its digits, else "true", "false" or "null". NULL for a mapping or a list. Belongs
 * to the document. */
const char *document_text(const struct document *d, const json_t *value);

/* Put `text` at a dotted path ("system.bugs", "workloads[0].rate"), making missing
 * mappings on the way; lists are not extended. The value is parsed as YAML; nothing
 * at all is the empty text. Nothing is changed on failure. Values replaced here stay
 * valid as long as the document. */
enum err_code document_set(struct document *d, const char *path, const char *text,
                           struct err *err) MUST_CHECK;

/* Record "NAME:LINE: PATH: ..." (or "--set PATH: ..." for what document_set put
 * there) about one value and return ERR_INVALID. */
enum err_code document_refuse(const struct document *d, const json_t *value, const char *path,
                              struct err *err, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* The same for an error already recorded about `value`, the member of the mapping at
 * `path` whose name begins the message (param_parse): "delay: '200' has no unit"
 * becomes "x.yaml:24: faults[1].latency.delay: '200' has no unit". Keeps the code. */
enum err_code document_blame(const struct document *d, const json_t *value, const char *path,
                             struct err *err);

void document_free(struct document *d);

#endif
