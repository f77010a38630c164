/* Channels over TCP, their sockets made inside the endpoint's network namespace.
 *
 * Nothing here waits or dials again: that is the protocol's business. A stranger may
 * send what it likes: a frame that breaks the rules closes its channel and no other. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "io/frame.h"
#include "io/live_loop.h"

enum {
    CHANNELS_PER_LISTENER_MAX = 256,
    CALLERS_WAITING_MAX = 128, /* in the kernel */
    READ_BYTES = 64 * 1024,
    IDLE_BUFFER_BYTES_MAX = 4 * READ_BYTES
};

struct live_listener {
    struct live_listener *next;
    struct live_endpoint *endpoint; /* NULL once closed */
    const struct io_handler *handler;
    void *user;
    uv_tcp_t tcp;
    unsigned channel_count;
    bool caller_waits;     /* for a channel to be closed */
    struct io_timer retry; /* to take it */
};

struct live_channel {
    struct io_channel channel;
    struct live *live;
    struct live_endpoint *owner; /* NULL: gone, and only its memory is left */
    struct live_channel *next, **at;
    struct live_listener *listener; /* that accepted it; NULL: dialled */
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_write_t write;
    struct buffer in;           /* what has come and is not a whole frame yet */
    struct buffer writing, out; /* with the network, and behind that */
    struct io_timer doom;       /* armed once it must close */
    const char *why;
};

/* --- sockets ------------------------------------------------------------- */

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static union socket_address to_socket_address(const struct io_address *a, uint16_t port)
{
    union socket_address out = {0};
    assert(a->family == IO_IPV4 || a->family == IO_IPV6);
    if (a->family == IO_IPV4) {
        out.v4.sin_family = AF_INET;
        out.v4.sin_port = htons(port);
        memcpy(&out.v4.sin_addr, a->ip, sizeof out.v4.sin_addr);
    } else {
        out.v6.sin6_family = AF_INET6;
        out.v6.sin6_port = htons(port);
        memcpy(&out.v6.sin6_addr, a->ip, sizeof out.v6.sin6_addr);
    }
    return out;
}

/* A socket keeps the namespace it was made in. The descriptor, or an error. */
static int socket_in(const struct live *l, int netns_fd, int family)
{
    int rc = live_enter(netns_fd);
    if (rc < 0)
        return rc;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    rc = fd < 0 ? -errno : fd;
    live_come_home(l, netns_fd);
    return rc;
}

static void set_number(int fd, int level, int option, int value)
{
    (void)setsockopt(fd, level, option, &value, sizeof value);
}

/* All best effort: without them a channel is slower to learn of a cut, not wrong.
 * Keepalive finds the peer that vanished while we had nothing to say to it. New
 * namespaces inherit the machine's congestion control: name one, so that figures
 * compare. */
static void tune(const struct live *l, int fd)
{
    set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_number(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)(l->answer_timeout_ns / NS_PER_MS));
    set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, 5);
    set_number(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", strlen("cubic"));
}

/* Give `tcp`, which is initialised, a socket in the endpoint's place. */
static int open_socket(struct live_endpoint *e, uv_tcp_t *tcp, int family)
{
    int fd = socket_in(e->live, e->netns_fd, family);
    if (fd < 0)
        return fd;
    tune(e->live, fd);
    int rc = uv_tcp_open(tcp, fd);
    if (rc < 0)
        close(fd);
    return rc;
}

/* --- a channel's life ---------------------------------------------------- */

static void on_doom(struct io_timer *timer);

static struct live_channel *channel_new(struct live_endpoint *e,
                                        const struct io_handler *handler, void *user)
{
    struct live_channel *ch = calloc(1, sizeof *ch);
    if (!ch)
        return NULL;
    if (uv_tcp_init(&e->live->loop, &ch->tcp) < 0) {
        free(ch);
        return NULL;
    }
    ch->channel = (struct io_channel){handler, user};
    ch->live = e->live;
    ch->doom.fire = on_doom;
    ch->owner = e;
    ch->next = e->channels;
    ch->at = &e->channels;
    if (ch->next)
        ch->next->at = &ch->next;
    e->channels = ch;
    return ch;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct live_channel *ch = CONTAINER_OF(handle, struct live_channel, tcp);
    buffer_done(&ch->in);
    buffer_done(&ch->writing);
    buffer_done(&ch->out);
    free(ch);
}

/* A caller may be waiting for the place that has become free. */
static void leave_listener(struct live_channel *ch)
{
    struct live_listener *listener = ch->listener;
    if (!listener)
        return;
    listener->channel_count--;
    if (listener->caller_waits && listener->endpoint)
        live_schedule(ch->live, &listener->retry, live_clock_ns(ch->live));
    ch->listener = NULL;
}

