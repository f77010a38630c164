#include "history/op.h"

#include <string.h>

#include "base/compiler.h"

static const char *const kinds[] = {
#define X(name, text) text,
    OP_KINDS(X)
#undef X
};
static const char *const outcomes[] = {
#define X(name, text) text,
    OP_OUTCOMES(X)
#undef X
};
static const char *const levels[] = {
#define X(name, text) text,
    OP_LEVELS(X)
#undef X
};

static const char *name_at(const char *const *names, size_t count, int number)
{
    return number >= 0 && (size_t)number < count ? names[number] : NULL;
}

static int find(const char *const *names, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return (int)i;
    return -1;
}

const char *op_kind_name(int kind)
{
    return name_at(kinds, ARRAY_LEN(kinds), kind);
}

const char *op_outcome_name(int outcome)
{
    return name_at(outcomes, ARRAY_LEN(outcomes), outcome);
}

const char *op_level_name(int level)
{
    return name_at(levels, ARRAY_LEN(levels), level);
}

int op_kind_find(const char *text)
{
    return find(kinds, ARRAY_LEN(kinds), text);
}

int op_outcome_find(const char *text)
{
    return find(outcomes, ARRAY_LEN(outcomes), text);
}

int op_level_find(const char *text)
{
    return find(levels, ARRAY_LEN(levels), text);
}

bool op_needs_key(enum op_kind kind)
{
    switch (kind) {
    case OP_READ:
    case OP_WRITE:
    case OP_CAS:
    case OP_ADD:
    case OP_REMOVE:
    case OP_MEMBERS:
    case OP_FINAL:
    case OP_APPEND:
    case OP_RMW:
    case OP_INCREMENT:
    case OP_CONTAINS: return true;
    default: return false;
    }
}

bool op_needs_argument(enum op_kind kind)
{
    switch (kind) {
    case OP_WRITE:
    case OP_CAS:
    case OP_ADD:
    case OP_REMOVE:
    case OP_APPEND:
    case OP_RMW:
    case OP_INCREMENT:
    case OP_CONTAINS:
    case OP_ENQUEUE:
    case OP_PUSH:
    case OP_INSERT: return true;
    default: return false;
    }
}
