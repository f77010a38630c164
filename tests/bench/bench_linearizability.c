/* The linearizability engine on the histories that its users and its peers stumble over:
 * CPU time of the decision alone, orders replayed and all, and the memory it counted.
 * docs/performance.md has the table, and the peers' figures.
 *
 *   bench_linearizability                  all rows
 *   bench_linearizability --write N DIR    N operations of a register as DIR/history.jsonl
 *                                          and DIR/history.db, for timing the whole check */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "checker/rulings.h"
#include "history/jsonl.h"
#include "history/reader.h"
#include "history/writer.h"
#include "tests/support/crowd.h"

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void must(bool done, const char *what, const struct err *err)
{
    if (done)
        return;
    fprintf(stderr, "bench: %s%s%s\n", what, err ? ": " : "", err ? err->msg : "");
    exit(1);
}

/* --- one history --- */

struct told {
    double seconds;
    size_t bytes;
    const char *verdict, *by;
};

static const char *verdict_of(const struct rulings *r, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (r->all[i].value == RULING_GAVE_UP)
            return r->all[i].why;
    return r->first_impossible == SIZE_MAX ? "holds" : "violated";
}

/* The quickest of some rounds, each from objects that were split anew. */
static struct told decide(const struct objects_source *source, int64_t initial, int rounds)
{
    struct told best = {.seconds = 1e9};
    for (int round = 0; round < rounds; round++) {
        struct memory memory = {.max_bytes = (size_t)4 << 30};
        struct arena split = {0}, work = {.memory = &memory};
        struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
        struct rulings_plan plan = {.model = source->model, .initial = initial, .jobs = 1};
        struct objects objects;
        struct rulings rulings;
        struct err err;
        must(!objects_split(source, &split, &objects, &err), "split", &err);
        double before = cpu_seconds();
        must(!rulings_make(&objects, &plan, &budget, &work, &rulings, &err), "decide", &err);
        double took = cpu_seconds() - before;
        if (took < best.seconds)
            best.seconds = took;
        best.verdict = verdict_of(&rulings, objects.count);
        best.by = objects.count > 0 ? rulings.all[0].by : NULL;
        best.bytes = memory.peak_bytes;
        rulings_done(&rulings);
        arena_done(&work);
        arena_done(&split);
    }
    return best;
}

static void print_told(const char *name, const struct told *t)
{
    printf("%-58s %9.2f ms %7.1f MB  %s by %s\n", name, t->seconds * 1e3,
           (double)t->bytes / 1e6, t->verdict, t->by ? t->by : "nobody");
    fflush(stdout);
}

/* --- what was generated --- */

static double measure(const char *model, const struct crowd_form *form, int rounds)
{
    struct arena arena = {0};
    struct columns columns;
    char name[120];
    must(crowd_make(form, &arena, &columns), "no memory for a history", NULL);
    struct objects_source source = {.columns = &columns, .model = model_find(model)};
    struct told told = decide(&source, OP_NIL, rounds);
    snprintf(name, sizeof name, "%s %zu ops, %u clients, %lld keys, %s%lld values%s%s", model,
             form->count, form->clients, (long long)(form->keys ? form->keys : 1),
             form->values ? "" : "distinct/", (long long)form->values,
             form->stale ? ", stale read" : "", form->crashed_ppm ? ", 1 % crashed" : "");
    print_told(name, &told);
    arena_done(&arena);
    return told.seconds;
}

static void measure_registers(void)
{
    static const unsigned clients[] = {10, 50, 100};
    for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
        struct crowd_form form = {.count = 1000000, .clients = clients[i]};
        measure("cas-register", &form, 3);
        form.stale = true;
        measure("cas-register", &form, 3);
        form.stale = false;
        form.crashed_ppm = 10000;
        measure("cas-register", &form, 3);
    }
    static const struct crowd_form repeated[] = {
        {.count = 100000, .clients = 10, .values = 5},
        {.count = 10000, .clients = 50, .values = 5},
        {.count = 1000, .clients = 100, .values = 5},
        {.count = 10000, .clients = 50, .values = 20},
    };
    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
        struct crowd_form form = repeated[i];
        measure("cas-register", &form, 3);
        form.stale = true;
        measure("cas-register", &form, 3);
        form.stale = false;
        form.crashed_ppm = 10000;
        measure("cas-register", &form, 3);
    }
}

static void measure_growth(void)
{
    double seconds[3];
    static const size_t counts[] = {10000, 100000, 1000000};
    for (size_t i = 0; i < 3; i++)
        seconds[i] =
            measure("cas-register", &(struct crowd_form){.count = counts[i], .clients = 10}, 7);
    printf("growth from 10,000 to 1,000,000 operations: exponent %.2f\n",
           log(seconds[2] / seconds[0]) / log(100));
}

/* --- what others recorded --- */

