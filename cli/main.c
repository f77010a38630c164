#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "harness/exit_code.h"

static int help(FILE *out)
{
    fprintf(out, "Usage: faultline COMMAND [ARGUMENT]...\n\n"
                 "Break the network between regions, and prove what the store did.\n\n");
    for (const struct command *const *c = command_all(); *c; c++)
        fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fprintf(out, "\n'faultline COMMAND --help' tells more.\n");
    return out == stdout ? EXIT_ALL_HOLD : EXIT_USAGE;
}

/* A broken assertion or worse: whoever waits for us must not take it for a verdict. */
static void on_our_fault(int number)
{
    static const char words[] = "faultline: a fault of our own; please report it with the "
                                "command that led here\n";
    (void)number;
    (void)!write(STDERR_FILENO, words, sizeof words - 1);
    _exit(EXIT_OUR_FAULT);
}

static void listen_for_our_faults(void)
{
#ifndef __SANITIZE_ADDRESS__ /* which tells more about the others */
    static const int others[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        signal(others[i], on_our_fault);
#endif
    signal(SIGABRT, on_our_fault);
}

static bool reader_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    int was = errno;
    bool gone = poll(&out, 1, 0) > 0 && (out.revents & POLLERR) && !(out.revents & POLLNVAL);
    errno = was;
    return gone;
}

/* What was printed must have arrived, or the exit code says so; unless the reader had
 * seen enough. */
static int finish(const char *name, int code)
{
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE || reader_is_gone())
        return code;
    /* Where an earlier write failed, nobody knows any more why. */
    fprintf(stderr, "faultline %s: cannot write to standard output%s%s\n", name,
            errno ? ": " : "", errno ? strerror(errno) : "");
    return (int)exit_code_worst((enum exit_code)code, EXIT_COULD_NOT);
}

int main(int argc, char **argv)
{
    listen_for_our_faults();
    signal(SIGPIPE, SIG_IGN); /* who stops reading does not change a verdict */
    if (argc < 2)
        return help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return help(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        printf("faultline %s\n", FAULTLINE_VERSION);
        return EXIT_ALL_HOLD;
    }
    const struct command *c = command_find(argv[1]);
    if (!c) {
        fprintf(stderr, "faultline: '%s' is no command; see 'faultline --help'\n", argv[1]);
        return EXIT_USAGE;
    }
    /* What argp calls itself in usage and errors. */
    char name[64];
    snprintf(name, sizeof name, "faultline %s", c->name);
    argv[1] = name;
    return finish(c->name, c->main(argc - 1, argv + 1));
}
