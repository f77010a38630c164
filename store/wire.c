/* One function per message type lists its fields; the same list reads and writes, so
 * the two cannot drift apart.
 *
 * Contents: the walk and its fields; entries; messages of everybody, of clients, of
 * control, of replicas; encode and decode. */
#include "store/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

/* --- the walk -------------------------------------------------------------- */

/* Reads or writes one message. After the first refusal every further field passes
 * through unchanged, so that field lists stay straight. */
struct walk {
    bool reading, refused;
    struct reader reader;
    struct writer writer;
    struct wire_space *space; /* of lists, when reading */
    uint32_t members_used;    /* of space->members */
    const char *what;         /* the message's name */
    struct err *err;
};

static void refuse_above(struct walk *w, const char *field, uint64_t value, uint64_t most)
{
    w->refused = true;
    err_set(w->err, ERR_INVALID, "%s: %s: %llu is above %llu", w->what, field,
            (unsigned long long)value, (unsigned long long)most);
}

static void refuse_below(struct walk *w, const char *field, uint64_t value, uint64_t least)
{
    w->refused = true;
    err_set(w->err, ERR_INVALID, "%s: %s: %llu is below %llu", w->what, field,
            (unsigned long long)value, (unsigned long long)least);
}

static void refuse(struct walk *w, const char *field, const char *why)
{
    if (w->refused)
        return;
    w->refused = true;
    err_set(w->err, ERR_INVALID, "%s: %s: %s", w->what, field, why);
}

/* True when the field just read may be used. */
static bool in_range(struct walk *w, const char *field, uint64_t value, uint64_t least,
                     uint64_t most)
{
    if (w->refused)
        return false;
    if (w->reading && w->reader.ended_early)
        refuse(w, field, "the frame ends before it");
    else if (value < least)
        refuse_below(w, field, value, least);
    else if (value > most)
        refuse_above(w, field, value, most);
    assert(w->reading || !w->refused);
    return !w->refused;
}

static uint64_t field_u64(struct walk *w, const char *field, uint64_t value, uint64_t least,
                          uint64_t most)
{
    if (w->reading)
        value = read_u64(&w->reader);
    else
        write_u64(&w->writer, value);
    return in_range(w, field, value, least, most) ? value : least;
}

static uint32_t field_u32(struct walk *w, const char *field, uint32_t value, uint32_t most)
{
    if (w->reading)
        value = read_u32(&w->reader);
    else
        write_u32(&w->writer, value);
    return in_range(w, field, value, 0, most) ? value : 0;
}

static uint8_t field_u8(struct walk *w, const char *field, unsigned value, unsigned most)
{
    if (w->reading)
        value = read_u8(&w->reader);
    else
        write_u8(&w->writer, (uint8_t)value);
    return in_range(w, field, value, 0, most) ? (uint8_t)value : 0;
}

static bool field_flag(struct walk *w, const char *field, bool value)
{
    return field_u8(w, field, value, 1) != 0;
}

static int64_t field_i64(struct walk *w, const char *field, int64_t value)
{
    return (int64_t)field_u64(w, field, (uint64_t)value, 0, UINT64_MAX);
}

/* A field that this message does not take carries nothing. */
static int64_t field_nil(struct walk *w, const char *field, int64_t value, bool taken)
{
    value = field_i64(w, field, value);
    if (taken != (value != STORE_NIL))
        refuse(w, field, taken ? "is missing" : "is set, but not taken here");
    return value;
}

static uint8_t field_node(struct walk *w, const char *field, uint8_t value)
{
    value = field_u8(w, field, value, UINT8_MAX);
    if (value >= STORE_NODES_MAX && value != STORE_NODE_NONE)
        refuse(w, field, "is neither a node's number nor 255");
    return value;
}

