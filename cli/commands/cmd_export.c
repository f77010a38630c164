/* export: a history as lines for people, scripts and other tools. */
#include <argp.h>
#include <errno.h>
#include <string.h>

#include "cli/command.h"
#include "cli/operand.h"
#include "cli/say.h"
#include "history/jsonl.h"

struct arguments {
    const char *run;
};

static const struct argp_option options[] = {
    {"format", 'f', "FORMAT", 0, "jsonl (the default and only one so far)", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'f':
        if (strcmp(text, "jsonl") != 0)
            argp_error(state, "--format: '%s' is no format to export; allowed: jsonl", text);
        return 0;
    default:
        return operand_parse(key, text, state, &a->run, "run",
                             "which run? Name its folder or a history.db");
    }
}

static int export_main(int argc, char **argv)
{
    struct arguments a = {0};
    const struct argp argp = {options,
                              parse,
                              "RUN",
                              "Write the history of RUN to standard output, one JSON object a "
                              "line (docs/history-format.md).",
                              NULL,
                              NULL,
                              NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct err err = {0};
    struct history *history;
    if (history_open(a.run, &history, &err))
        return (int)say_error("export", &err);
    enum err_code code = jsonl_export(history, stdout, &err);
    if (code == ERR_OK && fflush(stdout) != 0)
        code = err_set(&err, ERR_IO, "cannot write: %s", strerror(errno));
    history_free(history);
    return code ? (int)say_error("export", &err) : EXIT_ALL_HOLD;
}

const struct command command_export = {
    .name = "export",
    .usage = "export RUN [--format jsonl]",
    .summary = "Write a run's history as JSON lines.",
    .main = export_main,
};
