#include "cli/operand.h"

error_t operand_parse(int key, char *text, struct argp_state *state, const char **slot,
                      const char *what, const char *question)
{
    switch (key) {
    case ARGP_KEY_ARG:
        if (*slot)
            argp_error(state, "'%s': one %s at a time", text, what);
        *slot = text;
        return 0;
    case ARGP_KEY_END:
        if (!*slot)
            argp_error(state, "%s", question);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}