/* Memory for a list, made when the first list of its kind is read. */
static void *list_space(struct walk *w, void *have, size_t count, size_t size)
{
    void *space = have ? have : calloc(count, size);
    if (!space && !w->refused) {
        w->refused = true;
        err_set(w->err, ERR_NOMEM, "%s: no memory for its list", w->what);
    }
    return space;
}

/* --- entries --------------------------------------------------------------- */

static bool changes(enum request_kind kind)
{
    return kind != REQUEST_READ && kind != REQUEST_MEMBERS;
}

static void check_entry(struct walk *w, const struct entry *e)
{
    bool change = e->type == ENTRY_CHANGE, primary = e->type == ENTRY_PRIMARY;
    if (change != (e->client != 0) || change != (e->sequence != 0))
        refuse(w, "entry.client", "goes with a change and with nothing else");
    if (change ? !changes(e->kind) : e->kind != 0)
        refuse(w, "entry.kind", "is not one of a change");
    if (!change && !primary && e->table != 0)
        refuse(w, "entry.table", "is set, but not taken here");
    if ((change || primary) != (e->key != STORE_NIL || change))
        refuse(w, "entry.key", "does not fit the entry's type");
    if (change && (e->argument == STORE_NIL))
        refuse(w, "entry.argument", "is missing");
    if (!change && !primary && (e->argument != STORE_NIL || e->expected != STORE_NIL))
        refuse(w, "entry.argument", "is set, but not taken here");
    if (primary &&
        (e->key < 0 || e->key >= STORE_NODES_MAX || e->argument < 1 || e->expected < 0))
        refuse(w, "entry.key", "names no node, epoch and position");
}

static void walk_entry(struct walk *w, struct entry *e)
{
    e->term = field_u64(w, "entry.term", e->term, 1, UINT64_MAX);
    e->type = (enum entry_type)field_u8(w, "entry.type", e->type, ENTRY_TYPE_COUNT - 1);
    e->kind = (enum request_kind)field_u8(w, "entry.kind", e->kind, REQUEST_KIND_COUNT - 1);
    e->table = field_u32(w, "entry.table", e->table, STORE_TABLES_MAX - 1);
    e->client = field_u64(w, "entry.client", e->client, 0, UINT64_MAX);
    e->sequence = field_u64(w, "entry.sequence", e->sequence, 0, UINT64_MAX);
    e->key = field_i64(w, "entry.key", e->key);
    e->argument = field_i64(w, "entry.argument", e->argument);
    e->expected = field_i64(w, "entry.expected", e->expected);
    check_entry(w, e);
}

static const struct entry *walk_entries(struct walk *w, const struct entry *entries,
                                        uint32_t count)
{
    struct entry *into = NULL;
    if (w->reading && count > 0) {
        into = list_space(w, w->space->entries, WIRE_ENTRIES_MAX, sizeof *into);
        w->space->entries = into;
    }
    for (uint32_t i = 0; i < count && !w->refused; i++) {
        struct entry e = w->reading ? (struct entry){0} : entries[i];
        walk_entry(w, &e);
        if (into)
            into[i] = e;
    }
    return w->reading ? into : entries;
}

/* --- everybody ------------------------------------------------------------- */

static void walk_hello(struct walk *w, struct hello *m)
{
    m->cluster = field_u64(w, "cluster", m->cluster, 1, UINT64_MAX);
    m->who = (enum hello_who)field_u8(w, "who", m->who, HELLO_WHO_COUNT - 1);
    bool client = m->who == HELLO_CLIENT;
    m->id = field_u64(w, "id", m->id, client, client ? UINT64_MAX : STORE_NODES_MAX - 1);
}

/* --- clients --------------------------------------------------------------- */

