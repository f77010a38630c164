#include "tests/support/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void files_list(struct files *f, const char *test, const char *folder)
{
    char path[1024];
    const char *slash = strrchr(test, '/');
    snprintf(path, sizeof path, "%.*s/%s", slash ? (int)(slash - test) : 1, slash ? test : ".",
             folder);
    *f = (struct files){.count = 0};
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir)) && f->count < FILES_MAX;) {
        char *file;
        if (e->d_name[0] != '.' && asprintf(&file, "%s/%s", path, e->d_name) > 0)
            f->paths[f->count++] = file;
    }
    if (dir)
        closedir(dir);
    qsort(f->paths, f->count, sizeof f->paths[0], by_name);
}

void files_done(struct files *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->paths[i]);
    f->count = 0;
}

void files_comment(const char *path, const char *key, char *out, size_t size)
{
    char line[1024], start[64];
    int length = snprintf(start, sizeof start, "# %s: ", key);
    FILE *file = fopen(path, "r");
    out[0] = '\0';
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, start, (size_t)length) == 0)
            snprintf(out, size, "%.*s", (int)strcspn(line + length, "\n"), line + length);
    if (file)
        fclose(file);
}
