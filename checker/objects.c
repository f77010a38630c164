/* Contents: what becomes of an operation · lists · sorting by object · texts · all of it */
#include "checker/objects.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker/kv_texts.h"
#include "checker/numbering.h"
#include "checker/operands.h"
#include "checker/sorting.h"

#define LEFT_OUT UINT32_MAX

struct split {
    const struct columns *c;
    const struct model_ops *model;
    const struct objects_source *source;
    struct arena *arena;
    struct numbering keys, processes;
    uint32_t *object_of;     /* by row */
    struct int_list *micros; /* by row, of transactions; NULL: the table has none */
    /* Of the error seen last: few differ. */
    int64_t error;
    bool error_is_mismatch;
};

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "objects: out of memory");
}

/* --- what becomes of an operation --- */

static bool only_reads(uint8_t kind)
{
    return kind == OP_READ || kind == OP_MEMBERS || kind == OP_CONTAINS || kind == OP_PEEK;
}

static bool was_mismatch(struct split *s, int64_t error)
{
    if (error == 0 || !s->source->history)
        return false;
    if (error != s->error) {
        const char *text = history_text(s->source->history, error);
        s->error = error;
        s->error_is_mismatch = text && strcmp(text, OP_MISMATCH) == 0;
    }
    return s->error_is_mismatch;
}

static const struct int_list *list_of(const struct split *s, size_t row)
{
    if (s->c->kind[row] == OP_TXN)
        return s->micros ? &s->micros[row] : NULL;
    return s->c->is_list && s->c->is_list[row] ? &s->c->lists[s->c->result[row]] : NULL;
}

/* A CAS that found another value is as good as a read of it, where that was told. */
static struct model_op failed_cas(const struct split *s, size_t row)
{
    const struct columns *c = s->c;
    struct model_op op = {.kind = OP_CAS,
                          .answered = true,
                          .refused = true,
                          .argument = c->argument[row],
                          .expected = c->expected[row],
                          .result = OP_NIL};
    if (c->result[row] == OP_NIL)
        return op;
    return (struct model_op){.kind = OP_READ,
                             .answered = true,
                             .argument = OP_NIL,
                             .expected = OP_NIL,
                             .result = c->result[row]};
}

static struct model_op model_op_of(const struct split *s, size_t row)
{
    const struct columns *c = s->c;
    if (c->outcome[row] == OUTCOME_FAIL)
        return failed_cas(s, row);
    bool answered = c->outcome[row] == OUTCOME_OK;
    const struct int_list *list = list_of(s, row);
    return (struct model_op){.kind = (enum op_kind)c->kind[row],
                             .answered = answered,
                             .argument = c->argument[row],
                             .expected = c->expected[row],
                             .result = answered && !list ? c->result[row] : OP_NIL,
                             .list = list};
}

static bool matters(struct split *s, size_t row)
{
    const struct columns *c = s->c;
    if (only_reads(c->kind[row]) && c->level[row] > s->source->level)
        return false;
    if (c->outcome[row] == OUTCOME_OK)
        return true;
    if (c->outcome[row] == OUTCOME_FAIL)
        return c->kind[row] == OP_CAS &&
               (c->result[row] != OP_NIL || was_mismatch(s, c->error[row]));
    struct model_op op = model_op_of(s, row);
    return !s->model->only_looks(&op);
}

static bool is_known(const struct split *s, uint8_t kind)
{
    return s->model->kinds >> kind & 1;
}

/* "read, write and cas" */
static const char *known_kinds(const struct model_ops *model, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (int kind = 0; kind < OP_KIND_COUNT; kind++) {
        uint64_t later = model->kinds >> kind >> 1;
        if (!(model->kinds >> kind & 1) || used >= size)
            continue;
        const char *by = used == 0 ? "" : later ? ", " : " and ";
        used += (size_t)snprintf(out + used, size - used, "%s%s", by, op_kind_name(kind));
    }
    return out;
}

static enum err_code refuse(const struct split *s, size_t row, struct err *err)
{
    char known[200];
    return err_set(err, ERR_INVALID,
                   "operation %lld is '%s', which a %s does not know; it knows %s",
                   (long long)s->c->id[row], op_kind_name(s->c->kind[row]),
                   s->model->about.name, known_kinds(s->model, known, sizeof known));
}

/* --- lists --- */

static bool row_of(const struct columns *c, int64_t id, size_t *row)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->id[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    *row = low;
    return low < c->count && c->id[low] == id;
}

struct parts {
    const struct micro_row *all;
    size_t count;
    uint32_t *count_of; /* by row */
};

static void count_parts(const struct split *s, struct parts *p)
{
    size_t row;
    for (size_t i = 0; i < p->count; i++)
        if (row_of(s->c, p->all[i].op, &row) && s->c->kind[row] == OP_TXN)
            p->count_of[row]++;
}

#define NOT_PLACED (-1) /* instead of a kind */

