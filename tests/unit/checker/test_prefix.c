/* Any beginning of a history is a history: what is clean as a whole is never violated
 * when it is cut, wherever that is. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "checker/checker.h"
#include "history/reader.h"

enum { LINES_MAX = 4096 };

/* A clean run: a register and a set that take effect at one instant each, with
 * answers that get lost, then replicas that agree in the second round. */
struct run {
    char *lines[LINES_MAX];
    int64_t at_ns[LINES_MAX];
    size_t count;
    int64_t ops, value, element;
    bool there[4096];
    struct random_stream random;
};

static void line(struct run *r, int64_t at_ns, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void line(struct run *r, int64_t at_ns, const char *fmt, ...)
{
    va_list ap;
    size_t at = r->count++;
    assert_true(r->count <= LINES_MAX);
    for (; at > 0 && r->at_ns[at - 1] > at_ns; at--) {
        r->lines[at] = r->lines[at - 1];
        r->at_ns[at] = r->at_ns[at - 1];
    }
    va_start(ap, fmt);
    assert_true(vasprintf(&r->lines[at], fmt, ap) > 0);
    va_end(ap);
    r->at_ns[at] = at_ns;
}

static void put_members(const struct run *r, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "[");
    for (int64_t e = 1; e <= r->element; e++)
        if (r->there[e])
            used += (size_t)snprintf(out + used, size - used, "%s%lld", used > 1 ? "," : "",
                                     (long long)e);
    snprintf(out + used, size - used, "]");
}

/* The operation takes effect at `effect_ns`, called a little before, answered after. */
static void step(struct run *r, int64_t effect_ns)
{
    int64_t id = ++r->ops, process = id; /* which may never hear of it again */
    int64_t call_ns = effect_ns, ret_ns = effect_ns + 1 + (int64_t)random_below(&r->random, 40);
    bool silent = random_below(&r->random, 10) == 0, lost = random_below(&r->random, 2) == 0;
    char what[200], result[8192] = "";
    switch (random_below(&r->random, 4)) {
    case 0:
        snprintf(what, sizeof what,
                 "\"table\":\"t\",\"kind\":\"write\",\"key\":1,\"argument\":%lld",
                 (long long)(id + 1000));
        r->value = silent && lost ? r->value : id + 1000;
        break;
    case 1:
        snprintf(what, sizeof what, "\"table\":\"t\",\"kind\":\"read\",\"key\":1");
        if (r->value)
            snprintf(result, sizeof result, ",\"result\":%lld", (long long)r->value);
        break;
    case 2:
        snprintf(what, sizeof what,
                 "\"table\":\"s\",\"kind\":\"add\",\"key\":1,\"argument\":%lld",
                 (long long)++r->element);
        r->there[r->element] = !(silent && lost);
        break;
    default:
        snprintf(what, sizeof what, "\"table\":\"s\",\"kind\":\"members\",\"key\":1");
        snprintf(result, sizeof result, ",\"result\":");
        put_members(r, result + strlen(result), sizeof result - strlen(result));
    }
    line(r, call_ns,
         "{\"op\":%lld,\"process\":%lld,%s,\"level\":\"linearizable\",\"invoked_at\":%lld}",
         (long long)id, (long long)process, what, (long long)call_ns);
    if (!silent)
        line(r, ret_ns, "{\"ret\":%lld,\"returned_at\":%lld%s,\"node\":\"a-1\"}", (long long)id,
             (long long)ret_ns, result);
}

