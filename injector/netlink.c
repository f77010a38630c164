#include "injector/netlink.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>

enum {
    REQUEST_BYTES = 32 << 10,
    ANSWER_BYTES = 32 << 10,
    SOCKET_BYTES = 200 << 10, /* a batch goes out in one piece */
    ANSWER_WAIT_S = 10,
};

static enum err_code open_socket(struct nl_sock *s, int protocol, struct err *err)
{
    int bad = nl_connect(s, protocol);
    if (bad)
        return err_set(err, ERR_IO, "cannot open a netlink socket: %s", nl_geterror(bad));
    int on = 1, fd = nl_socket_get_fd(s);
    struct timeval wait = {.tv_sec = ANSWER_WAIT_S};
    /* Without these it still works: refusals are shorter, batches smaller. */
    (void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    (void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    (void)nl_socket_set_buffer_size(s, SOCKET_BYTES, SOCKET_BYTES);
    return ERR_OK;
}

enum err_code netlink_open(int protocol, struct nl_sock **out, struct err *err)
{
    struct nl_sock *s = nl_socket_alloc();
    if (!s)
        return err_set(err, ERR_NOMEM, "no memory for a netlink socket");
    enum err_code code = open_socket(s, protocol, err);
    if (code)
        nl_socket_free(s);
    else
        *out = s;
    return code;
}

void netlink_close(struct nl_sock *s)
{
    if (s)
        nl_socket_free(s);
}

/* --- filling a request --- */

struct request request_begin(int type, int flags, struct bytes header)
{
    struct request r = {.msg = nlmsg_alloc_size(REQUEST_BYTES)};
    r.failed = !r.msg ||
               !nlmsg_put(r.msg, NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, NLM_F_REQUEST | flags) ||
               nlmsg_append(r.msg, (void *)(uintptr_t)header.at, header.size, NLMSG_ALIGNTO);
    return r;
}

void request_put(struct request *r, int attribute, const void *data, size_t size)
{
    r->failed = r->failed || nla_put(r->msg, attribute, (int)size, data) < 0;
}

void request_text(struct request *r, int attribute, const char *text)
{
    request_put(r, attribute, text, strlen(text) + 1);
}

void request_u32(struct request *r, int attribute, uint32_t value)
{
    request_put(r, attribute, &value, sizeof value);
}

void request_be32(struct request *r, int attribute, uint32_t value)
{
    request_u32(r, attribute, htonl(value));
}

void request_append(struct request *r, const void *data, size_t size)
{
    r->failed =
        r->failed || nlmsg_append(r->msg, (void *)(uintptr_t)data, size, NLMSG_ALIGNTO) < 0;
}

struct nlattr *request_nest(struct request *r, int attribute)
{
    struct nlattr *nest = r->failed ? NULL : nla_nest_start(r->msg, attribute);
    r->failed = !nest;
    return nest;
}

void request_end(struct request *r, struct nlattr *nest)
{
    /* The variant that keeps an empty nest: `counter` has no attribute of its own. */
    if (!r->failed)
        nest->nla_len = (uint16_t)((char *)nlmsg_tail(nlmsg_hdr(r->msg)) - (char *)nest);
}

void request_free(struct request *r)
{
    if (r->msg)
        nlmsg_free(r->msg);
    r->msg = NULL;
}

/* --- the kernel's answers --- */

/* What the kernel says beyond the number: `"ext ack text"`, or NULL. */
static const char *said(struct nlmsghdr *m)
{
    struct nlmsgerr *e = nlmsg_data(m);
    /* With the request capped, attributes follow its header at once. */
    size_t skip = sizeof *e;
    if (!(m->nlmsg_flags & NLM_F_CAPPED))
        skip += e->msg.nlmsg_len - sizeof e->msg;
    if (!(m->nlmsg_flags & NLM_F_ACK_TLVS) || m->nlmsg_len < NLMSG_HDRLEN + skip)
        return NULL;
    struct nlattr *text =
        nla_find((struct nlattr *)(void *)((char *)e + skip),
                 (int)(m->nlmsg_len - NLMSG_HDRLEN - skip), NLMSGERR_ATTR_MSG);
    return text ? nla_get_string(text) : NULL;
}

static enum err_code refusal(struct nlmsghdr *m, struct err *err)
{
    int number = -((struct nlmsgerr *)nlmsg_data(m))->error;
    const char *more = said(m);
    enum err_code code = number == EPERM || number == EACCES    ? ERR_PERM
                         : number == ENOMEM                     ? ERR_NOMEM
                         : number == ENOENT || number == ENODEV ? ERR_NOTFOUND
                         : number == EOPNOTSUPP                 ? ERR_UNSUPPORTED
                                                                : ERR_IO;
    return err_set(err, code, "the kernel refused: %s%s%s%s", strerror(number),
                   more ? " (\"" : "", more ? more : "", more ? "\")" : "");
}

/* What we wait for: the answer to `last`, or one that says that nothing of it was
 * done. Answers to earlier requests may still lie in the socket and are skipped. */
struct wait {
    uint32_t first, last;
    void (*item)(void *user, struct nlmsghdr *message);
    void *user;
    bool done;
    enum err_code code;
};

static void look_at(struct wait *w, struct nlmsghdr *m, struct err *err)
{
    if (m->nlmsg_seq - w->first > w->last - w->first)
        return;
    bool ends = m->nlmsg_type == NLMSG_ERROR || m->nlmsg_type == NLMSG_DONE;
    if (!ends && w->item)
        w->item(w->user, m);
    if (m->nlmsg_type == NLMSG_ERROR && ((struct nlmsgerr *)nlmsg_data(m))->error &&
        w->code == ERR_OK) {
        w->code = refusal(m, err);
        /* A batch refused as a whole is answered in the name of its first message. */
        w->done = m->nlmsg_seq == w->first;
    }
    w->done = w->done || (ends && m->nlmsg_seq == w->last);
}

static enum err_code receive(struct nl_sock *s, struct wait *w, struct err *err)
{
    _Alignas(struct nlmsghdr) char answer[ANSWER_BYTES];
    while (!w->done) {
        ssize_t got = recv(nl_socket_get_fd(s), answer, sizeof answer, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_set(err, ERR_IO, "no answer from the kernel over netlink: %s",
                           got ? strerror(errno) : "closed");
        int left = (int)got;
        for (struct nlmsghdr *m = (struct nlmsghdr *)(void *)answer; nlmsg_ok(m, left);
             m = nlmsg_next(m, &left))
            look_at(w, m, err);
    }
    return w->code;
}

static enum err_code send_bytes(struct nl_sock *s, void *at, size_t size, struct err *err)
{
    int sent = nl_sendto(s, at, size);
    if (sent < 0)
        return err_set(err, ERR_IO, "cannot send %zu bytes over netlink: %s", size,
                       nl_geterror(sent));
    return ERR_OK;
}

static enum err_code ask(struct nl_sock *s, struct request *r, struct wait *w, struct err *err)
{
    if (r->failed) {
        request_free(r);
        return err_set(err, ERR_NOMEM, "no memory for a netlink request");
    }
    nl_complete_msg(s, r->msg);
    struct nlmsghdr *m = nlmsg_hdr(r->msg);
    w->first = w->last = m->nlmsg_seq;
    enum err_code code = send_bytes(s, m, m->nlmsg_len, err);
    request_free(r);
    return code ? code : receive(s, w, err);
}

enum err_code netlink_ask(struct nl_sock *s, struct request *r, struct err *err)
{
    if (!r->failed)
        nlmsg_hdr(r->msg)->nlmsg_flags |= NLM_F_ACK;
    struct wait w = {0};
    return ask(s, r, &w, err);
}

enum err_code netlink_list(struct nl_sock *s, struct request *r,
                           void (*item)(void *user, struct nlmsghdr *message), void *user,
                           struct err *err)
{
    struct wait w = {.item = item, .user = user};
    return ask(s, r, &w, err);
}

/* --- batches --- */

static struct request mark(int type, uint8_t subsystem)
{
    struct nfgenmsg header = {.res_id = htons(subsystem)};
    return request_begin(type, 0, (struct bytes){(const uint8_t *)&header, sizeof header});
}

static void append(struct netlink_batch *b, struct request *r)
{
    b->failed = b->failed || r->failed;
    if (!b->failed) {
        nl_complete_msg(b->socket, r->msg);
        struct nlmsghdr *m = nlmsg_hdr(r->msg);
        b->failed = !buffer_append(&b->bytes, (struct bytes){(uint8_t *)m, m->nlmsg_len});
        b->last = m->nlmsg_seq;
    }
    request_free(r);
}

void netlink_batch_begin(struct netlink_batch *b, struct nl_sock *s, uint8_t subsystem)
{
    *b = (struct netlink_batch){.socket = s, .subsystem = subsystem};
    struct request r = mark(NFNL_MSG_BATCH_BEGIN, subsystem);
    append(b, &r);
    b->first = b->last;
}

void netlink_batch_add(struct netlink_batch *b, struct request *r)
{
    if (!r->failed)
        nlmsg_hdr(r->msg)->nlmsg_flags |= NLM_F_ACK;
    append(b, r);
}

enum err_code netlink_batch_commit(struct netlink_batch *b, struct err *err)
{
    struct wait w = {.first = b->first, .last = b->last};
    struct request end = mark(NFNL_MSG_BATCH_END, b->subsystem);
    append(b, &end);
    assert(b->failed || w.last != w.first); /* nobody would answer an empty one */
    enum err_code code = b->failed ? err_set(err, ERR_NOMEM, "no memory for a netlink batch")
                                   : send_bytes(b->socket, b->bytes.at, b->bytes.size, err);
    netlink_batch_free(b);
    return code ? code : receive(b->socket, &w, err);
}

void netlink_batch_free(struct netlink_batch *b)
{
    buffer_done(&b->bytes);
}
