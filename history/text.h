/* Is it UTF-8? Everything that is written to a history is. */
#ifndef HISTORY_TEXT_H
#define HISTORY_TEXT_H

#include "base/bytes.h"

bool text_all_utf8(struct bytes text);

/* Replace what is not by '?', byte by byte. */
void text_make_utf8(uint8_t *text, size_t size);

#endif
