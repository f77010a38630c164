/* run: play a scenario, judge it, answer with an exit code. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/operand.h"
#include "cli/say.h"
#include "harness/judge.h"
#include "harness/run.h"

enum { OVERRIDES_MAX = 64, KEY_JSON = 256, KEY_TARGETS, KEY_JUNIT, KEY_LOG, KEY_SHAPER };

struct arguments {
    struct run_options run;
    struct override overrides[OVERRIDES_MAX];
    const char *junit;
    bool json, trace;
};

static const struct argp_option options[] = {
    {"on", 'w', "WORLD", 0,
     "Play it in 'sim' (a deterministic simulation), 'local' (processes in network namespaces) "
     "or 'auto' (default: local where this machine allows it, else sim)",
     0},
    {"shaper", KEY_SHAPER, "SHAPER", 0,
     "local: who delays and drops: 'wan' (a router of our own), 'wan-tun' (the same "
     "over TUN devices), 'netem' (the kernel) or 'auto' (default: netem where the kernel has "
     "it and the plan fits it)",
     0},
    {"seed", 's', "N", 0, "Draw everything from this seed (default 1)", 0},
    {"out", 'o', "DIR", 0,
     "Keep the run in DIR, which must be empty or absent (default: the next free "
     "runs/NAME-SEED-N)",
     0},
    {"set", 'S', "PATH=VALUE", 0,
     "Change one value of the scenario, for example system.bugs=ack-before-quorum; may be "
     "repeated",
     0},
    {"targets", KEY_TARGETS, "RUN", 0, "Let each fault hit whom it hit in that run", 0},
    {"junit", KEY_JUNIT, "FILE", 0, "Also write the verdicts as JUnit XML", 0},
    {"json", KEY_JSON, NULL, 0, "Print the verdicts as JSON instead of text", 0},
    {"log", KEY_LOG, NULL, 0, "Print what happens, event by event, on stderr", 0},
    {0},
};

static void set_world(struct argp_state *state, struct run_options *o, const char *text)
{
    if (strcmp(text, "sim") == 0)
        o->on = ON_SIM;
    else if (strcmp(text, "local") == 0)
        o->on = ON_LOCAL;
    else if (strcmp(text, "auto") == 0)
        o->on = ON_AUTO;
    else
        argp_error(state, "--on: '%s' is no world; allowed: sim, local or auto", text);
}

static void set_shaper(struct argp_state *state, struct run_options *o, const char *text)
{
    if (strcmp(text, "auto") == 0)
        o->shaper = LAB_AUTO;
    else if (strcmp(text, "wan") == 0)
        o->shaper = LAB_WAN;
    else if (strcmp(text, "wan-tun") == 0)
        o->shaper = LAB_WAN_TUN;
    else if (strcmp(text, "netem") == 0)
        o->shaper = LAB_NETEM;
    else
        argp_error(state, "--shaper: '%s' is no shaper; allowed: wan, wan-tun, netem or auto",
                   text);
}

static void set_seed(struct argp_state *state, struct run_options *o, const char *text)
{
    char *end;
    errno = 0;
    o->seed = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
        argp_error(state, "--seed: '%s' is not a number from 0 to 18446744073709551615", text);
}

static void add_override(struct argp_state *state, struct arguments *a, char *text)
{
    char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        argp_error(state, "--set: '%s' is not of the form PATH=VALUE", text);
    } else if (a->run.override_count == OVERRIDES_MAX) {
        argp_error(state, "--set: more than %d of them", OVERRIDES_MAX);
    } else {
        *equals = '\0';
        a->overrides[a->run.override_count++] = (struct override){text, equals + 1};
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'w': set_world(state, &a->run, text); return 0;
    case KEY_SHAPER: set_shaper(state, &a->run, text); return 0;
    case 's': set_seed(state, &a->run, text); return 0;
    case 'o': a->run.out = text; return 0;
    case 'S': add_override(state, a, text); return 0;
    case KEY_TARGETS: a->run.targets = text; return 0;
    case KEY_JUNIT: a->junit = text; return 0;
    case KEY_JSON: a->json = true; return 0;
    case KEY_LOG: a->trace = true; return 0;
    default:
        return operand_parse(key, text, state, &a->run.scenario, "scenario",
                             "which scenario? Name a file, for example "
                             "scenarios/leader-region-cut.yaml");
    }
}

/* Every document that a run folder keeps. */
static enum err_code keep_documents(const struct judged *judged, const struct folder *f,
                                    struct err *err)
{
    static const struct {
        const char *format, *file;
    } kept[] = {{"json", "verdicts.json"}, {"text", "report.txt"}, {"junit", "junit.xml"}};
    char path[FOLDER_PATH_BYTES + 64];
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (judge_write_file(judged, kept[i].format,
                             folder_path(f, kept[i].file, path, sizeof path), err))
            return err->code;
    return ERR_OK;
}

