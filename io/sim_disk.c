/* Logs on disks with a write cache: what was not synced may be gone, or half there,
 * after a crash. A disk outlives the endpoint that opened it; a log does not. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "io/batch.h"
#include "io/frame.h"
#include "io/sim_world.h"

struct sim_log {
    struct io_log log; /* first: it is what its owner holds */
    struct sim_log *next;
    struct sim_endpoint *endpoint;
    struct sim_disk *disk; /* NULL once the power has failed */
    uint64_t count;        /* records since it was opened */
};

struct sim_disk {
    struct sim_disk *next;
    struct sim *sim;
    uint16_t host; /* of who opened it last */
    struct random_stream luck;
    struct buffer kept; /* what is durable, and after a crash a torn tail */
    struct batch syncing, waiting;
    struct io_timer sync; /* armed while something is syncing */
    bool synced;          /* it is, but the host is paused and was not told */
    struct sim_log *log;  /* NULL: nobody has it open */
    char name[];          /* "ENDPOINT.LOG" */
};

static void on_sync_due(struct io_timer *timer);

/* --- the disk ------------------------------------------------------------ */

/* Make what is syncing durable. */
static void keep(struct sim_disk *d)
{
    if (d->syncing.replaces)
        d->kept.size = 0;
    if (!buffer_append(&d->kept, buffer_bytes(&d->syncing.frames)))
        d->sim->out_of_memory = true;
}

/* Begin to sync what waits, unless a sync is under way: one at a time, and all
 * that came meanwhile goes with the next. */
static void begin_sync(struct sim_disk *d)
{
    if (d->syncing.count > 0 || d->waiting.count == 0)
        return;
    batch_move(&d->syncing, &d->waiting);
    d->sync.fire = on_sync_due;
    (void)sim_schedule(d->sim, &d->sync, d->sim->now_ns + d->sim->config.sync_ns);
}

static void on_sync_due(struct io_timer *timer)
{
    struct sim_disk *d = CONTAINER_OF(timer, struct sim_disk, sync);
    struct sim *s = d->sim;
    if (!d->synced)
        keep(d);
    d->synced = sim_park(s, d->host, timer);
    if (d->synced)
        return;
    uint64_t count = d->syncing.count;
    batch_clear(&d->syncing);
    begin_sync(d);
    if (!d->log)
        return;
    uint8_t bytes[8];
    write_u64(&(struct writer){bytes, sizeof bytes}, count);
    sim_note(s, d->host, SIM_SYNCED, (struct bytes){bytes, sizeof bytes});
    d->log->log.handler->synced(d->log->log.user, count);
}

/* Leave nothing under way. */
static void forget_batches(struct sim_disk *d)
{
    sim_unschedule(d->sim, d->host, &d->sync);
    d->synced = false;
    batch_clear(&d->syncing);
    batch_clear(&d->waiting);
}

/* Real disks cache: bytes written but not synced may have reached the platter in
 * part. Keeping a random prefix makes recovery meet torn frames. A replacement is
 * a rename: it has happened or it has not. */
static void crash(struct sim_disk *d)
{
    size_t size = d->syncing.frames.size;
    uint64_t luck = random_next(&d->luck); /* one draw, whatever is under way */
    if (d->syncing.count > 0 && !d->synced) {
        if (!d->syncing.replaces)
            d->syncing.frames.size = luck % (size + 1);
        if (!d->syncing.replaces || luck % 2 == 0)
            keep(d);
    }
    forget_batches(d);
    if (d->log)
        d->log->disk = NULL;
    d->log = NULL;
}

void sim_disks_crash(struct sim *s, uint16_t host)
{
    for (struct sim_disk *d = s->disks; d; d = d->next)
        if (d->host == host)
            crash(d);
}

static struct sim_disk *disk_new(struct sim *s, const char *name)
{
    struct sim_disk *d = calloc(1, sizeof *d + strlen(name) + 1);
    if (!d)
        return NULL;
    char stream[160];
    snprintf(stream, sizeof stream, "disk %s", name);
    d->luck = random_derive(s->config.seed, stream);
    memcpy(d->name, name, strlen(name) + 1);
    d->sim = s;
    d->next = s->disks;
    s->disks = d;
    return d;
}