static void walk_request(struct walk *w, struct request *m)
{
    m->client = field_u64(w, "client", m->client, 1, UINT64_MAX);
    m->sequence = field_u64(w, "sequence", m->sequence, 1, UINT64_MAX);
    m->table = field_u32(w, "table", m->table, STORE_TABLES_MAX - 1);
    m->kind = (enum request_kind)field_u8(w, "kind", m->kind, REQUEST_KIND_COUNT - 1);
    m->key = field_i64(w, "key", m->key);
    m->argument = field_nil(w, "argument", m->argument, changes(m->kind));
    m->expected = field_i64(w, "expected", m->expected);
    if (m->kind != REQUEST_CAS && m->expected != STORE_NIL)
        refuse(w, "expected", "is set, but only cas takes it");
    m->level = (enum request_level)field_u8(w, "level", m->level, REQUEST_LEVEL_COUNT - 1);
    if (changes(m->kind) && m->level == REQUEST_LOCAL)
        refuse(w, "level", "local is for reads only");
}

/* `members` in memory or in the frame; every list of a message shares one array. */
static const int64_t *walk_members(struct walk *w, const int64_t *members, uint32_t count)
{
    int64_t *into = NULL;
    if (w->reading && count > 0) {
        into = list_space(w, w->space->members, WIRE_MEMBERS_MAX, sizeof *into);
        w->space->members = into;
        if (count > WIRE_MEMBERS_MAX - w->members_used)
            refuse(w, "members", "there are more than 100000 in all");
        if (into)
            into += w->members_used;
        w->members_used += w->refused ? 0 : count;
    }
    int64_t previous = INT64_MIN;
    for (uint32_t i = 0; i < count && !w->refused; i++) {
        int64_t member = field_i64(w, "members", w->reading ? 0 : members[i]);
        if (member <= previous)
            refuse(w, "members", "are not in rising order");
        previous = member;
        if (into)
            into[i] = member;
    }
    return w->reading ? into : members;
}

static void check_reply(struct walk *w, const struct reply *m)
{
    if ((m->status == REPLY_OK) != (m->reason == REASON_NONE))
        refuse(w, "reason", "goes with every status but ok");
    if (m->node == STORE_NODE_NONE)
        refuse(w, "node", "255 names no node");
    if (m->is_list ? m->status != REPLY_OK || m->value != STORE_NIL : m->member_count > 0)
        refuse(w, "is_list", "does not fit the other fields");
}

static void walk_reply(struct walk *w, struct reply *m)
{
    m->client = field_u64(w, "client", m->client, 1, UINT64_MAX);
    m->sequence = field_u64(w, "sequence", m->sequence, 1, UINT64_MAX);
    m->status = (enum reply_status)field_u8(w, "status", m->status, REPLY_STATUS_COUNT - 1);
    m->reason = (enum reply_reason)field_u8(w, "reason", m->reason, REPLY_REASON_COUNT - 1);
    m->leader = field_node(w, "leader", m->leader);
    m->node = field_node(w, "node", m->node);
    m->value = field_i64(w, "value", m->value);
    m->version = field_u64(w, "version", m->version, 0, UINT64_MAX);
    m->is_list = field_flag(w, "is_list", m->is_list);
    m->member_count = field_u32(w, "member_count", m->member_count, WIRE_MEMBERS_MAX);
    check_reply(w, m);
    m->members = walk_members(w, m->members, m->member_count);
}

/* --- control --------------------------------------------------------------- */

static void walk_ready(struct walk *w, struct ready *m)
{
    m->ready = field_flag(w, "ready", m->ready);
}

static void walk_ask_role(struct walk *w, struct ask_role *m)
{
    m->table = field_u32(w, "table", m->table, STORE_TABLES_MAX - 1);
}

static void walk_role(struct walk *w, struct role *m)
{
    m->table = field_u32(w, "table", m->table, STORE_TABLES_MAX - 1);
    m->leads = field_flag(w, "leads", m->leads);
    m->term = field_u64(w, "term", m->term, 0, UINT64_MAX);
    m->lost_count = field_u64(w, "lost_count", m->lost_count, 0, UINT64_MAX);
}

