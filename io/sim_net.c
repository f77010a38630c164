/* Channels over links that are computed frame by frame.
 *
 * A connection has two sides; whatever travels between them is an item, a timer of
 * the world that comes due when it arrives. Like TCP: frames of one side arrive in
 * the order they were sent, however the delay varies, unless the link reorders; what
 * reaches a side that is gone is answered by a reset; a host without power answers
 * nothing. Unlike TCP: a frame that is lost stays lost. Greetings and farewells are
 * not lost by chance, as TCP would soon repeat them, but do not cross a cut. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "io/frame.h"
#include "io/sim_world.h"

struct sim_connection;

/* One end, as its owner sees it. */
struct sim_side {
    struct io_channel channel;
    struct sim_connection *connection;
    struct sim_endpoint *owner;  /* NULL: not accepted yet, or gone */
    struct sim_side *next, **at; /* among the owner's */
    uint16_t host;
    bool stands;          /* may send */
    int64_t last_at_ns;   /* when the last thing it sent arrives */
    struct buffer before; /* frames sent before it stood */
};

enum { DIALLER, LISTENER };

struct sim_connection {
    struct sim *sim;
    struct sim_side sides[2];
    uint16_t port;
    uint32_t holders; /* sides with an owner, and items under way */
};

struct sim_item {
    struct io_timer due;
    union {
        struct sim_connection *connection;
        struct sim_item *next_spare;
    };
    enum { ITEM_DIAL, ITEM_STANDS, ITEM_FRAME, ITEM_CLOSED } type;
    bool arrived;    /* off the network: only a paused host may still hold it up */
    uint8_t to;      /* which side */
    const char *why; /* ITEM_CLOSED */
    size_t size;
    uint8_t bytes[];
};

/* --- memory -------------------------------------------------------------- */

enum { SMALL_ITEM_BYTES = 256 };

static struct sim_item *item_new(struct sim *s, struct bytes payload)
{
    struct sim_item *item = s->spare_items;
    if (payload.size <= SMALL_ITEM_BYTES && item)
        s->spare_items = item->next_spare;
    else
        item = malloc(sizeof *item +
                      (payload.size <= SMALL_ITEM_BYTES ? SMALL_ITEM_BYTES : payload.size));
    if (!item) {
        s->out_of_memory = true;
        return NULL;
    }
    *item = (struct sim_item){.size = payload.size};
    if (payload.size > 0)
        memcpy(item->bytes, payload.at, payload.size);
    return item;
}

static void item_free(struct sim *s, struct sim_item *item)
{
    if (item->size > SMALL_ITEM_BYTES) {
        free(item);
        return;
    }
    item->next_spare = s->spare_items;
    s->spare_items = item;
}

static void release(struct sim_connection *c)
{
    if (--c->holders > 0)
        return;
    for (size_t i = 0; i < 2; i++)
        buffer_done(&c->sides[i].before);
    free(c);
}

static void item_done(struct sim_item *item)
{
    struct sim_connection *c = item->connection;
    item_free(c->sim, item);
    release(c);
}

static void attach(struct sim_side *side, struct sim_endpoint *owner)
{
    assert(!side->owner);
    side->owner = owner;
    side->next = owner->sides;
    side->at = &owner->sides;
    if (side->next)
        side->next->at = &side->next;
    owner->sides = side;
    side->connection->holders++;
}

/* From now on the side is gone; so may be the connection. */
static void detach(struct sim_side *side)
{
    assert(side->owner);
    *side->at = side->next;
    if (side->next)
        side->next->at = side->at;
    side->owner = NULL;
    release(side->connection);
}

/* --- what travels -------------------------------------------------------- */

static uint8_t other(uint8_t index)
{
    return index == DIALLER ? LISTENER : DIALLER;
}

static uint8_t index_of(const struct sim_side *side)
{
    return (uint8_t)(side - side->connection->sides);
}

static const struct sim_side *peer_of(const struct sim_side *side)
{
    return &side->connection->sides[other(index_of(side))];
}

