#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>

#include "io/frame.h"
#include "tests/support/failures.h"
#include "tests/unit/io/party.h"

WRAP(int, fdatasync, (int fd), (fd), (errno = EIO, -1))
WRAP(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new),
     (errno = ENOSPC, -1))

/* A disk that takes its time, while `slow`: long enough for whoever does not wait. */
static bool slow;
static sem_t begun;

ssize_t __real_pwrite(int fd, const void *from, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t size, off_t at);

ssize_t __wrap_pwrite(int fd, const void *from, size_t size, off_t at)
{
    if (slow) {
        sem_post(&begun);
        usleep(20000);
    }
    return __real_pwrite(fd, from, size, at);
}

static const char *path_of(const struct two_worlds *t, const char *file)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", t->folder, file);
    return path;
}

static off_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

static void write_file(const char *path, const void *bytes, size_t size, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
}

/* Two records of which one is whole in `path`. */
static void write_torn_log(const char *path)
{
    struct buffer b = {0};
    assert_true(frame_append(&b, (struct bytes){(const uint8_t *)"whole", 5}));
    assert_true(frame_append(&b, (struct bytes){(const uint8_t *)"torn", 4}));
    write_file(path, b.at, b.size - 1, O_TRUNC);
    buffer_done(&b);
}

static void a_torn_tail_is_cut_off_the_file(void **state)
{
    struct party p;
    const char *path = path_of(*state, "n1.wal.log");
    write_torn_log(path);
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    assert_string_equal(p.recovered, "whole ");
    assert_int_equal(p.cut_bytes, FRAME_HEADER_BYTES + 3);
    assert_int_equal(size_of(path), FRAME_HEADER_BYTES + 5);
    party_append(&p, "next");
    party_await_synced(&p, 1);
    assert_int_equal(size_of(path), 2 * FRAME_HEADER_BYTES + 9);
    party_close(&p);
}

/* Four records of ten bytes, of which the second is damaged at its byte `at`. */
static void write_damaged_log(const char *path, size_t at)
{
    struct buffer b = {0};
    for (int i = 0; i < 4; i++)
        assert_true(frame_append(&b, (struct bytes){(const uint8_t *)"0123456789", 10}));
    b.at[FRAME_HEADER_BYTES + 10 + at] ^= 0x11;
    write_file(path, b.at, b.size, O_TRUNC);
    buffer_done(&b);
}

/* Wherever the damage is: in the length, too long and too short, the sum, the payload. */
static void a_damaged_record_that_whole_ones_follow_is_refused_and_kept(void **state)
{
    struct party p;
    struct err err;
    const char *path = path_of(*state, "n1.wal.log");
    party_open(&p, *state, 0, "n1");
    for (size_t at = 0; at < FRAME_HEADER_BYTES + 10; at++) {
        write_damaged_log(path, at);
        off_t size = size_of(path);
        struct io_log *log = NULL;
        assert_int_equal(p.io->ops->log_open(p.io, "wal", &log_handler, &p, &log, &err),
                         ERR_DAMAGED);
        assert_null(log);
        assert_string_equal(p.recovered, "");
        assert_int_equal(size_of(path), size);
        assert_non_null(strstr(err.msg, path));
        assert_non_null(strstr(err.msg, "damaged at byte 18, and 2 whole records follow"));
    }
    print_message("  %s\n", err.msg);
    party_close(&p);
}

static void the_rest_of_a_broken_off_replacement_is_no_log(void **state)
{
    struct party p;
    write_torn_log(path_of(*state, "n1.wal.log"));
    write_file(path_of(*state, "n1.wal.log.new"), "rubbish", 7, O_TRUNC);
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    assert_string_equal(p.recovered, "whole ");
    assert_int_equal(size_of(path_of(*state, "n1.wal.log.new")), -1);
    party_close(&p);
}

static void closing_a_log_waits_for_the_write_that_has_begun(void **state)
{
    struct party p;
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    assert_int_equal(sem_init(&begun, 0, 0), 0);
    slow = true;
    party_append(&p, "one");
    sem_wait(&begun);
    slow = false;
    p.io->ops->log_close(p.log);
    party_open_log(&p);
    assert_string_equal(p.recovered, "one ");
    party_append(&p, "two");
    party_await_synced(&p, 1);
    p.io->ops->log_close(p.log);
    party_open_log(&p);
    assert_string_equal(p.recovered, "one two ");
    party_close(&p);
    sem_destroy(&begun);
}

static void after_a_failed_sync_a_log_takes_nothing_more(void **state)
{
    struct party p;
    struct err err;
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    failures_arm(1, false);
    party_append(&p, "one");
    party_append(&p, "two");
    party_await_failure(&p);
    failures_disarm();
    print_message("  %s\n", p.failed);
    assert_string_equal(p.failed, "log 'n1.wal.log': sync: i/o error");
    assert_int_equal(p.synced, 0);
    struct bytes record = {(const uint8_t *)"x", 1};
    assert_int_equal(p.io->ops->log_append(p.log, record, &err), ERR_IO);
    assert_int_equal(p.io->ops->log_replace(p.log, (struct bytes){0}, &err), ERR_IO);
    print_message("  %s\n", err.msg);
    assert_non_null(strstr(err.msg, "sync failed before"));
    p.failed[0] = '\0';
    p.io->ops->log_close(p.log); /* opened anew it may work again */
    party_open_log(&p);
    party_append(&p, "three");
    party_await_synced(&p, 1);
    party_close(&p);
}

static void a_failed_rename_leaves_the_old_log(void **state)
{
    struct party p;
    struct err err;
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    party_append(&p, "old");
    party_await_synced(&p, 1);
    failures_arm(1, false);
    assert_int_equal(p.io->ops->log_replace(p.log, (struct bytes){0}, &err), ERR_OK);
    party_await_failure(&p);
    failures_disarm();
    assert_non_null(strstr(p.failed, "rename: no space left"));
    p.io->ops->log_close(p.log);
    party_open_log(&p);
    assert_string_equal(p.recovered, "old ");
    party_close(&p);
}

static void a_log_needs_a_name_a_file_can_have(void **state)
{
    struct party p;
    struct err err;
    struct io_log *log = NULL;
    party_open(&p, *state, 0, "n1");
    assert_int_equal(p.io->ops->log_open(p.io, "../wal", &log_handler, &p, &log, &err),
                     ERR_INVALID);
    print_message("  %s\n", err.msg);
    assert_null(log);
    party_close(&p);
}

static void many_records_share_a_sync(void **state)
{
    struct party p;
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    for (int i = 0; i < 1000; i++)
        party_append(&p, "record");
    party_await_synced(&p, 1000);
    assert_true(p.sync_count <= 3);
    party_close(&p);
}

#define CASE(body)                                                                             \
    cmocka_unit_test_setup_teardown(body, two_worlds_make_live, two_worlds_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_torn_tail_is_cut_off_the_file),
        CASE(a_damaged_record_that_whole_ones_follow_is_refused_and_kept),
        CASE(the_rest_of_a_broken_off_replacement_is_no_log),
        CASE(closing_a_log_waits_for_the_write_that_has_begun),
        CASE(after_a_failed_sync_a_log_takes_nothing_more),
        CASE(a_failed_rename_leaves_the_old_log),
        CASE(a_log_needs_a_name_a_file_can_have),
        CASE(many_records_share_a_sync),
    };
    return cmocka_run_group_tests_name("live_disk", tests, NULL, NULL);
}
