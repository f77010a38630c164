/* The contract every check implements: a history in, a verdict out. Pure: no clock,
 * no chance; how long it may take is a budget. */
#ifndef CHECKER_CHECKER_H
#define CHECKER_CHECKER_H

#include "base/arena.h"
#include "base/budget.h"
#include "base/param.h"
#include "checker/verdict.h"
#include "history/history.h"

struct check_input {
    struct history *history;
    const struct columns *columns; /* of this table */
    uint32_t table;
    const struct promise *promise; /* NULL: none recorded */
    struct budget *budget;
};

/* Does the table promise no more than a mode in which a promotion may lose what was
 * acknowledged? */
bool check_is_async(const struct check_input *in);

struct checker_ops {
    struct plugin about; /* flags: PLUGIN_REGISTER, PLUGIN_OR_SET: tables it can judge */
    /* Fill `out` from `arena`. An error is a broken history or no memory, never a
     * violation; the caller reports it as undecided. */
    enum err_code (*check)(const struct check_input *in, struct arena *arena,
                           struct verdict *out, struct err *err);
};

struct catalogue checker_catalogue(void);
const struct checker_ops *checker_of(const struct plugin *plugin);

/* Run one check by name. Never fails: what goes wrong becomes `undecided`, as does
 * more than `budget->memory` has. Only the verdict's texts and witness
 * stay, in `arena`. */
void check_run(const char *check, struct history *history, uint32_t table,
               struct budget *budget, struct arena *arena, struct verdict *out);

#endif
