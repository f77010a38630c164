/* check: judge a recorded history, from anywhere. */
#include <argp.h>

#include "cli/command.h"
#include "cli/operand.h"
#include "cli/say.h"
#include "harness/judge.h"

struct arguments {
    const char *history;
    bool json;
};

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print the verdicts as JSON instead of text", 0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'j': a->json = true; return 0;
    default:
        return operand_parse(key, text, state, &a->history, "history",
                             "which history? Name a run folder, a history.db or a .jsonl file");
    }
}

static int check_main(int argc, char **argv)
{
    struct arguments a = {0};
    const struct argp argp = {options,
                              parse,
                              "HISTORY",
                              "Judge HISTORY: a run folder, its history.db, or JSON lines (see "
                              "docs/history-format.md). Exit code as for 'run'.",
                              NULL,
                              NULL,
                              NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct err err = {0};
    struct judged judged;
    if (judge_open(a.history, &judged, &err))
        return (int)say_error("check", &err);
    int code = judged.judgement.exit_code;
    if (judge_write(&judged, a.json ? "json" : "text", stdout, &err))
        code = (int)exit_code_worst((enum exit_code)code, say_error("check", &err));
    judged_done(&judged);
    return code;
}

const struct command command_check = {
    .name = "check",
    .usage = "check HISTORY [--json]",
    .summary = "Judge a recorded history.",
    .main = check_main,
};
