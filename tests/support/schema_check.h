/* Just enough of JSON Schema to hold a document against the schema that
 * scenario_schema makes. A keyword it does not know fails the test. */
#ifndef TESTS_SUPPORT_SCHEMA_CHECK_H
#define TESTS_SUPPORT_SCHEMA_CHECK_H

#include <jansson.h>
#include <stdbool.h>

/* `value` as document_load reads it: scalars are text, and get the type that an
 * editor's YAML would give them. */
bool schema_accepts(const json_t *schema, const json_t *value);

#endif
