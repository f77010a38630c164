#include "tests/support/test.h"

#include "base/random.h"

static void a_stream_repeats_itself(void **state)
{
    (void)state;
    struct random_stream a = random_derive(7, "link 0>1 loss"), b = a;
    for (unsigned i = 0; i < 1000; i++)
        assert_true(random_next(&a) == random_next(&b));
}

/* The numbers are part of every recorded seed: if these change, no old run repeats. */
static void the_numbers_of_a_seed_never_change(void **state)
{
    (void)state;
    struct random_stream s = random_derive(7, "link 0>1 loss");
    assert_true(random_next(&s) == UINT64_C(0x2a407266894d4473));
    assert_true(random_next(&s) == UINT64_C(0xd7cbbaabc9708ec0));
}

static void neighbouring_streams_share_nothing(void **state)
{
    (void)state;
    struct random_stream streams[] = {random_derive(7, "a"), random_derive(8, "a"),
                                      random_derive(7, "b"), random_derive(7, "")};
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t drawn[4];
        for (unsigned j = 0; j < 4; j++)
            drawn[j] = random_next(&streams[j]);
        for (unsigned j = 0; j < 4; j++)
            for (unsigned k = 0; k < j; k++)
                assert_true(drawn[j] != drawn[k]);
    }
}

static void every_draw_takes_one_step(void **state)
{
    (void)state;
    struct random_stream below = random_derive(1, "x"), chance = below, plain = below;
    for (unsigned i = 0; i < 100; i++) {
        assert_true(random_below(&below, i + 1) <= i);
        (void)random_happens(&chance, i % 2 ? 0 : 1000000);
        (void)random_next(&plain);
        assert_true(below.state == plain.state && chance.state == plain.state);
    }
}

static void chances_come_true_as_often_as_asked(void **state)
{
    (void)state;
    static const int64_t chances_ppm[] = {0, 10000, 500000, 1000000};
    enum { DRAWS = 100000 };
    for (unsigned i = 0; i < 4; i++) {
        struct random_stream s = random_derive(3, "chance");
        int64_t happened = 0, want = chances_ppm[i] * DRAWS / 1000000;
        for (unsigned j = 0; j < DRAWS; j++)
            happened += random_happens(&s, chances_ppm[i]);
        int64_t slack = i == 0 || i == 3 ? 0 : DRAWS / 200;
        assert_true(happened >= want - slack && happened <= want + slack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_repeats_itself),
        cmocka_unit_test(the_numbers_of_a_seed_never_change),
        cmocka_unit_test(neighbouring_streams_share_nothing),
        cmocka_unit_test(every_draw_takes_one_step),
        cmocka_unit_test(chances_come_true_as_often_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
