/* Small things done to texts. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/bytes.h"

/* Turn control characters into spaces: what comes from outside must not end a line
 * of a log or a message and forge the next one. */
void text_keep_on_one_line(char *text);

/* UTF-8 as in RFC 3629: shortest forms, no surrogates, up to U+10FFFF. */
bool text_is_utf8(const char *text);

/* The same of bytes with no NUL behind them; one among them is a character. */
bool text_bytes_are_utf8(struct bytes text);

/* Replace what is not by '?', byte by byte. */
void text_make_utf8(char *text);

#endif
