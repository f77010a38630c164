/* Logs of one data type; see lin_log.h. */
#include "history/lin_log.h"

#include <inttypes.h>
#include <string.h>

#include "history/intervals.h"
#include "history/words.h"

#define TIME_MAX (INT64_MAX / 2 - 1)

/* What the values of a method mean. */
enum meaning {
    TAKES,           /* the element that goes in */
    GETS,            /* the one that comes out; -1: nothing was there */
    TAKES_AND_TELLS, /* an element, and 1 or 0: whether it did something */
    TELLS,           /* 1 or 0 */
    ALWAYS_DOES,     /* 1: it cannot fail */
    REPLACES,        /* what was there, and what is from then on */
};

static const struct type {
    const char *name, *model;
    struct method {
        const char *name;
        enum op_kind kind;
        enum meaning meaning;
    } methods[3];
} types[] = {
    {"queue",
     "queue",
     {{"enq", OP_ENQUEUE, TAKES}, {"deq", OP_DEQUEUE, GETS}, {"peek", OP_PEEK, GETS}}},
    {"stack",
     "stack",
     {{"push", OP_PUSH, TAKES}, {"pop", OP_POP, GETS}, {"peek", OP_PEEK, GETS}}},
    {"priorityqueue",
     "priority-queue",
     {{"insert", OP_INSERT, TAKES}, {"poll", OP_POLL, GETS}, {"peek", OP_PEEK, GETS}}},
    {"set",
     "set",
     {{"insert", OP_ADD, TAKES_AND_TELLS},
      {"remove", OP_REMOVE, TAKES_AND_TELLS},
      {"contains", OP_CONTAINS, TAKES_AND_TELLS}}},
    {"rmw", "rmw", {{"read_modify_write", OP_RMW, REPLACES}}},
    {"semaphore",
     "semaphore",
     {{"incr", OP_RELEASE, ALWAYS_DOES}, {"decr", OP_ACQUIRE, TELLS}}},
};

struct lin_log {
    struct calls calls;
    struct intervals all;
    const struct type *type;
    lin_order order_of;
    const char *shape;
    struct bytes line;
    uint64_t number; /* of it */
    struct err *err;
};

/* A refusal of `word`, which is in the line at hand. */
#define REFUSE(l, word, ...) refuse(l, word, err_set((l)->err, ERR_INVALID, __VA_ARGS__))

static enum err_code refuse(struct lin_log *l, struct bytes word, enum err_code code)
{
    err_wrap(l->err, "%" PRIu64 ":%zu", l->number, (size_t)(word.at - l->line.at) + 1);
    return code;
}

static const struct type *find_type(struct bytes line)
{
    struct bytes words[2];
    if (line.size == 0 || line.at[0] != '#' ||
        words_split(words_after(line, 1), words, ARRAY_LEN(words)) != 1)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (words_equal(words[0], types[i].name))
            return &types[i];
    return NULL;
}

static enum err_code find_method(struct lin_log *l, struct bytes name,
                                 const struct method **out)
{
    char known[64] = "";
    for (size_t i = 0; i < ARRAY_LEN(l->type->methods) && l->type->methods[i].name; i++) {
        *out = &l->type->methods[i];
        if (words_equal_any_case(name, (*out)->name))
            return ERR_OK;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", (*out)->name);
    }
    return REFUSE(l, name, "'%.*s' is no method of a %s; it has %s", WORDS_SHOWN(name),
                  l->type->name, known);
}

static enum err_code read_time(struct lin_log *l, struct bytes word, int64_t *out)
{
    if (words_integer(word, out) && *out >= 0 && *out <= TIME_MAX)
        return ERR_OK;
    return REFUSE(l, word, "'%.*s' is no instant; one is an integer from 0 to %" PRId64,
                  WORDS_SHOWN(word), TIME_MAX);
}

/* Both ends. To these formats, who returns at an instant was before who is called then:
 * each instant becomes two, returns in the first and calls in the second. An operation
 * that takes no time is at the second. */
static enum err_code read_times(struct lin_log *l, const struct lin_words *words,
                                struct interval *i)
{
    int64_t start, end;
    if (read_time(l, words->called, &start) || read_time(l, words->returned, &end))
        return l->err->code;
    if (end < start)
        return REFUSE(l, words->returned,
                      "it returns at %" PRId64 ", before its call at %" PRId64, end, start);
    i->called_at_ns = 2 * start + 1;
    i->returned_at_ns = end > start ? 2 * end : i->called_at_ns;
    return ERR_OK;
}

static enum err_code read_flag(struct lin_log *l, struct bytes word, bool always, int64_t *out)
{
    if (words_integer(word, out) && (*out == 1 || (*out == 0 && !always)))
        return ERR_OK;
    return REFUSE(l, word, "'%.*s' does not say whether it did something; %s",
                  WORDS_SHOWN(word), always ? "it always does: 1" : "1 or 0 does");
}

/* An element; -1 is none where one comes out. */
static enum err_code read_element(struct lin_log *l, struct bytes word, bool comes_out,
                                  int64_t *out)
{
    int64_t integer;
    if (!words_integer(word, &integer))
        return REFUSE(l, word, "'%.*s' is no integer of 64 bits, as all values are",
                      WORDS_SHOWN(word));
    if (integer == -1 && comes_out) {
        *out = OP_NIL;
        return ERR_OK;
    }
    if (integer == -1)
        return REFUSE(l, word, "-1 is no element: it says that nothing was there");
    *out = builder_integer(l->calls.builder, integer);
    return *out == OP_NIL ? err_set(l->err, ERR_NOMEM, "out of memory") : ERR_OK;
}

