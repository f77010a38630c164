/* Looks at a run from time to time while it goes on: writes down who leads and
 * who ended by itself, and shows a person how far it is. */
#ifndef HARNESS_WATCH_H
#define HARNESS_WATCH_H

#include <stdio.h>

#include "harness/nodes.h"
#include "history/writer.h"
#include "io/io.h"
#include "workloads/driver.h"

struct watch {
    struct io *io;
    struct nodes *nodes;
    struct history_writer *history;
    const struct scenario *scenario;
    struct driver *driver; /* NULL until there is one */
    FILE *progress;        /* NULL: nobody looks */

    int64_t start_at_ns, shown_at_ns;
    struct io_timer timer;
    bool ended[NODES_MAX]; /* by itself, and it was written down */
    uint32_t asking;       /* answers still to come */
    uint32_t change_count; /* of leaders, over all tables, the first ones not counted */
    struct watched {
        struct watch *watch;
        int leader; /* -1: not known yet */
        uint64_t term;
    } tables[TABLES_MAX];
};

/* Fill in the first block of fields; the workload begins at `start_at_ns`. */
void watch_start(struct watch *w, int64_t start_at_ns);

void watch_stop(struct watch *w);

#endif
