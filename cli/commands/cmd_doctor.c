/* doctor: what this machine can do, found out by doing it. */
#include <argp.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/say.h"
#include "injector/probe.h"

static error_t parse(int key, char *text, struct argp_state *state)
{
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    argp_error(state, "'%s': it takes no argument", text);
    return 0;
}

static void show(const struct probe *p)
{
    const char *word = p->works ? "works" : p->needed ? "MISSING" : "falls back";
    printf("  %-11s %-18s %s\n", word, p->name, p->purpose);
    if (p->works)
        return;
    printf("  %-11s %-18s without it: %s\n", "", "", p->without);
    if (p->detail[0])
        printf("  %-11s %-18s why: %s\n", "", "", p->detail);
}

static int doctor_main(int argc, char **argv)
{
    const struct argp argp = {NULL,
                              parse,
                              NULL,
                              "Try, in a scratch namespace, every kernel feature that "
                              "'--on local' uses. Exits 0 when it can run, 5 when not.",
                              NULL,
                              NULL,
                              NULL};
    argp_parse(&argp, argc, argv, 0, NULL, NULL);
    struct err err = {0};
    struct probe all[PROBES];
    if (probe_all(all, &err))
        return (int)say_error("doctor", &err);
    printf("--on sim    works everywhere\n--on local  %s\n",
           probe_local_works(all) ? "works here" : "does not work here");
    for (size_t i = 0; i < PROBES; i++)
        show(&all[i]);
    return probe_local_works(all) ? EXIT_ALL_HOLD : EXIT_COULD_NOT;
}

const struct command command_doctor = {
    .name = "doctor",
    .usage = "doctor",
    .summary = "Try what this machine can do, and say what falls back.",
    .main = doctor_main,
};
