/* What is where:
 *   facts        names, promises and metas, read again at each cut
 *   questions    what is answered from them
 *   lists        faults, events, attempts, samples, parts of transactions */
#include "history/history.h"

#include <stdlib.h>
#include <string.h>

#include "history/schema.h"
#include "history/source.h"

/* --- facts --- */

/* A listing: all rows of a form that are seen, each into `size` bytes. */
struct listing {
    struct cursor cursor;
    void *rows; /* room for all of them */
    size_t size, room, used;
};

static const struct row_form *form_of(enum schema_table table)
{
    const struct row_form *form = row_forms;
    while (form->table != table)
        form++;
    return form;
}

/* End it, also after a failure. */
static enum err_code begin_list(const struct history *h, enum schema_table table, size_t size,
                                struct arena *arena, struct listing *out, struct err *err)
{
    *out = (struct listing){.cursor = {.history = h, .form = form_of(table)}, .size = size};
    if (h->source->count(h, out->cursor.form, &out->room, err))
        return err->code;
    out->rows = arena_array(arena, out->room, size);
    if (!out->rows)
        return source_no_memory(h, err);
    return h->source->begin(&out->cursor, err);
}

/* Where the next row belongs, which the cursor has at hand; NULL at the end, and when
 * `code` is set. A live writer may have added some since they were counted. */
static void *next_row(struct listing *l, enum err_code *code, struct err *err)
{
    const struct source_ops *source = l->cursor.history->source;
    if (*code != ERR_OK || l->used == l->room || !source->next(&l->cursor, code, err))
        return NULL;
    return (char *)l->rows + l->used++ * l->size;
}

static void end_list(struct listing *l)
{
    l->cursor.history->source->close(&l->cursor);
}

static enum err_code copy_text(struct history *h, const struct cursor *c, int field,
                               const char **out, struct err *err)
{
    const struct cell *cell = &c->cells[field];
    *out = cell->kind == CELL_TEXT ? arena_copy_text(&h->facts, (const char *)cell->bytes.at)
                                   : NULL;
    return cell->kind == CELL_TEXT && !*out ? source_no_memory(h, err) : ERR_OK;
}

static enum err_code load_names(struct history *h, enum schema_table table,
                                struct known_names *names, struct err *err)
{
    struct listing l;
    struct known_name *n;
    enum err_code code = begin_list(h, table, sizeof *n, &h->facts, &l, err);
    bool damaged = false;
    while ((n = next_row(&l, &code, err))) {
        if (table == TABLE_NODE)
            n->region = (uint32_t)cursor_bounded(&l.cursor, 1, 0, UINT32_MAX, &damaged);
        code = copy_text(h, &l.cursor, 0, &n->name, err);
    }
    end_list(&l);
    if (code == ERR_OK && damaged)
        code = source_damaged(h, err, "a node of no region");
    *names = (struct known_names){.items = l.rows, .count = (uint32_t)l.used};
    return code;
}

static enum err_code load_promises(struct history *h, struct err *err)
{
    struct listing l;
    struct promise *p;
    enum err_code code = begin_list(h, TABLE_PROMISE, sizeof *p, &h->facts, &l, err);
    while ((p = next_row(&l, &code, err))) {
        const char **texts[] = {&p->type, &p->mode, &p->level, &p->checks};
        p->table = (uint32_t)cursor_integer(&l.cursor, 0, 0);
        for (int i = 0; i < (int)ARRAY_LEN(texts) && code == ERR_OK; i++)
            code = copy_text(h, &l.cursor, i + 1, texts[i], err);
    }
    end_list(&l);
    h->promises = l.rows;
    h->promise_count = l.used;
    return code;
}

static enum err_code load_metas(struct history *h, struct err *err)
{
    struct listing l;
    struct known_meta *m;
    enum err_code code = begin_list(h, TABLE_META, sizeof *m, &h->facts, &l, err);
    while ((m = next_row(&l, &code, err))) {
        code = copy_text(h, &l.cursor, 0, &m->name, err);
        if (code == ERR_OK)
            code = copy_text(h, &l.cursor, 1, &m->value, err);
    }
    end_list(&l);
    h->metas = l.rows;
    h->meta_count = l.used;
    return code;
}

enum err_code source_load_facts(struct history *h, struct err *err)
{
    arena_done(&h->facts);
    if (load_names(h, TABLE_REGION, &h->regions, err) ||
        load_names(h, TABLE_NODE, &h->nodes, err) ||
        load_names(h, TABLE_TABLE, &h->tables, err) || load_promises(h, err) ||
        load_metas(h, err))
        return err->code;
    return h->source->end(h, &h->end_ns, err);
}

void history_free(struct history *h)
{
    if (!h)
        return;
    free(h->name);
    arena_done(&h->facts);
    arena_done(&h->loaded);
    h->source->free(h);
}

int64_t history_row_count(const struct history *h)
{
    return h->seq;
}

enum err_code history_cut(struct history *h, int64_t rows, struct err *err)
{
    h->seq = rows < 0 ? 0 : rows < h->row_count ? rows : h->row_count;
    h->is_loaded = false;
    arena_done(&h->loaded);
    return source_load_facts(h, err);
}

/* --- questions --- */

const char *history_meta_get(const struct history *h, const char *name)
{
    for (size_t i = h->meta_count; i > 0; i--) /* the latest says it */
        if (strcmp(h->metas[i - 1].name, name) == 0)
            return h->metas[i - 1].value;
    return NULL;
}

uint32_t history_region_count(const struct history *h)
{
    return h->regions.count;
}

uint32_t history_node_count(const struct history *h)
{
    return h->nodes.count;
}

uint32_t history_table_count(const struct history *h)
{
    return h->tables.count;
}

