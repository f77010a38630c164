#include "history/source.h"

#include <stdarg.h>
#include <stdio.h>

enum err_code source_no_memory(const struct history *h, struct err *err)
{
    return err_set(err, ERR_NOMEM, "%s: out of memory", h->name);
}

enum err_code source_damaged(const struct history *h, struct err *err, const char *fmt, ...)
{
    char what[ERR_MSG_SIZE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return err_set(err, ERR_DAMAGED, "%s: damaged: %s", h->name, what);
}

const struct known_value *source_value(const struct history *h, int64_t id)
{
    size_t low = 0, high = h->value_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->values[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < h->value_count && h->values[low].id == id ? &h->values[low] : NULL;
}

bool source_make_columns(struct columns *c, size_t count, struct arena *a)
{
    return (c->id = arena_array(a, count, sizeof *c->id)) &&
           (c->process = arena_array(a, count, sizeof *c->process)) &&
           (c->region = arena_array(a, count, sizeof *c->region)) &&
           (c->table = arena_array(a, count, sizeof *c->table)) &&
           (c->kind = arena_array(a, count, sizeof *c->kind)) &&
           (c->outcome = arena_array(a, count, sizeof *c->outcome)) &&
           (c->level = arena_array(a, count, sizeof *c->level)) &&
           (c->key = arena_array(a, count, sizeof *c->key)) &&
           (c->argument = arena_array(a, count, sizeof *c->argument)) &&
           (c->expected = arena_array(a, count, sizeof *c->expected)) &&
           (c->result = arena_array(a, count, sizeof *c->result)) &&
           (c->is_list = arena_array(a, count, sizeof *c->is_list)) &&
           (c->intended_at_ns = arena_array(a, count, sizeof *c->intended_at_ns)) &&
           (c->invoked_at_ns = arena_array(a, count, sizeof *c->invoked_at_ns)) &&
           (c->returned_at_ns = arena_array(a, count, sizeof *c->returned_at_ns)) &&
           (c->node = arena_array(a, count, sizeof *c->node)) &&
           (c->request_id = arena_array(a, count, sizeof *c->request_id)) &&
           (c->error = arena_array(a, count, sizeof *c->error));
}

int64_t cursor_integer(const struct cursor *c, int field, int64_t otherwise)
{
    return c->cells[field].kind == CELL_NIL ? otherwise : c->cells[field].integer;
}

int64_t cursor_bounded(const struct cursor *c, int field, int64_t min, int64_t max,
                       bool *damaged)
{
    int64_t value = cursor_integer(c, field, 0);
    if (value >= min && value <= max)
        return value;
    *damaged = true;
    return min;
}

int32_t cursor_node(const struct cursor *c, int field, bool *damaged)
{
    int64_t node = cursor_integer(c, field, -1);
    if (node >= -1 && node <= INT32_MAX)
        return (int32_t)node;
    *damaged = true;
    return -1;
}

const char *cursor_phrase(const struct cursor *c, int field)
{
    return history_text(c->history, cursor_integer(c, field, 0));
}

double cursor_real(const struct cursor *c, int field)
{
    return c->cells[field].real;
}
