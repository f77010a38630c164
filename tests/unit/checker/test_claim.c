/* Deeds in English, and templates that tell of them. */
#include "tests/support/test.h"

#include "checker/claim.h"

enum { ROWS_MAX = 4 };

/* Columns of a few rows, by hand. */
struct table {
    struct columns columns;
    uint8_t kind[ROWS_MAX], outcome[ROWS_MAX];
    int64_t process[ROWS_MAX], key[ROWS_MAX], argument[ROWS_MAX], expected[ROWS_MAX];
    int64_t result[ROWS_MAX], invoked_at_ns[ROWS_MAX], returned_at_ns[ROWS_MAX];
    uint32_t region[ROWS_MAX];
};

static struct columns *columns(struct table *t)
{
    t->columns = (struct columns){.count = t->columns.count,
                                  .kind = t->kind,
                                  .outcome = t->outcome,
                                  .process = t->process,
                                  .region = t->region,
                                  .key = t->key,
                                  .argument = t->argument,
                                  .expected = t->expected,
                                  .result = t->result,
                                  .invoked_at_ns = t->invoked_at_ns,
                                  .returned_at_ns = t->returned_at_ns};
    return &t->columns;
}

/* Process 1, 2, ... does it on key 9, from 1 s to 2 s, 3 s to 4 s, ... */
static void add(struct table *t, enum op_kind kind, enum op_outcome outcome, int64_t argument,
                int64_t expected, int64_t result)
{
    size_t row = t->columns.count++;
    t->kind[row] = (uint8_t)kind;
    t->outcome[row] = (uint8_t)outcome;
    t->process[row] = (int64_t)row + 1;
    t->key[row] = 9;
    t->argument[row] = argument;
    t->expected[row] = expected;
    t->result[row] = result;
    t->invoked_at_ns[row] = (2 * (int64_t)row + 1) * 1000000000;
    t->returned_at_ns[row] = (2 * (int64_t)row + 2) * 1000000000;
}

#define NIL OP_NIL

