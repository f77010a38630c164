/* What zones says of each contradiction, and that neither a lack of memory nor of time
 * makes it say anything wrong. */
#include "tests/support/test.h"

#include "checker/algorithms/zones.h"
#include "checker/claim.h"

enum { OPS_MAX = 8 };

#define NIL OP_NIL

/* A history, from seconds to seconds; 0 as the end: never answered. */
struct told {
    const char *name;
    int64_t initial;
    struct line {
        enum op_kind kind;
        int64_t argument, expected, result;
        int64_t from_s, to_s;
        bool refused;
    } ops[OPS_MAX];
    const char *sentence;
    uint32_t proof[OPS_MAX]; /* as numbers from 1; in any order */
};

static const struct told cases[] = {
    {"a value that nobody wrote",
     NIL,
     {{OP_CAS, 5, 4, NIL, 1, 2, false}},
     "process 1 replaced 4 by 5 in key 7 at 1.000s, but nobody ever wrote 4",
     {1}},
    {"one value replaced twice, once unanswered and seen",
     NIL,
     {{OP_WRITE, 4, NIL, NIL, 1, 2, false},
      {OP_CAS, 5, 4, NIL, 3, 0, false},
      {OP_CAS, 6, 4, NIL, 4, 5, false},
      {OP_READ, NIL, NIL, 5, 6, 7, false}},
     "process 2 replaced 4 by 5 in key 7 at 3.000s, and process 3 replaced 4 by 6 at 4.000s, "
     "but 4 was there only once",
     {1, 2, 3, 4}},
    {"values that follow from each other",
     NIL,
     {{OP_CAS, 5, 4, NIL, 1, 3, false}, {OP_CAS, 4, 5, NIL, 2, 4, false}},
     "process 1 replaced 4 by 5 in key 7 at 1.000s, but what it found could only come from it",
     {1, 2}},
    {"a read before its write",
     NIL,
     {{OP_READ, NIL, NIL, 4, 1, 2, false}, {OP_WRITE, 4, NIL, NIL, 3, 4, false}},
     "process 1 read 4 in key 7 by 2.000s, but process 2 did not begin to write 4 before "
     "3.000s",
     {1, 2}},
    {"a value that came back",
     0,
     {{OP_CAS, 5, 0, NIL, 1, 2, false},
      {OP_CAS, 6, 5, NIL, 3, 4, false},
      {OP_READ, NIL, NIL, 5, 5, 6, false}},
     "process 3 read 5 in key 7 at 5.000s, but 6 had been acknowledged to process 2 at 4.000s, "
     "and that follows 5",
     {1, 2, 3}},
    {"the value of the start after a write",
     3,
     {{OP_WRITE, 4, NIL, NIL, 1, 2, false}, {OP_READ, NIL, NIL, 3, 3, 4, false}},
     "process 2 read 3 in key 7 at 3.000s, but 4 had been acknowledged to process 1 at 2.000s, "
     "and 3 was there only before the first write",
     {1, 2}},
    {"a value that followed from the start after a write",
     3,
     {{OP_WRITE, 4, NIL, NIL, 1, 2, false}, {OP_CAS, 5, 3, NIL, 3, 4, false}},
     "process 2 replaced 3 by 5 in key 7 at 3.000s, but 4 had been acknowledged to process 1 "
     "at "
     "2.000s, and 3 was there only before the first write",
     {1, 2}},
    {"a refused CAS that tells of an old value",
     NIL,
     {{OP_WRITE, 4, NIL, NIL, 1, 2, false},
      {OP_WRITE, 5, NIL, NIL, 3, 4, false},
      {OP_CAS, 9, 8, 4, 5, 6, true}},
     "process 3 found 4 instead of 8 in key 7 at 5.000s, but 5 had been acknowledged to "
     "process "
     "2 at 4.000s, and 5 came after 4: 4 had been acknowledged to process 1 at 2.000s, before "
     "process 2 began to write 5 at 3.000s",
     {1, 2, 3}},
    {"a CAS refused although its value was there",
     NIL,
     {{OP_WRITE, 4, NIL, NIL, 1, 2, false},
      {OP_CAS, 5, 4, NIL, 3, 4, true},
      {OP_READ, NIL, NIL, 4, 5, 6, false}},
     "process 2 did not find 4 in key 7 from 3.000s to 4.000s, but 4 had been acknowledged to "
     "process 1 at 2.000s, and process 3 read 4 at 5.000s, so it was there all the time",
     {1, 2, 3}},
    {"a CAS refused although the value of the start was there",
     0,
     {{OP_CAS, 5, 0, NIL, 1, 2, true}, {OP_CAS, 6, 0, NIL, 3, 4, false}},
     "process 1 did not find 0 in key 7 from 1.000s to 2.000s, but that was there from the "
     "start, and process 2 replaced 0 by 6 at 3.000s, so it was there all the time",
     {1, 2}},
    {"a read-modify-write that found an old value",
     0,
     {{OP_RMW, 5, NIL, 0, 1, 2, false}, {OP_RMW, 6, NIL, 0, 3, 4, false}},
     "process 1 replaced 0 by 5 in key 7 at 1.000s, and process 2 replaced 0 by 6 at 3.000s, "
     "but 0 was there only once",
     {1, 2}},
};

