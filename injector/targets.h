/* How faults say whom they hit, the same words for all of them: link faults by
 * `isolate`, `from` and `to`, or `between` and `and`; node faults by `node`. */
#ifndef INJECTOR_TARGETS_H
#define INJECTOR_TARGETS_H

#include "injector/fault.h"

/* Exactly one of: isolate; from with to; between with and. The others are NULL. */
struct link_targets {
    const char *isolate;       /* everything between these and all others */
    const char *from, *to;     /* one way */
    const char *between, *and; /* both ways */
};

/* Rows for the params of a fault whose config has a struct link_targets `where`. */
#define LINK_TARGET_PARAMS(owner)                                                              \
    {.name = "isolate",                                                                        \
     .type = PARAM_TARGET,                                                                     \
     .offset = offsetof(owner, where.isolate),                                                 \
     .draw_max = 1,                                                                            \
     .help = "Both ways between these and everybody else."},                                   \
        {.name = "from",                                                                       \
         .type = PARAM_TARGET,                                                                 \
         .offset = offsetof(owner, where.from),                                                \
         .draw_max = 2,                                                                        \
         .help = "One way, from these; needs `to`."},                                          \
        {.name = "to",                                                                         \
         .type = PARAM_TARGET,                                                                 \
         .offset = offsetof(owner, where.to),                                                  \
         .draw_max = 2,                                                                        \
         .help = "One way, to these; needs `from`."},                                          \
        {.name = "between",                                                                    \
         .type = PARAM_TARGET,                                                                 \
         .offset = offsetof(owner, where.between),                                             \
         .draw_max = 3,                                                                        \
         .help = "Both ways between these and those of `and`."},                               \
    {                                                                                          \
        .name = "and", .type = PARAM_TARGET, .offset = offsetof(owner, where.and),             \
        .draw_max = 3, .help = "Both ways between these and those of `between`."               \
    }

/* Are they said in one of the three ways? */
enum err_code link_targets_check(const struct link_targets *t, struct err *err);

/* The directed links meant. A set without a link is an error, never "all". */
enum err_code link_targets_find(const struct link_targets *t,
                                const struct fault_targets *targets, struct link_set *out,
                                struct err *err);

/* The nodes meant by `text`; clients cannot be meant here. */
enum err_code node_target_find(const char *text, const struct fault_targets *targets,
                               uint32_t *out, struct err *err);

#endif
