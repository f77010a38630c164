/* Numbers instead of texts: the same histories have an order. Judged by a brute force
 * that puts, appends and compares the texts themselves. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "checker/algorithms/search.h"
#include "checker/kv_texts.h"
#include "history/history.h"
#include "tests/support/brute.h"

enum { OPS_MAX = 8, TEXT_SIZE = 64, TEXTS_MAX = 64 };

/* --- texts by number --- */

struct texts {
    char at[TEXTS_MAX][TEXT_SIZE];
    int64_t count;
};

static int64_t text_number(struct texts *t, const char *text)
{
    for (int64_t i = 0; i < t->count; i++)
        if (strcmp(t->at[i], text) == 0)
            return i;
    assert_in_range(t->count, 0, TEXTS_MAX - 1);
    snprintf(t->at[t->count], TEXT_SIZE, "%s", text);
    return t->count++;
}

static const char *text_at(const void *user, int64_t number)
{
    const struct texts *t = user;
    return number >= 0 && number < t->count ? t->at[number] : NULL;
}

/* --- brute force over texts --- */

struct played {
    const struct texts *texts;
    const struct timed_op *ops;
    size_t count;
    unsigned done;
};

static bool may_be_next(const struct played *g, size_t op)
{
    for (size_t i = 0; i < g->count; i++)
        if (!(g->done >> i & 1) && g->ops[i].returned_at_ns < g->ops[op].called_at_ns)
            return false;
    return !(g->done >> op & 1);
}

static bool step_text(const struct played *g, const struct model_op *op, const char *now,
                      char *next)
{
    if (op->kind == OP_READ) {
        snprintf(next, TEXT_SIZE, "%s", now);
        return strcmp(now, op->result == OP_NIL ? "" : g->texts->at[op->result]) == 0;
    }
    const char *before = op->kind == OP_APPEND ? now : "";
    int length = snprintf(next, TEXT_SIZE, "%s%s", before, g->texts->at[op->argument]);
    assert_in_range(length, 0, TEXT_SIZE - 1);
    return true;
}

static bool possible(struct played *g, const char *now)
{
    bool whole = true;
    for (size_t i = 0; i < g->count; i++)
        whole &= (g->done >> i & 1) || !g->ops[i].op.answered;
    for (size_t i = 0; i < g->count && !whole; i++) {
        char next[TEXT_SIZE];
        if (!may_be_next(g, i) || !step_text(g, &g->ops[i].op, now, next))
            continue;
        g->done |= 1u << i;
        whole = possible(g, next);
        g->done &= ~(1u << i);
    }
    return whole;
}

/* --- random histories --- */

static void draw_text(struct random_stream *r, char *out, uint64_t length_max)
{
    uint64_t length = random_below(r, length_max + 1);
    for (uint64_t i = 0; i < length; i++)
        out[i] = random_below(r, 3) ? 'a' : 'b';
    out[length] = '\0';
}

/* Each takes effect in the order of its number, which lies within its time. */
static size_t draw_history(struct random_stream *r, struct texts *texts, struct timed_op *ops)
{
    char now[TEXT_SIZE] = "", text[TEXT_SIZE];
    size_t count = 1 + (size_t)random_below(r, OPS_MAX);
    for (size_t i = 0; i < count; i++) {
        uint64_t kind = random_below(r, 5);
        struct timed_op op = {.op = {.kind = kind < 2   ? OP_READ
                                             : kind < 4 ? OP_APPEND
                                                        : OP_WRITE,
                                     .answered = true,
                                     .argument = OP_NIL,
                                     .expected = OP_NIL,
                                     .result = OP_NIL}};
        op.called_at_ns = (int64_t)(4 * i) - (int64_t)random_below(r, 10);
        op.returned_at_ns = (int64_t)(4 * i) + (int64_t)random_below(r, 10);
        draw_text(r, text, 2);
        if (op.op.kind == OP_READ) {
            op.op.result = text_number(texts, random_below(r, 4) ? now : text);
        } else {
            op.op.argument = text_number(texts, text);
            size_t kept = op.op.kind == OP_APPEND ? strlen(now) : 0;
            op.op.answered = random_below(r, 5) != 0;
            if (op.op.answered || random_below(r, 2))
                snprintf(now + kept, sizeof now - kept, "%s", text);
            if (!op.op.answered)
                op.returned_at_ns = INT64_MAX;
        }
        size_t at = i;
        for (; at > 0 && ops[at - 1].called_at_ns > op.called_at_ns; at--)
            ops[at] = ops[at - 1];
        ops[at] = op;
    }
    return count;
}

