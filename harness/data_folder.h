/* The folder of one node's logs, taken by one process at a time. The file `identity` in
 * it says whose logs they are, and is locked while somebody uses them: two processes, or
 * one with the logs of another node, would each break what the other promised.
 * Knows nothing of what the logs hold. */
#ifndef HARNESS_DATA_FOLDER_H
#define HARNESS_DATA_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct data_folder {
    const char *path; /* NULL: not taken */
    int identity_fd;
    bool made; /* by us: it was not there */
};

/* Make it when it is absent, lock it, and see that it is this node's. `path` is
 * borrowed. On failure nothing is left behind. */
enum err_code data_folder_take(struct data_folder *f, const char *path, uint64_t cluster,
                               uint32_t node, struct err *err) MUST_CHECK;

/* Give it back. Without `keep` the folder goes again if we made it, unless somebody has
 * written into it by now. One not taken is fine. */
void data_folder_release(struct data_folder *f, bool keep);

#endif
