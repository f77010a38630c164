/* Where a run is played: a world with a place for every node and for the clients
 * of every region, and the backend that shapes the links between them. The rest of
 * harness/ does not ask which world it is. */
#ifndef HARNESS_STAGE_H
#define HARNESS_STAGE_H

#include "harness/folder.h"
#include "injector/backend.h"
#include "injector/lab.h"
#include "io/world.h"
#include "scenarios/plan.h"

enum stage_kind { STAGE_SIM, STAGE_LOCAL };

/* Read only. */
struct stage {
    enum stage_kind kind;
    struct world *world;
    struct backend *backend;
    struct lab *lab;                        /* NULL in simulation */
    const struct place *places[PLACES_MAX]; /* nodes, then clients of each region */
    uint32_t place_count;
    struct place own;   /* of whoever directs the run */
    const char *shaper; /* "sim", "wan", "wan-tun", "netem" */
    struct place simulated[PLACES_MAX];
};

struct stage_setup {
    enum stage_kind kind;
    enum lab_shaper shaper; /* local: who shapes the links; LAB_AUTO fits the plan */
    const struct plan *plan;
    const struct folder *folder;
};

/* Local: after cage_enter. On failure nothing is left. */
enum err_code stage_open(struct stage *s, const struct stage_setup *setup,
                         struct err *err) MUST_CHECK;

/* Has the network done what it was asked, and nothing else? */
enum err_code stage_check_health(const struct stage *s, struct err *err) MUST_CHECK;

void stage_close(struct stage *s);

#endif
