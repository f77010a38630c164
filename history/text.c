#include "history/text.h"

/* The least code point that needs a form of so many bytes. */
static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

static size_t form_bytes(uint8_t lead)
{
    return lead < 0x80         ? 1
           : lead >> 5 == 0x6  ? 2
           : lead >> 4 == 0xe  ? 3
           : lead >> 3 == 0x1e ? 4
                               : 0;
}

/* How many bytes the character at the start takes; 0 when there is none. */
static size_t character_bytes(struct bytes text)
{
    size_t size = form_bytes(text.at[0]);
    if (size <= 1)
        return size;
    if (size > text.size)
        return 0;
    uint32_t code = text.at[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (text.at[i] >> 6 != 2)
            return 0;
        code = code << 6 | (text.at[i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[size] || code > 0x10ffff || surrogate ? 0 : size;
}

bool text_all_utf8(struct bytes text)
{
    while (text.size > 0) {
        size_t size = character_bytes(text);
        if (size == 0)
            return false;
        text.at += size;
        text.size -= size;
    }
    return true;
}

void text_make_utf8(uint8_t *text, size_t size)
{
    while (size > 0) {
        size_t good = character_bytes((struct bytes){text, size});
        if (good == 0) {
            *text = '?';
            good = 1;
        }
        text += good;
        size -= good;
    }
}
