/* edn: histories that Jepsen, Knossos and Porcupine keep in Clojure's notation: a map
 * for each call and each return, one after the other or in one vector. */
#include <assert.h>

#include "history/jepsen.h"
#include "history/reader.h"
#include "history/words.h"

/* The field of `row` that is called so, or NULL: of no use here. */
static const struct edn **field(struct jepsen_row *row, const struct edn_reader *r,
                                const struct edn *key)
{
    const struct {
        const char *name;
        const struct edn **form;
    } fields[] = {
        {":process", &row->process}, {":type", &row->type}, {":f", &row->f},
        {":value", &row->value},     {":key", &row->key},   {":index", &row->index},
        {":time", &row->time},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (edn_is(r, key, fields[i].name))
            return fields[i].form;
    return NULL;
}

static enum err_code read_row(const struct edn_reader *r, struct jepsen_row *row,
                              struct err *err)
{
    const struct edn *map = edn_root(r);
    *row = (struct jepsen_row){.place = *map};
    if (map->type != EDN_MAP)
        return edn_refuse(map, err, "a row has to be a map: {:process 0, :type :invoke, ...}");
    for (const struct edn *key = edn_first(r, map); key;) {
        const struct edn *value = edn_after(r, key);
        const struct edn **form = field(row, r, key);
        assert(value); /* a map has both */
        if (form && *form)
            return edn_refuse(key, err, "a second '%.*s' in one map",
                              WORDS_SHOWN(edn_text(r, key)));
        if (form)
            *form = value;
        key = edn_after(r, value);
    }
    return ERR_OK;
}

static enum err_code read_rows(struct edn_reader *r, struct jepsen *j, struct err *err)
{
    bool found;
    struct jepsen_row row;
    enum err_code code = edn_enter(r, err);
    while (code == ERR_OK) {
        code = edn_next(r, &found, err);
        if (code != ERR_OK || !found)
            break;
        code = read_row(r, &row, err);
        if (code == ERR_OK)
            code = jepsen_add(j, r, &row, err);
    }
    return code;
}

static enum err_code read(struct lines *in, struct builder *b, struct err *err)
{
    /* Reads of nil tell nothing here. */
    static const struct jepsen_dialect dialect = {.model = NULL};
    struct edn_reader r;
    struct jepsen j;
    edn_init(&r, in, builder_memory(b));
    enum err_code code = jepsen_begin(&j, &dialect, b, err);
    if (code == ERR_OK)
        code = read_rows(&r, &j, err);
    if (code == ERR_OK)
        code = jepsen_feed(&j, err);
    jepsen_done(&j);
    edn_done(&r);
    return words_placed(in, code, err);
}

static bool recognises(struct bytes head, bool whole)
{
    (void)whole;
    return edn_recognises(head);
}

const struct reader_ops reader_edn = {
    .about = {.name = "edn", .summary = "Clojure's notation: Jepsen, Knossos, Porcupine's kv."},
    .initial = 0, /* as Knossos has it */
    .recognises = recognises,
    .read = read,
};
