/* Durable logs in real files, written and synced on libuv's threads.
 *
 * One batch at a time keeps a log free of holes, so recovery may cut off what begins
 * with a frame that is not whole - unless whole ones follow it: then it was no crash
 * that broke it, and the log is refused. A replacement is a new file renamed over the old one.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/batch.h"
#include "io/frame.h"
#include "io/live_loop.h"

enum { NAME_BYTES = 200, PIECE_BYTES = 256 * 1024 };

struct live_log {
    struct io_log log;
    struct live_log *next;
    struct live_endpoint *endpoint; /* NULL once closed */
    int folder_fd;                  /* the world's */
    int fd;
    int64_t size_bytes; /* whole, durable frames in the file */
    uint64_t count;     /* records since it was opened */
    struct batch writing, waiting;
    uv_work_t work;        /* about `writing`; while that is not empty a thread may use it */
    uv_sem_t done;         /* posted by the thread */
    const char *failed_at; /* which call failed; NULL: none. Then the log is lost */
    int failed_with;
    char file[NAME_BYTES];
    char new_file[NAME_BYTES];
};

/* --- on a thread of the pool --------------------------------------------- */

static bool fail(struct live_log *l, const char *call)
{
    l->failed_at = call;
    l->failed_with = errno;
    return false;
}

