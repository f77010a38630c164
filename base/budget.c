#include "base/budget.h"

/* A clock is read each time `expired` is asked; a step takes far less. */
enum { STEPS_PER_QUESTION = 4096 };

static bool time_is_up(struct budget *b, uint64_t steps)
{
    if (!b->expired)
        return false;
    b->asked_after += steps < STEPS_PER_QUESTION ? steps : STEPS_PER_QUESTION;
    if (b->asked_after < STEPS_PER_QUESTION)
        return false;
    b->asked_after = 0;
    return b->expired(b->user);
}

bool budget_spend(struct budget *b, uint64_t steps)
{
    if (b->why)
        return false;
    if (steps > b->steps_left)
        b->why = "its budget of steps was used up";
    else if (time_is_up(b, steps))
        b->why = "its time was used up";
    else if (b->steps_left != UINT64_MAX)
        b->steps_left -= steps;
    return !b->why;
}
