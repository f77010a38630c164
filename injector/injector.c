/* Contents: telling · links · nodes · whom it hit · beginning · ending · asking who leads · the
 * plan
 *
 * A fault is pending until its time, then asks who leads where its target is a role,
 * is on, and is over. Each has one timer: for whatever is next. */
#include "injector/injector.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "injector/node_states.h"
#include "injector/resolver.h"

#define ASK_AGAIN_NS (100 * NS_PER_MS)

enum phase {
    PENDING,
    ASKING,
    ON,
    STUCK, /* taken away, but not undone everywhere: injector_heal tries again */
    OVER
};

/* A question under way. It outlives the injector when the answer comes late. */
struct query {
    struct running *fault; /* NULL: nobody wants to know any more */
    uint32_t table;
};

struct running {
    struct injector *in;
    const struct planned_fault *planned;
    const struct fault_ops *ops;
    const char *forced;
    enum phase phase;
    struct io_timer timer;
    bool ends; /* by itself; without it, only by injector_heal */
    int64_t give_up_at_ns;
    uint32_t unknown_tables; /* whose leader must still be asked for; bits */
    struct query *query;     /* NULL: none under way */
    struct resolver resolver;
    struct link_set links; /* of a link fault */
    uint32_t nodes;        /* of a node fault; bits */
    bool counted;          /* `before` holds */
    struct link_counts before;
};

struct injector {
    struct injector_setup setup;
    struct node_states states;
    struct node_ops counted_nodes;
    struct link_table table; /* as applied last */
    uint32_t failed_count, fault_count;
    struct running faults[];
};

/* --- telling --- */

static void tell(struct running *f, const char *state, const char *resolved,
                 const char *measured, const char *detail)
{
    const struct fault_listener *l = &f->in->setup.listener;
    if (l->changed)
        l->changed(l->user, f->planned, state, resolved, measured, detail);
}

static void give_up(struct running *f, const char *reason)
{
    f->phase = OVER;
    f->in->failed_count++;
    tell(f, "not applied", NULL, NULL, reason);
}

/* What was measured, and whether that is an effect at all. */
static void tell_effect(struct running *f, bool effective, const char *measured)
{
    f->in->failed_count += !effective;
    tell(f, effective ? "effective" : "no effect", NULL, measured, NULL);
}

/* --- links --- */

static bool is_on_links(const struct running *f)
{
    return f->ops->links != NULL;
}

static void fold(struct link_table *table, const struct fault_ops *ops, const void *config,
                 const struct link_set *links)
{
    for (uint32_t from = 0; from < table->place_count; from++)
        for (uint32_t to = 0; to < table->place_count; to++)
            if (links->on[from][to])
                ops->shape(config, &table->at[from][to]);
}

/* The topology's links with every fault that is on folded in. */
static enum err_code apply_links(struct injector *in, struct err *err)
{
    struct backend *backend = in->setup.backend;
    topology_links(&in->setup.plan->scenario->topology, &in->table);
    for (uint32_t i = 0; i < in->fault_count; i++) {
        const struct running *f = &in->faults[i];
        if (f->phase == ON && is_on_links(f))
            fold(&in->table, f->ops, f->planned->config, &f->links);
    }
    return backend->ops->apply(backend, &in->table, err);
}

static bool read_counts(struct running *f, struct link_counts *out)
{
    struct backend *backend = f->in->setup.backend;
    return backend->ops->measure && backend->ops->measure(backend, &f->links, out);
}

static bool cuts(const struct running *f)
{
    struct link_shape alone = {0};
    f->ops->shape(f->planned->config, &alone);
    return alone.blocked;
}

/* What its links did while it was on. A cut must have dropped something; whatever
 * else must have met something to act on. */
static bool measure_links(struct running *f, char *measured, size_t size, bool *effective)
{
    struct link_counts now;
    if (!f->counted || !read_counts(f, &now))
        return false;
    uint64_t carried = now.carried - f->before.carried;
    uint64_t dropped = now.dropped - f->before.dropped;
    snprintf(measured, size, "{\"carried\":%" PRIu64 ",\"dropped\":%" PRIu64 "}", carried,
             dropped);
    *effective = dropped > 0 || (carried > 0 && !cuts(f));
    return true;
}

