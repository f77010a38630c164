#include "reports/page.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* Bytes that go on with a character of UTF-8 take no column of their own. */
static bool begins_character(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

static unsigned columns_of(const char *text, size_t size)
{
    unsigned columns = 0;
    for (size_t i = 0; i < size; i++)
        columns += begins_character(text[i]);
    return columns;
}

/* How many bytes of `text` fit into `columns`. */
static size_t fitting(const char *text, unsigned columns)
{
    size_t size = 0;
    for (unsigned used = 0; text[size]; size++) {
        used += begins_character(text[size]);
        if (used > columns)
            break;
    }
    return size;
}

/* The part of `text` that goes on this line: up to the last space that fits, or as
 * much of a long word as does. */
static size_t line_size(const char *text, unsigned columns)
{
    size_t size = fitting(text, columns);
    if (text[size] == '\0')
        return size;
    for (size_t at = size; at > 0; at--)
        if (text[at] == ' ')
            return at;
    return size;
}

void page_say(FILE *out, unsigned indent, const char *first, const char *text)
{
    fprintf(out, "%-*s", (int)indent, first);
    for (;;) {
        size_t size = line_size(text, PAGE_COLUMNS - indent);
        fprintf(out, "%.*s\n", (int)size, text);
        for (text += size; *text == ' ';)
            text++;
        if (*text == '\0')
            return;
        fprintf(out, "%*s", (int)indent, "");
    }
}

void page_line(FILE *out, const char *fmt, ...)
{
    char line[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    size_t size = strlen(line);
    while (size > 0 && line[size - 1] == ' ')
        size--;
    if (columns_of(line, size) <= PAGE_COLUMNS)
        fprintf(out, "%.*s\n", (int)size, line);
    else
        fprintf(out, "%.*s...\n", (int)fitting(line, PAGE_COLUMNS - 3), line);
}
