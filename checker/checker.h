/* The contract every check implements: a history in, a verdict out. Pure: no clock,
 * no chance; how long it may take is a budget. */
#ifndef CHECKER_CHECKER_H
#define CHECKER_CHECKER_H

#include "base/arena.h"
#include "base/budget.h"
#include "base/param.h"
#include "checker/model.h"
#include "checker/verdict.h"
#include "history/history.h"

/* How whoever asks wants it done. All zero is one thread, and what the history says. */
struct check_options {
    const struct model_ops *model; /* NULL: what the table promises to be */
    bool has_initial;              /* else it is the model's own */
    int64_t initial;               /* the object before all operations */
    unsigned jobs;                 /* threads; 0: one */
    bool stop_at_once;             /* at the first violation */
    bool wants_orders;             /* in the verdict, where the check can give them */
};

struct check_input {
    struct history *history;
    const struct columns *columns; /* of this table */
    uint32_t table;
    const struct promise *promise; /* NULL: none recorded */
    const struct check_options *options;
    struct budget *budget;
};

/* Does the table promise no more than a mode in which a promotion may lose what was
 * acknowledged? */
bool check_is_async(const struct check_input *in);

struct checker_ops {
    struct plugin about; /* flags: PLUGIN_REGISTER, PLUGIN_OR_SET: tables it can judge */
    bool of_objects;     /* it asks for a model and what an object holds at first */
    /* Fill `out` from `arena`. An error is a broken history or no memory, never a
     * violation; the caller reports it as undecided. */
    enum err_code (*check)(const struct check_input *in, struct arena *arena,
                           struct verdict *out, struct err *err);
};

struct catalogue checker_catalogue(void);
const struct checker_ops *checker_of(const struct plugin *plugin);

struct check_request {
    const char *check; /* its name */
    struct history *history;
    uint32_t table;
    const struct columns *columns; /* of that table, loaded before; NULL: they were not */
    struct check_options options;
};

/* Run one check. Never fails: what goes wrong becomes `undecided`, as does
 * more than `budget->memory` has. Only what the verdict holds stays, in `arena`. */
void check_run_as(const struct check_request *request, struct budget *budget,
                  struct arena *arena, struct verdict *out);

/* The same with no options. */
void check_run(const char *check, struct history *history, uint32_t table,
               struct budget *budget, struct arena *arena, struct verdict *out);

#endif
