/* How many operations a second go into a history, and how long a million of them take
 * back into columns: from the file, from the JSON lines that export writes, and from
 * lines as a person would write them. Wall time, and time of all processors. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "history/jsonl.h"
#include "history/reader.h"
#include "history/writer.h"

enum { OPERATIONS = 1000000, CLIENTS = 96, REPEATS = 5 };

static double clock_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

static void check(enum err_code code, const struct err *err)
{
    if (code == ERR_OK)
        return;
    fprintf(stderr, "%s\n", err->msg);
    exit(1);
}

/* Every operation returns just before its client begins the next. */
static void record(struct history_writer *w)
{
    for (int64_t i = 0; i < OPERATIONS + CLIENTS; i++) {
        int64_t at_ns = i * 10000;
        struct answer answer = {.result = i & 1 ? OP_NIL : i, .version = i / 2, .node = 1};
        if (i >= CLIENTS)
            history_ret(w, i - CLIENTS + 1, at_ns, &answer);
        if (i < OPERATIONS) {
            bool write = i & 1;
            struct op_row row = {.process = i % CLIENTS,
                                 .session = i % CLIENTS,
                                 .region = (uint32_t)(i % 3),
                                 .operation = {.kind = write ? OP_WRITE : OP_READ,
                                               .key = i % 20,
                                               .argument = write ? i : OP_NIL,
                                               .expected = OP_NIL,
                                               .request_id = (uint64_t)i},
                                 .intended_at_ns = at_ns > 1234 ? at_ns - 1234 : 0,
                                 .invoked_at_ns = at_ns};
            history_op(w, &row);
        }
    }
}

static void bench_recording(const char *path)
{
    struct err err = {.code = ERR_OK};
    struct history_writer *w;
    check(history_create(path, &w, &err), &err);
    history_table(w, 0, "accounts");
    double began = now_s();
    record(w);
    double handed_over = now_s();
    check(history_close(w, &err), &err);
    double took = now_s() - began;
    printf("record %d operations: %.2f s, %.0f operations/s (caller busy %.2f s)\n", OPERATIONS,
           took, OPERATIONS / took, handed_over - began);
}

static void open_file(const char *path, struct history **out)
{
    struct err err;
    check(history_open(path, out, &err), &err);
}

static void read_lines(const char *path, struct history **out)
{
    struct err err;
    struct reading reading;
    FILE *in = fopen(path, "rb");
    if (!in)
        exit(1);
    check(history_read(in, path, NULL, NULL, out, &reading, &err), &err);
    fclose(in);
}

/* Open `path` with `open`, and have all columns. */
static void bench_loading(const char *what, const char *path,
                          void (*open)(const char *path, struct history **out))
{
    double best_wall = 1e9, best_cpu = 1e9;
    for (int i = 0; i < REPEATS; i++) {
        struct arena arena = {.blocks = NULL};
        struct err err;
        struct columns c;
        struct history *h;
        double wall = now_s(), cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID);
        open(path, &h);
        check(history_columns(h, HISTORY_ALL_TABLES, &arena, &c, &err), &err);
        wall = now_s() - wall;
        cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        best_wall = wall < best_wall ? wall : best_wall;
        best_cpu = cpu < best_cpu ? cpu : best_cpu;
        if (c.count != OPERATIONS)
            exit(1);
        arena_done(&arena);
        history_free(h);
    }
    printf("load %d operations from %s: %.3f s, of processors %.3f s\n", OPERATIONS, what,
           best_wall, best_cpu);
}

static void write_export(const char *db, const char *path)
{
    struct err err;
    struct history *h;
    FILE *out = fopen(path, "wb");
    if (!out)
        exit(1);
    open_file(db, &h);
    check(jsonl_export(h, out, &err), &err);
    history_free(h);
    fclose(out);
}

static void write_by_hand(const char *path)
{
    FILE *out = fopen(path, "wb");
    if (!out)
        exit(1);
    for (int i = 0; i < OPERATIONS + CLIENTS; i++) {
        if (i >= CLIENTS)
            fprintf(out, "{\"ret\":%d,\"returned_at\":%d}\n", i - CLIENTS + 1, i * 10);
        if (i < OPERATIONS)
            fprintf(out,
                    "{\"op\":%d,\"process\":%d,\"table\":\"accounts\",\"kind\":\"write\","
                    "\"key\":%d,\"argument\":%d,\"invoked_at\":%d}\n",
                    i + 1, i % CLIENTS, i % 20, i, i * 10);
    }
    fclose(out);
}

int main(void)
{
    char folder[] = "/tmp/bench-history-XXXXXX", db[64], lines[64];
    if (!mkdtemp(folder))
        return 1;
    snprintf(db, sizeof db, "%s/history.db", folder);
    snprintf(lines, sizeof lines, "%s/history.jsonl", folder);
    bench_recording(db);
    bench_loading("the file", db, open_file);
    write_export(db, lines);
    bench_loading("exported lines", lines, read_lines);
    write_by_hand(lines);
    bench_loading("lines by hand", lines, read_lines);
    unlink(db);
    unlink(lines);
    rmdir(folder);
    return 0;
}
