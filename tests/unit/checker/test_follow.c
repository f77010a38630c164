/* An object that is followed while it is used, against brute force: what is the first
 * instant by which no order is left? */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checker/follow.h"
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
    if (!op->op.answered)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_impossible_return_is_the_one_that_brute_force_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