/* From now on nobody hears of it; its memory goes when libuv has let go of it. */
static void detach(struct live_channel *ch)
{
    assert(ch->owner);
    *ch->at = ch->next;
    if (ch->next)
        ch->next->at = ch->at;
    ch->owner = NULL;
    live_unschedule(ch->live, &ch->doom);
    leave_listener(ch);
    uv_close((uv_handle_t *)&ch->tcp, on_handle_closed);
}

static void end(struct live_channel *ch, const char *why)
{
    detach(ch);
    ch->channel.handler->closed(ch->channel.user, &ch->channel, why);
}

static void on_doom(struct io_timer *timer)
{
    struct live_channel *ch = CONTAINER_OF(timer, struct live_channel, doom);
    end(ch, ch->why);
}

/* Close it by the next turn of the loop: nothing is told from inside a call. */
static void doom(struct live_channel *ch, const char *why)
{
    if (ch->why)
        return;
    ch->why = why;
    live_schedule(ch->live, &ch->doom, live_clock_ns(ch->live));
}

static const char *phrase(int rc)
{
    switch (rc) {
    case UV_EOF: return "ended";
    case UV_ECONNREFUSED: return "refused";
    case UV_ECONNRESET:
    case UV_EPIPE: return "reset";
    case UV_ETIMEDOUT: return "timed out";
    default: return uv_strerror(rc);
    }
}

/* --- receiving ----------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested_bytes, uv_buf_t *buf)
{
    (void)suggested_bytes;
    struct live_channel *ch = CONTAINER_OF(handle, struct live_channel, tcp);
    uint8_t *to = buffer_reserve(&ch->in, READ_BYTES);
    /* No room makes libuv report ENOBUFS to on_read, which closes. */
    *buf = uv_buf_init((char *)to, to ? READ_BYTES : 0);
}

/* Frames that are whole; the receiver may hang up at any of them. */
static void deliver_frames(struct live_channel *ch)
{
    struct bytes rest = buffer_bytes(&ch->in), frame;
    enum frame_state state = FRAME_PARTIAL;
    while (ch->owner && (state = frame_next(&rest, &frame)) == FRAME_WHOLE)
        ch->channel.handler->received(ch->channel.user, &ch->channel, frame);
    buffer_drop_front(&ch->in, ch->in.size - rest.size);
    if (ch->in.size == 0 && ch->in.capacity > IDLE_BUFFER_BYTES_MAX)
        buffer_done(&ch->in);
    if (ch->owner && state == FRAME_DAMAGED)
        end(ch, "a damaged or oversized frame");
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    (void)buf;
    struct live_channel *ch = CONTAINER_OF(stream, struct live_channel, tcp);
    if (count < 0) {
        end(ch, phrase((int)count));
        return;
    }
    ch->in.size += (size_t)count;
    deliver_frames(ch);
}

/* --- sending ------------------------------------------------------------- */

static void write_more(struct live_channel *ch);

static void on_written(uv_write_t *request, int status)
{
    struct live_channel *ch = CONTAINER_OF(request, struct live_channel, write);
    ch->writing.size = 0;
    if (!ch->owner)
        return;
    if (status < 0)
        end(ch, phrase(status));
    else
        write_more(ch);
}

/* One write at a time: what is sent meanwhile goes together with the next. Before the
 * connection stands libuv keeps the first for it. */
static void write_more(struct live_channel *ch)
{
    if (ch->why || ch->writing.size > 0 || ch->out.size == 0)
        return;
    struct buffer empty = ch->writing;
    ch->writing = ch->out;
    ch->out = empty;
    uv_buf_t buf = uv_buf_init((char *)ch->writing.at, (unsigned)ch->writing.size);
    int rc = uv_write(&ch->write, (uv_stream_t *)&ch->tcp, &buf, 1, on_written);
    if (rc < 0)
        doom(ch, phrase(rc));
}

static struct live_channel *channel_of(struct io_channel *ch)
{
    return CONTAINER_OF(ch, struct live_channel, channel);
}

static size_t waiting_bytes(const struct live_channel *ch)
{
    return ch->writing.size + ch->out.size;
}

void live_send(struct io_channel *channel, struct bytes frame)
{
    struct live_channel *ch = channel_of(channel);
    assert(frame.size <= IO_FRAME_BYTES_MAX);
    if (!ch->owner || ch->why)
        return;
    if (waiting_bytes(ch) + frame.size > IO_BACKLOG_BYTES_MAX)
        doom(ch, "more was sent than it takes");
    else if (!frame_append(&ch->out, frame))
        doom(ch, "out of memory");
    else
        write_more(ch);
}

size_t live_backlog_bytes(const struct io_channel *channel)
{
    return waiting_bytes((const struct live_channel *)channel); /* its first member */
}

void live_hang_up(struct io_channel *channel)
{
    struct live_channel *ch = channel_of(channel);
    if (ch->owner) /* else from inside `closed` */
        detach(ch);
}

/* --- dialling ------------------------------------------------------------ */

