#include "systems/exec_line.h"

#include <stdlib.h>
#include <string.h>

/* --- requests --- */

static bool put(json_t *object, const char *name, json_t *value)
{
    return object && json_object_set_new(object, name, value) == 0;
}

static json_t *integer_or_null(int64_t value)
{
    return value == OP_NIL ? json_null() : json_integer(value);
}

static json_t *done_or_null(json_t *request, bool complete)
{
    if (complete)
        return request;
    json_decref(request);
    return NULL;
}

/* Fields that the operation does not take are left out; what a compare-and-set expects
 * may be null: never written. */
json_t *exec_request(const struct operation *op, const char *table)
{
    json_t *request = json_object();
    bool complete = put(request, "op", json_string(op_kind_name((int)op->kind))) &&
                    put(request, "table", json_string(table)) &&
                    put(request, "key", json_integer(op->key)) &&
                    put(request, "level", json_string(op_level_name((int)op->level)));
    if (complete && op->argument != OP_NIL)
        complete = put(request, "argument", json_integer(op->argument));
    if (complete && op->kind == OP_CAS)
        complete = put(request, "expected", integer_or_null(op->expected));
    return done_or_null(request, complete);
}

json_t *exec_final_request(const char *table, const char *node)
{
    json_t *request = json_object();
    return done_or_null(request, put(request, "op", json_string("final")) &&
                                     put(request, "table", json_string(table)) &&
                                     put(request, "node", json_string(node)));
}

/* --- answers --- */

struct answer exec_answer_none(enum op_outcome outcome, const char *error)
{
    return (struct answer){
        .outcome = outcome, .result = OP_NIL, .version = OP_NIL, .node = -1, .error = error};
}

static enum err_code read_outcome(const json_t *line, enum op_outcome *out, struct err *err)
{
    const char *text = json_string_value(json_object_get(line, "outcome"));
    int outcome = text ? op_outcome_find(text) : -1;
    if (outcome < 0)
        return err_set(err, ERR_INVALID, "outcome: '%s' is not ok, fail or unknown",
                       text ? text : "");
    *out = (enum op_outcome)outcome;
    return ERR_OK;
}

static enum err_code read_integer(const json_t *value, const char *field, int64_t *out,
                                  struct err *err)
{
    if (!json_is_integer(value) || json_integer_value(value) == OP_NIL)
        return err_set(err, ERR_INVALID, "%s: it is no integer", field);
    *out = json_integer_value(value);
    return ERR_OK;
}

static int compare_integers(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Into `to`, which has room; sorted, and refused when one comes twice. */
static enum err_code read_members(const json_t *list, int64_t *to, struct err *err)
{
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++)
        if (read_integer(json_array_get(list, i), "a member", &to[i], err))
            return err->code;
    if (count > 0)
        qsort(to, count, sizeof *to, compare_integers);
    for (size_t i = 1; i < count; i++)
        if (to[i] == to[i - 1])
            return err_set(err, ERR_INVALID, "member %lld comes twice", (long long)to[i]);
    return ERR_OK;
}

static enum err_code read_list(const json_t *result, struct exec_answer *a, struct err *err)
{
    if (!json_is_array(result))
        return err_set(err, ERR_INVALID, "result: it is no list; members of a set are one");
    a->members = calloc(json_array_size(result) + 1, sizeof *a->members);
    if (!a->members)
        return err_set(err, ERR_NOMEM, "members of a set");
    if (read_members(result, a->members, err)) {
        free(a->members);
        return err_wrap(err, "result");
    }
    a->answer.is_list = true;
    a->answer.members = a->members;
    a->answer.member_count = json_array_size(result);
    return ERR_OK;
}

