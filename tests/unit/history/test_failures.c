/* Every allocation and call on the way into a history fails once, then for good. */
#include "tests/support/test.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "history/jsonl.h"
#include "tests/support/failures.h"
#include "tests/support/scratch.h"
#include "tests/unit/history/samples.h"

WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, realloc, (void *p, size_t size), (p, size), NULL)
WRAP(char *, strdup, (const char *text), (text), NULL)
WRAP(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t *attr, void *(*run)(void *), void *user),
     (thread, attr, run, user), EAGAIN)
WRAP(int, eventfd, (unsigned start, int flags), (start, flags), (errno = EMFILE, -1))
WRAP(int, link, (const char *from, const char *to), (from, to), (errno = EPERM, -1))

/* SQLite's own allocations fail by its own means. It may do without some of them, so
 * a call may succeed although one failed; then its result must be right. */
static sqlite3_mem_methods usual;

static void *sql_malloc(int size)
{
    return failures_due() ? NULL : usual.xMalloc(size);
}

static void *sql_realloc(void *old, int size)
{
    return failures_due() ? NULL : usual.xRealloc(old, size);
}

static int make_sqlite_fail(void **state)
{
    (void)state;
    sqlite3_mem_methods methods;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &usual);
    methods = usual;
    methods.xMalloc = sql_malloc;
    methods.xRealloc = sql_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK ? 0 : -1;
}

static int entries(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* There are thousands of allocations in SQLite: the first ones all, then ever fewer
 * of them, unless the program has an argument. */
static bool thorough;
#define FOR_MOST_FAILURES(nth, sticky)                                                         \
    for (unsigned nth = 1; failures_arm(nth, sticky), nth < 100000;                            \
         nth += thorough ? 1 : 1 + nth / 4)

static const char *path_in(void **state, const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, name);
    return path;
}

static void creating_fails_with_a_sentence_and_leaves_nothing(void **state)
{
    const char *path = path_in(state, "a.db");
    struct err closing;
    for (int sticky = 0; sticky < 2; sticky++)
        FOR_MOST_FAILURES(nth, sticky)
        {
            int files = entries(*state), fds = entries("/proc/self/fd");
            struct err err = {.code = ERR_OK};
            struct history_writer *w = NULL;
            enum err_code code = history_create(path, &w, &err);
            failures_disarm();
            if (code == ERR_OK) {
                assert_int_equal(history_close(w, &closing), ERR_OK);
                assert_int_equal(unlink(path), 0);
            } else {
                assert_null(w);
                assert_int_equal(err.code, code);
                assert_non_null(strstr(err.msg, "a.db: "));
            }
            assert_int_equal(entries(*state), files);
            assert_int_equal(entries("/proc/self/fd"), fds);
            if (!failures_fired()) {
                assert_int_equal(code, ERR_OK);
                break;
            }
        }
}

/* Open, load, cut and export; what succeeds must be right. */
static enum err_code read_all(const char *path, struct err *err)
{
    struct history *h;
    struct arena arena = {.blocks = NULL};
    struct columns c;
    if (history_open(path, &h, err))
        return err->code;
    enum err_code code = history_columns(h, HISTORY_ALL_TABLES, &arena, &c, err);
    if (code == ERR_OK) {
        assert_int_equal(c.count, 5);
        assert_int_equal(c.lists[0].count, 3);
    }
    const struct fault_row *faults;
    size_t count;
    if (code == ERR_OK)
        code = history_faults(h, &arena, &faults, &count, err);
    if (code == ERR_OK)
        assert_string_equal(faults[0].asked, "isolate: eu-west");
    if (code == ERR_OK)
        code = history_cut(h, 10, err);
    FILE *out = fopen("/dev/null", "w");
    assert_non_null(out);
    if (code == ERR_OK)
        code = jsonl_export(h, out, err);
    fclose(out);
    arena_done(&arena);
    history_free(h);
    return code;
}

static void opening_and_loading_fail_with_a_sentence(void **state)
{
    const char *path = path_in(state, "a.db");
    struct err err;
    struct history_writer *w;
    failures_disarm();
    assert_int_equal(history_create(path, &w, &err), ERR_OK);
    sample_every_kind(w);
    assert_int_equal(history_close(w, &err), ERR_OK);
    for (int sticky = 0; sticky < 2; sticky++)
        FOR_MOST_FAILURES(nth, sticky)
        {
            int fds = entries("/proc/self/fd");
            err = (struct err){.code = ERR_OK};
            enum err_code code = read_all(path, &err);
            failures_disarm();
            assert_int_equal(err.code, code);
            assert_true(code == ERR_OK || strstr(err.msg, "a.db: "));
            assert_int_equal(entries("/proc/self/fd"), fds);
            if (!failures_fired()) {
                assert_int_equal(code, ERR_OK);
                break;
            }
        }
}

static void recording_without_memory_is_told_by_close(void **state)
{
    for (unsigned nth = 1; nth < 60; nth++) {
        struct err err = {.code = ERR_OK};
        struct history_writer *w;
        char name[16];
        snprintf(name, sizeof name, "m%u.db", nth);
        assert_int_equal(history_create(path_in(state, name), &w, &err), ERR_OK);
        failures_arm(nth, false);
        for (int64_t i = 1; i <= 200; i++)
            sample_op(w, OP_WRITE, history_integer_id(w, INT64_MAX - i), i, i);
        failures_disarm();
        bool fired = failures_fired();
        enum err_code code = history_close(w, &err);
        if (!fired) {
            assert_int_equal(code, ERR_OK);
            break;
        }
        assert_int_equal(code, ERR_NOMEM);
        assert_non_null(strstr(err.msg, "out of memory"));
    }
}

int main(int argc, char **argv)
{
    (void)argv;
    thorough = argc > 1;
    setenv("TMPDIR", "/dev/shm", 0); /* hundreds of files: their durability is not the point */
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(creating_fails_with_a_sentence_and_leaves_nothing),
        IN_FOLDER(opening_and_loading_fail_with_a_sentence),
        IN_FOLDER(recording_without_memory_is_told_by_close),
    };
    return cmocka_run_group_tests(tests, make_sqlite_fail, NULL);
}
