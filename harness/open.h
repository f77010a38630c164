/* A history from wherever it is: a run folder, a history.db, or a file in any format
 * that history/reader.h knows. */
#ifndef HARNESS_OPEN_H
#define HARNESS_OPEN_H

#include "history/reader.h"

struct opened {
    struct history *history; /* of whoever asked */
    struct reading reading;  /* `reader` NULL: a recorded history, which is no text */
};

/* `format` is a reader's name, or NULL to recognise the file. `memory` counts what a
 * text becomes; a recorded history stays where it is. */
enum err_code open_history(const char *path, const char *format, struct memory *memory,
                           struct opened *out, struct err *err) MUST_CHECK;

#endif
