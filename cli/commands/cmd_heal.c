/* heal: put right what a dead faultline may have left on this machine. */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/say.h"
#include "injector/residue.h"

struct arguments {
    bool dry_run;
};

static const struct argp_option options[] = {
    {"dry-run", 'n', NULL, 0, "Only say what would be removed", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'n': a->dry_run = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "'%s': it takes no argument", text); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int heal_main(int argc, char **argv)
{
    struct arguments a = {0};
    const struct argp argp = {options,
                              parse,
                              NULL,
                              "Remove what a dead run left on this machine. Normally there is "
                              "nothing: the kernel has done it. Runs that are alive are left "
                              "alone. Exits 0 when nothing is left, 6 when a person is needed.",
                              NULL,
                              NULL,
                              NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct err err = {0};
    struct residue found;
    if (residue_find(&found, &err))
        return (int)say_error("heal", &err);
    for (uint32_t i = 0; i < found.count; i++)
        printf("%s %s\n", a.dry_run ? "would remove" : "removing", found.items[i].words);
    if (found.count == 0)
        printf("nothing was left on this machine\n");
    if (a.dry_run || residue_heal(&found, &err) == ERR_OK)
        return EXIT_ALL_HOLD;
    (void)say_error("heal", &err);
    return EXIT_NOT_HEALED;
}

const struct command command_heal = {
    .name = "heal",
    .usage = "heal [--dry-run]",
    .summary = "Remove what a dead run left; normally nothing.",
    .main = heal_main,
};
