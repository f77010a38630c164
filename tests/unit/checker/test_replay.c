/* An order is accepted where brute force accepts it, and never else. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "checker/replay.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

enum { OPS_MAX = 7, ROUNDS = 3000 };

/* Where it leaves the object, as all steps of the model after each other say. */
static void state_is_the_models(const struct problem *p, const uint32_t *order, size_t count,
                                const struct model_state *state)
{
    int64_t words[2][256];
    struct model_state now = {words[0], 0}, next = {words[1], 0};
    p->model->init(p->initial, &now);
    for (size_t i = 0; i < count; i++) {
        if (!p->model->step(&now, &p->ops[order[i]].op, 0, &next))
            return; /* a choice other than the first */
        struct model_state old = now;
        now = next;
        next = old;
    }
    assert_int_equal(state->count, now.count);
    if (now.count > 0 && strcmp(p->model->about.name, "fenced-mutex") != 0)
        assert_memory_equal(state->words, now.words, now.count * sizeof *now.words);
}

static bool replays(const struct problem *p, const uint32_t *order, size_t count)
{
    struct budget budget = {.steps_left = UINT64_MAX};
    struct arena arena = {0};
    struct replay replay;
    struct err err;
    assert_int_equal(replay_order(p, order, count, &budget, &arena, &replay, &err), ERR_OK);
    assert_int_not_equal(replay.value, REPLAY_GAVE_UP);
    assert_true((replay.value == REPLAY_REFUSED) == (replay.why != NULL));
    if (replay.value == REPLAY_ACCEPTED)
        state_is_the_models(p, order, count, replay.state);
    arena_done(&arena);
    return replay.value == REPLAY_ACCEPTED;
}

/* Mostly by call, with a few exchanged, now and then one twice or left out. */
static size_t draw_order(struct random_stream *r, const struct problem *p, uint32_t *order)
{
    size_t count = 0;
    for (uint32_t i = 0; i < p->count; i++)
        if (p->ops[i].op.answered || random_below(r, 2) == 0)
            order[count++] = i;
    for (uint64_t k = random_below(r, 3); k > 0 && count > 1; k--) {
        size_t at = (size_t)random_below(r, count - 1);
        uint32_t first = order[at];
        order[at] = order[at + 1];
        order[at + 1] = first;
    }
    if (count > 0 && random_below(r, 20) == 0)
        order[random_below(r, count)] = order[0];
    if (count > 0 && random_below(r, 20) == 0)
        count--;
    return count;
}

static void replay_and_brute_force_agree_on_every_model(void **state)
{
    (void)state;
    struct catalogue models = model_catalogue();
    for (const struct plugin *const *m = models.all; *m; m++) {
        struct random_stream random = random_derive(11, (*m)->name);
        struct small_form form = {.model = (*m)->name,
                                  .ops = OPS_MAX,
                                  .processes = 3,
                                  .values = 3,
                                  .unanswered_ppm = 100000,
                                  .changed_ppm = 200000,
                                  .refused = true};
        unsigned accepted = 0;
        for (unsigned round = 0; round < ROUNDS; round++) {
            static struct small small;
            uint32_t order[OPS_MAX];
            small_make(&form, &random, &small);
            size_t count = draw_order(&random, &small.problem, order);
            bool expected = brute_accepts(&small.problem, order, count);
            if (replays(&small.problem, order, count) != expected) {
                brute_print(&small.problem);
                fail_msg("%s, round %u: brute force says %d", (*m)->name, round, expected);
            }
            accepted += expected;
        }
        print_message("%s: %u of %d orders accepted\n", (*m)->name, accepted, ROUNDS);
    }
}

static struct timed_op an_op(enum op_kind kind, int64_t value, int64_t from, int64_t to)
{
    bool reads = kind == OP_READ;
    return (struct timed_op){.op = {.kind = kind,
                                    .answered = true,
                                    .argument = reads ? OP_NIL : value,
                                    .expected = OP_NIL,
                                    .result = reads ? value : OP_NIL},
                             .called_at_ns = from,
                             .returned_at_ns = to};
}

static void what_is_wrong_with_an_order_is_said(void **state)
{
    (void)state;
    const struct timed_op ops[] = {an_op(OP_WRITE, 1, 0, 10), an_op(OP_WRITE, 2, 20, 30),
                                   an_op(OP_READ, 1, 25, 35)};
    struct problem p = {model_find("cas-register"), OP_NIL, ops, 3};
    static const struct {
        uint32_t order[4];
        size_t count;
        const char *why; /* NULL: nothing */
    } cases[] = {
        {{0, 2, 1}, 3, NULL},
        {{0, 1, 2}, 3, "the model refuses one of its operations"},
        {{1, 0, 2}, 3, "it puts an operation before one that had returned by its call"},
        {{0, 2}, 2, "an operation that was answered is missing"},
        {{0, 2, 1, 2}, 4, "an operation is in it twice"},
        {{0, 2, 3}, 3, "it names an operation that is not there"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct budget budget = {.steps_left = UINT64_MAX};
        struct arena arena = {0};
        struct replay replay;
        struct err err;
        assert_int_equal(
            replay_order(&p, cases[i].order, cases[i].count, &budget, &arena, &replay, &err),
            ERR_OK);
        if (!cases[i].why) {
            assert_int_equal(replay.value, REPLAY_ACCEPTED);
            assert_int_equal(replay.state->words[0], 2);
        } else {
            assert_int_equal(replay.value, REPLAY_REFUSED);
            assert_string_equal(replay.why, cases[i].why);
        }
        arena_done(&arena);
    }
}

static void out_of_budget_or_memory_it_gives_up_and_never_accepts(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    static struct timed_op ops[MANY];
    static uint32_t order[MANY];
    for (uint32_t i = 0; i < MANY; i++) {
        ops[i] = an_op(OP_WRITE, i, 2 * i, 2 * i + 1);
        order[i] = i;
    }
    struct problem p = {model_find("cas-register"), OP_NIL, ops, MANY};
    struct budget budget = {.steps_left = 1000};
    struct arena arena = {0};
    struct replay replay;
    struct err err;
    assert_int_equal(replay_order(&p, order, MANY, &budget, &arena, &replay, &err), ERR_OK);
    assert_int_equal(replay.value, REPLAY_GAVE_UP);
    assert_string_equal(replay.why, "its budget of steps was used up");
    struct memory little = {.max_bytes = 256};
    budget = (struct budget){.steps_left = UINT64_MAX, .memory = &little};
    assert_int_equal(replay_order(&p, order, MANY, &budget, &arena, &replay, &err), ERR_NOMEM);
    assert_int_equal(little.used_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_and_brute_force_agree_on_every_model),
        cmocka_unit_test(what_is_wrong_with_an_order_is_said),
        cmocka_unit_test(out_of_budget_or_memory_it_gives_up_and_never_accepts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
