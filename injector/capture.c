#include "injector/capture.h"

#include <netinet/in.h>
#include <pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/units.h"
#include "injector/netns.h"

enum {
    SNAP_BYTES = 128,
    BUFFER_BYTES = 8 << 20,
    DELIVER_MS = 100, /* in blocks: stamps are as good, and it costs little */
    ETHERNET_BYTES = 14,
};

struct capture {
    pcap_t *pcap;
    pcap_dumper_t *file;
    /* of the capture_read under way */
    void (*seen)(void *user, const struct captured *packet);
    void *user;
};

/* --- opening --- */

struct opening {
    struct capture *capture;
    const struct capture_spec *spec;
};

static enum err_code refuse(const struct capture *c, const char *what, struct err *err)
{
    return err_set(err, ERR_IO, "cannot %s: %s", what, pcap_geterr(c->pcap));
}

/* Inside the place: the socket stays there. */
static enum err_code activate(void *user, struct err *err)
{
    struct opening *o = user;
    struct capture *c = o->capture;
    char why[PCAP_ERRBUF_SIZE] = "";
    c->pcap = pcap_create("eth0", why);
    if (!c->pcap)
        return err_set(err, ERR_NOMEM, "cannot make a capture: %s", why);
    pcap_set_snaplen(c->pcap, SNAP_BYTES);
    pcap_set_timeout(c->pcap, DELIVER_MS);
    pcap_set_buffer_size(c->pcap, BUFFER_BYTES);
    pcap_set_tstamp_precision(c->pcap, PCAP_TSTAMP_PRECISION_NANO);
    if (pcap_activate(c->pcap) < 0)
        return refuse(c, "capture on eth0", err);
    if (pcap_setnonblock(c->pcap, 1, why) < 0)
        return err_set(err, ERR_IO, "cannot read a capture without waiting: %s", why);
    return ERR_OK;
}

static enum err_code set_filter(struct capture *c, const char *text, struct err *err)
{
    struct bpf_program program;
    if (pcap_compile(c->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN))
        return err_set(err, ERR_INVALID, "capture filter '%s': %s", text, pcap_geterr(c->pcap));
    bool set = pcap_setfilter(c->pcap, &program) == 0;
    pcap_freecode(&program);
    return set ? ERR_OK : refuse(c, "set a capture filter", err);
}

static enum err_code open_all(struct capture *c, const struct capture_spec *spec,
                              struct err *err)
{
    struct netns place = {.fd = spec->place->netns_fd};
    struct opening opening = {c, spec};
    enum err_code code = netns_inside(&place, activate, &opening, err);
    if (code == ERR_OK && spec->filter)
        code = set_filter(c, spec->filter, err);
    if (code == ERR_OK && spec->path) {
        c->file = pcap_dump_open(c->pcap, spec->path);
        code = c->file ? ERR_OK : refuse(c, "write a capture", err);
    }
    return code;
}

enum err_code capture_open(const struct capture_spec *spec, struct capture **out,
                           struct err *err)
{
    struct capture *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_NOMEM, "no memory for a capture");
    if (open_all(c, spec, err)) {
        capture_close(c);
        return err_wrap(err, "'%s'", spec->place->name);
    }
    *out = c;
    return ERR_OK;
}

void capture_close(struct capture *c)
{
    if (!c)
        return;
    if (c->file)
        pcap_dump_close(c->file);
    if (c->pcap)
        pcap_close(c->pcap);
    free(c);
}

/* --- reading --- */

static void on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct capture *c = (struct capture *)(void *)user;
    if (c->file)
        pcap_dump((u_char *)c->file, header, bytes);
    if (!c->seen || header->caplen < ETHERNET_BYTES)
        return;
    struct captured packet = {
        /* tv_usec holds nanoseconds: that is what was asked for. */
        .wall_at_ns = header->ts.tv_sec * NS_PER_S + header->ts.tv_usec,
        .packet = {bytes + ETHERNET_BYTES, header->caplen - ETHERNET_BYTES},
        .wire_bytes = header->len,
    };
    c->seen(c->user, &packet);
}

