#include "injector/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "injector/netlink.h"

struct visit {
    int fd; /* -1: a new one */
    enum err_code (*work)(void *user, struct err *err);
    void *user;
    struct err *err;
    enum err_code code;
};

static enum err_code enter(int fd, struct err *err)
{
    if (fd >= 0 ? setns(fd, CLONE_NEWNET) : unshare(CLONE_NEWNET)) {
        enum err_code code = errno == EPERM ? ERR_PERM : ERR_IO;
        return err_set(err, code, "cannot %s a network namespace: %s",
                       fd >= 0 ? "enter" : "make", strerror(errno));
    }
    return ERR_OK;
}

static void *visit_body(void *user)
{
    struct visit *v = user;
    v->code = enter(v->fd, v->err);
    if (v->code == ERR_OK)
        v->code = v->work(v->user, v->err);
    return NULL;
}

static enum err_code visit(struct visit *v)
{
    pthread_t thread;
    int bad = pthread_create(&thread, NULL, visit_body, v);
    if (bad)
        return err_set(v->err, ERR_NOMEM, "cannot start a thread: %s", strerror(bad));
    pthread_join(thread, NULL);
    return v->code;
}

enum err_code netns_inside(const struct netns *ns,
                           enum err_code (*work)(void *user, struct err *err), void *user,
                           struct err *err)
{
    return visit(&(struct visit){.fd = ns->fd, .work = work, .user = user, .err = err});
}

static enum err_code take_hold(void *user, struct err *err)
{
    struct netns *ns = user;
    /* Of this thread: /proc/self is the whole process's first one. */
    ns->fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (ns->fd < 0)
        return err_set(err, ERR_IO, "cannot open /proc/thread-self/ns/net: %s",
                       strerror(errno));
    return netlink_open(NETLINK_ROUTE, &ns->route, err);
}

enum err_code netns_open(struct netns *out, struct err *err)
{
    struct netns ns = {.fd = -1};
    enum err_code code =
        visit(&(struct visit){.fd = -1, .work = take_hold, .user = &ns, .err = err});
    if (code)
        netns_close(&ns);
    else
        *out = ns;
    return code;
}

void netns_close(struct netns *ns)
{
    netlink_close(ns->route);
    if (ns->fd >= 0)
        close(ns->fd);
    *ns = (struct netns){.fd = -1};
}

struct socket_order {
    int protocol;
    struct nl_sock **out;
};

static enum err_code open_inside(void *user, struct err *err)
{
    struct socket_order *o = user;
    return netlink_open(o->protocol, o->out, err);
}

enum err_code netns_socket(const struct netns *ns, int protocol, struct nl_sock **out,
                           struct err *err)
{
    return netns_inside(ns, open_inside, &(struct socket_order){protocol, out}, err);
}

enum err_code netns_set(const struct netns_setting *setting, struct err *err)
{
    char path[256];
    snprintf(path, sizeof path, "/proc/sys/net/%s", setting->path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    size_t size = strlen(setting->value);
    bool done = fd >= 0 && write(fd, setting->value, size) == (ssize_t)size;
    int number = errno;
    if (fd >= 0)
        close(fd);
    if (done)
        return ERR_OK;
    return err_set(err, number == EPERM || number == EACCES ? ERR_PERM : ERR_IO,
                   "cannot write '%s' to %s: %s", setting->value, path, strerror(number));
}
