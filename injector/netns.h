/* Network namespaces without a name: each lives in a descriptor and dies with it.
 *
 * Work inside one is done on a thread that lives no longer than the work. So the
 * caller never leaves its own namespace, and there is no way back that could fail. */
#ifndef INJECTOR_NETNS_H
#define INJECTOR_NETNS_H

#include <stdbool.h>

#include "base/err.h"

struct nl_sock;

/* {.fd = -1} is none. */
struct netns {
    int fd;
    struct nl_sock *route; /* devices, addresses, routes inside it */
};

/* Make one with a routing socket in it. */
enum err_code netns_open(struct netns *out, struct err *err) MUST_CHECK;
void netns_close(struct netns *ns);

/* Do `work` inside; what it opens stays there. */
enum err_code netns_inside(const struct netns *ns,
                           enum err_code (*work)(void *user, struct err *err), void *user,
                           struct err *err) MUST_CHECK;

/* Open a netlink socket of another protocol inside. */
enum err_code netns_socket(const struct netns *ns, int protocol, struct nl_sock **out,
                           struct err *err) MUST_CHECK;

/* A file under /proc/sys/net and what to write there. */
struct netns_setting {
    const char *path, *value;
};

/* Write one from inside the namespace that it is for. */
enum err_code netns_set(const struct netns_setting *setting, struct err *err) MUST_CHECK;

#endif
