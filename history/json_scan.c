/* What is where:
 *   bytes     eight at a time, where it pays
 *   texts     UTF-8 and escapes
 *   numbers   integers and reals
 *   names     none twice in an object
 *   values    what callers ask for */
#include "history/json_scan.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"

static bool refuse(struct scan *s, const uint8_t *at, const char *why)
{
    s->at = at;
    s->why = why;
    return false;
}

static bool refuse_no_memory(struct scan *s)
{
    s->no_memory = true;
    return refuse(s, s->at, "out of memory");
}

/* --- bytes --- */

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))
#define HIGH_BITS    EACH_BYTE(0x80)

/* The first byte is the lowest. */
static uint64_t load_8(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The high bit of each byte that is zero; perhaps also of some behind the first. */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - EACH_BYTE(1)) & ~word & HIGH_BITS;
}

/* The first byte from `at` on that is no plain part of a text: a quote, a backslash, a
 * control character or not ASCII; `end` when there is none. */
static const uint8_t *find_special(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word = load_8(at);
        uint64_t special = zero_bytes(word ^ EACH_BYTE('"')) |
                           zero_bytes(word ^ EACH_BYTE('\\')) |
                           ((word - EACH_BYTE(0x20)) & ~word & HIGH_BITS) | (word & HIGH_BITS);
        if (special)
            return at + __builtin_ctzll(special) / 8;
    }
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20 && *at < 0x80)
        at++;
    return at;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline void skip_space(struct scan *s)
{
    while (s->at < s->end && is_space(*s->at))
        s->at++;
}

