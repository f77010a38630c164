/* Contents: messages - expressions - sets and rules - the table - changes - counters */
#include "injector/nftables.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "injector/netlink.h"

enum { ELEMENTS_PER_MESSAGE = 256, V4 = 4, V6 = 16 };

struct nftables {
    struct nl_sock *socket; /* the lease */
    const struct lab_map *map;
    uint32_t region;
    struct link_set now[SETS];
    bool unsure; /* a change failed that may have come to pass: `now` is a guess */
    struct nftables_counts retired; /* of elements that were taken away */
    struct nftables_counts last_read;
};

/* One set per purpose and address family. */
static const struct set_spec {
    const char *name;
    enum nftables_set set;
    enum io_family family;
    uint32_t id; /* within the batch that makes it */
    bool counts;
} specs[] = {
    {"cut4", SET_CUT, IO_IPV4, 1, true},
    {"cut6", SET_CUT, IO_IPV6, 2, true},
    {"detour4", SET_DETOUR, IO_IPV4, 3, false},
    {"detour6", SET_DETOUR, IO_IPV6, 4, false},
};

static uint32_t address_bytes(const struct set_spec *spec)
{
    return spec->family == IO_IPV4 ? V4 : V6;
}

/* --- messages --- */

static struct request message(int type, int flags)
{
    struct nfgenmsg header = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};
    return request_begin(NFNL_SUBSYS_NFTABLES << 8 | type, flags,
                         (struct bytes){(const uint8_t *)&header, sizeof header});
}

static void put_value(struct request *r, int attribute, const void *data, size_t size)
{
    struct nlattr *nest = request_nest(r, attribute);
    request_put(r, NFTA_DATA_VALUE, data, size);
    request_end(r, nest);
}

/* --- expressions: the small machine that a rule is written for --- */

struct expression {
    struct nlattr *element, *data;
};

static struct expression expression_begin(struct request *r, const char *name)
{
    struct expression e = {.element = request_nest(r, NFTA_LIST_ELEM)};
    request_text(r, NFTA_EXPR_NAME, name);
    e.data = request_nest(r, NFTA_EXPR_DATA);
    return e;
}

static void expression_end(struct request *r, struct expression e)
{
    request_end(r, e.data);
    request_end(r, e.element);
}

static void load_meta(struct request *r, uint32_t key)
{
    struct expression e = expression_begin(r, "meta");
    request_be32(r, NFTA_META_KEY, key);
    request_be32(r, NFTA_META_DREG, NFT_REG_1);
    expression_end(r, e);
}

static void compare(struct request *r, uint32_t how, const void *value, size_t size)
{
    struct expression e = expression_begin(r, "cmp");
    request_be32(r, NFTA_CMP_SREG, NFT_REG_1);
    request_be32(r, NFTA_CMP_OP, how);
    put_value(r, NFTA_CMP_DATA, value, size);
    expression_end(r, e);
}