enum err_code capture_read(struct capture *c,
                           void (*seen)(void *user, const struct captured *packet), void *user,
                           struct err *err)
{
    c->seen = seen;
    c->user = user;
    if (pcap_dispatch(c->pcap, -1, on_packet, (u_char *)c) < 0)
        return refuse(c, "read a capture", err);
    if (c->file && pcap_dump_flush(c->file))
        return err_set(err, ERR_IO, "cannot write a capture: the disk may be full");
    return ERR_OK;
}

uint64_t capture_missed(const struct capture *c)
{
    struct pcap_stat stat = {0};
    return pcap_stats(c->pcap, &stat) == 0 ? stat.ps_drop : 0;
}

/* --- comparing --- */

/* Where the checksum of a transport header is, or -1. */
static int checksum_at(uint8_t protocol)
{
    return protocol == IPPROTO_UDP ? 6 : protocol == IPPROTO_TCP ? 16 : -1;
}

static uint64_t digest_transport(uint64_t digest, uint8_t protocol, struct bytes body)
{
    int checksum = checksum_at(protocol);
    size_t skip = checksum < 0 ? body.size : (size_t)checksum;
    if (skip + 2 > body.size)
        return digest_bytes(digest, body);
    digest = digest_bytes(digest, (struct bytes){body.at, skip});
    return digest_bytes(digest, (struct bytes){body.at + skip + 2, body.size - skip - 2});
}

uint64_t capture_key(struct bytes packet)
{
    enum { V4_HEADER = 20, V4_ADDRESSES = 12, V6_HEADER = 40, V6_ADDRESSES = 8 };
    unsigned version = packet.size ? packet.at[0] >> 4 : 0;
    size_t header = version == 4 ? (size_t)(packet.at[0] & 15) * 4 : V6_HEADER;
    size_t at = version == 4 ? V4_ADDRESSES : V6_ADDRESSES;
    if ((version != 4 && version != 6) || header < V4_HEADER || packet.size < header)
        return 0;
    uint8_t protocol = packet.at[version == 4 ? 9 : 6];
    size_t end = version == 4 ? V4_HEADER : V6_HEADER;
    uint64_t digest = digest_u64(DIGEST_START, protocol);
    /* Two packets with the same content differ in their IPv4 identification. */
    if (version == 4)
        digest = digest_bytes(digest, (struct bytes){packet.at + 4, 2});
    digest = digest_bytes(digest, (struct bytes){packet.at + at, end - at});
    return digest_transport(digest, protocol,
                            (struct bytes){packet.at + header, packet.size - header});
}

static int by_key(const void *a, const void *b)
{
    const struct capture_sight *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->wall_at_ns < y->wall_at_ns ? -1 : x->wall_at_ns > y->wall_at_ns;
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* A packet that came twice counts as it came first. */
static uint64_t match(struct capture_list sent, struct capture_list received, int64_t *delays)
{
    uint64_t count = 0, r = 0;
    for (uint64_t s = 0; s < sent.count; s++) {
        while (r < received.count && received.at[r].key < sent.at[s].key)
            r++;
        if (r < received.count && received.at[r].key == sent.at[s].key && sent.at[s].key)
            delays[count++] = received.at[r++].wall_at_ns - sent.at[s].wall_at_ns;
    }
    return count;
}

struct capture_delays capture_compare(struct capture_list sent, struct capture_list received,
                                      int64_t *scratch)
{
    qsort(sent.at, sent.count, sizeof *sent.at, by_key);
    qsort(received.at, received.count, sizeof *received.at, by_key);
    uint64_t count = match(sent, received, scratch);
    if (count == 0)
        return (struct capture_delays){0};
    qsort(scratch, count, sizeof *scratch, by_size);
    return (struct capture_delays){.count = count,
                                   .median_ns = scratch[count / 2],
                                   .p99_ns = scratch[count * 99 / 100],
                                   .min_ns = scratch[0],
                                   .max_ns = scratch[count - 1]};
}
