#include "tests/support/reading.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct history *reading_of(const void *text, size_t size, const char *format,
                           struct reading *reading, struct err *err)
{
    struct history *h = NULL;
    FILE *in = size ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "r");
    assert(in);
    *err = (struct err){.code = ERR_OK};
    if (history_read(in, "FILE", format, NULL, &h, reading, err) != ERR_OK)
        h = NULL;
    fclose(in);
    return h;
}

static void print_value(FILE *out, const struct history *h, const char *before, int64_t value)
{
    const char *text = value == OP_NIL ? NULL : history_text(h, value);
    if (value == OP_NIL)
        fprintf(out, "%s-", before);
    else if (text)
        fprintf(out, "%s\"%s\"", before, text);
    else
        fprintf(out, "%s%" PRId64, before, history_integer(h, value));
}

static void print_operands(FILE *out, const struct history *h, const struct columns *c,
                           size_t i)
{
    fprintf(out, "%" PRId64 " %s", c->process[i], op_kind_name(c->kind[i]));
    print_value(out, h, " k=", c->key[i]);
    if (c->kind[i] == OP_CAS) {
        print_value(out, h, " ", c->expected[i]);
        print_value(out, h, ">", c->argument[i]);
    } else if (c->argument[i] != OP_NIL) {
        print_value(out, h, " ", c->argument[i]);
    }
}

static void print_answer(FILE *out, const struct history *h, const struct columns *c, size_t i)
{
    fprintf(out, " %s", op_outcome_name(c->outcome[i]));
    if (c->is_list[i]) {
        const struct int_list *list = &c->lists[c->result[i]];
        fprintf(out, " [");
        for (size_t m = 0; m < list->count; m++)
            print_value(out, h, m > 0 ? " " : "", list->at[m]);
        fprintf(out, "]");
    } else if (c->outcome[i] == OUTCOME_OK) {
        print_value(out, h, " ", c->result[i]);
    }
    if (c->error[i] != 0)
        fprintf(out, " (%s)", history_text(h, c->error[i]));
    fprintf(out, " @%" PRId64 "-", c->invoked_at_ns[i]);
    if (c->returned_at_ns[i] != INT64_MAX)
        fprintf(out, "%" PRId64, c->returned_at_ns[i]);
    fprintf(out, "\n");
}

static void print_parts(FILE *out, const struct history *h, const struct micro_row *rows,
                        size_t count, int64_t op)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].op != op)
            continue;
        fprintf(out, " [%s", op_kind_name((int)rows[i].kind));
        print_value(out, h, " ", rows[i].key);
        print_value(out, h, " ", rows[i].kind == OP_READ ? rows[i].result : rows[i].argument);
        fprintf(out, "]");
    }
}

char *reading_rows(struct history *h, const struct reading *reading)
{
    char *text = NULL;
    size_t size, part_count;
    struct err err;
    struct columns c;
    const struct micro_row *parts;
    struct arena arena = {.blocks = NULL};
    FILE *out = open_memstream(&text, &size);
    enum err_code code = history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err);
    assert(out && code == ERR_OK);
    code = history_micros(h, &arena, &parts, &part_count, &err);
    assert(code == ERR_OK);
    fprintf(out, "%s\n", reading->model ? reading->model : "-");
    for (size_t i = 0; i < c.count; i++) {
        print_operands(out, h, &c, i);
        print_parts(out, h, parts, part_count, c.id[i]);
        print_answer(out, h, &c, i);
    }
    arena_done(&arena);
    fclose(out);
    return text;
}
