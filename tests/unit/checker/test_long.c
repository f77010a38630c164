/* Long histories, which no search could judge: two algorithms of different kinds must
 * agree on them, and every order must replay. What is made has an order unless a read
 * was made stale. */
#include "tests/support/test.h"

#include <stdio.h>

#include "base/memory.h"
#include "checker/algorithms/events.h"
#include "checker/algorithms/zones.h"
#include "checker/objects.h"
#include "checker/replay.h"
#include "tests/support/crowd.h"

struct made {
    struct arena arena;
    struct columns columns;
    struct objects objects;
};

static void make(const struct crowd_form *form, struct made *m)
{
    struct err err;
    *m = (struct made){.arena = {0}};
    assert_true(crowd_make(form, &m->arena, &m->columns));
    struct objects_source source = {.columns = &m->columns,
                                    .model = model_find("cas-register")};
    assert_int_equal(objects_split(&source, &m->arena, &m->objects, &err), ERR_OK);
}

static struct problem problem_of(const struct made *m, size_t object)
{
    return (struct problem){.model = model_find("cas-register"),
                            .initial = OP_NIL,
                            .ops = m->objects.all[object].ops,
                            .count = m->objects.all[object].count};
}

static enum finding_value decide(algorithm who, const struct problem *p)
{
    struct memory memory = {.max_bytes = 0};
    struct arena work = {.memory = &memory}, keep = {.memory = &memory};
    struct budget budget = {.steps_left = UINT64_MAX, .memory = &memory};
    struct finding found;
    struct err err;
    assert_int_equal(who(p, &budget, &work, &keep, &found, &err), ERR_OK);
    if (found.value == FINDING_ORDER) {
        struct replay replay;
        assert_int_equal(
            replay_order(p, found.order, found.order_count, &budget, &keep, &replay, &err),
            ERR_OK);
        assert_int_equal(replay.value, REPLAY_ACCEPTED);
    }
    enum finding_value value = found.value;
    arena_done(&work);
    arena_done(&keep);
    assert_int_equal(memory.used_bytes, 0);
    return value;
}

/* Object 0 is that of the stale read. */
static void judge(const struct crowd_form *form, algorithm who, const char *name)
{
    struct made m;
    make(form, &m);
    for (size_t i = 0; i < m.objects.count; i++) {
        struct problem p = problem_of(&m, i);
        bool stale = form->stale && m.objects.all[i].key == 0;
        enum finding_value value = decide(who, &p);
        if (value != (stale ? FINDING_NO_ORDER : FINDING_ORDER))
            fprintf(stderr, "%s of %zu operations, %u clients, %lld values: finding %d\n", name,
                    form->count, form->clients, (long long)form->values, (int)value);
        assert_int_equal(value, stale ? FINDING_NO_ORDER : FINDING_ORDER);
    }
    arena_done(&m.arena);
}

static void zones_and_events_agree_where_values_are_distinct(void **state)
{
    (void)state;
    static const struct crowd_form forms[] = {
        {.count = 60000, .clients = 10},
        {.count = 60000, .clients = 10, .stale = true},
        {.count = 60000, .clients = 10, .crashed_ppm = 10000},
        {.count = 20000, .clients = 20, .keys = 7, .stale = true, .crashed_ppm = 10000},
        {.count = 2000, .clients = 50},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        judge(&forms[i], zones_decide, "zones");
        judge(&forms[i], events_decide, "events");
    }
}

static void events_decide_what_repeats(void **state)
{
    (void)state;
    static const struct crowd_form forms[] = {
        {.count = 120000, .clients = 10, .values = 5},
        {.count = 20000, .clients = 10, .values = 5, .stale = true},
        {.count = 20000, .clients = 10, .values = 5, .crashed_ppm = 10000},
        {.count = 3000, .clients = 50, .values = 5, .stale = true},
        {.count = 1000, .clients = 100, .values = 5},
        {.count = 300, .clients = 30, .values = 20, .stale = true},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        judge(&forms[i], events_decide, "events");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_and_events_agree_where_values_are_distinct),
        cmocka_unit_test(events_decide_what_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