static bool write_at(struct live_log *l, int fd, int64_t at, struct bytes data)
{
    while (data.size > 0) {
        ssize_t count = pwrite(fd, data.at, data.size, at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail(l, "write");
        data = (struct bytes){data.at + count, data.size - (size_t)count};
        at += count;
    }
    return true;
}

static bool append_batch(struct live_log *l)
{
    struct bytes data = buffer_bytes(&l->writing.frames);
    if (!write_at(l, l->fd, l->size_bytes, data))
        return false;
    if (fdatasync(l->fd) < 0)
        return fail(l, "sync");
    l->size_bytes += (int64_t)data.size;
    return true;
}

static bool fill_and_rename(struct live_log *l, int fd, struct bytes data)
{
    if (!write_at(l, fd, 0, data))
        return false;
    if (fsync(fd) < 0)
        return fail(l, "sync of the new file");
    if (renameat(l->folder_fd, l->new_file, l->folder_fd, l->file) < 0)
        return fail(l, "rename");
    /* Until the folder is synced a crash may bring the old file back. */
    if (fsync(l->folder_fd) < 0)
        return fail(l, "sync of the folder");
    return true;
}

static bool replace_file(struct live_log *l)
{
    struct bytes data = buffer_bytes(&l->writing.frames);
    int flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
    int fd = openat(l->folder_fd, l->new_file, flags, 0600);
    if (fd < 0)
        return fail(l, "open of the new file");
    if (!fill_and_rename(l, fd, data)) {
        close(fd);
        return false;
    }
    close(l->fd);
    l->fd = fd;
    l->size_bytes = (int64_t)data.size;
    return true;
}

static void write_batch(uv_work_t *work)
{
    struct live_log *l = CONTAINER_OF(work, struct live_log, work);
    if (l->writing.replaces)
        (void)replace_file(l); /* it has noted its failure */
    else
        (void)append_batch(l);
    uv_sem_post(&l->done);
}

/* --- on the loop --------------------------------------------------------- */

static void log_free(struct live_log *l)
{
    if (l->fd >= 0)
        close(l->fd);
    uv_sem_destroy(&l->done);
    batch_done(&l->writing);
    batch_done(&l->waiting);
    free(l);
}

/* The kernel may forget dirty pages after a failed sync and report success next
 * time, so trying again would be a lie: the log stays failed. */
static void tell_failure(struct live_log *l)
{
    char why[160];
    snprintf(why, sizeof why, "log '%.60s': %s: %s", l->file, l->failed_at,
             uv_strerror(-l->failed_with));
    l->log.handler->failed(l->log.user, why);
}

static void begin_batch(struct live_log *l);

static void on_batch_done(uv_work_t *work, int status)
{
    struct live_log *l = CONTAINER_OF(work, struct live_log, work);
    (void)status; /* cancelled only by live_log_close */
    if (!l->endpoint) {
        log_free(l);
        return;
    }
    uv_sem_wait(&l->done); /* posted before we were called */
    uint64_t count = l->writing.count;
    batch_clear(&l->writing);
    if (l->failed_at) {
        tell_failure(l);
        return;
    }
    begin_batch(l);
    l->log.handler->synced(l->log.user, count);
}

static void begin_batch(struct live_log *l)
{
    if (l->writing.count > 0 || l->waiting.count == 0)
        return;
    batch_move(&l->writing, &l->waiting);
    int rc = uv_queue_work(&l->endpoint->live->loop, &l->work, write_batch, on_batch_done);
    assert(rc == 0); /* it refuses nothing but a missing callback */
    (void)rc;
}

static struct live_log *log_of(struct io_log *log)
{
    return CONTAINER_OF(log, struct live_log, log);
}

static enum err_code refuse_failed(const struct live_log *l, struct err *err)
{
    return err_set(err, ERR_IO, "log '%s': its %s failed before; open it again", l->file,
                   l->failed_at);
}

/* A thread may be noting a failure just now; that is told by `failed`. */
static bool has_failed(const struct live_log *l)
{
    return l->writing.count == 0 && l->failed_at;
}

enum err_code live_log_append(struct io_log *log, struct bytes record, struct err *err)
{
    struct live_log *l = log_of(log);
    if (has_failed(l))
        return refuse_failed(l, err);
    if (!batch_append(&l->waiting, record, l->count + 1))
        return err_set(err, ERR_NOMEM, "log '%s': no memory for a record of %zu bytes", l->file,
                       record.size);
    l->count++;
    begin_batch(l);
    return ERR_OK;
}

enum err_code live_log_replace(struct io_log *log, struct bytes records, struct err *err)
{
    struct live_log *l = log_of(log);
    if (has_failed(l))
        return refuse_failed(l, err);
    if (!batch_replace(&l->waiting, records, l->count + 1))
        return err_set(err, ERR_NOMEM, "log '%s': no memory to replace it by %zu bytes",
                       l->file, records.size);
    l->count++;
    begin_batch(l);
    return ERR_OK;
}

/* Waits for the batch a thread has begun, since the file may be opened again at
 * once, and must then be at rest. */
static void close_log(struct live_endpoint *e, struct live_log *l)
{
    struct live_log **at = &e->logs;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    l->endpoint = NULL;
    if (l->writing.count == 0)
        log_free(l);
    else if (uv_cancel((uv_req_t *)&l->work) < 0)
        uv_sem_wait(&l->done); /* on_batch_done frees it */
}

void live_log_close(struct io_log *log)
{
    struct live_log *l = log_of(log);
    close_log(l->endpoint, l);
}

void live_disk_close(struct live_endpoint *e)
{
    while (e->logs)
        close_log(e, e->logs);
}

/* --- opening ------------------------------------------------------------- */

static enum err_code refuse(const struct live_log *l, const char *call, struct err *err)
{
    return err_set(err, errno == ENOMEM ? ERR_NOMEM : ERR_IO, "log '%s': %s: %s", l->file, call,
                   uv_strerror(-errno));
}

static enum err_code read_all(const struct live_log *l, struct buffer *out, struct err *err)
{
    ssize_t count;
    do {
        uint8_t *to = buffer_reserve(out, PIECE_BYTES);
        if (!to)
            return err_set(err, ERR_NOMEM, "log '%s': no memory after %zu bytes", l->file,
                           out->size);
        count = read(l->fd, to, PIECE_BYTES);
        if (count < 0)
            return refuse(l, "read", err);
        out->size += (size_t)count;
    } while (count > 0);
    return ERR_OK;
}

/* Cut off a torn tail, and make durable what is told as recovered: it may have been
 * written and never synced. */
static enum err_code settle(const struct live_log *l, struct err *err)
{
    if (ftruncate(l->fd, l->size_bytes) < 0)
        return refuse(l, "cut", err);
    if (fsync(l->fd) < 0)
        return refuse(l, "sync", err);
    if (fsync(l->folder_fd) < 0)
        return refuse(l, "sync of its folder", err);
    return ERR_OK;
}

/* `rest` is what follows the whole frames. */
static enum err_code check_tail(const struct live_log *l, struct bytes rest, struct err *err)
{
    size_t count = frame_count_behind(rest);
    if (count == 0)
        return ERR_OK;
    char link[40], folder[256], behind[80] = "too much follows to tell a torn end";
    snprintf(link, sizeof link, "/proc/self/fd/%d", l->folder_fd);
    ssize_t size = readlink(link, folder, sizeof folder - 1);
    folder[size > 0 ? size : 0] = '\0';
    if (count != FRAMES_UNCOUNTED)
        snprintf(behind, sizeof behind, "%zu whole record%s follow%s", count,
                 count == 1 ? "" : "s", count == 1 ? "s" : "");
    return err_set(err, ERR_DAMAGED,
                   "%.200s/%s: damaged at byte %lld, and %s; restore it or remove the data "
                   "folder",
                   folder, l->file, (long long)l->size_bytes, behind);
}

/* Read from the start of `found`, which holds the whole file. */
static enum err_code recover_from(struct live_log *l, struct bytes found, struct err *err)
{
    struct bytes rest = found, record;
    while (frame_next(&rest, &record) == FRAME_WHOLE)
        ;
    struct bytes whole = {found.at, found.size - rest.size};
    l->size_bytes = (int64_t)whole.size;
    if (check_tail(l, rest, err) || settle(l, err))
        return err->code;
    while (frame_next(&whole, &record) == FRAME_WHOLE)
        l->log.handler->recovered(l->log.user, record);
    if (rest.size > 0 && l->log.handler->cut)
        l->log.handler->cut(l->log.user, rest.size);
    return ERR_OK;
}

static enum err_code recover(struct live_log *l, struct err *err)
{
    struct buffer found = {0};
    enum err_code code = read_all(l, &found, err);
    if (code == ERR_OK)
        code = recover_from(l, buffer_bytes(&found), err);
    buffer_done(&found);
    return code;
}

static enum err_code name_files(struct live_log *l, const char *endpoint, const char *name,
                                struct err *err)
{
    int size = snprintf(l->file, NAME_BYTES, "%s.%s.log", endpoint, name);
    if (size < 0 || size > NAME_BYTES - 5 || strchr(l->file, '/'))
        return err_set(err, ERR_INVALID,
                       "log '%.60s' of '%.60s': the file's name would be over %d bytes or "
                       "hold a '/'",
                       name, endpoint, NAME_BYTES - 5);
    memcpy(l->new_file, l->file, (size_t)size);
    memcpy(l->new_file + size, ".new", 5);
    return ERR_OK;
}

static enum err_code open_file(struct live_log *l, struct err *err)
{
    /* Left by a crash in the middle of a replacement. */
    (void)unlinkat(l->folder_fd, l->new_file, 0);
    l->fd = openat(l->folder_fd, l->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return l->fd < 0 ? refuse(l, "open", err) : ERR_OK;
}

enum err_code live_log_open(struct io *io, const char *name,
                            const struct io_log_handler *handler, void *user,
                            struct io_log **out, struct err *err)
{
    struct live_endpoint *e = live_endpoint_of(io);
    assert(handler->recovered && handler->synced && handler->failed);
    if (e->live->folder_fd < 0)
        return err_set(err, ERR_INVALID, "log '%s' of '%s': this world was given no folder",
                       name, e->name);
    struct live_log *l = calloc(1, sizeof *l);
    if (!l || uv_sem_init(&l->done, 0) < 0) {
        free(l);
        return err_set(err, ERR_NOMEM, "log '%s' of '%s': out of memory", name, e->name);
    }
    l->log = (struct io_log){handler, user};
    l->folder_fd = e->live->folder_fd;
    l->fd = -1;
    if (name_files(l, e->name, name, err) || open_file(l, err) || recover(l, err)) {
        log_free(l);
        return err->code;
    }
    l->endpoint = e;
    l->next = e->logs;
    e->logs = l;
    *out = &l->log;
    return ERR_OK;
}
