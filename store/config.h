/* What a node must know before it starts: who is in the cluster, what tables there
 * are and how fast it should grow suspicious. The same for every node but node_id.
 *
 * Kept as a JSON file for `faultline store serve --config FILE`. */
#ifndef STORE_CONFIG_H
#define STORE_CONFIG_H

#include <stdint.h>

#include "base/err.h"
#include "io/io.h"
#include "store/bug.h"
#include "store/entry.h"

enum { STORE_NAME_SIZE = 64 };

struct store_table {
    char name[STORE_NAME_SIZE];
    enum store_type { STORE_REGISTER, STORE_OR_SET, STORE_TYPE_COUNT } type;
    enum store_mode { STORE_CONSENSUS, STORE_ASYNC, STORE_MODE_COUNT } mode;
};

struct node_config {
    uint64_t cluster;    /* tells clusters apart; not 0 */
    uint8_t node_id;     /* not in the file: --node */
    uint32_t node_count; /* 1 to STORE_NODES_MAX; an odd number wastes nothing */
    struct io_address addresses[STORE_NODES_MAX]; /* each node listens on its own's port */
    uint32_t table_count;                         /* 1 to STORE_TABLES_MAX */
    struct store_table tables[STORE_TABLES_MAX];
    int64_t election_timeout_ns; /* drawn from this to twice this */
    int64_t heartbeat_ns;        /* at most a third of the election time-out */
    uint64_t snapshot_every;     /* entries applied between snapshots */
    uint32_t bugs;               /* bit set of enum store_bug */
};

/* Defaults: 1 s, 150 ms, 10,000; no nodes, no tables. */
struct node_config node_config_default(void);

/* One sentence for what does not fit. */
enum err_code node_config_check(const struct node_config *c, struct err *err) MUST_CHECK;

/* Read a file; node_id is 0. `out` is untouched on failure. */
enum err_code node_config_load(const char *path, struct node_config *out,
                               struct err *err) MUST_CHECK;

/* Write what node_config_load reads. */
enum err_code node_config_save(const struct node_config *c, const char *path,
                               struct err *err) MUST_CHECK;

const char *store_type_name(enum store_type type); /* "register", "or-set" */
const char *store_mode_name(enum store_mode mode); /* "consensus", "async" */

#endif
