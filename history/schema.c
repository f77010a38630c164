#include "history/schema.h"

const struct schema_table_form schema_tables[TABLE_COUNT] = {
#define X(id, table, count, text)                                                              \
    [TABLE_##id] = {.name = #table, .form = text, .columns = count},
    SCHEMA_TABLES(X)
#undef X
};

enum { VARINT_BYTES_MAX = 10 };

static bool put_varint(struct buffer *out, uint64_t value)
{
    uint8_t *at = buffer_reserve(out, VARINT_BYTES_MAX);
    if (!at)
        return false;
    size_t used = 0;
    for (; value >= 0x80; value >>= 7)
        at[used++] = (uint8_t)(value | 0x80);
    at[used++] = (uint8_t)value;
    out->size += used;
    return true;
}

/* False at the end, or when no integer of 64 bits is there. */
static bool take_varint(struct bytes *left, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; left->size > 0 && shift < 64; shift += 7) {
        uint8_t byte = *left->at++;
        left->size--;
        if (shift == 63 && byte > 1)
            return false;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

bool list_encode(struct buffer *out, const int64_t *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t step =
            i == 0 ? zigzag(members[0]) : (uint64_t)members[i] - (uint64_t)members[i - 1];
        if (!put_varint(out, step))
            return false;
    }
    return true;
}

int64_t list_count(struct bytes encoded)
{
    int64_t count = 0, last = 0;
    while (encoded.size > 0) {
        uint64_t step;
        if (!take_varint(&encoded, &step))
            return -1;
        int64_t next = count == 0 ? unzigzag(step) : (int64_t)((uint64_t)last + step);
        if (count > 0 && next < last)
            return -1;
        last = next;
        count++;
    }
    return count;
}

void list_decode(struct bytes encoded, int64_t *members)
{
    uint64_t step;
    for (size_t i = 0; take_varint(&encoded, &step); i++)
        members[i] = i == 0 ? unzigzag(step) : (int64_t)((uint64_t)members[i - 1] + step);
}

static enum err_code code_of(int sql)
{
    switch (sql & 0xff) {
    case SQLITE_NOMEM: return ERR_NOMEM;
    case SQLITE_ERROR: /* a table or column that is missing */
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ERR_DAMAGED;
    case SQLITE_PERM:
    case SQLITE_READONLY: return ERR_PERM;
    default: return ERR_IO;
    }
}

enum err_code schema_sql_error(sqlite3 *db, const char *path, struct err *err)
{
    if (!db)
        return err_set(err, ERR_NOMEM, "%s: out of memory", path);
    return err_set(err, code_of(sqlite3_extended_errcode(db)), "%s: %s", path,
                   sqlite3_errmsg(db));
}

enum err_code schema_exec(sqlite3 *db, const char *path, const char *sql, struct err *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? ERR_OK
               : schema_sql_error(db, path, err);
}
