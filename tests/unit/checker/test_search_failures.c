/* The searches and the numbering of texts while one allocation after the other fails,
 * and under every limit of memory: no verdict is wrong, and nothing stays counted. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#include "base/memory.h"
#include "checker/algorithms/search.h"
#include "checker/algorithms/sequential.h"
#include "checker/kv_texts.h"
#include "tests/support/failures.h"
#include "tests/support/small.h"

WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), NULL)

enum { HISTORIES = 6 };

static struct small small;

static void make(uint64_t seed)
{
    struct random_stream random = random_derive(seed, "failures");
    struct small_form form = {.model = seed % 2 ? "multi-register" : "cas-register",
                              .ops = 60,
                              .processes = 8,
                              .values = 4,
                              .unanswered_ppm = 200000,
                              .changed_ppm = 500000,
                              .refused = true};
    small_make(&form, &random, &small);
}

typedef enum err_code (*decision)(struct budget *budget, struct arena *work, struct arena *keep,
                                  struct finding *out, struct err *err);

static enum err_code by_search(struct budget *budget, struct arena *work, struct arena *keep,
                               struct finding *out, struct err *err)
{
    return search_decide(&small.problem, budget, work, keep, out, err);
}

static enum err_code by_process(struct budget *budget, struct arena *work, struct arena *keep,
                                struct finding *out, struct err *err)
{
    return sequential_decide(&small.problem, NULL, budget, work, keep, out, err);
}

/* FINDING_NOT_MINE where memory ended. */
static enum finding_value decide(decision by, size_t memory_max)
{
    struct memory memory = {.max_bytes = memory_max};
    struct budget budget = {.steps_left = 20000, .memory = &memory};
    struct arena work = {.memory = &memory}, keep = {.memory = &memory};
    struct finding f;
    struct err err;
    enum err_code code = by(&budget, &work, &keep, &f, &err);
    assert_true(code == ERR_OK || code == ERR_NOMEM);
    assert_true(code || f.value != FINDING_GAVE_UP || f.why);
    arena_done(&work);
    arena_done(&keep);
    assert_int_equal(memory.used_bytes, 0);
    return code ? FINDING_NOT_MINE : f.value;
}

static void fail_all(decision by)
{
    enum finding_value whole = decide(by, 0);
    for (int sticky = 0; sticky < 2; sticky++)
        FOR_EACH_FAILURE (nth, sticky) {
            enum finding_value value = decide(by, 0);
            bool failed = failures_fired();
            failures_disarm();
            if (!failed) {
                assert_int_equal(value, whole);
                break;
            }
            assert_true(value == FINDING_NOT_MINE || value == FINDING_GAVE_UP ||
                        value == whole);
        }
}

static void every_failure_is_told_or_made_up_for(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < HISTORIES; seed++) {
        make(seed);
        fail_all(by_search);
        fail_all(by_process);
    }
}

static void no_limit_of_memory_makes_a_verdict_wrong(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < HISTORIES; seed++) {
        make(seed);
        enum finding_value searched = decide(by_search, 0), ordered = decide(by_process, 0);
        for (size_t kilobytes = 64; kilobytes < 400; kilobytes += 8) {
            enum finding_value value = decide(by_search, kilobytes << 10);
            assert_true(value == FINDING_NOT_MINE || value == FINDING_GAVE_UP ||
                        value == searched);
            value = decide(by_process, kilobytes << 10);
            assert_true(value == FINDING_NOT_MINE || value == FINDING_GAVE_UP ||
                        value == ordered);
        }
    }
}

static const char *text_at(const void *user, int64_t value)
{
    (void)user;
    return value == 1 ? "aa" : value == 2 ? "aaaaaa" : value == 3 ? "aab" : NULL;
}

static enum err_code number_some(void)
{
    struct timed_op ops[] = {{.op = {.kind = OP_APPEND, .argument = 1}},
                             {.op = {.kind = OP_READ, .result = 2}},
                             {.op = {.kind = OP_WRITE, .argument = 44}},
                             {.op = {.kind = OP_READ, .result = 3}}};
    struct arena work = {0}, keep = {0};
    struct err err;
    struct budget budget = {.steps_left = UINT64_MAX};
    struct kv_room room = {&budget, &work, &keep};
    enum err_code code = kv_texts_number(ops, sizeof ops / sizeof *ops,
                                         (struct kv_source){.text = text_at}, &room, &err);
    if (!code)
        assert_int_equal(ops[0].op.list->count, 6);
    arena_done(&work);
    arena_done(&keep);
    return code;
}

static void texts_need_memory_and_say_so(void **state)
{
    (void)state;
    for (int sticky = 0; sticky < 2; sticky++)
        FOR_EACH_FAILURE (nth, sticky) {
            enum err_code code = number_some();
            bool failed = failures_fired();
            failures_disarm();
            if (!failed) {
                assert_int_equal(code, ERR_OK);
                break;
            }
            assert_int_equal(code, ERR_NOMEM);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_is_told_or_made_up_for),
        cmocka_unit_test(no_limit_of_memory_makes_a_verdict_wrong),
        cmocka_unit_test(texts_need_memory_and_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
