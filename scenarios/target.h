/* Whom a fault hits: names from the topology, or roles that are resolved when the
 * fault begins. Pure: roles and drawn orders are handed in.
 *
 *   us-east                    a region: its nodes (and clients, where links are cut)
 *   us-east-1                  a node
 *   us-east, eu-west-1         several of them
 *   clients of us-east         the clients placed in a region
 *   leader of accounts         the node that leads the table
 *   leader-region of accounts
 *   any-follower of accounts   one node that does not lead, drawn by the plan
 *   leader + 1 follower of accounts
 *   all but 1 follower of accounts
 *   majority, minority         of all nodes, drawn by the plan; "of accounts" may follow
 *   all                        every node */
#ifndef SCENARIOS_TARGET_H
#define SCENARIOS_TARGET_H

#include "scenarios/scenario.h"

struct target {
    enum target_kind {
        TARGET_NAMED,
        TARGET_LEADER,
        TARGET_LEADER_REGION,
        TARGET_ANY_FOLLOWER,
        TARGET_LEADER_AND_FOLLOWERS, /* count */
        TARGET_ALL_BUT_FOLLOWERS,    /* count */
        TARGET_MAJORITY,
        TARGET_MINORITY,
        TARGET_ALL
    } kind;
    uint32_t nodes;   /* TARGET_NAMED: bit set */
    uint32_t clients; /* TARGET_NAMED: bit set of regions whose clients are meant */
    uint32_t count;
    uint32_t table; /* whose role; TABLES_MAX: none needed */
};

/* Whom a target is, right now. */
struct resolved {
    uint32_t nodes;   /* bit set */
    uint32_t clients; /* bit set of regions */
};

/* Understand `text`; names unknown to the topology or the tables are refused. */
enum err_code target_parse(const char *text, const struct topology *topology,
                           const struct table_spec *tables, uint32_t table_count,
                           struct target *out, struct err *err) MUST_CHECK;

/* Does it need to know who leads? */
bool target_asks_role(const struct target *t);

/* `leader`: the node that leads t->table, or -1 when nobody does. `order`: all nodes,
 * as drawn by the plan. ERR_NOTFOUND when it is nobody: never "all". */
enum err_code target_resolve(const struct target *t, const struct topology *topology,
                             int leader, const uint8_t *order, struct resolved *out,
                             struct err *err) MUST_CHECK;

/* Two sides of a cut: `a` as resolved, `b` everything else. Clients of a region go
 * with `a` when all nodes of that region do, or when named. */
void target_sides(const struct topology *topology, struct resolved chosen, struct resolved *a,
                  struct resolved *b);

#endif
