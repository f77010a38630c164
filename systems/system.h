/* The contract every system under test implements: how its nodes are started,
 * stopped and asked, and how clients speak to it. One conformance suite runs
 * against each (tests/support/conformance.c).
 *
 * Everything is asynchronous on the world's loop: a call that takes time answers by
 * a callback, once, within a bound of time, later or from inside the call. From inside
 * `answered` the client may be asked again or closed. */
#ifndef SYSTEMS_SYSTEM_H
#define SYSTEMS_SYSTEM_H

#include "base/param.h"
#include "history/op.h"
#include "io/world.h"
#include "scenarios/scenario.h"

struct system_setup {
    struct world *world;
    const struct topology *topology;
    const struct system_spec *spec;    /* its config is the plug-in's own */
    const struct place *const *places; /* nodes, then clients of each region */
    const char *folder;                /* the run's; node logs and data go below it */
    const char *program; /* path of the faultline binary, for nodes that are processes */
    uint64_t seed;
};

struct system; /* each plug-in's own begins with one */

/* One client: a single thread of control, in one region. */
struct client;

struct client_handler {
    void *user;
    /* Each try, as it ends; before `answered`. */
    void (*attempted)(void *user, const struct attempt *attempt);
    void (*answered)(void *user, const struct answer *answer);
};

struct final_value {
    uint32_t table;
    int64_t key;
    int64_t value;          /* a register's */
    const int64_t *members; /* a set's, ascending */
    size_t member_count;
    bool is_list;
};

struct role_told {
    bool leads; /* claims to */
    uint64_t term;
    uint64_t lost_count; /* acknowledged or not: changes it had and cut off, ever, as a
                            newer leader did not have them */
};

struct system_ops {
    struct plugin about; /* flags: enum system_flags */

    /* `setup` outlives the system. No node runs yet. */
    enum err_code (*create)(const struct system_setup *setup, struct system **out,
                            struct err *err);
    /* Stops what still runs. Not from inside the world's run: it may let time pass. */
    void (*destroy)(struct system *s);

    /* --- nodes --- */
    enum err_code (*start)(struct system *s, uint32_t node, struct err *err);
    enum err_code (*stop)(struct system *s, uint32_t node, struct err *err); /* in order */
    enum err_code (*kill)(struct system *s, uint32_t node, struct err *err); /* as by power */
    enum err_code (*pause)(struct system *s, uint32_t node, struct err *err);
    enum err_code (*resume)(struct system *s, uint32_t node, struct err *err);

    /* Is the node up, and does it say that it can serve? Never over a link that
     * faults act on. */
    void (*ready)(struct system *s, uint32_t node, void (*told)(void *user, bool ready),
                  void *user);
    /* Was the node started, and did it end without being told to? Then `why` says how,
     * behind its name: "ended with status 2: its last words". */
    bool (*ended)(struct system *s, uint32_t node, char *why, size_t size);
    /* What the node says of `table`; all zero when it does not answer. */
    void (*role)(struct system *s, uint32_t node, uint32_t table,
                 void (*told)(void *user, const struct role_told *role), void *user);
    /* Everything the node holds in `table`, by rising key. `code` is ERR_OK or why
     * not; values are valid during the call. */
    void (*final_state)(struct system *s, uint32_t node, uint32_t table,
                        void (*told)(void *user, enum err_code code,
                                     const struct final_value *values, size_t count),
                        void *user);

    /* --- clients --- */
    /* `number` is given to no other client of the run, and may be opened before the
     * nodes are up. */
    enum err_code (*client_open)(struct system *s, uint32_t region, uint32_t number,
                                 struct client **out, struct err *err);
    /* One operation at a time; `op` and `handler` are copied. Answered within the
     * system's own bound, with OUTCOME_UNKNOWN when nothing better is known. */
    void (*invoke)(struct client *c, const struct operation *op,
                   const struct client_handler *handler);
    void (*client_close)(struct client *c); /* an operation under way is not answered */
};

struct system {
    const struct system_ops *ops;
};

/* Every system, in systems.def order; each entry is the `about` of its ops. */
struct catalogue system_catalogue(void);
const struct system_ops *system_of(const struct plugin *plugin);

#endif
