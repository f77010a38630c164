/* What a history shows to be lost, and what the store says that it cut off, tell of the
 * same changes: measured from outside, counted inside. */
#include "tests/support/test.h"

#include "tests/support/whole/play.h"

enum { SEEDS_SHORT = 20, SEEDS_LONG = 200, CARTS = 1 };

static bool is_change(const struct columns *c, size_t row)
{
    return c->kind[row] == OP_ADD || c->kind[row] == OP_REMOVE;
}

/* Changes that may be cut off without being lost: some try ended without an answer, and
 * either none was acknowledged or another primary's was. */
static int64_t unsure_count(struct history *h, struct arena *arena)
{
    struct err err;
    struct columns c;
    const struct attempt_row *attempts;
    size_t attempt_count;
    int64_t count = 0;
    assert_int_equal(history_columns(h, CARTS, arena, &c, &err), ERR_OK);
    assert_int_equal(history_attempts(h, arena, &attempts, &attempt_count, &err), ERR_OK);
    for (size_t row = 0; row < c.count; row++) {
        bool unsure = false;
        for (size_t i = 0; i < attempt_count && is_change(&c, row); i++)
            unsure |=
                attempts[i].op == c.id[row] && attempts[i].attempt.outcome == OUTCOME_UNKNOWN;
        count += unsure;
    }
    return count;
}

struct totals {
    int64_t lost, cut_off, unsure;
};

static void compare(const struct play *p, struct totals *totals)
{
    const struct judgement *j = &p->judged.judgement;
    int64_t lost = j->measures->rpo_count[CARTS], cut_off = j->measures->cut_off_count[CARTS];
    struct arena arena = {0};
    int64_t unsure = unsure_count(j->history, &arena);
    arena_done(&arena);
    if (lost < 1 || cut_off < lost || cut_off > lost + unsure)
        fail_msg("%s: %lld lost, %lld cut off, %lld unsure", p->command, (long long)lost,
                 (long long)cut_off, (long long)unsure);
    totals->lost += lost;
    totals->cut_off += cut_off;
    totals->unsure += unsure;
}

static void what_is_lost_is_what_the_store_cut_off(void **state)
{
    (void)state;
    static const struct override overrides[] = {
        {"faults[0].partition.isolate", "leader-region of carts"}, {NULL, NULL}};
    struct totals totals = {0};
    for (uint64_t seed = 1; seed <= (play_long() ? SEEDS_LONG : SEEDS_SHORT); seed++) {
        struct play p;
        play_run(&p, "scenarios/leader-region-cut.yaml", seed, overrides);
        compare(&p, &totals);
        play_done(&p);
    }
    print_message("  %lld lost, %lld cut off, %lld without an answer\n", (long long)totals.lost,
                  (long long)totals.cut_off, (long long)totals.unsure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_lost_is_what_the_store_cut_off),
    };
    return cmocka_run_group_tests_name("rpo", tests, NULL, NULL);
}
