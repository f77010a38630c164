/* check: judge a recorded history, from anywhere. */
#include <argp.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/param.h"
#include "base/work.h"
#include "cli/command.h"
#include "cli/operand.h"
#include "cli/say.h"
#include "harness/follow.h"
#include "harness/judge.h"

enum {
    KEY_INITIAL = 256,
    KEY_JOBS,
    KEY_MEMORY,
    KEY_TIME,
    KEY_WITNESS,
    KEY_FAIL_FAST,
    KEY_LEVEL,
    KEY_FOLLOW,
    KEY_UNTIL_IDLE
};

/* Numbers with their units. */
struct limits {
    int64_t jobs, memory_bytes, within_ns, idle_ns;
};

struct arguments {
    const char *ignored; /* an option that --follow cannot heed; NULL: none */
    const char *history, *witness;
    struct judge_options judge;
    struct limits limits;
    bool json, follows;
};

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print the verdicts as JSON instead of text", 0},
    {"model", 'm', "MODEL", 0,
     "What the objects are ('faultline list models'), whatever the history says", 0},
    {"initial", KEY_INITIAL, "VALUE", 0,
     "What each object holds before all operations: a whole number (of less than 2^62, with "
     "either sign), or nil (default: what the format of the file means, else the model's "
     "own)",
     0},
    {"format", 'f', "FORMAT", 0,
     "How to read a file of text ('faultline list formats'; default: it is recognised)", 0},
    {"level", KEY_LEVEL, "CHECK", 0,
     "What to check of every table ('faultline list checks'; default: what the tables "
     "promise)",
     0},
    {"jobs", KEY_JOBS, "N", 0,
     "Threads to decide keys on, 1 to 64, of 'linearizable' (default: one per processor); the "
     "other checks take one",
     0},
    {"memory", KEY_MEMORY, "SIZE", 0,
     "What history and checks together may take, 16M to 1024T in B, K, M, G or T, for example "
     "64M or 1G (default: 2G for each check)",
     0},
    {"time", KEY_TIME, "DURATION", 0,
     "What all checks together may take, 1ms to 720h in ns, us, ms, s, m or h, for example 60s "
     "(default: 60s for each)",
     0},
    {"witness", KEY_WITNESS, "FILE", 0,
     "Also write what proves the verdicts: an order of each key ('linearizable') or of all "
     "together ('sequential'), or the operations that have none (these and 'regular')",
     0},
    {"fail-fast", KEY_FAIL_FAST, NULL, 0,
     "Stop at the first key that is violated, in the order of their first use; only "
     "'linearizable' does, the other checks look at all",
     0},
    {"follow", KEY_FOLLOW, NULL, 0,
     "Judge HISTORY while it is written ('-': the standard input), and stop at the first "
     "operation that no order allows",
     0},
    {"until-idle", KEY_UNTIL_IDLE, "DURATION", 0,
     "With --follow: a file that did not grow for as long is over (default: never)", 0},
    {0},
};

static const struct param limits[] = {
    {.name = "--jobs",
     .type = PARAM_COUNT,
     .offset = offsetof(struct limits, jobs),
     .min = 1,
     .max = WORKERS_MAX},
    {.name = "--memory",
     .type = PARAM_SIZE,
     .offset = offsetof(struct limits, memory_bytes),
     .min = 16 << 20,
     .max = INT64_C(1) << 50},
    {.name = "--time",
     .type = PARAM_DURATION,
     .offset = offsetof(struct limits, within_ns),
     .unit = "s",
     .min = 1000000,
     .max = INT64_C(3600000000000) * 24 * 30},
    {.name = "--until-idle",
     .type = PARAM_DURATION,
     .offset = offsetof(struct limits, idle_ns),
     .unit = "s",
     .min = 1000000,
     .max = INT64_C(3600000000000) * 24},
    {.name = NULL},
};

static void set_limit(struct argp_state *state, struct arguments *a, const char *name,
                      const char *text)
{
    struct err err = {0};
    if (param_parse(param_find(limits, name), text, &a->limits, NULL, &err))
        argp_error(state, "%s", err.msg);
}