static void walk_ask_state(struct walk *w, struct ask_state *m)
{
    m->table = field_u32(w, "table", m->table, STORE_TABLES_MAX - 1);
    m->from_key = field_i64(w, "from_key", m->from_key);
}

static void walk_item(struct walk *w, struct state_item *item)
{
    item->key = field_i64(w, "item.key", item->key);
    item->value = field_i64(w, "item.value", item->value);
    item->is_list = field_flag(w, "item.is_list", item->is_list);
    item->member_count =
        field_u32(w, "item.member_count", item->member_count, WIRE_MEMBERS_MAX);
    if (item->is_list ? item->value != STORE_NIL : item->member_count > 0)
        refuse(w, "item.is_list", "does not fit the other fields");
    item->members = walk_members(w, item->members, item->member_count);
}

static const struct state_item *walk_items(struct walk *w, const struct state_item *items,
                                           uint32_t count)
{
    struct state_item *into = NULL;
    if (w->reading && count > 0) {
        into = list_space(w, w->space->items, WIRE_ITEMS_MAX, sizeof *into);
        w->space->items = into;
    }
    int64_t previous = INT64_MIN;
    for (uint32_t i = 0; i < count && !w->refused; i++) {
        struct state_item item = w->reading ? (struct state_item){0} : items[i];
        walk_item(w, &item);
        if (i > 0 && item.key <= previous)
            refuse(w, "item.key", "is not above the one before");
        previous = item.key;
        if (into)
            into[i] = item;
    }
    return w->reading ? into : items;
}

static void walk_state(struct walk *w, struct state *m)
{
    m->table = field_u32(w, "table", m->table, STORE_TABLES_MAX - 1);
    m->more = field_flag(w, "more", m->more);
    m->next_key = field_i64(w, "next_key", m->next_key);
    if (!m->more && m->next_key != 0)
        refuse(w, "next_key", "is set although nothing follows");
    m->item_count = field_u32(w, "item_count", m->item_count, WIRE_ITEMS_MAX);
    m->items = walk_items(w, m->items, m->item_count);
}

/* --- replicas -------------------------------------------------------------- */

static void walk_vote(struct walk *w, struct vote *m)
{
    m->pre = field_flag(w, "pre", m->pre);
    m->term = field_u64(w, "term", m->term, 1, UINT64_MAX);
    m->last_index = field_u64(w, "last_index", m->last_index, 0, UINT64_MAX);
    m->last_term = field_u64(w, "last_term", m->last_term, 0, UINT64_MAX);
}

static void walk_voted(struct walk *w, struct voted *m)
{
    m->pre = field_flag(w, "pre", m->pre);
    m->granted = field_flag(w, "granted", m->granted);
    m->term = field_u64(w, "term", m->term, 0, UINT64_MAX);
}

static void walk_append(struct walk *w, struct append *m)
{
    m->term = field_u64(w, "term", m->term, 1, UINT64_MAX);
    m->prev_index = field_u64(w, "prev_index", m->prev_index, 0, UINT64_MAX / 2);
    m->prev_term = field_u64(w, "prev_term", m->prev_term, 0, m->term);
    m->commit_index = field_u64(w, "commit_index", m->commit_index, 0, UINT64_MAX / 2);
    m->round = field_u64(w, "round", m->round, 0, UINT64_MAX);
    m->entry_count = field_u32(w, "entry_count", m->entry_count, WIRE_ENTRIES_MAX);
    m->entries = walk_entries(w, m->entries, m->entry_count);
    uint64_t previous = m->prev_term;
    for (uint32_t i = 0; i < m->entry_count && !w->refused; i++) {
        if (m->entries[i].term < previous || m->entries[i].term > m->term)
            refuse(w, "entry.term", "terms fall, or pass the leader's");
        previous = m->entries[i].term;
    }
}

