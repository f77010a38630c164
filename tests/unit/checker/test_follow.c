/* An object that is followed while it is used, against brute force: what is the first
 * instant by which no order is left? */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker/follow.h"
#include "checker/portfolio.h"
#include "tests/support/brute.h"
#include "tests/support/small.h"

enum { ROWS_MAX = 3 * SMALL_OPS_MAX, NEVER = 1 << 30 };

struct row {
    uint32_t op;
    bool is_return;
    int64_t at_ns;
    uint32_t tie;
};

/* A small history, some operations of which fail; and its rows. */
struct told {
    struct small small;
    bool failed[SMALL_OPS_MAX];
    struct row rows[ROWS_MAX];
    size_t row_count;
};

static unsigned long histories(unsigned long usual)
{
    const char *longer = getenv("FAULTLINE_LONG");
    return longer && strcmp(longer, "1") == 0 ? 100000 : usual;
}

/* --- rows --- */

static int by_time(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    if (x->op == y->op)
        return x->is_return ? 1 : -1;
    return x->tie < y->tie ? -1 : x->tie > y->tie;
}

/* A CAS that was refused and told why is a read, here as for all checkers. */
static void make_told(const struct small_form *form, struct random_stream *random,
                      struct told *t)
{
    small_make(form, random, &t->small);
    t->row_count = 0;
    for (uint32_t i = 0; i < t->small.problem.count; i++) {
        struct timed_op *op = &t->small.ops[i];
        if (op->op.refused && op->op.result != OP_NIL)
            op->op = (struct model_op){.kind = OP_READ,
                                       .answered = true,
                                       .argument = OP_NIL,
                                       .expected = OP_NIL,
                                       .result = op->op.result};
        t->failed[i] = op->op.answered && random_below(random, 20) == 0;
        /* At one instant returns may come first: those called then are concurrent. */
        uint32_t tie = (uint32_t)random_below(random, 1000);
        t->rows[t->row_count++] = (struct row){i, false, op->called_at_ns, tie};
        bool times_out = !op->op.answered && random_below(random, 2);
        if (op->op.answered || times_out)
            t->rows[t->row_count++] = (struct row){
                i, true, op->op.answered ? op->returned_at_ns : op->called_at_ns + 3, tie};
    }
    qsort(t->rows, t->row_count, sizeof *t->rows, by_time);
    for (size_t i = 1; i < t->row_count; i++) /* ties between the two of one, once more */
        for (size_t k = 0; k < i; k++)
            assert_true(t->rows[k].op != t->rows[i].op || !t->rows[k].is_return);
}

/* --- what brute force says --- */

static bool has_order_by(const struct told *t, int64_t at_ns)
{
    struct timed_op ops[SMALL_OPS_MAX];
    struct problem p = t->small.problem;
    p.ops = ops;
    p.count = 0;
    for (uint32_t i = 0; i < t->small.problem.count; i++) {
        struct timed_op op = t->small.ops[i];
        bool returned = op.op.answered && op.returned_at_ns <= at_ns;
        if (op.called_at_ns > at_ns || (returned && t->failed[i]))
            continue;
        if (!returned) {
            op.op.answered = op.op.refused = false;
            op.op.result = OP_NIL;
            op.op.list = NULL;
            op.returned_at_ns = INT64_MAX;
            if (p.model->only_looks(&op.op))
                continue;
        }
        ops[p.count++] = op;
    }
    return brute_possible(&p);
}

static int64_t first_impossible(const struct told *t)
{
    for (size_t i = 0; i < t->row_count; i++)
        if (t->rows[i].is_return && !has_order_by(t, t->rows[i].at_ns))
            return t->rows[i].at_ns;
    return NEVER;
}

/* --- what the follower says --- */

static void tell_call(struct follower *f, const struct timed_op *op, int64_t id)
{
    struct err err;
    struct op_row row = {.process = op->process,
                         .operation = {.kind = op->op.kind,
                                       .key = 7,
                                       .argument = op->op.argument,
                                       .expected = op->op.expected},
                         .invoked_at_ns = op->called_at_ns};
    assert_int_equal(follower_call(f, id, &row, &err), ERR_OK);
}

