/* Programs of shell that answer well, badly or not at all. */
#include "tests/support/scratch.h"
#include "tests/support/test.h"

#include <string.h>

#include "base/units.h"
#include "io/live.h"
#include "systems/line_program.h"

struct bench {
    struct world *world;
    struct place place;
    struct io *clock;
    struct line_program *program;
    unsigned alive;
    bool told, close_when_told;
    enum line_end end;
    int64_t result; /* of the answer, or -1 */
    char why[64];
};

static void open_bench(struct bench *b, void **folder, const char *script)
{
    struct live_config live = {.seed = 1, .folder = *folder};
    const char *argv[] = {"sh", "-c", script, NULL};
    struct err err;
    *b = (struct bench){.world = live_new(&live, &err),
                        .place = {.name = "here", .netns_fd = -1, .cgroup_fd = -1}};
    assert_non_null(b->world);
    b->clock = b->world->ops->open(b->world, &b->place, "clock", &err);
    assert_non_null(b->clock);
    struct line_program_spec spec = {.world = b->world,
                                     .clock = b->clock,
                                     .place = &b->place,
                                     .argv = argv,
                                     .alive = &b->alive};
    assert_int_equal(line_program_start(&spec, &b->program, &err), ERR_OK);
    assert_int_equal(b->alive, 1);
}

static void run_until(struct bench *b, const bool *told)
{
    struct world *w = b->world;
    struct err err;
    int64_t until_ns = w->ops->now_ns(w) + 20 * NS_PER_S;
    while (!*told && w->ops->now_ns(w) < until_ns)
        assert_int_equal(w->ops->run(w, told, w->ops->now_ns(w) + 5 * NS_PER_MS, &err), ERR_OK);
    assert_true(*told);
}

static void close_bench(struct bench *b)
{
    struct err err;
    const bool never = false;
    line_program_close(b->program);
    for (int i = 0; i < 2000 && b->alive > 0; i++)
        assert_int_equal(b->world->ops->run(b->world, &never,
                                            b->world->ops->now_ns(b->world) + 5 * NS_PER_MS,
                                            &err),
                         ERR_OK);
    assert_int_equal(b->alive, 0);
    b->world->ops->close(b->world, b->clock);
    live_free(b->world);
}

static void on_answered(void *user, enum line_end end, const json_t *answer, const char *why)
{
    struct bench *b = user;
    assert_false(b->told);
    b->told = true;
    b->end = end;
    b->result = answer ? json_integer_value(json_object_get(answer, "result")) : -1;
    strncpy(b->why, why ? why : "", sizeof b->why - 1);
    if (b->close_when_told) {
        line_program_close(b->program);
        b->program = NULL;
    }
}

static void ask(struct bench *b, uint64_t id, int64_t within_ns)
{
    b->told = false;
    line_program_ask(b->program, id, json_object(), within_ns, on_answered, b);
    run_until(b, &b->told);
}

static void every_request_is_answered_once_whatever_comes(void **state)
{
    static const struct {
        const char *script;
        enum line_end end;
        int64_t result;
        const char *why;
    } cases[] = {
        {"read x; echo '{\"id\":5,\"result\":7}'; cat", LINE_ANSWERED, 7, ""},
        {"read x; echo '{\"id\":4,\"result\":1}'; echo '{\"id\":5,\"result\":7}'; cat",
         LINE_ANSWERED, 7, ""},
        {"read x; printf '{\"id\":5,\"result\":7}'", LINE_ANSWERED, 7, ""},
        {"read x; echo 'Traceback'; cat >&2", LINE_LOST, -1, "bad answer"},
        {"read x; echo '[5]'; cat >&2", LINE_LOST, -1, "bad answer"},
        {"read x; echo '{\"result\":7}'; cat >&2", LINE_LOST, -1, "bad answer"},
        {"read x; echo '{\"id\":\"5\"}'; cat >&2", LINE_LOST, -1, "bad answer"},
        {"read x; printf '\\377\\000\\n'; cat >&2", LINE_LOST, -1, "bad answer"},
        {"read x; exit 3", LINE_LOST, -1, "the program ended"},
        {"cat >&2", LINE_LOST, -1, "timed out"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bench b;
        open_bench(&b, state, cases[i].script);
        ask(&b, 5,
            (*cases[i].why == 't' && cases[i].why[1] == 'i') ? 50 * NS_PER_MS : 15 * NS_PER_S);
        print_message("%s: %d %s\n", cases[i].script, b.end, b.why);
        assert_int_equal(b.end, cases[i].end);
        assert_int_equal(b.result, cases[i].result);
        assert_string_equal(b.why, cases[i].why);
        close_bench(&b);
    }
}

static void nothing_is_sent_to_a_program_that_has_ended(void **state)
{
    struct bench b;
    open_bench(&b, state, "exit 0");
    const bool never = false;
    struct err err;
    for (int i = 0; i < 2000 && !line_program_ended(b.program); i++)
        assert_int_equal(b.world->ops->run(b.world, &never,
                                           b.world->ops->now_ns(b.world) + 5 * NS_PER_MS, &err),
                         ERR_OK);
    ask(&b, 1, NS_PER_S);
    assert_int_equal(b.end, LINE_NOT_SENT);
    assert_string_equal(b.why, "the program ended");
    close_bench(&b);
}

static void a_program_may_be_closed_from_inside_its_answer(void **state)
{
    static const char *const scripts[] = {"read x; echo '{\"id\":1}'; cat", "read x; exit 1",
                                          "read x; echo bad; cat >&2"};
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        struct bench b;
        open_bench(&b, state, scripts[i]);
        b.close_when_told = true;
        ask(&b, 1, 15 * NS_PER_S);
        close_bench(&b);
    }
}

static void a_program_that_cannot_be_started_is_an_error(void **state)
{
    struct bench b;
    struct line_program *none = NULL;
    const char *argv[] = {"/no/such/program", NULL};
    struct err err;
    open_bench(&b, state, "cat");
    struct line_program_spec spec = {
        .world = b.world, .clock = b.clock, .place = &b.place, .argv = argv, .alive = &b.alive};
    assert_int_not_equal(line_program_start(&spec, &none, &err), ERR_OK);
    assert_non_null(strstr(err.msg, "/no/such/program"));
    assert_int_equal(b.alive, 1);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_is_answered_once_whatever_comes),
        cmocka_unit_test(nothing_is_sent_to_a_program_that_has_ended),
        cmocka_unit_test(a_program_may_be_closed_from_inside_its_answer),
        cmocka_unit_test(a_program_that_cannot_be_started_is_an_error),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
