/* Many histories in one file of tables; see docs/formats.md. The reader itself takes a
 * file of one; who wants them all goes through them here. */
#ifndef HISTORY_READERS_TSV_H
#define HISTORY_READERS_TSV_H

#include "history/builder.h"
#include "history/lines.h"

/* What the line that begins a history says of it. */
enum tsv_label { TSV_VIOLATED, TSV_HOLDS, TSV_UNLABELLED };

/* Fill `b` with the next history of the file; `found` is false when there is none left,
 * and `b` is then as it was. Errors begin with the line. */
enum err_code tsv_next(struct lines *in, struct builder *b, bool *found, enum tsv_label *label,
                       struct err *err) MUST_CHECK;

#endif