static void on_connected(uv_connect_t *request, int status)
{
    struct live_channel *ch = CONTAINER_OF(request, struct live_channel, connect);
    if (!ch->owner)
        return;
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&ch->tcp, on_alloc, on_read);
    if (status < 0) {
        end(ch, phrase(status));
        return;
    }
    ch->channel.handler->opened(ch->channel.user, &ch->channel);
}

struct io_channel *live_dial(struct io *io, const struct io_address *to,
                             const struct io_handler *handler, void *user)
{
    struct live_endpoint *e = live_endpoint_of(io);
    assert(handler->opened && handler->received && handler->closed);
    union socket_address at = to_socket_address(to, to->port);
    struct live_channel *ch = channel_new(e, handler, user);
    if (!ch)
        return NULL;
    int rc = open_socket(e, &ch->tcp, at.any.sa_family);
    if (rc == 0)
        rc = uv_tcp_connect(&ch->connect, &ch->tcp, &at.any, on_connected);
    if (rc < 0)
        doom(ch, phrase(rc));
    return &ch->channel;
}

/* --- listening ----------------------------------------------------------- */

static int accept_into(struct live_listener *listener, struct live_channel *ch)
{
    uv_stream_t *stream = (uv_stream_t *)&ch->tcp;
    uv_os_fd_t fd;
    int rc = uv_accept((uv_stream_t *)&listener->tcp, stream);
    if (rc == 0)
        rc = uv_fileno((uv_handle_t *)stream, &fd);
    if (rc == 0) {
        tune(ch->live, fd);
        rc = uv_read_start(stream, on_alloc, on_read);
    }
    return rc;
}

/* While a caller waits libuv accepts no other: strangers can delay us, and cannot
 * exhaust us. */
static void take_caller(struct live_listener *listener)
{
    struct live_channel *ch = NULL;
    listener->caller_waits = listener->channel_count >= CHANNELS_PER_LISTENER_MAX;
    if (!listener->caller_waits)
        ch = channel_new(listener->endpoint, listener->handler, listener->user);
    if (!ch) {
        listener->caller_waits = true;
        return;
    }
    ch->listener = listener;
    listener->channel_count++;
    if (accept_into(listener, ch) < 0) {
        detach(ch);
        return;
    }
    ch->channel.handler->accepted(ch->channel.user, &ch->channel);
}

static void on_connection(uv_stream_t *stream, int status)
{
    if (status == 0)
        take_caller(CONTAINER_OF(stream, struct live_listener, tcp));
}

static void on_retry(struct io_timer *timer)
{
    struct live_listener *listener = CONTAINER_OF(timer, struct live_listener, retry);
    if (listener->caller_waits)
        take_caller(listener);
}

static void on_listener_closed(uv_handle_t *handle)
{
    free(CONTAINER_OF(handle, struct live_listener, tcp));
}

static int begin_to_listen(struct live_listener *listener, const union socket_address *at)
{
    struct live_endpoint *e = listener->endpoint;
    int rc = open_socket(e, &listener->tcp, at->any.sa_family);
    if (rc == 0)
        rc = uv_tcp_bind(&listener->tcp, &at->any, 0); /* sets SO_REUSEADDR */
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&listener->tcp, CALLERS_WAITING_MAX, on_connection);
    return rc;
}

static enum err_code refuse(const struct live_endpoint *e, uint16_t port, int rc,
                            struct err *err)
{
    struct io_address at = e->address;
    char text[80];
    at.port = port;
    return err_set(err, rc == UV_ENOMEM ? ERR_NOMEM : ERR_IO, "listen on %s: %s",
                   io_address_format(&at, text, sizeof text), uv_strerror(rc));
}

enum err_code live_listen(struct io *io, uint16_t port, const struct io_handler *handler,
                          void *user, struct err *err)
{
    struct live_endpoint *e = live_endpoint_of(io);
    assert(handler->accepted && handler->received && handler->closed);
    union socket_address at = to_socket_address(&e->address, port);
    struct live_listener *listener = calloc(1, sizeof *listener);
    int rc = listener ? uv_tcp_init(&e->live->loop, &listener->tcp) : UV_ENOMEM;
    if (rc < 0) {
        free(listener);
        return refuse(e, port, rc, err);
    }
    listener->endpoint = e;
    listener->handler = handler;
    listener->user = user;
    listener->retry.fire = on_retry;
    rc = begin_to_listen(listener, &at);
    if (rc < 0) {
        uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
        return refuse(e, port, rc, err);
    }
    listener->next = e->listeners;
    e->listeners = listener;
    return ERR_OK;
}

void live_net_close(struct live_endpoint *e)
{
    while (e->channels)
        live_hang_up(&e->channels->channel);
    while (e->listeners) {
        struct live_listener *listener = e->listeners;
        e->listeners = listener->next;
        listener->endpoint = NULL;
        live_unschedule(e->live, &listener->retry);
        uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
    }
}