static enum err_code begin_links(struct running *f, struct err *err)
{
    if (f->ops->links(f->planned->config, &f->resolver.targets, &f->links, err))
        return err->code;
    f->phase = ON;
    if (apply_links(f->in, err)) {
        struct err second; /* the first says enough, and injector_heal tries again */
        f->phase = OVER;
        (void)!apply_links(f->in, &second);
        return err->code;
    }
    f->counted = read_counts(f, &f->before);
    return ERR_OK;
}

/* --- nodes --- */

static enum err_code heal_nodes(struct running *f, uint32_t nodes, struct err *err)
{
    enum err_code first = ERR_OK;
    for (uint32_t n = 0; n < NODES_MAX; n++) {
        struct err own;
        if (!(nodes >> n & 1) ||
            !f->ops->heal(f->planned->config, &f->in->counted_nodes, n, &own))
            continue;
        if (!first)
            first = err_set(err, own.code, "%s", own.msg);
    }
    return first;
}

static enum err_code begin_nodes(struct running *f, struct err *err)
{
    if (f->ops->nodes(f->planned->config, &f->resolver.targets, &f->nodes, err))
        return err->code;
    f->in->states.hit = 0;
    for (uint32_t n = 0; n < NODES_MAX; n++) {
        if (!(f->nodes >> n & 1) ||
            !f->ops->apply(f->planned->config, &f->in->counted_nodes, n, err))
            continue;
        struct err second; /* as above */
        uint32_t done = f->nodes & ((UINT32_C(1) << n) - 1);
        (void)!heal_nodes(f, done, &second);
        return err->code;
    }
    f->phase = ON;
    return ERR_OK;
}

/* What a kill or pause did shows at once. */
static void tell_nodes_hit(struct running *f)
{
    char measured[32];
    snprintf(measured, sizeof measured, "{\"nodes\":%d}",
             __builtin_popcount(f->in->states.hit));
    tell_effect(f, f->in->states.hit != 0, measured);
}

/* --- telling whom it hit --- */

