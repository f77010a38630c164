#include "io/sim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "io/sim_world.h"

static struct sim *sim_of(struct world *w)
{
    return CONTAINER_OF(w, struct sim, world);
}

/* --- what will happen ---------------------------------------------------- */

bool sim_schedule(struct sim *s, struct io_timer *timer, int64_t at_ns)
{
    timer->at_ns = at_ns > s->now_ns ? at_ns : s->now_ns;
    timer->order = ++s->order;
    bool added = schedule_add(&s->schedule, timer);
    s->out_of_memory |= !added;
    return added;
}

void sim_unschedule(struct sim *s, uint16_t host, struct io_timer *timer)
{
    if (schedule_holds(&s->schedule, timer))
        schedule_remove(&s->schedule, timer);
    else if (schedule_holds(&s->hosts[host].parked, timer))
        schedule_remove(&s->hosts[host].parked, timer);
}

bool sim_park(struct sim *s, uint16_t host, struct io_timer *timer)
{
    if (!s->hosts[host].paused)
        return false;
    bool parked = schedule_add(&s->hosts[host].parked, timer);
    s->out_of_memory |= !parked;
    return parked;
}

void sim_note(struct sim *s, uint16_t host, enum sim_event type, struct bytes payload)
{
    s->event_count++;
    s->digest = digest_u64(s->digest, (uint64_t)s->now_ns);
    s->digest = digest_u64(s->digest, (uint64_t)host << 8 | type);
    s->digest = digest_bytes(s->digest, payload);
}

static void fire(struct sim *s, struct io_timer *timer)
{
    if (!timer->owner) {
        timer->fire(timer);
        return;
    }
    const struct sim_endpoint *e = sim_endpoint_of(timer->owner);
    if (!e->alive || sim_park(s, e->host, timer))
        return;
    sim_note(s, e->host, SIM_TIMER, (struct bytes){0});
    timer->fire(timer);
}

static enum err_code sim_run(struct world *w, const bool *stop, int64_t until_ns,
                             struct err *err)
{
    struct sim *s = sim_of(w);
    struct io_timer *next;
    while (!s->out_of_memory && !(stop && *stop) && (next = schedule_first(&s->schedule)) &&
           (until_ns < 0 || next->at_ns <= until_ns)) {
        schedule_remove(&s->schedule, next);
        /* What was parked keeps the instant it was due at, which has passed. */
        if (next->at_ns > s->now_ns)
            s->now_ns = next->at_ns;
        fire(s, next);
    }
    if (s->out_of_memory)
        return err_set(err, ERR_NOMEM, "simulation: no memory for what is to happen");
    if (!(stop && *stop) && until_ns > s->now_ns)
        s->now_ns = until_ns;
    return ERR_OK;
}

/* --- one endpoint -------------------------------------------------------- */

static int64_t endpoint_now_ns(struct io *io)
{
    return sim_endpoint_of(io)->sim->now_ns;
}

static int64_t endpoint_wall_ns(struct io *io)
{
    const struct sim *s = sim_endpoint_of(io)->sim;
    return s->config.wall_at_start_ns + s->now_ns;
}

static uint64_t endpoint_random(struct io *io)
{
    return random_next(&sim_endpoint_of(io)->luck);
}

static void endpoint_timer_stop(struct io *io, struct io_timer *timer)
{
    const struct sim_endpoint *e = sim_endpoint_of(io);
    assert(timer->slot == 0 || timer->owner == io);
    sim_unschedule(e->sim, e->host, timer);
}

static void endpoint_timer_set(struct io *io, struct io_timer *timer, int64_t at_ns)
{
    const struct sim_endpoint *e = sim_endpoint_of(io);
    assert(timer->fire);
    endpoint_timer_stop(io, timer);
    timer->owner = io;
    if (e->alive)
        (void)sim_schedule(e->sim, timer, at_ns);
}

static const struct io_ops endpoint_ops = {
    .now_ns = endpoint_now_ns,
    .wall_ns = endpoint_wall_ns,
    .random = endpoint_random,
    .timer_set = endpoint_timer_set,
    .timer_stop = endpoint_timer_stop,
    .listen = sim_listen,
    .dial = sim_dial,
    .send = sim_send,
    .backlog_bytes = sim_backlog_bytes,
    .hang_up = sim_hang_up,
    .log_open = sim_log_open,
    .log_append = sim_log_append,
    .log_replace = sim_log_replace,
    .log_close = sim_log_close,
};

/* Count one more life of `name`; 0 without memory. */
static unsigned begin_life(struct sim *s, const char *name)
{
    struct sim_life *life = s->lives;
    while (life && strcmp(life->name, name) != 0)
        life = life->next;
    if (!life) {
        life = calloc(1, sizeof *life + strlen(name) + 1);
        if (!life)
            return 0;
        memcpy(life->name, name, strlen(name) + 1);
        life->next = s->lives;
        s->lives = life;
    }
    return ++life->count;
}

static struct random_stream luck_of(const struct sim *s, const char *name, unsigned life)
{
    char stream[128];
    snprintf(stream, sizeof stream, "endpoint %s life %u", name, life);
    return random_derive(s->config.seed, stream);
}

static struct io *sim_open(struct world *w, const struct place *place, const char *name,
                           struct err *err)
{
    struct sim *s = sim_of(w);
    assert(place->host < s->config.host_count);
    struct sim_endpoint *e = calloc(1, sizeof *e + strlen(name) + 1);
    unsigned life = e ? begin_life(s, name) : 0;
    if (life == 0) {
        free(e);
        err_set(err, ERR_NOMEM, "endpoint '%s': out of memory", name);
        return NULL;
    }
    memcpy(e->name, name, strlen(name) + 1);
    struct sim_host *host = &s->hosts[place->host];
    e->io.ops = &endpoint_ops;
    e->sim = s;
    e->host = place->host;
    e->alive = true;
    e->luck = luck_of(s, name, life);
    e->next = host->endpoints;
    host->endpoints = e;
    host->powered = true;
    return &e->io;
}

