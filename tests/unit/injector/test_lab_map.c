#include "tests/support/test.h"

#include <string.h>

#include "injector/lab_map.h"
#include "tests/support/topology.h"

enum { NODES = 6, PLACES = 9 };

static struct lab_map map_of_three(void)
{
    struct topology t = topology_of_three(2);
    return lab_map_of(&t);
}

static void nodes_come_first_and_clients_by_region(void **state)
{
    (void)state;
    struct lab_map map = map_of_three();
    static const uint32_t regions[PLACES] = {0, 0, 1, 1, 2, 2, 0, 1, 2};
    assert_int_equal(map.place_count, PLACES);
    for (uint32_t p = 0; p < PLACES; p++)
        assert_int_equal(map.region[p], regions[p]);
}

static void an_address_leads_back_to_its_place(void **state)
{
    (void)state;
    struct lab_map map = map_of_three();
    for (uint32_t p = 0; p < PLACES; p++)
        for (enum io_family f = IO_IPV4; f <= IO_IPV6; f++) {
            struct io_address a = lab_map_address(&map, p, f, 2);
            assert_int_equal(lab_map_place(&map, f, a.ip), p);
        }
    struct io_address west_2 = lab_map_address(&map, 3, IO_IPV4, 2);
    assert_memory_equal(west_2.ip, ((uint8_t[]){10, 2, 4, 2}), 4);
}

static void strangers_are_nobody(void **state)
{
    (void)state;
    struct lab_map map = map_of_three();
    static const uint8_t strangers[][4] = {
        {10, 2, 1, 2},  /* place 1 is of region 1 */
        {10, 1, 0, 2},  /* there is no place 0 */
        {10, 1, 10, 2}, /* nor a tenth */
        {11, 1, 1, 2},  /* another network */
        {224, 0, 0, 22} /* multicast */
    };
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        assert_int_equal(lab_map_place(&map, IO_IPV4, strangers[i]), PLACE_NONE);
    struct io_address six = lab_map_address(&map, 0, IO_IPV6, 2);
    six.ip[12] = 1;
    assert_int_equal(lab_map_place(&map, IO_IPV6, six.ip), PLACE_NONE);
}

static size_t header(const struct lab_map *map, enum io_family f, uint8_t *out)
{
    size_t size = f == IO_IPV4 ? 20 : 40, at = f == IO_IPV4 ? 12 : 8;
    size_t address = f == IO_IPV4 ? 4 : 16;
    memset(out, 0, size);
    out[0] = f == IO_IPV4 ? 0x45 : 0x60;
    memcpy(out + at, lab_map_address(map, 1, f, 2).ip, address);
    memcpy(out + at + address, lab_map_address(map, 8, f, 2).ip, address);
    return size;
}

static void a_packet_tells_its_two_places(void **state)
{
    (void)state;
    struct lab_map map = map_of_three();
    for (enum io_family f = IO_IPV4; f <= IO_IPV6; f++) {
        uint8_t packet[40];
        struct place_pair pair;
        size_t size = header(&map, f, packet);
        assert_true(lab_map_packet(&map, (struct bytes){packet, size}, &pair));
        assert_int_equal(pair.from, 1);
        assert_int_equal(pair.to, 8);
        /* One byte short, and every shorter one, is no packet. */
        for (size_t less = 0; less < size; less++)
            assert_false(lab_map_packet(&map, (struct bytes){packet, less}, &pair));
        packet[0] = 0x50;
        assert_false(lab_map_packet(&map, (struct bytes){packet, size}, &pair));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_come_first_and_clients_by_region),
        cmocka_unit_test(an_address_leads_back_to_its_place),
        cmocka_unit_test(strangers_are_nobody),
        cmocka_unit_test(a_packet_tells_its_two_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
