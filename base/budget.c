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

static const char no_time_left[] = "its time was used up";

bool budget_spend(struct budget *b, uint64_t steps)
{
    if (b->why)
        return false;
    if (steps > b->steps_left)
        b->why = "its budget of steps was used up";
    else if (time_is_up(b, steps))
        b->why = no_time_left;
    else if (b->steps_left != UINT64_MAX)
        b->steps_left -= steps;
    return !b->why;
}

bool budget_begin(struct budget *b)
{
    if (b->why)
        return false;
    b->asked_after = 0;
    if (b->expired && b->expired(b->user))
        b->why = no_time_left;
    return !b->why;
}

struct budget budget_part(const struct budget *whole, uint64_t steps)
{
    struct budget part = *whole;
    part.steps_left = steps < part.steps_left ? steps : part.steps_left;
    part.why = NULL;
    return part;
}
