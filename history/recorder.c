#include "history/recorder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- packing --- */

static size_t packed_bytes(const struct cell *c)
{
    switch (c->kind) {
    case CELL_NIL: return 1;
    case CELL_INTEGER: return 1 + sizeof c->integer;
    case CELL_REAL: return 1 + sizeof c->real;
    case CELL_TEXT:
    case CELL_BLOB: return 1 + sizeof c->bytes.size + c->bytes.size;
    }
    abort();
}

static uint8_t *put(uint8_t *at, const void *from, size_t size)
{
    if (size > 0)
        memcpy(at, from, size);
    return at + size;
}

/* In the machine's own byte order: the bytes never leave the process. */
static uint8_t *pack_cell(uint8_t *at, const struct cell *c)
{
    *at++ = (uint8_t)c->kind;
    switch (c->kind) {
    case CELL_NIL: return at;
    case CELL_INTEGER: return put(at, &c->integer, sizeof c->integer);
    case CELL_REAL: return put(at, &c->real, sizeof c->real);
    case CELL_TEXT:
    case CELL_BLOB:
        at = put(at, &c->bytes.size, sizeof c->bytes.size);
        return put(at, c->bytes.at, c->bytes.size);
    }
    abort();
}

bool recorder_pack(struct buffer *into, enum schema_table table, const struct cell *cells)
{
    int count = schema_tables[table].columns;
    size_t size = 1;
    for (int i = 0; i < count; i++)
        size += packed_bytes(&cells[i]);
    uint8_t *at = buffer_reserve(into, size);
    if (!at)
        return false;
    *at++ = (uint8_t)table;
    for (int i = 0; i < count; i++)
        at = pack_cell(at, &cells[i]);
    into->size += size;
    return true;
}

/* --- the file --- */

enum { PATH_BYTES_MAX = 4096 };

struct recorder {
    sqlite3 *db;
    sqlite3_stmt *insert[TABLE_COUNT];
    char path[];
};

/* Rows before they are looked at by many: 4,000 pages of log, as measured. */
static const char settings[] = "PRAGMA synchronous=NORMAL;"
                               "PRAGMA wal_autocheckpoint=4000;"
                               "PRAGMA cache_size=-16384;";

static enum err_code make_tables(sqlite3 *db, const char *path, struct err *err)
{
    char sql[640];
    snprintf(sql, sizeof sql,
             "PRAGMA page_size=8192; PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; BEGIN;"
             "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    enum err_code code = schema_exec(db, path, sql, err);
    for (int i = 0; i < TABLE_COUNT && code == ERR_OK; i++) {
        const struct schema_table_form *t = &schema_tables[i];
        int size = snprintf(sql, sizeof sql, "CREATE TABLE %s(%s);", t->name, t->form);
        assert(size > 0 && (size_t)size < sizeof sql);
        code = schema_exec(db, path, sql, err);
    }
    return code == ERR_OK ? schema_exec(db, path, "COMMIT; PRAGMA journal_mode=WAL", err)
                          : code;
}

/* Open `file`, which errors call `path`. */
static enum err_code open_database(const char *file, const char *path, int flags, sqlite3 **out,
                                   struct err *err)
{
    int rc = sqlite3_open_v2(file, out, flags | SQLITE_OPEN_NOMUTEX, NULL);
    return rc == SQLITE_OK ? ERR_OK : schema_sql_error(*out, path, err);
}

void recorder_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        char file[PATH_BYTES_MAX];
        snprintf(file, sizeof file, "%s%s", path, endings[i]);
        unlink(file);
    }
}

