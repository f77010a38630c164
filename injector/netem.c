#include "injector/netem.h"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "injector/netdev.h"
#include "injector/netlink.h"
#include "injector/shape.h"

/* What is under way at once: 100,000 packets a second for 650 ms. */
enum { QUEUE_PACKETS = 65536 };

struct netem {
    struct shaper base;
    const struct lab_map *map;
    const struct topology *topology;
    struct netns routers[REGIONS_MAX]; /* borrowed */
    struct link_shape now[REGIONS_MAX][REGIONS_MAX];
    bool unsure[REGIONS_MAX][REGIONS_MAX]; /* a change failed that may have come to pass */
    bool lossy[REGIONS_MAX][REGIONS_MAX];  /* was ever asked to lose packets */
};

static struct netem *netem_of(struct shaper *s)
{
    return CONTAINER_OF(s, struct netem, base);
}

static int device_towards(uint32_t region)
{
    return DEVICE_REGION_BASE + (int)region;
}

/* --- one queueing discipline --- */

/* Shares are 32-bit fractions there. */
static uint32_t fraction(int64_t ppm)
{
    return (uint32_t)((uint64_t)ppm * UINT32_MAX / 1000000);
}

static void put_options(struct request *r, const struct link_shape *shape)
{
    struct tc_netem_qopt fixed = {.limit = QUEUE_PACKETS,
                                  .loss = fraction(shape->loss_ppm),
                                  .duplicate = fraction(shape->duplicate_ppm)};
    struct tc_netem_reorder reorder = {.probability = fraction(shape->reorder_ppm)};
    /* A gap of 1 lets any packet overtake, each with the probability. */
    fixed.gap = shape->reorder_ppm ? 1 : 0;
    struct nlattr *nest = request_nest(r, TCA_OPTIONS);
    request_append(r, &fixed, sizeof fixed);
    request_put(r, TCA_NETEM_LATENCY64, &shape->delay_ns, sizeof shape->delay_ns);
    request_put(r, TCA_NETEM_JITTER64, &shape->jitter_ns, sizeof shape->jitter_ns);
    request_put(r, TCA_NETEM_REORDER, &reorder, sizeof reorder);
    request_end(r, nest);
}

/* The same handle again changes the options in place; packets under way stay. */
static enum err_code set_netem(const struct netns *ns, int device,
                               const struct link_shape *shape, struct err *err)
{
    enum { HANDLE = 1 << 16 };
    struct tcmsg header = {
        .tcm_ifindex = device, .tcm_parent = TC_H_ROOT, .tcm_handle = HANDLE};
    struct request r = request_begin(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
                                     (struct bytes){(const uint8_t *)&header, sizeof header});
    request_text(&r, TCA_KIND, "netem");
    put_options(&r, shape);
    return netlink_ask(ns->route, &r, err);
}

enum err_code netem_try(const struct netns *ns, struct err *err)
{
    struct link_shape some = {.delay_ns = NS_PER_MS};
    if (set_netem(ns, NETDEV_LOOPBACK, &some, err))
        return err_wrap(err, "netem");
    return ERR_OK;
}

/* --- the shape of a link between regions --- */

static enum err_code refuse(const struct netem *n, struct place_pair regions, struct err *err)
{
    const struct region *names = n->topology->regions;
    if (regions.from == regions.to)
        return err_set(err, ERR_UNSUPPORTED,
                       "netem shapes links between regions only, and this would shape one "
                       "inside '%s'; the `wan` shaper can",
                       names[regions.from].name);
    return err_set(err, ERR_UNSUPPORTED,
                   "netem shapes whole links between regions, and this would treat places "
                   "differently from '%s' to '%s'; the `wan` shaper can",
                   names[regions.from].name, names[regions.to].name);
}

/* The one shape that every pair of places between two regions has. Each pair is
 * compared with that of the regions' clients, which always exist. */
static const struct link_shape *
shape_between(const struct netem *n, const struct link_table *table, struct place_pair regions)
{
    uint32_t clients = n->map->node_count;
    return &table->at[clients + regions.from][clients + regions.to];
}

static enum err_code netem_check(const struct shaper *s, const struct link_table *table,
                                 struct err *err)
{
    const struct netem *n = (const struct netem *)s;
    static const struct link_shape perfect;
    for (uint32_t from = 0; from < n->map->place_count; from++)
        for (uint32_t to = 0; to < n->map->place_count; to++) {
            struct place_pair regions = {n->map->region[from], n->map->region[to]};
            const struct link_shape *expected =
                regions.from == regions.to ? &perfect : shape_between(n, table, regions);
            if (from != to && !shaped_alike(&table->at[from][to], expected))
                return refuse(n, regions, err);
        }
    return ERR_OK;
}