static bool is_digit(const uint8_t *at, const uint8_t *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* --- texts --- */

/* The bytes of the UTF-8 character at `at`, which is not ASCII; 0: it is none. Shortest
 * forms, no surrogates, up to U+10FFFF. */
static size_t utf8_bytes(const uint8_t *at, const uint8_t *end)
{
    size_t size = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || (size_t)(end - at) < size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool good = !(at[0] == 0xe0 && at[1] < 0xa0) && !(at[0] == 0xed && at[1] > 0x9f) &&
                !(at[0] == 0xf0 && at[1] < 0x90) && !(at[0] == 0xf4 && at[1] > 0x8f);
    return good ? size : 0;
}

static void put_plain(struct scan *s, const uint8_t *at, size_t size)
{
    assert(s->plain.capacity - s->plain.size >= size);
    memcpy(s->plain.at + s->plain.size, at, size);
    s->plain.size += size;
}

static void put_character(struct scan *s, uint32_t c)
{
    uint8_t bytes[4];
    size_t size = 0;
    if (c < 0x80)
        bytes[size++] = (uint8_t)c;
    else if (c < 0x800)
        bytes[size++] = (uint8_t)(0xc0 | c >> 6);
    else if (c < 0x10000) {
        bytes[size++] = (uint8_t)(0xe0 | c >> 12);
        bytes[size++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    } else {
        bytes[size++] = (uint8_t)(0xf0 | c >> 18);
        bytes[size++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        bytes[size++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80)
        bytes[size++] = (uint8_t)(0x80 | (c & 0x3f));
    put_plain(s, bytes, size);
}

/* The four digits behind "\u" at `at`; -1: they are none. */
static int32_t hex_of(const uint8_t *at, const uint8_t *end)
{
    int32_t value = 0;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        uint8_t c = at[i], lower = c | 0x20;
        if (c >= '0' && c <= '9')
            value = value * 16 + c - '0';
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + lower - 'a' + 10;
        else
            return -1;
    }
    return value;
}

static bool is_surrogate(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdfff;
}

/* "\uXXXX" at `at`, or two of them that are one character; how many bytes they take,
 * 0 when they are none. */
static size_t take_unicode(struct scan *s, const uint8_t *at)
{
    int32_t unit = hex_of(at, s->end);
    if (unit <= 0) {
        refuse(s, at, unit == 0 ? "\\u0000 is not allowed" : "\\u without four hex digits");
        return 0;
    }
    if (!is_surrogate(unit)) {
        put_character(s, (uint32_t)unit);
        return 6;
    }
    int32_t low = unit < 0xdc00 ? hex_of(at + 6, s->end) : -1;
    if (low < 0xdc00 || low > 0xdfff) {
        refuse(s, at, "half of a surrogate pair");
        return 0;
    }
    put_character(s, 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
    return 12;
}

/* The escape at `at`, into `plain`; how many bytes it takes, 0 when it is none. */
static size_t take_escape(struct scan *s, const uint8_t *at)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    uint8_t c = s->end - at > 1 ? at[1] : 0;
    if (c == 'u')
        return take_unicode(s, at);
    const char *letter = c ? strchr(letters, c) : NULL;
    if (!letter) {
        refuse(s, at, "an escape that is none");
        return 0;
    }
    put_plain(s, (const uint8_t *)&meanings[letter - letters], 1);
    return 2;
}

/* All of `plain` that a text may need, so that it never moves: no text is longer
 * without its escapes, and a real wants a NUL. */
static bool make_plain(struct scan *s)
{
    return s->plain.size > 0 || buffer_reserve(&s->plain, (size_t)(s->end - s->start) + 1);
}

/* Where a text that goes on at `at` has something else than characters. */
static const uint8_t *skip_characters(const uint8_t *at, const uint8_t *end)
{
    size_t size;
    at = find_special(at, end);
    while (at < end && *at >= 0x80 && (size = utf8_bytes(at, end)) > 0)
        at = find_special(at + size, end);
    return at;
}

/* The text that began at `from` and has its first escape at `at`, into `plain`. Where it
 * has something else; NULL when `why` is set. */
static const uint8_t *take_escaped(struct scan *s, const uint8_t *from, const uint8_t *at,
                                   struct bytes *out)
{
    if (!make_plain(s)) {
        refuse_no_memory(s);
        return NULL;
    }
    const uint8_t *begin = s->plain.at + s->plain.size;
    while (at < s->end && *at == '\\') {
        put_plain(s, from, (size_t)(at - from));
        from = at + take_escape(s, at);
        if (s->why)
            return NULL;
        at = skip_characters(from, s->end);
    }
    put_plain(s, from, (size_t)(at - from));
    *out = (struct bytes){begin, (size_t)(s->plain.at + s->plain.size - begin)};
    return at;
}

/* The text behind a quote. */
static bool take_text(struct scan *s, struct bytes *out)
{
    const uint8_t *from = s->at + 1, *at = skip_characters(from, s->end);
    *out = (struct bytes){from, (size_t)(at - from)};
    if (at < s->end && *at == '\\') {
        at = take_escaped(s, from, at, out);
        if (!at)
            return false;
    }
    if (at == s->end)
        return refuse(s, at, "a text without its end");
    if (*at != '"')
        return refuse(s, at, *at < 0x20 ? "a control character in a text" : "not UTF-8");
    s->at = at + 1;
    return true;
}

/* --- numbers --- */

/* The number from s->at to `end`, whose digits are `value`, if those are few enough. */
static bool take_integer(struct scan *s, const uint8_t *end, uint64_t value,
                         struct scan_value *out)
{
    bool negative = *s->at == '-';
    if (end - s->at - negative > 19 || value > (uint64_t)INT64_MAX + negative)
        return refuse(s, s->at, "an integer beyond 64 bits");
    out->type = SCAN_INTEGER;
    out->integer = (int64_t)(negative ? 0 - value : value);
    out->real = (double)out->integer;
    s->at = end;
    return true;
}

/* The number from s->at to `end`, whose form is right. */
static bool take_real(struct scan *s, const uint8_t *end, struct scan_value *out)
{
    size_t size = (size_t)(end - s->at);
    if (!make_plain(s))
        return refuse_no_memory(s);
    char *copy = (char *)s->plain.at + s->plain.size;
    assert(s->plain.capacity - s->plain.size > size);
    memcpy(copy, s->at, size);
    copy[size] = '\0';
    out->type = SCAN_REAL;
    out->real = strtod(copy, NULL);
    if (isinf(out->real))
        return refuse(s, s->at, "a number beyond what is finite");
    s->at = end;
    return true;
}

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end)
{
    while (is_digit(at, end))
        at++;
    return at;
}

static bool take_number(struct scan *s, struct scan_value *out)
{
    const uint8_t *digits = s->at + (*s->at == '-'), *at = digits, *end = s->end;
    uint64_t value = 0; /* right for up to 19 digits */
    for (; is_digit(at, end); at++)
        value = value * 10 + (uint64_t)(*at - '0');
    if (at == digits || (*digits == '0' && at - digits > 1))
        return refuse(s, s->at, "a number that is none");
    if (at == end || (*at != '.' && *at != 'e' && *at != 'E'))
        return take_integer(s, at, value, out);
    if (*at == '.') {
        if (!is_digit(at + 1, end))
            return refuse(s, s->at, "a number that is none");
        at = skip_digits(at + 1, end);
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at += at + 1 < end && (at[1] == '+' || at[1] == '-') ? 2 : 1;
        if (!is_digit(at, end))
            return refuse(s, s->at, "a number that is none");
        at = skip_digits(at, end);
    }
    return take_real(s, at, out);
}

/* --- names --- */

/* The bytes of a name shorter than eight, in one word. */
static uint64_t load_short(struct bytes text)
{
    uint32_t low, high;
    if (text.size == 0)
        return 0;
    if (text.size < 4)
        return text.at[0] | (uint64_t)text.at[text.size / 2] << 8 |
               (uint64_t)text.at[text.size - 1] << 16;
    memcpy(&low, text.at, sizeof low);
    memcpy(&high, text.at + text.size - 4, sizeof high);
    return low | (uint64_t)high << 32;
}

static struct scan_name name_of(struct bytes text)
{
    if (text.size < 8)
        return (struct scan_name){.text = text, .first = load_short(text)};
    return (struct scan_name){
        .text = text, .first = load_8(text.at), .last = load_8(text.at + text.size - 8)};
}

static bool same_name(const struct scan_name *a, const struct scan_name *b)
{
    return a->text.size == b->text.size && a->first == b->first && a->last == b->last &&
           (a->text.size <= 16 || memcmp(a->text.at, b->text.at, a->text.size) == 0);
}

static uint64_t hash_of(const struct scan_name *n)
{
    return (n->first ^ n->last ^ n->text.size) * UINT64_C(0x9e3779b97f4a7c15);
}

static int compare_names(const void *a, const void *b)
{
    const struct scan_name *x = a, *y = b;
    if (x->text.size != y->text.size)
        return x->text.size < y->text.size ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->last != y->last)
        return x->last < y->last ? -1 : 1;
    return x->text.size > 16 ? memcmp(x->text.at, y->text.at, x->text.size) : 0;
}

enum { FEW_NAMES = 32 }; /* of more, all are compared when the object ends */

static bool is_among(const struct scan *s, const struct scan_level *level,
                     const struct scan_name *name)
{
    for (size_t i = level->first_name; i < s->name_count; i++)
        if (same_name(&s->names[i], name))
            return true;
    return false;
}

static bool more_names(struct scan *s)
{
    struct scan_name *names =
        counted_room(s->plain.memory, s->names, s->name_count, &s->name_room, sizeof *names);
    if (!names)
        return refuse_no_memory(s);
    s->names = names;
    return true;
}

/* A name that is not known. */
static bool add_name(struct scan *s, struct scan_level *level, const uint8_t *at,
                     const struct scan_name *name)
{
    uint64_t bit = UINT64_C(1) << (hash_of(name) >> 58);
    if (level->seen & bit && s->name_count - level->first_name < FEW_NAMES &&
        is_among(s, level, name))
        return refuse(s, at, SCAN_TWICE);
    if (s->name_count == s->name_room && !more_names(s))
        return false;
    level->seen |= bit;
    s->names[s->name_count++] = *name;
    return true;
}

static bool check_names(struct scan *s, const struct scan_level *level)
{
    size_t count = s->name_count - level->first_name;
    if (count <= FEW_NAMES)
        return true;
    struct scan_name *names = s->names + level->first_name;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (compare_names(&names[i - 1], &names[i]) == 0)
            return refuse(s, s->at, SCAN_TWICE);
    return true;
}

/* Where the number of a name is, or would be. */
static uint8_t *known_slot(struct scan_known *known, const struct scan_name *name)
{
    const size_t mask = sizeof known->slots - 1;
    size_t i = hash_of(name) >> 57 & mask;
    while (known->slots[i] != 0 && !same_name(&known->names[known->slots[i] - 1], name))
        i = (i + 1) & mask;
    return &known->slots[i];
}

/* How a name looks in a text, if that fits two words. */
static struct scan_likeness likeness_of(struct bytes text)
{
    struct scan_likeness l = {.size = 0};
    uint8_t bytes[16] = {'"'}, masks[16] = {0};
    if (text.size + 3 > sizeof bytes || (text.size > 0 && memchr(text.at, '\\', text.size)))
        return l;
    if (text.size > 0)
        memcpy(bytes + 1, text.at, text.size);
    memcpy(bytes + 1 + text.size, "\":", 2);
    l.size = (uint8_t)(text.size + 3);
    memset(masks, 0xff, l.size);
    for (int i = 0; i < 2; i++) {
        l.words[i] = load_8(bytes + 8 * i);
        l.masks[i] = load_8(masks + 8 * i);
    }
    return l;
}

int scan_know(struct scan_known *known, struct bytes text)
{
    struct scan_name name = name_of(text);
    uint8_t *slot = known_slot(known, &name);
    if (*slot == 0) {
        assert(known->count < SCAN_KNOWN_MAX);
        known->names[known->count] = name;
        known->likeness[known->count] = likeness_of(text);
        *slot = (uint8_t)++known->count;
    }
    return *slot - 1;
}

/* --- values --- */

void scan_init(struct scan *s, struct scan_known *known)
{
    s->known = known;
    s->names = NULL;
    s->name_room = 0;
    s->plain = (struct buffer){.at = NULL};
    scan_begin(s, (struct bytes){.at = NULL});
}

void scan_count(struct scan *s, struct memory *memory)
{
    s->plain.memory = memory;
}

void scan_done(struct scan *s)
{
    counted_free(s->plain.memory, s->names, s->name_room * sizeof *s->names);
    buffer_done(&s->plain);
}

void scan_begin(struct scan *s, struct bytes text)
{
    s->start = s->at = text.at;
    s->end = text.at ? text.at + text.size : NULL;
    s->why = NULL;
    s->no_memory = false;
    s->level_count = s->name_count = 0;
    s->plain.size = 0;
}

static bool open_level(struct scan *s, bool is_object)
{
    s->levels[s->level_count++] = (struct scan_level){
        .first_name = s->name_count, .before = SCAN_KNOWN_MAX, .is_object = is_object};
    s->at++;
    return true;
}

static bool take_word(struct scan *s, const char *word, enum scan_type type,
                      struct scan_value *out)
{
    size_t size = strlen(word);
    if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size) != 0)
        return refuse(s, s->at, "a value that is none");
    out->type = type;
    s->at += size;
    return true;
}