/* Kind, key and value of each part, in the order of their positions. As many parts as
 * places, and none in the place of another: every place is filled. */
static enum err_code place_parts(struct split *s, const struct parts *p, int64_t **lists,
                                 struct err *err)
{
    size_t row;
    for (row = 0; row < s->c->count; row++)
        for (size_t i = 0; i < p->count_of[row]; i++)
            lists[row][i * 3] = NOT_PLACED;
    for (size_t i = 0; i < p->count; i++) {
        const struct micro_row *m = &p->all[i];
        if (!row_of(s->c, m->op, &row) || s->c->kind[row] != OP_TXN)
            continue;
        if (m->position >= p->count_of[row])
            return err_set(err, ERR_INVALID, "operation %lld has no part %u, but a later one",
                           (long long)m->op, p->count_of[row] - 1);
        int64_t *at = lists[row] + (size_t)m->position * OP_PART_WORDS;
        if (at[0] != NOT_PLACED)
            return err_set(err, ERR_INVALID, "operation %lld has two parts at position %u",
                           (long long)m->op, m->position);
        at[0] = m->kind;
        at[1] = m->key;
        at[2] = m->kind == OP_READ ? m->result : m->argument;
    }
    return ERR_OK;
}

static enum err_code attach_parts(struct split *s, struct err *err)
{
    struct parts p = {0};
    if (history_micros(s->source->history, s->arena, &p.all, &p.count, err))
        return err->code;
    size_t rows = s->c->count;
    int64_t **lists = arena_array(s->arena, rows, sizeof(int64_t *));
    p.count_of = arena_array(s->arena, rows, sizeof *p.count_of);
    s->micros = arena_array(s->arena, rows, sizeof *s->micros);
    if (!lists || !p.count_of || !s->micros)
        return no_memory(err);
    count_parts(s, &p);
    for (size_t row = 0; row < rows; row++) {
        lists[row] = p.count_of[row] ? arena_array(s->arena, p.count_of[row],
                                                   OP_PART_WORDS * sizeof(int64_t))
                                     : NULL;
        if (p.count_of[row] && !lists[row])
            return no_memory(err);
        s->micros[row] = (struct int_list){lists[row], (size_t)p.count_of[row] * OP_PART_WORDS};
    }
    return place_parts(s, &p, lists, err);
}

static bool has_transactions(const struct columns *c)
{
    return c->count > 0 && memchr(c->kind, OP_TXN, c->count) != NULL;
}

/* --- sorting by object --- */

enum { ROWS_PER_SPENDING = 1024 };

/* A table of few rows costs nothing. */
static bool spend(const struct split *s, size_t row, struct err *err)
{
    struct budget *budget = s->source->budget;
    if (row % ROWS_PER_SPENDING != 0 || row == 0 || !budget ||
        budget_spend(budget, ROWS_PER_SPENDING))
        return true;
    (void)err_set(err, ERR_LIMIT, "%s", budget->why);
    return false;
}

/* Which object each row belongs to, and how many rows each has, into `counts`, which
 * has room for one more whenever a new object is met. */
static enum err_code assign(struct split *s, uint32_t **counts, struct err *err)
{
    uint32_t room = 64, *count_of = arena_array(s->arena, room, sizeof *count_of);
    for (size_t row = 0; count_of && row < s->c->count; row++) {
        s->object_of[row] = LEFT_OUT;
        if (!spend(s, row, err))
            return err->code;
        if (s->c->kind[row] == OP_FINAL)
            continue;
        if (!is_known(s, s->c->kind[row]))
            return refuse(s, row, err);
        if (!matters(s, row))
            continue;
        uint32_t object = numbering_of(&s->keys, s->model->by_key ? s->c->key[row] : OP_NIL);
        if (object == UINT32_MAX)
            return no_memory(err);
        if (object == room) {
            uint32_t *more = arena_array(s->arena, (size_t)room * 4, sizeof *more);
            if (!more)
                return no_memory(err);
            memcpy(more, count_of, room * sizeof *more);
            count_of = more;
            room *= 4;
        }
        count_of[object]++;
        s->object_of[row] = object;
    }
    *counts = count_of;
    return count_of ? ERR_OK : no_memory(err);
}

static bool make_objects(struct split *s, const uint32_t *count_of, struct objects *out)
{
    out->count = s->keys.count;
    out->all = arena_array(s->arena, out->count, sizeof *out->all);
    for (size_t i = 0; out->all && i < out->count; i++) {
        struct object *o = &out->all[i];
        o->key = s->keys.names[i];
        o->ops = arena_array(s->arena, count_of[i], sizeof *o->ops);
        if (!o->ops)
            return false;
        out->op_count += count_of[i];
    }
    return out->all != NULL;
}

