/* What a check of single objects is asked about: of which model they are, and which
 * operations count. */
#ifndef CHECKER_ASKED_H
#define CHECKER_ASKED_H

#include "checker/checker.h"
#include "checker/objects.h"

/* The model that was asked for, or that the table is of, or that of our own store. */
const struct model_ops *asked_model(const struct check_input *in);

/* The objects of the table, without reads that asked for less than was promised. */
enum err_code asked_objects(const struct check_input *in, const struct model_ops *model,
                            struct arena *arena, struct objects *out,
                            struct err *err) MUST_CHECK;

/* Did the history put the promise to the test? Where somebody chose the model, any
 * operation that counts is worth a verdict; what a run of ours promises needs two clients, a
 * change and a look. */
bool asked_enough(const struct check_input *in, const struct objects *objects);

/* Why it did not: a sentence. */
const char *asked_too_little(const struct check_input *in, const struct model_ops *model);

#endif
