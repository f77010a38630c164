#include "store/machine.h"

#include <assert.h>

#include "base/digest.h"

enum { SAVED_VERSION = 1, PRIMARY_BYTES = 8 + 1 + 8, HEAD_BYTES = 1 + 8 + 8 + 4 };

void machine_init(struct machine *m, const struct node_config *config)
{
    *m = (struct machine){.table_count = config->table_count, .digest = DIGEST_START};
    for (uint32_t i = 0; i < config->table_count; i++) {
        m->types[i] = config->tables[i].type;
        m->primaries[i].node = STORE_NODE_NONE;
    }
}

void machine_done(struct machine *m)
{
    for (uint32_t i = 0; i < m->table_count; i++)
        table_done(&m->tables[i]);
    sessions_done(&m->sessions);
}

bool machine_takes(const struct machine *m, uint32_t table, enum request_kind kind)
{
    if (table >= m->table_count)
        return false;
    bool set_kind = kind == REQUEST_ADD || kind == REQUEST_REMOVE || kind == REQUEST_MEMBERS;
    return set_kind == (m->types[table] == STORE_OR_SET);
}

bool machine_answered(const struct machine *m, uint64_t client, uint64_t sequence,
                      struct outcome *out)
{
    const struct session *session = sessions_find(&m->sessions, client);
    if (!session || session->sequence < sequence)
        return false;
    if (session->sequence == sequence)
        *out = session->outcome;
    else
        *out = (struct outcome){
            .status = REPLY_UNKNOWN, .reason = REASON_SUPERSEDED, .value = STORE_NIL};
    return true;
}

static struct outcome failed(enum reply_reason reason, int64_t value)
{
    return (struct outcome){.status = REPLY_FAIL, .reason = reason, .value = value};
}

static enum table_result change(struct table *t, const struct entry *e, uint64_t index)
{
    struct dot dot = {e->argument, e->client, e->sequence};
    switch (e->kind) {
    case REQUEST_WRITE:
    case REQUEST_CAS: return table_write(t, e->key, e->argument, index);
    case REQUEST_ADD: return table_add(t, e->key, &dot, index);
    case REQUEST_REMOVE: return table_remove(t, e->key, e->argument, index);
    default: assert(false); return TABLE_FULL;
    }
}

/* False without memory. */
static bool run(struct machine *m, const struct entry *e, struct outcome *out)
{
    if (!machine_takes(m, e->table, e->kind)) {
        *out = failed(REASON_BAD_REQUEST, STORE_NIL);
        return true;
    }
    struct table *t = &m->tables[e->table];
    if (e->kind == REQUEST_CAS) {
        const struct row *row = table_find(t, e->key);
        int64_t found = row ? row->value : STORE_NIL;
        if (found != e->expected) {
            *out = failed(REASON_MISMATCH, found);
            return true;
        }
    }
    enum table_result result = change(t, e, m->applied_index);
    *out = result == TABLE_FULL
               ? failed(REASON_FULL, STORE_NIL)
               : (struct outcome){.value = STORE_NIL, .version = m->applied_index};
    return result != TABLE_NOMEM;
}

static bool apply_change(struct machine *m, const struct entry *e, struct outcome *out)
{
    if (machine_answered(m, e->client, e->sequence, out))
        return true;
    if (!run(m, e, out))
        return false;
    struct session session = {.client = e->client,
                              .sequence = e->sequence,
                              .position = m->applied_index,
                              .outcome = *out};
    return sessions_remember(&m->sessions, &session);
}

/* Two leaders may have proposed the same epoch: the first in the log has it. */
static void apply_primary(struct machine *m, const struct entry *e)
{
    if (e->table >= m->table_count || (uint64_t)e->argument <= m->primaries[e->table].epoch)
        return;
    m->primaries[e->table] = (struct primary){.epoch = (uint64_t)e->argument,
                                              .node = (uint8_t)e->key,
                                              .start = (uint64_t)e->expected};
}