static enum err_code change_link(struct netem *n, const struct link_table *table,
                                 struct place_pair regions, struct err *err)
{
    const struct link_shape *wanted = shape_between(n, table, regions);
    struct link_shape *now = &n->now[regions.from][regions.to];
    bool *unsure = &n->unsure[regions.from][regions.to];
    if (shaped_alike(now, wanted) && !*unsure)
        return ERR_OK;
    *unsure = true;
    if (set_netem(&n->routers[regions.from], device_towards(regions.to), wanted, err))
        return err_wrap(err, "link %s>%s", n->topology->regions[regions.from].name,
                        n->topology->regions[regions.to].name);
    *now = *wanted;
    *unsure = false;
    n->lossy[regions.from][regions.to] |= wanted->loss_ppm > 0;
    return ERR_OK;
}

static enum err_code netem_apply(struct shaper *s, const struct link_table *table,
                                 struct err *err)
{
    struct netem *n = netem_of(s);
    uint32_t count = n->map->region_count;
    enum err_code code = netem_check(s, table, err);
    for (uint32_t i = 0; code == ERR_OK && i < count * count; i++) {
        struct place_pair regions = {i / count, i % count};
        if (regions.from != regions.to)
            code = change_link(n, table, regions, err);
    }
    return code;
}

/* --- counters: of a region's link, so the same for each of its pairs --- */

struct reading {
    const struct netem *netem;
    uint32_t from;
    struct shaper_counts *out;
};

static struct shaper_count read_stats(struct nlattr *stats)
{
    struct shaper_count count = {0};
    struct nlattr *at[TCA_STATS_MAX + 1];
    if (nla_parse_nested(at, TCA_STATS_MAX, stats, NULL) < 0)
        return count;
    struct gnet_stats_basic basic;
    struct gnet_stats_queue queue;
    if (at[TCA_STATS_BASIC] && nla_memcpy(&basic, at[TCA_STATS_BASIC], sizeof basic) > 0) {
        count.packets = basic.packets;
        count.bytes = basic.bytes;
    }
    if (at[TCA_STATS_QUEUE] && nla_memcpy(&queue, at[TCA_STATS_QUEUE], sizeof queue) > 0)
        count.dropped = queue.drops;
    return count;
}

static void spread(const struct reading *rd, uint32_t region, struct shaper_count count)
{
    const struct lab_map *map = rd->netem->map;
    for (uint32_t from = 0; from < map->place_count; from++)
        for (uint32_t to = 0; to < map->place_count; to++)
            if (map->region[from] == rd->from && map->region[to] == region)
                rd->out->of[from][to] = count;
}

static void read_device(void *user, struct nlmsghdr *m)
{
    struct reading *rd = user;
    struct nlattr *at[TCA_MAX + 1];
    if (nlmsg_parse(m, sizeof(struct tcmsg), at, TCA_MAX, NULL) < 0 || !at[TCA_STATS2])
        return;
    const struct tcmsg *header = nlmsg_data(m);
    int region = header->tcm_ifindex - DEVICE_REGION_BASE;
    if (region >= 0 && region < (int)rd->netem->map->region_count)
        spread(rd, (uint32_t)region, read_stats(at[TCA_STATS2]));
}

static enum err_code netem_count(struct shaper *s, struct shaper_counts *out, struct err *err)
{
    struct netem *n = netem_of(s);
    enum err_code code = ERR_OK;
    for (uint32_t r = 0; code == ERR_OK && r < n->map->region_count; r++) {
        struct reading rd = {n, r, out};
        struct tcmsg header = {.tcm_family = AF_UNSPEC};
        struct request q = request_begin(
            RTM_GETQDISC, NLM_F_DUMP, (struct bytes){(const uint8_t *)&header, sizeof header});
        code = netlink_list(n->routers[r].route, &q, read_device, &rd, err);
    }
    return code;
}

/* A link that was never to lose anything drops only when its queue runs over. */
static enum err_code check_link(const struct netem *n, const struct shaper_counts *counts,
                                struct place_pair regions, struct err *err)
{
    uint32_t clients = n->map->node_count;
    uint64_t dropped = counts->of[clients + regions.from][clients + regions.to].dropped;
    if (dropped == 0 || n->lossy[regions.from][regions.to])
        return ERR_OK;
    return err_set(err, ERR_LIMIT,
                   "%llu packets from '%s' to '%s' were lost without being asked to: netem's "
                   "queue of %d packets ran over",
                   (unsigned long long)dropped, n->topology->regions[regions.from].name,
                   n->topology->regions[regions.to].name, QUEUE_PACKETS);
}

static enum err_code netem_check_health(struct shaper *s, struct err *err)
{
    struct netem *n = netem_of(s);
    uint32_t count = n->map->region_count;
    struct shaper_counts *counts = calloc(1, sizeof *counts);
    if (!counts)
        return err_set(err, ERR_NOMEM, "no memory for counters");
    enum err_code code = netem_count(s, counts, err);
    for (uint32_t i = 0; code == ERR_OK && i < count * count; i++)
        if (i / count != i % count)
            code = check_link(n, counts, (struct place_pair){i / count, i % count}, err);
    free(counts);
    return code;
}

static void netem_free(struct shaper *s)
{
    free(netem_of(s)); /* the devices go with the routers' namespaces */
}

