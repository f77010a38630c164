/* Sequential consistency against brute force: two objects, a few processes, real time
 * moved about. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "checker/algorithms/search.h"
#include "checker/algorithms/sequential.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

enum { OPS_MAX = 12, KEYS = 2, PROCESSES = 4, WORDS_MAX = 64 };

/* --- brute force --- */

struct many {
    struct problem problem;
    struct timed_op ops[OPS_MAX];
    uint32_t key_of[OPS_MAX];
    struct small small[KEYS];
};

struct world {
    int64_t words[KEYS][WORDS_MAX];
    uint32_t count[KEYS];
};

/* Nobody takes what its process has passed over. */
static bool is_behind(const struct many *m, unsigned done, uint32_t op)
{
    for (uint32_t i = op; i < m->problem.count; i++)
        if ((done >> i & 1) && m->ops[i].process == m->ops[op].process)
            return false;
    for (uint32_t i = 0; i < op; i++)
        if (!(done >> i & 1) && m->ops[i].op.answered &&
            m->ops[i].process == m->ops[op].process)
            return false;
    return true;
}

static bool step(const struct many *m, const struct world *now, uint32_t op, unsigned choice,
                 struct world *next)
{
    uint32_t key = m->key_of[op];
    struct world old = *now;
    struct model_state before = {old.words[key], old.count[key]};
    *next = *now;
    struct model_state after = {next->words[key], 0};
    if (!m->problem.model->step(&before, &m->ops[op].op, choice, &after))
        return false;
    next->count[key] = after.count;
    return true;
}

static bool possible(const struct many *m, unsigned done, const struct world *now)
{
    bool whole = true;
    for (uint32_t i = 0; i < m->problem.count; i++)
        whole &= (done >> i & 1) || !m->ops[i].op.answered;
    for (uint32_t i = 0; i < m->problem.count && !whole; i++) {
        struct world next;
        if (!is_behind(m, done, i))
            continue;
        for (unsigned choice = 0; !whole && step(m, now, i, choice, &next); choice++)
            whole = possible(m, done | 1u << i, &next);
    }
    return whole;
}

static struct world at_first(const struct many *m)
{
    struct world w;
    for (int key = 0; key < KEYS; key++) {
        struct model_state state = {w.words[key], 0};
        m->problem.model->init(m->problem.initial, &state);
        w.count[key] = state.count;
    }
    return w;
}

static bool allows(const struct many *m, const uint32_t *order, size_t count, unsigned done,
                   const struct world *now)
{
    struct world next;
    if (count == 0) {
        for (uint32_t i = 0; i < m->problem.count; i++)
            if (m->ops[i].op.answered && !(done >> i & 1))
                return false;
        return true;
    }
    if (!is_behind(m, done, *order))
        return false;
    for (unsigned choice = 0; step(m, now, *order, choice, &next); choice++)
        if (allows(m, order + 1, count - 1, done | 1u << *order, &next))
            return true;
    return false;
}

/* --- random histories --- */

