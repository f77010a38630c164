/* Runs a scenario: from its file to a history. Judging is harness/judge.h. */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include <signal.h>
#include <stdio.h>

#include "harness/exit_code.h"
#include "harness/folder.h"
#include "harness/stage.h"
#include "scenarios/plan.h"

enum world_choice { ON_AUTO, ON_SIM, ON_LOCAL };

/* --set PATH=VALUE */
struct override {
    const char *path, *value;
};

struct run_options {
    const char *scenario; /* path of the file */
    enum world_choice on;
    enum lab_shaper shaper; /* local: who shapes the links */
    uint64_t seed;
    const char *out; /* NULL: the next free folder below runs/ */
    const struct override *overrides;
    size_t override_count;
    const char *targets; /* run folder whose faults hit whom they hit then; or NULL */
    FILE *progress;      /* NULL: nobody looks */
};

/* A scenario read, checked and planned; nothing on the machine was touched. */
struct prepared {
    struct arena arena;
    struct document *document;
    struct scenario *scenario;
    struct plan *plan;
    const char **forced; /* by fault, from --targets; NULL: none */
};

/* ERR_INVALID is the user's to mend: exit 64. */
enum err_code run_prepare(const struct run_options *options, struct prepared *p,
                          struct err *err) MUST_CHECK;
void prepared_done(struct prepared *p);

/* How far it came. */
struct run_result {
    struct folder folder;
    bool recorded; /* there is a history of this run in the folder */
    enum stage_kind kind;
    bool interrupted; /* by the operator */
    bool not_healed;  /* see `trouble` */
    uint32_t fault_failed_count;
    uint64_t operation_count;
    uint32_t leader_change_count;
    uint64_t digest, event_count; /* in simulation */
    char trouble[ERR_MSG_SIZE];   /* why it ended early; "" when it did not */
};

/* Play the plan. A history is left in the run folder also when this fails after its
 * creation. Local: forks away (see cage_enter); only the process in which the run
 * took place returns. */
enum err_code run_play(const struct run_options *options, const struct prepared *p,
                       struct run_result *out, struct err *err) MUST_CHECK;

#endif
