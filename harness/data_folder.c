#include "harness/data_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IDENTITY_BYTES = 80, PATH_BYTES = 1024 };

static enum err_code refuse(const struct data_folder *f, const char *call, struct err *err)
{
    return err_set(err, ERR_IO, "--data: '%s': %s: %s", f->path, call, strerror(errno));
}

static enum err_code make(struct data_folder *f, struct err *err)
{
    f->made = mkdir(f->path, 0777) == 0;
    return f->made || errno == EEXIST ? ERR_OK : refuse(f, "cannot make it", err);
}

static enum err_code lock(struct data_folder *f, struct err *err)
{
    char path[PATH_BYTES];
    int size = snprintf(path, sizeof path, "%s/identity", f->path);
    if (size < 0 || size >= PATH_BYTES)
        return err_set(err, ERR_INVALID, "--data: a path of over %d bytes", PATH_BYTES - 10);
    f->identity_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (f->identity_fd < 0)
        return refuse(f, "cannot open its file identity", err);
    if (flock(f->identity_fd, LOCK_EX | LOCK_NB) == 0)
        return ERR_OK;
    if (errno != EWOULDBLOCK)
        return refuse(f, "cannot lock its file identity", err);
    return err_set(err, ERR_IO, "--data: '%s' is in use: another node serves from it", f->path);
}

/* The file is written once and synced with the folder by the first log that is. */
static enum err_code identify(const struct data_folder *f, const char *ours, struct err *err)
{
    char found[IDENTITY_BYTES] = "";
    ssize_t size = pread(f->identity_fd, found, sizeof found - 1, 0);
    if (size < 0)
        return refuse(f, "cannot read its file identity", err);
    if (size == 0)
        return pwrite(f->identity_fd, ours, strlen(ours), 0) == (ssize_t)strlen(ours) &&
                       fsync(f->identity_fd) == 0
                   ? ERR_OK
                   : refuse(f, "cannot write its file identity", err);
    found[strcspn(found, "\n")] = '\0';
    if (strncmp(found, ours, strlen(ours) - 1) == 0 && strlen(found) == strlen(ours) - 1)
        return ERR_OK;
    return err_set(err, ERR_INVALID,
                   "--data: '%s' holds the logs of %s; this is %.*s; give it a folder of its "
                   "own",
                   f->path, found, (int)strlen(ours) - 1, ours);
}

enum err_code data_folder_take(struct data_folder *f, const char *path, uint64_t cluster,
                               uint32_t node, struct err *err)
{
    char ours[IDENTITY_BYTES];
    snprintf(ours, sizeof ours, "node %u of cluster %" PRIu64 "\n", node, cluster);
    *f = (struct data_folder){.path = path, .identity_fd = -1};
    if (make(f, err) || lock(f, err) || identify(f, ours, err)) {
        data_folder_release(f, false);
        return err->code;
    }
    return ERR_OK;
}

/* Empty logs, and the identity, which is ours to remove. */
static void remove_traces(const struct data_folder *f)
{
    DIR *folder = opendir(f->path);
    struct dirent *entry;
    struct stat st;
    while (folder && (entry = readdir(folder))) {
        if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode) && (st.st_size == 0 || strcmp(entry->d_name, "identity") == 0))
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder)
        closedir(folder);
    (void)rmdir(f->path);
}

void data_folder_release(struct data_folder *f, bool keep)
{
    if (!f->path)
        return;
    if (f->made && !keep)
        remove_traces(f);
    if (f->identity_fd >= 0)
        close(f->identity_fd);
    f->path = NULL;
}
