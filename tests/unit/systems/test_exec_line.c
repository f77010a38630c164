#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "systems/exec_line.h"

static const struct operation read_op = {
    .kind = OP_READ, .key = 3, .argument = OP_NIL, .expected = OP_NIL};
static const struct operation write_op = {
    .kind = OP_WRITE, .key = 3, .argument = 7, .expected = OP_NIL};
static const struct operation cas_op = {
    .kind = OP_CAS, .key = 3, .argument = 7, .expected = OP_NIL};
static const struct operation members_op = {
    .kind = OP_MEMBERS, .key = 3, .argument = OP_NIL, .expected = OP_NIL};

static json_t *json_of(const char *text)
{
    json_t *line = json_loads(text, 0, NULL);
    assert_non_null(line);
    return line;
}

static void requests_leave_out_what_the_operation_does_not_take(void **state)
{
    (void)state;
    static const struct {
        const struct operation *op;
        const char *want;
    } cases[] = {
        {&read_op, "{\"key\":3,\"level\":\"linearizable\",\"op\":\"read\",\"table\":\"t\"}"},
        {&write_op, "{\"argument\":7,\"key\":3,\"level\":\"linearizable\",\"op\":\"write\","
                    "\"table\":\"t\"}"},
        {&cas_op, "{\"argument\":7,\"expected\":null,\"key\":3,\"level\":\"linearizable\","
                  "\"op\":\"cas\",\"table\":\"t\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *request = exec_request(cases[i].op, "t");
        char *text = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);
        assert_string_equal(text, cases[i].want);
        free(text);
        json_decref(request);
    }
}

