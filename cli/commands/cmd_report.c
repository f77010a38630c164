/* report: print a document about a recorded run. */
#include <argp.h>

#include "cli/command.h"
#include "cli/operand.h"
#include "cli/say.h"
#include "harness/judge.h"

struct arguments {
    const char *run, *format;
};

static const struct argp_option options[] = {
    {"format", 'f', "FORMAT", 0, "text (default), json or junit; see 'faultline list formats'",
     0},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'f':
        if (!format_find(text))
            argp_error(state, "--format: '%s' is no format; see 'faultline list formats'",
                       text);
        a->format = text;
        return 0;
    default:
        return operand_parse(
            key, text, state, &a->run, "run",
            "which run? Name its folder, for example runs/leader-region-cut-1-1");
    }
}

static int report_main(int argc, char **argv)
{
    struct arguments a = {.format = "text"};
    const struct argp argp = {options,
                              parse,
                              "RUN",
                              "Judge the recorded RUN again and print a document about it. "
                              "Exits 0 when the document was printed, whatever it says.",
                              NULL,
                              NULL,
                              NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct err err = {0};
    struct judged judged;
    if (judge_open(a.run, &judged, &err))
        return (int)say_error("report", &err);
    int code = EXIT_ALL_HOLD;
    if (judge_write(&judged, a.format, stdout, &err))
        code = (int)say_error("report", &err);
    judged_done(&judged);
    return code;
}

const struct command command_report = {
    .name = "report",
    .usage = "report RUN [--format text|json|junit]",
    .summary = "Print a document about a recorded run.",
    .main = report_main,
};