/* --- from a case to columns and operations --- */

struct table {
    struct columns columns;
    uint8_t kind[OPS_MAX], outcome[OPS_MAX];
    int64_t process[OPS_MAX], key[OPS_MAX], argument[OPS_MAX], expected[OPS_MAX];
    int64_t result[OPS_MAX], invoked_at_ns[OPS_MAX], returned_at_ns[OPS_MAX];
    uint32_t region[OPS_MAX];
    struct timed_op ops[OPS_MAX];
};

static void add(struct table *t, const struct line *line)
{
    size_t row = t->columns.count++;
    bool answered = line->to_s != 0;
    t->kind[row] = (uint8_t)line->kind;
    t->outcome[row] = !answered ? OUTCOME_UNKNOWN : line->refused ? OUTCOME_FAIL : OUTCOME_OK;
    t->process[row] = (int64_t)row + 1;
    t->key[row] = 7;
    t->argument[row] = line->argument;
    t->expected[row] = line->expected;
    t->result[row] = line->result;
    t->invoked_at_ns[row] = line->from_s * 1000000000;
    t->returned_at_ns[row] = line->to_s * 1000000000;
    t->ops[row] = (struct timed_op){
        .op = {.kind = line->kind,
               .answered = answered,
               .refused = line->refused,
               .argument = line->argument,
               .expected = line->expected,
               .result = line->result},
        .called_at_ns = t->invoked_at_ns[row],
        .returned_at_ns = answered ? t->returned_at_ns[row] : INT64_MAX,
        .row = (uint32_t)row,
    };
}

static struct problem fill(struct table *t, const struct told *c)
{
    *t = (struct table){0};
    for (size_t i = 0; i < OPS_MAX && c->ops[i].from_s != 0; i++)
        add(t, &c->ops[i]);
    t->columns.kind = t->kind;
    t->columns.outcome = t->outcome;
    t->columns.process = t->process;
    t->columns.region = t->region;
    t->columns.key = t->key;
    t->columns.argument = t->argument;
    t->columns.expected = t->expected;
    t->columns.result = t->result;
    t->columns.invoked_at_ns = t->invoked_at_ns;
    t->columns.returned_at_ns = t->returned_at_ns;
    return (struct problem){.model = model_find("cas-register"),
                            .initial = c->initial,
                            .ops = t->ops,
                            .count = t->columns.count};
}

/* --- what is said --- */

static void assert_proof(const struct finding *f, const uint32_t *want)
{
    size_t count = 0;
    while (count < OPS_MAX && want[count] != 0)
        count++;
    assert_int_equal(f->proof_count, count);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t k = 0; k < count; k++)
            found |= f->proof[k] == want[i] - 1;
        assert_true(found);
    }
}