static bool take_value(struct scan *s, struct scan_value *out)
{
    switch (*s->at) {
    case '"': out->type = SCAN_TEXT; return take_text(s, &out->text);
    case '[': out->type = SCAN_ARRAY; return open_level(s, false);
    case '{': out->type = SCAN_OBJECT; return open_level(s, true);
    case 't': return take_word(s, "true", SCAN_TRUE, out);
    case 'f': return take_word(s, "false", SCAN_FALSE, out);
    case 'n': return take_word(s, "null", SCAN_NULL, out);
    default:
        if (*s->at == '-' || is_digit(s->at, s->end))
            return take_number(s, out);
        return refuse(s, s->at, "a value that is none");
    }
}

bool scan_value(struct scan *s, struct scan_value *out)
{
    if (s->why)
        return false;
    skip_space(s);
    if (s->at == s->end)
        return refuse(s, s->at, "it ends where a value has to be");
    if (s->level_count == SCAN_DEPTH_MAX)
        return refuse(s, s->at, "too many values in each other");
    const uint8_t *from = s->at;
    if (!take_value(s, out))
        return false;
    out->source = (struct bytes){from, (size_t)(s->at - from)};
    return true;
}

/* Is there more before `close`? Passes the comma, or `close`. */
static bool has_more(struct scan *s, uint8_t close)
{
    if (s->why)
        return false;
    struct scan_level *level = &s->levels[s->level_count - 1];
    assert(s->level_count > 0 && level->is_object == (close == '}'));
    skip_space(s);
    uint8_t c = s->at < s->end ? *s->at : 0;
    if (c == close) {
        if (level->is_object && !check_names(s, level))
            return false;
        s->name_count = level->first_name;
        s->level_count--;
        s->at++;
        return false;
    }
    if (level->begun && c != ',')
        return refuse(s, s->at,
                      level->is_object ? "neither ',' nor '}'" : "neither ',' nor ']'");
    s->at += level->begun;
    level->begun = true;
    return true;
}

