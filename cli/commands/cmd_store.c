/* store: the reference store by itself: serve a node, or poke at a running one. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/say.h"
#include "harness/poke.h"
#include "harness/serve.h"

enum { WORDS_MAX = 5 };

/* Of the commands that ask; the others are those of every command. */
enum { EXIT_MISMATCH = 1, EXIT_UNKNOWN = 2 };

struct arguments {
    const char *config, *data;
    int64_t log_zero_ns;
    int node; /* -1: not said */
    const char *words[WORDS_MAX];
    int word_count;
    char negatives[WORDS_MAX][32]; /* words that look like options */
    int negative_count;
};

enum { OF_A_NUMBER = OPTION_ARG_OPTIONAL | OPTION_HIDDEN };

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "The file that describes the cluster (docs/store-protocol.md)",
     0},
    {"node", 'n', "N", 0, "Which node: to be, or to ask first", 0},
    {"data", 'd', "DIR", 0, "serve: the folder of the node's logs", 0},
    {"log-zero", 'z', "NS", 0,
     "serve: when time 0 of its log was, in nanoseconds since 1970; its start when left out",
     0},
    /* "-5" is a number here. */
    {NULL, '0', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '1', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '2', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '3', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '4', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '5', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '6', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '7', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '8', "N", OF_A_NUMBER, NULL, 0},
    {NULL, '9', "N", OF_A_NUMBER, NULL, 0},
    {0},
};

/* What to do, and how many numbers it takes after the table. */
static const struct action {
    const char *name, *words;
    enum request_kind kind;
    enum request_level level;
    int number_count;
} actions[] = {
    {"get", "TABLE KEY", REQUEST_READ, REQUEST_LINEARIZABLE, 1},
    {"get-local", "TABLE KEY", REQUEST_READ, REQUEST_LOCAL, 1},
    {"put", "TABLE KEY VALUE", REQUEST_WRITE, REQUEST_LINEARIZABLE, 2},
    {"cas", "TABLE KEY EXPECTED VALUE", REQUEST_CAS, REQUEST_LINEARIZABLE, 3},
    {"add", "TABLE KEY ELEMENT", REQUEST_ADD, REQUEST_LINEARIZABLE, 2},
    {"remove", "TABLE KEY ELEMENT", REQUEST_REMOVE, REQUEST_LINEARIZABLE, 2},
    {"members", "TABLE KEY", REQUEST_MEMBERS, REQUEST_LINEARIZABLE, 1},
};

static const struct action *action_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

static bool parse_number(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value == STORE_NIL)
        return false;
    *out = value;
    return true;
}

static void add_word(struct arguments *a, const char *text, struct argp_state *state)
{
    if (a->word_count == WORDS_MAX)
        argp_error(state, "'%s' is one word too many", text);
    a->words[a->word_count++] = text;
}

/* The option '5' with the argument "7" was the word "-57". */
static void add_negative(struct arguments *a, int digit, const char *more,
                         struct argp_state *state)
{
    if (a->negative_count == WORDS_MAX || (more && strlen(more) > 25))
        argp_error(state, "-%c%s: is too much", digit, more ? more : "");
    char *word = a->negatives[a->negative_count++];
    snprintf(word, sizeof a->negatives[0], "-%c%s", digit, more ? more : "");
    add_word(a, word, state);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    int64_t node;
    switch (key) {
    case 'c': a->config = text; return 0;
    case 'd': a->data = text; return 0;
    case 'n':
        if (!parse_number(text, &node) || node < 0 || node > 1000)
            argp_error(state, "--node: '%s' is no node's number", text);
        a->node = (int)node;
        return 0;
    case 'z':
        if (!parse_number(text, &a->log_zero_ns) || a->log_zero_ns < 1)
            argp_error(state, "--log-zero: '%s' is not nanoseconds since 1970", text);
        return 0;
    case ARGP_KEY_ARG: add_word(a, text, state); return 0;
    case ARGP_KEY_END:
        if (a->word_count == 0)
            argp_error(state, "what? One of serve, get, get-local, put, cas, add, remove or "
                              "members");
        if (!a->config)
            argp_error(state, "--config FILE is needed");
        return 0;
    default: break;
    }
    if (key < '0' || key > '9')
        return ARGP_ERR_UNKNOWN;
    add_negative(a, key, text, state);
    return 0;
}

