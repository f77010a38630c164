/* Contents: forms · rules · telling · taking · sums */
#include "checker/operands.h"

#include <stdio.h>

/* --- forms --- */

/* What one field may hold. */
struct form {
    const char *allowed;
    bool nothing, text, list;
    int64_t min, max; /* of an integer; none is allowed where min > max */
};

#define ALL_INTEGERS .min = INT64_MIN + 1, .max = INT64_MAX

static const struct form single = {"a single value", .nothing = true, .text = true,
                                   ALL_INTEGERS};
static const struct form value = {"an integer or a text", .text = true, ALL_INTEGERS};
static const struct form number = {"an integer", ALL_INTEGERS};
static const struct form number_if_any = {"an integer or nothing", .nothing = true,
                                          ALL_INTEGERS};
static const struct form place = {"an offset, from 0", .max = INT64_MAX};
static const struct form place_if_any = {"an offset, from 0, or nothing", .nothing = true,
                                         .max = INT64_MAX};
static const struct form flag = {"1 or 0", .max = 1};
static const struct form flag_if_any = {"1, 0 or nothing", .nothing = true, .max = 1};
static const struct form list = {"a list", .list = true, .min = 1};

/* --- rules --- */

struct rule {
    enum op_kind kind;
    enum model_counts counts;
    bool of_result; /* else of the argument */
    const struct form *form;
};

/* Whatever is not here is an argument that may be anything, or a single result. */
static const struct rule rules[] = {
    {OP_CONTAINS, COUNTS_NOTHING, true, &flag},
    {OP_ADD, COUNTS_NOTHING, true, &flag_if_any},
    {OP_REMOVE, COUNTS_NOTHING, true, &flag_if_any},
    {OP_MEMBERS, COUNTS_NOTHING, true, &list},
    {OP_GENERATE, COUNTS_NOTHING, true, &value},
    {OP_INSERT, COUNTS_OPERANDS, false, &number},
    {OP_POLL, COUNTS_OPERANDS, true, &number_if_any},
    {OP_PEEK, COUNTS_OPERANDS, true, &number_if_any},
    {OP_INCREMENT, COUNTS_OPERANDS, false, &number},
    {OP_INCREMENT, COUNTS_OPERANDS, true, &number_if_any},
    {OP_READ, COUNTS_OPERANDS, true, &number},
    {OP_ACQUIRE, COUNTS_OPERANDS, true, &number_if_any},
    {OP_RELEASE, COUNTS_OPERANDS, false, &number_if_any},
    {OP_ACQUIRE, COUNTS_PERMITS, true, &flag_if_any},
    {OP_READ, COUNTS_PLACES, false, &place},
    {OP_APPEND, COUNTS_PLACES, true, &place_if_any},
};

static const struct form *form_of(const struct model_ops *model, enum op_kind kind,
                                  bool of_result)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i].kind == kind && rules[i].counts == model->counts &&
            rules[i].of_result == of_result)
            return rules[i].form;
    return of_result && kind != OP_TXN ? &single : NULL;
}

static bool is_allowed(const struct form *form, bool is_list, bool is_text, int64_t integer)
{
    if (is_list)
        return form->list;
    if (is_text)
        return form->text;
    if (integer == OP_NIL)
        return form->nothing;
    return form->min <= integer && integer <= form->max;
}

/* --- telling --- */

enum { SHOWN_MAX = 80 };

static const char *tell_operand(bool is_list, const char *text, int64_t integer, char *out,
                                size_t size)
{
    if (is_list)
        return "a list";
    if (text)
        snprintf(out, size, "the text '%.*s'", SHOWN_MAX, text);
    else if (integer == OP_NIL)
        return "nothing";
    else
        snprintf(out, size, "%lld", (long long)integer);
    return out;
}

/* --- taking --- */

struct operand {
    bool of_result, is_list;
    int64_t *word;
};

static enum err_code take(const struct operands *o, int64_t id, enum op_kind kind,
                          struct operand what, struct err *err)
{
    const struct form *form = form_of(o->model, kind, what.of_result);
    if (!form || (form == &single && !what.is_list))
        return ERR_OK;
    const char *text =
        o->history && !what.is_list ? history_text(o->history, *what.word) : NULL;
    int64_t integer = o->history ? history_integer(o->history, *what.word) : *what.word;
    if (is_allowed(form, what.is_list, text != NULL, integer)) {
        if (!form->text)
            *what.word = integer;
        return ERR_OK;
    }
    char shown[SHOWN_MAX + 20];
    return err_set(err, ERR_INVALID, "operation %lld: the %s of '%s' is %s; a %s allows %s",
                   (long long)id, what.of_result ? "result" : "argument",
                   op_kind_name((int)kind),
                   tell_operand(what.is_list, text, integer, shown, sizeof shown),
                   o->model->about.name, form->allowed);
}

enum err_code operands_take_argument(const struct operands *o, int64_t id, struct model_op *op,
                                     struct err *err)
{
    return take(o, id, op->kind, (struct operand){.word = &op->argument}, err);
}

enum err_code operands_take_result(const struct operands *o, int64_t id, struct model_op *op,
                                   struct err *err)
{
    struct operand result = {.of_result = true, .word = &op->result, .is_list = op->list};
    return op->answered ? take(o, id, op->kind, result, err) : ERR_OK;
}

enum err_code operands_take(const struct operands *o, int64_t id, struct model_op *op,
                            struct err *err)
{
    enum err_code code = operands_take_argument(o, id, op, err);
    return code ? code : operands_take_result(o, id, op, err);
}

enum err_code operands_check_failed_cas(const struct operands *o, int64_t id, int64_t expected,
                                        int64_t result, bool is_list, struct err *err)
{
    if (!is_list && (result == OP_NIL || result != expected))
        return ERR_OK;
    return err_set(err, ERR_INVALID,
                   "operation %lld: 'cas' failed, but its result is %s; a %s allows another "
                   "value, or nothing where it was not told",
                   (long long)id, is_list ? "a list" : "what it expected",
                   o->model->about.name);
}

/* --- sums --- */

struct sum_range sum_range_from(int64_t initial)
{
    int64_t start = initial == OP_NIL ? 0 : initial;
    return (struct sum_range){.low = start, .high = start};
}

bool sum_range_add(struct sum_range *range, const struct model_ops *model,
                   const struct model_op *op)
{
    int64_t *end = op->argument < 0 ? &range->low : &range->high;
    if (op->kind != OP_INCREMENT || model->counts != COUNTS_OPERANDS)
        return true;
    return !__builtin_add_overflow(*end, op->argument, end) && *end != OP_NIL;
}
