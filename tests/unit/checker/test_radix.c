/* Sorting by number, and the least of many. */
#include "tests/support/test.h"

#include "base/random.h"
#include "checker/algorithms/heap.h"
#include "checker/algorithms/radix.h"

enum { ITEMS = 3000 };

static void numbers_of_any_size_are_sorted_and_equal_ones_stay(void **state)
{
    (void)state;
    static struct keyed items[2 * ITEMS];
    struct random_stream random = random_derive(1, "radix");
    for (unsigned bits = 1; bits <= 64; bits += 7) {
        for (uint32_t i = 0; i < ITEMS; i++)
            items[i] = (struct keyed){.key = random_next(&random) >> (64 - bits), .item = i};
        radix_sort(items, items + ITEMS, ITEMS);
        for (size_t i = 1; i < ITEMS; i++) {
            assert_true(items[i - 1].key <= items[i].key);
            if (items[i - 1].key == items[i].key)
                assert_true(items[i - 1].item < items[i].item);
        }
    }
    radix_sort(NULL, NULL, 0);
}

static void the_heap_gives_the_least_first_and_of_equal_ones_the_least_item(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct heap heap;
    struct random_stream random = random_derive(1, "heap");
    assert_true(heap_init(&heap, &arena, ITEMS));
    struct heap_item last = {.key = INT64_MIN};
    for (uint32_t i = 0; i < ITEMS; i++)
        heap_push(&heap, (int64_t)random_below(&random, 1000) - 500, ITEMS - i);
    for (; heap.count > 0; heap_pop(&heap)) {
        assert_true(last.key <= heap.items[0].key);
        if (last.key == heap.items[0].key)
            assert_true(last.item < heap.items[0].item);
        last = heap.items[0];
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_any_size_are_sorted_and_equal_ones_stay),
        cmocka_unit_test(the_heap_gives_the_least_first_and_of_equal_ones_the_least_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
