/* Files of examples that lie beside a test. */
#ifndef TESTS_SUPPORT_FILES_H
#define TESTS_SUPPORT_FILES_H

#include <stddef.h>

enum { FILES_MAX = 256 };
struct files {
    char *paths[FILES_MAX]; /* sorted */
    size_t count;
};

/* The files in `folder` beside the test whose __FILE__ is `test`. */
void files_list(struct files *f, const char *test, const char *folder);
void files_done(struct files *f);

/* What follows "# KEY: " in a file; "" when nothing does. */
void files_comment(const char *path, const char *key, char *out, size_t size);

#endif