static void walk_appended(struct walk *w, struct appended *m)
{
    m->term = field_u64(w, "term", m->term, 0, UINT64_MAX);
    m->matched = field_flag(w, "matched", m->matched);
    m->index = field_u64(w, "index", m->index, 0, UINT64_MAX / 2);
    m->hint_term = field_u64(w, "hint_term", m->hint_term, 0, UINT64_MAX);
    m->rejected = field_u64(w, "rejected", m->rejected, 0, UINT64_MAX / 2);
    if (m->matched && (m->hint_term != 0 || m->rejected != 0))
        refuse(w, "rejected", "is set although the entries matched");
    m->round = field_u64(w, "round", m->round, 0, UINT64_MAX);
}

static struct bytes walk_bytes(struct walk *w, struct bytes part, uint32_t size)
{
    if (w->refused)
        return (struct bytes){NULL, 0};
    if (!w->reading) {
        assert(w->writer.left_bytes >= size);
        memcpy(w->writer.at, part.at, size);
        w->writer.at += size;
        w->writer.left_bytes -= size;
        return part;
    }
    if (w->reader.left.size < size) {
        refuse(w, "part", "the frame ends before it");
        return (struct bytes){NULL, 0};
    }
    part = (struct bytes){w->reader.left.at, size};
    w->reader.left.at += size;
    w->reader.left.size -= size;
    return part;
}

static void walk_chunk(struct walk *w, struct chunk *m)
{
    m->term = field_u64(w, "term", m->term, 1, UINT64_MAX);
    m->last_index = field_u64(w, "last_index", m->last_index, 1, UINT64_MAX / 2);
    m->last_term = field_u64(w, "last_term", m->last_term, 1, m->term);
    m->total_bytes = field_u64(w, "total_bytes", m->total_bytes, 1, UINT32_MAX);
    m->offset = field_u64(w, "offset", m->offset, 0, m->total_bytes - 1);
    uint32_t size = field_u32(w, "size", (uint32_t)m->part.size, WIRE_CHUNK_BYTES_MAX);
    if (size == 0 || size > m->total_bytes - m->offset)
        refuse(w, "size", "is nothing, or passes the end of the snapshot");
    m->part = walk_bytes(w, m->part, size);
}

static void walk_chunked(struct walk *w, struct chunked *m)
{
    m->term = field_u64(w, "term", m->term, 1, UINT64_MAX);
    m->last_index = field_u64(w, "last_index", m->last_index, 1, UINT64_MAX / 2);
    m->received_bytes = field_u64(w, "received_bytes", m->received_bytes, 0, UINT32_MAX);
}

/* --- async tables ---------------------------------------------------------- */

static uint32_t field_table(struct walk *w, uint32_t value)
{
    return field_u32(w, "table", value, STORE_TABLES_MAX - 1);
}

static void check_shipped_entry(struct walk *w, const struct ship *m, const struct entry *e,
                                uint64_t previous)
{
    if (e->term < previous || e->term > m->epoch)
        refuse(w, "entry.term", "epochs fall, or pass the primary's");
    if (e->type == ENTRY_PRIMARY || (e->type == ENTRY_CHANGE && e->table != m->table))
        refuse(w, "entry.table", "is not an entry of this table's log");
}

static void walk_ship(struct walk *w, struct ship *m)
{
    m->table = field_table(w, m->table);
    m->epoch = field_u64(w, "epoch", m->epoch, 1, INT64_MAX);
    m->prev_index = field_u64(w, "prev_index", m->prev_index, 0, UINT64_MAX / 2);
    m->prev_epoch = field_u64(w, "prev_epoch", m->prev_epoch, 0, m->epoch);
    m->entry_count = field_u32(w, "entry_count", m->entry_count, WIRE_ENTRIES_MAX);
    m->entries = walk_entries(w, m->entries, m->entry_count);
    uint64_t previous = m->prev_epoch;
    for (uint32_t i = 0; i < m->entry_count && !w->refused; i++) {
        check_shipped_entry(w, m, &m->entries[i], previous);
        previous = m->entries[i].term;
    }
}