static void answers_are_understood(void **state)
{
    (void)state;
    static const struct {
        const struct operation *op;
        const char *line;
        enum op_outcome outcome;
        int64_t result;
        const char *error;
        size_t member_count;
    } cases[] = {
        {&read_op, "{\"outcome\":\"ok\",\"result\":5}", OUTCOME_OK, 5, NULL, 0},
        {&read_op, "{\"outcome\":\"ok\",\"result\":null}", OUTCOME_OK, OP_NIL, NULL, 0},
        {&write_op, "{\"outcome\":\"ok\"}", OUTCOME_OK, OP_NIL, NULL, 0},
        {&write_op, "{\"outcome\":\"ok\",\"result\":\"done\"}", OUTCOME_OK, OP_NIL, NULL, 0},
        {&cas_op, "{\"outcome\":\"fail\",\"error\":\"no\"}", OUTCOME_FAIL, OP_NIL, "no", 0},
        {&write_op, "{\"outcome\":\"unknown\"}", OUTCOME_UNKNOWN, OP_NIL, "no reason given", 0},
        {&members_op, "{\"outcome\":\"ok\",\"result\":[3,1,2]}", OUTCOME_OK, OP_NIL, NULL, 3},
        {&members_op, "{\"outcome\":\"ok\",\"result\":[]}", OUTCOME_OK, OP_NIL, NULL, 0},
        {&members_op, "{\"outcome\":\"fail\"}", OUTCOME_FAIL, OP_NIL, "no reason given", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct exec_answer a;
        struct err err;
        json_t *line = json_of(cases[i].line);
        print_message("%s\n", cases[i].line);
        assert_int_equal(exec_answer_parse(line, cases[i].op, &a, &err), ERR_OK);
        assert_int_equal(a.answer.outcome, cases[i].outcome);
        assert_int_equal(a.answer.result, cases[i].result);
        assert_int_equal(a.answer.member_count, cases[i].member_count);
        for (size_t m = 1; m < a.answer.member_count; m++)
            assert_true(a.answer.members[m - 1] < a.answer.members[m]);
        if (cases[i].error)
            assert_string_equal(a.answer.error, cases[i].error);
        else
            assert_null(a.answer.error);
        free(a.members);
        json_decref(line);
    }
}

static void bad_answers_are_refused_with_the_field(void **state)
{
    (void)state;
    static const struct {
        const struct operation *op;
        const char *line, *message;
    } cases[] = {
        {&read_op, "{}", "outcome: '' is not ok, fail or unknown"},
        {&read_op, "{\"outcome\":\"fine\"}", "outcome: 'fine' is not ok, fail or unknown"},
        {&read_op, "{\"outcome\":1}", "outcome: "},
        {&read_op, "{\"outcome\":\"ok\"}", "result: it is missing"},
        {&read_op, "{\"outcome\":\"ok\",\"result\":\"5\"}", "result: it is no integer"},
        {&read_op, "{\"outcome\":\"ok\",\"result\":5.5}", "result: it is no integer"},
        {&read_op, "{\"outcome\":\"ok\",\"result\":-9223372036854775808}", "result: "},
        {&members_op, "{\"outcome\":\"ok\",\"result\":5}", "result: it is no list"},
        {&members_op, "{\"outcome\":\"ok\",\"result\":[1,\"2\"]}", "result: a member"},
        {&members_op, "{\"outcome\":\"ok\",\"result\":[2,1,2]}", "member 2 comes twice"},
        {&write_op, "{\"outcome\":\"ok\",\"version\":\"x\"}", "version: it is no integer"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct exec_answer a;
        struct err err;
        json_t *line = json_of(cases[i].line);
        assert_int_equal(exec_answer_parse(line, cases[i].op, &a, &err), ERR_INVALID);
        print_message("%s: %s\n", cases[i].line, err.msg);
        assert_non_null(strstr(err.msg, cases[i].message));
        json_decref(line);
    }
}

static void final_states_are_sorted_by_key(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct final_value *values;
    size_t count;
    struct err err;
    json_t *line = json_of("{\"outcome\":\"ok\",\"values\":[{\"key\":9,\"value\":1},"
                           "{\"key\":2,\"value\":null}]}");
    assert_int_equal(exec_final_parse(line, 0, TABLE_REGISTER, &arena, &values, &count, &err),
                     ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(values[0].key, 2);
    assert_int_equal(values[0].value, OP_NIL);
    assert_int_equal(values[1].value, 1);
    json_decref(line);
    line = json_of("{\"outcome\":\"ok\",\"values\":[{\"key\":1,\"members\":[5,4]}]}");
    assert_int_equal(exec_final_parse(line, 0, TABLE_OR_SET, &arena, &values, &count, &err),
                     ERR_OK);
    assert_true(values[0].is_list);
    assert_int_equal(values[0].members[0], 4);
    json_decref(line);
    arena_done(&arena);
}

static void bad_final_states_are_refused(void **state)
{
    (void)state;
    static const struct {
        enum table_type type;
        const char *line;
        enum err_code code;
        const char *message;
    } cases[] = {
        {TABLE_REGISTER, "{\"outcome\":\"fail\"}", ERR_UNSUPPORTED, "no final state"},
        {TABLE_REGISTER, "{\"outcome\":\"unknown\"}", ERR_IO, "no final state"},
        {TABLE_REGISTER, "{\"outcome\":\"ok\"}", ERR_INVALID, "values: it is no list"},
        {TABLE_REGISTER, "{\"outcome\":\"ok\",\"values\":[3]}", ERR_INVALID, "values[0]: key"},
        {TABLE_REGISTER, "{\"outcome\":\"ok\",\"values\":[{\"key\":1}]}", ERR_INVALID, "value"},
        {TABLE_OR_SET, "{\"outcome\":\"ok\",\"values\":[{\"key\":1,\"value\":1}]}", ERR_INVALID,
         "members: it is no list"},
        {TABLE_REGISTER,
         "{\"outcome\":\"ok\",\"values\":[{\"key\":1,\"value\":1},{\"key\":1,\"value\":2}]}",
         ERR_INVALID, "key 1 comes twice"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena = {0};
        struct final_value *values = NULL;
        size_t count = 0;
        struct err err;
        json_t *line = json_of(cases[i].line);
        assert_int_equal(
            exec_final_parse(line, 0, cases[i].type, &arena, &values, &count, &err),
            cases[i].code);
        print_message("%s: %s\n", cases[i].line, err.msg);
        assert_non_null(strstr(err.msg, cases[i].message));
        json_decref(line);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_leave_out_what_the_operation_does_not_take),
        cmocka_unit_test(answers_are_understood),
        cmocka_unit_test(bad_answers_are_refused_with_the_field),
        cmocka_unit_test(final_states_are_sorted_by_key),
        cmocka_unit_test(bad_final_states_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
