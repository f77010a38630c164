#include "history/lines.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/counted.h"

enum { BLOCK_BYTES = 256 << 10 };

void lines_init(struct lines *l, FILE *in)
{
    *l = (struct lines){.in = in};
}

void lines_init_from(struct lines *l, struct line_source source)
{
    *l = (struct lines){.source = source};
}

void lines_done(struct lines *l)
{
    counted_free(l->memory, l->buffer, l->capacity);
    *l = (struct lines){.in = NULL};
}

/* Make room for a block behind what is there. */
static bool make_room(struct lines *l)
{
    if (l->start > 0) {
        memmove(l->buffer, l->buffer + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
    }
    if (l->capacity - l->end >= BLOCK_BYTES)
        return true;
    size_t capacity = l->capacity ? l->capacity * 2 : 2 * BLOCK_BYTES;
    uint8_t *buffer = counted_resize(l->memory, l->buffer, l->capacity, capacity);
    if (!buffer)
        return false;
    l->buffer = buffer;
    l->capacity = capacity;
    return true;
}

/* Bytes that came; 0: no more; -1 with errno. */
static long read_some(struct lines *l, void *to, size_t size)
{
    if (!l->in)
        return l->source.read(l->source.user, to, size);
    size_t count = fread(to, 1, size, l->in);
    return ferror(l->in) ? -1 : (long)count;
}

static enum err_code read_block(struct lines *l, struct err *err)
{
    if (!make_room(l))
        return err_set(err, ERR_NOMEM, "out of memory");
    long count = read_some(l, l->buffer + l->end, BLOCK_BYTES);
    if (count < 0)
        return err_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
    l->end += (size_t)count;
    l->at_end = count == 0;
    return ERR_OK;
}

/* The end of the line at hand, or NULL while it is not there. `seen` bytes of it are
 * known to hold none. */
static const uint8_t *find_end(const struct lines *l, size_t seen)
{
    if (!l->buffer)
        return NULL;
    return memchr(l->buffer + l->start + seen, '\n', l->end - l->start - seen);
}

static void take(struct lines *l, size_t size, size_t skipped, struct bytes *line)
{
    const uint8_t *at = l->buffer + l->start;
    l->start += size + skipped;
    l->number++;
    if (size > 0 && at[size - 1] == '\r')
        size--;
    *line = (struct bytes){at, size};
}

bool lines_next(struct lines *l, struct bytes *line, enum err_code *code, struct err *err)
{
    assert(*code == ERR_OK);
    for (size_t seen = 0;;) {
        const uint8_t *end = find_end(l, seen);
        size_t size = end ? (size_t)(end - l->buffer) - l->start : l->end - l->start;
        if (size > LINES_BYTES_MAX) {
            l->number++;
            *code = err_set(err, ERR_INVALID, "a line of over %d bytes", LINES_BYTES_MAX);
            return false;
        }
        bool is_last = l->at_end && size > 0 && (l->in || !*l->source.is_cut);
        if (end || is_last) {
            take(l, size, end ? 1 : 0, line);
            return true;
        }
        if (l->at_end)
            return false;
        seen = size;
        *code = read_block(l, err);
        if (*code != ERR_OK)
            return false;
    }
}

static bool has_a_line(const struct lines *l)
{
    size_t i = 0;
    while (i < l->end && (l->buffer[i] == '\n' || l->buffer[i] == '\r' || l->buffer[i] == ' '))
        i++;
    return i < l->end && memchr(l->buffer + i, '\n', l->end - i) != NULL;
}

struct bytes lines_head(struct lines *l, size_t most)
{
    struct err unused;
    assert(l->start == 0 && l->number == 0);
    while (l->end < most && !l->at_end && (l->in || !has_a_line(l)) &&
           read_block(l, &unused) == ERR_OK)
        ;
    return (struct bytes){l->buffer, l->end < most ? l->end : most};
}
