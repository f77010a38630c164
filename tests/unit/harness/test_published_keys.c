/* Porcupine's kv histories key by key: its verdict of each is known, too. Skipped where
 * they are not (FAULTLINE_DATA; see test_published.c). */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checker/rulings.h"
#include "harness/open.h"

enum { SKIPPED = 77 };

static const char *folder(void)
{
    const char *set = getenv("FAULTLINE_DATA");
    return set ? set : "../shared/data/linearizability";
}

/* A file with all its keys decided. */
struct decided {
    char file[200];
    struct opened opened;
    struct arena arena;
    struct columns columns;
    struct objects objects;
    struct rulings rulings;
};

static void decide(const char *file, struct decided *d)
{
    char path[700];
    struct err err;
    struct budget budget = {.steps_left = UINT64_MAX};
    const struct model_ops *kv = model_find("kv");
    struct rulings_plan plan = {.model = kv, .initial = OP_NIL, .jobs = 2};
    *d = (struct decided){.file = ""};
    snprintf(d->file, sizeof d->file, "%s", file);
    snprintf(path, sizeof path, "%s/%s", folder(), file);
    if (open_history(path, NULL, NULL, &d->opened, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(history_columns(d->opened.history, 0, &d->arena, &d->columns, &err), 0);
    struct objects_source source = {
        .columns = &d->columns, .model = kv, .history = d->opened.history};
    assert_int_equal(objects_split(&source, &d->arena, &d->objects, &err), 0);
    assert_int_equal(rulings_make(&d->objects, &plan, &budget, &d->arena, &d->rulings, &err),
                     0);
}

static void decided_done(struct decided *d)
{
    rulings_done(&d->rulings);
    arena_done(&d->arena);
    history_free(d->opened.history);
    *d = (struct decided){.file = ""};
}

static const char *verdict_of(const struct decided *d, const char *key)
{
    for (size_t i = 0; i < d->objects.count; i++) {
        const char *text = history_text(d->opened.history, d->objects.all[i].key);
        if (text && strcmp(text, key) == 0)
            return d->rulings.all[i].value == RULING_POSSIBLE     ? "holds"
                   : d->rulings.all[i].value == RULING_IMPOSSIBLE ? "violated"
                                                                  : "undecided";
    }
    return "not there";
}

static void each_key_gets_its_known_verdict(void **state)
{
    (void)state;
    char path[600], line[400], file[200], key[40], verdict[20];
    unsigned keys = 0, agreed = 0;
    struct decided d = {.file = ""};
    snprintf(path, sizeof path, "%s/VERDICTS_kv_per_key.tsv", folder());
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while (fgets(line, sizeof line, in)) {
        if (sscanf(line, "%199[^\t]\t%39[^\t]\t%19[^\t]", file, key, verdict) != 3 ||
            strcmp(file, "file") == 0)
            continue;
        if (strcmp(d.file, file) != 0) {
            decided_done(&d);
            decide(file, &d);
        }
        const char *found = verdict_of(&d, key);
        if (strcmp(found, verdict) != 0)
            print_message("%s key %s: expected %s, got %s\n", file, key, verdict, found);
        agreed += strcmp(found, verdict) == 0;
        keys++;
    }
    fclose(in);
    decided_done(&d);
    print_message("%u of %u keys agreed\n", agreed, keys);
    assert_true(keys > 40);
    assert_int_equal(agreed, keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_key_gets_its_known_verdict)};
    if (access(folder(), R_OK) != 0) {
        printf("skipped: no %s\n", folder());
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