/* Links within a host are perfect whatever is asked of them: a node that is cut off
 * can still be asked from beside it. */
static const struct link_shape *shape_of(const struct sim_link *link,
                                         const struct sim_side *from)
{
    static const struct link_shape perfect;
    return from->host == peer_of(from)->host ? &perfect : &link->shape;
}

static bool is_cut(const struct link_shape *shape)
{
    return shape->blocked || shape->loss_ppm >= 1000000;
}

static struct sim_link *link_from(const struct sim_side *side)
{
    return sim_link_of(side->connection->sim, side->host, peer_of(side)->host);
}

static int64_t arrival_ns(const struct sim *s, const struct link_shape *shape,
                          struct random_stream *luck)
{
    assert(shape->jitter_ns >= 0 && shape->jitter_ns <= shape->delay_ns);
    uint64_t swing_ns = random_below(luck, 2 * (uint64_t)shape->jitter_ns + 1);
    return s->now_ns + shape->delay_ns - shape->jitter_ns + (int64_t)swing_ns;
}

static void on_item_due(struct io_timer *timer);

/* Put `item` on the way from `side` to the other. */
static void post(struct sim_side *side, struct sim_item *item, int64_t at_ns)
{
    struct sim_connection *c = side->connection;
    item->connection = c;
    item->to = other(index_of(side));
    item->due.fire = on_item_due;
    c->holders++;
    if (!sim_schedule(c->sim, &item->due, at_ns))
        item_done(item);
}

/* Behind everything that went before: TCP delivers in order. */
static void post_in_order(struct sim_side *side, struct sim_item *item, int64_t at_ns)
{
    if (at_ns > side->last_at_ns)
        side->last_at_ns = at_ns;
    post(side, item, side->last_at_ns);
}

static void post_frame(struct sim_side *side, struct bytes frame, int64_t at_ns, bool ahead)
{
    struct sim_item *item = item_new(side->connection->sim, frame);
    if (!item)
        return;
    item->type = ITEM_FRAME;
    /* Not even the luckiest frame is there before the connection stands. */
    if (ahead && peer_of(side)->stands)
        post(side, item, side->connection->sim->now_ns);
    else
        post_in_order(side, item, at_ns);
}

static void transmit(struct sim_side *side, struct bytes frame)
{
    struct sim_link *link = link_from(side);
    const struct link_shape *shape = shape_of(link, side);
    const struct sim *s = side->connection->sim;
    /* Draw first, decide later: a cut must not shift the luck of frames after it. */
    bool lost = random_happens(&link->loss, shape->loss_ppm);
    bool twice = random_happens(&link->duplicate, shape->duplicate_ppm);
    bool ahead = random_happens(&link->reorder, shape->reorder_ppm);
    int64_t at_ns = arrival_ns(s, shape, &link->jitter);
    int64_t again_at_ns = arrival_ns(s, shape, &link->duplicate);
    if (lost || shape->blocked) {
        link->counts.dropped++;
        return;
    }
    link->counts.carried += twice ? 2 : 1;
    post_frame(side, frame, at_ns, ahead);
    if (twice)
        post_frame(side, frame, again_at_ns, false);
}

/* Everything but frames. */
static void post_signal(struct sim_side *side, struct sim_item signal)
{
    struct sim *s = side->connection->sim;
    struct sim_link *link = link_from(side);
    const struct link_shape *shape = shape_of(link, side);
    int64_t at_ns = arrival_ns(s, shape, &link->signal);
    if (is_cut(shape)) {
        link->counts.dropped++;
        return;
    }
    link->counts.carried++;
    struct sim_item *item = item_new(s, (struct bytes){0});
    if (!item)
        return;
    item->type = signal.type;
    item->why = signal.why;
    post_in_order(side, item, at_ns);
}

static void post_closed(struct sim_side *side, const char *why)
{
    post_signal(side, (struct sim_item){.type = ITEM_CLOSED, .why = why});
}

/* --- what arrives -------------------------------------------------------- */