static void number(struct timed_op *ops, size_t count, struct kv_source source,
                   struct arena *keep)
{
    struct arena work = {0};
    struct err err;
    struct budget budget = {.steps_left = UINT64_MAX};
    struct kv_room room = {&budget, &work, keep};
    assert_int_equal(kv_texts_number(ops, count, source, &room, &err), ERR_OK);
    arena_done(&work);
}

static void numbers_step_as_texts_do(void **state)
{
    (void)state;
    const char *asked = getenv("FAULTLINE_LONG");
    uint64_t rounds = asked && strcmp(asked, "1") == 0 ? 1000000 : 20000, orders = 0;
    struct random_stream random = random_derive(3, "texts");
    for (uint64_t round = 0; round < rounds; round++) {
        static struct texts texts;
        struct timed_op ops[OPS_MAX], numbered[OPS_MAX];
        texts.count = 0;
        size_t count = draw_history(&random, &texts, ops);
        struct played g = {.texts = &texts, .ops = ops, .count = count};
        bool expected = possible(&g, "");
        struct arena keep = {0};
        memcpy(numbered, ops, sizeof ops);
        number(numbered, count, (struct kv_source){text_at, &texts}, &keep);
        struct problem p = {model_find("kv"), OP_NIL, numbered, count};
        if (brute_possible(&p) != expected) {
            brute_print(&p);
            for (size_t i = 0; i < count; i++)
                print_message("%zu: '%s'\n", i,
                              texts.at[ops[i].op.kind == OP_READ ? ops[i].op.result
                                                                 : ops[i].op.argument]);
            fail();
        }
        orders += expected;
        arena_done(&keep);
    }
    print_message("%llu histories, %llu with an order\n", (unsigned long long)rounds,
                  (unsigned long long)orders);
    assert_in_range(orders, rounds / 4, rounds - rounds / 10);
}

/* --- by hand --- */

static struct timed_op an_op(struct texts *t, enum op_kind kind, const char *text)
{
    struct timed_op op = {.op = {.kind = kind,
                                 .answered = true,
                                 .argument = OP_NIL,
                                 .expected = OP_NIL,
                                 .result = OP_NIL}};
    *(kind == OP_READ ? &op.op.result : &op.op.argument) = text_number(t, text);
    return op;
}

static void only_ends_that_can_be_seen_are_numbered(void **state)
{
    (void)state;
    static struct texts t;
    struct arena keep = {0};
    struct timed_op ops[] = {an_op(&t, OP_APPEND, "xx"),  an_op(&t, OP_APPEND, "y"),
                             an_op(&t, OP_READ, "xxyxx"), an_op(&t, OP_WRITE, "q"),
                             an_op(&t, OP_WRITE, "xxy"),  an_op(&t, OP_READ, "")};
    number(ops, sizeof ops / sizeof *ops, (struct kv_source){text_at, &t}, &keep);
    /* "" 0, "xx" 1, "xxy" 2, "xxyxx" 3 */
    assert_int_equal(ops[0].op.list->count, 4);
    assert_memory_equal(ops[0].op.list->at, ((int64_t[]){0, 1, 2, 3}), 4 * sizeof(int64_t));
    assert_int_equal(ops[1].op.list->count, 2);
    assert_memory_equal(ops[1].op.list->at, ((int64_t[]){1, 2}), 2 * sizeof(int64_t));
    assert_int_equal(ops[2].op.result, 3);
    assert_int_equal(ops[3].op.argument, KV_JUNK);
    assert_int_equal(ops[4].op.argument, 2);
    assert_int_equal(ops[5].op.result, 0);
    arena_done(&keep);
}

