/* Rows of Jepsen, taken over one by one; see jepsen.h. jepsen_feed.c makes a history of
 * them. */
#include "history/jepsen.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"
#include "history/words.h"

#define TIME_NS_MAX (INT64_C(1) << 62) /* later than any clock, and room to move on */

static const struct jepsen_function functions[] = {
    {":read", OP_READ, FAMILY_OPEN, SHAPE_NONE, SHAPE_READ},
    {":write", OP_WRITE, FAMILY_REGISTER, SHAPE_ONE, SHAPE_ONE},
    {":cas", OP_CAS, FAMILY_REGISTER, SHAPE_PAIR, SHAPE_PAIR},
    {":txn", OP_TXN, FAMILY_TXN, SHAPE_PARTS, SHAPE_PARTS},
    {":acquire", OP_ACQUIRE, FAMILY_MUTEX, SHAPE_NONE, SHAPE_NONE},
    {":release", OP_RELEASE, FAMILY_MUTEX, SHAPE_NONE, SHAPE_NONE},
    {":enqueue", OP_ENQUEUE, FAMILY_QUEUE, SHAPE_ONE, SHAPE_ONE},
    {":dequeue", OP_DEQUEUE, FAMILY_QUEUE, SHAPE_NONE, SHAPE_ONE},
    {":put", OP_WRITE, FAMILY_KV, SHAPE_TEXT, SHAPE_TEXT},
    {":append", OP_APPEND, FAMILY_KV, SHAPE_TEXT, SHAPE_TEXT},
    {":get", OP_READ, FAMILY_KV, SHAPE_NONE, SHAPE_TEXT},
    {":add", OP_ADD, FAMILY_SET, SHAPE_ONE, SHAPE_ONE},
    {":remove", OP_REMOVE, FAMILY_SET, SHAPE_ONE, SHAPE_ONE},
};

#define KNOWN                                                                                  \
    "read, write, cas, txn, acquire, release, enqueue, dequeue, put, append, get, add and "    \
    "remove are"

enum err_code jepsen_begin(struct jepsen *j, const struct jepsen_dialect *dialect,
                           struct builder *b, struct err *err)
{
    *j = (struct jepsen){.dialect = *dialect,
                         .lists = {.memory = builder_memory(b)},
                         .scratch.memory = builder_memory(b)};
    return calls_begin(&j->calls, b, err);
}

void jepsen_done(struct jepsen *j)
{
    struct memory *memory = j->lists.memory;
    calls_done(&j->calls);
    arena_done(&j->lists);
    buffer_done(&j->scratch);
    counted_free(memory, j->events, j->capacity * sizeof *j->events);
    *j = (struct jepsen){.events = NULL};
}

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

static bool is_nil(const struct edn *form)
{
    return !form || form->type == EDN_NIL;
}

/* What a form stands for: an integer, else a text: that of a text, or the way it is
 * written. */
static enum err_code take_value(struct jepsen *j, struct edn_reader *r, const struct edn *form,
                                int64_t *id, struct err *err)
{
    assert(!is_nil(form));
    if (form->type == EDN_INTEGER) {
        *id = builder_integer(j->calls.builder, form->integer);
        return *id == OP_NIL ? no_memory(err) : ERR_OK;
    }
    if (form->type < EDN_LIST)
        return calls_text(&j->calls, edn_text(r, form), id, err);
    j->scratch.size = 0;
    if (!edn_print(r, form, &j->scratch))
        return no_memory(err);
    return calls_text(&j->calls, buffer_bytes(&j->scratch), id, err);
}

/* A refusal of `form`, which `sentence` shows where it says "%.*s". */
static enum err_code refuse(struct jepsen *j, struct edn_reader *r, const struct edn *form,
                            struct err *err, const char *sentence)
{
    const char *rest = strstr(sentence, "%.*s");
    assert(rest);
    j->scratch.size = 0;
    if (!edn_print(r, form, &j->scratch))
        return no_memory(err);
    struct bytes shown = buffer_bytes(&j->scratch);
    return edn_refuse(form, err, "%.*s%.*s%s", (int)(rest - sentence), sentence,
                      WORDS_SHOWN(shown), rest + strlen("%.*s"));
}

/* --- values --- */

/* Jepsen's independent keys are pairs, and so are values: which one it is cannot be
 * told, and to guess is to give a wrong verdict. */
