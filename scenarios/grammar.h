/* The keys each mapping of a scenario may have, as tables: the loader reads by them
 * and the schema for editors is made from them. Keys that plug-ins declare come from
 * their own params. */
#ifndef SCENARIOS_GRAMMAR_H
#define SCENARIOS_GRAMMAR_H

#include "scenarios/scenario.h"

enum { NAME_BYTES_MAX = 32, RANDOM_FAULTS_MAX = 16, CHECKS_MAX = 8 };

/* A key that holds a mapping or a list. */
struct part {
    const char *name; /* NULL ends a table */
    bool required;
};

/* One mapping: keys with a scalar, and keys with more below them. */
struct section {
    const char *noun; /* "a region" */
    const struct param *params;
    const struct part *parts;
};

/* What the scalars of a section are read into, where that is not the model itself. */
struct link_words {
    int64_t one_way_ns, rtt_ns; /* -1: not said */
    int64_t jitter_ns, loss_ppm;
};
struct table_words {
    int64_t type, mode, reads; /* reads -1: by mode */
};
struct kind_words { /* of a system or a workload */
    const char *kind, *table;
};
struct table_limits {
    int64_t rto_ns, rpo_ns; /* -1: not said */
};
struct latency_words {
    int64_t limit_ns; /* -1: not said */
    int64_t outside_faults;
};

extern const struct section scenario_section;      /* struct scenario */
extern const struct section topology_section;      /* nothing */
extern const struct section region_section;        /* struct scenario_count */
extern const struct section link_section;          /* struct link_words */
extern const struct section system_section;        /* struct kind_words */
extern const struct section table_section;         /* struct table_words */
extern const struct section workload_section;      /* struct kind_words */
extern const struct section fault_section;         /* struct fault_spec */
extern const struct section table_limits_section;  /* struct table_limits */
extern const struct section latency_section;       /* struct latency_words */
extern const struct section random_faults_section; /* struct random_faults */

struct scenario_count {
    int64_t count;
};

/* A latency limit, wherever one stands alone: `write_p99: 400ms`. */
extern const struct param latency_limit;

/* Levels that `reads` may ask for; ends with NULL. */
extern const char *const read_levels[];

/* Operations that may have a latency objective; ends with NULL. */
extern const char *const objective_ops[];

/* Lower-case letters, digits and dashes, from a letter to a letter or digit. */
bool is_name(const char *text);
#define NAME_PATTERN "^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"

/* A word that a target would take for a role. */
bool is_role_word(const char *text);

#endif