static void note(const struct sim_side *side, enum sim_event type, struct bytes payload)
{
    sim_note(side->connection->sim, side->host, type, payload);
}

static bool is_there(const struct sim_side *side)
{
    return side->owner && side->owner->alive;
}

static const struct sim_listener *listener_of(const struct sim_host *host, uint16_t port)
{
    for (size_t i = 0; i < host->listener_count; i++)
        if (host->listeners[i].port == port)
            return &host->listeners[i];
    return NULL;
}

static void on_dial(struct sim_side *side)
{
    const struct sim_host *host = &side->connection->sim->hosts[side->host];
    const struct sim_listener *listener = listener_of(host, side->connection->port);
    if (!listener) {
        post_closed(side, "refused");
        return;
    }
    side->channel = (struct io_channel){listener->handler, listener->user};
    side->stands = true;
    attach(side, listener->endpoint);
    post_signal(side, (struct sim_item){.type = ITEM_STANDS});
    note(side, SIM_ACCEPTED, (struct bytes){0});
    side->channel.handler->accepted(side->channel.user, &side->channel);
}

static void send_what_waited(struct sim_side *side)
{
    struct bytes rest = buffer_bytes(&side->before), frame;
    while (frame_next(&rest, &frame) == FRAME_WHOLE)
        transmit(side, frame);
    buffer_done(&side->before);
}

static void on_stands(struct sim_side *side)
{
    if (!is_there(side)) {
        post_closed(side, "reset");
        return;
    }
    side->stands = true;
    send_what_waited(side);
    note(side, SIM_OPENED, (struct bytes){0});
    side->channel.handler->opened(side->channel.user, &side->channel);
}

static void on_frame(struct sim_side *side, struct bytes frame)
{
    if (!is_there(side)) {
        post_closed(side, "reset");
        return;
    }
    note(side, SIM_RECEIVED, frame);
    side->channel.handler->received(side->channel.user, &side->channel, frame);
}

static void on_closed(struct sim_side *side, const char *why)
{
    if (!is_there(side))
        return;
    note(side, SIM_CLOSED, (struct bytes){(const uint8_t *)why, strlen(why)});
    detach(side);
    side->channel.handler->closed(side->channel.user, &side->channel, why);
}

static void deliver(const struct sim_item *item)
{
    struct sim_side *side = &item->connection->sides[item->to];
    switch (item->type) {
    case ITEM_DIAL: on_dial(side); break;
    case ITEM_STANDS: on_stands(side); break;
    case ITEM_FRAME: on_frame(side, (struct bytes){item->bytes, item->size}); break;
    case ITEM_CLOSED: on_closed(side, item->why); break;
    }
}

/* A cut drops what is under way, not only what is sent into it. */
static bool got_through(const struct sim_item *item)
{
    const struct sim_side *from = &item->connection->sides[other(item->to)];
    struct sim_link *link = link_from(from);
    bool through = item->arrived || !is_cut(shape_of(link, from));
    link->counts.dropped += !through;
    return through;
}

static void on_item_due(struct io_timer *timer)
{
    struct sim_item *item = CONTAINER_OF(timer, struct sim_item, due);
    const struct sim *s = item->connection->sim;
    uint16_t host = item->connection->sides[item->to].host;
    bool received = got_through(item) && s->hosts[host].powered;
    item->arrived = true;
    if (received && sim_park(item->connection->sim, host, timer))
        return;
    if (received)
        deliver(item);
    item_done(item);
}

/* --- what an endpoint asks for ------------------------------------------- */

static struct sim_side *side_of(struct io_channel *ch)
{
    return CONTAINER_OF(ch, struct sim_side, channel);
}

