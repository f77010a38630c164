/* Any bytes are a document or a sentence about why not; and what was read can be
 * asked for lines and texts, and be set. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct document *d, const json_t *value)
{
    const char *key;
    json_t *child;
    size_t i;
    assert((document_text(d, value) == NULL) ==
           (json_is_object(value) || json_is_array(value)));
    if (!json_is_true(value) && !json_is_false(value) && !json_is_null(value))
        assert(document_line(d, value) > 0);
    json_object_foreach((json_t *)(uintptr_t)value, key, child) ask(d, child);
    json_array_foreach(value, i, child) ask(d, child);
}

static void assert_sentence(const struct err *err)
{
    assert(err->code != ERR_OK && err->code != ERR_NOMEM);
    assert(err->msg[0] != '\0' && !strchr(err->msg, '\n'));
}

/* The first line of the input is also taken as PATH=VALUE. */
static void set_first_line(struct document *d, const uint8_t *data, size_t size)
{
    char line[128];
    size_t length = size < sizeof line - 1 ? size : sizeof line - 1;
    memcpy(line, data, length);
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    char *value = strchr(line, '=');
    if (value)
        *value++ = '\0';
    struct err err = {0};
    if (document_set(d, line, value ? value : "x", &err))
        assert_sentence(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct document *d = NULL;
    struct err err = {0};
    if (document_parse("x.yaml", (struct bytes){data, size}, &d, &err)) {
        assert_sentence(&err);
        assert(!d);
        static const char base[] = "a: {b: [c, {d: e}]}\n";
        if (document_parse("y.yaml", (struct bytes){(const uint8_t *)base, sizeof base - 1}, &d,
                           &err))
            return 0;
    } else {
        ask(d, document_root(d));
    }
    set_first_line(d, data, size);
    document_free(d);
    return 0;
}
