/* What clients ask a replica, and what they are told. */
#include <assert.h>
#include <string.h>

#include "store/replica_parts.h"

/* NULL for a consensus table, and for one that is not there. */
static struct async *async_of(const struct replica *r, uint32_t table)
{
    return table < r->config.table_count ? r->asyncs[table] : NULL;
}

static const struct table *table_of(const struct replica *r, uint32_t table)
{
    const struct async *a = async_of(r, table);
    return a ? &a->machine.tables[table] : &r->machine.tables[table];
}

/* --- answers --------------------------------------------------------------- */

/* `a`: the async table it is about, or NULL. */
static struct reply reply_to(const struct replica *r, const struct async *a, uint64_t client,
                             uint64_t sequence)
{
    return (struct reply){.client = client,
                          .sequence = sequence,
                          .leader = a ? a->primary.node : r->raft.leader,
                          .node = r->config.node_id,
                          .value = STORE_NIL};
}

static void answer(const struct moment *at, uint64_t connection, const struct reply *reply)
{
    effects_answer(at->out, connection,
                   &(struct message){.type = MESSAGE_REPLY, .reply = *reply});
}

static void answer_outcome(const struct moment *at, uint64_t connection, struct reply reply,
                           const struct outcome *outcome)
{
    reply.status = outcome->status;
    reply.reason = outcome->reason;
    reply.value = outcome->value;
    reply.version = outcome->version;
    answer(at, connection, &reply);
}

void replica_answer_change(struct replica *r, const struct moment *at,
                           const struct pending_change *p, const struct outcome *outcome)
{
    answer_outcome(at, p->connection, reply_to(r, NULL, p->client, p->sequence), outcome);
}

void replica_answer_async(struct replica *r, const struct moment *at, const struct async *a,
                          const struct async_change *change)
{
    answer_outcome(at, change->connection, reply_to(r, a, change->client, change->sequence),
                   &change->outcome);
}

void replica_refuse(struct replica *r, const struct moment *at, uint64_t connection,
                    const struct request *request, enum reply_reason reason)
{
    const struct async *a = async_of(r, request->table);
    struct reply reply = reply_to(r, a, request->client, request->sequence);
    reply.status = REPLY_FAIL;
    reply.reason = reason;
    answer(at, connection, &reply);
}

/* From what is applied here; whether that may be shown was decided before. */
void replica_answer_read(struct replica *r, const struct moment *at, uint64_t connection,
                         const struct request *request)
{
    const struct async *a = async_of(r, request->table);
    const struct row *row = table_find(table_of(r, request->table), request->key);
    struct reply reply = reply_to(r, a, request->client, request->sequence);
    reply.version = row ? row->version : 0;
    if (request->kind == REQUEST_READ) {
        reply.value = row ? row->value : STORE_NIL;
    } else {
        reply.is_list = true;
        reply.members = r->members;
        reply.member_count = row ? (uint32_t)row_members(row, r->members) : 0;
    }
    answer(at, connection, &reply);
}

/* --- requests -------------------------------------------------------------- */

static void begin_read(struct replica *r, const struct moment *at, uint64_t connection,
                       const struct request *request)
{
    if (store_has_bug(r->config.bugs, BUG_STALE_LEADER_READS)) {
        replica_answer_read(r, at, connection, request);
        return;
    }
    if (r->read_count == REPLICA_PENDING_MAX) {
        replica_refuse(r, at, connection, request, REASON_UNAVAILABLE);
        return;
    }
    r->reads[r->read_count++] = (struct pending_read){
        .connection = connection, .request = *request, .read = raft_read(&r->raft, at)};
}

/* A retry of what is under way already: answer it there, on the newer connection. */
static bool joins_pending(struct replica *r, uint64_t connection, const struct request *request)
{
    for (size_t i = 0; i < r->change_count; i++) {
        struct pending_change *p = &r->changes[i];
        if (p->client != request->client || p->sequence != request->sequence)
            continue;
        p->connection = connection;
        return !p->answered;
    }
    return false;
}

static struct entry entry_of(const struct request *request)
{
    return (struct entry){.type = ENTRY_CHANGE,
                          .kind = request->kind,
                          .table = request->table,
                          .client = request->client,
                          .sequence = request->sequence,
                          .key = request->key,
                          .argument = request->argument,
                          .expected = request->expected};
}

static void begin_change(struct replica *r, const struct moment *at, uint64_t connection,
                         const struct request *request)
{
    struct pending_change p = {.connection = connection,
                               .client = request->client,
                               .sequence = request->sequence,
                               .kind = request->kind};
    struct outcome outcome;
    if (machine_answered(&r->machine, request->client, request->sequence, &outcome)) {
        replica_answer_change(r, at, &p, &outcome);
        return;
    }
    if (joins_pending(r, connection, request))
        return;
    if (r->change_count == REPLICA_PENDING_MAX) {
        replica_refuse(r, at, connection, request, REASON_UNAVAILABLE);
        return;
    }
    p.index = raft_propose(&r->raft, at, entry_of(request));
    r->changes[r->change_count++] = p;
}

/* --- requests on async tables ---------------------------------------------- */

