#include "systems/command_line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

static const char *value_of(const struct binding *bindings, const char *name, size_t size)
{
    for (; bindings->name; bindings++)
        if (strlen(bindings->name) == size && memcmp(bindings->name, name, size) == 0)
            return bindings->value;
    return NULL;
}

static enum err_code refuse_placeholder(const struct binding *bindings, const char *name,
                                        size_t size, struct err *err)
{
    char known[256] = "";
    size_t used = 0;
    for (const struct binding *b = bindings; b->name && used < sizeof known; b++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s{%s}",
                                 b == bindings ? "" : ", ", b->name);
    return err_set(err, ERR_INVALID, "'{%.*s}' is no placeholder; there are %s", (int)size,
                   name, known);
}

static enum err_code append(struct buffer *word, const char *text, size_t size, struct err *err)
{
    if (buffer_append(word, (struct bytes){(const uint8_t *)text, size}))
        return ERR_OK;
    return err_set(err, ERR_NOMEM, "a command line");
}

/* `*at` is behind the opening brace. */
static enum err_code fill_in(const char **at, const struct binding *bindings,
                             struct buffer *word, struct err *err)
{
    size_t size = strcspn(*at, "} \"'");
    if ((*at)[size] != '}')
        return err_set(err, ERR_INVALID, "'{%.*s' has no closing brace", (int)size, *at);
    const char *value = value_of(bindings, *at, size);
    if (!value)
        return refuse_placeholder(bindings, *at, size, err);
    *at += size + 1;
    return append(word, value, strlen(value), err);
}

/* One word, quotes taken off. */
static enum err_code read_word(const char **at, const struct binding *bindings,
                               struct buffer *word, struct err *err)
{
    char quote = '\0';
    enum err_code code = ERR_OK;
    while (!code && **at && (quote || **at != ' ')) {
        char c = *(*at)++;
        if (c == '{')
            code = fill_in(at, bindings, word, err);
        else if (c == quote)
            quote = '\0';
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
        else
            code = append(word, &c, 1, err);
    }
    if (!code && quote)
        return err_set(err, ERR_INVALID, "a quote (%c) is not closed", quote);
    return code;
}

static enum err_code keep_word(struct buffer *word, struct arena *arena, const char **to,
                               struct err *err)
{
    enum err_code code = append(word, "", 1, err);
    if (code)
        return code;
    *to = arena_copy_text(arena, (const char *)word->at);
    return *to ? ERR_OK : err_set(err, ERR_NOMEM, "a command line");
}

static enum err_code read_words(const char *text, const struct binding *bindings,
                                struct arena *arena, const char **words, struct err *err)
{
    size_t count = 0;
    enum err_code code = ERR_OK;
    for (const char *at = text + strspn(text, " "); !code && *at; at += strspn(at, " ")) {
        struct buffer word = {0};
        if (count == COMMAND_WORDS_MAX)
            return err_set(err, ERR_LIMIT, "'%s' has over %d words", text, COMMAND_WORDS_MAX);
        code = read_word(&at, bindings, &word, err);
        if (!code)
            code = keep_word(&word, arena, &words[count++], err);
        buffer_done(&word);
    }
    if (!code && count == 0)
        return err_set(err, ERR_INVALID, "'%s' names no program", text);
    return code;
}

enum err_code command_line_expand(const char *text, const struct binding *bindings,
                                  struct arena *arena, const char *const **argv,
                                  struct err *err)
{
    const char **words = arena_array(arena, COMMAND_WORDS_MAX + 1, sizeof *words);
    if (!words)
        return err_set(err, ERR_NOMEM, "a command line");
    enum err_code code = read_words(text, bindings, arena, words, err);
    if (!code)
        *argv = words;
    return code;
}

const char *const *command_line_environment(const struct binding *bindings, struct arena *arena)
{
    size_t count = 0;
    while (bindings[count].name)
        count++;
    const char **all = arena_array(arena, count + 1, sizeof *all);
    for (size_t i = 0; all && i < count; i++) {
        char *entry =
            arena_format(arena, "FAULTLINE_%s=%s", bindings[i].name, bindings[i].value);
        if (!entry)
            return NULL;
        for (char *c = entry; *c != '='; c++)
            *c = (char)toupper((unsigned char)*c);
        all[i] = entry;
    }
    return all;
}
