#include "workloads/final.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"

#define ROUND_GAP_NS (500 * NS_PER_MS)

/* One question: what does `node` hold in `table`? */
struct asking {
    struct final_phase *phase;
    uint32_t node, table;
    enum err_code code;
    struct final_value *values; /* by rising key, in the round's arena */
    size_t count, taken;        /* taken: how many were recorded */
};

struct final_phase {
    struct final_setup setup;
    struct io_timer timer; /* the next round, or the end */
    struct arena arena;    /* of one round */
    struct asking askings[TABLES_MAX][NODES_MAX];
    int64_t settle_until_ns, asked_at_ns;
    int64_t round;
    uint32_t unanswered;
    bool out_of_memory, finished, agreed;
};

static int64_t now_ns(const struct final_phase *f)
{
    return f->setup.io->ops->now_ns(f->setup.io);
}

static uint32_t node_count(const struct final_phase *f)
{
    return f->setup.scenario->topology.node_count;
}

/* --- what was answered --- */

static bool same_value(const struct final_value *a, const struct final_value *b)
{
    if (a->key != b->key || a->is_list != b->is_list || a->member_count != b->member_count)
        return false;
    if (!a->is_list)
        return a->value == b->value;
    return a->member_count == 0 ||
           memcmp(a->members, b->members, a->member_count * sizeof *a->members) == 0;
}

static bool same_answer(const struct asking *a, const struct asking *b)
{
    if (a->code || b->code || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same_value(&a->values[i], &b->values[i]))
            return false;
    return true;
}

static bool all_agree(const struct final_phase *f)
{
    if (f->out_of_memory)
        return false;
    for (uint32_t table = 0; table < f->setup.scenario->system.table_count; table++)
        for (uint32_t node = 0; node < node_count(f); node++)
            if (!same_answer(&f->askings[table][0], &f->askings[table][node]))
                return false;
    return true;
}

/* A system that cannot tell will not be able to in the next round either. */
static bool nobody_can_tell(const struct final_phase *f)
{
    for (uint32_t table = 0; table < f->setup.scenario->system.table_count; table++)
        for (uint32_t node = 0; node < node_count(f); node++)
            if (f->askings[table][node].code != ERR_UNSUPPORTED)
                return false;
    return true;
}

/* --- recording it --- */

static void record_value(struct asking *a, const struct final_value *value)
{
    struct final_phase *f = a->phase;
    struct history_writer *h = f->setup.history;
    int64_t process = (*f->setup.next_process)++;
    /* Rows are in time order: known when asked, but written down when answered. */
    int64_t at_ns = now_ns(f);
    struct op_row row = {
        .process = process,
        .session = process,
        .region = f->setup.scenario->topology.nodes[a->node].region,
        .operation = {.kind = OP_FINAL,
                      .table = a->table,
                      .key = value->key,
                      .argument = f->round,
                      .expected = OP_NIL,
                      .level = LEVEL_LOCAL},
        .intended_at_ns = f->asked_at_ns,
        .invoked_at_ns = at_ns,
    };
    struct answer answer = {
        .outcome = OUTCOME_OK,
        .result = value->is_list ? OP_NIL : value->value,
        .members = value->members,
        .member_count = value->member_count,
        .is_list = value->is_list,
        .level = LEVEL_LOCAL,
        .version = OP_NIL,
        .node = (int)a->node,
    };
    history_ret(h, history_op(h, &row), at_ns, &answer);
}

/* What the answer has under `key`; a key the replica does not hold is empty. */
static void record_key(struct asking *a, int64_t key)
{
    bool holds = a->taken < a->count && a->values[a->taken].key == key;
    enum table_type type = a->phase->setup.scenario->system.tables[a->table].type;
    struct final_value nothing = {
        .table = a->table, .key = key, .value = OP_NIL, .is_list = type == TABLE_OR_SET};
    record_value(a, holds ? &a->values[a->taken++] : &nothing);
}

/* The lowest key from `from` on that an operation was for or that a replica holds;
 * false when there is none. */
static bool next_key(const struct final_phase *f, uint32_t table, int64_t from, int64_t *key)
{
    const struct touched_keys *touched = &f->setup.touched[table];
    bool found = false;
    for (size_t k = from < 0 ? 0 : (size_t)from; k < touched->count && !found; k++)
        if (touched->flags[k]) {
            *key = (int64_t)k;
            found = true;
        }
    for (uint32_t node = 0; node < node_count(f); node++) {
        const struct asking *a = &f->askings[table][node];
        if (a->taken < a->count && (!found || a->values[a->taken].key < *key)) {
            *key = a->values[a->taken].key;
            found = true;
        }
    }
    return found;
}

