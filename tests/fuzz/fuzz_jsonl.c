/* Any bytes are a history in JSON lines or one sentence about why not; and what was
 * read comes out in a form that is read to the same form again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/jsonl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code import_text(const char *text, size_t size, const char *db, struct err *err)
{
    FILE *in = size ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "r");
    assert(in);
    *err = (struct err){.code = ERR_OK};
    enum err_code code = jsonl_import(in, "fuzz", db, err);
    fclose(in);
    return code;
}

/* The history at `db` as text; the file is removed. */
static char *export_text(const char *db, size_t *size)
{
    char *text = NULL;
    struct err err;
    struct history *h;
    struct arena arena = {.blocks = NULL};
    struct columns columns;
    FILE *out = open_memstream(&text, size);
    enum err_code code = history_open(db, &h, &err);
    assert(out && code == ERR_OK);
    code = history_columns(h, HISTORY_ALL_TABLES, &arena, &columns, &err);
    assert(code == ERR_OK);
    code = jsonl_export(h, out, &err);
    assert(code == ERR_OK);
    arena_done(&arena);
    history_free(h);
    fclose(out);
    unlink(db);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/dev/shm/fuzz-jsonl-XXXXXX", db[64];
    struct err err;
    if (!mkdtemp(folder))
        abort();
    snprintf(db, sizeof db, "%s/a.db", folder);
    if (import_text((const char *)data, size, db, &err) == ERR_OK) {
        size_t once_size, twice_size;
        char *once = export_text(db, &once_size);
        enum err_code code = import_text(once, once_size, db, &err);
        assert(code == ERR_OK);
        char *twice = export_text(db, &twice_size);
        assert(once_size == twice_size && memcmp(once, twice, once_size) == 0);
        free(once);
        free(twice);
    } else {
        assert(err.msg[0] != '\0' && !strchr(err.msg, '\n'));
        assert(access(db, F_OK) != 0);
    }
    rmdir(folder);
    return 0;
}
