/* Builds the lab: a router for each region, a namespace for each place, cables
 * between them, and a shaper between the routers. */
#include "injector/lab.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/lab_backend.h"
#include "injector/lab_map.h"
#include "injector/lab_shaper.h"
#include "injector/netdev.h"
#include "injector/netem.h"
#include "injector/netns.h"
#include "injector/nftables.h"
#include "injector/wan.h"

enum { PLACE_NAME_BYTES = 128, PLACE_DEVICE = 2, V4_PREFIX = 24, V6_PREFIX = 64 };
enum { ROUTER_END = 1, PLACE_END = 2 }; /* last byte of their addresses */

struct lab {
    struct topology topology;
    struct lab_map map;
    struct netns routers[REGIONS_MAX];
    struct nftables *cuts[REGIONS_MAX];
    struct netns namespaces[PLACES_MAX];
    struct place places[PLACES_MAX];
    char names[PLACES_MAX][PLACE_NAME_BYTES];
    struct shaper *shaper;
    struct backend *backend;
    const char *congestion; /* of TCP, in every place */
};

/* --- inside one namespace, before any device is up --- */

static enum err_code settle(void *user, struct err *err)
{
    (void)user;
    /* Addresses count at once: waiting for duplicates would keep IPv6 dead for two
     * seconds. What IPv4 inherits from the machine is set back. */
    static const struct netns_setting settings[] = {
        {"ipv6/conf/all/accept_dad", "0"},   {"ipv6/conf/default/accept_dad", "0"},
        {"ipv6/conf/all/accept_ra", "0"},    {"ipv6/conf/default/accept_ra", "0"},
        {"ipv4/conf/all/rp_filter", "0"},    {"ipv4/conf/default/rp_filter", "0"},
        {"ipv6/conf/all/disable_ipv6", "0"}, {"ipv6/conf/default/disable_ipv6", "0"},
    };
    enum err_code code = ERR_OK;
    for (size_t i = 0; code == ERR_OK && i < ARRAY_LEN(settings); i++)
        code = netns_set(&settings[i], err);
    return code;
}

static enum err_code settle_router(void *user, struct err *err)
{
    /* A detour leaves by the way it came; nobody is to be told of a shorter one. */
    static const struct netns_setting settings[] = {
        {"ipv4/ip_forward", "1"},
        {"ipv6/conf/all/forwarding", "1"},
        {"ipv4/conf/all/send_redirects", "0"},
        {"ipv4/conf/default/send_redirects", "0"},
    };
    enum err_code code = settle(user, err);
    for (size_t i = 0; code == ERR_OK && i < ARRAY_LEN(settings); i++)
        code = netns_set(&settings[i], err);
    return code;
}

/* How TCP answers loss is part of what is measured, so it has a name. A namespace
 * may choose only what the machine allows; everybody has reno. */
static enum err_code settle_place(void *user, struct err *err)
{
    static const struct netns_setting choices[] = {{"ipv4/tcp_congestion_control", "cubic"},
                                                   {"ipv4/tcp_congestion_control", "reno"}};
    const char **chosen = user;
    enum err_code code = settle(NULL, err);
    if (code)
        return code;
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        *chosen = choices[i].value;
        code = netns_set(&choices[i], err);
        if (code == ERR_OK)
            break;
    }
    return code;
}

/* --- places --- */

static void name_place(struct lab *lab, uint32_t place)
{
    const struct topology *t = &lab->topology;
    const char *region = t->regions[lab->map.region[place]].name;
    bool node = place < t->node_count;
    snprintf(lab->names[place], PLACE_NAME_BYTES, "%s%s", node ? "" : "clients-",
             node ? t->nodes[place].name : region);
}

static enum err_code plug_in(struct lab *lab, uint32_t place, struct err *err)
{
    char name[16];
    snprintf(name, sizeof name, "place%u", place);
    uint8_t number = (uint8_t)place;
    struct netdev_end near = {.name = name,
                              .index = DEVICE_PLACE_BASE + (int)place,
                              .mac = {2, 0, 0, 0, ROUTER_END, number}};
    struct netdev_end far = {
        .name = "eth0", .index = PLACE_DEVICE, .mac = {2, 0, 0, 0, PLACE_END, number}};
    return netdev_cable(&lab->routers[lab->map.region[place]], &near, &lab->namespaces[place],
                        &far, err);
}

