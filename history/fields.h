/* The fields of each kind of row, as JSON lines name them: one table for who writes
 * lines and who reads them. The first field tells a line's kind. */
#ifndef HISTORY_FIELDS_H
#define HISTORY_FIELDS_H

#include <stdint.h>

#include "history/schema.h"

enum field_type {
    FIELD_INTEGER,
    FIELD_TIME,   /* ns; read also as "1.5s" */
    FIELD_REAL,   /* a finite number */
    FIELD_TEXT,   /* kept in the row */
    FIELD_PHRASE, /* a text kept as a value, or none */
    FIELD_VALUE,  /* an integer or a text, or OP_NIL */
    FIELD_RESULT, /* the same, or a list of them */
    FIELD_KIND,
    FIELD_OUTCOME,
    FIELD_LEVEL,
    FIELD_REGION, /* a name, or a number that has none */
    FIELD_TABLE,
    FIELD_NODE /* or none */
};

struct field {
    const char *name, *column;
    enum field_type type;
    bool required;
};

enum { FIELDS_MAX = 13, NO_TIME = -1 };

struct row_form {
    enum schema_table table;
    int field_count;
    int time_field; /* when a row happened, where rows are in that order; else NO_TIME */
    struct field fields[FIELDS_MAX];
};

/* In the order in which a line is held against them: "op" is a field of others, so
 * those come first. Every table but `value`. */
enum { ROW_FORM_COUNT = TABLE_COUNT - 1 };
extern const struct row_form row_forms[ROW_FORM_COUNT];

#endif