static bool is_pair(const struct edn *form)
{
    return (form->type == EDN_LIST || form->type == EDN_VECTOR) && form->count == 2;
}

static enum err_code refuse_pair(struct jepsen *j, struct edn_reader *r, const struct edn *form,
                                 struct err *err)
{
    return refuse(j, r, form, err,
                  "':value': '%.*s' may be a key and its value, or one value; give keys as "
                  "':key', and values that are no pairs");
}

/* A set's elements may be two; the second of a key and its elements is a collection. */
static bool may_be_keyed(const struct jepsen *j, const struct edn_reader *r,
                         const struct jepsen_event *e, const struct edn *value)
{
    if (!is_pair(value) || e->f->kind == OP_CAS || e->f->kind == OP_TXN)
        return false;
    if (e->f->answered != SHAPE_READ || e->type != JEPSEN_OK || j->family == FAMILY_REGISTER)
        return true;
    return edn_after(r, edn_first(r, value))->type >= EDN_LIST;
}

static enum err_code take_pair(struct jepsen *j, struct edn_reader *r, const struct edn *value,
                               struct jepsen_event *e, struct err *err)
{
    if (!is_pair(value))
        return refuse(j, r, value, err,
                      "':value': '%.*s' is not [EXPECTED NEW], as ':cas' has");
    const struct edn *expected = edn_first(r, value), *new = edn_after(r, expected);
    e->expected = OP_NIL;
    if (is_pair(new))
        return refuse_pair(j, r, new, err);
    if (is_nil(new))
        return edn_refuse(new, err, "':cas' cannot write nil");
    if (!is_nil(expected) && take_value(j, r, expected, &e->expected, err))
        return err->code;
    return take_value(j, r, new, &e->value, err);
}

/* The kind of "[:read :x nil]"; OP_KIND_COUNT for others. */
static enum op_kind part_kind(const struct edn_reader *r, const struct edn *form)
{
    if (edn_is(r, form, ":read") || edn_is(r, form, ":r"))
        return OP_READ;
    if (edn_is(r, form, ":write") || edn_is(r, form, ":w"))
        return OP_WRITE;
    return OP_KIND_COUNT;
}

static enum err_code take_part(struct jepsen *j, struct edn_reader *r, const struct edn *part,
                               int64_t *out, struct err *err)
{
    if (part->type < EDN_LIST || part->type > EDN_VECTOR || part->count != 3)
        return edn_refuse(part, err,
                          "a part of ':txn' has to be [:read KEY VALUE] or "
                          "[:write KEY VALUE]");
    const struct edn *kind = edn_first(r, part), *key = edn_after(r, kind);
    const struct edn *value = edn_after(r, key);
    out[0] = part_kind(r, kind);
    out[2] = OP_NIL;
    if (out[0] == OP_KIND_COUNT)
        return refuse(j, r, kind, err,
                      "'%.*s' is no part of ':txn'; :read (:r) and :write (:w) are known");
    if (is_nil(key) || (is_nil(value) && out[0] == OP_WRITE))
        return refuse(j, r, part, err,
                      "'%.*s' needs a key that is not nil, and a ':write' such a value");
    if (take_value(j, r, key, &out[1], err))
        return err->code;
    return is_nil(value) ? ERR_OK : take_value(j, r, value, &out[2], err);
}

static enum err_code take_parts(struct jepsen *j, struct edn_reader *r, const struct edn *value,
                                struct jepsen_event *e, struct err *err)
{
    if (value->type < EDN_LIST || value->type > EDN_VECTOR || value->count == 0)
        return refuse(j, r, value, err, "':value': '%.*s' is no list of parts, as ':txn' has");
    e->items = arena_array(&j->lists, value->count, 3 * sizeof *e->items);
    if (!e->items)
        return no_memory(err);
    enum err_code code = ERR_OK;
    const struct edn *part = edn_first(r, value);
    for (; part && code == ERR_OK; part = edn_after(r, part))
        code = take_part(j, r, part, e->items + 3 * e->item_count++, err);
    return code;
}

