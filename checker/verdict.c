#include "checker/verdict.h"

#include <assert.h>

const char *verdict_name(enum verdict_value value)
{
    static const char *const names[] = {[VERDICT_HOLDS] = "holds",
                                        [VERDICT_VIOLATED] = "violated",
                                        [VERDICT_UNDECIDED] = "undecided",
                                        [VERDICT_NOT_EXERCISED] = "not exercised"};
    assert((size_t)value < sizeof names / sizeof names[0]);
    return names[value];
}