/* A list that lacks something is worse than none. */
static json_t *whole_or_none(json_t *list, bool whole)
{
    if (whole)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *nodes_json(uint32_t nodes)
{
    json_t *list = json_array();
    bool whole = list != NULL;
    for (uint32_t n = 0; whole && n < NODES_MAX; n++)
        if (nodes >> n & 1)
            whole = json_array_append_new(list, json_integer(n)) == 0;
    return whole_or_none(list, whole);
}

static json_t *cut_json(const struct link_set *links, uint32_t place_count)
{
    json_t *list = json_array();
    bool whole = list != NULL;
    for (uint32_t from = 0; from < place_count; from++)
        for (uint32_t to = 0; whole && to < place_count; to++)
            if (links->on[from][to])
                whole =
                    json_array_append_new(list, json_pack("[i,i]", (int)from, (int)to)) == 0;
    return whole_or_none(list, whole);
}

/* What was answered to its targets and, so that a history can be judged alone, the
 * nodes that are down or the links that are cut. */
static char *resolved_text(const struct running *f)
{
    json_t *facts = json_copy(f->resolver.answers);
    int failed = facts ? 0 : -1;
    if (!failed && !is_on_links(f))
        failed = json_object_set_new(facts, "nodes", nodes_json(f->nodes));
    else if (!failed && cuts(f))
        failed =
            json_object_set_new(facts, "cut", cut_json(&f->links, f->in->table.place_count));
    char *text = failed ? NULL : json_dumps(facts, JSON_COMPACT);
    json_decref(facts);
    return text;
}

static void tell_on(struct running *f)
{
    char *resolved = resolved_text(f);
    tell(f, "on", resolved, NULL, resolved ? NULL : "no memory to tell the targets");
    free(resolved);
}

/* --- beginning --- */

static int64_t now_ns(const struct injector *in)
{
    return in->setup.io->ops->now_ns(in->setup.io);
}

static void set_timer(struct running *f, int64_t at_ns)
{
    f->in->setup.io->ops->timer_set(f->in->setup.io, &f->timer, at_ns);
}

static void plan_end(struct running *f)
{
    const struct planned_fault *p = f->planned;
    int64_t lasts_ns = p->for_ns > 0 ? p->for_ns : p->restart_after_ns;
    f->ends = lasts_ns >= 0;
    if (f->ends)
        set_timer(f, now_ns(f->in) + lasts_ns);
}

static void begin(struct running *f)
{
    struct err err;
    enum err_code code = is_on_links(f) ? begin_links(f, &err) : begin_nodes(f, &err);
    if (code) {
        give_up(f, err.msg);
        return;
    }
    tell_on(f);
    if (!is_on_links(f))
        tell_nodes_hit(f);
    plan_end(f);
}

/* --- ending --- */

/* Say what the links did, and whether that counts. */
static void judge_links(struct running *f, bool in_full)
{
    char measured[80];
    bool effective;
    if (!measure_links(f, measured, sizeof measured, &effective))
        return;
    if (effective || in_full)
        tell_effect(f, effective, measured);
}

static void end(struct running *f)
{
    struct err err;
    if (is_on_links(f))
        judge_links(f, true);
    f->phase = STUCK;
    if (is_on_links(f) ? apply_links(f->in, &err) : heal_nodes(f, f->nodes, &err))
        return;
    f->phase = OVER;
    tell(f, "off", NULL, NULL, NULL);
}

/* --- asking who leads --- */

static uint32_t lowest_bit(uint32_t bits)
{
    assert(bits != 0);
    return (uint32_t)__builtin_ctz(bits);
}

static void ask(struct running *f);

static void on_leader(void *user, int node, uint64_t term)
{
    (void)term;
    struct query *q = user;
    struct running *f = q->fault;
    uint32_t table = q->table;
    free(q);
    if (!f)
        return;
    f->query = NULL;
    if (node < 0)
        return; /* the timer asks again */
    f->resolver.leaders[table] = node;
    f->unknown_tables &= ~(UINT32_C(1) << table);
    ask(f);
}

/* Ask for the next leader that must be known; begin when there is none. */
static void ask(struct running *f)
{
    const struct node_ops *nodes = &f->in->setup.nodes;
    if (f->unknown_tables == 0) {
        f->in->setup.io->ops->timer_stop(f->in->setup.io, &f->timer);
        begin(f);
        return;
    }
    struct query *q = calloc(1, sizeof *q);
    if (!q)
        return; /* the timer asks again */
    *q = (struct query){f, lowest_bit(f->unknown_tables)};
    f->query = q;
    nodes->find_leader(nodes->user, q->table, on_leader, q);
}

static void forget_query(struct running *f)
{
    if (f->query)
        f->query->fault = NULL;
    f->query = NULL;
}

static void ask_again(struct running *f)
{
    int64_t now = now_ns(f->in);
    if (now >= f->give_up_at_ns) {
        char reason[160], wait[32];
        const struct system_spec *system = &f->in->setup.plan->scenario->system;
        snprintf(reason, sizeof reason, "nobody was known to lead %s within %s",
                 system->tables[lowest_bit(f->unknown_tables)].name,
                 units_duration(f->planned->wait_ns, wait, sizeof wait));
        forget_query(f);
        give_up(f, reason);
        return;
    }
    int64_t next_ns = now + ASK_AGAIN_NS;
    set_timer(f, next_ns < f->give_up_at_ns ? next_ns : f->give_up_at_ns);
    if (!f->query)
        ask(f);
}

static void begin_asking(struct running *f)
{
    struct err err;
    f->phase = ASKING;
    f->give_up_at_ns = now_ns(f->in) + f->planned->wait_ns;
    tell(f, "asked", NULL, NULL, NULL);
    if (resolver_begin(&f->resolver, f->forced, &err) ||
        resolver_tables(&f->resolver, f->planned->plugin, f->planned->config,
                        &f->unknown_tables, &err)) {
        give_up(f, err.msg);
        return;
    }
    if (f->unknown_tables == 0)
        begin(f);
    else
        ask_again(f);
}

/* --- the plan --- */

static void on_timer(struct io_timer *timer)
{
    struct running *f = CONTAINER_OF(timer, struct running, timer);
    switch (f->phase) {
    case PENDING: begin_asking(f); break;
    case ASKING: ask_again(f); break;
    case ON: end(f); break;
    case STUCK:
    case OVER: break;
    }
}

static void prepare_fault(struct injector *in, uint32_t i)
{
    const struct plan *plan = in->setup.plan;
    struct running *f = &in->faults[i];
    *f = (struct running){.in = in,
                          .planned = &plan->faults[i],
                          .ops = fault_of(plan->faults[i].plugin),
                          .forced = in->setup.forced ? in->setup.forced[i] : NULL,
                          .timer = {.fire = on_timer}};
    resolver_init(&f->resolver, &plan->scenario->topology, &plan->scenario->system);
    for (uint32_t n = 0; n < plan->scenario->topology.node_count; n++)
        f->resolver.order[n] = f->planned->order[n];
}

/* Can the backend do this fault, on top of the topology alone? Where the target is a
 * role, node 0 stands in for whoever will hold it. */
static enum err_code check_fault(const struct injector *in, uint32_t i,
                                 struct link_table *table, struct err *err)
{
    const struct scenario *s = in->setup.plan->scenario;
    const struct running *f = &in->faults[i];
    struct backend *backend = in->setup.backend;
    struct link_set links;
    struct resolver pretend;
    if (!is_on_links(f))
        return ERR_OK;
    resolver_pretend(&pretend, &s->topology, &s->system, 0);
    enum err_code code = f->ops->links(f->planned->config, &pretend.targets, &links, err);
    if (!code) {
        topology_links(&s->topology, table);
        fold(table, f->ops, f->planned->config, &links);
        code = backend->ops->check(backend, table, err);
    }
    return code ? err_wrap(err, "%s", f->planned->words) : ERR_OK;
}

static enum err_code prepare(struct injector *in, struct err *err)
{
    struct backend *backend = in->setup.backend;
    topology_links(&in->setup.plan->scenario->topology, &in->table);
    if (backend->ops->check(backend, &in->table, err))
        return err->code;
    for (uint32_t i = 0; i < in->fault_count; i++)
        if (check_fault(in, i, &in->table, err))
            return err->code;
    return apply_links(in, err);
}

enum err_code injector_new(const struct injector_setup *setup, struct injector **out,
                           struct err *err)
{
    uint32_t count = setup->plan->fault_count;
    struct injector *in = calloc(1, sizeof *in + count * sizeof in->faults[0]);
    if (!in)
        return err_set(err, ERR_NOMEM, "no memory for %u faults", count);
    in->setup = *setup;
    in->fault_count = count;
    node_states_init(&in->states, &setup->nodes, setup->plan->scenario->topology.node_count);
    in->counted_nodes = node_states_ops(&in->states);
    for (uint32_t i = 0; i < count; i++)
        prepare_fault(in, i);
    if (prepare(in, err)) {
        injector_free(in);
        return err->code;
    }
    *out = in;
    return ERR_OK;
}

void injector_start(struct injector *in, int64_t start_at_ns)
{
    for (uint32_t i = 0; i < in->fault_count; i++)
        set_timer(&in->faults[i], start_at_ns + in->faults[i].planned->at_ns);
}

static void stop_waiting(struct running *f)
{
    f->in->setup.io->ops->timer_stop(f->in->setup.io, &f->timer);
    forget_query(f);
}

/* Nothing begins or ends by itself any more. What is on becomes STUCK: to be undone. */
static void cut_short(struct running *f)
{
    stop_waiting(f);
    switch (f->phase) {
    case PENDING: f->phase = OVER; break;
    case ASKING:
        f->phase = OVER;
        tell(f, "not applied", NULL, NULL, "everything was healed before it began");
        break;
    case ON:
        if (is_on_links(f))
            judge_links(f, false);
        f->phase = STUCK;
        break;
    case STUCK:
    case OVER: break;
    }
}

enum err_code injector_heal(struct injector *in, struct err *err)
{
    for (uint32_t i = 0; i < in->fault_count; i++)
        cut_short(&in->faults[i]);
    struct err links_err, nodes_err;
    enum err_code links = apply_links(in, &links_err);
    enum err_code nodes = node_states_heal(&in->states, &nodes_err);
    for (uint32_t i = 0; i < in->fault_count; i++) {
        struct running *f = &in->faults[i];
        if (f->phase != STUCK || (is_on_links(f) ? links : nodes))
            continue;
        f->phase = OVER;
        tell(f, "off", NULL, NULL, NULL);
    }
    if (links)
        return err_set(err, links, "links are not as before: %s", links_err.msg);
    if (nodes)
        return err_set(err, nodes, "nodes are not as before: %s", nodes_err.msg);
    return ERR_OK;
}

bool injector_done(const struct injector *in)
{
    for (uint32_t i = 0; i < in->fault_count; i++) {
        const struct running *f = &in->faults[i];
        if (f->phase == PENDING || f->phase == ASKING || (f->phase == ON && f->ends))
            return false;
    }
    return true;
}

uint32_t injector_failed_count(const struct injector *in)
{
    return in->failed_count;
}

void injector_free(struct injector *in)
{
    if (!in)
        return;
    for (uint32_t i = 0; i < in->fault_count; i++) {
        stop_waiting(&in->faults[i]);
        resolver_done(&in->faults[i].resolver);
    }
    free(in);
}
