/* What the models of registers and texts allow, step by step. */
#include "tests/support/test.h"

#include <string.h>

#include "checker/kv_texts.h"
#include "checker/model.h"
#include "history/history.h"
#include "tests/support/played.h"

static struct model_op a_read(int64_t result)
{
    return (struct model_op){.kind = OP_READ, .answered = true, .result = result};
}

static struct model_op a_write(int64_t argument)
{
    return (struct model_op){.kind = OP_WRITE, .answered = true, .argument = argument};
}

static struct model_op an_rmw(int64_t argument, int64_t result)
{
    return (struct model_op){
        .kind = OP_RMW, .answered = true, .argument = argument, .result = result};
}

static const char *described(const struct played *o)
{
    static char text[200];
    return o->model->describe(&o->now, text, sizeof text);
}

static void a_register_holds_what_was_written_last(void **state)
{
    (void)state;
    struct played o;
    played_begin(&o, "register", OP_NIL);
    assert_true(played_does(&o, a_read(OP_NIL)));
    assert_string_equal(described(&o), "nothing");
    assert_true(played_does(&o, a_write(3)));
    assert_true(played_does(&o, a_read(3)));
    assert_false(played_does(&o, a_read(OP_NIL)));
    assert_string_equal(described(&o), "3");
    assert_false(played_does(&o, (struct model_op){.kind = OP_CAS, .answered = true}));
    played_begin(&o, "register", 8);
    assert_true(played_does(&o, a_read(8)));
}

static void an_rmw_tells_what_it_replaced(void **state)
{
    (void)state;
    struct played o;
    played_begin(&o, "rmw", OP_NIL);
    assert_true(played_does(&o, an_rmw(5, 0)));
    assert_false(played_does(&o, an_rmw(6, 0)));
    assert_true(played_does(&o, an_rmw(6, 5)));
    assert_true(played_does(&o, a_read(6)));
    assert_true(played_does(&o, a_write(1)));
    assert_true(played_does(&o, an_rmw(1, 1)));
    assert_string_equal(described(&o), "1");
}

static void an_unanswered_rmw_is_a_write(void **state)
{
    (void)state;
    struct played o;
    struct model_op unknown = {.kind = OP_RMW, .argument = 9, .result = 9};
    played_begin(&o, "rmw", 4);
    assert_false(o.model->only_looks(&unknown));
    assert_true(played_does(&o, unknown));
    assert_true(played_does(&o, a_read(9)));
}

static struct model_op a_txn(const struct int_list *list)
{
    return (struct model_op){.kind = OP_TXN, .answered = true, .list = list};
}

#define LIST(...)                                                                              \
    &(struct int_list)                                                                         \
    {                                                                                          \
        (int64_t[]){__VA_ARGS__}, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)           \
    }

static void a_txn_is_all_of_its_parts_at_once(void **state)
{
    (void)state;
    struct played o;
    played_begin(&o, "multi-register", 0);
    assert_true(played_does(&o, a_txn(LIST(OP_READ, 7, 0, OP_WRITE, 7, 1, OP_WRITE, 2, 5))));
    assert_string_equal(described(&o), "2: 5, 7: 1, all else: 0");
    assert_true(played_does(&o, a_txn(LIST(OP_READ, 2, 5, OP_READ, 7, 1, OP_READ, 3, 0))));
    /* Its second read does not fit, so nothing of it happens. */
    assert_false(played_does(&o, a_txn(LIST(OP_WRITE, 2, 6, OP_READ, 7, 0))));
    assert_true(played_does(&o, a_txn(LIST(OP_READ, 2, 5))));
}

static void a_txn_reads_its_own_writes(void **state)
{
    (void)state;
    struct played o;
    played_begin(&o, "multi-register", OP_NIL);
    assert_true(
        played_does(&o, a_txn(LIST(OP_READ, 1, OP_NIL, OP_WRITE, 1, 4, OP_READ, 1, 4))));
    assert_false(played_does(&o, a_txn(LIST(OP_WRITE, 1, 5, OP_READ, 1, 4))));
}

static void equal_contents_of_registers_are_equal_states(void **state)
{
    (void)state;
    struct played a, b;
    played_begin(&a, "multi-register", 0);
    played_begin(&b, "multi-register", 0);
    assert_true(played_does(&a, a_txn(LIST(OP_WRITE, 1, 1, OP_WRITE, 5, 5, OP_WRITE, 3, 3))));
    assert_true(played_does(&a, a_txn(LIST(OP_WRITE, 1, 0))));
    assert_true(played_does(&b, a_txn(LIST(OP_WRITE, 3, 3, OP_WRITE, 5, 5))));
    assert_int_equal(a.now.count, b.now.count);
    assert_memory_equal(a.now.words, b.now.words, a.now.count * sizeof(int64_t));
}

static void an_unanswered_txn_tells_nothing_of_its_reads(void **state)
{
    (void)state;
    struct played o;
    struct model_op unknown = a_txn(LIST(OP_READ, 1, 77, OP_WRITE, 1, 2));
    unknown.answered = false;
    played_begin(&o, "multi-register", 0);
    assert_true(played_does(&o, unknown));
    assert_true(played_does(&o, a_txn(LIST(OP_READ, 1, 2))));
}

static void a_text_off_the_known_prefixes_is_junk_until_the_next_put(void **state)
{
    (void)state;
    struct played o;
    struct model_op append = {
        .kind = OP_APPEND, .answered = true, .list = LIST(0, 1, 1, 2, 4, 5)};
    played_begin(&o, "kv", OP_NIL);
    assert_true(played_does(&o, append));
    assert_true(played_does(&o, a_read(1)));
    assert_true(played_does(&o, append));
    assert_true(played_does(&o, append)); /* from 2 it leads nowhere */
    assert_string_equal(described(&o), "a text that nobody got");
    assert_false(played_does(&o, a_read(2)));
    assert_true(played_does(&o, append));
    assert_true(played_does(&o, a_write(4)));
    assert_true(played_does(&o, append));
    assert_true(played_does(&o, a_read(5)));
    assert_true(played_does(&o, a_write(KV_JUNK)));
    assert_false(played_does(&o, a_read(0)));
}

static void only_looking_changes_nothing(void **state)
{
    (void)state;
    struct model_op read = a_read(1), write = a_write(1), same = an_rmw(3, 3);
    assert_true(model_find("register")->only_looks(&read));
    assert_false(model_find("register")->only_looks(&write));
    assert_true(model_find("rmw")->only_looks(&same));
    struct model_op reads = a_txn(LIST(OP_READ, 1, 1, OP_READ, 2, 2));
    struct model_op mixed = a_txn(LIST(OP_READ, 1, 1, OP_WRITE, 2, 2));
    assert_true(model_find("multi-register")->only_looks(&reads));
    assert_false(model_find("multi-register")->only_looks(&mixed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_holds_what_was_written_last),
        cmocka_unit_test(an_rmw_tells_what_it_replaced),
        cmocka_unit_test(an_unanswered_rmw_is_a_write),
        cmocka_unit_test(a_txn_is_all_of_its_parts_at_once),
        cmocka_unit_test(a_txn_reads_its_own_writes),
        cmocka_unit_test(equal_contents_of_registers_are_equal_states),
        cmocka_unit_test(an_unanswered_txn_tells_nothing_of_its_reads),
        cmocka_unit_test(a_text_off_the_known_prefixes_is_junk_until_the_next_put),
        cmocka_unit_test(only_looking_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
