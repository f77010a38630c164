/* A program that answers requests, one JSON object per line each way, over its stdin
 * and stdout. Requests carry an "id" and may be answered in any order.
 *
 * Whatever the program does, every request is answered once within its time: bad lines
 * and its death end what is under way. What requests mean is not known here. */
#ifndef SYSTEMS_LINE_PROGRAM_H
#define SYSTEMS_LINE_PROGRAM_H

#include "base/document.h"
#include "io/world.h"

struct line_program;

struct line_program_spec {
    struct world *world;
    struct io *clock; /* gives timers */
    const struct place *place;
    const char *const *argv, *const *env;
    const char *log_path; /* of its stderr */
    unsigned *alive;      /* counts programs not gone yet; outlives them all */
};

/* `spec` is copied; argv, env and log_path are borrowed for the call. */
enum err_code line_program_start(const struct line_program_spec *spec,
                                 struct line_program **out, struct err *err) MUST_CHECK;

enum line_end {
    LINE_ANSWERED,
    LINE_NOT_SENT, /* the program cannot have seen the request */
    LINE_LOST      /* no answer, and none will come */
};

/* `answer` is the object that came, valid during the call, or NULL; then `why` is one
 * of few short phrases. The program may be asked again or closed from inside. */
typedef void (*line_answered_fn)(void *user, enum line_end end, const json_t *answer,
                                 const char *why);

/* Send `request` (taken; its "id" is set to `id`, which no other request of this
 * program has). NULL stands for no memory. */
void line_program_ask(struct line_program *p, uint64_t id, json_t *request, int64_t within_ns,
                      line_answered_fn answered, void *user);

bool line_program_ended(const struct line_program *p);

/* Nothing is answered any more; the program is killed and freed once it is gone. NULL
 * is fine. */
void line_program_close(struct line_program *p);

#endif
