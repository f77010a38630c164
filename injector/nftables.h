/* The rules of one region's router: which pairs of places may not talk, and which
 * take the way through the WAN although they are neighbours.
 *
 * The table belongs to our socket, so the kernel removes it with us. Each rule looks
 * a packet's two addresses up in a set; a change of plan is a change of elements, in
 * one batch that holds as a whole. Written as raw nf_tables messages because
 * libnftables ends the process when memory runs out. */
#ifndef INJECTOR_NFTABLES_H
#define INJECTOR_NFTABLES_H

#include "injector/lab_map.h"
#include "injector/netns.h"

enum nftables_set { SET_CUT, SET_DETOUR, SETS };

/* Routed by the table of this number (netdev_rule) when marked so. */
enum { DETOUR_MARK = 1, DETOUR_TABLE = 100 };

/* Of every table of ours. */
#define NFTABLES_NAME "faultline"

struct nftables;

struct nftables_spec {
    const struct netns *ns;    /* of the router */
    const struct lab_map *map; /* outlives the table */
    uint32_t region;
    int wan_index; /* packets from this device have had their detour */
};

enum err_code nftables_open(const struct nftables_spec *spec, struct nftables **out,
                            struct err *err) MUST_CHECK;

/* Make the pairs that leave this region be exactly those of `wanted`, by set. On
 * failure the ones before stay. */
enum err_code nftables_change(struct nftables *t, const struct link_set wanted[SETS],
                              struct err *err) MUST_CHECK;

/* What cuts have dropped since the table was made, by pair; others stay as they are. */
struct nftables_count {
    uint64_t packets, bytes;
};
struct nftables_counts {
    struct nftables_count of[PLACES_MAX][PLACES_MAX]; /* [from][to] */
};
enum err_code nftables_read(struct nftables *t, struct nftables_counts *out,
                            struct err *err) MUST_CHECK;

/* Closing the socket is what removes the rules. */
void nftables_close(struct nftables *t);

#endif
