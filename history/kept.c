/* What is where:
 *   room     arrays that grow, and are counted
 *   rows     what struct source_ops wants of a source */
#include "history/kept.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"

/* --- room --- */

/* An array of one item per operation. */
struct op_array {
    size_t offset; /* of the pointer to it, in struct kept_history */
    size_t size;   /* of an item */
};

#define OP_ARRAY(member)                                                                       \
    {                                                                                          \
        offsetof(struct kept_history, member), sizeof *((struct kept_history *)NULL)->member   \
    }
static const struct op_array op_arrays[] = {
    OP_ARRAY(ops.id),
    OP_ARRAY(ops.process),
    OP_ARRAY(ops.region),
    OP_ARRAY(ops.table),
    OP_ARRAY(ops.kind),
    OP_ARRAY(ops.outcome),
    OP_ARRAY(ops.level),
    OP_ARRAY(ops.key),
    OP_ARRAY(ops.argument),
    OP_ARRAY(ops.expected),
    OP_ARRAY(ops.result),
    OP_ARRAY(ops.is_list),
    OP_ARRAY(ops.intended_at_ns),
    OP_ARRAY(ops.invoked_at_ns),
    OP_ARRAY(ops.returned_at_ns),
    OP_ARRAY(ops.node),
    OP_ARRAY(ops.request_id),
    OP_ARRAY(ops.error),
    OP_ARRAY(session),
    OP_ARRAY(version),
    OP_ARRAY(level_had),
    OP_ARRAY(op_seq),
    OP_ARRAY(ret_seq),
    OP_ARRAY(returned),
};

/* `*at`, a pointer of whatever type, to an array that gets larger. */
static bool resize(struct kept_history *k, void *at, size_t old_bytes, size_t bytes)
{
    void *array;
    memcpy(&array, at, sizeof array);
    array = counted_resize(k->memory, array, old_bytes, bytes);
    if (array)
        memcpy(at, &array, sizeof array);
    return array != NULL;
}

static void free_at(void *at)
{
    void *array;
    memcpy(&array, at, sizeof array);
    free(array);
}

static void *op_array_at(struct kept_history *k, const struct op_array *a)
{
    return (char *)k + a->offset;
}

static size_t op_bytes(void)
{
    size_t bytes = 0;
    for (size_t i = 0; i < ARRAY_LEN(op_arrays); i++)
        bytes += op_arrays[i].size;
    return bytes;
}

bool kept_op_room(struct kept_history *k)
{
    if (k->ops.count < k->op_room)
        return true;
    size_t room = counted_next(k->op_room), i = 0, grown_bytes = 0;
    for (; i < ARRAY_LEN(op_arrays); i++) {
        size_t size = op_arrays[i].size;
        if (!resize(k, op_array_at(k, &op_arrays[i]), k->op_room * size, room * size))
            break;
        grown_bytes += (room - k->op_room) * size;
    }
    if (i == ARRAY_LEN(op_arrays)) {
        k->op_room = room;
        return true;
    }
    memory_give(k->memory, grown_bytes); /* those count as large as the others */
    return false;
}

/* Another array, with `count` items in it. */
static bool grow(struct kept_history *k, void *at, size_t size, size_t count, size_t *room)
{
    if (count < *room)
        return true;
    size_t larger = counted_next(*room);
    if (!resize(k, at, *room * size, larger * size))
        return false;
    *room = larger;
    return true;
}

bool kept_list_room(struct kept_history *k)
{
    return grow(k, &k->ops.lists, sizeof *k->ops.lists, k->ops.list_count, &k->list_room);
}

bool kept_value_room(struct kept_history *k)
{
    bool grown = grow(k, &k->values, sizeof *k->values, k->base.value_count, &k->value_room);
    k->base.values = k->values;
    return grown;
}

static size_t row_bytes(int form)
{
    return (size_t)row_forms[form].field_count * sizeof(int64_t);
}

static bool row_room(struct kept_history *k, struct kept_rows *r, size_t size)
{
    if (r->count < r->room)
        return true;
    size_t room = counted_next(r->room);
    if (!resize(k, &r->cells, r->room * size, room * size))
        return false;
    if (!resize(k, &r->seqs, r->room * sizeof *r->seqs, room * sizeof *r->seqs)) {
        memory_give(k->memory, (room - r->room) * size);
        return false;
    }
    r->room = room;
    return true;
}

