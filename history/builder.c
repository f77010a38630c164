/* What is where:
 *   values      texts and large integers, numbered
 *   checks      what a row must not break
 *   names       regions, nodes and tables; promises and metas
 *   operations  invocations, returns and whose they are
 *   others      attempts, parts, faults, events, samples
 *   life        new, finish, free */
#include "history/builder.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"
#include "base/id_list.h"
#include "base/text.h"
#include "history/kept.h"

/* The latest operation of each process; open addressing, at most half full. */
struct processes {
    struct process_slot {
        int64_t process;
        uint32_t latest; /* an operation's id; 0: free */
        uint32_t number; /* of the process, from 0 in the order of their first calls */
    } * slots;
    size_t slot_count, used;
};

enum { NAMED_REGION, NAMED_NODE, NAMED_TABLE, NAMED_COUNT };

struct builder {
    struct kept_history *kept;
    struct memory *memory;
    int64_t last_at_ns;
    const char *model;   /* NULL: nobody said */
    struct intern names; /* under a tag of NAMED_... */
    uint32_t name_count[NAMED_COUNT];
    struct intern parts; /* of transactions: the operation and the position of each */
    struct processes processes;
    int64_t op_count;

    const struct ear *ear; /* NULL: all is kept */
    struct id_list open;   /* with an ear: operations that have not returned */
};

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

/* --- values --- */

/* The id of a value, which is new; OP_NIL without memory. */
static int64_t add_value(struct builder *b, enum value_kind kind, struct bytes content,
                         struct known_value value)
{
    struct kept_history *k = b->kept;
    value.id = value_id((int64_t)k->base.value_count, kind);
    if (!kept_value_room(k))
        return OP_NIL;
    const uint8_t *copy = intern_add(&k->interned, (uint8_t)kind, content, value.id);
    if (!copy)
        return OP_NIL;
    if (kind == VALUE_TEXT && !value.text)
        value.text = (const char *)copy;
    k->values[k->base.value_count++] = value;
    return value.id;
}

/* What is shown of a text that is not UTF-8; what it is told apart by are its bytes. */
static int64_t add_unclean(struct builder *b, struct bytes text)
{
    char *clean = arena_alloc(&b->kept->texts, text.size + 1);
    if (!clean)
        return OP_NIL;
    memcpy(clean, text.at, text.size);
    text_make_utf8(clean);
    return add_value(b, VALUE_TEXT, text, (struct known_value){.text = clean});
}

int64_t builder_text(struct builder *b, struct bytes text)
{
    int64_t id = intern_find(&b->kept->interned, VALUE_TEXT, text);
    if (id != 0)
        return id;
    return text_bytes_are_utf8(text)
               ? add_value(b, VALUE_TEXT, text, (struct known_value){.text = NULL})
               : add_unclean(b, text);
}

