#include "tests/support/failures.h"

static unsigned countdown; /* 0 when not armed */
static bool sticky, fired;

void failures_arm(unsigned nth, bool keep_failing)
{
    countdown = nth;
    sticky = keep_failing;
    fired = false;
}

void failures_disarm(void)
{
    countdown = 0;
}

bool failures_fired(void)
{
    return fired;
}

bool failures_due(void)
{
    if (countdown == 0 || (fired && !sticky))
        return false;
    if (countdown > 1) {
        countdown--;
        return false;
    }
    fired = true;
    return true;
}
