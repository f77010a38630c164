#include "tests/support/test.h"

#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "workloads/chooser.h"

enum { DRAWS = 200000, KEYS = 100 };

static void count_draws(enum chooser kind, int64_t keys, unsigned *counts)
{
    struct key_chooser c;
    struct random_stream random = random_derive(7, "keys");
    chooser_init(&c, kind, keys);
    memset(counts, 0, (size_t)keys * sizeof *counts);
    for (unsigned i = 0; i < DRAWS; i++) {
        int64_t key = chooser_next(&c, &random);
        assert_in_range(key, 0, keys - 1);
        counts[key]++;
    }
}

static void uniform_keys_are_all_alike(void **state)
{
    (void)state;
    unsigned counts[KEYS];
    count_draws(CHOOSER_UNIFORM, KEYS, counts);
    for (size_t key = 0; key < KEYS; key++)
        assert_in_range(counts[key], DRAWS / KEYS * 85 / 100, DRAWS / KEYS * 115 / 100);
}

/* The law itself: rank r is drawn with a chance of 1 / (r^0.99 * zeta). */
static void zipfian_ranks_are_drawn_as_the_law_says(void **state)
{
    (void)state;
    static const struct {
        unsigned first, last; /* ranks, from 1 */
        double tolerance;
    } bands[] = {{1, 1, 0.02}, {2, 2, 0.03}, {3, 10, 0.08}, {11, 30, 0.08}, {31, 100, 0.08}};
    unsigned counts[KEYS];
    double zeta = 0;
    count_draws(CHOOSER_ZIPFIAN, KEYS, counts);
    for (unsigned rank = 1; rank <= KEYS; rank++)
        zeta += pow(rank, -0.99);
    for (size_t i = 0; i < ARRAY_LEN(bands); i++) {
        double expected = 0, drawn = 0;
        for (unsigned rank = bands[i].first; rank <= bands[i].last; rank++) {
            expected += DRAWS * pow(rank, -0.99) / zeta;
            drawn += counts[chooser_key_of_rank(rank - 1, KEYS)];
        }
        print_message("ranks %u to %u: %.0f drawn, %.0f expected\n", bands[i].first,
                      bands[i].last, drawn, expected);
        assert_true(fabs(drawn - expected) < expected * bands[i].tolerance);
    }
}

static void no_two_ranks_share_a_key(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 20, 100, 1000, 65536};
    static uint8_t seen[65536];
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        memset(seen, 0, sizeof seen);
        for (uint64_t rank = 0; rank < sizes[i]; rank++) {
            int64_t key = chooser_key_of_rank(rank, sizes[i]);
            assert_in_range(key, 0, sizes[i] - 1);
            assert_false(seen[key]);
            seen[key] = 1;
        }
    }
}

static void few_keys_are_no_special_case(void **state)
{
    (void)state;
    unsigned counts[3];
    for (int64_t keys = 1; keys <= 3; keys++) {
        count_draws(CHOOSER_ZIPFIAN, keys, counts);
        for (int64_t key = 0; key < keys; key++)
            assert_true(counts[key] > 0);
    }
}

static void the_same_seed_gives_the_same_keys(void **state)
{
    (void)state;
    for (int kind = CHOOSER_UNIFORM; kind <= CHOOSER_ZIPFIAN; kind++) {
        struct key_chooser c;
        struct random_stream a = random_derive(1, "keys"), b = a;
        chooser_init(&c, (enum chooser)kind, 1000);
        for (int i = 0; i < 1000; i++) {
            assert_int_equal(chooser_next(&c, &a), chooser_next(&c, &b));
            assert_int_equal(a.state, b.state);
        }
    }
}

static void both_choosers_draw_once_per_key(void **state)
{
    (void)state;
    struct key_chooser c;
    struct random_stream used = random_derive(1, "keys"), plain = used;
    for (int kind = CHOOSER_UNIFORM; kind <= CHOOSER_ZIPFIAN; kind++) {
        chooser_init(&c, (enum chooser)kind, 50);
        (void)chooser_next(&c, &used);
        (void)random_next(&plain);
        assert_int_equal(used.state, plain.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_keys_are_all_alike),
        cmocka_unit_test(zipfian_ranks_are_drawn_as_the_law_says),
        cmocka_unit_test(no_two_ranks_share_a_key),
        cmocka_unit_test(few_keys_are_no_special_case),
        cmocka_unit_test(the_same_seed_gives_the_same_keys),
        cmocka_unit_test(both_choosers_draw_once_per_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
