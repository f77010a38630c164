/* What a dead faultline may have left on this machine, and its removal. Normally
 * nothing: the kernel cleans up. It happens where the kernel could not yet, or where
 * an older version made something with a name. A run that is alive is not residue. */
#ifndef INJECTOR_RESIDUE_H
#define INJECTOR_RESIDUE_H

#include <stdint.h>

#include "base/err.h"

enum { RESIDUE_MAX = 64 };

struct residue_item {
    enum residue_kind {
        RESIDUE_PROCESS, /* pid 1 of a run whose front is gone; the run goes with it */
        RESIDUE_TABLE /* an nftables table that is called as ours are (NFTABLES_NAME, or begins
                         so) and that nobody owns, in our own namespace */
    } kind;
    int pid;
    uint8_t family; /* of the table */
    char words[96]; /* "process 4711 (faultline-init)" */
    char name[64];
};

struct residue {
    uint32_t count;
    struct residue_item items[RESIDUE_MAX];
};

/* What this user may see of it. */
enum err_code residue_find(struct residue *out, struct err *err) MUST_CHECK;

/* Remove all of it. On failure the rest is removed all the same, and `err` names the
 * first that was not. */
enum err_code residue_heal(const struct residue *found, struct err *err) MUST_CHECK;

#endif
