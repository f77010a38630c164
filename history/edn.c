/* EDN; see edn.h. What is where:
 *   places   lines, columns, refusals
 *   space    what counts as white space
 *   atoms    texts, numbers, keywords, symbols
 *   forms    collections, and what stands between them
 *   print    a form as text */
#include "history/edn.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/counted.h"
#include "history/words.h"

enum { DEPTH_MAX = 64, ITEMS_MAX = 1 << 24 };

static enum err_code read_form(struct edn_reader *r, uint32_t *item, struct err *err);

/* --- places --- */

void edn_init(struct edn_reader *r, struct lines *in, struct memory *memory)
{
    *r = (struct edn_reader){.in = in, .texts.memory = memory};
}

void edn_init_line(struct edn_reader *r, struct bytes text, uint64_t number, size_t column)
{
    r->in = NULL;
    r->line = (struct bytes){text.at - column, text.size + column};
    r->number = number;
    r->at = column;
    r->at_end = false;
    r->closer = 0;
    r->depth = 0;
}

void edn_done(struct edn_reader *r)
{
    counted_free(r->texts.memory, r->items, r->capacity * sizeof *r->items);
    buffer_done(&r->texts);
    *r = (struct edn_reader){.in = NULL};
}

enum err_code edn_refuse(const struct edn *form, struct err *err, const char *fmt, ...)
{
    char message[ERR_MSG_SIZE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    return err_set(err, ERR_INVALID, "%" PRIu64 ":%zu: %s", form->line, form->column, message);
}

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

/* A form that begins here, to be refused or filled. */
static struct edn here(const struct edn_reader *r, size_t at)
{
    return (struct edn){.line = r->number, .column = at + 1};
}

/* --- space --- */

static bool next_line(struct edn_reader *r, enum err_code *code, struct err *err)
{
    if (!r->in || r->at_end || !words_line(r->in, &r->line, code, err)) {
        r->at_end = true;
        return false;
    }
    r->number = r->in->number;
    r->at = 0;
    return true;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == ',' || (c >= '\t' && c <= '\r');
}

/* The next byte that is no white space and in no comment; false at the end. */
static bool skip_space(struct edn_reader *r, enum err_code *code, struct err *err)
{
    for (;;) {
        while (r->at < r->line.size && is_space(r->line.at[r->at]))
            r->at++;
        if (r->at < r->line.size && r->line.at[r->at] != ';')
            return true;
        if (!next_line(r, code, err))
            return false;
    }
}

/* Are these the next two bytes? */
static bool ahead(const struct edn_reader *r, char first, char second)
{
    const uint8_t *next = r->line.at + r->at;
    return next[0] == (uint8_t)first && r->at + 1 < r->line.size && next[1] == (uint8_t)second;
}

/* --- atoms --- */

static uint32_t new_item(struct edn_reader *r, struct edn form)
{
    struct edn *items = r->count < ITEMS_MAX ? counted_room(r->texts.memory, r->items, r->count,
                                                            &r->capacity, sizeof *items)
                                             : NULL;
    if (!items)
        return 0;
    r->items = items;
    r->items[r->count] = form;
    return (uint32_t)r->count++;
}

static enum err_code keep(struct edn_reader *r, struct edn form, uint32_t *item,
                          struct err *err)
{
    *item = new_item(r, form);
    return *item ? ERR_OK : no_memory(err);
}

static bool put_unicode(struct edn_reader *r, unsigned c)
{
    uint8_t utf8[3] = {(uint8_t)c};
    size_t size = 1;
    if (c >= 0x800) {
        utf8[0] = (uint8_t)(0xe0 | c >> 12);
        utf8[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        utf8[2] = (uint8_t)(0x80 | (c & 0x3f));
        size = 3;
    } else if (c >= 0x80) {
        utf8[0] = (uint8_t)(0xc0 | c >> 6);
        utf8[1] = (uint8_t)(0x80 | (c & 0x3f));
        size = 2;
    }
    return buffer_append(&r->texts, (struct bytes){utf8, size});
}

/* Four hexadecimal digits; 0, which no text may hold, when they are not there. */
static unsigned hex4(struct bytes text)
{
    unsigned value = 0;
    for (size_t i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        uint8_t c = i < text.size ? text.at[i] : 0;
        const char *digit = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        if (!digit)
            return 0;
        value = value * 16 + (unsigned)(digit - digits);
    }
    return value >= 0xd800 && value < 0xe000 ? 0 : value; /* half a pair is no character */
}

/* What follows a backslash. */
static enum err_code read_escape(struct edn_reader *r, struct err *err)
{
    static const char from[] = "\"\\ntrbf", to[] = "\"\\\n\t\r\b\f";
    struct edn place = here(r, r->at - 1);
    uint8_t c = r->at < r->line.size ? r->line.at[r->at++] : 0;
    const char *found = c ? strchr(from, c) : NULL;
    unsigned unicode = c == 'u' ? hex4(words_after(r->line, r->at)) : 0;
    if (unicode)
        r->at += 4;
    else if (!found)
        return edn_refuse(&place, err,
                          "no escape in a text; one of \\\" \\\\ \\n \\t \\r \\b \\f, or \\u "
                          "and four digits of a character");
    return put_unicode(r, unicode ? unicode : (uint8_t)to[found - from]) ? ERR_OK
                                                                         : no_memory(err);
}

/* The rest of the line at hand, or what is before a quote or a backslash. */
static enum err_code read_plain(struct edn_reader *r, struct err *err)
{
    size_t start = r->at;
    while (r->at < r->line.size && r->line.at[r->at] != '"' && r->line.at[r->at] != '\\')
        r->at++;
    struct bytes plain = {r->line.at + start, r->at - start};
    return buffer_append(&r->texts, plain) ? ERR_OK : no_memory(err);
}

static enum err_code end_of_text_line(struct edn_reader *r, const struct edn *form,
                                      struct err *err)
{
    enum err_code code = ERR_OK;
    if (!next_line(r, &code, err))
        return code != ERR_OK ? code
                              : edn_refuse(form, err, "a text that is not closed by a '\"'");
    return put_unicode(r, '\n') ? ERR_OK : no_memory(err);
}

static enum err_code read_text(struct edn_reader *r, uint32_t *item, struct err *err)
{
    struct edn form = here(r, r->at++);
    form.type = EDN_TEXT;
    form.text_at = r->texts.size;
    for (;;) {
        enum err_code code = read_plain(r, err);
        if (code == ERR_OK && r->at == r->line.size)
            code = end_of_text_line(r, &form, err);
        else if (code == ERR_OK && r->line.at[r->at++] == '"')
            break;
        else if (code == ERR_OK)
            code = read_escape(r, err);
        if (code != ERR_OK)
            return code;
        if (r->texts.size - form.text_at > LINES_BYTES_MAX)
            return edn_refuse(&form, err, "a text of over %d bytes", LINES_BYTES_MAX);
    }
    form.text_size = r->texts.size - form.text_at;
    return keep(r, form, item, err);
}

/* A flat table of what a byte may be. */
static bool ends_atom(uint8_t c)
{
    switch (c) {
    case '(':
    case ')':
    case '[':
    case ']':
    case '{':
    case '}':
    case '"':
    case ';':
    case '\0': return true;
    default: return is_space(c);
    }
}

/* What stands here up to white space or a bracket. */
static struct bytes take_atom(struct edn_reader *r)
{
    size_t start = r->at;
    /* A character may be a bracket. */
    if (r->line.at[r->at] == '\\' && r->at + 1 < r->line.size)
        r->at += 2;
    while (r->at < r->line.size && !ends_atom(r->line.at[r->at]))
        r->at++;
    return (struct bytes){r->line.at + start, r->at - start};
}

static bool is_number(struct bytes atom)
{
    bool signed_ = atom.at[0] == '-' || atom.at[0] == '+';
    return atom.size > signed_ && atom.at[signed_] >= '0' && atom.at[signed_] <= '9';
}

static bool is_integer(struct bytes atom, int64_t *out)
{
    if (atom.at[0] == '+')
        atom = words_after(atom, 1);
    if (atom.size > 0 && atom.at[atom.size - 1] == 'N') /* however large */
        atom.size--;
    return words_integer(atom, out);
}

static bool is_in_names(uint8_t c)
{
    uint8_t lower = c | 32;
    if ((lower >= 'a' && lower <= 'z') || (c >= '-' && c <= ':') || c >= 0x80)
        return true; /* from '-' on: - . / 0 to 9 : */
    return strchr("*+!_?$%&=<>#'", c) != NULL;
}

static bool is_name(struct bytes atom)
{
    for (size_t i = 0; i < atom.size; i++)
        if (!is_in_names(atom.at[i]))
            return false;
    return true;
}

static enum err_code read_atom(struct edn_reader *r, uint32_t *item, struct err *err)
{
    struct edn form = here(r, r->at);
    struct bytes atom = take_atom(r);
    if (atom.size == 0 || (atom.at[0] == ':' && atom.size == 1))
        return edn_refuse(&form, err, "'%c' begins nothing that EDN knows",
                          r->line.at[form.column - 1]);
    if (atom.at[0] != '\\' && !is_name(atom))
        return edn_refuse(&form, err, "'%.*s' is no number, keyword or symbol",
                          WORDS_SHOWN(atom));
    if (words_equal(atom, "nil"))
        form.type = EDN_NIL;
    else if (atom.at[0] == ':')
        form.type = EDN_KEYWORD;
    else
        form.type =
            is_number(atom) && is_integer(atom, &form.integer) ? EDN_INTEGER : EDN_SYMBOL;
    form.text_at = r->texts.size;
    form.text_size = atom.size;
    if (!buffer_append(&r->texts, atom))
        return no_memory(err);
    return keep(r, form, item, err);
}

/* --- forms --- */

/* Over white space, comments and discarded forms; false at the end. */
static bool skip_to_form(struct edn_reader *r, enum err_code *code, struct err *err)
{
    while (skip_space(r, code, err)) {
        if (!ahead(r, '#', '_'))
            return true;
        size_t count = r->count, texts = r->texts.size;
        uint32_t dropped;
        r->at += 2;
        *code = read_form(r, &dropped, err);
        if (*code != ERR_OK)
            return false;
        r->count = count;
        r->texts.size = texts;
    }
    return false;
}

static void add_to(struct edn_reader *r, uint32_t parent, uint32_t *last, uint32_t item)
{
    if (*last)
        r->items[*last].next = item;
    else
        r->items[parent].first = item;
    r->items[parent].count++;
    *last = item;
}

/* Forms up to `closer`, which is taken. */
static enum err_code read_items(struct edn_reader *r, uint32_t parent, char closer,
                                struct err *err)
{
    enum err_code code = ERR_OK;
    for (uint32_t last = 0;;) {
        if (!skip_to_form(r, &code, err))
            return code != ERR_OK
                       ? code
                       : edn_refuse(&r->items[parent], err,
                                    "what begins here is not closed by a '%c'", closer);
        if (r->line.at[r->at] == (uint8_t)closer) {
            r->at++;
            return ERR_OK;
        }
        uint32_t item;
        code = read_form(r, &item, err);
        if (code != ERR_OK)
            return code;
        add_to(r, parent, &last, item);
    }
}

static enum err_code read_collection(struct edn_reader *r, enum edn_type type, size_t size,
                                     char closer, uint32_t *item, struct err *err)
{
    struct edn form = here(r, r->at);
    form.type = type;
    r->at += size;
    enum err_code code = keep(r, form, item, err);
    if (code != ERR_OK)
        return code;
    code = read_items(r, *item, closer, err);
    if (code == ERR_OK && type == EDN_MAP && r->items[*item].count % 2 != 0)
        return edn_refuse(&form, err, "a map whose last key has no value");
    return code;
}

/* "#tag form": the form. */
static enum err_code read_tagged(struct edn_reader *r, uint32_t *item, struct err *err)
{
    struct edn place = here(r, r->at++);
    struct bytes tag = take_atom(r);
    enum err_code code = ERR_OK;
    if (tag.size == 0 || !is_name(tag))
        return edn_refuse(&place, err, "'#' without a tag, a '{' or a '_' behind it");
    if (!skip_to_form(r, &code, err))
        return code != ERR_OK ? code : edn_refuse(&place, err, "a tag with nothing behind it");
    return read_form(r, item, err);
}

static enum err_code read_here(struct edn_reader *r, uint32_t *item, struct err *err)
{
    struct edn place = here(r, r->at);
    switch (r->line.at[r->at]) {
    case '(': return read_collection(r, EDN_LIST, 1, ')', item, err);
    case '[': return read_collection(r, EDN_VECTOR, 1, ']', item, err);
    case '{': return read_collection(r, EDN_MAP, 1, '}', item, err);
    case '"': return read_text(r, item, err);
    case ')':
    case ']':
    case '}': return edn_refuse(&place, err, "a '%c' that closes nothing", r->line.at[r->at]);
    case '#': break;
    default: return read_atom(r, item, err);
    }
    if (ahead(r, '#', '{'))
        return read_collection(r, EDN_SET, 2, '}', item, err);
    if (ahead(r, '#', '#')) /* ##Inf, ##NaN */
        return read_atom(r, item, err);
    return read_tagged(r, item, err);
}

/* One form has to come. */
static enum err_code read_form(struct edn_reader *r, uint32_t *item, struct err *err)
{
    enum err_code code = ERR_OK;
    struct edn place = here(r, r->at);
    if (r->depth == DEPTH_MAX)
        return edn_refuse(&place, err, "more than %d forms one in the other", DEPTH_MAX);
    r->depth++; /* also for those that are discarded */
    if (skip_to_form(r, &code, err))
        code = read_here(r, item, err);
    else if (code == ERR_OK)
        code = edn_refuse(&place, err, "a form has to follow");
    r->depth--;
    return code;
}

/* Forget all forms. Item 0 stands for none. */
static enum err_code start(struct edn_reader *r, struct err *err)
{
    r->count = 0;
    r->texts.size = 0;
    new_item(r, (struct edn){.type = EDN_NIL});
    return r->count == 1 ? ERR_OK : no_memory(err);
}

enum err_code edn_enter(struct edn_reader *r, struct err *err)
{
    enum err_code code = start(r, err);
    if (code != ERR_OK || !skip_to_form(r, &code, err))
        return code;
    uint8_t c = r->line.at[r->at];
    if (c != '[' && c != '(')
        return ERR_OK;
    r->closer = c == '[' ? ']' : ')';
    r->entered_line = r->number;
    r->at++;
    return ERR_OK;
}

/* What was entered is over: nothing else may follow. */
static enum err_code leave(struct edn_reader *r, struct err *err)
{
    enum err_code code = ERR_OK;
    r->at++;
    if (!skip_to_form(r, &code, err))
        return code;
    struct edn place = here(r, r->at);
    return edn_refuse(&place, err, "something follows what ended with a '%c'", r->closer);
}

enum err_code edn_next(struct edn_reader *r, bool *found, struct err *err)
{
    enum err_code code = start(r, err);
    *found = false;
    if (code != ERR_OK || !skip_to_form(r, &code, err)) {
        if (code != ERR_OK || !r->closer)
            return code;
        return err_set(err, ERR_INVALID,
                       "%" PRIu64 ": the file ends before the '%c' of what began in line "
                       "%" PRIu64,
                       r->number, r->closer, r->entered_line);
    }
    if (r->closer && r->line.at[r->at] == r->closer)
        return leave(r, err);
    uint32_t item = 0;
    code = read_form(r, &item, err);
    *found = code == ERR_OK;
    assert(code != ERR_OK || item == 1);
    return code;
}

enum err_code edn_rest(struct edn_reader *r, struct err *err)
{
    uint32_t root = 0, last = 0;
    enum err_code code = start(r, err);
    if (code == ERR_OK) {
        struct edn list = here(r, r->at);
        list.type = EDN_LIST;
        code = keep(r, list, &root, err);
    }
    while (code == ERR_OK && skip_to_form(r, &code, err)) {
        uint32_t item;
        code = read_form(r, &item, err);
        if (code == ERR_OK)
            add_to(r, root, &last, item);
    }
    return code;
}

const struct edn *edn_root(const struct edn_reader *r)
{
    assert(r->count > 1);
    return &r->items[1];
}

const struct edn *edn_first(const struct edn_reader *r, const struct edn *form)
{
    return form->first ? &r->items[form->first] : NULL;
}

const struct edn *edn_after(const struct edn_reader *r, const struct edn *form)
{
    return form->next ? &r->items[form->next] : NULL;
}

struct bytes edn_text(const struct edn_reader *r, const struct edn *form)
{
    return (struct bytes){r->texts.at ? r->texts.at + form->text_at : NULL, form->text_size};
}

bool edn_is(const struct edn_reader *r, const struct edn *form, const char *text)
{
    return form->text_size > 0 && form->type != EDN_TEXT &&
           words_equal(edn_text(r, form), text);
}

/* --- print --- */

static bool put(struct buffer *out, const char *text)
{
    return buffer_append(out, (struct bytes){(const uint8_t *)text, strlen(text)});
}

static bool print_text(struct bytes text, struct buffer *out)
{
    bool fine = put(out, "\"");
    for (size_t i = 0; i < text.size && fine; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            fine = put(out, "\\");
        fine = fine && buffer_append(out, (struct bytes){text.at + i, 1});
    }
    return fine && put(out, "\"");
}

static bool print_items(struct edn_reader *r, const struct edn *form, struct buffer *out)
{
    bool fine = true;
    for (const struct edn *i = edn_first(r, form); i && fine; i = edn_after(r, i)) {
        fine = edn_print(r, i, out);
        if (fine && i->next)
            fine = put(out, " ");
    }
    return fine;
}

bool edn_print(struct edn_reader *r, const struct edn *form, struct buffer *out)
{
    static const char *const openers[] = {
        [EDN_LIST] = "(", [EDN_VECTOR] = "[", [EDN_SET] = "#{", [EDN_MAP] = "{"};
    static const char *const closers[] = {
        [EDN_LIST] = ")", [EDN_VECTOR] = "]", [EDN_SET] = "}", [EDN_MAP] = "}"};
    if (form->type == EDN_TEXT)
        return print_text(edn_text(r, form), out);
    if (form->type < EDN_LIST)
        return buffer_append(out, edn_text(r, form));
    return put(out, openers[form->type]) && print_items(r, form, out) &&
           put(out, closers[form->type]);
}

/* Behind white space and comments, from `at` on. */
static size_t behind_space(struct bytes head, size_t at)
{
    while (at < head.size && (is_space(head.at[at]) || head.at[at] == ';')) {
        const uint8_t *end =
            head.at[at] == ';' ? memchr(head.at + at, '\n', head.size - at) : head.at + at;
        at = end ? (size_t)(end - head.at) + 1 : head.size;
    }
    return at;
}

bool edn_recognises(struct bytes head)
{
    size_t at = behind_space(head, 0);
    bool entered = at < head.size && (head.at[at] == '[' || head.at[at] == '(');
    if (entered)
        at = behind_space(head, at + 1);
    if (entered && at < head.size && (head.at[at] == ']' || head.at[at] == ')'))
        return true;
    if (at < head.size && head.at[at] == '#') /* a tag: "#jepsen.history.Op{" */
        while (at < head.size && !ends_atom(head.at[at]))
            at++;
    at = behind_space(head, at);
    if (at >= head.size || head.at[at] != '{')
        return false;
    at = behind_space(head, at + 1);
    return at < head.size && (head.at[at] == ':' || head.at[at] == '}');
}
