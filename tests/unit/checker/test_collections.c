/* What the models of collections, locks and counters allow, and that their algorithms
 * stop when they are told to. */
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "checker/algorithms/counter.h"
#include "checker/algorithms/locks.h"
#include "checker/algorithms/log.h"
#include "checker/algorithms/semaphore.h"
#include "checker/algorithms/set.h"
#include "checker/algorithms/stack.h"
#include "checker/algorithms/unique_ids.h"
#include "history/history.h"
#include "tests/support/small.h"

enum { STEPS_MAX = 6, WORDS_MAX = 64 };
#define NIL OP_NIL

/* One after the other; the last is allowed or not, and all before it are. */
static const struct {
    const char *model;
    int64_t initial;
    bool allowed;
    const char *state; /* after it, if it is */
    struct {
        enum op_kind kind;
        int64_t argument, result;
        bool unanswered;
    } ops[STEPS_MAX];
    size_t count;
} cases[] = {
    {"stack",
     NIL,
     true,
     "1, on top of 0 others",
     {{OP_PUSH, 1, NIL, 0}, {OP_PEEK, NIL, 1, 0}},
     2},
    {"stack", NIL, true, "empty", {{OP_PUSH, 1, NIL, 0}, {OP_POP, NIL, 1, 0}}, 2},
    {"stack",
     NIL,
     false,
     "",
     {{OP_PUSH, 1, NIL, 0}, {OP_PUSH, 2, NIL, 0}, {OP_POP, NIL, 1, 0}},
     3},
    {"stack", NIL, false, "", {{OP_PUSH, 1, NIL, 0}, {OP_PEEK, NIL, NIL, 0}}, 2},
    {"stack", NIL, true, "empty", {{OP_PUSH, 1, NIL, 0}, {OP_POP, NIL, NIL, 1}}, 2},
    {"stack", NIL, true, "empty", {{OP_POP, NIL, NIL, 1}}, 1},
    {"set", NIL, true, "[3 7]", {{OP_ADD, 7, 1, 0}, {OP_ADD, 3, NIL, 0}, {OP_ADD, 7, 0, 0}}, 3},
    {"set", NIL, false, "", {{OP_ADD, 7, NIL, 0}, {OP_ADD, 7, 1, 0}}, 2},
    {"set", NIL, true, "[]", {{OP_ADD, 7, NIL, 0}, {OP_REMOVE, 7, 1, 0}}, 2},
    {"set", NIL, false, "", {{OP_REMOVE, 7, 1, 0}}, 1},
    {"set", NIL, true, "[]", {{OP_REMOVE, 7, NIL, 0}, {OP_CONTAINS, 7, 0, 0}}, 2},
    {"set", NIL, false, "", {{OP_CONTAINS, 7, 1, 0}}, 1},
    {"mutex", NIL, true, "held", {{OP_ACQUIRE, NIL, NIL, 0}}, 1},
    {"mutex", 1, false, "", {{OP_ACQUIRE, NIL, NIL, 0}}, 1},
    {"mutex", NIL, false, "", {{OP_RELEASE, NIL, NIL, 0}}, 1},
    {"mutex", NIL, false, "", {{OP_ACQUIRE, NIL, NIL, 0}, {OP_ACQUIRE, NIL, NIL, 1}}, 2},
    {"fenced-mutex", NIL, true, "held with token 4", {{OP_ACQUIRE, NIL, 4, 0}}, 1},
    {"fenced-mutex", 4, false, "", {{OP_ACQUIRE, NIL, 4, 0}}, 1},
    {"fenced-mutex", NIL, false, "", {{OP_ACQUIRE, NIL, 4, 0}, {OP_RELEASE, 5, NIL, 0}}, 2},
    {"fenced-mutex",
     NIL,
     true,
     "free, last token 4",
     {{OP_ACQUIRE, NIL, 4, 0}, {OP_RELEASE, NIL, NIL, 0}},
     2},
    {"fenced-mutex",
     4,
     false,
     "",
     {{OP_ACQUIRE, NIL, NIL, 1}, {OP_RELEASE, NIL, NIL, 0}, {OP_ACQUIRE, NIL, 5, 0}},
     3},
    {"fenced-mutex",
     4,
     true,
     "held with a token of at least 5",
     {{OP_ACQUIRE, NIL, NIL, 1}},
     1},
    {"fenced-mutex",
     4,
     false,
     "",
     {{OP_ACQUIRE, NIL, NIL, 1}, {OP_RELEASE, 9, NIL, 0}, {OP_ACQUIRE, NIL, 8, 0}},
     3},
    {"semaphore", NIL, false, "", {{OP_ACQUIRE, NIL, 1, 0}}, 1},
    {"semaphore", 2, true, "1 permits", {{OP_ACQUIRE, NIL, 1, 0}}, 1},
    {"semaphore", NIL, true, "0 permits", {{OP_ACQUIRE, NIL, 0, 0}}, 1},
    {"semaphore", NIL, false, "", {{OP_RELEASE, NIL, NIL, 0}, {OP_ACQUIRE, NIL, 0, 0}}, 2},
    {"counter", 10, true, "13", {{OP_INCREMENT, 3, 13, 0}}, 1},
    {"counter", NIL, false, "", {{OP_INCREMENT, 3, 13, 0}}, 1},
    {"counter", NIL, true, "3", {{OP_INCREMENT, 3, NIL, 1}, {OP_READ, NIL, 3, 0}}, 2},
    {"counter", NIL, false, "", {{OP_READ, NIL, 3, 0}}, 1},
    {"log",
     NIL,
     true,
     "2 elements, the last 5",
     {{OP_APPEND, 4, 0, 0}, {OP_APPEND, 5, NIL, 0}, {OP_READ, 1, 5, 0}},
     3},
    {"log", NIL, false, "", {{OP_APPEND, 4, 1, 0}}, 1},
    {"log", NIL, true, "empty", {{OP_READ, 0, NIL, 0}}, 1},
    {"log", NIL, false, "", {{OP_APPEND, 4, NIL, 0}, {OP_READ, 0, NIL, 0}}, 2},
    {"unique-ids", NIL, true, "1 ids given out", {{OP_GENERATE, NIL, 7, 0}}, 1},
    {"unique-ids", NIL, false, "", {{OP_GENERATE, NIL, 7, 0}, {OP_GENERATE, NIL, 7, 0}}, 2},
    {"unique-ids", NIL, true, "0 ids given out", {{OP_GENERATE, NIL, NIL, 0}}, 1},
};

