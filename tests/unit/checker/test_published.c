/* Histories that others recorded, with known verdicts: Knossos' cas-register, the
 * etcd logs that come with Porcupine, and 30,000 small random ones. They are read in
 * place from ../shared/data and are no part of this project; without them the test
 * is skipped. */
#include "tests/support/test.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "checker/registers.h"

enum { SKIPPED = 77, OPS_MAX = 4096, PROCESSES_MAX = 4096 };

/* --- a history while it is read --- */

struct record {
    struct timed_op ops[OPS_MAX];
    size_t count;
    size_t pending[PROCESSES_MAX]; /* by process: its open operation plus one */
    int64_t now_ns;
    bool failed_cas_is_a_read; /* it certainly found another value */
    bool nil_says_nothing;
};

/* What one line says. */
struct line {
    long process;
    char type[8], what[8]; /* "invoke", "ok", ...; "read", "write", "cas" */
    int64_t values[2];     /* OP_NIL for nil */
};

static struct model_op op_of(const struct line *l)
{
    struct model_op op = {.argument = OP_NIL, .expected = OP_NIL, .result = OP_NIL};
    op.kind = (enum op_kind)op_kind_find(l->what);
    if (op.kind == OP_WRITE)
        op.argument = l->values[0];
    if (op.kind == OP_CAS) {
        op.expected = l->values[0];
        op.argument = l->values[1];
    }
    return op;
}

static void note_line(struct record *r, const struct line *l)
{
    assert_in_range(l->process, 0, PROCESSES_MAX - 1);
    size_t *pending = &r->pending[l->process];
    r->now_ns++;
    if (strcmp(l->type, "invoke") == 0) {
        assert_true(r->count < OPS_MAX);
        *pending = r->count + 1;
        r->ops[r->count++] = (struct timed_op){
            .op = op_of(l), .called_at_ns = r->now_ns, .returned_at_ns = INT64_MAX};
        return;
    }
    assert_true(*pending > 0);
    struct timed_op *op = &r->ops[*pending - 1];
    *pending = 0;
    if (strcmp(l->type, "ok") == 0) {
        op->returned_at_ns = r->now_ns;
        if (op->op.kind == OP_READ)
            op->op.result = l->values[0];
    } else if (strcmp(l->type, "fail") == 0) {
        op->op.refused = true;
        op->returned_at_ns = r->now_ns;
    }
}

/* Leave out what says nothing: see checker/registers.h. */
static void normalise(struct record *r)
{
    struct err err;
    size_t left = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct timed_op *op = &r->ops[i];
        bool failed = op->op.refused, unknown = op->returned_at_ns == INT64_MAX;
        bool told = !failed || (op->op.kind == OP_CAS && r->failed_cas_is_a_read);
        /* To Knossos a read of nil says nothing. */
        if (op->op.kind == OP_READ && op->op.result == OP_NIL && r->nil_says_nothing)
            told = false;
        if (told && !(unknown && op->op.kind == OP_READ))
            r->ops[left] = *op, r->ops[left++].op.answered = !unknown;
    }
    r->count = left;
    assert_int_equal(registers_drop_unseen(r->ops, &r->count, &err), ERR_OK);
}

static bool is_possible(struct record *r)
{
    struct err err;
    struct memory memory = {.max_bytes = (size_t)1 << 30};
    struct budget budget = {.steps_left = 50 * 1000 * 1000, .memory = &memory};
    struct register_answer answer;
    struct search_answer search;
    normalise(r);
    assert_int_equal(registers_decide(r->ops, r->count, &budget, &answer, &err), ERR_OK);
    assert_int_not_equal(answer.result, REGISTER_GAVE_UP);
    /* The search decides everything, so it must agree where zones were used. */
    assert_int_equal(
        search_order(model_find("cas-register"), r->ops, r->count, &budget, &search, &err),
        ERR_OK);
    assert_int_not_equal(search.result, SEARCH_GAVE_UP);
    assert_int_equal(search.result == SEARCH_POSSIBLE, answer.result == REGISTER_POSSIBLE);
    return answer.result == REGISTER_POSSIBLE;
}

/* --- two formats --- */

/* "nil", "3", "[3 4]" */
static void read_values(const char *text, int64_t values[2])
{
    values[0] = values[1] = OP_NIL;
    text += *text == '[';
    for (size_t i = 0; i < 2 && (isdigit((unsigned char)*text) || *text == '-'); i++) {
        char *end;
        values[i] = strtoll(text, &end, 10);
        text = end + (*end == ' ');
    }
}

/* The text behind `key` in an EDN map, or NULL. */
static const char *behind(const char *map, const char *key)
{
    const char *at = strstr(map, key);
    return at ? at + strlen(key) : NULL;
}

/* The next map, wherever its lines end; comments go to the end of a line. */
static bool next_map(FILE *in, char *out, size_t size)
{
    bool inside = false;
    size_t used = 0;
    for (int c = fgetc(in); c != EOF; c = fgetc(in)) {
        if (c == ';' && !inside)
            while (c != '\n' && c != EOF)
                c = fgetc(in);
        inside |= c == '{';
        if (inside && used + 1 < size)
            out[used++] = (char)(isspace(c) ? ' ' : c);
        out[used] = '\0';
        if (c == '}')
            return true;
    }
    return false;
}

/* {:process 4, :type :invoke, :f :write, :value 2} */
static bool read_edn(const char *text, struct line *l)
{
    const char *process = behind(text, ":process "), *type = behind(text, ":type :"),
               *what = behind(text, ":f :"), *value = behind(text, ":value ");
    if (!process || !type || !what || !value)
        return false;
    if (!isdigit((unsigned char)*process)) /* the nemesis is no client */
        return false;
    l->process = strtol(process, NULL, 10);
    read_values(value, l->values);
    return sscanf(type, "%7[a-z]", l->type) == 1 && sscanf(what, "%7[a-z]", l->what) == 1;
}