enum err_code sim_listen(struct io *io, uint16_t port, const struct io_handler *handler,
                         void *user, struct err *err)
{
    struct sim_endpoint *e = sim_endpoint_of(io);
    struct sim_host *host = &e->sim->hosts[e->host];
    assert(e->alive && handler->accepted && handler->received && handler->closed);
    if (listener_of(host, port))
        return err_set(err, ERR_IO, "listen on host %u:%u: address already in use", e->host,
                       port);
    struct sim_listener *more =
        realloc(host->listeners, (host->listener_count + 1) * sizeof *more);
    if (!more)
        return err_set(err, ERR_NOMEM, "listen on host %u:%u: out of memory", e->host, port);
    host->listeners = more;
    host->listeners[host->listener_count++] = (struct sim_listener){e, port, handler, user};
    return ERR_OK;
}

struct io_channel *sim_dial(struct io *io, const struct io_address *to,
                            const struct io_handler *handler, void *user)
{
    struct sim_endpoint *e = sim_endpoint_of(io);
    uint16_t host = (uint16_t)(to->ip[0] << 8 | to->ip[1]);
    assert(to->family == IO_SIM_HOST && host < e->sim->config.host_count);
    assert(handler->opened && handler->received && handler->closed);
    struct sim_connection *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->sim = e->sim;
    c->port = to->port;
    c->sides[DIALLER] =
        (struct sim_side){.channel = {handler, user}, .connection = c, .host = e->host};
    c->sides[LISTENER] = (struct sim_side){.connection = c, .host = host};
    attach(&c->sides[DIALLER], e);
    if (e->alive)
        post_signal(&c->sides[DIALLER], (struct sim_item){.type = ITEM_DIAL});
    return &c->sides[DIALLER].channel;
}

/* Tell a side, by the next event, that it is closed, whatever the network is. */
static void give_up(struct sim_side *side, const char *why)
{
    struct sim_connection *c = side->connection;
    struct sim_item *item = item_new(c->sim, (struct bytes){0});
    if (!item)
        return;
    item->type = ITEM_CLOSED;
    item->why = why;
    item->arrived = true;
    post(&c->sides[other(index_of(side))], item, c->sim->now_ns);
}

static void keep_until_it_stands(struct sim_side *side, struct bytes frame)
{
    if (side->before.size + frame.size > IO_BACKLOG_BYTES_MAX)
        give_up(side, "more was sent than it takes");
    else if (!frame_append(&side->before, frame))
        side->connection->sim->out_of_memory = true;
}

void sim_send(struct io_channel *ch, struct bytes frame)
{
    struct sim_side *side = side_of(ch);
    assert(frame.size <= IO_FRAME_BYTES_MAX);
    if (!is_there(side))
        return;
    if (side->stands)
        transmit(side, frame);
    else
        keep_until_it_stands(side, frame);
}

size_t sim_backlog_bytes(const struct io_channel *ch)
{
    return CONTAINER_OF((struct io_channel *)(uintptr_t)ch, struct sim_side, channel)
        ->before.size;
}

void sim_hang_up(struct io_channel *ch)
{
    struct sim_side *side = side_of(ch);
    if (!side->owner)
        return; /* from inside `closed` */
    if (side->owner->alive)
        post_closed(side, "ended");
    detach(side);
}

void sim_net_close(struct sim_endpoint *e)
{
    while (e->sides)
        sim_hang_up(&e->sides->channel);
}

void sim_net_forget_listeners(struct sim_endpoint *e)
{
    struct sim_host *host = &e->sim->hosts[e->host];
    size_t kept = 0;
    for (size_t i = 0; i < host->listener_count; i++)
        if (host->listeners[i].endpoint != e)
            host->listeners[kept++] = host->listeners[i];
    host->listener_count = kept;
}

static void forget_items(struct schedule *schedule)
{
    struct io_timer *timer;
    while ((timer = schedule_first(schedule))) {
        schedule_remove(schedule, timer);
        if (timer->fire == on_item_due)
            item_done(CONTAINER_OF(timer, struct sim_item, due));
    }
}

void sim_net_free(struct sim *s)
{
    forget_items(&s->schedule);
    for (size_t i = 0; s->hosts && i < s->config.host_count; i++)
        forget_items(&s->hosts[i].parked);
    while (s->spare_items) {
        struct sim_item *item = s->spare_items;
        s->spare_items = item->next_spare;
        free(item);
    }
}
