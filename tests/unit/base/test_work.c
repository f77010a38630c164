#include "tests/support/test.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/work.h"

enum { PIECES = 5000 };

struct job {
    atomic_uint done[PIECES];
    atomic_uint at_work[WORKERS_MAX];
    atomic_bool shared; /* two at a time had the same worker */
    atomic_uint highest;
};

static void do_piece(void *user, unsigned worker, size_t index)
{
    struct job *j = user;
    if (atomic_fetch_add(&j->at_work[worker], 1) != 0)
        atomic_store(&j->shared, true);
    atomic_fetch_add(&j->done[index], 1);
    for (unsigned highest = atomic_load(&j->highest);
         worker > highest && !atomic_compare_exchange_weak(&j->highest, &highest, worker);)
        ;
    atomic_fetch_sub(&j->at_work[worker], 1);
}

static void every_piece_is_done_once_whatever_the_number_of_threads(void **state)
{
    (void)state;
    static const unsigned jobs[] = {0, 1, 2, 8, WORKERS_MAX, 1000};
    for (size_t k = 0; k < ARRAY_LEN(jobs); k++) {
        static struct job job;
        job = (struct job){0};
        work_share(jobs[k], PIECES, do_piece, &job);
        for (size_t i = 0; i < PIECES; i++)
            assert_int_equal(job.done[i], 1);
        assert_false(job.shared);
        assert_true(job.highest < WORKERS_MAX);
        if (jobs[k] <= 1)
            assert_int_equal(job.highest, 0);
    }
}

static void nothing_to_do_is_done_at_once(void **state)
{
    (void)state;
    static struct job job;
    work_share(4, 0, do_piece, &job);
    assert_int_equal(job.done[0], 0);
    assert_true(work_jobs() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_is_done_once_whatever_the_number_of_threads),
        cmocka_unit_test(nothing_to_do_is_done_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
