/* Answers what a fault's targets are right now: from who leads and the plan's drawn
 * order, or as an earlier run answered. Keeps its answers as JSON for the history:
 * {"leader-region of accounts": "us-east-1, us-east-2"}. */
#ifndef INJECTOR_RESOLVER_H
#define INJECTOR_RESOLVER_H

#include "base/document.h"
#include "injector/fault.h"

struct resolver {
    struct fault_targets targets; /* hand this to the fault */
    const struct table_spec *tables;
    uint32_t table_count;
    int leaders[TABLES_MAX]; /* nodes; -1: nobody */
    uint8_t order[NODES_MAX];
    json_t *forced;  /* answers of an earlier run; NULL: none */
    json_t *answers; /* NULL: not kept */
};

/* Nobody leads, nodes are in their own order, nothing is forced. Keeps `topology`
 * and `system`. */
void resolver_init(struct resolver *r, const struct topology *topology,
                   const struct system_spec *system);

/* As if `leader` led every table: to see whether a target is possible at all. */
void resolver_pretend(struct resolver *r, const struct topology *topology,
                      const struct system_spec *system, uint32_t leader);

/* The tables whose leader must be known for the fault's targets, as bits. */
enum err_code resolver_tables(const struct resolver *r, const struct plugin *fault,
                              const void *config, uint32_t *tables, struct err *err);

/* Start to keep answers, as `forced` (JSON text) says where it is not NULL. */
enum err_code resolver_begin(struct resolver *r, const char *forced, struct err *err);

void resolver_done(struct resolver *r);

#endif
