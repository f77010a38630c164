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

enum { REMOVED_MAX = 100000 };

static void show(const struct residue *found, const char *verb)
{
    for (uint32_t i = 0; i < found->count; i++)
        printf("%s %s\n", verb, found->items[i].words);
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
    uint32_t removed = 0;
    /* A list has an end: look again until there is nothing to see. */
    while (residue_find(&found, &err) == ERR_OK && found.count > 0) {
        show(&found, a.dry_run ? "would remove" : "removing");
        if (a.dry_run)
            return EXIT_ALL_HOLD;
        removed += found.count;
        if (residue_heal(&found, &err) || removed > REMOVED_MAX)
            break;
    }
    if (err.code) {
        (void)say_error("heal", &err);
        return EXIT_NOT_HEALED;
    }
    if (found.count > 0) {
        fprintf(stderr, "faultline heal: what is removed comes back; see who makes it\n");
        return EXIT_NOT_HEALED;
    }
    printf(removed > 0 ? "nothing is left on this machine\n"
                       : "nothing was left on this machine\n");
    return EXIT_ALL_HOLD;
}

const struct command command_heal = {
    .name = "heal",
    .usage = "heal [--dry-run]",
    .summary = "Remove what a dead run left; normally nothing.",
    .main = heal_main,
};