/* Only an operation that reads, and did happen, has a result. */
static enum err_code read_result(const json_t *line, const struct operation *op,
                                 struct exec_answer *a, struct err *err)
{
    const json_t *result = json_object_get(line, "result");
    if (a->answer.outcome != OUTCOME_OK || (op->kind != OP_READ && op->kind != OP_MEMBERS))
        return ERR_OK;
    if (op->kind == OP_MEMBERS)
        return read_list(result, a, err);
    if (!result)
        return err_set(err, ERR_INVALID,
                       "result: it is missing; null is a register never "
                       "written");
    return json_is_null(result) ? ERR_OK
                                : read_integer(result, "result", &a->answer.result, err);
}

enum err_code exec_answer_parse(const json_t *line, const struct operation *op,
                                struct exec_answer *out, struct err *err)
{
    struct exec_answer a = {.answer = exec_answer_none(OUTCOME_UNKNOWN, NULL)};
    const json_t *version = json_object_get(line, "version");
    if (read_outcome(line, &a.answer.outcome, err))
        return err->code;
    if (version && !json_is_null(version) &&
        read_integer(version, "version", &a.answer.version, err))
        return err->code;
    if (a.answer.outcome != OUTCOME_OK) {
        const char *error = json_string_value(json_object_get(line, "error"));
        a.answer.error = error ? error : "no reason given";
    }
    a.node = json_string_value(json_object_get(line, "node"));
    if (read_result(line, op, &a, err))
        return err->code;
    *out = a;
    return ERR_OK;
}

/* --- final state --- */

static enum err_code read_set(const json_t *item, struct arena *arena, struct final_value *out,
                              struct err *err)
{
    const json_t *list = json_object_get(item, "members");
    if (!json_is_array(list))
        return err_set(err, ERR_INVALID, "members: it is no list");
    int64_t *members = arena_array(arena, json_array_size(list) + 1, sizeof *members);
    if (!members)
        return err_set(err, ERR_NOMEM, "members of a set");
    if (read_members(list, members, err))
        return err->code;
    out->is_list = true;
    out->members = members;
    out->member_count = json_array_size(list);
    return ERR_OK;
}

static enum err_code read_item(const json_t *item, enum table_type type, struct arena *arena,
                               struct final_value *out, struct err *err)
{
    if (read_integer(json_object_get(item, "key"), "key", &out->key, err))
        return err->code;
    if (type == TABLE_OR_SET)
        return read_set(item, arena, out, err);
    const json_t *value = json_object_get(item, "value");
    out->value = OP_NIL;
    return json_is_null(value) ? ERR_OK : read_integer(value, "value", &out->value, err);
}

static int compare_keys(const void *a, const void *b)
{
    const struct final_value *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static enum err_code refuse_doubles(const struct final_value *values, size_t count,
                                    struct err *err)
{
    for (size_t i = 1; i < count; i++)
        if (values[i].key == values[i - 1].key)
            return err_set(err, ERR_INVALID, "values: key %lld comes twice",
                           (long long)values[i].key);
    return ERR_OK;
}

enum err_code exec_final_parse(const json_t *line, uint32_t table, enum table_type type,
                               struct arena *arena, struct final_value **values, size_t *count,
                               struct err *err)
{
    const json_t *list = json_object_get(line, "values");
    enum op_outcome outcome;
    if (read_outcome(line, &outcome, err))
        return err->code;
    if (outcome != OUTCOME_OK)
        return err_set(err, outcome == OUTCOME_FAIL ? ERR_UNSUPPORTED : ERR_IO,
                       "the program gives no final state");
    if (!json_is_array(list))
        return err_set(err, ERR_INVALID, "values: it is no list");
    size_t items = json_array_size(list);
    struct final_value *all = arena_array(arena, items + 1, sizeof *all);
    if (!all)
        return err_set(err, ERR_NOMEM, "final state");
    for (size_t i = 0; i < items; i++) {
        all[i].table = table;
        if (read_item(json_array_get(list, i), type, arena, &all[i], err))
            return err_wrap(err, "values[%zu]", i);
    }
    qsort(all, items, sizeof *all, compare_keys);
    if (refuse_doubles(all, items, err))
        return err->code;
    *values = all;
    *count = items;
    return ERR_OK;
}
