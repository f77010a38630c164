#include "history/file.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum err_code file_no_memory(const struct history *h, struct err *err)
{
    return err_set(err, ERR_NOMEM, "%s: out of memory", h->path);
}

enum err_code file_damaged(const struct history *h, struct err *err, const char *fmt, ...)
{
    char what[ERR_MSG_SIZE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return err_set(err, ERR_DAMAGED, "%s: damaged: %s", h->path, what);
}

enum err_code file_prepare(const struct history *h, const char *sql, sqlite3_stmt **out,
                           struct err *err)
{
    *out = NULL;
    if (sqlite3_prepare_v2(h->db, sql, -1, out, NULL) != SQLITE_OK)
        return schema_sql_error(h->db, h->path, err);
    if (sqlite3_bind_parameter_count(*out) > 0)
        sqlite3_bind_int64(*out, 1, h->seq);
    return ERR_OK;
}

bool file_step(const struct history *h, sqlite3_stmt *s, enum err_code *code, struct err *err)
{
    if (*code != ERR_OK)
        return false;
    int rc = sqlite3_step(s);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        *code = schema_sql_error(h->db, h->path, err);
    return rc == SQLITE_ROW;
}

enum err_code file_number(const struct history *h, const char *sql, int64_t otherwise,
                          int64_t *out, struct err *err)
{
    sqlite3_stmt *s;
    enum err_code code = file_prepare(h, sql, &s, err);
    *out = otherwise;
    if (file_step(h, s, &code, err))
        *out = file_integer(s, 0, otherwise);
    sqlite3_finalize(s);
    return code;
}

int64_t file_integer(sqlite3_stmt *s, int column, int64_t otherwise)
{
    /* Only a zero may be a NULL: one call less for nearly every column. */
    int64_t value = sqlite3_column_int64(s, column);
    if (value == 0 && sqlite3_column_type(s, column) == SQLITE_NULL)
        return otherwise;
    return value;
}

int64_t file_bounded(sqlite3_stmt *s, int column, int64_t min, int64_t max, bool *damaged)
{
    int64_t value = sqlite3_column_int64(s, column);
    if (value < min || value > max) {
        *damaged = true;
        return min;
    }
    return value;
}

int32_t file_node(sqlite3_stmt *s, int column, bool *damaged)
{
    int64_t node = file_integer(s, column, -1);
    *damaged = *damaged || node < -1 || node > INT32_MAX;
    return *damaged ? -1 : (int32_t)node;
}

const struct file_value *file_value_find(const struct history *h, int64_t id)
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

const char *file_text(const struct history *h, sqlite3_stmt *s, int column)
{
    return history_text(h, file_integer(s, column, 0));
}

enum err_code file_prepare_lists(const struct history *h, sqlite3_stmt **out, struct err *err)
{
    return file_prepare(h, "SELECT data FROM value WHERE id = ?", out, err);
}

enum err_code file_list(const struct history *h, sqlite3_stmt *values, int64_t id,
                        struct arena *arena, struct int_list *out, struct err *err)
{
    enum err_code code = ERR_OK;
    sqlite3_reset(values);
    sqlite3_bind_int64(values, 1, id);
    if (!file_step(h, values, &code, err))
        return code != ERR_OK ? code : file_damaged(h, err, "a list is missing");
    const uint8_t *at = sqlite3_column_blob(values, 0);
    struct bytes encoded = {at, (size_t)sqlite3_column_bytes(values, 0)};
    int64_t count = list_count(encoded);
    if (count < 0)
        return file_damaged(h, err, "a list that is none");
    int64_t *members = arena_array(arena, (size_t)count, sizeof *members);
    if (!members)
        return file_no_memory(h, err);
    list_decode(encoded, members);
    *out = (struct int_list){.at = members, .count = (size_t)count};
    return ERR_OK;
}