static void note_use(struct object *o, const struct timed_op *op, const struct model_ops *model)
{
    if (!op->op.answered || op->op.refused)
        return;
    bool looks = model->only_looks(&op->op);
    o->was_looked_at |= looks || op->op.result != OP_NIL;
    o->was_changed |= !looks;
    if (o->process_count == 0)
        o->first_process = op->process;
    if (o->process_count == 0 || (o->process_count == 1 && o->first_process != op->process))
        o->process_count++;
}

/* The model's operation of a row that matters, of which all can be judged. */
static enum err_code take_op(const struct split *s, size_t row, struct model_op *out,
                             struct err *err)
{
    const struct columns *c = s->c;
    struct operands operands = {s->model, s->source->history};
    *out = model_op_of(s, row);
    if (c->outcome[row] == OUTCOME_FAIL &&
        operands_check_failed_cas(&operands, c->id[row], c->expected[row], c->result[row],
                                  c->is_list && c->is_list[row], err))
        return err->code;
    return operands_take(&operands, c->id[row], out, err);
}

static enum err_code fill(struct split *s, struct objects *out, struct err *err)
{
    const struct columns *c = s->c;
    for (size_t row = 0; row < c->count; row++) {
        if (s->object_of[row] == LEFT_OUT)
            continue;
        struct object *o = &out->all[s->object_of[row]];
        struct timed_op *op = &o->ops[o->count++];
        if (take_op(s, row, &op->op, err))
            return err->code;
        op->called_at_ns = c->invoked_at_ns[row];
        op->returned_at_ns = op->op.answered ? c->returned_at_ns[row] : INT64_MAX;
        op->row = (uint32_t)row;
        op->process = numbering_of(&s->processes, c->process[row]);
        if (op->process == UINT32_MAX)
            return no_memory(err);
        note_use(o, op, s->model);
    }
    return ERR_OK;
}

/* No algorithm is to meet a sum that is no integer of 64 bits. */
static enum err_code check_sums(const struct split *s, const struct objects *out,
                                struct err *err)
{
    for (size_t i = 0; i < out->count; i++) {
        struct sum_range sums = sum_range_from(s->source->initial);
        const struct object *o = &out->all[i];
        for (size_t k = 0; k < o->count; k++)
            if (!sum_range_add(&sums, s->model, &o->ops[k].op))
                return err_set(err, ERR_INVALID, SUM_LEAVES_64_BITS,
                               (long long)s->c->id[o->ops[k].row]);
    }
    return ERR_OK;
}

/* Columns mostly come in the order of calls. */
static void sort_ops(struct object *o)
{
    for (size_t i = 1; i < o->count; i++)
        if (o->ops[i].called_at_ns < o->ops[i - 1].called_at_ns) {
            qsort(o->ops, o->count, sizeof *o->ops, sorting_by_call);
            return;
        }
}

/* --- texts --- */

static const char *text_of(const void *user, int64_t value)
{
    const struct objects_source *source = user;
    return source->history ? history_text(source->history, value) : NULL;
}

/* Texts that are put together become numbers: no algorithm looks into a text. */
static enum err_code number_texts(const struct split *s, const struct objects *out,
                                  struct err *err)
{
    struct kv_source texts = {.text = text_of, .user = s->source};
    struct budget no_limit = {.steps_left = UINT64_MAX};
    if (!s->model->is_of_texts)
        return ERR_OK;
    for (size_t i = 0; i < out->count; i++) {
        struct arena work = {.memory = s->arena->memory};
        struct kv_room room = {s->source->budget ? s->source->budget : &no_limit, &work,
                               s->arena};
        enum err_code code =
            kv_texts_number(out->all[i].ops, out->all[i].count, texts, &room, err);
        arena_done(&work);
        if (code)
            return code;
    }
    return ERR_OK;
}

/* --- all of it --- */

enum err_code objects_split(const struct objects_source *source, struct arena *arena,
                            struct objects *out, struct err *err)
{
    assert(source->columns->count < UINT32_MAX / 4);
    struct split s = {
        .c = source->columns, .model = source->model, .source = source, .arena = arena};
    uint32_t *count_of;
    *out = (struct objects){0};
    s.object_of = arena_array(arena, s.c->count, sizeof *s.object_of);
    if (!s.object_of || !numbering_init(&s.keys, arena) || !numbering_init(&s.processes, arena))
        return no_memory(err);
    if (source->history && is_known(&s, OP_TXN) && has_transactions(s.c) &&
        attach_parts(&s, err))
        return err->code;
    if (assign(&s, &count_of, err))
        return err->code;
    if (!make_objects(&s, count_of, out))
        return no_memory(err);
    if (fill(&s, out, err) || check_sums(&s, out, err))
        return err->code;
    for (size_t i = 0; i < out->count; i++)
        sort_ops(&out->all[i]);
    return number_texts(&s, out, err);
}

struct problem objects_problem(const struct object *object, const struct model_ops *model,
                               int64_t initial)
{
    return (struct problem){
        .model = model, .initial = initial, .ops = object->ops, .count = object->count};
}