static const struct shaper_ops netem_ops = {
    .name = "netem",
    .check = netem_check,
    .apply = netem_apply,
    .count = netem_count,
    .check_health = netem_check_health,
    .free = netem_free,
};

/* --- the mesh --- */

/* The end in `at` of the cable between two regions. */
static struct netdev_end mesh_end(uint32_t at, uint32_t towards, char name[16])
{
    snprintf(name, 16, "region%u", towards);
    return (struct netdev_end){.name = name,
                               .index = device_towards(towards),
                               .mac = {2, 0, 0, 3, (uint8_t)at, (uint8_t)towards}};
}

/* A small network for each cable, named after its two regions. */
static struct io_address mesh_address(enum io_family family, struct place_pair cable,
                                      uint8_t last)
{
    uint8_t a = (uint8_t)(cable.from + 1), b = (uint8_t)(cable.to + 1);
    if (family == IO_IPV4)
        return (struct io_address){.family = family, .ip = {10, (uint8_t)(100 + a), b, last}};
    return (struct io_address){.family = family,
                               .ip = {0xfd, [5] = 0xff, [7] = a, [9] = b, [15] = last}};
}

/* From `at` to the places of `towards`, over the far end of the cable. */
static enum err_code route_to(const struct netns *router, uint32_t towards,
                              const struct io_address *via, struct err *err)
{
    struct netdev_route route = {.via = via, .index = device_towards(towards)};
    uint8_t number = (uint8_t)(towards + 1);
    if (via->family == IO_IPV4) {
        route.to = (struct io_address){.family = IO_IPV4, .ip = {10, number}};
        route.prefix = 16;
    } else {
        route.to = (struct io_address){.family = IO_IPV6, .ip = {0xfd, [5] = number}};
        route.prefix = 48;
    }
    return netdev_route(router, &route, err);
}

static enum err_code address_end(struct netem *n, uint32_t at, uint32_t towards,
                                 enum io_family family, struct err *err)
{
    struct place_pair cable =
        at < towards ? (struct place_pair){at, towards} : (struct place_pair){towards, at};
    uint8_t mine = at < towards ? 1 : 2;
    struct io_address here = mesh_address(family, cable, mine);
    struct io_address there = mesh_address(family, cable, (uint8_t)(3 - mine));
    char name[16];
    struct netdev_end far = mesh_end(towards, at, name);
    const struct netns *router = &n->routers[at];
    int device = device_towards(towards);
    enum err_code code =
        netdev_address(router, device, &here, family == IO_IPV4 ? 24 : 80, err);
    /* Or the first packets would wait for a question to go there and back. */
    if (code == ERR_OK)
        code = netdev_neighbour(router, device, &there, far.mac, err);
    return code ? code : route_to(router, towards, &there, err);
}

static enum err_code plain_end(void *user, struct err *err)
{
    return netdev_plain_packets(user, err);
}

static enum err_code prepare_end(struct netem *n, uint32_t at, uint32_t towards,
                                 struct err *err)
{
    char name[16];
    (void)mesh_end(at, towards, name);
    enum err_code code = address_end(n, at, towards, IO_IPV4, err);
    if (code == ERR_OK)
        code = address_end(n, at, towards, IO_IPV6, err);
    if (code == ERR_OK)
        code = netns_inside(&n->routers[at], plain_end, name, err);
    if (code == ERR_OK)
        code = set_netem(&n->routers[at], device_towards(towards), &n->now[at][towards], err);
    return code;
}

static enum err_code lay_cable(struct netem *n, uint32_t a, uint32_t b, struct err *err)
{
    char near_name[16], far_name[16];
    struct netdev_end near = mesh_end(a, b, near_name), far = mesh_end(b, a, far_name);
    enum err_code code = netdev_cable(&n->routers[a], &near, &n->routers[b], &far, err);
    if (code == ERR_OK)
        code = prepare_end(n, a, b, err);
    if (code == ERR_OK)
        code = prepare_end(n, b, a, err);
    if (code)
        return err_wrap(err, "link between '%s' and '%s'", n->topology->regions[a].name,
                        n->topology->regions[b].name);
    return ERR_OK;
}

enum err_code netem_open(const struct shaper_spec *spec, struct shaper **out, struct err *err)
{
    struct netem *n = calloc(1, sizeof *n);
    if (!n)
        return err_set(err, ERR_NOMEM, "no memory for the links between regions");
    n->base.ops = &netem_ops;
    n->map = spec->map;
    n->topology = spec->topology;
    for (uint32_t r = 0; r < spec->map->region_count; r++)
        n->routers[r] = spec->routers[r];
    enum err_code code = ERR_OK;
    for (uint32_t a = 0; a < spec->map->region_count; a++)
        for (uint32_t b = a + 1; code == ERR_OK && b < spec->map->region_count; b++)
            code = lay_cable(n, a, b, err);
    if (code)
        netem_free(&n->base);
    else
        *out = &n->base;
    return code;
}
