/* Reading mappings by their tables, and refusing with a sentence that says where.
 * Knows nothing of what a scenario means. */
#ifndef SCENARIOS_READER_H
#define SCENARIOS_READER_H

#include "scenarios/grammar.h"

struct reading {
    const struct document *document;
    const struct vocabulary *vocabulary;
    struct arena *arena;
    struct scenario *scenario; /* what has been read so far */
    struct err *err;
};

/* A value and how it was reached. Lives on the stack of whoever reads below it. */
struct spot {
    const struct spot *up; /* NULL: the root */
    const char *key;       /* NULL: an item of a list */
    size_t index;
    json_t *value; /* NULL: not said */
};

enum { PATH_BYTES = 256 };

/* "faults[1].latency.delay". Returns `out`. */
const char *spot_path(const struct spot *s, char *out, size_t size);

/* The member `key` or item `index` of `up`; its value may be NULL. */
struct spot spot_member(const struct spot *up, const char *key);
struct spot spot_item(const struct spot *up, size_t index);

/* ERR_INVALID with "FILE:LINE: PATH: " before the sentence. */
enum err_code refuse(struct reading *r, const struct spot *s, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* The same for an error already recorded. Its sentence begins with `key`, a member of
 * `s` (as param_parse's do); or, for the second, with any member of `s` or with none. */
enum err_code blame_member(struct reading *r, const struct spot *s, const char *key);
enum err_code blame(struct reading *r, const struct spot *s);

enum err_code no_memory(struct reading *r);

/* A mapping or a list that is not empty and has at most `max` entries. */
enum err_code expect_mapping(struct reading *r, const struct spot *s, size_t max);
enum err_code expect_list(struct reading *r, const struct spot *s, size_t max);

/* The text of a scalar; NULL, and refused, when it is none. */
const char *scalar_text(struct reading *r, const struct spot *s);

/* Where the scalars of a section go: its own params, and a plug-in's. */
struct fill {
    const struct param *params;
    void *target;
};

/* Read the mapping at `s`: defaults, then what it says into `own` (the params of
 * `section`) and, when not NULL, `more`. Keys of `section->parts` and those in `also`
 * (ends with NULL; NULL: none) are left to the caller. Unknown keys, repeated
 * meanings and missing keys are refused. Targets are checked when the topology and the tables
 * are known. */
enum err_code read_section(struct reading *r, const struct spot *s,
                           const struct section *section, void *own, const struct fill *more,
                           const char *const *also);

/* The plug-in that `s` names, from `catalogue`; NULL, and refused, when there is none. */
const struct plugin *read_plugin(struct reading *r, const struct spot *s,
                                 const struct catalogue *catalogue);

/* A zeroed config of the plug-in's size; NULL, and recorded, without memory. */
void *new_config(struct reading *r, const struct plugin *plugin);

/* The name of a thing: a key of `s->up`, refused when it breaks the rules. */
enum err_code check_name(struct reading *r, const struct spot *s, const char *name);

int find_region_named(const struct topology *t, const char *name);
int find_table_named(const struct system_spec *system, const char *name);

/* The parts of a scenario, in the order they must be read. */
enum err_code read_topology(struct reading *r, const struct spot *s);
enum err_code read_system(struct reading *r, const struct spot *s);
enum err_code read_workloads(struct reading *r, const struct spot *s);
enum err_code read_faults(struct reading *r, const struct spot *s);
enum err_code read_objectives(struct reading *r, const struct spot *s);

#endif
