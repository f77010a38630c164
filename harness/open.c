/* A history from wherever it is. */
#include "harness/open.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static bool is_sqlite(FILE *in)
{
    char head[16] = {0};
    size_t count = fread(head, 1, sizeof head, in);
    rewind(in);
    return count == sizeof head && memcmp(head, "SQLite format 3", 16) == 0;
}

static enum err_code open_recorded(const char *path, const char *format, struct opened *out,
                                   struct err *err)
{
    if (format)
        return err_set(err, ERR_INVALID,
                       "'%s' is a recorded history; --format is for files of text", path);
    return history_open(path, &out->history, err);
}

static bool holds_a_folder(const char *path)
{
    struct stat st;
    char database[4200];
    snprintf(database, sizeof database, "%s/history.db", path);
    return stat(database, &st) == 0 && S_ISDIR(st.st_mode);
}

enum err_code open_history(const char *path, const char *format, struct memory *memory,
                           struct opened *out, struct err *err)
{
    struct stat st;
    *out = (struct opened){0};
    if (stat(path, &st) != 0)
        return err_set(err, ERR_NOTFOUND, "'%s': %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return holds_a_folder(path)
                   ? err_set(err, ERR_INVALID, "'%s': its history.db is a folder", path)
                   : open_recorded(path, format, out, err);
    FILE *in = fopen(path, "rbe");
    if (!in)
        return err_set(err, ERR_IO, "cannot open '%s': %s", path, strerror(errno));
    /* A pipe gives its bytes once, and is no database. */
    bool is_recorded = S_ISREG(st.st_mode) && is_sqlite(in);
    enum err_code code =
        is_recorded ? open_recorded(path, format, out, err)
                    : history_read(in, path, format, memory, &out->history, &out->reading, err);
    fclose(in);
    return code;
}