static void each_model_allows_what_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct model_ops *model = model_find(cases[i].model);
        int64_t words[2][WORDS_MAX];
        struct model_state now = {words[0], 0}, next = {words[1], 0};
        char text[64];
        bool allowed = true;
        assert_non_null(model);
        model->init(cases[i].initial, &now);
        for (size_t k = 0; k < cases[i].count; k++) {
            struct model_op op = {.kind = cases[i].ops[k].kind,
                                  .answered = !cases[i].ops[k].unanswered,
                                  .argument = cases[i].ops[k].argument,
                                  .expected = OP_NIL,
                                  .result = cases[i].ops[k].result};
            assert_true(allowed);
            assert_false(model->step(&now, &op, 1, &next)); /* none has a choice */
            allowed = model->step(&now, &op, 0, &next);
            struct model_state old = now;
            now = next;
            next = old;
        }
        print_message("%zu %s\n", i, cases[i].model);
        assert_int_equal(allowed, cases[i].allowed);
        if (allowed)
            assert_string_equal(model->describe(&now, text, sizeof text), cases[i].state);
    }
}

static void members_are_all_elements_in_ascending_order(void **state)
{
    (void)state;
    const struct model_ops *model = model_find("set");
    int64_t words[] = {3, 7}, after[4];
    struct model_state now = {words, 2}, next = {after, 0};
    struct int_list all = {words, 2}, some = {words, 1};
    struct model_op op = {.kind = OP_MEMBERS, .answered = true, .list = &all};
    assert_true(model->step(&now, &op, 0, &next));
    assert_int_equal(next.count, 2);
    op.list = &some;
    assert_false(model->step(&now, &op, 0, &next));
}

static const struct {
    const char *model;
    algorithm decide;
} algorithms[] = {{"stack", stack_decide},
                  {"set", set_decide},
                  {"mutex", lock_decide},
                  {"fenced-mutex", lock_decide},
                  {"semaphore", semaphore_decide},
                  {"counter", counter_decide},
                  {"log", log_decide},
                  {"unique-ids", unique_ids_decide}};

/* Of each algorithm, a history that takes it to its end. */
static void make_plain(const char *model, struct small *out)
{
    struct small_form form = {
        .model = model, .ops = SMALL_OPS_MAX, .processes = 4, .values = 5, .distinct = true};
    struct random_stream random = random_derive(3, model);
    do
        small_make(&form, &random, out);
    while (out->problem.count < SMALL_OPS_MAX / 2);
}

static void each_algorithm_gives_up_when_its_steps_are_used_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct arena work = {0}, keep = {0};
        struct budget budget = {.steps_left = 3};
        struct finding found;
        struct small small;
        struct err err;
        make_plain(algorithms[i].model, &small);
        print_message("%s\n", algorithms[i].model);
        assert_int_equal(
            algorithms[i].decide(&small.problem, &budget, &work, &keep, &found, &err), ERR_OK);
        assert_int_equal(found.value, FINDING_GAVE_UP);
        assert_string_equal(found.why, "its budget of steps was used up");
        arena_done(&work);
        arena_done(&keep);
    }
}

static void each_algorithm_says_when_memory_is_used_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct small small;
        size_t limit = 64;
        enum err_code code = ERR_NOMEM;
        make_plain(algorithms[i].model, &small);
        for (; code == ERR_NOMEM; limit += 200) {
            struct arena work = {.limit_bytes = limit}, keep = {.limit_bytes = limit};
            struct budget budget = {.steps_left = UINT64_MAX};
            struct finding found;
            struct err err;
            code = algorithms[i].decide(&small.problem, &budget, &work, &keep, &found, &err);
            arena_done(&work);
            arena_done(&keep);
        }
        print_message("%s takes %zu bytes\n", algorithms[i].model, limit);
        assert_int_equal(code, ERR_OK);
        assert_true(limit > 264);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_model_allows_what_it_should),
        cmocka_unit_test(members_are_all_elements_in_ascending_order),
        cmocka_unit_test(each_algorithm_gives_up_when_its_steps_are_used_up),
        cmocka_unit_test(each_algorithm_says_when_memory_is_used_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