static void each_contradiction_has_its_sentence_and_proof(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena = {0};
        struct table t;
        struct problem p = fill(&t, &cases[i]);
        struct budget budget = {.steps_left = UINT64_MAX};
        struct finding found;
        struct err err;
        print_message("%s\n", cases[i].name);
        assert_int_equal(zones_decide(&p, &budget, &arena, &arena, &found, &err), ERR_OK);
        assert_int_equal(found.value, FINDING_NO_ORDER);
        struct claim claim = {.template = found.claim, .rows = found.roles, .key = 7};
        struct teller teller = {.columns = &t.columns, .arena = &arena};
        assert_string_equal(claim_tell(&claim, &teller), cases[i].sentence);
        assert_proof(&found, cases[i].proof);
        arena_done(&arena);
    }
}

/* --- what is not --- */

static const struct told holds = {
    "an order with a refused CAS",
    NIL,
    {{OP_WRITE, 4, NIL, NIL, 1, 2, false},
     {OP_CAS, 5, 4, NIL, 3, 6, false},
     {OP_CAS, 9, 4, NIL, 4, 7, true},
     {OP_READ, NIL, NIL, 5, 5, 8, false}},
    NULL,
    {0},
};

/* As much memory as it takes, from none: less must be told as that. Arenas hand out
 * whole blocks, so their limit is what is moved. */
static void assert_no_memory_is_told(const struct told *c, enum finding_value want)
{
    bool told = false;
    for (size_t limit_bytes = 16;; limit_bytes += 16) {
        struct arena work = {.limit_bytes = limit_bytes}, keep = {.limit_bytes = limit_bytes};
        struct table t;
        struct problem p = fill(&t, c);
        struct budget budget = {.steps_left = UINT64_MAX};
        struct finding found;
        struct err err;
        enum err_code code = zones_decide(&p, &budget, &work, &keep, &found, &err);
        arena_done(&work);
        arena_done(&keep);
        told |= code == ERR_NOMEM;
        if (code == ERR_OK) {
            assert_int_equal(found.value, want);
            break;
        }
        assert_int_equal(code, ERR_NOMEM);
        assert_int_equal(found.value, FINDING_NOT_MINE);
    }
    assert_true(told);
}

static void a_lack_of_memory_is_told(void **state)
{
    (void)state;
    assert_no_memory_is_told(&holds, FINDING_ORDER);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_no_memory_is_told(&cases[i], FINDING_NO_ORDER);
}

static void assert_no_time_is_told(const struct told *c, enum finding_value want)
{
    for (uint64_t steps = 0;; steps++) {
        struct arena arena = {0};
        struct table t;
        struct problem p = fill(&t, c);
        struct budget budget = {.steps_left = steps};
        struct finding found;
        struct err err;
        assert_int_equal(zones_decide(&p, &budget, &arena, &arena, &found, &err), ERR_OK);
        bool gave_up = found.value == FINDING_GAVE_UP;
        if (gave_up)
            assert_string_equal(found.why, "its budget of steps was used up");
        else
            assert_int_equal(found.value, want);
        arena_done(&arena);
        if (!gave_up)
            break;
        assert_true(steps < 1000);
    }
}

static void a_lack_of_time_is_told(void **state)
{
    (void)state;
    assert_no_time_is_told(&holds, FINDING_ORDER);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_no_time_is_told(&cases[i], FINDING_NO_ORDER);
}

static void no_operations_have_an_order(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct budget budget = {.steps_left = UINT64_MAX};
    struct problem p = {.model = model_find("cas-register"), .initial = NIL};
    struct finding found;
    struct err err;
    assert_int_equal(zones_decide(&p, &budget, &arena, &arena, &found, &err), ERR_OK);
    assert_int_equal(found.value, FINDING_ORDER);
    assert_int_equal(found.order_count, 0);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_contradiction_has_its_sentence_and_proof),
        cmocka_unit_test(a_lack_of_memory_is_told),
        cmocka_unit_test(a_lack_of_time_is_told),
        cmocka_unit_test(no_operations_have_an_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
