/* Independent pieces of work, shared by threads. */
#ifndef BASE_WORK_H
#define BASE_WORK_H

#include <stddef.h>

enum { WORKERS_MAX = 64 };

/* Call `run` once for every index below `count`, lower ones begun first, on at most
 * `jobs` threads (0 is one, too), of which the caller's is one. `worker` tells them
 * apart: it is 0, or below `jobs` and WORKERS_MAX, and no two calls at a time have the
 * same. Returns when all is
 * done. Where no thread can be started, fewer do the work; with one job none is. */
void work_share(unsigned jobs, size_t count,
                void (*run)(void *user, unsigned worker, size_t index), void *user);

/* How many threads can run at a time on this machine, at least 1. */
unsigned work_jobs(void);

#endif
