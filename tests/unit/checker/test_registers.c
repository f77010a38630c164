/* Two engines and brute force judge the same small histories and must agree. */
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "checker/registers.h"

enum { OPS_MAX = 8 };

static struct timed_op an_op(enum op_kind kind, int64_t a, int64_t b, int64_t from, int64_t to)
{
    struct timed_op op = {.op = {.kind = kind,
                                 .answered = to != INT64_MAX,
                                 .argument = OP_NIL,
                                 .expected = OP_NIL,
                                 .result = OP_NIL},
                          .called_at_ns = from,
                          .returned_at_ns = to};
    if (kind == OP_READ)
        op.op.result = a;
    else
        op.op.argument = kind == OP_CAS ? b : a;
    if (kind == OP_CAS)
        op.op.expected = a;
    return op;
}

/* --- brute force: every order of every subset of the unknown ones --- */

struct brute {
    const struct timed_op *ops;
    size_t count;
    unsigned done;
};

static bool may_be_next(const struct brute *b, size_t op)
{
    for (size_t i = 0; i < b->count; i++)
        if (!(b->done >> i & 1) && b->ops[i].returned_at_ns < b->ops[op].called_at_ns)
            return false;
    return true;
}

static bool possible(struct brute *b, int64_t value)
{
    bool whole = true;
    for (size_t i = 0; i < b->count; i++)
        whole &= (b->done >> i & 1) || b->ops[i].returned_at_ns == INT64_MAX;
    for (size_t i = 0; i < b->count && !whole; i++) {
        const struct model_op *op = &b->ops[i].op;
        bool equal = value == (op->kind == OP_READ ? op->result : op->expected);
        if ((b->done >> i & 1) || !may_be_next(b, i))
            continue;
        if (op->kind != OP_WRITE && equal == op->refused)
            continue;
        b->done |= 1u << i;
        whole = possible(b, op->kind == OP_READ || op->refused ? value : op->argument);
        b->done &= ~(1u << i);
    }
    return whole;
}

static bool brute_force(const struct timed_op *ops, size_t count)
{
    struct brute b = {.ops = ops, .count = count};
    return possible(&b, OP_NIL);
}

/* --- random histories --- */

struct kind_of_history {
    const char *name;
    bool distinct, refused;
    uint64_t length, values;
};

static int64_t draw(struct random_stream *r, uint64_t below)
{
    return (int64_t)(random_next(r) % below);
}

static struct timed_op draw_op(struct random_stream *r, const struct kind_of_history *k,
                               int64_t number)
{
    static const enum op_kind kinds[] = {OP_READ, OP_READ, OP_WRITE, OP_CAS};
    enum op_kind kind = kinds[draw(r, 4)];
    /* Mostly what may have been written by then: histories that are obviously wrong
     * teach little. */
    uint64_t values = k->distinct ? (uint64_t)number : k->values;
    int64_t seen = draw(r, values + 1), written = k->distinct ? number : draw(r, values);
    seen = seen == (int64_t)values ? OP_NIL : seen;
    bool unknown = draw(r, 5) == 0, refused = draw(r, 3) == 0;
    int64_t from = draw(r, 20), to = from + draw(r, k->length);
    struct timed_op op = an_op(kind, kind == OP_WRITE ? written : seen, written, from, to);
    op.op.refused = kind == OP_CAS && k->refused && refused;
    if (unknown && kind != OP_READ && !op.op.refused)
        op.returned_at_ns = INT64_MAX;
    return op;
}

static size_t draw_history(struct random_stream *r, const struct kind_of_history *k,
                           struct timed_op *ops)
{
    size_t count = 1 + (size_t)draw(r, OPS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct timed_op op = draw_op(r, k, (int64_t)i);
        size_t at = i;
        for (; at > 0 && ops[at - 1].called_at_ns > op.called_at_ns; at--)
            ops[at] = ops[at - 1];
        ops[at] = op;
    }
    return count;
}

static void print_history(const struct timed_op *ops, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("  kind %d argument %lld expected %lld result %lld refused %d: %lld..%lld\n",
               ops[i].op.kind, (long long)ops[i].op.argument, (long long)ops[i].op.expected,
               (long long)ops[i].op.result, ops[i].op.refused, (long long)ops[i].called_at_ns,
               (long long)ops[i].returned_at_ns);
}

static struct budget no_limit(void)
{
    return (struct budget){.steps_left = UINT64_MAX};
}

static bool by_search(const struct timed_op *ops, size_t count)
{
    struct err err;
    struct budget budget = no_limit();
    struct search_answer answer;
    assert_int_equal(
        search_order(model_find("cas-register"), ops, count, &budget, &answer, &err), ERR_OK);
    assert_int_not_equal(answer.result, SEARCH_GAVE_UP);
    return answer.result == SEARCH_POSSIBLE;
}

static bool decided(const struct timed_op *ops, size_t count, bool *by_zones)
{
    struct err err;
    struct budget budget = no_limit();
    struct register_answer answer;
    assert_int_equal(registers_decide(ops, count, &budget, &answer, &err), ERR_OK);
    assert_int_not_equal(answer.result, REGISTER_GAVE_UP);
    *by_zones = answer.zones.result != ZONES_REPEATED;
    return answer.result == REGISTER_POSSIBLE;
}