static uint64_t fingerprint(uint64_t digest, const struct machine *m, const struct entry *e,
                            const struct outcome *out)
{
    const uint64_t words[] = {m->applied_index,
                              (uint64_t)e->type << 40 | (uint64_t)e->kind << 32 | e->table,
                              e->client,
                              e->sequence,
                              (uint64_t)e->key,
                              (uint64_t)e->argument,
                              (uint64_t)e->expected,
                              (uint64_t)out->status << 8 | (uint64_t)out->reason,
                              (uint64_t)out->value,
                              out->version};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        digest = digest_u64(digest, words[i]);
    return digest;
}

bool machine_apply(struct machine *m, const struct entry *e, struct outcome *out)
{
    m->applied_index++;
    *out = (struct outcome){.value = STORE_NIL};
    bool enough = true;
    if (e->type == ENTRY_CHANGE)
        enough = apply_change(m, e, out);
    else if (e->type == ENTRY_PRIMARY)
        apply_primary(m, e);
    m->digest = fingerprint(m->digest, m, e, out);
    return enough;
}

/* --- snapshots ------------------------------------------------------------- */

static bool save_head(const struct machine *m, struct buffer *out)
{
    size_t size = HEAD_BYTES + m->table_count * PRIMARY_BYTES;
    uint8_t *to = buffer_reserve(out, size);
    if (!to)
        return false;
    struct writer w = {to, size};
    write_u8(&w, SAVED_VERSION);
    write_u64(&w, m->applied_index);
    write_u64(&w, m->digest);
    write_u32(&w, m->table_count);
    for (uint32_t i = 0; i < m->table_count; i++) {
        write_u64(&w, m->primaries[i].epoch);
        write_u8(&w, m->primaries[i].node);
        write_u64(&w, m->primaries[i].start);
    }
    out->size += size;
    return true;
}

bool machine_save(const struct machine *m, struct buffer *out)
{
    bool saved = save_head(m, out) && sessions_save(&m->sessions, out);
    for (uint32_t i = 0; saved && i < m->table_count; i++)
        saved = table_save(&m->tables[i], out);
    return saved;
}

static bool load_head(struct machine *m, struct reader *in)
{
    uint8_t version = read_u8(in);
    m->applied_index = read_u64(in);
    m->digest = read_u64(in);
    uint32_t table_count = read_u32(in);
    if (in->ended_early || version != SAVED_VERSION || table_count != m->table_count)
        return false;
    for (uint32_t i = 0; i < table_count; i++) {
        m->primaries[i].epoch = read_u64(in);
        m->primaries[i].node = read_u8(in);
        m->primaries[i].start = read_u64(in);
    }
    return !in->ended_early;
}

static enum err_code load(struct machine *m, struct reader *in, struct err *err)
{
    bool nomem = false;
    if (!load_head(m, in))
        return err_set(err, ERR_DAMAGED, "the snapshot's head is not of these tables");
    if (!sessions_load(&m->sessions, in, &nomem))
        return nomem ? err_set(err, ERR_NOMEM, "no memory for the sessions")
                     : err_set(err, ERR_DAMAGED, "the snapshot's sessions make no sense");
    for (uint32_t i = 0; i < m->table_count; i++)
        switch (table_load(&m->tables[i], in)) {
        case TABLE_LOADED: break;
        case TABLE_DAMAGED:
            return err_set(err, ERR_DAMAGED, "the snapshot's table %u makes no sense", i);
        case TABLE_LOAD_NOMEM: return err_set(err, ERR_NOMEM, "no memory for table %u", i);
        }
    if (in->left.size > 0)
        return err_set(err, ERR_DAMAGED, "%zu bytes follow the snapshot", in->left.size);
    return ERR_OK;
}

enum err_code machine_load(struct machine *m, struct bytes saved, struct err *err)
{
    struct machine fresh = {.table_count = m->table_count};
    for (uint32_t i = 0; i < m->table_count; i++)
        fresh.types[i] = m->types[i];
    struct reader in = {.left = saved};
    if (load(&fresh, &in, err)) {
        machine_done(&fresh);
        return err->code;
    }
    machine_done(m);
    *m = fresh;
    return ERR_OK;
}