/* Judge what was recorded, print one document, keep all of them in the run folder.
 * Not being able to keep one takes nothing from the verdict. */
static enum err_code report(const struct arguments *a, const struct run_result *result,
                            enum exit_code *code, struct err *err)
{
    struct judged judged;
    if (judge_open(result->folder.path, &judged, err))
        return err->code;
    *code = exit_code_worst(*code, (enum exit_code)judged.judgement.exit_code);
    judged.judgement.exit_code = (int)*code;
    struct err keep_err = {0}, junit_err = {0};
    enum err_code printed = judge_write(&judged, a->json ? "json" : "text", stdout, err);
    enum err_code kept = keep_documents(&judged, &result->folder, &keep_err);
    enum err_code junit =
        a->junit ? judge_write_file(&judged, "junit", a->junit, &junit_err) : ERR_OK;
    judged_done(&judged);
    if (printed)
        return printed;
    if (kept || junit)
        *err = kept ? keep_err : junit_err;
    return kept ? kept : junit;
}

/* Before a run of half a minute, not after it. */
static enum err_code check_junit(const char *path, struct err *err)
{
    FILE *out = fopen(path, "ae");
    if (!out)
        return err_set(err, ERR_INVALID, "--junit: cannot write '%s': %s", path,
                       strerror(errno));
    fclose(out);
    return ERR_OK;
}

static enum exit_code play(const struct arguments *a)
{
    struct err err = {0};
    struct prepared prepared;
    if ((a->junit && check_junit(a->junit, &err)) || run_prepare(&a->run, &prepared, &err)) {
        /* Nothing was begun: what they named is not what it should be. */
        (void)say_error("run", &err);
        return err.code == ERR_NOMEM ? EXIT_COULD_NOT : EXIT_USAGE;
    }
    if (prepared.scenario->note)
        fprintf(stderr, "faultline run: note: %s\n", prepared.scenario->note);
    struct run_result result;
    enum exit_code code = EXIT_ALL_HOLD;
    if (run_play(&a->run, &prepared, &result, &err)) {
        code = say_error("run", &err);
        if (result.not_healed)
            code = EXIT_NOT_HEALED;
    }
    if (result.recorded && report(a, &result, &code, &err))
        code = exit_code_worst(code, say_error("run", &err));
    prepared_done(&prepared);
    return code;
}

static int run_main(int argc, char **argv)
{
    struct arguments a = {.run = {.on = ON_AUTO, .seed = 1}};
    a.run.overrides = a.overrides;
    const struct argp argp = {
        options,
        parse,
        "SCENARIO",
        "Play SCENARIO, judge what was recorded, and answer with an exit code: 0 all hold, 1 a "
        "guarantee was violated, 2 undecided, 3 an objective was missed, 4 aborted, 5 could "
        "not run, 6 could not heal, 64 wrong usage or scenario.",
        NULL,
        NULL,
        NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.trace)
        log_to(stderr, LOG_INFO);
    if (isatty(STDERR_FILENO) && !a.trace)
        a.run.progress = stderr;
    return (int)play(&a);
}

const struct command command_run = {
    .name = "run",
    .usage = "run SCENARIO [--on sim|local|auto] [--seed N] [--out DIR] [--set PATH=VALUE]...",
    .summary = "Play a scenario, judge it, and answer with an exit code.",
    .main = run_main,
};