static int by_value(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The elements of a set, in order, each once. */
static enum err_code take_members(struct jepsen *j, struct edn_reader *r,
                                  const struct edn *value, struct jepsen_event *e,
                                  struct err *err)
{
    e->items = arena_array(&j->lists, value->count + 1, sizeof *e->items);
    if (!e->items)
        return no_memory(err);
    for (const struct edn *i = edn_first(r, value); i; i = edn_after(r, i)) {
        if (is_nil(i))
            return edn_refuse(i, err, "nil is no element of a set");
        if (take_value(j, r, i, &e->items[e->item_count++], err))
            return err->code;
    }
    uint32_t kept = 0;
    qsort(e->items, e->item_count, sizeof *e->items, by_value);
    for (uint32_t i = 0; i < e->item_count; i++)
        if (i == 0 || e->items[i] != e->items[i - 1])
            e->items[kept++] = e->items[i];
    e->item_count = kept;
    return ERR_OK;
}

/* What ':read' got: of a register a value, of a set its elements, and while nobody knows
 * of what, both. */
static enum err_code take_read(struct jepsen *j, struct edn_reader *r, const struct edn *value,
                               struct jepsen_event *e, struct err *err)
{
    bool many = value->type >= EDN_LIST && value->type <= EDN_SET;
    if (many)
        j->read_of_many = true;
    else
        j->read_of_one = true;
    if (many && j->family != FAMILY_REGISTER && take_members(j, r, value, e, err))
        return err->code;
    if (many && j->family == FAMILY_SET)
        return ERR_OK;
    e->is_integer = value->type == EDN_INTEGER;
    return take_value(j, r, value, &e->value, err);
}

static enum err_code take_shape(struct jepsen *j, struct edn_reader *r, enum jepsen_shape shape,
                                const struct edn *value, struct jepsen_event *e,
                                struct err *err)
{
    switch (shape) {
    case SHAPE_PAIR: return take_pair(j, r, value, e, err);
    case SHAPE_PARTS: return take_parts(j, r, value, e, err);
    case SHAPE_READ: return take_read(j, r, value, e, err);
    case SHAPE_TEXT:
        if (value->type != EDN_TEXT)
            return refuse(j, r, value, err,
                          "':value': '%.*s' is no text in quotes, as put, append and get have");
        break;
    default: break;
    }
    e->is_integer = value->type == EDN_INTEGER;
    return take_value(j, r, value, &e->value, err);
}

/* What is said of an operation that did not succeed is most often why: only the values
 * of a CAS tell something. */
static bool says_values(const struct jepsen_event *e, const struct edn *value)
{
    if (e->type == JEPSEN_INVOKE || e->type == JEPSEN_OK)
        return true;
    return e->type == JEPSEN_FAIL && e->f->kind == OP_CAS && value->type == EDN_VECTOR;
}

static enum err_code take_values(struct jepsen *j, struct edn_reader *r,
                                 const struct jepsen_row *row, struct jepsen_event *e,
                                 struct err *err)
{
    enum jepsen_shape shape = e->type == JEPSEN_INVOKE ? e->f->called : e->f->answered;
    if (row->value && e->type <= JEPSEN_OK && may_be_keyed(j, r, e, row->value))
        return refuse_pair(j, r, row->value, err);
    if (shape == SHAPE_NONE)
        return ERR_OK;
    if (is_nil(row->value) && e->type == JEPSEN_INVOKE)
        return edn_refuse(row->value ? row->value : &row->place, err,
                          "'%s' needs a ':value' that is not nil", e->f->name);
    if (is_nil(row->value) || !says_values(e, row->value))
        return ERR_OK;
    e->has_value = true;
    return take_shape(j, r, shape, row->value, e, err);
}

/* --- the rest of a row --- */

static enum err_code take_type(struct jepsen *j, struct edn_reader *r,
                               const struct jepsen_row *row, struct jepsen_event *e,
                               struct err *err)
{
    static const char *const names[] = {":invoke", ":ok", ":fail", ":info"};
    if (!row->type)
        return edn_refuse(&row->place, err,
                          "no ':type'; one of :invoke, :ok, :fail and :info has to be there");
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (edn_is(r, row->type, names[i])) {
            e->type = (enum jepsen_type)i;
            return ERR_OK;
        }
    return refuse(j, r, row->type, err, "':type': '%.*s' is not :invoke, :ok, :fail or :info");
}

static enum err_code take_function(struct jepsen *j, struct edn_reader *r,
                                   const struct jepsen_row *row, struct jepsen_event *e,
                                   struct err *err)
{
    if (!row->f)
        return edn_refuse(&row->place, err, "no ':f'; " KNOWN " known");
    for (size_t i = 0; i < ARRAY_LEN(functions) && !e->f; i++)
        if (edn_is(r, row->f, functions[i].name))
            e->f = &functions[i];
    if (!e->f)
        return refuse(j, r, row->f, err, "':f': '%.*s' is not known; " KNOWN);
    j->cas_seen |= e->f->kind == OP_CAS;
    j->remove_seen |= e->f->kind == OP_REMOVE;
    if (e->f->family == FAMILY_OPEN || e->f->family == j->family)
        return ERR_OK;
    if (j->family != FAMILY_OPEN)
        return edn_refuse(row->f, err,
                          "'%s' does not go with the '%s' of line %" PRIu64
                          ": a history is of one kind of object",
                          e->f->name, j->told_by->name, j->told_line);
    j->family = e->f->family;
    j->told_by = e->f;
    j->told_line = row->place.line;
    return ERR_OK;
}

/* ":index" or ":time": all rows have one, or none has. */
struct position {
    const char *name, *refusal;
    const struct edn *form;
    bool *given; /* by the rows before */
    int64_t *out;
};

static enum err_code take_position(struct jepsen *j, struct edn_reader *r,
                                   const struct jepsen_row *row, const struct position *p,
                                   struct err *err)
{
    bool here = !is_nil(p->form);
    if (j->count > 0 && here != *p->given)
        return edn_refuse(p->form ? p->form : &row->place, err,
                          "'%s' is %s, but rows before have %s; all have to, or none", p->name,
                          here ? "given" : "missing", here ? "none" : "one");
    *p->given = here;
    if (!here)
        return ERR_OK;
    if (p->form->type != EDN_INTEGER || p->form->integer < 0 || p->form->integer > TIME_NS_MAX)
        return refuse(j, r, p->form, err, p->refusal);
    *p->out = p->form->integer;
    return ERR_OK;
}

static enum err_code take_positions(struct jepsen *j, struct edn_reader *r,
                                    const struct jepsen_row *row, struct jepsen_event *e,
                                    struct err *err)
{
    const struct position index = {":index", "':index': '%.*s' is not an integer from 0 on",
                                   row->index, &j->indexed, &e->index};
    const struct position time = {
        ":time", "':time': '%.*s' is not an integer of nanoseconds, from 0 to 2^62", row->time,
        &j->timed, &e->time_ns};
    enum err_code code = take_position(j, r, row, &index, err);
    return code == ERR_OK ? take_position(j, r, row, &time, err) : code;
}

static struct jepsen_event *new_event(struct jepsen *j)
{
    struct jepsen_event *room =
        counted_room(j->lists.memory, j->events, j->count, &j->capacity, sizeof *room);
    if (!room)
        return NULL;
    j->events = room;
    struct jepsen_event *e = &j->events[j->count];
    *e = (struct jepsen_event){.number = j->count, .value = OP_NIL, .expected = OP_NIL};
    return e;
}

/* Is the row of a client? Others are of whoever makes faults. */
static enum err_code check_process(struct jepsen *j, struct edn_reader *r,
                                   const struct jepsen_row *row, bool *is_client,
                                   struct err *err)
{
    *is_client = row->process && row->process->type == EDN_INTEGER;
    if (!row->process)
        return edn_refuse(&row->place, err, "no ':process'; every row needs one");
    if (*is_client || row->process->type == EDN_KEYWORD || row->process->type == EDN_NIL)
        return ERR_OK;
    return refuse(j, r, row->process, err,
                  "':process': '%.*s' is neither an integer nor a keyword");
}

enum err_code jepsen_add(struct jepsen *j, struct edn_reader *r, const struct jepsen_row *row,
                         struct err *err)
{
    bool is_client;
    enum err_code code = check_process(j, r, row, &is_client, err);
    if (code != ERR_OK || !is_client)
        return code;
    struct jepsen_event *e = new_event(j);
    if (!e)
        return no_memory(err);
    e->line = row->place.line;
    e->process = row->process->integer;
    code = take_type(j, r, row, e, err);
    if (code == ERR_OK)
        code = take_function(j, r, row, e, err);
    if (code == ERR_OK)
        code = take_positions(j, r, row, e, err);
    if (code == ERR_OK && !is_nil(row->key))
        code = take_value(j, r, row->key, &e->key, err);
    if (code == ERR_OK)
        code = take_values(j, r, row, e, err);
    if (code != ERR_OK)
        return code;
    if (j->count > 0 && j->timed && e->time_ns < j->events[j->count - 1].time_ns)
        j->goes_back = true;
    j->count++;
    return ERR_OK;
}
