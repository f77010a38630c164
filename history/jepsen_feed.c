/* A history of Jepsen's rows, which jepsen.c has taken over: in which order they
 * happened, of which model they are, and what each says to the builder. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "history/jepsen.h"

/* --- when --- */

static int by_index(const void *left, const void *right)
{
    const struct jepsen_event *a = left, *b = right;
    return (a->index > b->index) - (a->index < b->index);
}

static int by_time(const void *left, const void *right)
{
    const struct jepsen_event *a = left, *b = right;
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static enum err_code sort_by_index(struct jepsen *j, struct err *err)
{
    bool sorted = true;
    for (size_t i = 1; i < j->count && sorted; i++)
        sorted = j->events[i - 1].index <= j->events[i].index;
    if (!sorted)
        qsort(j->events, j->count, sizeof *j->events, by_index);
    for (size_t i = 1; i < j->count; i++)
        if (j->events[i].index == j->events[i - 1].index)
            return err_set(err, ERR_INVALID,
                           "%" PRIu64 ": ':index' %" PRId64 " is that of line %" PRIu64 ", too",
                           j->events[i].line, j->events[i].index, j->events[i - 1].line);
    return ERR_OK;
}

/* Put the rows in order, and their instants into `time_ns`.
 *
 * With ':index', or where ':time' never goes back, the order of the rows is that of
 * the history, and who stands before another one was before it: no two are at one
 * instant. Where ':time' goes back, as in files that were put together, it is all that
 * tells, and rows of one instant are concurrent. */
static enum err_code order(struct jepsen *j, struct err *err)
{
    bool by_clock = j->goes_back && !j->indexed;
    if (j->indexed && sort_by_index(j, err))
        return err->code;
    if (by_clock)
        qsort(j->events, j->count, sizeof *j->events, by_time);
    int64_t last_ns = -1;
    for (size_t i = 0; i < j->count; i++) {
        struct jepsen_event *e = &j->events[i];
        int64_t next_ns = by_clock ? last_ns : last_ns + 1;
        if (!j->timed || e->time_ns < next_ns)
            e->time_ns = next_ns;
        last_ns = e->time_ns;
    }
    return ERR_OK;
}

/* --- of what --- */

/* Some row that ':add'ed no integer, or was a read of one value in a set. */
static enum err_code check_rows(const struct jepsen *j, struct err *err)
{
    for (size_t i = 0; i < j->count; i++) {
        const struct jepsen_event *e = &j->events[i];
        bool odd_read = e->type == JEPSEN_OK && e->f->kind == OP_READ && e->has_value &&
                        (j->family == FAMILY_SET ? !e->items : !e->is_integer);
        bool odd_add = j->family == FAMILY_COUNTER && e->f->kind == OP_ADD && e->has_value &&
                       !e->is_integer;
        if (odd_read || odd_add)
            return err_set(err, ERR_INVALID,
                           "%" PRIu64 ": '%s' of %s, but by line %" PRIu64
                           " the history is of a %s",
                           e->line, e->f->name,
                           j->family == FAMILY_SET ? "a single value" : "what is no integer",
                           j->told_line, j->family == FAMILY_SET ? "set" : "counter");
    }
    return ERR_OK;
}

static enum err_code find_family(struct jepsen *j, struct err *err)
{
    if (j->family == FAMILY_OPEN)
        j->family = j->read_of_many && !j->read_of_one ? FAMILY_SET : FAMILY_REGISTER;
    if (j->family != FAMILY_SET)
        return ERR_OK;
    if (j->read_of_one && !j->read_of_many && !j->remove_seen)
        j->family = FAMILY_COUNTER;
    return check_rows(j, err);
}

static const char *model_of(const struct jepsen *j)
{
    switch (j->family) {
    case FAMILY_TXN: return "multi-register";
    case FAMILY_MUTEX: return "mutex";
    case FAMILY_QUEUE: return "queue";
    case FAMILY_KV: return "kv";
    case FAMILY_SET: return "set";
    case FAMILY_COUNTER: return "counter";
    default: break;
    }
    if (j->dialect.model)
        return j->dialect.model;
    return j->cas_seen ? "cas-register" : "register";
}

/* --- what --- */

static enum op_kind kind_of(const struct jepsen *j, const struct jepsen_function *f)
{
    if (j->family == FAMILY_COUNTER && f->kind == OP_ADD)
        return OP_INCREMENT;
    if (j->family == FAMILY_SET && f->kind == OP_READ)
        return OP_MEMBERS;
    return f->kind;
}

static enum err_code invoke(struct jepsen *j, const struct jepsen_event *e, struct err *err)
{
    struct operation operation = {
        .kind = kind_of(j, e->f),
        .key = e->f->kind == OP_TXN ? OP_NIL : e->key,
        .argument = e->f->called == SHAPE_PARTS ? OP_NIL : e->value,
        .expected = e->expected,
    };
    return calls_invoke(&j->calls, e->process, e->time_ns, &operation, (size_t)(e - j->events),
                        err);
}

/* What the parts of a transaction say of its reads. */
enum reads { READS_TELL, READS_LEFT_OUT, READS_OPEN };

/* The parts of the transaction `op`. A read whose result nobody tells says nothing: it
 * is left out. */
static enum err_code give_parts(struct jepsen *j, int64_t op, const struct jepsen_event *values,
                                enum reads reads, unsigned *given, struct err *err)
{
    enum err_code code = ERR_OK;
    *given = 0;
    for (uint32_t i = 0; i < values->item_count && code == ERR_OK; i++) {
        const int64_t *part = values->items + 3 * (size_t)i;
        bool is_read = part[0] == OP_READ;
        bool tells = part[2] != OP_NIL || j->dialect.nil_is_a_value;
        if (is_read && (reads == READS_LEFT_OUT || (reads == READS_TELL && !tells)))
            continue;
        struct micro_row row = {
            .op = op,
            .position = (*given)++,
            .kind = (enum op_kind)part[0],
            .key = part[1],
            .argument = is_read ? OP_NIL : part[2],
            .result = is_read && reads == READS_TELL ? part[2] : OP_NIL,
        };
        code = builder_micro(j->calls.builder, &row, err);
    }
    return code;
}

/* Are the parts that came back those that were called? Reads may have found something. */
static bool same_parts(const struct jepsen_event *called, const struct jepsen_event *answered)
{
    if (called->item_count != answered->item_count)
        return false;
    for (uint32_t i = 0; i < called->item_count; i++) {
        const int64_t *a = called->items + 3 * (size_t)i, *b = answered->items + 3 * (size_t)i;
        if (a[0] != b[0] || a[1] != b[1] || (a[0] == OP_WRITE && a[2] != b[2]))
            return false;
    }
    return true;
}

static enum err_code check_same(const struct jepsen_event *called, const struct jepsen_event *e,
                                struct err *err)
{
    if (called->f != e->f)
        return err_set(err, ERR_INVALID,
                       "process %" PRId64 " returns from '%s', but called '%s'"
                       " in line %" PRIu64,
                       e->process, e->f->name, called->f->name, called->line);
    bool given = e->has_value && called->has_value;
    bool same = e->f->kind == OP_TXN
                    ? same_parts(called, e)
                    : called->value == e->value && called->expected == e->expected;
    if (given && !same)
        return err_set(err, ERR_INVALID,
                       "'%s' returns another ':value' than it was called with in line %" PRIu64,
                       e->f->name, called->line);
    return ERR_OK;
}

/* A transaction that is over. One that only read, and tells nothing of it, is as good as
 * unknown. */
static enum err_code answer_parts(struct jepsen *j, int64_t op,
                                  const struct jepsen_event *called,
                                  const struct jepsen_event *e, struct answer *answer,
                                  struct err *err)
{
    unsigned given = 0;
    enum err_code code = ERR_OK;
    if (e->type == JEPSEN_OK && e->has_value)
        code = give_parts(j, op, e, READS_TELL, &given, err);
    else if (e->type == JEPSEN_OK)
        code = give_parts(j, op, called, READS_LEFT_OUT, &given, err);
    if (code != ERR_OK || given > 0)
        return code;
    if (e->type == JEPSEN_OK)
        *answer = calls_outcome(OUTCOME_UNKNOWN);
    return give_parts(j, op, called, READS_OPEN, &given, err);
}

static void answer_value(const struct jepsen *j, const struct jepsen_event *e,
                         struct answer *answer)
{
    enum op_kind kind = kind_of(j, e->f);
    bool looks = kind == OP_READ || kind == OP_MEMBERS;
    bool nil_tells =
        kind == OP_READ && j->family == FAMILY_REGISTER && j->dialect.nil_is_a_value;
    if (looks && !e->has_value && !nil_tells) {
        *answer = calls_outcome(OUTCOME_UNKNOWN);
    } else if (kind == OP_MEMBERS) {
        answer->is_list = true;
        answer->members = e->items;
        answer->member_count = e->item_count;
    } else if (looks || kind == OP_DEQUEUE) {
        answer->result = e->value;
    }
}

static enum err_code finish(struct jepsen *j, const struct jepsen_event *e, struct err *err)
{
    static const enum op_outcome outcomes[] = {[JEPSEN_OK] = OUTCOME_OK,
                                               [JEPSEN_FAIL] = OUTCOME_FAIL,
                                               [JEPSEN_INFO] = OUTCOME_UNKNOWN};
    struct answer answer = calls_outcome(outcomes[e->type]);
    const struct open_call *open = calls_open(&j->calls, e->process);
    if (!open) /* refused, with a sentence */
        return calls_answer(&j->calls, e->process, e->time_ns, &answer, err);
    const struct jepsen_event *called = &j->events[open->tag];
    enum err_code code = check_same(called, e, err);
    if (code != ERR_OK)
        return code;
    if (e->f->kind == OP_TXN && answer_parts(j, open->op, called, e, &answer, err))
        return err->code;
    if (e->type == JEPSEN_OK && e->f->kind != OP_TXN)
        answer_value(j, e, &answer);
    if (e->type == JEPSEN_FAIL && e->has_value && j->dialect.failed_cas_mismatch)
        answer.error = OP_MISMATCH;
    return calls_answer(&j->calls, e->process, e->time_ns, &answer, err);
}

/* Transactions that never return have parts, too. */
static enum err_code give_open_parts(struct jepsen *j, struct err *err)
{
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < j->calls.process_count && code == ERR_OK; i++) {
        const struct open_call *call = &j->calls.open[i];
        unsigned given;
        if (call->operation.kind == OP_TXN && builder_is_open(j->calls.builder, call->op))
            code = give_parts(j, call->op, &j->events[call->tag], READS_OPEN, &given, err);
    }
    return code;
}

enum err_code jepsen_feed(struct jepsen *j, struct err *err)
{
    enum err_code code = find_family(j, err);
    if (code == ERR_OK) {
        calls_model(&j->calls, model_of(j));
        code = order(j, err);
    }
    for (size_t i = 0; i < j->count && code == ERR_OK; i++) {
        const struct jepsen_event *e = &j->events[i];
        code = e->type == JEPSEN_INVOKE ? invoke(j, e, err) : finish(j, e, err);
        if (code != ERR_OK)
            return err_wrap(err, "%" PRIu64, e->line);
    }
    return code == ERR_OK ? give_open_parts(j, err) : code;
}