static void forget_endpoint(struct sim *s, struct sim_endpoint *e)
{
    struct sim_endpoint **at = &s->hosts[e->host].endpoints;
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    free(e);
}

static void sim_close(struct world *w, struct io *io)
{
    struct sim *s = sim_of(w);
    struct sim_endpoint *e = sim_endpoint_of(io);
    schedule_remove_owner(&s->schedule, io);
    schedule_remove_owner(&s->hosts[e->host].parked, io);
    sim_net_forget_listeners(e);
    sim_net_close(e);
    while (e->logs)
        sim_log_close((struct io_log *)e->logs);
    forget_endpoint(s, e);
}

/* --- power, pauses, links ------------------------------------------------ */

static void resume_host(struct sim *s, uint16_t number)
{
    struct sim_host *host = &s->hosts[number];
    host->paused = false;
    s->out_of_memory |= !schedule_move(&s->schedule, &host->parked);
}

static void sim_power_off(struct world *w, const struct place *place)
{
    struct sim *s = sim_of(w);
    assert(place->host < s->config.host_count);
    struct sim_host *host = &s->hosts[place->host];
    host->powered = false;
    for (struct sim_endpoint *e = host->endpoints; e; e = e->next) {
        e->alive = false;
        sim_net_forget_listeners(e);
    }
    sim_disks_crash(s, place->host);
    /* What was parked now finds nobody there. */
    resume_host(s, place->host);
}

static void sim_pause(struct world *w, const struct place *place)
{
    assert(place->host < sim_of(w)->config.host_count);
    sim_of(w)->hosts[place->host].paused = true;
}

static void sim_resume(struct world *w, const struct place *place)
{
    assert(place->host < sim_of(w)->config.host_count);
    resume_host(sim_of(w), place->host);
}

static struct link_shape *sim_link_shape(struct world *w, uint16_t from, uint16_t to)
{
    const struct sim *s = sim_of(w);
    assert(from < s->config.host_count && to < s->config.host_count);
    return &sim_link_of(s, from, to)->shape;
}

static struct link_counts sim_link_counts(struct world *w, uint16_t from, uint16_t to)
{
    const struct sim *s = sim_of(w);
    assert(from < s->config.host_count && to < s->config.host_count);
    return sim_link_of(s, from, to)->counts;
}

static int64_t sim_now_ns(struct world *w)
{
    return sim_of(w)->now_ns;
}

static uint64_t sim_digest(const struct world *w)
{
    return CONTAINER_OF(w, const struct sim, world)->digest;
}

static uint64_t sim_event_count(const struct world *w)
{
    return CONTAINER_OF(w, const struct sim, world)->event_count;
}

/* --- the whole ----------------------------------------------------------- */

static const struct world_ops sim_ops = {
    .open = sim_open,
    .close = sim_close,
    .now_ns = sim_now_ns,
    .run = sim_run,
    .power_off = sim_power_off,
    .pause = sim_pause,
    .resume = sim_resume,
    .link = sim_link_shape,
    .link_counts = sim_link_counts,
    .digest = sim_digest,
    .event_count = sim_event_count,
};

static struct random_stream link_stream(const struct sim *s, const char *concern, uint16_t from,
                                        uint16_t to)
{
    char name[64];
    snprintf(name, sizeof name, "link %u>%u %s", from, to, concern);
    return random_derive(s->config.seed, name);
}

static void init_link(struct sim *s, uint16_t from, uint16_t to)
{
    *sim_link_of(s, from, to) = (struct sim_link){
        .loss = link_stream(s, "loss", from, to),
        .jitter = link_stream(s, "jitter", from, to),
        .duplicate = link_stream(s, "duplicate", from, to),
        .reorder = link_stream(s, "reorder", from, to),
        .signal = link_stream(s, "signal", from, to),
    };
}

struct world *sim_new(const struct sim_config *config)
{
    assert(config->host_count > 0 && config->sync_ns >= 0);
    size_t hosts = config->host_count;
    struct sim *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->world.ops = &sim_ops;
    s->world.simulated = true;
    s->config = *config;
    s->digest = DIGEST_START;
    s->hosts = calloc(hosts, sizeof *s->hosts);
    s->links = calloc(hosts * hosts, sizeof *s->links);
    if (!s->hosts || !s->links) {
        sim_free(&s->world);
        return NULL;
    }
    for (uint16_t from = 0; from < hosts; from++)
        for (uint16_t to = 0; to < hosts; to++)
            init_link(s, from, to);
    for (uint16_t host = 0; host < hosts; host++)
        s->hosts[host].powered = true;
    return &s->world;
}

static void free_hosts(struct sim *s)
{
    for (size_t i = 0; s->hosts && i < s->config.host_count; i++) {
        assert(!s->hosts[i].endpoints);
        schedule_done(&s->hosts[i].parked);
        free(s->hosts[i].listeners);
    }
    free(s->hosts);
}

static void free_lives(struct sim *s)
{
    while (s->lives) {
        struct sim_life *life = s->lives;
        s->lives = life->next;
        free(life);
    }
}

void sim_free(struct world *w)
{
    if (!w)
        return;
    struct sim *s = sim_of(w);
    sim_net_free(s);
    sim_disks_free(s);
    schedule_done(&s->schedule);
    free_hosts(s);
    free_lives(s);
    free(s->links);
    free(s);
}