static int by_call(const void *a, const void *b)
{
    const struct timed_op *x = a, *y = b;
    if (x->called_at_ns != y->called_at_ns)
        return x->called_at_ns < y->called_at_ns ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Two histories of one object each, and every process lives in a time of its own. */
static void draw(struct many *m, const char *model, struct random_stream *r)
{
    struct small_form form = {.model = model,
                              .ops = OPS_MAX / KEYS,
                              .processes = PROCESSES,
                              .values = 3,
                              .unanswered_ppm = 150000,
                              .changed_ppm = 200000,
                              .refused = true};
    int64_t shift_ns[PROCESSES];
    size_t count = 0;
    for (int i = 0; i < PROCESSES; i++)
        shift_ns[i] = (int64_t)random_below(r, 6);
    for (uint32_t key = 0; key < KEYS; key++) {
        small_make(&form, r, &m->small[key]);
        for (size_t i = 0; i < m->small[key].problem.count; i++) {
            struct timed_op *op = &m->ops[count];
            *op = m->small[key].ops[i];
            op->row = (uint32_t)count++ << 1 | key;
            op->called_at_ns += shift_ns[op->process];
        }
    }
    qsort(m->ops, count, sizeof *m->ops, by_call);
    for (size_t i = 0; i < count; i++)
        m->key_of[i] = m->ops[i].row & 1;
    m->problem = (struct problem){model_find(model), OP_NIL, m->ops, count};
}

static void compare_model(const char *model, uint64_t histories)
{
    static struct many m;
    struct random_stream random = random_derive(9, model);
    uint64_t possible_count = 0;
    for (uint64_t round = 0; round < histories; round++) {
        struct arena work = {0}, keep = {0};
        struct budget budget = {.steps_left = UINT64_MAX};
        struct finding f;
        struct err err;
        draw(&m, model, &random);
        struct world first = at_first(&m);
        bool expected = possible(&m, 0, &first);
        assert_int_equal(
            sequential_decide(&m.problem, m.key_of, &budget, &work, &keep, &f, &err), ERR_OK);
        bool right =
            expected ? f.value == FINDING_ORDER && allows(&m, f.order, f.order_count, 0, &first)
                     : f.value == FINDING_NO_ORDER;
        if (!right) {
            print_message("history %llu: %s expected; keys", (unsigned long long)round,
                          expected ? "an order" : "none");
            for (size_t i = 0; i < m.problem.count; i++)
                print_message(" %u", m.key_of[i]);
            print_message("\n");
            brute_print(&m.problem);
            fail();
        }
        possible_count += expected;
        arena_done(&work);
        arena_done(&keep);
    }
    print_message("%s: %llu histories, %llu with an order\n", model,
                  (unsigned long long)histories, (unsigned long long)possible_count);
    assert_in_range(possible_count, histories / 20, histories - 1);
}

static void agrees_with_brute_force_on_every_model(void **state)
{
    (void)state;
    const char *asked = getenv("FAULTLINE_LONG");
    struct catalogue all = model_catalogue();
    for (size_t i = 0; all.all[i]; i++)
        compare_model(all.all[i]->name, asked && strcmp(asked, "1") == 0 ? 1000000 : 3000);
}

/* --- by hand --- */

static struct timed_op an_op(uint32_t process, enum op_kind kind, int64_t value, int64_t from)
{
    struct timed_op op = {.op = {.kind = kind,
                                 .answered = true,
                                 .argument = kind == OP_READ ? OP_NIL : value,
                                 .expected = OP_NIL,
                                 .result = kind == OP_READ ? value : OP_NIL},
                          .called_at_ns = from,
                          .returned_at_ns = from + 1,
                          .process = process};
    return op;
}

static enum finding_value decided(const struct timed_op *ops, size_t count,
                                  const uint32_t *key_of)
{
    struct arena work = {0}, keep = {0};
    struct budget budget = {.steps_left = UINT64_MAX};
    struct finding f;
    struct err err;
    struct problem p = {model_find("register"), OP_NIL, ops, count};
    assert_int_equal(sequential_decide(&p, key_of, &budget, &work, &keep, &f, &err), ERR_OK);
    arena_done(&work);
    arena_done(&keep);
    return f.value;
}

static void a_stale_read_of_another_process_is_allowed(void **state)
{
    (void)state;
    struct timed_op ops[] = {an_op(0, OP_WRITE, 1, 0), an_op(1, OP_READ, OP_NIL, 10)};
    assert_int_equal(decided(ops, 2, NULL), FINDING_ORDER);
    ops[1].process = 0;
    assert_int_equal(decided(ops, 2, NULL), FINDING_NO_ORDER);
}

/* Each process writes one object and then misses the other's write: every object alone
 * is in order, both together are not. */
static void it_is_not_told_key_by_key(void **state)
{
    (void)state;
    struct timed_op ops[] = {an_op(0, OP_WRITE, 1, 0), an_op(1, OP_WRITE, 1, 1),
                             an_op(0, OP_READ, OP_NIL, 10), an_op(1, OP_READ, OP_NIL, 11)};
    uint32_t key_of[] = {0, 1, 1, 0};
    assert_int_equal(decided(ops, 4, key_of), FINDING_NO_ORDER);
    struct timed_op one[] = {ops[0], ops[3]}, other[] = {ops[1], ops[2]};
    assert_int_equal(decided(one, 2, NULL), FINDING_ORDER);
    assert_int_equal(decided(other, 2, NULL), FINDING_ORDER);
}

static void gives_up_when_its_budget_ends(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct timed_op ops[COUNT];
    for (int i = 0; i < COUNT; i++)
        ops[i] = an_op((uint32_t)i % 10, OP_WRITE, i, 10 * i);
    ops[COUNT - 1] = an_op(9, OP_READ, 1000, 10 * COUNT);
    struct arena work = {0}, keep = {0};
    struct memory memory = {.max_bytes = (size_t)1 << 20};
    struct budget budget = {.steps_left = 3000000, .memory = &memory};
    struct finding f;
    struct err err;
    struct problem p = {model_find("register"), OP_NIL, ops, COUNT};
    assert_int_equal(sequential_decide(&p, NULL, &budget, &work, &keep, &f, &err), ERR_OK);
    assert_int_equal(f.value, FINDING_GAVE_UP);
    assert_non_null(strstr(f.why, "steps was used up (the memory cap made it forget"));
    assert_int_equal(memory.used_bytes, 0);
    arena_done(&work);
    arena_done(&keep);
}

/* Each has a process and an object of its own: a step looks at all of them. */
static void a_step_costs_as_much_as_there_is_to_look_at(void **state)
{
    (void)state;
    enum { COUNT = 1500 };
    static struct timed_op ops[COUNT];
    static uint32_t key_of[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        ops[i] = an_op(i, OP_WRITE, i, 10 * (int64_t)i);
        key_of[i] = i;
    }
    struct arena work = {0}, keep = {0};
    struct budget budget = {.steps_left = COUNT * (uint64_t)COUNT};
    struct finding f;
    struct err err;
    struct problem p = {model_find("register"), OP_NIL, ops, COUNT};
    assert_int_equal(sequential_decide(&p, key_of, &budget, &work, &keep, &f, &err), ERR_OK);
    assert_int_equal(f.value, FINDING_GAVE_UP);
    assert_non_null(strstr(f.why, "its budget of steps was used up"));
    arena_done(&work);
    arena_done(&keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_brute_force_on_every_model),
        cmocka_unit_test(a_stale_read_of_another_process_is_allowed),
        cmocka_unit_test(it_is_not_told_key_by_key),
        cmocka_unit_test(gives_up_when_its_budget_ends),
        cmocka_unit_test(a_step_costs_as_much_as_there_is_to_look_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
