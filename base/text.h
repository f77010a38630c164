/* Small things done to texts. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/* Turn control characters into spaces: what comes from outside must not end a line
 * of a log or a message and forge the next one. */
void text_keep_on_one_line(char *text);

#endif
