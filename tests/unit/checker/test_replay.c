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
    int64_t words[2][1024];
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

/* --- long ones, which are changed in place --- */

enum { LONG = 400 };

static enum op_kind draw_kind(struct random_stream *r, const struct model_ops *model)
{
    for (;;) {
        int kind = (int)random_below(r, OP_KIND_COUNT);
        if (model->kinds >> kind & 1 && kind != OP_MEMBERS)
            return (enum op_kind)kind;
    }
}

/* An answer that the model allows after `now`, most likely. */
static void answer(const struct model_ops *model, const struct model_state *now,
                   struct model_op *op, struct model_state *next)
{
    for (int64_t tried = -1; tried < 60; tried++) {
        op->result = tried < 0 ? OP_NIL : tried;
        if (model->step(now, op, 0, next))
            return;
    }
}

/* One operation after the other; now and then an answer that may be wrong, or none.
 * Returns how many the model allowed before it refused one. */
static uint32_t play_long(struct random_stream *r, const struct model_ops *model,
                          struct timed_op *ops, struct model_state *now,
                          struct model_state *next)
{
    model->init(OP_NIL, now);
    for (uint32_t i = 0; i < LONG; i++) {
        struct model_op op = {.kind = draw_kind(r, model), .expected = OP_NIL};
        op.answered = random_below(r, 20) != 0;
        op.argument = (int64_t)random_below(r, 50);
        answer(model, now, &op, next);
        if (random_below(r, LONG) == 0)
            op.result = (int64_t)random_below(r, 50);
        ops[i] = (struct timed_op){.op = op,
                                   .called_at_ns = 2 * i,
                                   .returned_at_ns = op.answered ? 2 * i + 1 : INT64_MAX};
        if (!model->step(now, &op, 0, next))
            return i;
        struct model_state old = *now;
        *now = *next;
        *next = old;
    }
    return LONG;
}

static void long_orders_are_played_as_the_models_say(void **state)
{
    (void)state;
    static const char *const names[] = {"queue", "stack",      "priority-queue",
                                        "set",   "unique-ids", "log"};
    static struct timed_op ops[LONG];
    static int64_t words[2][LONG + 8];
    uint32_t order[LONG];
    for (uint32_t i = 0; i < LONG; i++)
        order[i] = i;
    for (size_t m = 0; m < ARRAY_LEN(names); m++) {
        const struct model_ops *model = model_find(names[m]);
        struct random_stream random = random_derive(13, names[m]);
        unsigned accepted = 0;
        for (unsigned round = 0; round < 100; round++) {
            struct model_state now = {words[0], 0}, next = {words[1], 0};
            uint32_t good = play_long(&random, model, ops, &now, &next);
            struct problem p = {model, OP_NIL, ops, good};
            if (!replays(&p, order, good))
                fail_msg("%s, round %u: the model allows it", names[m], round);
            p.count = good + 1;
            if (good < LONG && replays(&p, order, good + 1))
                fail_msg("%s, round %u: the model refuses it", names[m], round);
            accepted += good == LONG;
        }
        print_message("%s: %u of 100 long ones\n", names[m], accepted);
    }
}

/* --- choices --- */

static void coin_init(int64_t initial, struct model_state *out)
{
    (void)initial;
    out->words[0] = 0;
    out->count = 1;
}

/* A write throws the coin, whatever it says. */
static bool coin_step(const struct model_state *now, const struct model_op *op, unsigned choice,
                      struct model_state *next)
{
    next->count = 1;
    next->words[0] = op->kind == OP_WRITE ? (int64_t)choice : now->words[0];
    return op->kind == OP_WRITE ? choice < 3 : choice == 0 && op->result == now->words[0];
}

static bool coin_only_looks(const struct model_op *op)
{
    return op->kind == OP_READ;
}

static const char *coin_describe(const struct model_state *now, char *out, size_t size)
{
    (void)now, (void)size;
    return out;
}

static const struct model_ops coin = {.about = {.name = "coin"},
                                      .kinds = 1 << OP_READ | 1 << OP_WRITE,
                                      .words_at_start = 1,
                                      .init = coin_init,
                                      .step = coin_step,
                                      .only_looks = coin_only_looks,
                                      .describe = coin_describe};

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

static void all_choices_of_a_model_are_followed(void **state)
{
    (void)state;
    const uint32_t order[] = {0, 1, 2, 3, 4};
    for (int64_t first = 0; first < 4; first++)
        for (int64_t second = 0; second < 4; second++) {
            const struct timed_op ops[] = {
                an_op(OP_WRITE, 0, 0, 1), an_op(OP_READ, first, 2, 3),
                an_op(OP_READ, first, 4, 5), an_op(OP_WRITE, 0, 6, 7),
                an_op(OP_READ, second, 8, 9)};
            struct problem p = {&coin, OP_NIL, ops, 5};
            assert_int_equal(replays(&p, order, 5), first < 3 && second < 3);
        }
    const struct timed_op unsteady[] = {an_op(OP_WRITE, 0, 0, 1), an_op(OP_READ, 1, 2, 3),
                                        an_op(OP_READ, 2, 4, 5)};
    struct problem p = {&coin, OP_NIL, unsteady, 3};
    assert_false(replays(&p, order, 3));
}

/* A write leaves any of as many states as anybody likes. */
static bool dice_step(const struct model_state *now, const struct model_op *op, unsigned choice,
                      struct model_state *next)
{
    next->count = 1;
    next->words[0] = (int64_t)choice;
    return op->kind == OP_WRITE && now->count == 1 && choice < 1000;
}

static void too_many_choices_are_not_told_as_a_lack_of_memory(void **state)
{
    (void)state;
    struct model_ops dice = coin;
    dice.step = dice_step;
    const struct timed_op op = an_op(OP_WRITE, 0, 0, 1);
    const uint32_t order = 0;
    struct problem p = {&dice, OP_NIL, &op, 1};
    struct budget budget = {.steps_left = UINT64_MAX};
    struct arena arena = {0};
    struct replay replay;
    struct err err;
    assert_int_equal(replay_order(&p, &order, 1, &budget, &arena, &replay, &err), ERR_OK);
    assert_int_equal(replay.value, REPLAY_GAVE_UP);
    assert_string_equal(replay.why, "its operations can end in too many states");
    assert_false(replay.lacked_memory);
    arena_done(&arena);
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
        cmocka_unit_test(long_orders_are_played_as_the_models_say),
        cmocka_unit_test(too_many_choices_are_not_told_as_a_lack_of_memory),
        cmocka_unit_test(all_choices_of_a_model_are_followed),
        cmocka_unit_test(what_is_wrong_with_an_order_is_said),
        cmocka_unit_test(out_of_budget_or_memory_it_gives_up_and_never_accepts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