static int serve(const struct arguments *a)
{
    struct err err = {0};
    if (a->word_count > 1)
        err_set(&err, ERR_INVALID, "serve: '%s' is one word too many", a->words[1]);
    else if (a->node < 0 || !a->data)
        err_set(&err, ERR_INVALID, "serve: --node N and --data DIR are needed");
    if (err.code)
        return (int)say_error("store", &err);
    struct serve_options wanted = {.config = a->config,
                                   .node = (uint32_t)a->node,
                                   .data = a->data,
                                   .log_zero_ns = a->log_zero_ns};
    return serve_node(&wanted, &err) ? (int)say_error("store", &err) : EXIT_ALL_HOLD;
}

/* The numbers of a command line, in the order of its words. */
static enum err_code read_numbers(const struct action *action, const struct arguments *a,
                                  int64_t numbers[3], struct err *err)
{
    if (a->word_count != action->number_count + 2)
        return err_set(err, ERR_INVALID, "%s takes %s", action->name, action->words);
    for (int i = 0; i < action->number_count; i++)
        if (!parse_number(a->words[i + 2], &numbers[i]))
            return err_set(err, ERR_INVALID, "%s: '%s' is not a whole number", action->name,
                           a->words[i + 2]);
    return ERR_OK;
}

static enum err_code act(const struct action *action, const struct arguments *a,
                         struct buffer *out, enum poke_end *end, struct err *err)
{
    int64_t numbers[3];
    *end = POKE_NOT_DONE;
    if (read_numbers(action, a, numbers, err))
        return err->code;
    struct poke poke = {.config = a->config, .table = a->words[1], .node = a->node};
    poke.operation = (struct store_operation){.kind = action->kind,
                                              .key = numbers[0],
                                              .argument = STORE_NIL,
                                              .expected = STORE_NIL,
                                              .level = action->level};
    if (action->number_count > 1)
        poke.operation.argument = numbers[action->number_count - 1];
    if (action->number_count > 2)
        poke.operation.expected = numbers[1];
    return poke_store(&poke, out, end, err);
}

static int poke_main(const struct arguments *a)
{
    struct err err = {0};
    const struct action *action = action_find(a->words[0]);
    struct buffer out = {0};
    enum poke_end end = POKE_NOT_DONE;
    if (!action)
        err_set(&err, ERR_INVALID,
                "'%s' is nothing to do; allowed: serve, get, get-local, put, cas, add, remove "
                "or members",
                a->words[0]);
    else if (act(action, a, &out, &end, &err) == ERR_OK)
        printf("%.*s\n", (int)out.size, (const char *)out.at);
    buffer_done(&out);
    if (err.code == ERR_OK)
        return EXIT_ALL_HOLD;
    int code = (int)say_error("store", &err);
    return end == POKE_MISMATCH ? EXIT_MISMATCH : end == POKE_UNKNOWN ? EXIT_UNKNOWN : code;
}

static int store_main(int argc, char **argv)
{
    struct arguments a = {.node = -1};
    const struct argp argp = {
        options,
        parse,
        "serve --config FILE --node N --data DIR\nget|get-local|members --config FILE TABLE "
        "KEY\nput|add|remove --config FILE TABLE KEY VALUE\ncas --config FILE TABLE KEY "
        "EXPECTED VALUE",
        "Serve one node of the reference store, or ask a running one.\v"
        "get and members print what was read (nil: never written), the others ok. Exit code: "
        "0 done; 1 cas found another value; 2 a change of which nobody knows whether it "
        "happened; 5 it did not happen, or the node could not run; 64 wrong usage.",
        NULL,
        NULL,
        NULL};
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &a);
    return strcmp(a.words[0], "serve") == 0 ? serve(&a) : poke_main(&a);
}

const struct command command_store = {
    .name = "store",
    .usage = "store serve|get|put|... --config FILE [ARGUMENT]...",
    .summary = "Serve a node of the reference store, or ask a running one.",
    .main = store_main,
};
