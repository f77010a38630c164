/* How many operations a second go into a history, and how long a million of them
 * take back into columns. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "history/history.h"
#include "history/writer.h"

enum { OPERATIONS = 1000000, CLIENTS = 96, REPEATS = 5 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(enum err_code code, const struct err *err)
{
    if (code == ERR_OK)
        return;
    fprintf(stderr, "%s\n", err->msg);
    exit(1);
}

/* Every operation returns after the next CLIENTS ones began, as with real clients. */
static void record(struct history_writer *w)
{
    for (int64_t i = 0; i < OPERATIONS + CLIENTS; i++) {
        int64_t at_ns = i * 10000;
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
                                 .intended_at_ns = at_ns - 1234,
                                 .invoked_at_ns = at_ns};
            history_op(w, &row);
        }
        struct answer answer = {.result = i & 1 ? OP_NIL : i, .version = i / 2, .node = 1};
        if (i >= CLIENTS)
            history_ret(w, i - CLIENTS + 1, at_ns, &answer);
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

static void bench_loading(const char *path)
{
    struct err err = {.code = ERR_OK};
    double best = 1e9;
    struct history *h;
    check(history_open(path, &h, &err), &err);
    for (int i = 0; i < REPEATS; i++) {
        struct arena arena = {.blocks = NULL};
        struct columns c;
        double began = now_s();
        check(history_columns(h, 0, &arena, &c, &err), &err);
        double took = now_s() - began;
        best = took < best ? took : best;
        printf("load %zu operations into columns: %.3f s\n", c.count, took);
        arena_done(&arena);
    }
    printf("best %.3f s\n", best);
    history_free(h);
}

int main(void)
{
    char folder[] = "/tmp/bench-history-XXXXXX", path[64];
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/history.db", folder);
    bench_recording(path);
    bench_loading(path);
    unlink(path);
    rmdir(folder);
    return 0;
}
