/* Lines of words and numbers, as most logs are: what their readers share. */
#ifndef HISTORY_WORDS_H
#define HISTORY_WORDS_H

#include "history/lines.h"

/* The next line, valid until the next call; false at the end of the file, or on an
 * error, which is in `code` and `err` then and begins with its line. Lines are UTF-8
 * without NUL. `code` must be ERR_OK before. */
bool words_line(struct lines *in, struct bytes *line, enum err_code *code, struct err *err);

/* What a reader returns: an error that begins with no line, as those without memory, is
 * of the line at hand. */
enum err_code words_placed(const struct lines *in, enum err_code code, struct err *err);

/* The words of `line`, which blanks and tabs part. Returns how many there are; those
 * past `most` are counted, but not in `out`. */
size_t words_split(struct bytes line, struct bytes *out, size_t most);

/* Without blanks and tabs on both sides. */
struct bytes words_trim(struct bytes text);

/* A whole number that int64_t holds, and nothing else. */
bool words_integer(struct bytes word, int64_t *out);

bool words_equal(struct bytes word, const char *text);
bool words_equal_any_case(struct bytes word, const char *text);
bool words_begin(struct bytes text, const char *start);

/* What is behind the first `count` bytes. */
struct bytes words_after(struct bytes text, size_t count);

/* The line at the front of `text`, which it is taken off. False: there is none, or its
 * end is missing, which is all right when `whole`. */
bool words_first_line(struct bytes *text, bool whole, struct bytes *line);

/* Of a word in a sentence, for "%.*s": how much of it is shown, cut between two
 * characters where it is long. */
int words_shown(struct bytes word);
#define WORDS_SHOWN(word) words_shown(word), (const char *)(word).at

#endif
