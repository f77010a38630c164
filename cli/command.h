/* The contract every subcommand implements: parse, call harness/, map the outcome
 * to an exit code. One file each in cli/commands/, one line in commands.def. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

struct command {
    const char *name;
    const char *usage;   /* "run SCENARIO [--on sim|local|auto]" */
    const char *summary; /* one sentence */
    /* argv[0] is "faultline NAME"; returns the exit code. */
    int (*main)(int argc, char **argv);
};

/* NULL when there is none. */
const struct command *command_find(const char *name);

/* Ends with NULL. */
const struct command *const *command_all(void);

#endif
