#include "injector/lab_map.h"

#include <assert.h>
#include <string.h>

struct lab_map lab_map_of(const struct topology *topology)
{
    struct lab_map map = {.region_count = topology->region_count,
                          .node_count = topology->node_count,
                          .place_count = topology->node_count + topology->region_count};
    assert(map.place_count <= PLACES_MAX);
    for (uint32_t n = 0; n < map.node_count; n++)
        map.region[n] = topology->nodes[n].region;
    for (uint32_t r = 0; r < map.region_count; r++)
        map.region[map.node_count + r] = r;
    return map;
}

struct io_address lab_map_address(const struct lab_map *map, uint32_t place,
                                  enum io_family family, uint8_t last)
{
    assert(place < map->place_count && family != IO_SIM_HOST);
    uint8_t region = (uint8_t)(map->region[place] + 1), number = (uint8_t)(place + 1);
    if (family == IO_IPV4)
        return (struct io_address){.family = IO_IPV4, .ip = {10, region, number, last}};
    return (struct io_address){.family = IO_IPV6,
                               .ip = {0xfd, [5] = region, [7] = number, [15] = last}};
}

uint32_t lab_map_place(const struct lab_map *map, enum io_family family, const uint8_t *ip)
{
    uint32_t number = ip[family == IO_IPV4 ? 2 : 7];
    if (number == 0 || number > map->place_count)
        return PLACE_NONE;
    /* Everything but the last byte must be as we gave it out. */
    struct io_address ours = lab_map_address(map, number - 1, family, 0);
    return memcmp(ours.ip, ip, family == IO_IPV4 ? 3 : 15) == 0 ? number - 1 : PLACE_NONE;
}

bool lab_map_packet(const struct lab_map *map, struct bytes packet, struct place_pair *out)
{
    enum { V4_HEADER = 20, V4_SOURCE = 12, V4_TARGET = 16 };
    enum { V6_HEADER = 40, V6_SOURCE = 8, V6_TARGET = 24 };
    unsigned version = packet.size ? packet.at[0] >> 4 : 0;
    if (version == 4 && packet.size >= V4_HEADER) {
        out->from = lab_map_place(map, IO_IPV4, packet.at + V4_SOURCE);
        out->to = lab_map_place(map, IO_IPV4, packet.at + V4_TARGET);
    } else if (version == 6 && packet.size >= V6_HEADER) {
        out->from = lab_map_place(map, IO_IPV6, packet.at + V6_SOURCE);
        out->to = lab_map_place(map, IO_IPV6, packet.at + V6_TARGET);
    } else {
        return false;
    }
    return out->from != PLACE_NONE && out->to != PLACE_NONE;
}
