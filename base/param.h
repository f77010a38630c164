/* Declared parameters: one table per plug-in gives parsing, range checks, units,
 * help text, the schema for editors and the report's "what was run" section. */
#ifndef BASE_PARAM_H
#define BASE_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;

enum param_type {
    PARAM_DURATION,         /* "80ms" -> nanoseconds; ns, us, ms, s, m, h */
    PARAM_PERCENT,          /* "0.5%" -> parts per million */
    PARAM_SIZE,             /* "64M" -> bytes; B, K, M, G, T, each 1,024 of the one before */
    PARAM_COUNT,            /* "12" */
    PARAM_COUNT_PER_REGION, /* "4 per region" -> 4 */
    PARAM_RATE_PER_REGION,  /* "100/s per region" -> operations per 1,000 seconds; also /min */
    PARAM_FLAG,             /* "true" or "false" -> 1 or 0 */
    PARAM_CHOICE,           /* one of `choices` -> its index */
    PARAM_TEXT,             /* any text; the field is a const char * */
    PARAM_TARGET            /* names nodes, by name or role; a const char *, which the
                               loader checks against the topology */
};

struct param {
    const char *name; /* as written in a scenario, without the unit */
    enum param_type type;
    size_t offset;              /* of an int64_t (or const char *) in the plug-in's struct */
    int64_t min, max;           /* inclusive; ns, parts per million, bytes, or plain */
    int64_t otherwise;          /* value when the scenario does not say */
    const char *text_otherwise; /* the same for texts and targets; NULL for none */
    const char *const *choices; /* of PARAM_CHOICE; ends with NULL */
    bool required;              /* the scenario must say */
    int64_t draw_min, draw_max; /* what a random plan may draw; both 0: the default. Of
                                   a target: draw_max is the number of its group; one
                                   group of a plug-in is drawn, and all targets in it */
    const char *unit;           /* to suggest where none is written; NULL: the type's */
    const char *help;           /* one sentence */
};

/* Parse `text` ("80ms", "0.5%", "12") into the field `p` describes; texts are
 * copied into `arena`. On failure the target is untouched and `err` says in one
 * sentence, which begins with the parameter's name, what is allowed; document_blame
 * puts file, line and path before it. */
enum err_code param_parse(const struct param *p, const char *text, void *target,
                          struct arena *arena, struct err *err) MUST_CHECK;

/* Set every field in `params` (ends with a NULL name) to its default. */
void param_defaults(const struct param *params, void *target);

/* Write the field's value as a scenario would say it, for example "80ms". Returns
 * `out`, always terminated. */
const char *param_format(const struct param *p, const void *target, char *out, size_t size);

/* The field of a text or target as it is; NULL when it was not said. */
const char *param_text(const struct param *p, const void *target);

/* The row called `name`, or NULL. */
const struct param *param_find(const struct param *params, const char *name);

/* What is allowed, for people: "0s to 10s", "uniform or zipfian". Returns `out`. */
const char *param_allowed(const struct param *p, char *out, size_t size);

/* What a plug-in of any kind tells about itself: the first member of every
 * plug-in's table, so that loaders, the schema and `list` need not know its kind. */
struct plugin {
    const char *name;           /* as written in a scenario */
    const char *summary;        /* one sentence */
    size_t config_size;         /* bytes the params table fills in */
    const struct param *params; /* ends with a NULL name */
    unsigned flags;             /* of the kind's own; see its header */

    /* Do the parameters go together? NULL: always. The sentence names them. */
    enum err_code (*check)(const void *config, struct err *err);
};

/* Flags that mean the same in every kind: the tables a plug-in is for. None of
 * them: tables of any type. Kinds keep their own below these. */
enum plugin_flags { PLUGIN_REGISTER = 1 << 16, PLUGIN_OR_SET = 1 << 17 };

/* The plug-ins of one kind, handed down by harness/ to folders that may not see
 * them. `all` ends with NULL. */
struct catalogue {
    const char *kind; /* "fault", "workload", ... */
    const struct plugin *const *all;
};

/* The plug-in called `name`, or NULL. */
const struct plugin *catalogue_find(const struct catalogue *c, const char *name);

/* "a, b or c": the names, for an error. Returns `out`. */
const char *catalogue_names(const struct catalogue *c, char *out, size_t size);

#endif