bool scan_item(struct scan *s)
{
    return has_more(s, ']');
}

/* The number of the name at hand, if it is the one that came here before and is written
 * as usual; else -1. */
static int take_likely(struct scan *s, const struct scan_level *level)
{
    int number = s->known->likely[level->before];
    const struct scan_likeness *l = &s->known->likeness[number];
    if (s->end - s->at < 16 || l->size == 0)
        return -1;
    uint64_t differ = ((load_8(s->at) ^ l->words[0]) & l->masks[0]) |
                      ((load_8(s->at + 8) ^ l->words[1]) & l->masks[1]);
    if (differ != 0)
        return -1;
    s->at += l->size;
    return number;
}

/* Any name, and the colon behind it. */
static bool take_name(struct scan *s, struct scan_name *out)
{
    struct bytes text;
    if (s->at == s->end || *s->at != '"')
        return refuse(s, s->at, "no name in quotes");
    if (!take_text(s, &text))
        return false;
    *out = name_of(text);
    skip_space(s);
    if (s->at == s->end || *s->at != ':')
        return refuse(s, s->at, "no ':' behind a name");
    s->at++;
    return true;
}

static bool note_known(struct scan *s, struct scan_level *level, struct scan_member *m)
{
    uint64_t bit = UINT64_C(1) << m->known;
    if (level->known & bit)
        return refuse(s, m->at, SCAN_TWICE);
    level->known |= bit;
    level->before = (uint8_t)m->known;
    m->text = s->known->names[m->known].text;
    return true;
}

