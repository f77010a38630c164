/* Readers of foreign formats without memory: a sentence, nothing leaked, nothing read
 * as less than it is. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "history/reader.h"
#include "tests/support/failures.h"

WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, realloc, (void *p, size_t size), (p, size), NULL)
WRAP(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size), NULL)
WRAP(char *, strdup, (const char *text), (text), NULL)
WRAP(char *, strndup, (const char *text, size_t size), (text, size), NULL)

static const struct {
    const char *format, *text;
    size_t ops;
} files[] = {
    {"edn",
     "[{:process 0 :type :invoke :f :write :value {:a \"\xc3\xa9\"} :time 9}\n"
     "{:process 0 :type :ok :f :write :value nil :time 10}\n"
     "{:process 1 :type :invoke :f :read :time 3}]",
     2},
    {"edn",
     "{:process 0 :type :invoke :f :txn :value [[:read :x nil] [:w \"y\" 2]]}\n"
     "{:process 0 :type :ok :f :txn :value [[:read :x 4] [:w \"y\" 2]]}\n",
     1},
    {"edn",
     "{:process 0 :type :invoke :f :add :value 1}\n"
     "{:process 1 :type :invoke :f :read}\n"
     "{:process 1 :type :ok :f :read :value #{1 5 :a}}\n",
     2},
    {"jepsen-log",
     "INFO  jepsen.util - 0\t:invoke\t:cas\t[3 :zero]\n"
     "INFO  jepsen.util - 0\t:fail\t:cas\t[3 :zero]\n",
     1},
    {"limo", "# @object atomic-queue\n[1] call enq(a)\n[1] return\n[2] call deq", 2},
    {"fastlin", "# stack\npush 1 0 3\npop 1 2 2\n", 2},
    {"fptlin", "# set\n4 0 3 INSERT 7 1\n", 1},
    {"tsv", "#H\n0\t5\tread\t0\t0\t4\tfalse\tfalse\t30\t40\n#E\n", 1},
};

static size_t count_ops(struct history *h)
{
    struct columns c;
    struct err err;
    struct arena arena = {.blocks = NULL};
    assert_int_equal(history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err), ERR_OK);
    arena_done(&arena);
    return c.count;
}

/* Read file `i` while calls fail; false when none was due any more. */
static bool survives(size_t i)
{
    struct err err = {.code = ERR_OK};
    struct memory memory = {.max_bytes = 0};
    struct history *h = NULL;
    struct reading reading;
    FILE *in = fmemopen((void *)(uintptr_t)files[i].text, strlen(files[i].text), "r");
    assert_non_null(in);
    enum err_code code = history_read(in, "h", files[i].format, &memory, &h, &reading, &err);
    failures_disarm();
    fclose(in);
    if (code != ERR_OK) {
        assert_int_equal(code, ERR_NOMEM);
        assert_non_null(strstr(err.msg, ": out of memory"));
    } else {
        assert_int_equal(count_ops(h), files[i].ops);
        history_free(h);
    }
    assert_int_equal(memory.used_bytes, 0);
    return failures_fired();
}

static void without_memory_there_is_a_sentence_and_no_history(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        for (int sticky = 0; sticky < 2; sticky++)
            FOR_EACH_FAILURE (nth, sticky)
                if (!survives(i))
                    break;
}

static void past_a_limit_there_is_a_sentence_and_no_history(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        for (size_t limit = 64; limit < (1 << 18); limit *= 2) {
            struct err err = {.code = ERR_OK};
            struct memory memory = {.max_bytes = limit};
            struct history *h = NULL;
            struct reading reading;
            FILE *in = fmemopen((void *)(uintptr_t)files[i].text, strlen(files[i].text), "r");
            assert_non_null(in);
            if (history_read(in, "h", files[i].format, &memory, &h, &reading, &err) == ERR_OK)
                history_free(h);
            else
                assert_int_equal(err.code, ERR_NOMEM);
            fclose(in);
            assert_int_equal(memory.used_bytes, 0);
        }
}

/* The most that is counted while a text of `repeats` times `middle` is read. */
static size_t peak_of(const char *format, const char *begin, const char *middle, size_t repeats,
                      const char *end)
{
    char *text = NULL;
    size_t size;
    struct err err;
    struct memory memory = {.max_bytes = 0};
    struct history *h;
    struct reading reading;
    FILE *out = open_memstream(&text, &size);
    fputs(begin, out);
    for (size_t i = 0; i < repeats; i++)
        fputs(middle, out);
    fputs(end, out);
    fclose(out);
    FILE *in = fmemopen(text, size, "r");
    if (history_read(in, "h", format, &memory, &h, &reading, &err))
        fail_msg("%s", err.msg);
    fclose(in);
    free(text);
    history_free(h);
    assert_int_equal(memory.used_bytes, 0);
    return memory.peak_bytes;
}

static void what_is_needed_on_the_way_is_counted(void **state)
{
    (void)state;
    const size_t many = 1 << 20;
    /* The line; the text without escapes, and in the row; the text that is kept. */
    size_t text =
        peak_of("jsonl", "{\"event\":\"x\",\"at\":1,\"detail\":\"", "\\t", many, "\"}\n");
    /* Nothing of it is kept but its operation. */
    size_t forms = peak_of("edn", "{:process 0 :type :invoke :f :write :value 1 :x [", "1 ",
                           many, "]}\n{:process 0 :type :ok :f :write :value 1}\n");
    print_message("%zu and %zu bytes\n", text, forms);
    assert_true(text > 8 * many);
    assert_true(forms > 40 * many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_there_is_a_sentence_and_no_history),
        cmocka_unit_test(what_is_needed_on_the_way_is_counted),
        cmocka_unit_test(past_a_limit_there_is_a_sentence_and_no_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
