/* Child processes in places: started inside the place's network namespace, heard
 * line by line, and reported once they are gone. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/live_loop.h"

enum { LINE_BYTES_MAX = 1 << 20, READ_BYTES = 64 * 1024 };

extern char **environ;

struct process {
    struct live *live;
    struct process_spec spec; /* only its callbacks; the rest was borrowed */
    uv_process_t handle;
    uv_pipe_t in, out;
    unsigned handle_count; /* that libuv has not let go of */
    bool has_pipes, exited, forgotten;
    bool went_too_far;          /* a line over the limit: nothing more is read */
    struct buffer text;         /* the line that has begun */
    struct buffer writing, due; /* for its stdin: with the pipe, and behind that */
    uv_write_t write;
};

struct live_signal {
    struct live_signal *next;
    uv_signal_t handle;
    void (*told)(void *user);
    void *user;
};

/* --- its output ---------------------------------------------------------- */

static void tell_line(const struct process *p, struct bytes line)
{
    p->spec.line(p->spec.user, (const char *)line.at, line.size);
}

static void tell_whole_lines(struct process *p)
{
    struct bytes rest = buffer_bytes(&p->text);
    const uint8_t *end;
    while (rest.size > 0 && (end = memchr(rest.at, '\n', rest.size))) {
        struct bytes line = {rest.at, (size_t)(end - rest.at)};
        rest = (struct bytes){end + 1, rest.size - line.size - 1};
        if (line.size <= LINE_BYTES_MAX)
            tell_line(p, line);
        else
            p->went_too_far = true;
    }
    buffer_drop_front(&p->text, p->text.size - rest.size);
    p->went_too_far |= p->text.size > LINE_BYTES_MAX;
}

static void on_alloc(uv_handle_t *handle, size_t suggested_bytes, uv_buf_t *buf)
{
    (void)suggested_bytes;
    struct process *p = CONTAINER_OF(handle, struct process, out);
    uint8_t *to = buffer_reserve(&p->text, READ_BYTES);
    *buf = uv_buf_init((char *)to, to ? READ_BYTES : 0);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    (void)buf;
    struct process *p = CONTAINER_OF(stream, struct process, out);
    if (count > 0) {
        p->text.size += (size_t)count;
        tell_whole_lines(p);
    }
    if (count < 0)
        uv_read_stop(stream);
    /* Whoever cannot be heard may not go on. */
    if (p->went_too_far || (count < 0 && count != UV_EOF)) {
        uv_read_stop(stream);
        (void)uv_process_kill(&p->handle, SIGKILL);
    }
}

/* What it wrote before it went is still in the pipe. Its own children may hold the
 * other end and go on: take no more than a pipe can have held. */
static void drain(struct process *p)
{
    uv_os_fd_t fd;
    if (uv_fileno((uv_handle_t *)&p->out, &fd) < 0)
        return;
    for (size_t taken = 0; !p->went_too_far && taken < LINE_BYTES_MAX;) {
        uint8_t *to = buffer_reserve(&p->text, READ_BYTES);
        ssize_t count = to ? read(fd, to, READ_BYTES) : -1;
        if (count <= 0)
            break;
        taken += (size_t)count;
        p->text.size += (size_t)count;
        tell_whole_lines(p);
    }
    if (p->text.size > 0 && !p->went_too_far)
        tell_line(p, buffer_bytes(&p->text));
}

/* --- its life ------------------------------------------------------------ */

static void free_when_done(struct process *p)
{
    if (!p->forgotten || p->handle_count > 0)
        return;
    buffer_done(&p->text);
    buffer_done(&p->writing);
    buffer_done(&p->due);
    free(p);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct process *p = handle->data;
    p->handle_count--;
    free_when_done(p);
}

static void adopt(struct process *p, uv_handle_t *handle)
{
    handle->data = p;
    p->handle_count++;
}

static void close_handles(struct process *p)
{
    if (p->handle.data) /* it came as far as uv_spawn */
        uv_close((uv_handle_t *)&p->handle, on_handle_closed);
    if (!p->has_pipes)
        return;
    uv_close((uv_handle_t *)&p->in, on_handle_closed);
    uv_close((uv_handle_t *)&p->out, on_handle_closed);
}

static void on_exit_of(uv_process_t *handle, int64_t code, int signal)
{
    struct process *p = CONTAINER_OF(handle, struct process, handle);
    if (p->has_pipes)
        drain(p);
    p->exited = true;
    close_handles(p);
    if (p->spec.exited)
        p->spec.exited(p->spec.user, (int)code, signal);
}

void live_process_free(struct process *p)
{
    if (!p)
        return;
    assert(p->exited && !p->forgotten);
    p->forgotten = true;
    p->live->process_count--;
    free_when_done(p);
}

/* --- starting ------------------------------------------------------------ */