int64_t builder_integer(struct builder *b, int64_t integer)
{
    if (integer < VALUE_ID_START && integer != OP_NIL)
        return integer;
    struct bytes content = {(const uint8_t *)&integer, sizeof integer};
    int64_t id = intern_find(&b->kept->interned, VALUE_INTEGER, content);
    return id != 0
               ? id
               : add_value(b, VALUE_INTEGER, content, (struct known_value){.integer = integer});
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* A text into a field of a row, NULL as OP_NIL; false without memory. */
static bool put_text(struct builder *b, const char *text, int64_t *field)
{
    *field = text ? builder_text(b, bytes_of(text)) : OP_NIL;
    return !text || *field != OP_NIL;
}

/* --- checks --- */

/* Rows come in time order; also moves the time on. */
static enum err_code check_time(struct builder *b, const char *field, int64_t at_ns,
                                struct err *err)
{
    if (at_ns < b->last_at_ns)
        return err_set(err, ERR_INVALID,
                       "%s: '%" PRId64 "' is before the row before it; at least %" PRId64,
                       field, at_ns, b->last_at_ns);
    bool is_later = at_ns > b->last_at_ns;
    b->last_at_ns = at_ns;
    return is_later && b->ear ? b->ear->moment(b->ear->user, at_ns, err) : ERR_OK;
}

static enum err_code check_op(const struct builder *b, const char *field, int64_t op,
                              struct err *err)
{
    int64_t count = b->op_count;
    if (op >= 1 && op <= count)
        return ERR_OK;
    if (count == 0)
        return err_set(err, ERR_INVALID, "%s: '%" PRId64 "' comes before any operation", field,
                       op);
    return err_set(err, ERR_INVALID, "%s: '%" PRId64 "' is no operation so far; 1 to %" PRId64,
                   field, op, count);
}

static enum err_code check_number(const char *field, const char *name, struct err *err)
{
    return name ? ERR_OK : err_set(err, ERR_INVALID, "%s: a number out of range", field);
}

/* Is `value` a plain integer, or an id that was given out? */
static enum err_code check_value(const struct builder *b, const char *field, int64_t value,
                                 struct err *err)
{
    if (value < VALUE_ID_START || source_value(&b->kept->base, value))
        return ERR_OK;
    return err_set(err, ERR_INVALID,
                   "%s: '%" PRId64 "' is neither below 2^62 nor the id of a value", field,
                   value);
}

static enum err_code check_utf8(const char *field, const char *text, struct err *err)
{
    if (!text || text_is_utf8(text))
        return ERR_OK;
    return err_set(err, ERR_INVALID, "%s: '%s' is not UTF-8", field, text);
}

/* The number of the next row; 0 when there are too many. */
static uint32_t next_seq(struct builder *b, struct err *err)
{
    if (b->kept->base.row_count < UINT32_MAX)
        return (uint32_t)++b->kept->base.row_count;
    err_set(err, ERR_LIMIT, "more than %" PRIu32 " rows", UINT32_MAX);
    return 0;
}

/* --- names --- */

static enum err_code add_row(struct builder *b, enum schema_table table, const int64_t *fields,
                             struct err *err)
{
    uint32_t seq = next_seq(b, err);
    if (seq == 0)
        return err->code;
    return kept_row(b->kept, table, seq, fields) ? ERR_OK : no_memory(err);
}

/* What a name is of. */
struct named {
    uint8_t tag;
    enum schema_table table;
    const char *what;
};

static enum err_code add_name(struct builder *b, struct named n, const char *name,
                              uint32_t region, struct err *err)
{
    struct bytes content = bytes_of(name);
    int64_t fields[] = {OP_NIL, region};
    if (check_utf8(n.what, name, err))
        return err->code;
    if (intern_find(&b->names, n.tag, content) != 0)
        return err_set(err, ERR_INVALID, "%s: '%s' is named twice", n.what, name);
    if (!intern_add(&b->names, n.tag, content, (int64_t)++b->name_count[n.tag]) ||
        !put_text(b, name, &fields[0]))
        return no_memory(err);
    return add_row(b, n.table, fields, err);
}

enum err_code builder_region(struct builder *b, const char *name, struct err *err)
{
    return add_name(b, (struct named){NAMED_REGION, TABLE_REGION, "region"}, name, 0, err);
}

enum err_code builder_node(struct builder *b, const char *name, uint32_t region,
                           struct err *err)
{
    return add_name(b, (struct named){NAMED_NODE, TABLE_NODE, "node"}, name, region, err);
}

enum err_code builder_table(struct builder *b, const char *name, struct err *err)
{
    return add_name(b, (struct named){NAMED_TABLE, TABLE_TABLE, "table"}, name, 0, err);
}

enum err_code builder_promise(struct builder *b, const struct promise *p, struct err *err)
{
    int64_t fields[] = {p->table, OP_NIL, OP_NIL, OP_NIL, OP_NIL};
    if (check_utf8("type", p->type, err) || check_utf8("mode", p->mode, err) ||
        check_utf8("level", p->level, err) || check_utf8("checks", p->checks, err))
        return err->code;
    if (!put_text(b, p->type, &fields[1]) || !put_text(b, p->mode, &fields[2]) ||
        !put_text(b, p->level, &fields[3]) || !put_text(b, p->checks, &fields[4]))
        return no_memory(err);
    return add_row(b, TABLE_PROMISE, fields, err);
}

enum err_code builder_meta(struct builder *b, const char *name, const char *value,
                           struct err *err)
{
    int64_t fields[2];
    if (check_utf8("meta", name, err))
        return err->code;
    if (!put_text(b, name, &fields[0]) || !put_text(b, value, &fields[1]))
        return no_memory(err);
    return add_row(b, TABLE_META, fields, err);
}

/* --- operations --- */

static size_t slot_of(const struct processes *p, int64_t process)
{
    size_t mask = p->slot_count - 1;
    size_t i = (size_t)((uint64_t)process * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (p->slots[i].latest != 0 && p->slots[i].process != process)
        i = (i + 1) & mask;
    return i;
}

static bool more_processes(struct builder *b)
{
    struct processes old = b->processes;
    struct processes more = {.slot_count = old.slot_count ? old.slot_count * 2 : 64,
                             .used = old.used};
    more.slots = counted_zeroed(b->memory, more.slot_count, sizeof *more.slots);
    if (!more.slots)
        return false;
    for (size_t i = 0; i < old.slot_count; i++)
        if (old.slots[i].latest != 0)
            more.slots[slot_of(&more, old.slots[i].process)] = old.slots[i];
    counted_free(b->memory, old.slots, old.slot_count * sizeof *old.slots);
    b->processes = more;
    return true;
}

/* Where the latest operation of `process` is kept; NULL without memory. */
static struct process_slot *slot_for(struct builder *b, int64_t process)
{
    struct processes *p = &b->processes;
    if (p->used * 2 >= p->slot_count && !more_processes(b))
        return NULL;
    struct process_slot *slot = &p->slots[slot_of(p, process)];
    slot->process = process;
    return slot;
}

static bool is_open(const struct builder *b, const struct process_slot *slot)
{
    return slot->latest != 0 && builder_is_open(b, slot->latest);
}

static enum err_code check_operation(const struct builder *b, const struct operation *o,
                                     struct err *err)
{
    if (check_number("kind", op_kind_name((int)o->kind), err) ||
        check_number("level", op_level_name((int)o->level), err) ||
        check_value(b, "key", o->key, err) || check_value(b, "argument", o->argument, err))
        return err->code;
    return check_value(b, "expected", o->expected, err);
}

static void fill_op(struct kept_history *k, const struct op_row *row, uint32_t seq)
{
    struct columns *c = &k->ops;
    const struct operation *o = &row->operation;
    size_t i = c->count++;
    c->id[i] = (int64_t)c->count;
    c->process[i] = row->process;
    c->region[i] = row->region;
    c->table[i] = o->table;
    c->kind[i] = (uint8_t)o->kind;
    c->outcome[i] = OUTCOME_UNKNOWN;
    c->level[i] = (uint8_t)o->level;
    c->key[i] = o->key;
    c->argument[i] = o->argument;
    c->expected[i] = o->expected;
    c->result[i] = OP_NIL;
    c->is_list[i] = false;
    c->intended_at_ns[i] = row->intended_at_ns;
    c->invoked_at_ns[i] = row->invoked_at_ns;
    c->returned_at_ns[i] = INT64_MAX;
    c->node[i] = -1;
    c->request_id[i] = (int64_t)o->request_id;
    c->error[i] = 0;
    k->session[i] = row->session;
    k->op_seq[i] = seq;
    k->ret_seq[i] = 0;
}

/* Kept, or told. */
static enum err_code take_op(struct builder *b, const struct op_row *row, uint32_t seq,
                             struct err *err)
{
    b->op_count++;
    if (!b->ear) {
        fill_op(b->kept, row, seq);
        return ERR_OK;
    }
    if (!id_list_add(&b->open, b->op_count, 0))
        return no_memory(err);
    return b->ear->op(b->ear->user, b->op_count, row, err);
}

enum err_code builder_op(struct builder *b, const struct op_row *row, int64_t *id,
                         struct err *err)
{
    if (check_operation(b, &row->operation, err))
        return err->code;
    if (b->op_count >= HISTORY_OPS_MAX)
        return err_set(err, ERR_LIMIT, "op: one too many; at most %u", HISTORY_OPS_MAX);
    struct process_slot *slot = slot_for(b, row->process);
    if (!slot || (!b->ear && !kept_op_room(b->kept)))
        return no_memory(err);
    if (is_open(b, slot))
        return err_set(err, ERR_INVALID,
                       "process: '%" PRId64 "' begins operation %" PRId64
                       " before its operation %" PRIu32 " has returned; one at a time",
                       row->process, b->op_count + 1, slot->latest);
    if (check_time(b, "invoked_at", row->invoked_at_ns, err))
        return err->code;
    uint32_t seq = next_seq(b, err);
    if (seq == 0)
        return err->code;
    if (slot->latest == 0)
        slot->number = (uint32_t)b->processes.used++;
    slot->latest = (uint32_t)b->op_count + 1;
    *id = slot->latest;
    return take_op(b, row, seq, err);
}

bool builder_is_open(const struct builder *b, int64_t op)
{
    assert(op >= 1 && op <= b->op_count);
    if (b->ear)
        return id_list_find(&b->open, op) != NULL;
    return b->kept->ret_seq[op - 1] == 0;
}

int64_t builder_open(const struct builder *b, int64_t process, uint32_t *number)
{
    const struct processes *p = &b->processes;
    const struct process_slot *slot = p->slot_count ? &p->slots[slot_of(p, process)] : NULL;
    if (!slot || !is_open(b, slot))
        return 0;
    *number = slot->number;
    return slot->latest;
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A list is kept ascending. Its index, or -1 without memory. */
static int64_t add_list(struct kept_history *k, const int64_t *members, size_t count)
{
    int64_t *copy = arena_array(&k->texts, count, sizeof *copy);
    if (!copy || !kept_list_room(k))
        return -1;
    bool ascending = true;
    for (size_t i = 0; i < count; i++) {
        copy[i] = members[i];
        ascending = ascending && (i == 0 || copy[i - 1] <= copy[i]);
    }
    if (!ascending)
        qsort(copy, count, sizeof *copy, by_size);
    k->ops.lists[k->ops.list_count] = (struct int_list){.at = copy, .count = count};
    return (int64_t)k->ops.list_count++;
}

static enum err_code check_answer(const struct builder *b, const struct answer *a,
                                  struct err *err)
{
    if (check_number("outcome", op_outcome_name((int)a->outcome), err) ||
        check_number("level", op_level_name((int)a->level), err))
        return err->code;
    if (!a->is_list)
        return check_value(b, "result", a->result, err);
    for (size_t i = 0; i < a->member_count; i++)
        if (check_value(b, "result", a->members[i], err))
            return err->code;
    return ERR_OK;
}

/* What is copied of `a` for operation `i`; false without memory. */
static bool fill_answer(struct builder *b, size_t i, const struct answer *a)
{
    struct kept_history *k = b->kept;
    int64_t result = a->is_list ? add_list(k, a->members, a->member_count) : a->result;
    int64_t error = a->error ? builder_text(b, bytes_of(a->error)) : 0;
    if (error == OP_NIL || (a->is_list && result < 0))
        return false;
    k->ops.result[i] = result;
    k->ops.is_list[i] = a->is_list;
    k->ops.error[i] = error;
    k->ops.outcome[i] = (uint8_t)a->outcome;
    k->ops.node[i] = a->node < 0 ? -1 : a->node;
    k->level_had[i] = (uint8_t)a->level;
    k->version[i] = a->version;
    return true;
}

static bool has_returned(const struct builder *b, int64_t op)
{
    return b->ear ? !id_list_find(&b->open, op) : b->kept->ret_seq[op - 1] != 0;
}

static enum err_code keep_ret(struct builder *b, int64_t op, int64_t returned_at_ns,
                              const struct answer *answer, struct err *err)
{
    struct kept_history *k = b->kept;
    size_t i = (size_t)op - 1;
    if (!fill_answer(b, i, answer))
        return no_memory(err);
    uint32_t seq = next_seq(b, err);
    if (seq == 0)
        return err->code;
    k->ops.returned_at_ns[i] = returned_at_ns;
    k->ret_seq[i] = seq;
    k->returned[k->return_count++] = (uint32_t)i;
    return ERR_OK;
}

enum err_code builder_ret(struct builder *b, int64_t op, int64_t returned_at_ns,
                          const struct answer *answer, struct err *err)
{
    if (check_op(b, "ret", op, err))
        return err->code;
    if (has_returned(b, op))
        return err_set(err, ERR_INVALID, "ret: '%" PRId64 "' has returned already", op);
    if (check_answer(b, answer, err) || check_time(b, "returned_at", returned_at_ns, err))
        return err->code;
    if (!b->ear)
        return keep_ret(b, op, returned_at_ns, answer, err);
    id_list_remove(&b->open, id_list_find(&b->open, op));
    return b->ear->ret(b->ear->user, op, returned_at_ns, answer, err);
}

/* --- others --- */

enum err_code builder_attempt(struct builder *b, int64_t op, const struct attempt *a,
                              struct err *err)
{
    int64_t fields[] = {a->number,
                        op,
                        a->node < 0 ? OP_NIL : a->node,
                        a->sent_at_ns,
                        a->ended_at_ns,
                        (int64_t)a->outcome,
                        OP_NIL};
    if (check_op(b, "op", op, err) ||
        check_number("outcome", op_outcome_name((int)a->outcome), err))
        return err->code;
    if (b->ear)
        return ERR_OK;
    if (!put_text(b, a->error, &fields[6]))
        return no_memory(err);
    return add_row(b, TABLE_ATTEMPT, fields, err);
}

/* Two parts at one place would leave another without any. */
static enum err_code take_position(struct builder *b, const struct micro_row *m,
                                   struct err *err)
{
    const int64_t place[] = {m->op, m->position};
    struct bytes content = {(const uint8_t *)place, sizeof place};
    if (intern_find(&b->parts, 0, content) != 0)
        return err_set(err, ERR_INVALID,
                       "micro: '%u' is a second part of operation %" PRId64 " at one position",
                       m->position, m->op);
    return intern_add(&b->parts, 0, content, 1) ? ERR_OK : no_memory(err);
}

enum err_code builder_micro(struct builder *b, const struct micro_row *m, struct err *err)
{
    const int64_t fields[] = {m->position, m->op,       (int64_t)m->kind,
                              m->key,      m->argument, m->result};
    if (check_op(b, "op", m->op, err) ||
        check_number("kind", op_kind_name((int)m->kind), err) ||
        check_value(b, "key", m->key, err) || check_value(b, "argument", m->argument, err) ||
        check_value(b, "result", m->result, err) || take_position(b, m, err))
        return err->code;
    return b->ear ? ERR_OK : add_row(b, TABLE_MICRO, fields, err);
}

enum err_code builder_fault(struct builder *b, const struct fault_row *f, struct err *err)
{
    int64_t fields[] = {f->fault, OP_NIL, OP_NIL, f->at_ns, OP_NIL, OP_NIL, OP_NIL};
    if (check_time(b, "at", f->at_ns, err))
        return err->code;
    if (b->ear)
        return ERR_OK;
    if (!put_text(b, f->name, &fields[1]) || !put_text(b, f->state, &fields[2]) ||
        !put_text(b, f->asked, &fields[4]) || !put_text(b, f->resolved, &fields[5]) ||
        !put_text(b, f->measured, &fields[6]))
        return no_memory(err);
    return add_row(b, TABLE_FAULT, fields, err);
}

enum err_code builder_event(struct builder *b, const struct event_row *e, struct err *err)
{
    int64_t fields[] = {OP_NIL, e->at_ns, e->node < 0 ? OP_NIL : e->node, OP_NIL};
    if (check_time(b, "at", e->at_ns, err))
        return err->code;
    if (b->ear)
        return ERR_OK;
    if (!put_text(b, e->name, &fields[0]) || !put_text(b, e->detail, &fields[3]))
        return no_memory(err);
    return add_row(b, TABLE_EVENT, fields, err);
}

enum err_code builder_sample(struct builder *b, const struct sample_row *s, struct err *err)
{
    int64_t fields[] = {OP_NIL, s->at_ns, s->node < 0 ? OP_NIL : s->node, 0};
    double value = s->value + 0.0; /* no -0, whose bits are those of OP_NIL */
    if (!isfinite(value))
        return err_set(err, ERR_INVALID, "sample: '%s' is %g, no finite number", s->name,
                       value);
    memcpy(&fields[3], &value, sizeof value);
    if (check_time(b, "at", s->at_ns, err))
        return err->code;
    if (b->ear)
        return ERR_OK;
    if (!put_text(b, s->name, &fields[0]))
        return no_memory(err);
    return add_row(b, TABLE_SAMPLE, fields, err);
}

/* --- life --- */

struct builder *builder_new(struct memory *memory)
{
    struct builder *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->memory = memory;
    b->last_at_ns = INT64_MIN;
    b->names.memory.memory = b->parts.memory.memory = b->open.memory = memory;
    b->kept = kept_new(memory);
    if (b->kept)
        return b;
    builder_free(b);
    return NULL;
}

struct memory *builder_memory(const struct builder *b)
{
    return b->memory;
}

void builder_is_of(struct builder *b, const char *model)
{
    b->model = model;
}

const char *builder_model(const struct builder *b)
{
    return b->model;
}

void builder_free(struct builder *b)
{
    if (!b)
        return;
    if (b->kept)
        history_free(&b->kept->base);
    counted_free(b->memory, b->processes.slots,
                 b->processes.slot_count * sizeof *b->processes.slots);
    intern_done(&b->names);
    intern_done(&b->parts);
    id_list_done(&b->open);
    free(b);
}

void builder_listen(struct builder *b, const struct ear *ear)
{
    assert(b->op_count == 0);
    b->ear = ear;
}

struct history *builder_so_far(struct builder *b, struct err *err)
{
    struct history *h = &b->kept->base;
    h->seq = h->row_count;
    return source_load_facts(h, err) ? NULL : h;
}

enum err_code builder_finish(struct builder *b, struct history **out, struct err *err)
{
    struct history *h = &b->kept->base;
    h->seq = h->row_count;
    enum err_code code = source_load_facts(h, err);
    if (code == ERR_OK) {
        *out = h;
        b->kept = NULL;
    }
    builder_free(b);
    return code;
}
