/* Lines of words and numbers; see words.h. */
#include "history/words.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { SHOWN_MAX = 60 };

static enum err_code check_text(struct bytes line, struct err *err)
{
    if (line.size > 0 && memchr(line.at, 0, line.size))
        return err_set(err, ERR_INVALID, "a byte of 0: this is no text");
    return text_bytes_are_utf8(line) ? ERR_OK
                                     : err_set(err, ERR_INVALID, "bytes that are not UTF-8");
}

bool words_line(struct lines *in, struct bytes *line, enum err_code *code, struct err *err)
{
    if (lines_next(in, line, code, err))
        *code = check_text(*line, err);
    else if (*code == ERR_OK)
        return false;
    if (*code != ERR_OK)
        err_wrap(err, "%" PRIu64, in->number);
    return *code == ERR_OK;
}

enum err_code words_placed(const struct lines *in, enum err_code code, struct err *err)
{
    bool placed = code == ERR_OK || (err->msg[0] >= '0' && err->msg[0] <= '9');
    return placed ? code : err_wrap(err, "%" PRIu64, in->number);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

size_t words_split(struct bytes line, struct bytes *out, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < line.size;) {
        size_t start = i;
        while (i < line.size && !is_blank(line.at[i]))
            i++;
        if (i == start) {
            i++;
            continue;
        }
        if (count < most)
            out[count] = (struct bytes){line.at + start, i - start};
        count++;
    }
    return count;
}

struct bytes words_trim(struct bytes text)
{
    while (text.size > 0 && is_blank(text.at[0]))
        text = words_after(text, 1);
    while (text.size > 0 && is_blank(text.at[text.size - 1]))
        text.size--;
    return text;
}

bool words_integer(struct bytes word, int64_t *out)
{
    bool negative = word.size > 0 && word.at[0] == '-';
    int64_t value = 0;
    if (word.size == (negative ? 1U : 0U))
        return false;
    /* Downwards, where the smallest has room. */
    for (size_t i = negative; i < word.size; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, word.at[i] - '0', &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

/* Words differ early, most often: this is quicker than to measure `text` first. */
bool words_equal(struct bytes word, const char *text)
{
    for (size_t i = 0; i < word.size; i++)
        if (text[i] == '\0' || word.at[i] != (uint8_t)text[i])
            return false;
    return text[word.size] == '\0';
}

bool words_equal_any_case(struct bytes word, const char *text)
{
    return word.size == strlen(text) &&
           strncasecmp((const char *)word.at, text, word.size) == 0;
}

bool words_begin(struct bytes text, const char *start)
{
    size_t size = strlen(start);
    return text.size >= size && (size == 0 || memcmp(text.at, start, size) == 0);
}

struct bytes words_after(struct bytes text, size_t count)
{
    assert(count <= text.size);
    return (struct bytes){text.at ? text.at + count : NULL, text.size - count};
}

bool words_first_line(struct bytes *text, bool whole, struct bytes *line)
{
    const uint8_t *end = text->size ? memchr(text->at, '\n', text->size) : NULL;
    if (text->size == 0 || (!end && !whole))
        return false;
    line->at = text->at;
    line->size = end ? (size_t)(end - text->at) : text->size;
    *text = words_after(*text, end ? line->size + 1 : line->size);
    if (line->size > 0 && line->at[line->size - 1] == '\r')
        line->size--;
    return true;
}

int words_shown(struct bytes word)
{
    if (word.size <= SHOWN_MAX)
        return (int)word.size;
    int size = SHOWN_MAX;
    while (size > 0 && (word.at[size] & 0xc0) == 0x80)
        size--;
    return size;
}