static bool is_named(const char *variable, const char *other)
{
    size_t size = strcspn(variable, "=");
    return strncmp(variable, other, size + 1) == 0;
}

static size_t count_of(const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

static bool is_overridden(const char *variable, const char *const *env, size_t count)
{
    bool found = false;
    for (size_t i = 0; i < count && !found; i++)
        found = is_named(env[i], variable);
    return found;
}

/* Ours, with those of `env` added or in their place. The strings are borrowed. */
static const char **make_environment(const char *const *env)
{
    size_t added = count_of(env), ours = count_of((const char *const *)environ), count = 0;
    const char **all = calloc(added + ours + 1, sizeof *all);
    if (!all)
        return NULL;
    for (size_t i = 0; i < added; i++)
        all[count++] = env[i];
    for (size_t i = 0; i < ours; i++)
        if (!is_overridden(environ[i], env, added))
            all[count++] = environ[i];
    return all;
}

static void open_pipes(struct process *p)
{
    int rc = uv_pipe_init(&p->live->loop, &p->in, 0);
    if (rc == 0)
        rc = uv_pipe_init(&p->live->loop, &p->out, 0);
    assert(rc == 0); /* they only fill in a struct */
    adopt(p, (uv_handle_t *)&p->in);
    adopt(p, (uv_handle_t *)&p->out);
    p->has_pipes = true;
}

static uv_stdio_container_t pipe_end(uv_pipe_t *pipe, int direction)
{
    uv_stdio_container_t end = {.flags = UV_CREATE_PIPE | (uv_stdio_flags)direction};
    end.data.stream = (uv_stream_t *)pipe;
    return end;
}

static uv_stdio_container_t file_end(int fd)
{
    uv_stdio_container_t end = {.flags = fd < 0 ? UV_IGNORE : UV_INHERIT_FD};
    end.data.fd = fd;
    return end;
}

/* The child inherits the network of the thread that forks it, which is ours. */
static int spawn_in(struct process *p, const uv_process_options_t *options, int netns_fd)
{
    int rc = live_enter(netns_fd);
    if (rc < 0)
        return rc;
    rc = uv_spawn(&p->live->loop, &p->handle, options);
    adopt(p, (uv_handle_t *)&p->handle); /* to be closed even when that failed */
    live_come_home(p->live, netns_fd);
    return rc;
}

static int start(struct process *p, const struct process_spec *spec, int log_fd)
{
    const char **env = make_environment(spec->env);
    if (!env)
        return UV_ENOMEM;
    bool lines = spec->line != NULL;
    uv_stdio_container_t stdio[3] = {
        lines ? pipe_end(&p->in, UV_READABLE_PIPE) : file_end(-1),
        lines ? pipe_end(&p->out, UV_WRITABLE_PIPE) : file_end(log_fd),
        file_end(log_fd),
    };
    uv_process_options_t options = {
        .exit_cb = on_exit_of,
        .file = spec->argv[0],
        .args = (char **)(uintptr_t)spec->argv, /* exec's old promise not to write there */
        .env = (char **)(uintptr_t)env,
        .stdio_count = 3,
        .stdio = stdio,
    };
    int rc = spawn_in(p, &options, spec->place->netns_fd);
    free(env);
    return rc;
}

/* It has run a moment outside: what it uses until then is not counted. */
static int join_cgroup(int cgroup_fd, int pid)
{
    if (cgroup_fd < 0)
        return 0;
    int fd = openat(cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    int rc = fd < 0 || dprintf(fd, "%d\n", pid) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return rc;
}

/* `*fd` is negative when no log is wanted. */
static int open_log(const char *path, int *fd)
{
    *fd = -1;
    if (!path)
        return 0;
    *fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return *fd < 0 ? -errno : 0;
}

/* Let go of a process that could not be started. */
static struct process *give_up(struct process *p)
{
    p->exited = true;
    close_handles(p);
    live_process_free(p);
    return NULL;
}

static struct process *process_new(struct live *l, const struct process_spec *spec)
{
    struct process *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->live = l;
    p->spec =
        (struct process_spec){.line = spec->line, .exited = spec->exited, .user = spec->user};
    l->process_count++;
    return p;
}

static void refuse(const struct process_spec *spec, const char *what, int rc, struct err *err)
{
    err_set(err, rc == UV_ENOMEM ? ERR_NOMEM : ERR_IO, "start '%s'%s%s: %s", spec->argv[0],
            *what ? ": " : "", what, uv_strerror(rc));
}

/* A child that runs but cannot be held is ended, and reported as never started. */
static struct process *start_listening(struct process *p, const struct process_spec *spec,
                                       struct err *err)
{
    int rc = join_cgroup(spec->place->cgroup_fd, p->handle.pid);
    if (rc == 0 && p->has_pipes)
        rc = uv_read_start((uv_stream_t *)&p->out, on_alloc, on_read);
    if (rc == 0)
        return p;
    refuse(spec, "its cgroup or pipe", rc, err);
    (void)uv_process_kill(&p->handle, SIGKILL);
    (void)waitpid(p->handle.pid, NULL, 0); /* libuv will not, once the handle is closed */
    return give_up(p);
}

static struct process *spawn_with_log(struct live *l, const struct process_spec *spec,
                                      int log_fd, struct err *err)
{
    struct process *p = process_new(l, spec);
    if (!p) {
        refuse(spec, "", UV_ENOMEM, err);
        return NULL;
    }
    if (spec->line)
        open_pipes(p);
    int rc = start(p, spec, log_fd);
    if (rc == 0)
        return start_listening(p, spec, err);
    refuse(spec, "", rc, err);
    return give_up(p);
}

struct process *live_spawn(struct world *w, const struct process_spec *spec, struct err *err)
{
    int log_fd;
    int rc = open_log(spec->log_path, &log_fd);
    if (rc < 0) {
        refuse(spec, spec->log_path, rc, err);
        return NULL;
    }
    struct process *p = spawn_with_log(live_of(w), spec, log_fd, err);
    if (log_fd >= 0)
        close(log_fd);
    return p;
}

/* --- signals and input --------------------------------------------------- */

enum err_code live_signal(struct process *p, int signal, struct err *err)
{
    int rc = p->exited ? UV_ESRCH : uv_process_kill(&p->handle, signal);
    if (rc < 0)
        return err_set(err, rc == UV_ESRCH ? ERR_NOTFOUND : ERR_IO,
                       "signal %d to process %d: %s", signal, p->handle.pid, uv_strerror(rc));
    return ERR_OK;
}

int live_pid(const struct process *p)
{
    return p->handle.pid;
}

static void write_more(struct process *p);

static void on_written(uv_write_t *request, int status)
{
    struct process *p = CONTAINER_OF(request, struct process, write);
    p->writing.size = 0;
    if (status < 0)
        p->due.size = 0; /* it reads no more; its exit will tell */
    else
        write_more(p);
}

static void write_more(struct process *p)
{
    if (p->exited || p->writing.size > 0 || p->due.size == 0)
        return;
    struct buffer empty = p->writing;
    p->writing = p->due;
    p->due = empty;
    uv_buf_t buf = uv_buf_init((char *)p->writing.at, (unsigned)p->writing.size);
    if (uv_write(&p->write, (uv_stream_t *)&p->in, &buf, 1, on_written) < 0)
        p->writing.size = 0;
}

enum err_code live_write(struct process *p, struct bytes text, struct err *err)
{
    assert(p->has_pipes);
    if (p->exited)
        return err_set(err, ERR_IO, "write to process %d: it has ended", p->handle.pid);
    if (p->writing.size + p->due.size + text.size > IO_BACKLOG_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "write to process %d: it has not read %zu bytes before",
                       p->handle.pid, p->writing.size + p->due.size);
    if (!buffer_append(&p->due, text))
        return err_set(err, ERR_NOMEM, "write %zu bytes to process %d", text.size,
                       p->handle.pid);
    write_more(p);
    return ERR_OK;
}

static void on_signal(uv_signal_t *handle, int signal)
{
    (void)signal;
    const struct live_signal *s = CONTAINER_OF(handle, struct live_signal, handle);
    s->told(s->user);
}

static void on_signal_closed(uv_handle_t *handle)
{
    free(CONTAINER_OF(handle, struct live_signal, handle));
}

enum err_code live_on_signal(struct world *w, int signal, void (*told)(void *user), void *user,
                             struct err *err)
{
    struct live *l = live_of(w);
    struct live_signal *s = calloc(1, sizeof *s);
    int rc = s ? uv_signal_init(&l->loop, &s->handle) : UV_ENOMEM;
    if (rc < 0) {
        free(s);
        return err_set(err, ERR_NOMEM, "watch signal %d: %s", signal, uv_strerror(rc));
    }
    s->told = told;
    s->user = user;
    rc = uv_signal_start(&s->handle, on_signal, signal);
    if (rc < 0) {
        uv_close((uv_handle_t *)&s->handle, on_signal_closed);
        return err_set(err, ERR_IO, "watch signal %d: %s", signal, uv_strerror(rc));
    }
    uv_unref((uv_handle_t *)&s->handle); /* waiting for one keeps no run going */
    s->next = l->signals;
    l->signals = s;
    return ERR_OK;
}

void live_signals_close(struct live *l)
{
    while (l->signals) {
        struct live_signal *s = l->signals;
        l->signals = s->next;
        uv_close((uv_handle_t *)&s->handle, on_signal_closed);
    }
}
