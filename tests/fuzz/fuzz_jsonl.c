/* Any bytes are a history in JSON lines or one sentence about why not; and what was
 * read comes out in a form that is read to the same form again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "history/jsonl.h"
#include "history/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct memory memory;

static enum err_code read_text(const void *text, size_t size, struct history **out,
                               struct err *err)
{
    FILE *in = size ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "r");
    struct reading reading;
    assert(in);
    *err = (struct err){.code = ERR_OK};
    enum err_code code = history_read(in, "fuzz", "jsonl", &memory, out, &reading, err);
    fclose(in);
    return code;
}

/* The history as text; it is freed. */
static char *export_text(struct history *h, size_t *size)
{
    char *text = NULL;
    struct err err;
    struct arena arena = {.blocks = NULL};
    struct columns columns;
    FILE *out = open_memstream(&text, size);
    assert(out);
    enum err_code code = history_columns(h, HISTORY_ALL_TABLES, &arena, &columns, &err);
    assert(code == ERR_OK);
    code = jsonl_export(h, out, &err);
    assert(code == ERR_OK);
    code = history_cut(h, history_row_count(h) / 2, &err);
    assert(code == ERR_OK);
    code = history_columns(h, HISTORY_ALL_TABLES, &arena, &columns, &err);
    assert(code == ERR_OK);
    arena_done(&arena);
    history_free(h);
    fclose(out);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct history *h;
    if (read_text(data, size, &h, &err) == ERR_OK) {
        size_t once_size, twice_size;
        char *once = export_text(h, &once_size);
        enum err_code code = read_text(once, once_size, &h, &err);
        assert(code == ERR_OK);
        char *twice = export_text(h, &twice_size);
        assert(once_size == twice_size && memcmp(once, twice, once_size) == 0);
        free(once);
        free(twice);
    } else {
        assert(strncmp(err.msg, "fuzz:", 5) == 0 && !strchr(err.msg, '\n'));
    }
    assert(memory.used_bytes == 0);
    return 0;
}