/* One replica lags in the first round. */
static void final_reads(struct run *r, int round, int64_t at_ns)
{
    char members[8192];
    put_members(r, members, sizeof members);
    for (int node = 1; node <= 2; node++)
        for (int set = 0; set < 2; set++) {
            int64_t id = ++r->ops, now_ns = at_ns + id;
            bool lags = round == 1 && node == 2;
            line(r, now_ns,
                 "{\"op\":%lld,\"process\":90,\"table\":\"%s\",\"kind\":\"final\","
                 "\"key\":1,\"argument\":%d,\"level\":\"local\",\"invoked_at\":%lld}",
                 (long long)id, set ? "s" : "t", round, (long long)now_ns);
            char value[32] = "";
            if (!lags)
                snprintf(value, sizeof value, ",\"result\":%lld", (long long)r->value);
            line(r, now_ns, "{\"ret\":%lld,\"returned_at\":%lld%s%s,\"node\":\"a-%d\"}",
                 (long long)id, (long long)now_ns, set ? ",\"result\":" : value,
                 set ? (lags ? "[]" : members) : "", node);
        }
}

static void make_run(struct run *r)
{
    static const char *const head[] = {"{\"region\":\"a\"}",
                                       "{\"node\":\"a-1\",\"region\":\"a\"}",
                                       "{\"node\":\"a-2\",\"region\":\"a\"}",
                                       "{\"table\":\"t\"}",
                                       "{\"table\":\"s\"}",
                                       "{\"promise\":\"t\",\"type\":\"register\",\"mode\":"
                                       "\"consensus\",\"level\":\"linearizable\"}",
                                       "{\"promise\":\"s\",\"type\":\"or-set\",\"mode\":"
                                       "\"consensus\",\"level\":\"linearizable\"}"};
    for (size_t i = 0; i < ARRAY_LEN(head); i++)
        line(r, -1, "%s", head[i]);
    r->random = random_derive(3, "prefix");
    for (int64_t i = 0; i < 300; i++)
        step(r, 1000 + i * 10);
    final_reads(r, 1, 10000);
    final_reads(r, 2, 20000);
    line(r, 30000, "{\"event\":\"phase\",\"at\":30000,\"detail\":\"agreed\"}");
}

static struct history *first_lines(const struct run *r, size_t count)
{
    struct err err;
    struct history *h = NULL;
    struct reading reading;
    FILE *file = tmpfile();
    assert_non_null(file);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%s\n", r->lines[i]);
    rewind(file);
    if (history_read(file, "prefix", "jsonl", NULL, &h, &reading, &err)) {
        printf("%s\n", err.msg);
        fail();
    }
    fclose(file);
    return h;
}

static enum verdict_value judge(struct history *h, const char *check, uint32_t table)
{
    struct arena arena = {0};
    struct verdict verdict;
    struct budget budget = {.steps_left = UINT64_MAX};
    check_run(check, h, table, &budget, &arena, &verdict);
    if (verdict.value == VERDICT_VIOLATED)
        printf("%s: %s\n", check, verdict.sentence);
    enum verdict_value value = verdict.value;
    arena_done(&arena);
    return value;
}

/* Everywhere among the final reads, here and there before. */
static size_t next_cut(size_t cut, size_t whole)
{
    size_t finals = whole - 18;
    if (cut >= finals)
        return cut + 1;
    return cut + 37 < finals ? cut + 37 : finals;
}

static void a_clean_history_cut_anywhere_is_never_violated(void **state)
{
    (void)state;
    static struct run run;
    static const struct {
        const char *check;
        uint32_t table;
    } checks[] = {{"linearizable", 0}, {"convergence", 0}, {"set", 1}, {"convergence", 1}};
    make_run(&run);
    for (size_t count = 7; count <= run.count; count = next_cut(count, run.count)) {
        struct history *h = first_lines(&run, count);
        for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
            enum verdict_value value = judge(h, checks[i].check, checks[i].table);
            if (value == VERDICT_VIOLATED)
                printf("cut after %zu of %zu rows\n", count, run.count);
            assert_int_not_equal(value, VERDICT_VIOLATED);
            if (count == run.count)
                assert_int_equal(value, VERDICT_HOLDS);
        }
        history_free(h);
    }
    for (size_t i = 0; i < run.count; i++)
        free(run.lines[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_history_cut_anywhere_is_never_violated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