static const char *name_of(const struct known_names *names, uint32_t number)
{
    return number < names->count ? names->items[number].name : NULL;
}

const char *history_region_name(const struct history *h, uint32_t region)
{
    return name_of(&h->regions, region);
}

const char *history_node_name(const struct history *h, uint32_t node)
{
    return name_of(&h->nodes, node);
}

uint32_t history_node_region(const struct history *h, uint32_t node)
{
    return node < h->nodes.count ? h->nodes.items[node].region : 0;
}

const char *history_table_name(const struct history *h, uint32_t table)
{
    return name_of(&h->tables, table);
}

const struct promise *history_promise_get(const struct history *h, uint32_t table)
{
    for (size_t i = 0; i < h->promise_count; i++)
        if (h->promises[i].table == table)
            return &h->promises[i];
    return NULL;
}

const char *history_text(const struct history *h, int64_t id)
{
    if (value_kind_of(id) != VALUE_TEXT)
        return NULL;
    const struct known_value *v = source_value(h, id);
    return v ? v->text : NULL;
}

int64_t history_integer(const struct history *h, int64_t value)
{
    if (value_kind_of(value) != VALUE_INTEGER)
        return value;
    const struct known_value *v = source_value(h, value);
    return v ? v->integer : value;
}

int64_t history_end_ns(const struct history *h)
{
    return h->end_ns;
}

/* --- lists --- */

/* The cursor's row, into a struct of its own kind. */
typedef void (*read_row)(const struct cursor *c, void *row, bool *damaged);

struct list_form {
    enum schema_table table;
    size_t size; /* of a row */
    read_row read;
};

static enum err_code read_list(const struct history *h, const struct list_form *form,
                               struct arena *arena, void **rows, size_t *count, struct err *err)
{
    struct listing l;
    bool damaged = false;
    enum err_code code = begin_list(h, form->table, form->size, arena, &l, err);
    for (void *row; (row = next_row(&l, &code, err));)
        form->read(&l.cursor, row, &damaged);
    end_list(&l);
    if (code == ERR_OK && damaged)
        code = source_damaged(h, err, "a row of '%s' holds a number out of range",
                              schema_tables[form->table].name);
    *rows = l.rows;
    *count = l.used;
    return code;
}

static void read_fault(const struct cursor *c, void *row, bool *damaged)
{
    *(struct fault_row *)row =
        (struct fault_row){.fault = (uint32_t)cursor_bounded(c, 0, 0, UINT32_MAX, damaged),
                           .name = cursor_phrase(c, 1),
                           .state = cursor_phrase(c, 2),
                           .at_ns = cursor_integer(c, 3, 0),
                           .asked = cursor_phrase(c, 4),
                           .resolved = cursor_phrase(c, 5),
                           .measured = cursor_phrase(c, 6)};
}

enum err_code history_faults(struct history *h, struct arena *arena,
                             const struct fault_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {TABLE_FAULT, sizeof(struct fault_row), read_fault};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}

static void read_event(const struct cursor *c, void *row, bool *damaged)
{
    *(struct event_row *)row = (struct event_row){.at_ns = cursor_integer(c, 1, 0),
                                                  .name = cursor_phrase(c, 0),
                                                  .node = cursor_node(c, 2, damaged),
                                                  .detail = cursor_phrase(c, 3)};
}

enum err_code history_events(struct history *h, struct arena *arena,
                             const struct event_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {TABLE_EVENT, sizeof(struct event_row), read_event};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}

static void read_attempt(const struct cursor *c, void *row, bool *damaged)
{
    struct attempt_row *a = row;
    a->op = cursor_integer(c, 1, 0);
    a->attempt = (struct attempt){
        .number = (unsigned)cursor_bounded(c, 0, 0, UINT32_MAX, damaged),
        .node = cursor_node(c, 2, damaged),
        .sent_at_ns = cursor_integer(c, 3, 0),
        .ended_at_ns = cursor_integer(c, 4, 0),
        .outcome = (enum op_outcome)cursor_bounded(c, 5, 0, OUTCOME_COUNT - 1, damaged),
        .error = cursor_phrase(c, 6)};
}

enum err_code history_attempts(struct history *h, struct arena *arena,
                               const struct attempt_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {TABLE_ATTEMPT, sizeof(struct attempt_row),
                                          read_attempt};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}

static void read_sample(const struct cursor *c, void *row, bool *damaged)
{
    *(struct sample_row *)row = (struct sample_row){.at_ns = cursor_integer(c, 1, 0),
                                                    .name = cursor_phrase(c, 0),
                                                    .node = cursor_node(c, 2, damaged),
                                                    .value = cursor_real(c, 3)};
}

enum err_code history_samples(struct history *h, struct arena *arena,
                              const struct sample_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {TABLE_SAMPLE, sizeof(struct sample_row), read_sample};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}

static void read_micro(const struct cursor *c, void *row, bool *damaged)
{
    *(struct micro_row *)row = (struct micro_row){
        .op = cursor_integer(c, 1, 0),
        .position = (unsigned)cursor_bounded(c, 0, 0, UINT32_MAX, damaged),
        .kind = (enum op_kind)cursor_bounded(c, 2, 0, OP_KIND_COUNT - 1, damaged),
        .key = cursor_integer(c, 3, OP_NIL),
        .argument = cursor_integer(c, 4, OP_NIL),
        .result = cursor_integer(c, 5, OP_NIL)};
}

enum err_code history_micros(struct history *h, struct arena *arena,
                             const struct micro_row **rows, size_t *count, struct err *err)
{
    static const struct list_form form = {TABLE_MICRO, sizeof(struct micro_row), read_micro};
    void *found = NULL;
    enum err_code code = read_list(h, &form, arena, &found, count, err);
    *rows = found;
    return code;
}
