/* The operations behind a verdict, looked up in the history and put into words, and
 * the few summaries that every format tells alike. */
#ifndef REPORTS_EVIDENCE_H
#define REPORTS_EVIDENCE_H

#include "reports/report.h"

struct evidence {
    const struct judgement *j;
    struct columns columns; /* of all tables */
    int digits;             /* of a second, that instants are told with */
    bool has_regions, has_keys;
    struct arena arena;
};

/* On failure nothing is left to be closed. */
enum err_code evidence_open(struct evidence *e, const struct judgement *j,
                            struct err *err) MUST_CHECK;
void evidence_close(struct evidence *e);

/* The row of operation `id`; false when the history has none. */
bool evidence_row(const struct evidence *e, int64_t id, size_t *row);

/* "read key 3: 41", "write key 3 = 57", "cas key 3: 41 to 57", "members of 3: 1, 2, 3".
 * Never NULL. */
const char *evidence_deed(struct evidence *e, size_t row);

/* "us-east", or the number where the history does not name it. Never NULL. */
const char *evidence_region(struct evidence *e, uint32_t region);
const char *evidence_table(struct evidence *e, uint32_t table);
const char *evidence_node(struct evidence *e, int node); /* -1: "-" */

/* Texts as they may go out: valid UTF-8 without control characters. Never NULL. */
const char *evidence_clean(struct evidence *e, const char *text);

/* How many verdicts have this value. */
size_t evidence_count(const struct judgement *j, enum verdict_value value);

/* Verdicts with the worst first: the order of every report. NULL without memory. */
const struct verdict **evidence_by_gravity(struct evidence *e);

#endif
