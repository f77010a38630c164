/* limo: calls and returns in the order of time, as LiMo's examples have them:
 *
 *     # @object atomic-queue
 *     [1] call enq(1)
 *     [1] return
 *
 * Names of a file's object are in a comment, which may stand anywhere. */
#include <inttypes.h>
#include <string.h>

#include "history/calls.h"
#include "history/reader.h"
#include "history/words.h"

static const struct kind {
    const char *object, *model;
    const char *put, *take; /* their names */
    enum op_kind put_kind, take_kind;
} kinds[] = {
    {"atomic-queue", "queue", "enq", "deq", OP_ENQUEUE, OP_DEQUEUE},
    {"atomic-stack", "stack", "push", "pop", OP_PUSH, OP_POP},
};

struct limo {
    struct calls calls;
    struct bytes line;
    uint64_t number;
    int64_t at_ns;            /* of the row at hand: rows are counted */
    const struct kind *named; /* by the comment, in line named_in */
    uint64_t named_in;
    const struct kind *used; /* by the first operation, in line used_in */
    uint64_t used_in;
    struct err *err;
};

/* A refusal of `word`, which is in the line at hand. */
#define REFUSE(l, word, ...) refuse(l, word, err_set((l)->err, ERR_INVALID, __VA_ARGS__))

static enum err_code refuse(struct limo *l, struct bytes word, enum err_code code)
{
    size_t column = word.at ? (size_t)(word.at - l->line.at) + 1 : l->line.size + 1;
    err_wrap(l->err, "%" PRIu64 ":%zu", l->number, column);
    return code;
}

static enum err_code in_line(struct limo *l, enum err_code code)
{
    return code == ERR_OK ? ERR_OK : err_wrap(l->err, "%" PRIu64, l->number);
}

/* "# @object atomic-queue"; any other comment says nothing. */
static enum err_code read_comment(struct limo *l, struct bytes comment)
{
    struct bytes words[2];
    size_t count = words_split(comment, words, ARRAY_LEN(words));
    const struct kind *found = NULL;
    if (count == 0 || !words_equal(words[0], "@object"))
        return ERR_OK;
    for (size_t i = 0; i < ARRAY_LEN(kinds) && count == 2; i++)
        if (words_equal(words[1], kinds[i].object))
            found = &kinds[i];
    if (!found)
        return REFUSE(l, words[count > 1], "'@object' has to be atomic-queue or atomic-stack");
    if (l->named && l->named != found)
        return REFUSE(l, words[1], "'@object' is another than in line %" PRIu64, l->named_in);
    l->named = found;
    l->named_in = l->number;
    return ERR_OK;
}

/* "enq(1)", "enq 1", "deq", "deq()": the method, and what is in its brackets. */
static enum err_code split_method(struct limo *l, struct bytes text, struct bytes *name,
                                  struct bytes *argument)
{
    size_t size = 0;
    while (size < text.size && !strchr("( \t", text.at[size]))
        size++;
    *name = (struct bytes){text.at, size};
    *argument = words_trim(words_after(text, size));
    if (argument->size == 0 || argument->at[0] != '(')
        return ERR_OK;
    if (argument->at[argument->size - 1] != ')')
        return REFUSE(l, *argument, "a '(' without its ')'");
    *argument = words_trim((struct bytes){argument->at + 1, argument->size - 2});
    return ERR_OK;
}

static enum err_code find_method(struct limo *l, struct bytes name, const struct kind **kind,
                                 bool *puts)
{
    *kind = NULL;
    for (size_t i = 0; i < ARRAY_LEN(kinds) && !*kind; i++) {
        *puts = words_equal(name, kinds[i].put);
        if (*puts || words_equal(name, kinds[i].take))
            *kind = &kinds[i];
    }
    if (!*kind)
        return REFUSE(l, name, "'%.*s' is no method; enq, deq, push and pop are known",
                      WORDS_SHOWN(name));
    if (l->used && l->used != *kind)
        return REFUSE(l, name, "'%.*s' is of a %s, but line %" PRIu64 " is of a %s",
                      WORDS_SHOWN(name), (*kind)->model, l->used_in, l->used->model);
    if (!l->used) {
        l->used_in = l->number;
        /* Whoever follows has to know it before the comment, which may come last. */
        calls_model(&l->calls, (*kind)->model);
    }
    l->used = *kind;
    return ERR_OK;
}

/* `text` begins behind "call". What a pop will get may stand in its brackets. */
static enum err_code read_call(struct limo *l, int64_t process, struct bytes text)
{
    struct bytes name, argument;
    const struct kind *kind;
    bool puts;
    struct operation operation = {.key = 0, .argument = OP_NIL, .expected = OP_NIL};
    enum err_code code = split_method(l, text, &name, &argument);
    if (code == ERR_OK)
        code = find_method(l, name, &kind, &puts);
    if (code != ERR_OK)
        return code;
    operation.kind = puts ? kind->put_kind : kind->take_kind;
    if (puts && argument.size == 0)
        return REFUSE(l, name, "'%.*s' needs an element", WORDS_SHOWN(name));
    if (puts && words_equal(argument, "empty"))
        return REFUSE(l, argument, "'empty' is no element: it is what an empty object answers");
    int64_t value = OP_NIL;
    if (argument.size > 0 && !words_equal(argument, "empty"))
        code = calls_value(&l->calls, argument, &value, l->err);
    if (puts)
        operation.argument = value;
    /* Who calls again has given up what it called before. */
    if (code == ERR_OK && calls_open(&l->calls, process))
        code = calls_return(&l->calls, process, l->at_ns, OUTCOME_UNKNOWN, OP_NIL, l->err);
    if (code == ERR_OK)
        code = calls_invoke(&l->calls, process, l->at_ns, &operation, (size_t)value, l->err);
    return in_line(l, code);
}