static enum err_code address_place(struct lab *lab, uint32_t place, enum io_family family,
                                   struct err *err)
{
    const struct netns *router = &lab->routers[lab->map.region[place]];
    const struct netns *ns = &lab->namespaces[place];
    uint8_t prefix = family == IO_IPV4 ? V4_PREFIX : V6_PREFIX;
    struct io_address gate = lab_map_address(&lab->map, place, family, ROUTER_END);
    struct io_address own = lab_map_address(&lab->map, place, family, PLACE_END);
    struct netdev_route out = {
        .to = {.family = family}, .prefix = 0, .via = &gate, .index = PLACE_DEVICE};
    enum err_code code =
        netdev_address(router, DEVICE_PLACE_BASE + (int)place, &gate, prefix, err);
    if (code == ERR_OK)
        code = netdev_address(ns, PLACE_DEVICE, &own, prefix, err);
    if (code == ERR_OK)
        code = netdev_route(ns, &out, err);
    return code;
}

static enum err_code connect_place(struct lab *lab, uint32_t place, struct err *err)
{
    struct netns *ns = &lab->namespaces[place];
    enum err_code code = netns_open(ns, err);
    if (code == ERR_OK)
        code = netns_inside(ns, settle_place, &lab->congestion, err);
    if (code == ERR_OK)
        code = netdev_up(ns, NETDEV_LOOPBACK, err);
    if (code == ERR_OK)
        code = plug_in(lab, place, err);
    if (code == ERR_OK)
        code = address_place(lab, place, IO_IPV4, err);
    return code ? code : address_place(lab, place, IO_IPV6, err);
}

static enum err_code make_place(struct lab *lab, uint32_t place, bool ipv6, struct err *err)
{
    name_place(lab, place);
    if (connect_place(lab, place, err))
        return err_wrap(err, "'%s'", lab->names[place]);
    enum io_family family = ipv6 ? IO_IPV6 : IO_IPV4;
    lab->places[place] = (struct place){
        .name = lab->names[place],
        .host = (uint16_t)place,
        .netns_fd = lab->namespaces[place].fd,
        .cgroup_fd = -1,
        .address = lab_map_address(&lab->map, place, family, PLACE_END),
    };
    return ERR_OK;
}

/* --- routers and what is between them --- */

static enum err_code make_router(struct lab *lab, uint32_t region, struct err *err)
{
    struct netns *ns = &lab->routers[region];
    enum err_code code = netns_open(ns, err);
    if (code == ERR_OK)
        code = netns_inside(ns, settle_router, NULL, err);
    if (code == ERR_OK)
        code = netdev_up(ns, NETDEV_LOOPBACK, err);
    if (code)
        return err_wrap(err, "router of '%s'", lab->topology.regions[region].name);
    return ERR_OK;
}

static enum err_code make_cuts(struct lab *lab, uint32_t region, struct err *err)
{
    struct nftables_spec spec = {.ns = &lab->routers[region],
                                 .map = &lab->map,
                                 .region = region,
                                 .wan_index = DEVICE_WAN};
    if (nftables_open(&spec, &lab->cuts[region], err))
        return err_wrap(err, "router of '%s'", lab->topology.regions[region].name);
    return ERR_OK;
}

/* In a namespace that lasts as long as the question. */
static bool kernel_has_netem(void)
{
    struct err ignored;
    struct netns scratch;
    if (netns_open(&scratch, &ignored))
        return false;
    bool has = netem_try(&scratch, &ignored) == ERR_OK;
    netns_close(&scratch);
    return has;
}