static enum err_code read_replacement(struct lin_log *l, const struct lin_words *words,
                                      struct interval *i)
{
    for (size_t v = 0; v < 2; v++) {
        int64_t *out = v == 0 ? &i->result : &i->operation.argument;
        if (calls_value(&l->calls, words->values[v], out, l->err))
            return l->err->code;
    }
    return ERR_OK;
}

static enum err_code read_values(struct lin_log *l, const struct method *m,
                                 const struct lin_words *words, struct interval *i)
{
    size_t needed = m->meaning == TAKES_AND_TELLS || m->meaning == REPLACES ? 2 : 1;
    if (words->value_count != needed)
        return REFUSE(l, words->method, "'%s' has %s, not %s", m->name,
                      needed == 1 ? "one value" : "two values",
                      words->value_count == 1 ? "one" : "two");
    switch (m->meaning) {
    case TAKES: return read_element(l, words->values[0], false, &i->operation.argument);
    case GETS: return read_element(l, words->values[0], true, &i->result);
    case REPLACES: return read_replacement(l, words, i);
    case TELLS: return read_flag(l, words->values[0], false, &i->result);
    case ALWAYS_DOES: return read_flag(l, words->values[0], true, &i->result);
    default: break;
    }
    if (read_element(l, words->values[0], false, &i->operation.argument))
        return l->err->code;
    return read_flag(l, words->values[1], false, &i->result);
}

static enum err_code read_process(struct lin_log *l, struct bytes word, int64_t *out)
{
    *out = INTERVAL_ANY_PROCESS;
    if (word.size == 0 || (words_integer(word, out) && *out >= 0))
        return ERR_OK;
    return REFUSE(l, word, "'%.*s' is no number of a process", WORDS_SHOWN(word));
}

static enum err_code read_row(struct lin_log *l, const struct lin_words *words)
{
    struct interval i = {
        .line = l->number,
        .operation = {.key = 0, .argument = OP_NIL, .expected = OP_NIL},
        .outcome = OUTCOME_OK,
        .result = OP_NIL,
    };
    const struct method *method = NULL;
    enum err_code code = find_method(l, words->method, &method);
    if (code == ERR_OK)
        code = read_process(l, words->process, &i.process);
    if (code == ERR_OK)
        code = read_times(l, words, &i);
    if (code == ERR_OK)
        code = read_values(l, method, words, &i);
    if (code != ERR_OK)
        return code;
    i.operation.kind = method->kind;
    if (method->kind == OP_RELEASE)
        i.result = OP_NIL; /* nothing to tell */
    return intervals_add(&l->all, &i) ? ERR_OK : err_set(l->err, ERR_NOMEM, "out of memory");
}

static enum err_code read_type(struct lin_log *l)
{
    l->type = find_type(l->line);
    if (l->type) {
        calls_model(&l->calls, l->type->model);
        return ERR_OK;
    }
    return err_set(l->err, ERR_INVALID,
                   "1: the first line has to be '# TYPE', TYPE one of queue, stack, "
                   "priorityqueue, set, rmw and semaphore");
}

static enum err_code read_line(struct lin_log *l)
{
    struct bytes words[LIN_WORDS_MAX];
    struct lin_words row = {.value_count = 0};
    if (l->number == 1)
        return read_type(l);
    size_t count = words_split(l->line, words, ARRAY_LEN(words));
    if (count == 0 || words[0].at[0] == '#')
        return ERR_OK;
    if (!l->order_of(words, count, &row))
        return err_set(l->err, ERR_INVALID, "%" PRIu64 ": %zu words; a line is '%s'", l->number,
                       count, l->shape);
    return read_row(l, &row);
}

enum err_code lin_log_read(struct lines *in, struct builder *b, lin_order order_of,
                           const char *shape, struct err *err)
{
    struct lin_log l = {
        .all = {.memory = builder_memory(b)}, .order_of = order_of, .shape = shape, .err = err};
    enum err_code code = calls_begin(&l.calls, b, err);
    while (code == ERR_OK && words_line(in, &l.line, &code, err)) {
        l.number = in->number;
        code = read_line(&l);
    }
    if (code == ERR_OK && !l.type) {
        l.line = (struct bytes){.at = NULL};
        code = read_type(&l);
    }
    if (code == ERR_OK)
        code = intervals_feed(&l.all, &l.calls, err);
    intervals_done(&l.all);
    calls_done(&l.calls);
    return words_placed(in, code, err);
}

bool lin_log_recognises(struct bytes head, bool whole, bool numbered)
{
    struct bytes line, words[LIN_WORDS_MAX];
    if (!words_first_line(&head, whole, &line) || !find_type(line))
        return false;
    while (words_first_line(&head, whole, &line)) {
        int64_t integer;
        size_t count = words_split(line, words, ARRAY_LEN(words));
        if (count > 0 && words[0].at[0] != '#')
            return words_integer(words[0], &integer) == numbered;
    }
    return whole && !numbered;
}
