#include "tests/support/test.h"

#include <stdlib.h>

#include "workloads/workload.h"

enum { DRAWS = 20000 };

struct generator {
    const struct workload_ops *ops;
    struct workload_state *state;
    void *config;
    struct random_stream random;
};

static struct generator make(const char *name, int64_t first_value)
{
    struct catalogue all = workload_catalogue();
    const struct plugin *plugin = catalogue_find(&all, name);
    assert_non_null(plugin);
    struct generator g = {.ops = workload_of(plugin), .random = random_derive(5, name)};
    g.state = calloc(1, g.ops->state_size);
    g.config = calloc(1, plugin->config_size);
    assert_true(g.state && g.config);
    param_defaults(plugin->params, g.config);
    g.ops->begin(g.state, g.config, first_value);
    return g;
}

static void done(struct generator *g)
{
    free(g->state);
    free(g->config);
}

static struct operation next(struct generator *g)
{
    struct operation op;
    g->ops->next(g->state, &g->random, 0, &op);
    return op;
}

static void values_are_unique_and_count_from_the_first(void **state)
{
    (void)state;
    struct generator g = make("register", 1000);
    int64_t newest = 999;
    for (int i = 0; i < DRAWS; i++) {
        struct operation op = next(&g);
        if (op.kind != OP_READ)
            assert_int_equal(op.argument, ++newest);
        else
            assert_true(op.argument == OP_NIL && op.expected == OP_NIL);
    }
    done(&g);
}

static void shares_of_reads_and_cas_are_as_asked(void **state)
{
    (void)state;
    struct generator g = make("register", 1);
    unsigned counts[OP_KIND_COUNT] = {0};
    for (int i = 0; i < DRAWS; i++)
        counts[next(&g).kind]++;
    assert_in_range(counts[OP_READ], DRAWS * 48 / 100, DRAWS * 52 / 100);
    assert_in_range(counts[OP_CAS], DRAWS * 9 / 100, DRAWS * 11 / 100);
    assert_in_range(counts[OP_WRITE], DRAWS * 38 / 100, DRAWS * 42 / 100);
    done(&g);
}

static void cas_expects_the_newest_value_of_its_key(void **state)
{
    (void)state;
    struct generator g = make("register", 1);
    int64_t newest[20];
    for (size_t key = 0; key < 20; key++)
        newest[key] = OP_NIL;
    for (int i = 0; i < DRAWS; i++) {
        struct operation op = next(&g);
        assert_in_range(op.key, 0, 19);
        if (op.kind == OP_CAS)
            assert_int_equal(op.expected, newest[op.key]);
        if (op.kind != OP_READ)
            newest[op.key] = op.argument;
    }
    done(&g);
}

static void an_element_is_added_once_and_removed_at_most_once_after(void **state)
{
    (void)state;
    struct generator g = make("set", 1);
    static int64_t key_of[DRAWS + 1];
    static uint8_t removed[DRAWS + 1];
    int64_t newest = 0;
    unsigned removes = 0;
    for (int i = 0; i < DRAWS; i++) {
        struct operation op = next(&g);
        if (op.kind == OP_ADD) {
            assert_int_equal(op.argument, ++newest);
            key_of[op.argument] = op.key;
        } else if (op.kind == OP_REMOVE) {
            removes++;
            assert_in_range(op.argument, 1, newest);
            assert_int_equal(op.key, key_of[op.argument]);
            assert_false(removed[op.argument]);
            removed[op.argument] = 1;
        } else {
            assert_int_equal(op.kind, OP_MEMBERS);
        }
    }
    assert_in_range(removes, DRAWS * 12 / 100, DRAWS * 16 / 100);
    done(&g);
}

static void every_operation_takes_the_same_number_of_draws(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int draws;
    } cases[] = {{"register", 3}, {"set", 4}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct generator g = make(cases[i].name, 1);
        struct random_stream plain = g.random;
        for (int op = 0; op < 1000; op++) {
            (void)next(&g);
            for (int draw = 0; draw < cases[i].draws; draw++)
                (void)random_next(&plain);
            assert_int_equal(g.random.state, plain.state);
        }
        done(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_unique_and_count_from_the_first),
        cmocka_unit_test(shares_of_reads_and_cas_are_as_asked),
        cmocka_unit_test(cas_expects_the_newest_value_of_its_key),
        cmocka_unit_test(an_element_is_added_once_and_removed_at_most_once_after),
        cmocka_unit_test(every_operation_takes_the_same_number_of_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
