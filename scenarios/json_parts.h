/* JSON built in one straight line: every step takes what it is given, and says whether
 * all of it is there, so that memory is asked about once, at the end. */
#ifndef SCENARIOS_JSON_PARTS_H
#define SCENARIOS_JSON_PARTS_H

#include <stdbool.h>

#include "base/document.h"

/* Take `value`; false when either is missing for want of memory. */
static inline bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static inline bool append(json_t *list, json_t *value)
{
    return json_array_append_new(list, value) == 0;
}

/* `whole` ? `value` : NULL, with nothing kept. */
static inline json_t *only_if(bool whole, json_t *value)
{
    if (whole)
        return value;
    json_decref(value);
    return NULL;
}

#endif
