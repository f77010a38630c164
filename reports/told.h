/* Facts of a run in words, for more than one format: instants, faults, objectives. */
#ifndef REPORTS_TOLD_H
#define REPORTS_TOLD_H

#include "reports/evidence.h"

/* "12.310s"; "never" for INT64_MAX. Never NULL, as all below. */
const char *told_instant(struct evidence *e, int64_t at_ns);

/* "1.73s"; "never" for INT64_MAX. */
const char *told_length(struct evidence *e, int64_t length_ns);

/* Whom a fault hit: "leader of accounts: us-east-1; down: us-east-1; cuts 16 links" */
const char *told_resolved(struct evidence *e, const char *resolved_json);

/* What was seen of it: "7 packets dropped by the cut, none passed". `measured` is
 * there. */
const char *told_measured(struct evidence *e, const struct fault_window *w);

/* How long all was well: "all is well until 12.050s; no order explains that operation
 * 3 returned at 12.310s". NULL where nobody looked. */
const char *told_prefix(struct evidence *e, const struct verdict *v);

#endif