static struct sim_disk *disk_of(struct sim *s, const char *name)
{
    for (struct sim_disk *d = s->disks; d; d = d->next)
        if (strcmp(d->name, name) == 0)
            return d;
    return disk_new(s, name);
}

void sim_disks_free(struct sim *s)
{
    while (s->disks) {
        struct sim_disk *d = s->disks;
        assert(!d->log);
        s->disks = d->next;
        buffer_done(&d->kept);
        batch_done(&d->syncing);
        batch_done(&d->waiting);
        free(d);
    }
}

/* --- the log ------------------------------------------------------------- */

static struct sim_log *log_of(struct io_log *log)
{
    return CONTAINER_OF(log, struct sim_log, log);
}

/* Deliver every whole record, and cut off what follows them. Whoever closed the log
 * with a batch under way finds it whole: opening syncs, as it does on a real disk. */
static void recover(struct sim_disk *d, const struct sim_log *l)
{
    if (d->syncing.count > 0 && !d->synced)
        keep(d);
    forget_batches(d);
    struct bytes rest = buffer_bytes(&d->kept), record;
    while (frame_next(&rest, &record) == FRAME_WHOLE) {
        sim_note(d->sim, l->endpoint->host, SIM_RECOVERED, record);
        l->log.handler->recovered(l->log.user, record);
    }
    d->kept.size -= rest.size;
    if (rest.size > 0 && l->log.handler->cut)
        l->log.handler->cut(l->log.user, rest.size);
}

enum err_code sim_log_open(struct io *io, const char *name,
                           const struct io_log_handler *handler, void *user,
                           struct io_log **out, struct err *err)
{
    struct sim_endpoint *e = sim_endpoint_of(io);
    assert(e->alive);
    char full[128];
    int size = snprintf(full, sizeof full, "%s.%s", e->name, name);
    if (size < 0 || (size_t)size >= sizeof full)
        return err_set(err, ERR_LIMIT, "log '%s' of '%s': the name is over %zu bytes", name,
                       e->name, sizeof full - 1);
    struct sim_disk *d = disk_of(e->sim, full);
    struct sim_log *l = calloc(1, sizeof *l);
    if (!d || !l) {
        free(l);
        return err_set(err, ERR_NOMEM, "log '%s': out of memory", full);
    }
    assert(!d->log);
    *l = (struct sim_log){.log = {handler, user}, .endpoint = e, .disk = d, .next = e->logs};
    e->logs = l;
    recover(d, l);
    d->host = e->host;
    d->log = l;
    *out = &l->log;
    return ERR_OK;
}

static enum err_code refuse_without_power(struct err *err)
{
    return err_set(err, ERR_IO, "log: the power of its host is off");
}

enum err_code sim_log_append(struct io_log *log, struct bytes record, struct err *err)
{
    struct sim_log *l = log_of(log);
    if (!l->disk)
        return refuse_without_power(err);
    if (!batch_append(&l->disk->waiting, record, l->count + 1))
        return err_set(err, ERR_NOMEM, "append a record of %zu bytes", record.size);
    l->count++;
    begin_sync(l->disk);
    return ERR_OK;
}

enum err_code sim_log_replace(struct io_log *log, struct bytes records, struct err *err)
{
    struct sim_log *l = log_of(log);
    if (!l->disk)
        return refuse_without_power(err);
    if (!batch_replace(&l->disk->waiting, records, l->count + 1))
        return err_set(err, ERR_NOMEM, "replace a log by %zu bytes", records.size);
    l->count++;
    begin_sync(l->disk);
    return ERR_OK;
}

/* What waits for a sync under way was never given to the disk. */
void sim_log_close(struct io_log *log)
{
    struct sim_log *l = log_of(log);
    if (l->disk) {
        batch_clear(&l->disk->waiting);
        l->disk->log = NULL;
    }
    struct sim_log **at = &l->endpoint->logs;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    free(l);
}