static void walk_shipped(struct walk *w, struct shipped *m)
{
    m->table = field_table(w, m->table);
    m->epoch = field_u64(w, "epoch", m->epoch, 1, INT64_MAX);
    m->matched = field_flag(w, "matched", m->matched);
    m->index = field_u64(w, "index", m->index, 0, UINT64_MAX / 2);
    m->hint_epoch = field_u64(w, "hint_epoch", m->hint_epoch, 0, INT64_MAX);
    m->rejected = field_u64(w, "rejected", m->rejected, 0, UINT64_MAX / 2);
    if (m->matched && (m->hint_epoch != 0 || m->rejected != 0))
        refuse(w, "rejected", "is set although the entries matched");
}

static void walk_renew(struct walk *w, struct renew *m)
{
    m->table = field_table(w, m->table);
    m->epoch = field_u64(w, "epoch", m->epoch, 1, INT64_MAX);
    m->sent_at_ns = field_u64(w, "sent_at_ns", m->sent_at_ns, 0, INT64_MAX / 2);
}

static void walk_ask_position(struct walk *w, struct ask_position *m)
{
    m->table = field_table(w, m->table);
    m->poll = field_u64(w, "poll", m->poll, 1, UINT64_MAX);
}

static void walk_position(struct walk *w, struct position *m)
{
    m->table = field_table(w, m->table);
    m->poll = field_u64(w, "poll", m->poll, 1, UINT64_MAX);
    m->index = field_u64(w, "index", m->index, 0, UINT64_MAX / 2);
    m->epoch = field_u64(w, "epoch", m->epoch, 0, INT64_MAX);
}

/* --- encode and decode ----------------------------------------------------- */

static void walk_fields(struct walk *w, struct message *m)
{
    switch (m->type) {
    case MESSAGE_HELLO: walk_hello(w, &m->hello); break;
    case MESSAGE_REQUEST: walk_request(w, &m->request); break;
    case MESSAGE_REPLY: walk_reply(w, &m->reply); break;
    case MESSAGE_READY: walk_ready(w, &m->ready); break;
    case MESSAGE_ASK_ROLE: walk_ask_role(w, &m->ask_role); break;
    case MESSAGE_ROLE: walk_role(w, &m->role); break;
    case MESSAGE_ASK_STATE: walk_ask_state(w, &m->ask_state); break;
    case MESSAGE_STATE: walk_state(w, &m->state); break;
    case MESSAGE_VOTE: walk_vote(w, &m->vote); break;
    case MESSAGE_VOTED: walk_voted(w, &m->voted); break;
    case MESSAGE_APPEND: walk_append(w, &m->append); break;
    case MESSAGE_APPENDED: walk_appended(w, &m->appended); break;
    case MESSAGE_CHUNK: walk_chunk(w, &m->chunk); break;
    case MESSAGE_CHUNKED: walk_chunked(w, &m->chunked); break;
    case MESSAGE_SHIP: walk_ship(w, &m->ship); break;
    case MESSAGE_SHIPPED: walk_shipped(w, &m->shipped); break;
    case MESSAGE_RENEW:
    case MESSAGE_RENEWED: walk_renew(w, &m->renew); break;
    case MESSAGE_ASK_POSITION: walk_ask_position(w, &m->ask_position); break;
    case MESSAGE_POSITION: walk_position(w, &m->position); break;
    case MESSAGE_ASK_READY:
    case MESSAGE_PING: break; /* no fields */
    }
}

enum { FIXED_BYTES_MAX = 128, ITEM_BYTES = 8 + 8 + 1 + 4 };