bool scan_member(struct scan *s, struct scan_member *out)
{
    struct scan_name name;
    if (!has_more(s, '}'))
        return false;
    struct scan_level *level = &s->levels[s->level_count - 1];
    skip_space(s);
    out->at = s->at;
    out->known = s->known && s->known->count > 0 ? take_likely(s, level) : -1;
    if (out->known >= 0)
        return note_known(s, level, out);
    if (!take_name(s, &name))
        return false;
    out->text = name.text;
    out->known = s->known ? *known_slot(s->known, &name) - 1 : -1;
    if (out->known < 0)
        return add_name(s, level, out->at, &name);
    s->known->likely[level->before] = (uint8_t)out->known;
    return note_known(s, level, out);
}

bool scan_skip(struct scan *s, struct scan_value *v)
{
    struct scan_value inner;
    struct scan_member unused;
    if (v->type < SCAN_ARRAY)
        return !s->why;
    for (size_t around = s->level_count - 1; !s->why && s->level_count > around;) {
        bool is_object = s->levels[s->level_count - 1].is_object;
        if (is_object ? scan_member(s, &unused) : scan_item(s))
            scan_value(s, &inner);
    }
    v->source.size = (size_t)(s->at - v->source.at);
    return !s->why;
}

bool scan_end(struct scan *s)
{
    if (s->why)
        return false;
    skip_space(s);
    return s->at == s->end || refuse(s, s->at, "something behind its end");
}