static void tell_return(struct follower *f, const struct timed_op *op, int64_t id, bool failed,
                        int64_t at_ns)
{
    struct err err;
    struct answer answer = {.outcome = OUTCOME_OK, .result = op->op.result};
    /* Who was not told an id may as well have had no answer: there is always another. */
    bool untold = op->op.kind == OP_GENERATE && op->op.result == OP_NIL;
    if (!op->op.answered || untold)
        answer.outcome = OUTCOME_UNKNOWN;
    else if (failed)
        answer = (struct answer){.outcome = OUTCOME_FAIL, .result = OP_NIL, .error = "no"};
    else if (op->op.refused)
        answer =
            (struct answer){.outcome = OUTCOME_FAIL, .result = OP_NIL, .error = OP_MISMATCH};
    else if (op->op.list) {
        answer.is_list = true;
        answer.members = op->op.list->at;
        answer.member_count = op->op.list->count;
    }
    assert_int_equal(follower_return(f, id, at_ns, &answer, &err), ERR_OK);
}

/* When it said that no order is left. Ids are those of the rows. */
static int64_t follow(const struct told *t)
{
    struct memory memory = {0};
    struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
    struct follow_options options = {.model = t->small.problem.model,
                                     .initial = OP_NIL,
                                     .level = LEVEL_LINEARIZABLE,
                                     .budget = &budget};
    struct follower *f = follower_new(&options);
    int64_t said = NEVER, ids[SMALL_OPS_MAX];
    struct err err;
    for (size_t i = 0; i < t->row_count && said == NEVER; i++) {
        const struct row *r = &t->rows[i];
        const struct timed_op *op = &t->small.ops[r->op];
        if (r->is_return) {
            tell_return(f, op, ids[r->op], t->failed[r->op], r->at_ns);
        } else {
            ids[r->op] = (int64_t)i + 1;
            tell_call(f, op, ids[r->op]);
        }
        if (i + 1 == t->row_count || t->rows[i + 1].at_ns > r->at_ns)
            assert_int_equal(follower_moment(f, r->at_ns + 1, &err), ERR_OK);
        if (follower_state(f).is_violated)
            said = r->at_ns;
    }
    assert_int_equal(follower_state(f).undecided_count, 0);
    follower_free(f);
    assert_int_equal(memory.used_bytes, 0);
    return said;
}

/* --- all of it --- */

static const struct small_form forms[] = {
    {"cas-register", 10, 5, 3, .unanswered_ppm = 150000, .changed_ppm = 600000,
     .refused = true},
    {"register", 12, 6, 3, .unanswered_ppm = 100000, .changed_ppm = 600000},
    {"register", 14, 8, 2, .unanswered_ppm = 50000, .changed_ppm = 700000},
    {"rmw", 11, 5, 3, .unanswered_ppm = 100000, .changed_ppm = 600000},
    {"queue", 9, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"queue", 9, 4, 3, .distinct = true, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"stack", 9, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"set", 10, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"set", 10, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000,
     .kinds = 1 << OP_ADD | 1 << OP_REMOVE | 1 << OP_MEMBERS},
    {"mutex", 10, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"fenced-mutex", 9, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"semaphore", 10, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"counter", 9, 4, 3, .unanswered_ppm = 150000, .changed_ppm = 500000},
    {"priority-queue", 9, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"log", 9, 4, 3, .unanswered_ppm = 100000, .changed_ppm = 500000},
    {"unique-ids", 8, 4, 8, .unanswered_ppm = 100000, .changed_ppm = 500000},
};

static void print_told(const struct told *t)
{
    brute_print(&t->small.problem);
    for (size_t i = 0; i < t->row_count; i++)
        fprintf(stderr, "%lld: %s %u%s\n", (long long)t->rows[i].at_ns,
                t->rows[i].is_return ? "return" : "call", t->rows[i].op,
                t->failed[t->rows[i].op] ? " (fails)" : "");
}

static void the_first_impossible_return_is_the_one_that_brute_force_finds(void **state)
{
    (void)state;
    struct told *t = calloc(1, sizeof *t);
    for (size_t form = 0; form < ARRAY_LEN(forms); form++) {
        struct random_stream random = random_derive(form + 1, "follow");
        unsigned long count = histories(2000), violated = 0;
        for (unsigned long i = 0; i < count; i++) {
            make_told(&forms[form], &random, t);
            int64_t expected = first_impossible(t), said = follow(t);
            if (said != expected) {
                fprintf(stderr, "%s %lu: expected at %lld, said at %lld\n", forms[form].model,
                        i, (long long)expected, (long long)said);
                print_told(t);
            }
            assert_true(said == expected);
            violated += expected != NEVER;
        }
        print_message("%s: %lu followed, %lu violated\n", forms[form].model, count, violated);
        assert_true(violated > count / 100 && violated < count);
    }
    free(t);
}

/* --- long histories --- */