/* At least as many bytes as the frame of `m` takes. */
static size_t size_bound(const struct message *m)
{
    size_t size = FIXED_BYTES_MAX;
    switch (m->type) {
    case MESSAGE_REPLY: return size + m->reply.member_count * sizeof(int64_t);
    case MESSAGE_APPEND: return size + (size_t)m->append.entry_count * WIRE_ENTRY_BYTES;
    case MESSAGE_SHIP: return size + (size_t)m->ship.entry_count * WIRE_ENTRY_BYTES;
    case MESSAGE_CHUNK: return size + m->chunk.part.size;
    case MESSAGE_STATE:
        for (uint32_t i = 0; i < m->state.item_count; i++)
            size += ITEM_BYTES + m->state.items[i].member_count * sizeof(int64_t);
        return size;
    default: return size;
    }
}

bool wire_encode(const struct message *m, struct buffer *out)
{
    size_t bound = size_bound(m);
    uint8_t *to = buffer_reserve(out, bound);
    if (!to)
        return false;
    struct err err;
    struct message copy = *m;
    struct walk w = {
        .writer = {to, bound}, .what = message_type_name((int)m->type), .err = &err};
    write_u8(&w.writer, WIRE_VERSION);
    write_u8(&w.writer, (uint8_t)m->type);
    walk_fields(&w, &copy);
    assert(!w.refused);
    size_t size = bound - w.writer.left_bytes;
    assert(size <= WIRE_FRAME_BYTES_MAX);
    out->size += size;
    return true;
}

static enum err_code decode_head(struct reader *r, struct message *m, struct err *err)
{
    unsigned version = read_u8(r);
    unsigned type = read_u8(r);
    if (r->ended_early)
        return err_set(err, ERR_INVALID, "the frame ends before its type");
    if (version != WIRE_VERSION)
        return err_set(err, ERR_INVALID, "version: %u is not %d", version, WIRE_VERSION);
    if (!message_type_name((int)type))
        return err_set(err, ERR_INVALID, "type: %u is no message", type);
    m->type = (enum message_type)type;
    return ERR_OK;
}

enum err_code wire_decode(struct bytes frame, struct wire_space *space, struct message *out,
                          struct err *err)
{
    struct message m = {0};
    struct walk w = {.reading = true, .reader = {.left = frame}, .space = space, .err = err};
    if (decode_head(&w.reader, &m, err))
        return err->code;
    w.what = message_type_name((int)m.type);
    walk_fields(&w, &m);
    if (w.refused)
        return err->code;
    if (w.reader.left.size > 0)
        return err_set(err, ERR_INVALID, "%s: %zu bytes follow its end", w.what,
                       w.reader.left.size);
    *out = m;
    return ERR_OK;
}

void wire_entry_encode(const struct entry *e, uint8_t out[WIRE_ENTRY_BYTES])
{
    struct err err;
    struct entry copy = *e;
    struct walk w = {.writer = {out, WIRE_ENTRY_BYTES}, .what = "log", .err = &err};
    walk_entry(&w, &copy);
    assert(!w.refused && w.writer.left_bytes == 0);
}

enum err_code wire_entry_decode(struct bytes in, struct entry *out, struct err *err)
{
    struct entry e = {0};
    struct walk w = {.reading = true, .reader = {.left = in}, .what = "log", .err = err};
    walk_entry(&w, &e);
    if (!w.refused && w.reader.left.size > 0)
        refuse(&w, "entry", "bytes follow its end");
    if (w.refused)
        return err->code;
    *out = e;
    return ERR_OK;
}

void wire_space_done(struct wire_space *space)
{
    free(space->entries);
    free(space->items);
    free(space->members);
    *space = (struct wire_space){0};
}

const char *message_type_name(int type)
{
    switch (type) {
#define X(name, number, text)                                                                  \
    case MESSAGE_##name: return text;
        MESSAGE_TYPES(X)
#undef X
    default: return NULL;
    }
}

const char *reply_reason_text(enum reply_reason reason)
{
    static const char *const texts[] = {
#define X(name, text) text,
        REPLY_REASONS(X)
#undef X
    };
    assert(reason < REPLY_REASON_COUNT);
    return texts[reason];
}
