/* Any bytes are a history in a format or one sentence about why not, which says where. */
#ifndef TESTS_FUZZ_ANY_READING_H
#define TESTS_FUZZ_ANY_READING_H

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "history/reader.h"

/* What all histories keep, whatever they were read from. */
static inline void check_history(struct history *h)
{
    struct err err;
    struct columns c;
    struct arena arena = {.blocks = NULL};
    enum err_code code = history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err);
    assert(code == ERR_OK);
    for (size_t i = 0; i < c.count; i++) {
        assert(c.id[i] == (int64_t)i + 1);
        assert(i == 0 || c.invoked_at_ns[i - 1] <= c.invoked_at_ns[i]);
        assert(c.invoked_at_ns[i] <= c.returned_at_ns[i]);
        assert(c.outcome[i] == OUTCOME_UNKNOWN || c.returned_at_ns[i] != INT64_MAX);
        assert(!c.is_list[i] || (size_t)c.result[i] < c.list_count);
    }
    arena_done(&arena);
}

static inline void read_anything(const uint8_t *data, size_t size, const char *format)
{
    struct err err = {.code = ERR_OK};
    struct history *h = NULL;
    struct reading reading;
    FILE *in = size ? fmemopen((void *)(uintptr_t)data, size, "r") : fopen("/dev/null", "r");
    assert(in);
    enum err_code code = history_read(in, "fuzz", format, NULL, &h, &reading, &err);
    fclose(in);
    if (code == ERR_OK) {
        assert(!format || reading.model);
        check_history(h);
        history_free(h);
    } else {
        assert(code == ERR_INVALID && strncmp(err.msg, "fuzz:", 5) == 0);
        assert(format ? isdigit((unsigned char)err.msg[5]) : err.msg[5] != '\0');
        assert(!strchr(err.msg, '\n'));
    }
}

#endif
