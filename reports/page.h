/* Plain text for people, at most 100 columns wide. Knows nothing of what it says,
 * and expects texts without control characters. */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include <stdio.h>

#include "base/compiler.h"

enum { PAGE_COLUMNS = 100 };

/* One paragraph: long lines are broken between words and go on at `indent`. The text
 * itself begins after `first`, which fills the indent of the first line. */
void page_say(FILE *out, unsigned indent, const char *first, const char *text);

/* A line cut to the width, with "..." where something is missing. */
void page_line(FILE *out, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