/* Following gives one verdict in one thread, as it comes. */
static const char *only_of_the_whole(int key)
{
    switch (key) {
    case 'j': return "--json";
    case KEY_JOBS: return "--jobs";
    case KEY_TIME: return "--time";
    case KEY_LEVEL: return "--level";
    case KEY_WITNESS: return "--witness";
    case KEY_FAIL_FAST: return "--fail-fast";
    default: return NULL;
    }
}

static error_t take_operand(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    if (key == ARGP_KEY_END && a->follows && a->ignored)
        argp_error(state, "--follow cannot heed %s", a->ignored);
    return operand_parse(key, text, state, &a->history, "history",
                         "which history? Name a run folder, a history.db or a file of text");
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    const char *of_the_whole = only_of_the_whole(key);
    a->ignored = of_the_whole ? of_the_whole : a->ignored;
    switch (key) {
    case 'j': a->json = true; return 0;
    case 'm': a->judge.model = text; return 0;
    case 'f': a->judge.format = text; return 0;
    case KEY_INITIAL: a->judge.initial = text; return 0;
    case KEY_LEVEL: a->judge.level = text; return 0;
    case KEY_JOBS: set_limit(state, a, "--jobs", text); return 0;
    case KEY_MEMORY: set_limit(state, a, "--memory", text); return 0;
    case KEY_TIME: set_limit(state, a, "--time", text); return 0;
    case KEY_WITNESS: a->witness = text; return 0;
    case KEY_FOLLOW: a->follows = true; return 0;
    case KEY_UNTIL_IDLE: set_limit(state, a, "--until-idle", text); return 0;
    case KEY_FAIL_FAST: a->judge.stop_at_once = true; return 0;
    default: return take_operand(key, text, state);
    }
}

static int say_verdicts(const struct arguments *a, const struct judged *judged)
{
    struct err err = {0};
    int code = judged->judgement.exit_code;
    if (judge_write(judged, a->json ? "json" : "text", stdout, &err))
        code = (int)exit_code_worst((enum exit_code)code, say_error("check", &err));
    if (a->witness && judge_write_witness(judged, a->witness, &err))
        code = (int)exit_code_worst((enum exit_code)code, say_error("check", &err));
    return code;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Would the proof take the place of what it proves? Pipes and devices are no such place. */
static bool overwrites_history(const struct arguments *a)
{
    struct stat st;
    char database[4200];
    if (!a->witness || stat(a->witness, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    snprintf(database, sizeof database, "%s/history.db", a->history);
    return is_same_file(a->witness, a->history) || is_same_file(a->witness, database);
}

static int follow_main(const struct arguments *a)
{
    struct err err = {0};
    struct arena arena = {0};
    struct follow_verdict verdict;
    struct follow_request request = {.path = a->history,
                                     .model = a->judge.model,
                                     .initial = a->judge.initial,
                                     .format = a->judge.format,
                                     .memory_bytes = a->limits.memory_bytes,
                                     .idle_ns = a->limits.idle_ns};
    int code;
    if (follow_history(&request, &arena, &verdict, &err)) {
        code = (int)say_error("check", &err);
    } else {
        printf("%s\n", verdict.sentence);
        code = (int)verdict.exit_code;
    }
    arena_done(&arena);
    return code;
}

static int check_main(int argc, char **argv)
{
    struct arguments a = {0};
    const struct argp argp = {
        options,
        parse,
        "HISTORY",
        "Judge HISTORY: a run folder, its history.db, JSON lines (docs/history-format.md) or "
        "a file of another tool (docs/formats.md). Exit code as for 'run'.",
        NULL,
        NULL,
        NULL};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.follows)
        return follow_main(&a);
    struct err err = {0};
    struct judged judged;
    if (overwrites_history(&a)) {
        err_set(&err, ERR_INVALID, "--witness: '%s' is the history itself", a.witness);
        return (int)say_error("check", &err);
    }
    a.judge.jobs = (unsigned)a.limits.jobs;
    a.judge.memory_bytes = a.limits.memory_bytes;
    a.judge.within_ns = a.limits.within_ns;
    a.judge.wants_orders = a.witness != NULL;
    if (judge_open_as(a.history, &a.judge, &judged, &err))
        return (int)say_error("check", &err);
    int code = say_verdicts(&a, &judged);
    judged_done(&judged);
    return code;
}

const struct command command_check = {
    .name = "check",
    .usage = "check HISTORY [--model MODEL] [--json]",
    .summary = "Judge a recorded history.",
    .main = check_main,
};
