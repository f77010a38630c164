#include "tests/support/test.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history/jsonl.h"
#include "tests/support/scratch.h"
#include "tests/unit/history/samples.h"

static const char *path_in(void **state, const char *name)
{
    static char path[4][600];
    static unsigned turn;
    char *out = path[turn++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", (const char *)*state, name);
    return out;
}

static struct history_writer *create(const char *path)
{
    struct err err = {.code = ERR_OK};
    struct history_writer *w = NULL;
    if (history_create(path, &w, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    return w;
}

static char *exported(const char *path)
{
    struct err err = {.code = ERR_OK};
    struct history *h;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (history_open(path, &h, &err) != ERR_OK || jsonl_export(h, out, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    fclose(out);
    history_free(h);
    return text;
}

/* Calls that a run might make, so many that several commits take part. */
static void record_much(struct history_writer *w, int64_t operations, bool flush_now_and_then)
{
    struct err err;
    sample_names(w);
    for (int64_t i = 1; i <= operations; i++) {
        int64_t op = sample_op(w, i % 2 ? OP_WRITE : OP_READ, i % 7, i, i * 10);
        sample_ret(w, op, i % 2 ? OP_NIL : i, i * 10 + 5);
        if (flush_now_and_then && i % 97 == 0)
            assert_int_equal(history_flush(w, &err), ERR_OK);
    }
}

static void the_same_calls_give_the_same_export_however_they_were_committed(void **state)
{
    struct err err;
    struct history_writer *a = create(path_in(state, "a.db"));
    struct history_writer *b = create(path_in(state, "b.db"));
    record_much(a, 3000, false);
    record_much(b, 3000, true);
    assert_int_equal(history_close(a, &err), ERR_OK);
    assert_int_equal(history_close(b, &err), ERR_OK);
    char *from_a = exported(path_in(state, "a.db")), *from_b = exported(path_in(state, "b.db"));
    assert_string_equal(from_a, from_b);
    free(from_a);
    free(from_b);
}

static void a_flush_makes_rows_visible_to_readers(void **state)
{
    struct err err = {.code = ERR_OK};
    struct history *h;
    struct history_writer *w = create(path_in(state, "a.db"));
    sample_names(w);
    assert_int_equal(history_flush(w, &err), ERR_OK);
    if (history_open(path_in(state, "a.db"), &h, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(history_row_count(h), 8);
    sample_op(w, OP_READ, 1, OP_NIL, 10);
    assert_int_equal(history_flush(w, &err), ERR_OK);
    struct arena arena = {.blocks = NULL};
    struct columns c;
    assert_int_equal(history_columns(h, 0, &arena, &c, &err), ERR_OK);
    assert_int_equal(c.count, 0); /* an opened history stands still */
    arena_done(&arena);
    history_free(h);
    assert_int_equal(history_close(w, &err), ERR_OK);
}

static void a_closed_history_is_one_file(void **state)
{
    struct err err;
    struct history_writer *w = create(path_in(state, "a.db"));
    sample_every_kind(w);
    assert_int_equal(history_close(w, &err), ERR_OK);
    assert_int_equal(access(path_in(state, "a.db"), F_OK), 0);
    assert_int_not_equal(access(path_in(state, "a.db-wal"), F_OK), 0);
    assert_int_not_equal(access(path_in(state, "a.db-shm"), F_OK), 0);
}

static void equal_texts_and_large_integers_share_an_id(void **state)
{
    struct err err;
    struct history_writer *w = create(path_in(state, "a.db"));
    int64_t alice = history_text_id(w, "alice");
    int64_t large = history_integer_id(w, INT64_C(1) << 62);
    assert_true(alice != history_text_id(w, "bob"));
    assert_true(alice == history_text_id(w, "alice"));
    assert_true(large == history_integer_id(w, INT64_C(1) << 62));
    assert_true(history_integer_id(w, 5) == 5 && history_integer_id(w, -7) == -7);
    for (int i = 0; i < 500; i++) {
        char text[16];
        snprintf(text, sizeof text, "text %d", i % 250);
        int64_t id = history_text_id(w, text);
        assert_true(id == history_text_id(w, text));
    }
    assert_true(alice == history_text_id(w, "alice"));
    assert_int_equal(history_close(w, &err), ERR_OK);
}

static void texts_that_are_not_utf8_are_made_so(void **state)
{
    struct err err;
    struct history_writer *w = create(path_in(state, "a.db"));
    history_event(w, 1, "stderr", -1,
                  "caf\xe9 \xc3\xa9 \xed\xa0\x80 \xc0\x80 \xf0\x9f\x99\x82 \xf0");
    assert_int_equal(history_close(w, &err), ERR_OK);
    char *text = exported(path_in(state, "a.db"));
    assert_string_equal(text,
                        "{\"event\":\"stderr\",\"at\":1,\"detail\":\"caf? \xc3\xa9 ??? ?? "
                        "\xf0\x9f\x99\x82 ?\"}\n");
    free(text);
}

static void rows_that_make_no_sense_are_refused_and_left_out(void **state)
{
    struct err err = {.code = ERR_OK};
    struct history_writer *w = create(path_in(state, "a.db"));
    int64_t op = sample_op(w, OP_READ, 1, OP_NIL, 100);
    assert_int_equal(history_refusal(w, &err), ERR_OK);
    sample_ret(w, op + 1, 5, 110);
    assert_int_equal(history_refusal(w, &err), ERR_INVALID);
    assert_string_equal(err.msg, "ret: '2' is no operation so far; 1 to 1");
    history_event(w, 99, "late", -1, NULL);
    history_sample(w, 120, "lag", -1, (double)NAN);
    assert_int_equal(sample_op(w, OP_READ, INT64_MAX, OP_NIL, 130), 0);
    sample_ret(w, op, 5, 140);
    sample_ret(w, op, 6, 150);
    assert_int_equal(history_seq(w), 2);
    assert_int_equal(history_close(w, &err), ERR_INVALID); /* the first refusal */
    assert_string_equal(err.msg, "ret: '2' is no operation so far; 1 to 1");
}

static void a_full_disk_is_told_once_the_caller_asks(void **state)
{
    struct err err = {.code = ERR_OK};
    struct history_writer *w = create(path_in(state, "a.db"));
    sample_names(w);
    assert_int_equal(history_flush(w, &err), ERR_OK);
    struct rlimit before, small = {.rlim_cur = 256 * 1024};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    for (int64_t i = 1; i <= 20000; i++)
        sample_op(w, OP_WRITE, i, i, i);
    enum err_code flushed = history_flush(w, &err);
    enum err_code closed = history_close(w, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(flushed, ERR_IO);
    assert_int_equal(closed, ERR_IO);
    assert_non_null(strstr(err.msg, "a.db: "));
    char *text = exported(path_in(state, "a.db")); /* what was committed stands */
    assert_non_null(strstr(text, "\"promise\""));
    free(text);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_same_calls_give_the_same_export_however_they_were_committed),
        IN_FOLDER(a_flush_makes_rows_visible_to_readers),
        IN_FOLDER(a_closed_history_is_one_file),
        IN_FOLDER(equal_texts_and_large_integers_share_an_id),
        IN_FOLDER(texts_that_are_not_utf8_are_made_so),
        IN_FOLDER(rows_that_make_no_sense_are_refused_and_left_out),
        IN_FOLDER(a_full_disk_is_told_once_the_caller_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