static const struct {
    enum op_kind kind;
    enum op_outcome outcome;
    int64_t argument, expected, result;
    const char *deed, *did;
} cases[] = {
    {OP_READ, OUTCOME_OK, NIL, NIL, 4, "read 4", "had read 4"},
    {OP_READ, OUTCOME_OK, NIL, NIL, NIL, "read nothing", "had read nothing"},
    {OP_READ, OUTCOME_OK, 7, NIL, 4, "read 4 at 7", "had read 4 at 7"},
    {OP_WRITE, OUTCOME_OK, 5, NIL, NIL, "wrote 5", "had written 5"},
    {OP_CAS, OUTCOME_OK, 5, 4, NIL, "replaced 4 by 5", "had replaced 4 by 5"},
    {OP_CAS, OUTCOME_UNKNOWN, 5, 4, NIL, "replaced 4 by 5", "had replaced 4 by 5"},
    {OP_CAS, OUTCOME_FAIL, 5, 4, NIL, "did not find 4", "had not found 4"},
    {OP_CAS, OUTCOME_FAIL, 5, 4, 6, "found 6 instead of 4", "had found 6 instead of 4"},
    {OP_RMW, OUTCOME_OK, 5, NIL, 4, "replaced 4 by 5", "had replaced 4 by 5"},
    {OP_RMW, OUTCOME_UNKNOWN, 5, NIL, NIL, "wrote 5", "had written 5"},
    {OP_ADD, OUTCOME_OK, 5, NIL, NIL, "added 5", "had added 5"},
    {OP_REMOVE, OUTCOME_OK, 5, NIL, NIL, "removed 5", "had removed 5"},
    {OP_MEMBERS, OUTCOME_OK, NIL, NIL, 0, "read the members", "had read the members"},
    {OP_CONTAINS, OUTCOME_OK, 5, NIL, 1, "found 5", "had found 5"},
    {OP_CONTAINS, OUTCOME_OK, 5, NIL, 0, "did not find 5", "had not found 5"},
    {OP_CONTAINS, OUTCOME_UNKNOWN, 5, NIL, NIL, "looked for 5", "had looked for 5"},
    {OP_TXN, OUTCOME_OK, NIL, NIL, NIL, "did a transaction", "had done a transaction"},
    {OP_APPEND, OUTCOME_OK, 5, NIL, NIL, "appended 5", "had appended 5"},
    {OP_APPEND, OUTCOME_OK, 5, NIL, 3, "appended 5 at 3", "had appended 5 at 3"},
    {OP_INCREMENT, OUTCOME_OK, 5, NIL, NIL, "incremented it by 5", "had incremented it by 5"},
    {OP_INCREMENT, OUTCOME_OK, 5, NIL, 7, "incremented it by 5 to 7",
     "had incremented it by 5 to 7"},
    {OP_ENQUEUE, OUTCOME_OK, 5, NIL, NIL, "enqueued 5", "had enqueued 5"},
    {OP_DEQUEUE, OUTCOME_OK, NIL, NIL, 5, "dequeued 5", "had dequeued 5"},
    {OP_DEQUEUE, OUTCOME_OK, NIL, NIL, NIL, "found it empty", "had found it empty"},
    {OP_DEQUEUE, OUTCOME_UNKNOWN, NIL, NIL, NIL, "tried to dequeue", "had tried to dequeue"},
    {OP_PUSH, OUTCOME_OK, 5, NIL, NIL, "pushed 5", "had pushed 5"},
    {OP_POP, OUTCOME_OK, NIL, NIL, 5, "popped 5", "had popped 5"},
    {OP_INSERT, OUTCOME_OK, 5, NIL, NIL, "inserted 5", "had inserted 5"},
    {OP_POLL, OUTCOME_OK, NIL, NIL, 5, "polled 5", "had polled 5"},
    {OP_PEEK, OUTCOME_OK, NIL, NIL, 5, "peeked at 5", "had peeked at 5"},
    {OP_ACQUIRE, OUTCOME_OK, NIL, NIL, NIL, "acquired it", "had acquired it"},
    {OP_ACQUIRE, OUTCOME_OK, NIL, NIL, 7, "acquired it with token 7",
     "had acquired it with token 7"},
    {OP_ACQUIRE, OUTCOME_OK, NIL, NIL, 0, "found none left", "had found none left"},
    {OP_ACQUIRE, OUTCOME_UNKNOWN, NIL, NIL, NIL, "tried to acquire it",
     "had tried to acquire it"},
    {OP_RELEASE, OUTCOME_OK, NIL, NIL, NIL, "released it", "had released it"},
    {OP_RELEASE, OUTCOME_OK, 7, NIL, NIL, "released it with token 7",
     "had released it with token 7"},
    {OP_GENERATE, OUTCOME_OK, NIL, NIL, 5, "was given 5", "had been given 5"},
};

static void every_kind_of_operation_is_told(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct table t = {0};
        add(&t, cases[i].kind, cases[i].outcome, cases[i].argument, cases[i].expected,
            cases[i].result);
        struct teller teller = {.columns = columns(&t), .arena = &arena};
        print_message("%s\n", cases[i].deed);
        assert_string_equal(tell_deed(&teller, 0), cases[i].deed);
        assert_string_equal(tell_did(&teller, 0), cases[i].did);
    }
    arena_done(&arena);
}

static void kinds_without_words_of_their_own_are_still_told(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (int kind = 0; kind < OP_KIND_COUNT; kind++) {
        struct table t = {0};
        add(&t, (enum op_kind)kind, OUTCOME_OK, 5, 4, 3);
        struct teller teller = {.columns = columns(&t), .arena = &arena};
        assert_string_not_equal(tell_deed(&teller, 0), "did something");
    }
    arena_done(&arena);
}

/* --- templates --- */

struct fixture {
    struct table table;
    struct arena arena;
    struct teller teller;
};

