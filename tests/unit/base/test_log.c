#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static char *text;
static size_t size;
static FILE *stream;

static int open_log(void **state)
{
    (void)state;
    stream = open_memstream(&text, &size);
    return stream ? 0 : -1;
}

static int close_log(void **state)
{
    (void)state;
    log_to(NULL, LOG_ERROR);
    fclose(stream);
    free(text);
    text = NULL;
    return 0;
}

static void events_carry_the_time_of_the_run(void **state)
{
    (void)state;
    log_to(stream, LOG_INFO);
    log_event(LOG_INFO, 12040999999, "fault_on", "id=%u link=%s>%s", 3u, "eu", "us");
    log_event(LOG_WARN, -1, "started", "%s", "");
    assert_string_equal(text, "t=12.040s fault_on id=3 link=eu>us\nstarted\n");
}

static void events_above_the_level_are_left_out(void **state)
{
    (void)state;
    log_to(stream, LOG_WARN);
    log_event(LOG_INFO, 0, "info", "x");
    log_event(LOG_WARN, 0, "warn", "x");
    log_event(LOG_ERROR, 0, "error", "x");
    log_to(NULL, LOG_TRACE);
    log_event(LOG_ERROR, 0, "nowhere", "x");
    assert_string_equal(text, "t=0.000s warn x\nt=0.000s error x\n");
}

static void an_event_is_always_one_line(void **state)
{
    (void)state;
    static char name[5000], value[5000];
    memset(name, 'n', sizeof name - 1);
    memset(value, 'v', sizeof value - 1);
    log_to(stream, LOG_INFO);
    log_event(LOG_INFO, 0, "bad_frame", "from=%s", "x\nt=1.000s forged\r\x1b[2J");
    assert_string_equal(text, "t=0.000s bad_frame from=x t=1.000s forged  [2J\n");
    log_event(LOG_INFO, 0, name, "%s", value);
    log_event(LOG_INFO, 0, "long", "%s", value);
    unsigned lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 3);
}

static void levels_have_names(void **state)
{
    (void)state;
    assert_int_equal(log_level_of("error"), LOG_ERROR);
    assert_int_equal(log_level_of("warn"), LOG_WARN);
    assert_int_equal(log_level_of("trace"), LOG_TRACE);
    assert_int_equal(log_level_of("loud"), LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_carry_the_time_of_the_run, open_log, close_log),
        cmocka_unit_test_setup_teardown(events_above_the_level_are_left_out, open_log,
                                        close_log),
        cmocka_unit_test_setup_teardown(an_event_is_always_one_line, open_log, close_log),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
