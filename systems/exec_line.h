/* The lines that exec exchanges with a client program (docs/systems.md): operations
 * into JSON, answers out of it. Pure. What comes back is checked whole. */
#ifndef SYSTEMS_EXEC_LINE_H
#define SYSTEMS_EXEC_LINE_H

#include "base/arena.h"
#include "base/document.h"
#include "systems/system.h"

/* Owned by the caller; NULL without memory. The "id" is set by who sends it. */
json_t *exec_request(const struct operation *op, const char *table);
json_t *exec_final_request(const char *table, const char *node);

struct exec_answer {
    struct answer answer; /* without level and node */
    int64_t *members;     /* to be freed */
    const char *node;     /* name as answered, or NULL; the line's */
};

/* Check an answer to `op`. `out` is untouched on failure; the sentence names the field,
 * its value and what is allowed. Texts live as long as `line`. */
enum err_code exec_answer_parse(const json_t *line, const struct operation *op,
                                struct exec_answer *out, struct err *err) MUST_CHECK;

/* An answer that carries nothing but this. */
struct answer exec_answer_none(enum op_outcome outcome, const char *error);

/* Check an answer to a final request: by rising key, in `arena`. ERR_UNSUPPORTED when
 * the program says "fail". */
enum err_code exec_final_parse(const json_t *line, uint32_t table, enum table_type type,
                               struct arena *arena, struct final_value **values, size_t *count,
                               struct err *err) MUST_CHECK;

#endif