/* `text` is behind "return". Nothing is what a put answers, and what an empty object
 * does, unless the call already said what it would get. */
static enum err_code read_return(struct limo *l, int64_t process, struct bytes text)
{
    int64_t value = OP_NIL;
    enum err_code code = ERR_OK;
    const struct open_call *open = calls_open(&l->calls, process);
    bool takes = open && (open->operation.kind == OP_DEQUEUE || open->operation.kind == OP_POP);
    int64_t foretold = takes ? (int64_t)open->tag : OP_NIL;
    if (open && !takes && text.size > 0)
        return REFUSE(l, text, "'%.*s' is returned by a method that returns nothing",
                      WORDS_SHOWN(text));
    if (text.size > 0 && !words_equal(text, "empty"))
        code = calls_value(&l->calls, text, &value, l->err);
    if (code != ERR_OK)
        return in_line(l, code);
    if (text.size > 0 && foretold != OP_NIL && foretold != value)
        return REFUSE(l, text, "'%.*s' is not what was in the brackets of the call",
                      WORDS_SHOWN(text));
    code = calls_return(&l->calls, process, l->at_ns, OUTCOME_OK,
                        text.size > 0 ? value : foretold, l->err);
    return in_line(l, code);
}

static const char shape[] = "a line has to be '[PROCESS] call METHOD' or '[PROCESS] return'";

static enum err_code read_row(struct limo *l, struct bytes row)
{
    const uint8_t *end = memchr(row.at, ']', row.size);
    int64_t process;
    if (row.at[0] != '[' || !end)
        return REFUSE(l, row, "%s", shape);
    struct bytes number = words_trim((struct bytes){row.at + 1, (size_t)(end - row.at) - 1});
    struct bytes rest = words_trim(words_after(row, (size_t)(end - row.at) + 1));
    struct bytes word = {.at = NULL};
    if (!words_integer(number, &process) || process < 0)
        return REFUSE(l, row, "'%.*s' is no number of a process", WORDS_SHOWN(number));
    l->at_ns++;
    words_split(rest, &word, 1);
    struct bytes behind = words_trim(words_after(rest, word.size));
    if (words_equal(word, "call") && behind.size > 0)
        return read_call(l, process, behind);
    if (words_equal(word, "return"))
        return read_return(l, process, behind);
    return REFUSE(l, rest, "%s", shape);
}

static enum err_code read_line(struct limo *l)
{
    struct bytes row = l->line;
    const uint8_t *comment = row.size ? memchr(row.at, '#', row.size) : NULL;
    if (comment) {
        row.size = (size_t)(comment - row.at);
        enum err_code code = read_comment(l, words_after(l->line, row.size + 1));
        if (code != ERR_OK)
            return code;
    }
    row = words_trim(row);
    return row.size > 0 ? read_row(l, row) : ERR_OK;
}

static enum err_code tell_model(struct limo *l)
{
    if (!l->named)
        return err_set(l->err, ERR_INVALID,
                       "%" PRIu64 ": the file ends without '# @object atomic-queue' or "
                       "'# @object atomic-stack'",
                       l->number);
    if (l->used && l->used != l->named)
        return err_set(l->err, ERR_INVALID,
                       "%" PRIu64 ": a method of a %s, but '@object' is %s", l->used_in,
                       l->used->model, l->named->object);
    calls_model(&l->calls, l->named->model);
    return ERR_OK;
}

static enum err_code read(struct lines *in, struct builder *b, struct err *err)
{
    struct limo l = {.err = err};
    enum err_code code = calls_begin(&l.calls, b, err);
    while (code == ERR_OK && words_line(in, &l.line, &code, err)) {
        l.number = in->number;
        code = read_line(&l);
    }
    if (code == ERR_OK)
        code = tell_model(&l);
    calls_done(&l.calls);
    return words_placed(in, code, err);
}

/* The first row, or the comment before it. */
static bool recognises(struct bytes head, bool whole)
{
    struct bytes line, words[2];
    while (words_first_line(&head, whole, &line)) {
        size_t count = words_split(line, words, ARRAY_LEN(words));
        if (count == 0)
            continue;
        if (words[0].at[0] == '#' && memmem(line.at, line.size, "@object", strlen("@object")))
            return true;
        if (words[0].at[0] != '#')
            return words[0].at[0] == '[' && count > 1 &&
                   (words_equal(words[1], "call") || words_equal(words[1], "return"));
    }
    return false;
}

const struct reader_ops reader_limo = {
    .about = {.name = "limo", .summary = "LiMo: [1] call enq(1), [1] return."},
    .streams = true,
    .initial = OP_NIL,
    .recognises = recognises,
    .read = read,
};
