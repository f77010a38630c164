/* Play a scenario in simulation from inside a test, and judge it: what `faultline
 * run --on sim` does, without a process. */
#ifndef TESTS_SUPPORT_WHOLE_PLAY_H
#define TESTS_SUPPORT_WHOLE_PLAY_H

#include "harness/judge.h"
#include "harness/run.h"

struct play {
    struct run_options options;
    struct run_result result;
    struct judged judged;
    char out[256]; /* the run folder; removed by play_done */
    char command[1024];
};

/* Does the environment ask for the full figures? */
bool play_long(void);

/* Play `scenario` with `seed`; fails the test with a sentence when that is not
 * possible. `overrides` ends with a NULL path; NULL for none. */
void play_run(struct play *p, const char *scenario, uint64_t seed,
              const struct override *overrides);

void play_done(struct play *p);

/* The verdict of `check` about `table`, or NULL. */
const struct verdict *play_verdict(const struct play *p, const char *check, const char *table);

/* The number of checks that found a violation. */
unsigned play_violated_count(const struct play *p);

#endif