/* Some clients use one object, one of them now and then waits for very long. */
struct play {
    const struct model_ops *model;
    struct random_stream random;
    struct timed_op *ops;
    size_t count;
    uint32_t *rows; /* op, or ~op for its return; one instant each */
    size_t row_count;
    int64_t words[2][4096];
    struct model_state now, next;
    struct {
        uint32_t op;
        bool open, done;
        int64_t until;
    } clients[6];
};

enum { VALUES = 1000 };

static struct model_op draw_op(struct play *p)
{
    struct model_op op = {.argument = (int64_t)random_below(&p->random, VALUES),
                          .expected = OP_NIL,
                          .result = OP_NIL};
    uint64_t draw = random_below(&p->random, 10);
    if (p->model->kinds >> OP_ENQUEUE & 1) {
        op.kind = draw < 4 ? OP_ENQUEUE : OP_DEQUEUE;
        op.argument = (int64_t)p->count; /* else nobody could check it */
    } else
        op.kind = draw < 5 ? OP_READ : draw < 8 ? OP_WRITE : OP_CAS;
    if (op.kind == OP_CAS)
        op.expected = p->now.words[0];
    if (op.kind == OP_READ || op.kind == OP_DEQUEUE)
        op.argument = OP_NIL;
    return op;
}

/* It answers what is there, or what a CAS finds. */
static void happen(struct play *p, struct model_op *op)
{
    bool looks = op->kind == OP_READ || op->kind == OP_DEQUEUE;
    op->answered = true;
    if (looks && p->now.count > 0)
        op->result = p->now.words[0];
    if (op->kind == OP_CAS && p->now.words[0] != op->expected)
        op->refused = true;
    assert_true(p->model->step(&p->now, op, 0, &p->next));
    struct model_state old = p->now;
    p->now = p->next;
    p->next = old;
}

/* Some of those who waited for long are told nothing. */
static void end_op(struct play *p, struct timed_op *op, int64_t at_ns)
{
    op->returned_at_ns = at_ns;
    if (at_ns - op->called_at_ns < 200 || random_below(&p->random, 3) > 0)
        return;
    op->op.answered = op->op.refused = false;
    op->op.result = OP_NIL;
    op->returned_at_ns = INT64_MAX;
}

static void play(struct play *p, size_t ops, uint32_t clients, bool sleepers)
{
    p->now.words = p->words[0];
    p->next.words = p->words[1];
    p->model->init(OP_NIL, &p->now);
    for (bool going = true; going;) {
        uint32_t who = (uint32_t)random_below(&p->random, clients);
        int64_t at = (int64_t)p->row_count;
        going = p->count < ops;
        for (int i = 0; i < 6; i++)
            going |= p->clients[i].open;
        if (!p->clients[who].open && p->count < ops) {
            bool sleeps = sleepers && who < 2;
            p->clients[who].op = (uint32_t)p->count;
            p->clients[who].until = at + (sleeps ? (int64_t)random_below(&p->random, 900) : 0);
            p->clients[who].open = true;
            p->clients[who].done = false;
            p->ops[p->count] = (struct timed_op){.op = draw_op(p),
                                                 .called_at_ns = at,
                                                 .row = (uint32_t)p->count,
                                                 .process = who};
            p->rows[p->row_count++] = (uint32_t)p->count++;
        } else if (p->clients[who].open && !p->clients[who].done) {
            happen(p, &p->ops[p->clients[who].op].op);
            p->clients[who].done = true;
        } else if (p->clients[who].open && (p->clients[who].until <= at || p->count == ops)) {
            end_op(p, &p->ops[p->clients[who].op], at);
            p->rows[p->row_count++] = ~p->clients[who].op;
            p->clients[who].open = false;
        }
    }
}

/* As the batch sees it up to an instant. */
static bool portfolio_has_order(const struct play *p, int64_t at_ns)
{
    struct timed_op *ops = calloc(p->count, sizeof *ops);
    struct problem problem = {.model = p->model, .initial = OP_NIL, .ops = ops};
    for (size_t i = 0; i < p->count && p->ops[i].called_at_ns <= at_ns; i++) {
        struct timed_op op = p->ops[i];
        if (op.returned_at_ns > at_ns) {
            op.op.answered = op.op.refused = false;
            op.op.result = OP_NIL;
            op.returned_at_ns = INT64_MAX;
            if (p->model->only_looks(&op.op))
                continue;
        }
        ops[problem.count++] = op;
    }
    struct budget budget = {.steps_left = UINT64_MAX};
    struct arena keep = {0};
    struct decision d;
    portfolio_decide(&problem, &budget, &keep, &d);
    assert_true(d.finding.value == FINDING_ORDER || d.finding.value == FINDING_NO_ORDER);
    arena_done(&keep);
    free(ops);
    return d.finding.value == FINDING_ORDER;
}

