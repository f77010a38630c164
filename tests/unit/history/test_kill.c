/* A writer killed at any moment leaves a history that opens, is whole, and holds
 * everything but the last moments. */
#include "tests/support/test.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/scratch.h"
#include "tests/unit/history/samples.h"

/* So few rows that only time can make the writer commit them, and long enough that
 * some are older than 200 ms. */
enum { ROWS_BETWEEN_REPORTS = 10, REPORTS_MIN = 250, REPORTS_MAX = 450 };

static int rounds = 4; /* more as the program's argument */

/* What the child tells: so many rows were handed over at that instant. */
struct report {
    int64_t rows, at_ns;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Never returns: records until it is killed. */
static void child(const char *path, int pipe_fd)
{
    struct err err;
    struct history_writer *w;
    if (history_create(path, &w, &err) != ERR_OK)
        _exit(1);
    sample_names(w);
    for (int64_t i = 1;; i++) {
        sample_ret(w, sample_op(w, OP_WRITE, i % 5, i, i * 2), OP_NIL, i * 2 + 1);
        if (i % ROWS_BETWEEN_REPORTS != 0)
            continue;
        struct report report = {history_seq(w), now_ns()};
        if (write(pipe_fd, &report, sizeof report) != sizeof report)
            _exit(0);
        poll(NULL, 0, 1); /* not all of the machine */
    }
}

/* Read reports, about one each millisecond, until `count` came; kill. Returns how
 * many rows were handed over more than 200 ms before the kill. */
static int64_t kill_after(pid_t pid, int pipe_fd, int count)
{
    static struct report reports[REPORTS_MAX];
    int got = 0;
    while (got < count && read(pipe_fd, &reports[got], sizeof *reports) == sizeof *reports)
        got++;
    int64_t killed_at_ns = now_ns();
    kill(pid, SIGKILL);
    assert_int_equal(got, count);
    int64_t must_hold = 0;
    for (int i = 0; i < got; i++)
        if (reports[i].at_ns < killed_at_ns - 200000000)
            must_hold = reports[i].rows;
    return must_hold;
}

static void check_integrity(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(s, 0), "ok");
    sqlite3_finalize(s);
    sqlite3_close(db);
}

/* Is everything there that had been handed over 200 ms before? Whatever is there must
 * be whole in any case. */
static bool check_history(const char *path, int64_t must_hold)
{
    struct err err = {.code = ERR_OK};
    struct history *h;
    struct arena arena = {.blocks = NULL};
    struct columns c;
    if (history_open(path, &h, &err) != ERR_OK ||
        history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    print_message("%ld rows, %ld had to be there\n", (long)history_row_count(h),
                  (long)must_hold);
    bool in_time = history_row_count(h) >= must_hold;
    for (size_t i = 0; i < c.count; i++)
        assert_true(c.id[i] == (int64_t)i + 1 && c.argument[i] == (int64_t)i + 1);
    for (size_t i = 0; i + 1 < c.count; i++)
        assert_int_equal(c.outcome[i], OUTCOME_OK); /* no return is missing but the last */
    arena_done(&arena);
    history_free(h);
    return in_time;
}

static void a_killed_writer_leaves_a_whole_history(void **state)
{
    unsigned chance = 20;
    int late = 0;
    for (int round = 0; round < rounds; round++) {
        char path[600];
        int fds[2];
        snprintf(path, sizeof path, "%s/%d.db", (const char *)*state, round);
        assert_int_equal(pipe(fds), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(fds[0]);
            child(path, fds[1]);
        }
        close(fds[1]);
        chance = chance * 1103515245u + 12345u;
        int64_t must_hold = kill_after(
            pid, fds[0], REPORTS_MIN + (int)(chance >> 16) % (REPORTS_MAX - REPORTS_MIN));
        close(fds[0]);
        waitpid(pid, NULL, 0);
        late += !check_history(path, must_hold);
        check_integrity(path);
    }
    /* A disk or a scheduler may stall now and then, and that is not the writer's doing;
     * one that commits too seldom is late more often than not. */
    print_message("%d of %d rounds late\n", late, rounds);
    assert_true(2 * late <= rounds);
}

static void a_writer_killed_while_creating_leaves_a_history_or_nothing(void **state)
{
    for (int round = 0; round < 20; round++) {
        char path[600];
        snprintf(path, sizeof path, "%s/new%d.db", (const char *)*state, round);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct history_writer *w;
            struct err err;
            _exit((int)history_create(path, &w, &err));
        }
        poll(NULL, 0, round % 10);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        if (access(path, F_OK) == 0)
            check_history(path, 0);
    }
}

int main(int argc, char **argv)
{
    rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : rounds;
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_killed_writer_leaves_a_whole_history),
        IN_FOLDER(a_writer_killed_while_creating_leaves_a_history_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