static struct fixture *a_stale_read(void)
{
    static struct fixture f;
    f = (struct fixture){.teller = {.arena = &f.arena}};
    add(&f.table, OP_WRITE, OUTCOME_OK, 41, NIL, NIL);
    add(&f.table, OP_CAS, OUTCOME_OK, 57, 41, NIL);
    add(&f.table, OP_READ, OUTCOME_OK, NIL, NIL, 41);
    add(&f.table, OP_WRITE, OUTCOME_FAIL, 99, NIL, NIL);
    f.teller.columns = columns(&f.table);
    return &f;
}

static void assert_tells(struct fixture *f, const char *template, const char *want)
{
    static const uint32_t rows[ROLES_MAX] = {2, 1, 0, UINT32_MAX};
    struct claim claim = {.template = template, .rows = rows, .key = 9};
    assert_string_equal(claim_tell(&claim, &f->teller), want);
}

static void a_template_is_filled_in(void **state)
{
    (void)state;
    struct fixture *f = a_stale_read();
    assert_tells(f, "", "");
    assert_tells(f, "no role at all", "no role at all");
    assert_tells(f, "{0.who} {0.deed} in key {key} at {0.called}, but {1.value} was there",
                 "process 3 read 41 in key 9 at 5.000s, but 57 was there");
    assert_tells(f, "{1.who} {1.did} by {1.returned}",
                 "process 2 had replaced 41 by 57 by 4.000s");
    assert_tells(f, "{1.argument} {1.expected} {0.result} {0.value} {2.value} {2.result}",
                 "57 41 41 41 41 nothing");
    assert_tells(f, "{{0.who} {{{0.value}", "{0.who} {41");
    arena_done(&f->arena);
}

static void what_is_wrong_in_a_template_stays_to_be_seen(void **state)
{
    (void)state;
    struct fixture *f = a_stale_read();
    static const char *const wrong[] = {"{0.whom}", "{0who}", "{8.who}", "{x}", "{}",
                                        "{3.who}",  "{0.}",   "{0.who",  "a {"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_tells(f, wrong[i], wrong[i]);
    arena_done(&f->arena);
}

static void the_origin_of_a_value_is_a_write_that_failed_or_nobody(void **state)
{
    (void)state;
    struct fixture *f = a_stale_read();
    static const uint32_t rows[ROLES_MAX] = {2};
    struct claim claim = {.template = "{0.deed}, but {0.origin}", .rows = rows, .key = 9};
    f->table.result[2] = 98;
    assert_string_equal(claim_tell(&claim, &f->teller), "read 98, but nobody ever wrote 98");
    assert_int_equal(claim_origin(&claim, &f->teller), UINT32_MAX);
    f->table.result[2] = 99;
    assert_string_equal(claim_tell(&claim, &f->teller),
                        "read 99, but the write of 99 by process 4 at 7.000s had failed");
    assert_int_equal(claim_origin(&claim, &f->teller), 3);
    claim.template = "{0.deed}";
    assert_int_equal(claim_origin(&claim, &f->teller), UINT32_MAX);
    arena_done(&f->arena);
}

static void without_memory_there_is_no_sentence(void **state)
{
    (void)state;
    struct fixture *f = a_stale_read();
    static const uint32_t rows[ROLES_MAX] = {2};
    struct claim claim = {.template = "{0.who} {0.deed} in key {key}", .rows = rows, .key = 9};
    f->arena.limit_bytes = 64;
    assert_null(claim_tell(&claim, &f->teller));
    arena_done(&f->arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_operation_is_told),
        cmocka_unit_test(kinds_without_words_of_their_own_are_still_told),
        cmocka_unit_test(a_template_is_filled_in),
        cmocka_unit_test(what_is_wrong_in_a_template_stays_to_be_seen),
        cmocka_unit_test(the_origin_of_a_value_is_a_write_that_failed_or_nobody),
        cmocka_unit_test(without_memory_there_is_no_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