/* INFO  jepsen.util - 4<tab>:invoke<tab>:write<tab>3 */
static bool read_log(const char *text, struct line *l)
{
    char value[32];
    if (sscanf(text, "INFO jepsen.util - %ld :%7[a-z] :%7[a-z] %31[^\n]", &l->process, l->type,
               l->what, value) != 4)
        return false;
    read_values(value, l->values);
    return op_kind_find(l->what) >= 0;
}

static struct record *read_file(const char *path, bool is_log)
{
    struct record *r = calloc(1, sizeof *r);
    FILE *in = fopen(path, "re");
    assert_non_null(r);
    assert_non_null(in);
    r->failed_cas_is_a_read = is_log;
    r->nil_says_nothing = !is_log;
    if (!is_log) { /* Knossos' register holds 0 at first */
        note_line(r, &(struct line){0, "invoke", "write", {0, OP_NIL}});
        note_line(r, &(struct line){0, "ok", "write", {0, OP_NIL}});
    }
    char text[2048];
    struct line l;
    while (is_log ? fgets(text, sizeof text, in) != NULL : next_map(in, text, sizeof text))
        if (is_log ? read_log(text, &l) : read_edn(text, &l))
            note_line(r, &l);
    fclose(in);
    return r;
}

/* --- the folder --- */

static char data[512];

static bool find_data(void)
{
    snprintf(data, sizeof data, "%s", __FILE__);
    for (int i = 0; i < 4; i++)
        *strrchr(data, '/') = '\0';
    strncat(data, "/../shared/data/linearizability", sizeof data - strlen(data) - 1);
    return access(data, R_OK) == 0;
}

static void recorded_histories_get_their_known_verdicts(void **state)
{
    (void)state;
    char path[1200], text[512], name[200], model[50], verdict[20];
    unsigned judged = 0, wrong = 0;
    snprintf(path, sizeof path, "%s/VERDICTS.tsv", data);
    FILE *in = fopen(path, "re");
    assert_non_null(in);
    while (fgets(text, sizeof text, in)) {
        if (sscanf(text, "%199[^\t]\t%49[^\t]\t%*[^\t]\t%19[^\t]", name, model, verdict) != 3 ||
            strcmp(model, "cas-register") != 0 || strncmp(name, "fuzz", 4) == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", data, name);
        struct record *r = read_file(path, strncmp(name, "porcupine", 9) == 0);
        bool possible = is_possible(r);
        if (possible != (strcmp(verdict, "holds") == 0)) {
            printf("%s: expected %s, got %s\n", name, verdict, possible ? "holds" : "violated");
            wrong++;
        }
        judged++;
        free(r);
    }
    fclose(in);
    printf("%u recorded histories\n", judged);
    assert_int_equal(wrong, 0);
    assert_true(judged > 100);
}

/* --- the small random ones --- */

static struct timed_op fuzz_op(const char *text)
{
    char what[8], ok[8], unknown[8];
    long long a, b, out, call, ret;
    assert_int_equal(sscanf(text, "%*d %*d %7s %lld %lld %lld %7s %7s %lld %lld", what, &a, &b,
                            &out, ok, unknown, &call, &ret),
                     8);
    struct timed_op op = {.called_at_ns = call, .returned_at_ns = ret};
    op.op = (struct model_op){.kind = (enum op_kind)op_kind_find(what),
                              .argument = strcmp(what, "cas") == 0 ? b : a,
                              .expected = a == -1 ? OP_NIL : a,
                              .result = out == -1 ? OP_NIL : out};
    bool is_unknown = strcmp(unknown, "true") == 0;
    if (is_unknown)
        op.returned_at_ns = INT64_MAX;
    op.op.refused = op.op.kind == OP_CAS && !is_unknown && strcmp(ok, "false") == 0;
    return op;
}

static int by_call(const void *a, const void *b)
{
    const struct timed_op *x = a, *y = b;
    return x->called_at_ns < y->called_at_ns ? -1 : x->called_at_ns > y->called_at_ns;
}

static void random_histories_get_their_known_verdicts(void **state)
{
    (void)state;
    char command[1200], text[512];
    snprintf(command, sizeof command, "gzip -dc '%s'/fuzz/*.gz", data);
    FILE *in = popen(command, "r");
    assert_non_null(in);
    struct record *r = calloc(1, sizeof *r);
    assert_non_null(r);
    unsigned judged = 0, wrong = 0;
    bool expected = false;
    while (fgets(text, sizeof text, in)) {
        if (strncmp(text, "#H", 2) == 0) {
            memset(r, 0, sizeof *r);
            r->failed_cas_is_a_read = true;
            expected = text[3] == '1';
        } else if (strncmp(text, "#E", 2) == 0) {
            qsort(r->ops, r->count, sizeof r->ops[0], by_call);
            wrong += is_possible(r) != expected;
            judged++;
        } else {
            assert_true(r->count < OPS_MAX);
            r->ops[r->count++] = fuzz_op(text);
        }
    }
    pclose(in);
    free(r);
    printf("%u random histories\n", judged);
    assert_int_equal(wrong, 0);
    assert_true(judged >= 30000);
}

int main(void)
{
    if (!find_data()) {
        printf("skipped: no recorded histories in %s\n", data);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_histories_get_their_known_verdicts),
        cmocka_unit_test(random_histories_get_their_known_verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