/* Once for all of it, instead of once for each step on the way. */
static enum err_code sync_file(const char *file, const char *path, struct err *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    if (rc != 0)
        err_set(err, ERR_IO, "%s: cannot be made durable: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc == 0 ? ERR_OK : ERR_IO;
}

/* The tables are made in a draft that gets its name when it is whole: whoever is
 * killed on the way leaves no file that cannot be opened. */
static enum err_code make_file(const char *path, struct err *err)
{
    char draft[PATH_BYTES_MAX - 16];
    if ((size_t)snprintf(draft, sizeof draft, "%s.%ld.new", path, (long)getpid()) >=
        sizeof draft)
        return err_set(err, ERR_INVALID, "'%.40s...': a path of over %zu bytes", path,
                       sizeof draft - 32);
    if (access(path, F_OK) == 0)
        return err_set(err, ERR_INVALID, "%s: exists; a history is never overwritten", path);
    recorder_remove(draft);
    sqlite3 *db = NULL;
    enum err_code code =
        open_database(draft, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, err);
    if (code == ERR_OK)
        code = make_tables(db, path, err);
    sqlite3_close(db);
    if (code == ERR_OK)
        code = sync_file(draft, path, err);
    if (code == ERR_OK && link(draft, path) != 0)
        code = err_set(err, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
    recorder_remove(draft);
    return code;
}

static enum err_code prepare(struct recorder *r, enum schema_table table, struct err *err)
{
    char sql[96];
    size_t used =
        (size_t)snprintf(sql, sizeof sql, "INSERT INTO %s VALUES(?", schema_tables[table].name);
    for (int i = 1; i < schema_tables[table].columns; i++)
        used += (size_t)snprintf(sql + used, sizeof sql - used, ",?");
    snprintf(sql + used, sizeof sql - used, ")");
    int rc =
        sqlite3_prepare_v3(r->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &r->insert[table], NULL);
    return rc == SQLITE_OK ? ERR_OK : schema_sql_error(r->db, r->path, err);
}

static enum err_code open_file(struct recorder *r, struct err *err)
{
    enum err_code code = open_database(r->path, r->path, SQLITE_OPEN_READWRITE, &r->db, err);
    if (code == ERR_OK)
        code = schema_exec(r->db, r->path, settings, err);
    for (int i = 0; i < TABLE_COUNT && code == ERR_OK; i++)
        code = prepare(r, (enum schema_table)i, err);
    return code;
}

enum err_code recorder_new(const char *path, struct recorder **out, struct err *err)
{
    size_t size = strlen(path) + 1;
    struct recorder *r = calloc(1, sizeof *r + size);
    if (!r)
        return err_set(err, ERR_NOMEM, "%s: out of memory", path);
    memcpy(r->path, path, size);
    if (make_file(path, err)) {
        free(r);
        return err->code;
    }
    if (open_file(r, err)) {
        recorder_free(r);
        recorder_remove(path);
        return err->code;
    }
    *out = r;
    return ERR_OK;
}

/* --- inserting --- */

static const uint8_t *take(const uint8_t *at, void *into, size_t size)
{
    memcpy(into, at, size);
    return at + size;
}

/* Bind one packed cell and return where the next one begins. */
static const uint8_t *bind_cell(sqlite3_stmt *s, int column, const uint8_t *at, int *rc)
{
    struct cell c = {.kind = (enum cell_kind) * at++};
    switch (c.kind) {
    case CELL_NIL: *rc = sqlite3_bind_null(s, column); return at;
    case CELL_INTEGER:
        at = take(at, &c.integer, sizeof c.integer);
        *rc = sqlite3_bind_int64(s, column, c.integer);
        return at;
    case CELL_REAL:
        at = take(at, &c.real, sizeof c.real);
        *rc = sqlite3_bind_double(s, column, c.real);
        return at;
    case CELL_TEXT:
    case CELL_BLOB:
        at = take(at, &c.bytes.size, sizeof c.bytes.size);
        *rc = c.kind == CELL_BLOB
                  ? sqlite3_bind_blob64(s, column, at, c.bytes.size, SQLITE_STATIC)
                  : sqlite3_bind_text64(s, column, (const char *)at, c.bytes.size,
                                        SQLITE_STATIC, SQLITE_UTF8);
        return at + c.bytes.size;
    }
    abort();
}

static const uint8_t *insert_row(struct recorder *r, const uint8_t *at, int *rc)
{
    enum schema_table table = (enum schema_table) * at++;
    assert(table < TABLE_COUNT);
    sqlite3_stmt *s = r->insert[table];
    *rc = SQLITE_OK;
    for (int i = 1; i <= schema_tables[table].columns && *rc == SQLITE_OK; i++)
        at = bind_cell(s, i, at, rc);
    if (*rc == SQLITE_OK)
        *rc = sqlite3_step(s) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
    return at;
}

enum err_code recorder_commit(struct recorder *r, struct bytes rows, struct err *err)
{
    if (schema_exec(r->db, r->path, "BEGIN", err))
        return err->code;
    const uint8_t *at = rows.at, *end = rows.at + rows.size;
    int rc = SQLITE_OK;
    while (at < end && rc == SQLITE_OK) {
        sqlite3_stmt *s = r->insert[*at];
        at = insert_row(r, at, &rc);
        if (rc != SQLITE_OK)
            schema_sql_error(r->db, r->path, err); /* before reset says it again */
        sqlite3_reset(s);
    }
    if (rc == SQLITE_OK && schema_exec(r->db, r->path, "COMMIT", err) == ERR_OK)
        return ERR_OK;
    enum err_code code = err->code;
    sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

void recorder_free(struct recorder *r)
{
    if (!r)
        return;
    for (int i = 0; i < TABLE_COUNT; i++)
        sqlite3_finalize(r->insert[i]);
    /* Without this a reader would need to write beside the file. It fails while
     * somebody reads; then the file stays as good as that of a killed writer. */
    if (r->db)
        sqlite3_exec(r->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    sqlite3_close(r->db);
    free(r);
}