/* The instant at which no order was left, or NEVER. */
static int64_t follow_play(const struct play *p, struct memory *memory,
                           struct follow_state *state)
{
    struct budget budget = {.steps_left = UINT64_MAX, .memory = memory};
    struct follow_options options = {
        .model = p->model, .initial = OP_NIL, .level = LEVEL_LINEARIZABLE, .budget = &budget};
    struct follower *f = follower_new(&options);
    int64_t said = NEVER;
    struct err err;
    for (size_t i = 0; i < p->row_count && said == NEVER; i++) {
        bool is_return = p->rows[i] > UINT32_MAX / 2;
        uint32_t op = is_return ? ~p->rows[i] : p->rows[i];
        if (is_return)
            tell_return(f, &p->ops[op], (int64_t)op + 1, false, (int64_t)i);
        else
            tell_call(f, &p->ops[op], (int64_t)op + 1);
        assert_int_equal(follower_moment(f, (int64_t)i + 1, &err), ERR_OK);
        if (follower_state(f).is_violated)
            said = (int64_t)i;
    }
    *state = follower_state(f);
    state->op = NULL;
    follower_free(f);
    return said;
}

/* Mostly of one that waited for long. */
static void change_an_answer(struct play *p)
{
    struct timed_op *op = NULL;
    uint32_t clients = random_below(&p->random, 4) > 0 ? 2 : 6;
    for (int tries = 0; tries < 10000 && (!op || op->process >= clients); tries++)
        op = &p->ops[random_below(&p->random, p->count)];
    if (op->op.result != OP_NIL)
        op->op.result = p->ops[random_below(&p->random, p->count)].op.result;
}

static void long_waits_change_nothing_of_a_judgement(void **state)
{
    (void)state;
    enum { OPS = 1500 };
    static const char *const models[] = {"cas-register", "queue"};
    unsigned long count = histories(20), violated = 0;
    count = count > 2000 ? 2000 : count;
    struct play *p = malloc(sizeof *p);
    struct timed_op *ops = calloc(OPS, sizeof *ops);
    uint32_t *rows = calloc(2 * OPS, sizeof *rows);
    for (unsigned long i = 0; i < count; i++) {
        struct memory memory = {0};
        struct follow_state seen;
        *p = (struct play){.model = model_find(models[i % 2]), .ops = ops, .rows = rows};
        p->random = random_derive(i, "long");
        play(p, i % 2 ? OPS / 4 : OPS, i % 2 ? 3 : 6, true);
        change_an_answer(p);
        int64_t said = follow_play(p, &memory, &seen);
        if (said != NEVER)
            assert_true(portfolio_has_order(p, said - 1));
        assert_true(portfolio_has_order(p, said) == (said == NEVER));
        assert_int_equal(seen.undecided_count, 0);
        assert_int_equal(memory.used_bytes, 0);
        violated += said != NEVER;
    }
    print_message("%lu followed, %lu violated\n", count, violated);
    assert_true(violated > 0 && violated < count);
    free(rows);
    free(ops);
    free(p);
}

/* --- memory --- */

/* Four clients at a time use one of 50 keys, a value each time a new one. */
static void one_round(struct follower *f, int64_t round, int64_t *values)
{
    struct err err;
    struct answer answers[4];
    int64_t at = 10 * round, *value = &values[round % 50];
    for (int64_t i = 0; i < 4; i++) {
        struct op_row row = {
            .operation = {.kind = i % 2 ? OP_READ : OP_WRITE,
                          .key = round % 50,
                          .argument = i % 2 ? OP_NIL : 4 * round + i,
                          .expected = OP_NIL},
            .invoked_at_ns = at + i,
        };
        assert_int_equal(follower_call(f, 4 * round + i + 1, &row, &err), ERR_OK);
    }
    for (int64_t i = 0; i < 4; i++) {
        answers[i] = (struct answer){.outcome = OUTCOME_OK, .result = OP_NIL};
        if (i % 2)
            answers[i].result = *value;
        else
            *value = 4 * round + i;
    }
    for (int64_t i = 3; i >= 0; i--)
        assert_int_equal(follower_return(f, 4 * round + i + 1, at + 9 - i, &answers[i], &err),
                         ERR_OK);
}