static bool joins_async(struct async *a, uint64_t connection, const struct request *request)
{
    for (size_t i = 0; i < a->change_count; i++) {
        struct async_change *change = &a->changes[i];
        if (change->client != request->client || change->sequence != request->sequence)
            continue;
        change->connection = connection;
        return true;
    }
    return false;
}

static void begin_async(struct replica *r, const struct moment *at, struct async *a,
                        uint64_t connection, const struct request *request)
{
    struct async_change change = {
        .connection = connection, .client = request->client, .sequence = request->sequence};
    if (machine_answered(&a->machine, request->client, request->sequence, &change.outcome))
        replica_answer_async(r, at, a, &change);
    else if (!joins_async(a, connection, request) &&
             async_propose(a, at, entry_of(request), &change) == 0)
        replica_refuse(r, at, connection, request, REASON_UNAVAILABLE);
}

static bool is_read(const struct request *request)
{
    return request->kind == REQUEST_READ || request->kind == REQUEST_MEMBERS;
}

/* Only a primary with a lease answers: whoever has lost it may show and promise what the
 * next one does not have. */
static void on_async_request(struct replica *r, const struct moment *at, struct async *a,
                             uint64_t connection, const struct request *request)
{
    if (!async_is_primary(a))
        replica_refuse(r, at, connection, request, REASON_NOT_LEADER);
    else if (!async_has_lease(a, at))
        replica_refuse(r, at, connection, request, REASON_UNAVAILABLE);
    else if (is_read(request))
        replica_answer_read(r, at, connection, request);
    else
        begin_async(r, at, a, connection, request);
}

static void on_request(struct replica *r, const struct moment *at, uint64_t connection,
                       const struct request *request)
{
    if (!machine_takes(&r->machine, request->table, request->kind))
        replica_refuse(r, at, connection, request, REASON_BAD_REQUEST);
    else if (request->level == REQUEST_LOCAL)
        replica_answer_read(r, at, connection, request);
    else if (async_of(r, request->table))
        on_async_request(r, at, async_of(r, request->table), connection, request);
    else if (r->raft.role != RAFT_LEADER)
        replica_refuse(r, at, connection, request, REASON_NOT_LEADER);
    else if (is_read(request))
        begin_read(r, at, connection, request);
    else
        begin_change(r, at, connection, request);
}

/* --- control --------------------------------------------------------------- */

static bool is_ready(const struct replica *r)
{
    const struct raft *raft = &r->raft;
    for (uint32_t i = 0; i < r->config.table_count; i++)
        if (r->asyncs[i] && (r->asyncs[i]->epoch == 0 || (async_is_primary(r->asyncs[i]) &&
                                                          r->asyncs[i]->active_epoch == 0)))
            return false;
    if (raft->role == RAFT_LEADER)
        return raft->commit_index >= raft->first_index;
    return raft->leader != RAFT_NOBODY && r->machine.applied_index == raft->commit_index &&
           raft->verified_index > 0;
}

static struct role role_of(const struct replica *r, uint32_t table)
{
    const struct async *a = async_of(r, table);
    if (a)
        return (struct role){.table = table,
                             .leads = async_is_primary(a),
                             .term = a->epoch,
                             .lost_count = a->lost_count};
    return (struct role){
        .table = table, .leads = r->raft.role == RAFT_LEADER, .term = r->raft.term};
}

static struct state_item item_of(const struct row *row, bool is_list, int64_t *members)
{
    struct state_item item = {.key = row->key, .value = row->value, .is_list = is_list};
    if (is_list) {
        item.member_count = (uint32_t)row_members(row, members);
        item.members = members;
    }
    return item;
}

static struct state page_of(struct replica *r, const struct ask_state *ask)
{
    const struct table *t = table_of(r, ask->table);
    bool is_list = r->machine.types[ask->table] == STORE_OR_SET;
    struct state page = {.table = ask->table, .items = r->items};
    size_t at = table_seek(t, ask->from_key), members = 0;
    for (; at < t->count && page.item_count < WIRE_ITEMS_MAX; at++) {
        if (members + t->rows[at].dot_count > WIRE_MEMBERS_MAX)
            break;
        r->items[page.item_count] = item_of(&t->rows[at], is_list, r->members + members);
        members += r->items[page.item_count++].member_count;
    }
    page.more = at < t->count;
    page.next_key = page.more ? t->rows[at].key : 0;
    return page;
}

void replica_on_client(struct replica *r, const struct moment *at, uint64_t connection,
                       const struct message *m)
{
    struct message reply = {.type = MESSAGE_READY};
    switch (m->type) {
    case MESSAGE_REQUEST: on_request(r, at, connection, &m->request); return;
    case MESSAGE_ASK_READY: reply.ready.ready = is_ready(r); break;
    case MESSAGE_ASK_ROLE:
        assert(m->ask_role.table < r->config.table_count);
        reply.type = MESSAGE_ROLE;
        reply.role = role_of(r, m->ask_role.table);
        break;
    case MESSAGE_ASK_STATE:
        assert(m->ask_state.table < r->config.table_count);
        reply.type = MESSAGE_STATE;
        reply.state = page_of(r, &m->ask_state);
        break;
    default: assert(false);
    }
    effects_answer(at->out, connection, &reply);
}
