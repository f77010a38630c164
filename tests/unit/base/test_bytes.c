/* bytes, codec and digest: what everything on a wire or a disk is made of. */
#include "tests/support/test.h"

#include <string.h>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/digest.h"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static void a_buffer_grows_and_drains(void **state)
{
    (void)state;
    struct buffer b = {0};
    assert_true(buffer_append(&b, (struct bytes){0}));
    for (unsigned i = 0; i < 1000; i++)
        assert_true(buffer_append(&b, bytes_of("abc")));
    assert_int_equal(b.size, 3000);
    buffer_drop_front(&b, 2998);
    assert_int_equal(b.size, 2);
    assert_memory_equal(b.at, "bc", 2);
    buffer_drop_front(&b, 0);
    buffer_drop_front(&b, 2);
    assert_int_equal(buffer_bytes(&b).size, 0);
    buffer_done(&b);
    assert_null(b.at);
}

static void absurd_sizes_are_no_memory(void **state)
{
    (void)state;
    struct buffer b = {0};
    assert_true(buffer_append(&b, bytes_of("abc")));
    volatile size_t absurd = SIZE_MAX;
    assert_null(buffer_reserve(&b, absurd));
    assert_null(buffer_reserve(&b, absurd - 4));
    assert_memory_equal(b.at, "abc", 3);
    buffer_done(&b);
}

static void integers_are_big_endian_and_come_back(void **state)
{
    (void)state;
    uint8_t at[13];
    struct writer w = {at, sizeof at};
    write_u8(&w, 0x01);
    write_u32(&w, 0x02030405);
    write_u64(&w, UINT64_C(0x060708090a0b0cff));
    assert_int_equal(w.left_bytes, 0);
    assert_memory_equal(at, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\xff", 13);

    struct reader r = {{at, sizeof at}, false};
    assert_int_equal(read_u8(&r), 0x01);
    assert_int_equal(read_u32(&r), 0x02030405);
    assert_true(read_u64(&r) == UINT64_C(0x060708090a0b0cff));
    assert_false(r.ended_early);
}

static void a_reader_remembers_that_it_ended_early(void **state)
{
    (void)state;
    struct reader r = {bytes_of("abc"), false};
    assert_int_equal(read_u32(&r), 0);
    assert_true(r.ended_early);
    assert_int_equal(read_u8(&r), 0);
    assert_true(r.ended_early);
}

/* The published values of FNV-1a: digests are compared across builds and machines. */
static void digests_are_those_of_fnv1a(void **state)
{
    (void)state;
    assert_true(digest_bytes(DIGEST_START, bytes_of("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(digest_bytes(DIGEST_START, bytes_of("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(digest_bytes(DIGEST_START, bytes_of("foobar")) == UINT64_C(0x85944171f73967e8));
    assert_true(
        digest_u64(DIGEST_START, 0x61) ==
        digest_bytes(DIGEST_START, (struct bytes){(const uint8_t *)"a\0\0\0\0\0\0", 8}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_and_drains),
        cmocka_unit_test(absurd_sizes_are_no_memory),
        cmocka_unit_test(integers_are_big_endian_and_come_back),
        cmocka_unit_test(a_reader_remembers_that_it_ended_early),
        cmocka_unit_test(digests_are_those_of_fnv1a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