static void texts_that_part_share_what_they_have_in_common(void **state)
{
    (void)state;
    static struct texts t;
    struct arena keep = {0};
    struct timed_op ops[] = {an_op(&t, OP_APPEND, "a"), an_op(&t, OP_APPEND, "ab"),
                             an_op(&t, OP_READ, "aab"), an_op(&t, OP_READ, "aba"),
                             an_op(&t, OP_READ, "a")};
    number(ops, sizeof ops / sizeof *ops, (struct kv_source){text_at, &t}, &keep);
    /* "" 0, "a" 1, "aa" 2, "aab" 3, then "ab" 4, "aba" 5 */
    assert_int_equal(ops[0].op.list->count, 6);
    assert_memory_equal(ops[0].op.list->at, ((int64_t[]){0, 1, 1, 2, 4, 5}),
                        6 * sizeof(int64_t));
    assert_int_equal(ops[1].op.list->count, 4);
    assert_memory_equal(ops[1].op.list->at, ((int64_t[]){0, 4, 1, 3}), 4 * sizeof(int64_t));
    assert_int_equal(ops[2].op.result, 3);
    assert_int_equal(ops[3].op.result, 5);
    assert_int_equal(ops[4].op.result, 1);
    arena_done(&keep);
}

static void integers_are_their_digits_and_nothing_is_empty(void **state)
{
    (void)state;
    static struct texts none;
    struct arena keep = {0};
    struct timed_op ops[] = {
        {.op = {.kind = OP_APPEND, .argument = 4}},
        {.op = {.kind = OP_APPEND, .argument = -1}},
        {.op = {.kind = OP_READ, .answered = true, .result = 4}},
        {.op = {.kind = OP_READ, .answered = true, .result = OP_NIL}},
    };
    number(ops, sizeof ops / sizeof *ops, (struct kv_source){text_at, &none}, &keep);
    assert_memory_equal(ops[0].op.list->at, ((int64_t[]){0, 1}), 2 * sizeof(int64_t));
    assert_int_equal(ops[1].op.list->count, 0);
    assert_int_equal(ops[2].op.result, 1);
    assert_int_equal(ops[3].op.result, 0);
    arena_done(&keep);
}

/* "a", "aa", ... each lead on from nearly every length of what was read. */
static void appends_that_begin_alike_cost_a_step_for_each_pair(void **state)
{
    (void)state;
    static struct texts t;
    enum { APPENDS = 30, READS = 62 };
    char text[TEXT_SIZE];
    memset(text, 'a', sizeof text);
    struct timed_op ops[APPENDS + 1];
    for (int i = 0; i < APPENDS; i++) {
        text[i + 1] = '\0';
        ops[i] = an_op(&t, OP_APPEND, text);
        text[i + 1] = 'a';
    }
    text[READS] = '\0';
    ops[APPENDS] = an_op(&t, OP_READ, text);
    struct arena work = {0}, keep = {0};
    struct budget budget = {.steps_left = APPENDS * READS / 2};
    struct kv_room room = {&budget, &work, &keep};
    struct err err;
    assert_int_equal(
        kv_texts_number(ops, APPENDS + 1, (struct kv_source){text_at, &t}, &room, &err),
        ERR_LIMIT);
    assert_string_equal(err.msg, "its budget of steps was used up");
    arena_done(&work);
    arena_done(&keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_step_as_texts_do),
        cmocka_unit_test(only_ends_that_can_be_seen_are_numbered),
        cmocka_unit_test(texts_that_part_share_what_they_have_in_common),
        cmocka_unit_test(appends_that_begin_alike_cost_a_step_for_each_pair),
        cmocka_unit_test(integers_are_their_digits_and_nothing_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
