#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/io/party.h"

/* What a child said and how it ended. */
struct child {
    struct two_worlds *in;
    struct process *process;
    char lines[4096]; /* each with a | after it */
    size_t line_bytes;
    unsigned line_count;
    int code, signal;
    bool exited, heard;
    bool answers; /* tell the child "bye" at its first line */
};

static void on_line(void *user, const char *text, size_t size)
{
    struct child *c = user;
    struct err err;
    size_t used = strlen(c->lines);
    assert_false(c->exited); /* every line comes before the end */
    c->line_count++;
    c->line_bytes += size;
    snprintf(c->lines + used, sizeof c->lines - used, "%.*s|", size > 99 ? 99 : (int)size,
             text);
    if (c->answers && c->line_count == 1)
        assert_int_equal(c->in->world->ops->write(
                             c->process, (struct bytes){(const uint8_t *)"bye\n", 4}, &err),
                         ERR_OK);
    c->heard = true;
}

static void on_exited(void *user, int code, int signal)
{
    struct child *c = user;
    c->code = code;
    c->signal = signal;
    c->exited = true;
}

static const char *log_path(const struct two_worlds *t)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/child.log", t->folder);
    return path;
}

/* A shell that runs `script`; with its lines wanted or not. */
static void start(struct child *c, struct two_worlds *t, const char *script, bool lines)
{
    struct err err = {0};
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    static const char *const env[] = {"FLAVOUR=sour", "HOME=/elsewhere", NULL};
    struct process_spec spec = {.place = &t->places[0],
                                .argv = argv,
                                .env = env,
                                .log_path = log_path(t),
                                .line = lines ? on_line : NULL,
                                .exited = on_exited,
                                .user = c};
    c->in = t;
    c->process = t->world->ops->spawn(t->world, &spec, &err);
    if (!c->process)
        fail_msg("%s", err.msg);
    assert_true(t->world->ops->pid(c->process) > 0);
}

static void await(struct child *c, const bool *what)
{
    struct err err;
    struct world *w = c->in->world;
    assert_int_equal(w->ops->run(w, what, w->ops->now_ns(w) + 20 * NS_PER_S, &err), ERR_OK);
    assert_true(*what);
}

static void finish(struct child *c)
{
    await(c, &c->exited);
    c->in->world->ops->process_free(c->process);
}

static void read_log(const struct two_worlds *t, char *out, size_t size)
{
    FILE *f = fopen(log_path(t), "r");
    assert_non_null(f);
    out[fread(out, 1, size - 1, f)] = '\0';
    fclose(f);
}

static void lines_come_before_the_exit_code(void **state)
{
    struct child c = {0};
    char log[100];
    start(&c, *state, "echo one; echo; echo oops >&2; printf three; exit 7", true);
    finish(&c);
    assert_string_equal(c.lines, "one||three|");
    assert_int_equal(c.code, 7);
    assert_int_equal(c.signal, 0);
    read_log(*state, log, sizeof log);
    assert_string_equal(log, "oops\n");
}

static void without_a_line_handler_all_output_is_appended_to_the_log(void **state)
{
    struct child c = {0};
    char log[100];
    for (int i = 0; i < 2; i++) {
        memset(&c, 0, sizeof c);
        start(&c, *state, "cat; echo out; echo oops >&2", false); /* its stdin is empty */
        finish(&c);
    }
    read_log(*state, log, sizeof log);
    assert_string_equal(log, "out\noops\nout\noops\n");
}

static void variables_are_added_to_ours_or_take_their_place(void **state)
{
    struct child c = {0};
    setenv("HOMELAND", "here", 1);
    start(&c, *state, "echo $FLAVOUR $HOME $HOMELAND; env | grep -c ^HOME=", true);
    finish(&c);
    assert_string_equal(c.lines, "sour /elsewhere here|1|");
}

static void what_is_written_reaches_its_stdin(void **state)
{
    struct child c = {.answers = true};
    start(&c, *state, "echo hi; read answer; echo got $answer", true);
    finish(&c);
    assert_string_equal(c.lines, "hi|got bye|");
}

static void a_signal_ends_it_and_is_told(void **state)
{
    struct child c = {0};
    struct err err;
    start(&c, *state, "echo up; exec sleep 100", true);
    await(&c, &c.heard);
    assert_int_equal(c.in->world->ops->signal(c.process, SIGKILL, &err), ERR_OK);
    await(&c, &c.exited);
    assert_int_equal(c.signal, SIGKILL);
    assert_int_equal(c.in->world->ops->signal(c.process, SIGKILL, &err), ERR_NOTFOUND);
    assert_int_equal(c.in->world->ops->write(c.process, (struct bytes){0}, &err), ERR_IO);
    print_message("  %s\n", err.msg);
    finish(&c);
}