static void search_zones_and_brute_force_agree(void **state)
{
    (void)state;
    static const struct kind_of_history kinds[] = {
        {"distinct values", true, false, 10, 0},
        {"distinct values, crowded", true, false, 24, 0},
        {"repeated values", false, false, 10, 2},
        {"repeated values, refused CAS", false, true, 10, 2},
    };
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct random_stream random = random_derive(7, kinds[k].name);
        unsigned possible_count = 0, zones_count = 0;
        for (unsigned round = 0; round < 5000; round++) {
            struct timed_op ops[OPS_MAX], kept[OPS_MAX];
            size_t count = draw_history(&random, &kinds[k], ops), left = count;
            struct err err;
            memcpy(kept, ops, sizeof ops);
            assert_int_equal(registers_drop_unseen(kept, &left, &err), ERR_OK);
            bool expected = brute_force(ops, count), by_zones = false;
            if (by_search(ops, count) != expected ||
                decided(kept, left, &by_zones) != expected) {
                printf("%s, round %u: brute force says %d\n", kinds[k].name, round, expected);
                print_history(ops, count);
                fail();
            }
            possible_count += expected;
            zones_count += by_zones;
        }
        printf("%s: %u of 5000 possible, %u decided by zones\n", kinds[k].name, possible_count,
               zones_count);
        assert_in_range(possible_count, 250, 4750);
    }
}

static void a_shrunk_list_is_still_impossible_and_short(void **state)
{
    (void)state;
    static const struct kind_of_history kind = {"shrink", false, false, 6, 2};
    struct random_stream random = random_derive(8, kind.name);
    unsigned shrunk = 0;
    for (unsigned round = 0; round < 2000; round++) {
        struct timed_op ops[OPS_MAX];
        struct err err;
        size_t count = draw_history(&random, &kind, ops), left;
        assert_int_equal(registers_drop_unseen(ops, &count, &err), ERR_OK);
        if (brute_force(ops, count))
            continue;
        struct budget budget = no_limit();
        left = count;
        assert_int_equal(registers_shrink(ops, &left, &budget, &err), ERR_OK);
        assert_false(brute_force(ops, left));
        shrunk += left < count;
    }
    assert_true(shrunk > 100);
}

/* --- limits --- */

enum { CROWD = 10 };

/* Writes that all overlap, then two reads that cannot both be right. */
static size_t crowd(struct timed_op *ops)
{
    for (int64_t i = 0; i < CROWD; i++)
        ops[i] = an_op(OP_WRITE, i, OP_NIL, 0, 100);
    ops[CROWD] = an_op(OP_READ, 3, OP_NIL, 101, 102);
    ops[CROWD + 1] = an_op(OP_READ, 4, OP_NIL, 103, 104);
    return CROWD + 2;
}

static struct search_answer search_crowd(struct budget budget)
{
    struct timed_op ops[CROWD + 2];
    struct search_answer answer;
    struct err err;
    size_t count = crowd(ops);
    assert_int_equal(
        search_order(model_find("cas-register"), ops, count, &budget, &answer, &err), ERR_OK);
    return answer;
}

static void what_was_tried_is_not_tried_again(void **state)
{
    (void)state;
    /* 10! orders, but only 10 * 2^10 configurations. */
    struct search_answer answer = search_crowd((struct budget){.steps_left = 200000});
    assert_int_equal(answer.result, SEARCH_IMPOSSIBLE);
    assert_int_equal(answer.stuck, CROWD + 1);
}

static void out_of_steps_or_memory_the_search_gives_up_and_says_why(void **state)
{
    (void)state;
    struct search_answer answer = search_crowd((struct budget){.steps_left = 1000});
    assert_int_equal(answer.result, SEARCH_GAVE_UP);
    assert_string_equal(answer.why, "its budget of steps was used up");
    struct memory little = {.max_bytes = 200000};
    answer = search_crowd((struct budget){.steps_left = UINT64_MAX, .memory = &little});
    assert_int_equal(answer.result, SEARCH_GAVE_UP);
    assert_string_equal(answer.why, "its memory was used up");
}

enum { LONG = 20000 };

/* Memory goes with what overlaps, not with how long it went on. */
static void a_long_history_of_few_clients_needs_little_memory(void **state)
{
    (void)state;
    static struct timed_op ops[LONG];
    struct search_answer answer;
    struct err err;
    struct memory memory = {.max_bytes = (size_t)20 << 20};
    struct budget budget = {.steps_left = 10 * LONG, .memory = &memory};
    for (int64_t i = 0; i < LONG; i++) {
        bool writes = i % 2 == 0;
        int64_t value = i / 2 % 5;
        ops[i] = an_op(writes ? OP_WRITE : OP_READ, value, OP_NIL, i * 10, i * 10 + 5);
    }
    assert_int_equal(
        search_order(model_find("cas-register"), ops, LONG, &budget, &answer, &err), ERR_OK);
    assert_int_equal(answer.result, SEARCH_POSSIBLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_zones_and_brute_force_agree),
        cmocka_unit_test(a_shrunk_list_is_still_impossible_and_short),
        cmocka_unit_test(what_was_tried_is_not_tried_again),
        cmocka_unit_test(out_of_steps_or_memory_the_search_gives_up_and_says_why),
        cmocka_unit_test(a_long_history_of_few_clients_needs_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