static enum err_code make_shaper(struct lab *lab, const struct lab_setup *setup,
                                 struct err *err)
{
    struct shaper_spec spec = {.map = &lab->map,
                               .topology = &lab->topology,
                               .routers = lab->routers,
                               .seed = setup->seed};
    bool netem =
        setup->shaper == LAB_NETEM || (setup->shaper == LAB_AUTO && kernel_has_netem());
    enum wan_ports ports = setup->shaper == LAB_WAN_TUN ? WAN_PORTS_TUN : WAN_PORTS_PACKET;
    enum err_code code = netem ? netem_open(&spec, &lab->shaper, err)
                               : wan_open(&spec, ports, &lab->shaper, err);
    const char *names[] = {[WAN_PORTS_PACKET] = "wan", [WAN_PORTS_TUN] = "wan-tun"};
    return code ? err_wrap(err, "%s", netem ? "netem" : names[ports]) : ERR_OK;
}

static enum err_code await_devices(struct lab *lab, struct err *err)
{
    enum err_code code = ERR_OK;
    for (uint32_t r = 0; code == ERR_OK && r < lab->map.region_count; r++)
        code = netdev_await_all(&lab->routers[r], err);
    for (uint32_t p = 0; code == ERR_OK && p < lab->map.place_count; p++)
        code = netdev_await_all(&lab->namespaces[p], err);
    return code;
}

static enum err_code make_backend(struct lab *lab, struct err *err)
{
    struct lab_backend_spec spec = {
        .map = &lab->map, .topology = &lab->topology, .cuts = lab->cuts, .shaper = lab->shaper};
    lab->backend = lab_backend_new(&spec);
    return lab->backend ? ERR_OK : err_set(err, ERR_NOMEM, "no memory for a backend");
}

static enum err_code build(struct lab *lab, const struct lab_setup *setup, struct err *err)
{
    enum err_code code = ERR_OK;
    for (uint32_t r = 0; code == ERR_OK && r < lab->map.region_count; r++)
        code = make_router(lab, r, err);
    for (uint32_t p = 0; code == ERR_OK && p < lab->map.place_count; p++)
        code = make_place(lab, p, setup->ipv6, err);
    for (uint32_t r = 0; code == ERR_OK && r < lab->map.region_count; r++)
        code = make_cuts(lab, r, err);
    if (code == ERR_OK)
        code = make_shaper(lab, setup, err);
    if (code == ERR_OK)
        code = await_devices(lab, err);
    return code ? code : make_backend(lab, err);
}

enum err_code lab_new(const struct lab_setup *setup, struct lab **out, struct err *err)
{
    struct lab *lab = calloc(1, sizeof *lab);
    if (!lab)
        return err_set(err, ERR_NOMEM, "no memory for the lab");
    lab->topology = *setup->topology;
    lab->map = lab_map_of(&lab->topology);
    for (uint32_t r = 0; r < REGIONS_MAX; r++)
        lab->routers[r].fd = -1;
    for (uint32_t p = 0; p < PLACES_MAX; p++)
        lab->namespaces[p].fd = -1;
    if (build(lab, setup, err)) {
        lab_free(lab);
        return err_wrap(err, "local network");
    }
    *out = lab;
    return ERR_OK;
}

void lab_free(struct lab *lab)
{
    if (!lab)
        return;
    lab_backend_free(lab->backend);
    if (lab->shaper)
        lab->shaper->ops->free(lab->shaper);
    for (uint32_t r = 0; r < REGIONS_MAX; r++) {
        nftables_close(lab->cuts[r]);
        netns_close(&lab->routers[r]);
    }
    for (uint32_t p = 0; p < PLACES_MAX; p++)
        netns_close(&lab->namespaces[p]);
    free(lab);
}

const struct place *lab_place(const struct lab *lab, uint32_t place)
{
    return place < lab->map.place_count ? &lab->places[place] : NULL;
}

uint32_t lab_place_count(const struct lab *lab)
{
    return lab->map.place_count;
}

struct backend *lab_backend(struct lab *lab)
{
    return lab->backend;
}

const char *lab_shaper_name(const struct lab *lab)
{
    return lab->shaper->ops->name;
}

const char *lab_congestion_control(const struct lab *lab)
{
    return lab->congestion;
}

enum err_code lab_check_health(struct lab *lab, struct err *err)
{
    return lab->shaper->ops->check_health(lab->shaper, err);
}
