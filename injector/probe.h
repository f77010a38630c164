/* What this machine lets us do, found out by doing it: each feature is tried in a
 * scratch cage that lasts as long as the question. Nothing is concluded from version
 * numbers or settings. */
#ifndef INJECTOR_PROBE_H
#define INJECTOR_PROBE_H

#include <stdbool.h>

#include "base/err.h"

enum { PROBES = 9 };

struct probe {
    const char *name;    /* "owned nftables" */
    const char *purpose; /* what it is for */
    const char *without; /* what happens when it is missing */
    bool needed;         /* --on local does not run without it */
    bool works;
    char detail[ERR_MSG_SIZE]; /* why not; empty when it works */
};

/* Try everything. Fails only when not even trying was possible. The first probe is
 * the cage itself: without it the others were not tried and say so. */
enum err_code probe_all(struct probe out[PROBES], struct err *err) MUST_CHECK;

/* Does everything work that `--on local` needs? */
bool probe_local_works(const struct probe all[PROBES]);

#endif
