/* A world: makes endpoints in places and lets time pass. The simulator and the
 * live loop each make one; what only one of them can do is NULL in the other. */
#ifndef IO_WORLD_H
#define IO_WORLD_H

#include "io/io.h"
#include "io/link.h"
#include "io/place.h"

struct world;
struct process; /* a child of the live world */

struct process_spec {
    const struct place *place;
    const char *const *argv; /* ends with NULL; argv[0] is the program's path */
    const char *const *env;  /* "NAME=value" added to ours; ends with NULL; NULL: none */
    const char *log_path;    /* stdout and stderr are appended here; stderr only when
                                `line` is set */
    /* Each line of stdout, without its end; NULL: none wanted. Lines over 1 MiB end
     * the process. */
    void (*line)(void *user, const char *text, size_t size);
    /* After the last line; process_free is fine from inside. */
    void (*exited)(void *user, int code, int signal);
    void *user;
};

struct world_ops {
    /* An endpoint at `place`; `name` seeds its chance and names its log files. */
    struct io *(*open)(struct world *w, const struct place *place, const char *name,
                       struct err *err);
    /* Stop its timers, hang up its channels, close its logs. */
    void (*close)(struct world *w, struct io *io);

    /* The run's clock, starts at 0. */
    int64_t (*now_ns)(struct world *w);

    /* Let things happen until `stop` is true, or nothing is left to happen, or
     * (negative: no such limit) the clock has passed `until_ns`. */
    enum err_code (*run)(struct world *w, const bool *stop, int64_t until_ns, struct err *err);

    /* --- only in the simulator --- */

    /* The power of a place fails: its endpoints get no callback any more and must
     * be closed by their owner; unsynced writes are lost, perhaps torn. */
    void (*power_off)(struct world *w, const struct place *place);

    /* Everything due at the place waits until it is resumed. */
    void (*pause)(struct world *w, const struct place *place);
    void (*resume)(struct world *w, const struct place *place);

    /* The directed link between two places, to be shaped at any time. */
    struct link_shape *(*link)(struct world *w, uint16_t from_host, uint16_t to_host);

    /* Frames, each copy, and signals that the link has carried and dropped so far. What
     * a cut meets on its way counts as both. */
    struct link_counts (*link_counts)(struct world *w, uint16_t from_host, uint16_t to_host);

    /* Rolling fingerprint of every event delivered so far, and their number. */
    uint64_t (*digest)(const struct world *w);
    uint64_t (*event_count)(const struct world *w);

    /* --- only live --- */

    /* Start a program in a place. NULL and `err` on failure. */
    struct process *(*spawn)(struct world *w, const struct process_spec *spec, struct err *err);
    enum err_code (*signal)(struct process *p, int signal,
                            struct err *err); /* ERR_NOTFOUND once it has ended */
    int (*pid)(const struct process *p);
    /* Queue bytes for its stdin (open only when `line` was set). ERR_LIMIT when it has
     * left 8 MiB unread. */
    enum err_code (*write)(struct process *p, struct bytes text, struct err *err);
    /* Forget it; it must have exited. */
    void (*process_free)(struct process *p);
    /* Call `told` on the loop whenever `signal` (SIGINT, SIGTERM) comes. */
    enum err_code (*on_signal)(struct world *w, int signal, void (*told)(void *user),
                               void *user, struct err *err);
};

struct world {
    const struct world_ops *ops;
    bool simulated;
};

#endif
