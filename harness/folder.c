#include "harness/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS_MAX = 100000, PIECE_BYTES = 64 * 1024 };

static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    unsigned entries = 0;
    while (entries < 3 && readdir(dir))
        entries++;
    closedir(dir);
    return entries == 2; /* . and .. */
}

static enum err_code make_wanted(struct folder *f, const char *wanted, struct err *err)
{
    if (strlen(wanted) >= sizeof f->path - 64)
        return err_set(err, ERR_INVALID, "--out: '%.40s...' is longer than %zu bytes", wanted,
                       sizeof f->path - 64);
    snprintf(f->path, sizeof f->path, "%s", wanted);
    if (mkdir(wanted, 0777) == 0 || (errno == EEXIST && is_empty(wanted)))
        return ERR_OK;
    if (errno == EEXIST || errno == ENOTDIR)
        return err_set(err, ERR_INVALID,
                       "--out: '%s' is not an empty folder; name one that is empty or absent",
                       wanted);
    return err_set(err, ERR_INVALID, "--out: cannot make folder '%s': %s", wanted,
                   strerror(errno));
}

static enum err_code make_next(struct folder *f, const char *name, uint64_t seed,
                               struct err *err)
{
    if (mkdir("runs", 0777) != 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "cannot make folder 'runs': %s", strerror(errno));
    for (unsigned n = 1; n <= RUNS_MAX; n++) {
        snprintf(f->path, sizeof f->path, "runs/%s-%" PRIu64 "-%u", name, seed, n);
        if (mkdir(f->path, 0777) == 0)
            return ERR_OK;
        if (errno != EEXIST)
            return err_set(err, ERR_IO, "cannot make folder '%s': %s", f->path,
                           strerror(errno));
    }
    return err_set(err, ERR_LIMIT, "runs/ holds %d runs of this scenario and seed", RUNS_MAX);
}

enum err_code folder_make(struct folder *f, const char *wanted, const char *name, uint64_t seed,
                          struct err *err)
{
    enum err_code code = wanted ? make_wanted(f, wanted, err) : make_next(f, name, seed, err);
    if (code)
        return code;
    /* Nodes are started elsewhere: everybody is told the whole path. */
    char whole[PATH_MAX];
    if (realpath(f->path, whole) && strlen(whole) < sizeof f->path)
        snprintf(f->path, sizeof f->path, "%s", whole);
    return ERR_OK;
}

const char *folder_path(const struct folder *f, const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", f->path, name);
    return out;
}

static bool write_all(int fd, struct bytes text)
{
    while (text.size > 0) {
        ssize_t count = write(fd, text.at, text.size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        text.at += count;
        text.size -= (size_t)count;
    }
    return true;
}

static enum err_code write_file(const struct folder *f, const char *name, struct bytes text,
                                mode_t mode, struct err *err)
{
    char path[FOLDER_PATH_BYTES + 64];
    folder_path(f, name, path, sizeof path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_set(err, ERR_IO, "cannot make '%s': %s", path, strerror(errno));
    bool written = write_all(fd, text);
    int why = errno;
    if (close(fd) != 0 && written) {
        written = false;
        why = errno;
    }
    if (!written)
        return err_set(err, ERR_IO, "cannot write '%s': %s", path, strerror(why));
    return ERR_OK;
}

enum err_code folder_write(const struct folder *f, const char *name, struct bytes text,
                           struct err *err)
{
    return write_file(f, name, text, 0666, err);
}

enum err_code folder_write_script(const struct folder *f, const char *name, struct bytes text,
                                  struct err *err)
{
    return write_file(f, name, text, 0777, err);
}

static enum err_code read_file(const char *path, struct buffer *out, struct err *err)
{
    FILE *in = fopen(path, "rbe");
    if (!in)
        return err_set(err, ERR_IO, "cannot open '%s': %s", path, strerror(errno));
    size_t count = 1;
    enum err_code code = ERR_OK;
    while (count > 0 && code == ERR_OK) {
        uint8_t *to = buffer_reserve(out, PIECE_BYTES);
        if (!to) {
            code = err_set(err, ERR_NOMEM, "read '%s': no memory", path);
            break;
        }
        count = fread(to, 1, PIECE_BYTES, in);
        out->size += count;
    }
    if (ferror(in))
        code = err_set(err, ERR_IO, "cannot read '%s': %s", path, strerror(errno));
    fclose(in);
    return code;
}

enum err_code folder_copy(const struct folder *f, const char *from, const char *name,
                          struct err *err)
{
    struct buffer text = {0};
    enum err_code code = read_file(from, &text, err);
    if (code == ERR_OK)
        code = folder_write(f, name, buffer_bytes(&text), err);
    buffer_done(&text);
    return code;
}

enum err_code folder_below(const struct folder *f, const char *name, struct err *err)
{
    char path[FOLDER_PATH_BYTES + 64];
    if (mkdir(folder_path(f, name, path, sizeof path), 0777) != 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "cannot make folder '%s': %s", path, strerror(errno));
    return ERR_OK;
}
