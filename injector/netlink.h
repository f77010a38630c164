/* Requests to the kernel over netlink, and its refusals as sentences.
 *
 * A request remembers that something did not fit or no memory was there, so that it
 * can be filled in one straight line and is asked once, when it is sent. Knows
 * nothing of devices or rules: netdev.h and nftables.h do. */
#ifndef INJECTOR_NETLINK_H
#define INJECTOR_NETLINK_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* A socket in the network namespace of the calling thread, where it stays. */
enum err_code netlink_open(int protocol, struct nl_sock **out, struct err *err) MUST_CHECK;
void netlink_close(struct nl_sock *s); /* NULL is fine */

struct request {
    struct nl_msg *msg;
    bool failed; /* out of memory, or does not fit */
};

/* `header` is what follows struct nlmsghdr: ifinfomsg, rtmsg, nfgenmsg, ... */
struct request request_begin(int type, int flags, struct bytes header);
void request_put(struct request *r, int attribute, const void *data, size_t size);
void request_text(struct request *r, int attribute, const char *text);
void request_u32(struct request *r, int attribute, uint32_t value);
void request_be32(struct request *r, int attribute, uint32_t value);
/* Bare bytes, as some options want them before their attributes. */
void request_append(struct request *r, const void *data, size_t size);
struct nlattr *request_nest(struct request *r, int attribute);
void request_end(struct request *r, struct nlattr *nest);
void request_free(struct request *r);

/* Send, wait for the answer, and free the request whatever comes of it. */
enum err_code netlink_ask(struct nl_sock *s, struct request *r, struct err *err) MUST_CHECK;

/* Ask for a list; `item` is told each message of it. */
enum err_code netlink_list(struct nl_sock *s, struct request *r,
                           void (*item)(void *user, struct nlmsghdr *message), void *user,
                           struct err *err) MUST_CHECK;

/* Several requests that are carried out together or not at all (nf_tables). */
struct netlink_batch {
    struct nl_sock *socket;
    struct buffer bytes;
    uint32_t first, last; /* sequence numbers */
    uint8_t subsystem;
    bool failed;
};

void netlink_batch_begin(struct netlink_batch *b, struct nl_sock *s, uint8_t subsystem);
void netlink_batch_add(struct netlink_batch *b, struct request *r); /* takes `r` */
/* Of at least one request; frees the batch whatever comes of it. */
enum err_code netlink_batch_commit(struct netlink_batch *b, struct err *err) MUST_CHECK;
void netlink_batch_free(struct netlink_batch *b);

#endif