static void record_silence(const struct asking *a)
{
    char detail[160];
    snprintf(detail, sizeof detail, "table %s, round %lld: %s",
             a->phase->setup.scenario->system.tables[a->table].name, (long long)a->phase->round,
             err_text(a->code));
    history_event(a->phase->setup.history, now_ns(a->phase), "final_unanswered", (int)a->node,
                  detail);
}

static void record_table(struct final_phase *f, uint32_t table)
{
    for (uint32_t node = 0; node < node_count(f); node++)
        if (f->askings[table][node].code)
            record_silence(&f->askings[table][node]);
    int64_t key;
    for (int64_t from = INT64_MIN; next_key(f, table, from, &key); from = key + 1) {
        for (uint32_t node = 0; node < node_count(f); node++)
            if (!f->askings[table][node].code)
                record_key(&f->askings[table][node], key);
        if (key == INT64_MAX)
            return;
    }
}

/* --- asking --- */

static void fire_at(struct final_phase *f, int64_t at_ns)
{
    f->setup.io->ops->timer_set(f->setup.io, &f->timer, at_ns);
}

static void end_round(struct final_phase *f)
{
    for (uint32_t table = 0; table < f->setup.scenario->system.table_count; table++)
        record_table(f, table);
    f->agreed = all_agree(f);
    int64_t next_at_ns = now_ns(f) + ROUND_GAP_NS;
    f->finished = f->agreed || nobody_can_tell(f) || next_at_ns > f->settle_until_ns;
    fire_at(f, f->finished ? now_ns(f) : next_at_ns);
}

static struct final_value *copy_values(struct arena *arena, const struct final_value *values,
                                       size_t count)
{
    struct final_value *copies = arena_array(arena, count + 1, sizeof *copies);
    for (size_t i = 0; copies && i < count; i++) {
        int64_t *members = arena_array(arena, values[i].member_count + 1, sizeof *members);
        if (!members)
            return NULL;
        if (values[i].member_count)
            memcpy(members, values[i].members, values[i].member_count * sizeof *members);
        copies[i] = values[i];
        copies[i].members = members;
    }
    return copies;
}

static void on_answer(void *user, enum err_code code, const struct final_value *values,
                      size_t count)
{
    struct asking *a = user;
    struct final_phase *f = a->phase;
    a->code = code;
    a->count = code ? 0 : count;
    a->values = copy_values(&f->arena, values, a->count);
    if (!a->values) {
        f->out_of_memory = true;
        a->code = ERR_NOMEM;
        a->count = 0;
    }
    assert(f->unanswered > 0);
    if (--f->unanswered == 0)
        end_round(f);
}

static void begin_round(struct final_phase *f)
{
    const struct scenario *s = f->setup.scenario;
    arena_done(&f->arena);
    f->round++;
    f->asked_at_ns = now_ns(f);
    f->unanswered = s->system.table_count * node_count(f);
    for (uint32_t table = 0; table < s->system.table_count; table++)
        for (uint32_t node = 0; node < node_count(f); node++) {
            struct asking *a = &f->askings[table][node];
            *a = (struct asking){.phase = f, .node = node, .table = table};
            f->setup.system->ops->final_state(f->setup.system, node, table, on_answer, a);
        }
}

static void on_timer(struct io_timer *timer)
{
    struct final_phase *f = CONTAINER_OF(timer, struct final_phase, timer);
    if (f->finished)
        f->setup.done(f->setup.user, f->agreed);
    else
        begin_round(f);
}

struct final_phase *final_start(const struct final_setup *setup)
{
    struct final_phase *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->setup = *setup;
    f->timer.fire = on_timer;
    f->settle_until_ns = now_ns(f) + setup->scenario->settle_ns;
    if (!(setup->system->ops->about.flags & SYSTEM_FINAL_STATE)) {
        f->finished = true;
        history_event(setup->history, now_ns(f), "final_unsupported", -1,
                      setup->system->ops->about.name);
    }
    fire_at(f, now_ns(f));
    return f;
}

void final_free(struct final_phase *f)
{
    if (!f)
        return;
    f->setup.io->ops->timer_stop(f->setup.io, &f->timer);
    arena_done(&f->arena);
    free(f);
}
