#include "base/text.h"

#include <string.h>

#include "base/compiler.h"

void text_keep_on_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

/* What a first byte announces. */
struct utf8_form {
    unsigned char mask, lead;
    unsigned more;          /* bytes that follow */
    unsigned long at_least; /* of the character: less has a shorter form */
};

static const struct utf8_form forms[] = {{0x80, 0x00, 0, 0},
                                         {0xe0, 0xc0, 1, 0x80},
                                         {0xf0, 0xe0, 2, 0x800},
                                         {0xf8, 0xf0, 3, 0x10000}};

/* What follows the character at the front of `text`, which ends before `end`; NULL when
 * it is none. */
static const char *skip_character(const char *text, const char *end)
{
    unsigned char first = (unsigned char)*text;
    size_t i = 0;
    while (i < ARRAY_LEN(forms) && (first & forms[i].mask) != forms[i].lead)
        i++;
    if (i == ARRAY_LEN(forms))
        return NULL;
    unsigned long character = first & (unsigned char)~forms[i].mask;
    text++;
    for (unsigned more = forms[i].more; more > 0; more--, text++) {
        if (text == end || ((unsigned char)*text & 0xc0) != 0x80)
            return NULL;
        character = character << 6 | ((unsigned char)*text & 0x3f);
    }
    bool surrogate = character >= 0xd800 && character <= 0xdfff;
    return character < forms[i].at_least || character > 0x10ffff || surrogate ? NULL : text;
}

static bool is_ascii(struct bytes text)
{
    uint8_t all = 0;
    for (size_t i = 0; i < text.size; i++)
        all |= text.at[i];
    return all < 0x80;
}

bool text_bytes_are_utf8(struct bytes text)
{
    if (is_ascii(text))
        return true;
    const char *at = (const char *)text.at, *end = at + text.size;
    while (at && at < end)
        at = skip_character(at, end);
    return at;
}

bool text_is_utf8(const char *text)
{
    return text_bytes_are_utf8((struct bytes){(const uint8_t *)text, strlen(text)});
}

void text_make_utf8(char *text)
{
    const char *end = text + strlen(text);
    while (*text) {
        const char *next = skip_character(text, end);
        if (!next)
            *text = '?';
        text += next ? next - text : 1;
    }
}