static struct told decide_file(const char *path, const char *model)
{
    struct history *h;
    struct reading reading;
    struct err err;
    struct arena arena = {0};
    struct columns columns;
    FILE *in = fopen(path, "rbe");
    must(in != NULL, path, NULL);
    must(!history_read(in, path, NULL, NULL, &h, &reading, &err), "read", &err);
    fclose(in);
    must(!history_columns(h, 0, &arena, &columns, &err), "columns", &err);
    struct objects_source source = {
        .columns = &columns, .model = model_find(model), .history = h};
    struct told told = decide(&source, reading.reader->initial, 9);
    arena_done(&arena);
    history_free(h);
    return told;
}

static void measure_folder(const char *folder, const char *model)
{
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort), files = 0;
    double sum = 0, longest = 0;
    for (int i = 0; i < count; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (strstr(names[i]->d_name, ".log")) {
            struct told told = decide_file(path, model);
            files++;
            sum += told.seconds;
            longest = told.seconds > longest ? told.seconds : longest;
        }
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    printf("%d files of %s: %.2f ms together, the longest %.2f ms\n", files, folder, sum * 1e3,
           longest * 1e3);
}

static void measure_foreign(void)
{
    static const char etcd[] = "../shared/data/linearizability/porcupine-etcd";
    static const char kv[] = "../shared/data/linearizability/porcupine-kv/c50-ok.txt";
    DIR *there = opendir(etcd);
    if (!there) {
        printf("skipped: %s is not there\n", etcd);
        return;
    }
    closedir(there);
    measure_folder(etcd, "cas-register");
    struct told told = decide_file(kv, "kv");
    print_told("kv c50-ok, all keys", &told);
}

/* --- for the whole check --- */

static void write_history(const struct columns *c, const char *path)
{
    struct history_writer *w;
    struct err err;
    must(!history_create(path, &w, &err), "create", &err);
    history_region(w, 0, "default");
    history_table(w, 0, "accounts");
    history_promise(w, &(struct promise){.type = "register", .checks = "linearizable"});
    /* Calls and returns in one row: the earliest return of those that are open first. */
    uint32_t *open = calloc(c->count, sizeof *open);
    size_t open_count = 0;
    for (size_t row = 0; row <= c->count; row++) {
        for (;;) {
            size_t first = SIZE_MAX;
            for (size_t i = 0; i < open_count; i++)
                if (first == SIZE_MAX ||
                    c->returned_at_ns[open[i]] < c->returned_at_ns[open[first]])
                    first = i;
            if (first == SIZE_MAX ||
                (row < c->count && c->returned_at_ns[open[first]] >= c->invoked_at_ns[row]))
                break;
            uint32_t op = open[first];
            history_ret(w, (int64_t)op + 1, c->returned_at_ns[op],
                        &(struct answer){.outcome = (enum op_outcome)c->outcome[op],
                                         .result = c->result[op],
                                         .version = OP_NIL,
                                         .node = -1});
            open[first] = open[--open_count];
        }
        if (row == c->count)
            break;
        history_op(w, &(struct op_row){.process = c->process[row],
                                       .session = c->process[row],
                                       .operation = {.kind = (enum op_kind)c->kind[row],
                                                     .key = c->key[row],
                                                     .argument = c->argument[row],
                                                     .expected = OP_NIL,
                                                     .request_id = row + 1},
                                       .intended_at_ns = c->intended_at_ns[row],
                                       .invoked_at_ns = c->invoked_at_ns[row]});
        open[open_count++] = (uint32_t)row;
    }
    must(!history_close(w, &err), "close", &err);
    free(open);
}

static void write_both(size_t count, const char *folder)
{
    struct crowd_form form = {.count = count, .clients = 10};
    struct arena arena = {0};
    struct columns columns;
    struct history *h;
    struct err err;
    char path[1024];
    must(crowd_make(&form, &arena, &columns), "no memory for a history", NULL);
    snprintf(path, sizeof path, "%s/history.db", folder);
    write_history(&columns, path);
    must(!history_open(path, &h, &err), "open", &err);
    snprintf(path, sizeof path, "%s/history.jsonl", folder);
    FILE *out = fopen(path, "wbe");
    must(out != NULL, path, NULL);
    must(!jsonl_export(h, out, &err) && fclose(out) == 0, "export", &err);
    history_free(h);
    arena_done(&arena);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--write") == 0) {
        write_both(strtoul(argv[2], NULL, 10), argv[3]);
        return 0;
    }
    measure_foreign();
    measure_registers();
    measure("kv", &(struct crowd_form){.count = 1000000, .clients = 50, .keys = 100}, 3);
    measure("cas-register", &(struct crowd_form){.count = 1000000, .clients = 50, .keys = 100},
            3);
    measure_growth();
    return 0;
}