static void many_operations_need_no_more_memory_than_a_thousand(void **state)
{
    (void)state;
    struct memory memory = {.max_bytes = 8 << 20};
    struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
    struct follow_options options = {.model = model_find("cas-register"),
                                     .initial = OP_NIL,
                                     .level = LEVEL_LINEARIZABLE,
                                     .budget = &budget};
    struct follower *f = follower_new(&options);
    int64_t values[50], rounds = histories(0) > 0 ? 250000 : 25000;
    size_t most = 0, of_a_thousand = 0;
    for (int i = 0; i < 50; i++)
        values[i] = OP_NIL;
    for (int64_t round = 0; round < rounds; round++) {
        one_round(f, round, values);
        most = memory.used_bytes > most ? memory.used_bytes : most;
        if (round == 250)
            of_a_thousand = most;
    }
    print_message("at most %zu bytes\n", most);
    assert_false(follower_state(f).is_violated);
    assert_int_equal(follower_state(f).op_count, 4 * rounds);
    assert_true(most <= 2 * of_a_thousand);
    follower_free(f);
    assert_int_equal(memory.used_bytes, 0);
}

/* --- what cannot be judged --- */

static void call_at(struct follower *f, int64_t id, enum op_kind kind, int64_t argument,
                    int64_t at_ns)
{
    struct err err;
    struct op_row row = {
        .operation = {.kind = kind, .key = 1, .argument = argument, .expected = OP_NIL},
        .invoked_at_ns = at_ns};
    assert_int_equal(follower_call(f, id, &row, &err), ERR_OK);
}

static void return_at(struct follower *f, int64_t id, int64_t result, int64_t at_ns)
{
    struct err err;
    struct answer answer = {.outcome = OUTCOME_OK, .result = result};
    assert_int_equal(follower_return(f, id, at_ns, &answer, &err), ERR_OK);
}

static struct follower *follow_register(struct budget *budget)
{
    struct follow_options options = {.model = model_find("register"),
                                     .initial = OP_NIL,
                                     .level = LEVEL_LINEARIZABLE,
                                     .budget = budget};
    return follower_new(&options);
}

static void who_returns_after_thousands_of_events_leaves_its_key_undecided(void **state)
{
    (void)state;
    struct err err;
    struct budget budget = {.steps_left = UINT64_MAX};
    struct follower *f = follow_register(&budget);
    call_at(f, 1, OP_READ, OP_NIL, 0);
    for (int64_t i = 1; i <= 5000; i++) {
        call_at(f, i + 1, OP_WRITE, i, 2 * i);
        return_at(f, i + 1, OP_NIL, 2 * i + 1);
    }
    assert_int_equal(follower_state(f).undecided_count, 0);
    return_at(f, 1, 77, 20000);
    assert_int_equal(follower_moment(f, INT64_MAX, &err), ERR_OK);
    assert_int_equal(follower_state(f).late_count, 1);
    assert_int_equal(follower_state(f).undecided_count, 1);
    assert_false(follower_state(f).is_violated);
    follower_free(f);
}

/* A thousand writes that nobody answered: too many to remember all of them. */
static void nothing_is_proved_once_something_was_forgotten(void **state)
{
    (void)state;
    struct err err;
    struct budget budget = {.steps_left = UINT64_MAX};
    struct follower *f = follow_register(&budget);
    struct answer unknown = {.outcome = OUTCOME_UNKNOWN, .result = OP_NIL};
    for (int64_t i = 1; i <= 1000; i++) {
        call_at(f, i, OP_WRITE, i, 2 * i);
        assert_int_equal(follower_return(f, i, 2 * i + 1, &unknown, &err), ERR_OK);
    }
    call_at(f, 1001, OP_READ, OP_NIL, 3000);
    return_at(f, 1001, 990, 3001); /* one that is remembered */
    assert_int_equal(follower_moment(f, 3002, &err), ERR_OK);
    assert_int_equal(follower_state(f).undecided_count, 0);
    call_at(f, 1002, OP_READ, OP_NIL, 3003);
    return_at(f, 1002, 1, 3004); /* one that is not */
    assert_int_equal(follower_moment(f, INT64_MAX, &err), ERR_OK);
    assert_int_equal(follower_state(f).undecided_count, 1);
    assert_false(follower_state(f).is_violated);
    follower_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_impossible_return_is_the_one_that_brute_force_finds),
        cmocka_unit_test(long_waits_change_nothing_of_a_judgement),
        cmocka_unit_test(many_operations_need_no_more_memory_than_a_thousand),
        cmocka_unit_test(who_returns_after_thousands_of_events_leaves_its_key_undecided),
        cmocka_unit_test(nothing_is_proved_once_something_was_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
