#include "harness/exit_code.h"

static int rank(enum exit_code code)
{
    switch (code) {
    case EXIT_ALL_HOLD: return 0;
    case EXIT_UNDECIDED: return 1;
    case EXIT_ABORTED: return 2;
    case EXIT_COULD_NOT: return 3;
    case EXIT_OBJECTIVE: return 4;
    case EXIT_VIOLATED: return 5;
    case EXIT_NOT_HEALED: return 6;
    case EXIT_USAGE: return 7;
    case EXIT_OUR_FAULT: return 8;
    }
    return 8;
}

enum exit_code exit_code_worst(enum exit_code a, enum exit_code b)
{
    return rank(a) >= rank(b) ? a : b;
}