bool kept_row(struct kept_history *k, enum schema_table table, uint32_t seq,
              const int64_t *fields)
{
    int form = 0;
    while (row_forms[form].table != table)
        form++;
    struct kept_rows *r = &k->rows[form];
    size_t size = row_bytes(form);
    if (!row_room(k, r, size))
        return false;
    memcpy((char *)r->cells + r->count * size, fields, size);
    r->seqs[r->count++] = seq;
    return true;
}

/* --- rows --- */

static struct kept_history *kept_of(const struct history *h)
{
    return CONTAINER_OF(h, struct kept_history, base);
}

/* How many of `count` ascending numbers are seen. */
static size_t seen(const struct kept_history *k, const uint32_t *seqs, size_t count)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (seqs[middle] <= k->base.seq)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static size_t ops_seen(const struct kept_history *k)
{
    return seen(k, k->op_seq, k->ops.count);
}

static size_t returns_seen(const struct kept_history *k)
{
    size_t low = 0, high = k->return_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (k->ret_seq[k->returned[middle]] <= k->base.seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t rows_seen(const struct kept_history *k, const struct row_form *form)
{
    const struct kept_rows *r = &k->rows[form - row_forms];
    switch (form->table) {
    case TABLE_OP: return ops_seen(k);
    case TABLE_RET: return returns_seen(k);
    default: return seen(k, r->seqs, r->count);
    }
}

static enum err_code count_rows(const struct history *h, const struct row_form *form,
                                size_t *count, struct err *err)
{
    (void)err;
    *count = rows_seen(kept_of(h), form);
    return ERR_OK;
}

static enum err_code begin(struct cursor *c, struct err *err)
{
    (void)c;
    (void)err;
    return ERR_OK;
}

static void close_cursor(struct cursor *c)
{
    (void)c;
}

static void op_fields(const struct kept_history *k, size_t i, int64_t *f)
{
    const struct columns *c = &k->ops;
    const int64_t fields[] = {c->id[i],           c->process[i],    k->session[i],
                              c->region[i],       c->table[i],      c->kind[i],
                              c->key[i],          c->argument[i],   c->expected[i],
                              c->level[i],        c->request_id[i], c->intended_at_ns[i],
                              c->invoked_at_ns[i]};
    memcpy(f, fields, sizeof fields);
}

static void ret_fields(const struct kept_history *k, size_t i, int64_t *f)
{
    const struct columns *c = &k->ops;
    int64_t result = c->is_list[i] ? value_id(c->result[i], VALUE_LIST) : c->result[i];
    const int64_t fields[] = {c->id[i],
                              c->outcome[i],
                              c->returned_at_ns[i],
                              result,
                              k->level_had[i],
                              k->version[i],
                              c->node[i] < 0 ? OP_NIL : c->node[i],
                              c->error[i] ? c->error[i] : OP_NIL};
    memcpy(f, fields, sizeof fields);
}

/* The fields of row `i` of a form, and its number. */
static int64_t row_fields(const struct kept_history *k, const struct row_form *form, size_t i,
                          int64_t *fields)
{
    const struct kept_rows *r = &k->rows[form - row_forms];
    switch (form->table) {
    case TABLE_OP: op_fields(k, i, fields); return k->op_seq[i];
    case TABLE_RET: ret_fields(k, k->returned[i], fields); return k->ret_seq[k->returned[i]];
    default:
        memcpy(fields, r->cells + i * (size_t)form->field_count,
               row_bytes((int)(form - row_forms)));
        return r->seqs[i];
    }
}

static struct cell cell_of(const struct history *h, enum field_type type, int64_t field)
{
    struct cell cell = {.kind = CELL_INTEGER, .integer = field};
    if (field == OP_NIL)
        cell.kind = CELL_NIL;
    else if (type == FIELD_REAL) {
        cell.kind = CELL_REAL;
        memcpy(&cell.real, &field, sizeof field);
    } else if (type == FIELD_TEXT) {
        const char *text = history_text(h, field);
        cell.kind = CELL_TEXT;
        cell.bytes = (struct bytes){(const uint8_t *)text, strlen(text)};
    }
    return cell;
}

static bool next(struct cursor *c, enum err_code *code, struct err *err)
{
    (void)err;
    const struct kept_history *k = kept_of(c->history);
    int64_t fields[FIELDS_MAX];
    if (*code != ERR_OK || c->next == rows_seen(k, c->form))
        return false;
    c->seq = row_fields(k, c->form, c->next++, fields);
    for (int i = 0; i < c->form->field_count; i++)
        c->cells[i] = cell_of(c->history, c->form->fields[i].type, fields[i]);
    return true;
}

static enum err_code find_list(struct history *h, int64_t id, struct arena *arena,
                               struct int_list *out, struct err *err)
{
    (void)arena;
    (void)err;
    *out = kept_of(h)->ops.lists[(id - VALUE_ID_START) >> VALUE_KIND_BITS];
    return ERR_OK;
}

/* Arrays of their own for what returns say, since some are not seen. */
static bool make_returns(struct columns *c, struct arena *a)
{
    return (c->outcome = arena_array(a, c->count, sizeof *c->outcome)) &&
           (c->result = arena_array(a, c->count, sizeof *c->result)) &&
           (c->is_list = arena_array(a, c->count, sizeof *c->is_list)) &&
           (c->returned_at_ns = arena_array(a, c->count, sizeof *c->returned_at_ns)) &&
           (c->node = arena_array(a, c->count, sizeof *c->node)) &&
           (c->error = arena_array(a, c->count, sizeof *c->error));
}

static enum err_code columns(struct history *h, struct arena *arena, struct columns *out,
                             struct err *err)
{
    const struct kept_history *k = kept_of(h);
    *out = k->ops;
    if (h->seq == h->row_count)
        return ERR_OK;
    out->count = ops_seen(k);
    if (!make_returns(out, arena))
        return source_no_memory(h, err);
    for (size_t i = 0; i < out->count; i++) {
        bool returned = k->ret_seq[i] != 0 && k->ret_seq[i] <= h->seq;
        out->outcome[i] = returned ? k->ops.outcome[i] : OUTCOME_UNKNOWN;
        out->result[i] = returned ? k->ops.result[i] : OP_NIL;
        out->is_list[i] = returned && k->ops.is_list[i];
        out->returned_at_ns[i] = returned ? k->ops.returned_at_ns[i] : INT64_MAX;
        out->node[i] = returned ? k->ops.node[i] : -1;
        out->error[i] = returned ? k->ops.error[i] : 0;
    }
    return ERR_OK;
}

static enum err_code find_end(const struct history *h, int64_t *end_ns, struct err *err)
{
    (void)err;
    const struct kept_history *k = kept_of(h);
    *end_ns = 0;
    for (int form = 0; form < ROW_FORM_COUNT; form++) {
        int64_t fields[FIELDS_MAX];
        size_t count = rows_seen(k, &row_forms[form]);
        int at = row_forms[form].time_field;
        if (count == 0 || at == NO_TIME)
            continue;
        assert(row_forms[form].fields[at].type == FIELD_TIME);
        row_fields(k, &row_forms[form], count - 1, fields);
        if (fields[at] > *end_ns)
            *end_ns = fields[at];
    }
    return ERR_OK;
}

static void kept_free(struct history *h)
{
    struct kept_history *k = kept_of(h);
    size_t bytes = sizeof *k + k->op_room * op_bytes() + k->list_room * sizeof *k->ops.lists +
                   k->value_room * sizeof *k->values;
    for (size_t i = 0; i < ARRAY_LEN(op_arrays); i++)
        free_at(op_array_at(k, &op_arrays[i]));
    for (int form = 0; form < ROW_FORM_COUNT; form++) {
        bytes += k->rows[form].room * (row_bytes(form) + sizeof(uint32_t));
        free(k->rows[form].cells);
        free(k->rows[form].seqs);
    }
    free(k->ops.lists);
    free(k->values);
    intern_done(&k->interned);
    arena_done(&k->texts);
    memory_give(k->memory, bytes);
    free(k);
}

static const struct source_ops ops = {
    .count = count_rows,
    .begin = begin,
    .next = next,
    .close = close_cursor,
    .list = find_list,
    .columns = columns,
    .end = find_end,
    .free = kept_free,
};

struct kept_history *kept_new(struct memory *memory)
{
    struct kept_history *k = counted_zeroed(memory, 1, sizeof *k);
    if (!k)
        return NULL;
    k->base.source = &ops;
    k->memory = memory;
    k->texts.memory = memory;
    k->interned.memory.memory = memory;
    k->base.facts.memory = memory;
    k->base.loaded.memory = memory;
    k->base.name = strdup("history");
    if (k->base.name)
        return k;
    history_free(&k->base);
    return NULL;
}
