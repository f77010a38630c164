/* jepsen-log: the lines that Jepsen logs as it runs, among others of its logger:
 *
 *     INFO  jepsen.util - PROCESS<tab>:TYPE<tab>:F<tab>VALUE
 *
 * A CAS that failed and tells its values found another value. */
#include <inttypes.h>
#include <string.h>

#include "history/jepsen.h"
#include "history/reader.h"
#include "history/words.h"

static const char logger[] = "jepsen.util - ";
static const char *const levels[] = {"INFO", "WARN", "ERROR", "FATAL", "DEBUG", "TRACE"};

/* Where what the logger was told begins; 0 when it is not that logger's line. */
static size_t told_at(struct bytes line)
{
    const uint8_t *found =
        line.size ? memmem(line.at, line.size, logger, strlen(logger)) : NULL;
    return found ? (size_t)(found - line.at) + strlen(logger) : 0;
}

static bool begins_with_number(struct bytes text)
{
    size_t sign = text.size > 0 && text.at[0] == '-';
    return text.size > sign && text.at[sign] >= '0' && text.at[sign] <= '9';
}

/* Something else that a program logs: it begins with a level, a time, or goes on from
 * the line before. */
static bool is_of_a_logger(struct bytes line)
{
    if (line.size == 0 || line.at[0] == ' ' || line.at[0] == '\t')
        return true;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (words_begin(line, levels[i]))
            return true;
    return begins_with_number(line) && memmem(line.at, line.size, " - ", 3);
}

/* How much of `told` is notation: what an operation that did not succeed says instead
 * of its value may be anything. */
static size_t notation_size(struct bytes told)
{
    size_t tabs[4] = {told.size, told.size, told.size, told.size}, count = 0;
    for (size_t i = 0; i < told.size && count < ARRAY_LEN(tabs); i++)
        if (told.at[i] == '\t')
            tabs[count++] = i;
    if (count < 3)
        return told.size;
    struct bytes type = {told.at + tabs[0] + 1, tabs[1] - tabs[0] - 1};
    bool succeeds = words_equal(type, ":invoke") || words_equal(type, ":ok");
    bool values = tabs[2] + 1 < told.size && told.at[tabs[2] + 1] == '[';
    return succeeds || values ? tabs[3] : tabs[2];
}

static enum err_code read_told(struct edn_reader *r, struct jepsen *j, struct err *err)
{
    enum err_code code = edn_rest(r, err);
    if (code != ERR_OK)
        return code;
    struct jepsen_row row = {.place = *edn_root(r)};
    const struct edn **fields[] = {&row.process, &row.type, &row.f, &row.value};
    size_t count = 0;
    for (const struct edn *i = edn_first(r, edn_root(r)); i; i = edn_after(r, i), count++)
        if (count < ARRAY_LEN(fields))
            *fields[count] = i;
    if (count < 3 || count > ARRAY_LEN(fields))
        return edn_refuse(&row.place, err,
                          "%zu fields; an operation has PROCESS, TYPE, F and VALUE with a tab "
                          "between them",
                          count);
    return jepsen_add(j, r, &row, err);
}

static enum err_code read_line(struct edn_reader *r, struct jepsen *j, struct bytes line,
                               uint64_t number, struct err *err)
{
    size_t at = told_at(line);
    struct bytes told = words_after(line, at);
    if (at > 0 && begins_with_number(told)) {
        told.size = notation_size(told);
        edn_init_line(r, told, number, at);
        return read_told(r, j, err);
    }
    if (at > 0)
        return ERR_OK; /* of the nemesis, or of the logger's own */
    if (line.size > 0 && memmem(line.at, line.size, "\t:", 2))
        return err_set(err, ERR_INVALID, "%" PRIu64 ": an operation without '%s' before it",
                       number, logger);
    if (!is_of_a_logger(line))
        return err_set(err, ERR_INVALID,
                       "%" PRIu64 ": neither an operation nor a line of a logger", number);
    return ERR_OK;
}

static enum err_code read(struct lines *in, struct builder *b, struct err *err)
{
    static const struct jepsen_dialect dialect = {
        .nil_is_a_value = true, .failed_cas_mismatch = true, .model = "cas-register"};
    struct edn_reader r;
    struct jepsen j;
    struct bytes line;
    edn_init(&r, NULL, builder_memory(b));
    enum err_code code = jepsen_begin(&j, &dialect, b, err);
    while (code == ERR_OK && words_line(in, &line, &code, err))
        code = read_line(&r, &j, line, in->number, err);
    if (code == ERR_OK)
        code = jepsen_feed(&j, err);
    jepsen_done(&j);
    edn_done(&r);
    return words_placed(in, code, err);
}

static bool recognises(struct bytes head, bool whole)
{
    struct bytes line;
    while (words_first_line(&head, whole, &line)) {
        size_t at = told_at(line);
        struct bytes told = words_after(line, at);
        if (at > 0 && begins_with_number(told) && memchr(told.at, '\t', told.size))
            return true;
    }
    return false;
}

const struct reader_ops reader_jepsen_log = {
    .about = {.name = "jepsen-log",
              .summary = "Jepsen's log: INFO  jepsen.util - 0 :invoke ..."},
    .model = "cas-register",
    .initial = OP_NIL,
    .recognises = recognises,
    .read = read,
};