static void a_line_over_the_limit_ends_it(void **state)
{
    struct child c = {0};
    start(&c, *state, "echo short; head -c 3000000 /dev/zero; sleep 100", true);
    finish(&c);
    assert_string_equal(c.lines, "short|");
    assert_int_equal(c.signal, SIGKILL);
}

static void long_lines_below_the_limit_are_whole(void **state)
{
    struct child c = {0};
    start(&c, *state, "head -c 1000000 /dev/zero; echo; echo end", true);
    finish(&c);
    assert_int_equal(c.line_count, 2);
    assert_int_equal(c.line_bytes, 1000003);
}

static void what_it_does_not_read_is_bounded(void **state)
{
    static uint8_t bytes[1 << 20];
    struct child c = {0};
    struct err err = {0};
    start(&c, *state, "echo up; exec sleep 100", true);
    await(&c, &c.heard);
    enum err_code code = ERR_OK;
    for (int i = 0; i < 20 && code == ERR_OK; i++)
        code = c.in->world->ops->write(c.process, (struct bytes){bytes, sizeof bytes}, &err);
    assert_int_equal(code, ERR_LIMIT);
    print_message("  %s\n", err.msg);
    assert_int_equal(c.in->world->ops->signal(c.process, SIGTERM, &err), ERR_OK);
    finish(&c);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
    struct two_worlds *t = *state;
    struct err err;
    static const char *const argv[] = {"/nowhere/at-all", NULL};
    struct process_spec spec = {.place = &t->places[0], .argv = argv, .line = on_line};
    assert_null(t->world->ops->spawn(t->world, &spec, &err));
    assert_string_equal(err.msg, "start '/nowhere/at-all': no such file or directory");
    spec.log_path = "/nowhere/log";
    assert_null(t->world->ops->spawn(t->world, &spec, &err));
    assert_non_null(strstr(err.msg, "/nowhere/log: no such file"));
}

/* A folder that looks like a cgroup to who joins one. */
static int open_folder(const struct two_worlds *t)
{
    int fd = open(t->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void a_process_joins_the_cgroup_of_its_place_or_does_not_run(void **state)
{
    struct two_worlds *t = *state;
    struct err err;
    struct child c = {0};
    char path[300], found[40] = "", expected[40];
    t->places[0].cgroup_fd = open_folder(t);
    static const char *const argv[] = {"/bin/sleep", "100", NULL};
    struct process_spec spec = {.place = &t->places[0], .argv = argv, .line = on_line};
    assert_null(t->world->ops->spawn(t->world, &spec, &err));
    print_message("  %s\n", err.msg);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */

    snprintf(path, sizeof path, "%s/cgroup.procs", t->folder);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    start(&c, t, "true", true);
    snprintf(expected, sizeof expected, "%d\n", t->world->ops->pid(c.process));
    finish(&c);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(read(fd, found, sizeof found - 1) > 0);
    assert_string_equal(found, expected);
    close(fd);
    close(t->places[0].cgroup_fd);
}

static void on_told(void *user)
{
    *(bool *)user = true;
}

static void signals_to_ourselves_are_told_on_the_loop(void **state)
{
    struct two_worlds *t = *state;
    struct err err;
    bool told = false;
    assert_int_equal(t->world->ops->on_signal(t->world, SIGTERM, on_told, &told, &err), ERR_OK);
    raise(SIGTERM);
    assert_false(told);
    assert_int_equal(t->world->ops->run(t->world, &told,
                                        t->world->ops->now_ns(t->world) + 5 * NS_PER_S, &err),
                     ERR_OK);
    assert_true(told);
}

#define CASE(body)                                                                             \
    cmocka_unit_test_setup_teardown(body, two_worlds_make_live, two_worlds_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(lines_come_before_the_exit_code),
        CASE(without_a_line_handler_all_output_is_appended_to_the_log),
        CASE(variables_are_added_to_ours_or_take_their_place),
        CASE(what_is_written_reaches_its_stdin),
        CASE(a_signal_ends_it_and_is_told),
        CASE(a_line_over_the_limit_ends_it),
        CASE(long_lines_below_the_limit_are_whole),
        CASE(what_it_does_not_read_is_bounded),
        CASE(a_program_that_is_not_there_is_an_error),
        CASE(a_process_joins_the_cgroup_of_its_place_or_does_not_run),
        CASE(signals_to_ourselves_are_told_on_the_loop),
    };
    return cmocka_run_group_tests_name("live_process", tests, NULL, NULL);
}
