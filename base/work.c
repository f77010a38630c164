/* Independent pieces of work, shared by threads. */
#include "base/work.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

struct shared {
    atomic_size_t next;
    size_t count;
    void (*run)(void *user, unsigned worker, size_t index);
    void *user;
};

struct worker {
    struct shared *shared;
    unsigned number;
    pthread_t thread;
};

static void *work(void *user)
{
    struct worker *w = user;
    struct shared *s = w->shared;
    for (size_t i = atomic_fetch_add(&s->next, 1); i < s->count;
         i = atomic_fetch_add(&s->next, 1))
        s->run(s->user, w->number, i);
    return NULL;
}

void work_share(unsigned jobs, size_t count,
                void (*run)(void *user, unsigned worker, size_t index), void *user)
{
    struct shared s = {.count = count, .run = run, .user = user};
    struct worker workers[WORKERS_MAX];
    size_t most = count < WORKERS_MAX ? count : WORKERS_MAX;
    unsigned wanted = jobs < most ? jobs : (unsigned)most, started = 1;
    workers[0] = (struct worker){.shared = &s};
    while (started < wanted) {
        workers[started] = (struct worker){.shared = &s, .number = started};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
            break;
        started++;
    }
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
}

unsigned work_jobs(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : (unsigned)count;
}
