/* One column of one row, on its way into a history or out of it. */
#ifndef HISTORY_CELL_H
#define HISTORY_CELL_H

#include <stdint.h>

#include "base/bytes.h"

struct cell {
    enum cell_kind { CELL_NIL, CELL_INTEGER, CELL_REAL, CELL_TEXT, CELL_BLOB } kind;
    int64_t integer;
    double real;
    struct bytes bytes; /* borrowed */
};

#endif
