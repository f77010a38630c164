#include "store/bug.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *summary;
} bugs[] = {
#define BUG(constant, text, where, anomaly) {text, anomaly " (" where ")"},
#include "store/bugs.def"
#undef BUG
};

const char *store_bug_name(unsigned bug)
{
    return bug < BUG_COUNT ? bugs[bug].name : NULL;
}

const char *store_bug_summary(unsigned bug)
{
    return bug < BUG_COUNT ? bugs[bug].summary : NULL;
}

static enum err_code refuse(const char *name, size_t size, struct err *err)
{
    char known[256] = "";
    size_t used = 0;
    for (unsigned i = 0; i < BUG_COUNT; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
                                 i ? i + 1 < BUG_COUNT ? ", " : " or " : "", bugs[i].name);
    return err_set(err, ERR_INVALID, "bugs: '%.*s' is not %s", (int)size, name, known);
}

static int find(const char *name, size_t size)
{
    for (unsigned i = 0; i < BUG_COUNT; i++)
        if (strlen(bugs[i].name) == size && memcmp(bugs[i].name, name, size) == 0)
            return (int)i;
    return -1;
}

enum err_code store_bugs_parse(const char *text, uint32_t *bits, struct err *err)
{
    uint32_t found = 0;
    while (*text) {
        size_t size = strcspn(text, ",");
        int bug = find(text, size);
        if (bug < 0)
            return refuse(text, size, err);
        found |= UINT32_C(1) << bug;
        text += size;
        if (*text == ',' && *++text == '\0')
            return refuse("", 0, err);
    }
    *bits = found;
    return ERR_OK;
}
