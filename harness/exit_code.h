/* How a run ended, for whoever waits for it. CI must be able to tell "your system is
 * wrong" from "we could not tell". */
#ifndef HARNESS_EXIT_CODE_H
#define HARNESS_EXIT_CODE_H

enum exit_code {
    EXIT_ALL_HOLD = 0,   /* every check holds, every objective is met */
    EXIT_VIOLATED = 1,   /* a guarantee was violated */
    EXIT_UNDECIDED = 2,  /* undecided or not exercised */
    EXIT_OBJECTIVE = 3,  /* an objective was missed */
    EXIT_ABORTED = 4,    /* by the operator; healed first */
    EXIT_COULD_NOT = 5,  /* could not run, or a fault had no effect */
    EXIT_NOT_HEALED = 6, /* a person is needed */
    EXIT_USAGE = 64,     /* wrong usage or scenario */
    EXIT_OUR_FAULT = 70  /* a broken invariant of ours */
};

/* Of two, the one that must be reported: 6, 1, 3, 5, 4, 2, 0. */
enum exit_code exit_code_worst(enum exit_code a, enum exit_code b);

#endif