static void load_header(struct request *r, uint32_t reg, uint32_t offset, uint32_t size)
{
    struct expression e = expression_begin(r, "payload");
    request_be32(r, NFTA_PAYLOAD_DREG, reg);
    request_be32(r, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
    request_be32(r, NFTA_PAYLOAD_OFFSET, offset);
    request_be32(r, NFTA_PAYLOAD_LEN, size);
    expression_end(r, e);
}

static void look_up(struct request *r, const struct set_spec *spec)
{
    struct expression e = expression_begin(r, "lookup");
    request_text(r, NFTA_LOOKUP_SET, spec->name);
    request_be32(r, NFTA_LOOKUP_SET_ID, spec->id);
    request_be32(r, NFTA_LOOKUP_SREG, NFT_REG32_00);
    expression_end(r, e);
}

static void drop(struct request *r)
{
    struct expression e = expression_begin(r, "immediate");
    request_be32(r, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    struct nlattr *data = request_nest(r, NFTA_IMMEDIATE_DATA);
    struct nlattr *verdict = request_nest(r, NFTA_DATA_VERDICT);
    request_be32(r, NFTA_VERDICT_CODE, NF_DROP);
    request_end(r, verdict);
    request_end(r, data);
    expression_end(r, e);
}

static void set_mark(struct request *r, uint32_t mark)
{
    struct expression e = expression_begin(r, "immediate");
    request_be32(r, NFTA_IMMEDIATE_DREG, NFT_REG_1);
    put_value(r, NFTA_IMMEDIATE_DATA, &mark, sizeof mark);
    expression_end(r, e);
    e = expression_begin(r, "meta");
    request_be32(r, NFTA_META_KEY, NFT_META_MARK);
    request_be32(r, NFTA_META_SREG, NFT_REG_1);
    expression_end(r, e);
}

/* --- what the table is made of --- */

static struct request table_message(void)
{
    struct request r = message(NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
    request_text(&r, NFTA_TABLE_NAME, NFTABLES_NAME);
    request_be32(&r, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
    return r;
}

static struct request chain_message(const char *name, uint32_t hook, int32_t priority)
{
    struct request r = message(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    request_text(&r, NFTA_CHAIN_TABLE, NFTABLES_NAME);
    request_text(&r, NFTA_CHAIN_NAME, name);
    request_text(&r, NFTA_CHAIN_TYPE, "filter");
    struct nlattr *nest = request_nest(&r, NFTA_CHAIN_HOOK);
    request_be32(&r, NFTA_HOOK_HOOKNUM, hook);
    request_be32(&r, NFTA_HOOK_PRIORITY, (uint32_t)priority);
    request_end(&r, nest);
    return r;
}

static struct request set_message(const struct set_spec *spec)
{
    /* The name of "source address . destination address" for who lists the table. */
    uint32_t address_type = spec->family == IO_IPV4 ? 7 : 8;
    struct request r = message(NFT_MSG_NEWSET, NLM_F_CREATE);
    request_text(&r, NFTA_SET_TABLE, NFTABLES_NAME);
    request_text(&r, NFTA_SET_NAME, spec->name);
    request_be32(&r, NFTA_SET_ID, spec->id);
    request_be32(&r, NFTA_SET_FLAGS, spec->counts ? NFT_SET_EXPR : 0);
    request_be32(&r, NFTA_SET_KEY_TYPE, address_type << 6 | address_type);
    request_be32(&r, NFTA_SET_KEY_LEN, 2 * address_bytes(spec));
    if (spec->counts) {
        struct nlattr *nest = request_nest(&r, NFTA_SET_EXPR);
        request_text(&r, NFTA_EXPR_NAME, "counter");
        struct nlattr *data = request_nest(&r, NFTA_EXPR_DATA);
        request_end(&r, data);
        request_end(&r, nest);
    }
    return r;
}

/* Both addresses, one behind the other in the registers, are the set's key. */
static void match_pair(struct request *r, const struct set_spec *spec)
{
    uint8_t protocol = spec->family == IO_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
    uint32_t size = address_bytes(spec), source = spec->family == IO_IPV4 ? 12 : 8;
    load_meta(r, NFT_META_NFPROTO);
    compare(r, NFT_CMP_EQ, &protocol, sizeof protocol);
    load_header(r, NFT_REG32_00, source, size);
    load_header(r, NFT_REG32_00 + size / 4, source + size, size);
    look_up(r, spec);
}

static struct request rule_message(const struct set_spec *spec, int wan_index)
{
    bool cuts = spec->set == SET_CUT;
    uint32_t wan = (uint32_t)wan_index;
    struct request r = message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    request_text(&r, NFTA_RULE_TABLE, NFTABLES_NAME);
    request_text(&r, NFTA_RULE_CHAIN, cuts ? "cut" : "detour");
    struct nlattr *nest = request_nest(&r, NFTA_RULE_EXPRESSIONS);
    if (!cuts) {
        load_meta(&r, NFT_META_IIF);
        compare(&r, NFT_CMP_NEQ, &wan, sizeof wan);
    }
    match_pair(&r, spec);
    if (cuts)
        drop(&r);
    else
        set_mark(&r, DETOUR_MARK);
    request_end(&r, nest);
    return r;
}

static void add(struct netlink_batch *b, struct request r)
{
    netlink_batch_add(b, &r);
}

static enum err_code make_table(struct nftables *t, int wan_index, struct err *err)
{
    enum { BEFORE_ROUTING_PRIORITY = -150 };
    struct netlink_batch b;
    netlink_batch_begin(&b, t->socket, NFNL_SUBSYS_NFTABLES);
    add(&b, table_message());
    add(&b, chain_message("cut", NF_INET_FORWARD, 0));
    add(&b, chain_message("detour", NF_INET_PRE_ROUTING, BEFORE_ROUTING_PRIORITY));
    for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
        add(&b, set_message(&specs[i]));
        add(&b, rule_message(&specs[i], wan_index));
    }
    return netlink_batch_commit(&b, err);
}

/* --- is it really ours? --- */

struct ownership {
    uint32_t flags, owner;
};

static void note_owner(void *user, struct nlmsghdr *m)
{
    struct ownership *o = user;
    struct nlattr *at[NFTA_TABLE_MAX + 1];
    if (nlmsg_parse(m, sizeof(struct nfgenmsg), at, NFTA_TABLE_MAX, NULL) < 0)
        return;
    if (at[NFTA_TABLE_FLAGS])
        o->flags = ntohl(nla_get_u32(at[NFTA_TABLE_FLAGS]));
    if (at[NFTA_TABLE_OWNER])
        o->owner = ntohl(nla_get_u32(at[NFTA_TABLE_OWNER]));
}

/* An old kernel ignores the flag, and the rules would outlive us. */
static enum err_code check_owner(struct nftables *t, struct err *err)
{
    struct ownership o = {0};
    struct request r = message(NFT_MSG_GETTABLE, NLM_F_ACK);
    request_text(&r, NFTA_TABLE_NAME, NFTABLES_NAME);
    if (netlink_list(t->socket, &r, note_owner, &o, err))
        return err->code;
    if (!(o.flags & NFT_TABLE_F_OWNER) || o.owner != nl_socket_get_local_port(t->socket))
        return err_set(err, ERR_UNSUPPORTED,
                       "the kernel does not know tables with an owner (Linux 5.12 does)");
    return ERR_OK;
}

static enum err_code open_table(struct nftables *t, const struct nftables_spec *spec,
                                struct err *err)
{
    enum err_code code = netns_socket(spec->ns, NETLINK_NETFILTER, &t->socket, err);
    if (code == ERR_OK)
        code = make_table(t, spec->wan_index, err);
    return code ? code : check_owner(t, err);
}

enum err_code nftables_open(const struct nftables_spec *spec, struct nftables **out,
                            struct err *err)
{
    struct nftables *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(err, ERR_NOMEM, "no memory for an nftables table");
    t->map = spec->map;
    t->region = spec->region;
    if (open_table(t, spec, err)) {
        nftables_close(t);
        return err_wrap(err, "nftables");
    }
    *out = t;
    return ERR_OK;
}

void nftables_close(struct nftables *t)
{
    if (!t)
        return;
    netlink_close(t->socket);
    free(t);
}

/* --- changes --- */

static void put_element(struct request *r, const struct set_spec *spec,
                        const struct lab_map *map, struct place_pair pair)
{
    enum { PLACE_ADDRESS = 2 };
    uint8_t key[2 * V6];
    size_t size = address_bytes(spec);
    struct io_address from = lab_map_address(map, pair.from, spec->family, PLACE_ADDRESS);
    struct io_address to = lab_map_address(map, pair.to, spec->family, PLACE_ADDRESS);
    memcpy(key, from.ip, size);
    memcpy(key + size, to.ip, size);
    struct nlattr *element = request_nest(r, NFTA_LIST_ELEM);
    put_value(r, NFTA_SET_ELEM_KEY, key, 2 * size);
    request_end(r, element);
}

/* Over the pairs that leave our region and are in `these` and not in `those`. */
struct walk {
    const struct nftables *table;
    const struct link_set *these, *those;
    uint32_t at; /* number of the next pair to look at */
};

static bool next_pair(struct walk *w, struct place_pair *out)
{
    const struct lab_map *map = w->table->map;
    uint32_t count = map->place_count;
    for (; w->at < count * count; w->at++) {
        struct place_pair p = {w->at / count, w->at % count};
        if (map->region[p.from] != w->table->region || !w->these->on[p.from][p.to] ||
            w->those->on[p.from][p.to])
            continue;
        w->at++;
        *out = p;
        return true;
    }
    return false;
}

/* Returns whether anything was to be said. */
static bool add_elements(struct netlink_batch *b, int type, const struct set_spec *spec,
                         struct walk w)
{
    struct place_pair pair;
    bool some = next_pair(&w, &pair), more = some;
    while (more) {
        struct request r = message(type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);
        request_text(&r, NFTA_SET_ELEM_LIST_TABLE, NFTABLES_NAME);
        request_text(&r, NFTA_SET_ELEM_LIST_SET, spec->name);
        struct nlattr *nest = request_nest(&r, NFTA_SET_ELEM_LIST_ELEMENTS);
        for (unsigned n = 0; more && n < ELEMENTS_PER_MESSAGE; n++) {
            put_element(&r, spec, w.table->map, pair);
            more = next_pair(&w, &pair);
        }
        request_end(&r, nest);
        netlink_batch_add(b, &r);
    }
    return some;
}

static void add_flush(struct netlink_batch *b, const struct set_spec *spec)
{
    struct request r = message(NFT_MSG_DELSETELEM, 0);
    request_text(&r, NFTA_SET_ELEM_LIST_TABLE, NFTABLES_NAME);
    request_text(&r, NFTA_SET_ELEM_LIST_SET, spec->name);
    netlink_batch_add(b, &r);
}

static bool add_changes(struct netlink_batch *b, const struct nftables *t,
                        const struct link_set wanted[SETS])
{
    static const struct link_set none;
    bool some = t->unsure;
    for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
        const struct link_set *now = t->unsure ? &none : &t->now[specs[i].set];
        const struct link_set *want = &wanted[specs[i].set];
        if (t->unsure)
            add_flush(b, &specs[i]);
        some |= add_elements(b, NFT_MSG_DELSETELEM, &specs[i], (struct walk){t, now, want, 0});
        some |= add_elements(b, NFT_MSG_NEWSETELEM, &specs[i], (struct walk){t, want, now, 0});
    }
    return some;
}

/* Is there an element that would go? */
static bool takes_away(const struct nftables *t, const struct link_set *wanted)
{
    struct place_pair p;
    struct walk gone = {t, &t->now[SET_CUT], wanted, 0};
    return t->unsure || next_pair(&gone, &p);
}

/* An element takes its counter with it: keep what was read just before. */
static void retire(struct nftables *t, const struct link_set *wanted)
{
    struct place_pair p;
    struct walk gone = {t, &t->now[SET_CUT], wanted, 0};
    if (t->unsure)
        t->retired = t->last_read;
    while (!t->unsure && next_pair(&gone, &p))
        t->retired.of[p.from][p.to] = t->last_read.of[p.from][p.to];
}

enum err_code nftables_change(struct nftables *t, const struct link_set wanted[SETS],
                              struct err *err)
{
    struct netlink_batch b;
    bool takes = takes_away(t, &wanted[SET_CUT]);
    if (takes && nftables_read(t, &t->last_read, err))
        return err_wrap(err, "counters of cuts");
    netlink_batch_begin(&b, t->socket, NFNL_SUBSYS_NFTABLES);
    if (!add_changes(&b, t, wanted)) {
        netlink_batch_free(&b);
        return ERR_OK;
    }
    if (netlink_batch_commit(&b, err)) {
        /* It may be the answer that was lost: next time everything is said anew. */
        t->unsure = true;
        return err_wrap(err, "nftables");
    }
    if (takes)
        retire(t, &wanted[SET_CUT]);
    for (size_t s = 0; s < SETS; s++)
        t->now[s] = wanted[s];
    t->unsure = false;
    return ERR_OK;
}

/* --- counters --- */

struct reading {
    const struct lab_map *map;
    const struct set_spec *spec;
    struct nftables_counts *out;
};

static void add_counter(struct nlattr *expression, struct nftables_count *count)
{
    struct nlattr *at[NFTA_EXPR_MAX + 1], *counter[NFTA_COUNTER_MAX + 1];
    if (nla_parse_nested(at, NFTA_EXPR_MAX, expression, NULL) < 0 || !at[NFTA_EXPR_DATA] ||
        nla_parse_nested(counter, NFTA_COUNTER_MAX, at[NFTA_EXPR_DATA], NULL) < 0 ||
        !counter[NFTA_COUNTER_BYTES] || !counter[NFTA_COUNTER_PACKETS])
        return;
    count->packets += be64toh(nla_get_u64(counter[NFTA_COUNTER_PACKETS]));
    count->bytes += be64toh(nla_get_u64(counter[NFTA_COUNTER_BYTES]));
}

static void read_element(struct reading *rd, struct nlattr *element)
{
    struct nlattr *at[NFTA_SET_ELEM_MAX + 1], *key[NFTA_DATA_MAX + 1];
    size_t size = address_bytes(rd->spec);
    if (nla_parse_nested(at, NFTA_SET_ELEM_MAX, element, NULL) < 0 || !at[NFTA_SET_ELEM_KEY] ||
        !at[NFTA_SET_ELEM_EXPR] ||
        nla_parse_nested(key, NFTA_DATA_MAX, at[NFTA_SET_ELEM_KEY], NULL) < 0 ||
        !key[NFTA_DATA_VALUE] || (size_t)nla_len(key[NFTA_DATA_VALUE]) != 2 * size)
        return;
    const uint8_t *ip = nla_data(key[NFTA_DATA_VALUE]);
    uint32_t from = lab_map_place(rd->map, rd->spec->family, ip);
    uint32_t to = lab_map_place(rd->map, rd->spec->family, ip + size);
    if (from != PLACE_NONE && to != PLACE_NONE)
        add_counter(at[NFTA_SET_ELEM_EXPR], &rd->out->of[from][to]);
}

static void read_elements(void *user, struct nlmsghdr *m)
{
    struct nlattr *at[NFTA_SET_ELEM_LIST_MAX + 1], *element;
    int left;
    if (nlmsg_parse(m, sizeof(struct nfgenmsg), at, NFTA_SET_ELEM_LIST_MAX, NULL) < 0 ||
        !at[NFTA_SET_ELEM_LIST_ELEMENTS])
        return;
    nla_for_each_nested(element, at[NFTA_SET_ELEM_LIST_ELEMENTS], left)
        read_element(user, element);
}

static void begin_with_retired(const struct nftables *t, struct nftables_counts *out)
{
    for (uint32_t from = 0; from < t->map->place_count; from++)
        if (t->map->region[from] == t->region)
            memcpy(out->of[from], t->retired.of[from], sizeof out->of[from]);
}

enum err_code nftables_read(struct nftables *t, struct nftables_counts *out, struct err *err)
{
    begin_with_retired(t, out);
    enum err_code code = ERR_OK;
    for (size_t i = 0; code == ERR_OK && i < ARRAY_LEN(specs); i++) {
        if (!specs[i].counts)
            continue;
        struct reading rd = {t->map, &specs[i], out};
        struct request r = message(NFT_MSG_GETSETELEM, NLM_F_DUMP);
        request_text(&r, NFTA_SET_ELEM_LIST_TABLE, NFTABLES_NAME);
        request_text(&r, NFTA_SET_ELEM_LIST_SET, specs[i].name);
        code = netlink_list(t->socket, &r, read_elements, &rd, err);
    }
    return code;
}
