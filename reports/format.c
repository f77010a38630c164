#include <string.h>

#include "reports/report.h"

#define FORMAT(name) extern const struct format_ops format_##name;
#include "reports/formats.def"
#undef FORMAT

static const struct format_ops *const formats[] = {
#define FORMAT(name) &format_##name,
#include "reports/formats.def"
#undef FORMAT
    NULL};

const struct format_ops *const *format_all(void)
{
    return formats;
}

const struct format_ops *format_find(const char *name)
{
    for (const struct format_ops *const *f = formats; *f; f++)
        if (strcmp((*f)->name, name) == 0)
            return *f;
    return NULL;
}
