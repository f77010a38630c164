#include "tests/support/conformance.h"

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* Whatever is asked is answered by then, in any world. */
#define ANSWER_WITHIN_NS (10 * NS_PER_S)
#define SERVE_WITHIN_NS  (30 * NS_PER_S)

struct bench {
    const struct system_ops *ops;
    const struct system_setup *setup;
    bool durable;
    struct system *system;
    uint32_t next_client;
    uint64_t next_request;
    int64_t next_value;
    struct err err;
};

/* --- waiting --- */

static void run_until(struct bench *b, const bool *told, int64_t within_ns)
{
    struct world *w = b->setup->world;
    int64_t until_ns = w->ops->now_ns(w) + within_ns;
    while (!*told && w->ops->now_ns(w) < until_ns)
        assert_int_equal(w->ops->run(w, told, w->ops->now_ns(w) + 20 * NS_PER_MS, &b->err),
                         ERR_OK);
}

static void pass_time(struct bench *b, int64_t length_ns)
{
    const bool never = false;
    run_until(b, &never, length_ns);
}

/* --- questions to nodes --- */

struct told {
    bool told, yes;
    uint64_t term;
    enum err_code code;
    int64_t key, value; /* key: looked for among the values */
    bool found;
    size_t member_count;
};

static void on_ready(void *user, bool ready)
{
    struct told *t = user;
    assert_false(t->told);
    t->told = true;
    t->yes = ready;
}

static bool ask_ready(struct bench *b, uint32_t node)
{
    struct told t = {0};
    b->ops->ready(b->system, node, on_ready, &t);
    run_until(b, &t.told, ANSWER_WITHIN_NS);
    assert_true(t.told);
    return t.yes;
}

static void on_role(void *user, const struct role_told *role)
{
    struct told *t = user;
    assert_false(t->told);
    t->told = true;
    t->yes = role->leads;
    t->term = role->term;
}

static bool ask_leads(struct bench *b, uint32_t node)
{
    struct told t = {0};
    b->ops->role(b->system, node, 0, on_role, &t);
    run_until(b, &t.told, ANSWER_WITHIN_NS);
    assert_true(t.told);
    return t.yes;
}

static void on_final(void *user, enum err_code code, const struct final_value *values,
                     size_t count)
{
    struct told *t = user;
    assert_false(t->told);
    t->told = true;
    t->code = code;
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || values[i - 1].key < values[i].key);
        if (values[i].key != t->key)
            continue;
        t->found = true;
        t->value = values[i].value;
        t->member_count = values[i].member_count;
    }
}

static struct told ask_final(struct bench *b, uint32_t node, uint32_t table, int64_t key)
{
    struct told t = {.key = key};
    b->ops->final_state(b->system, node, table, on_final, &t);
    run_until(b, &t.told, ANSWER_WITHIN_NS);
    assert_true(t.told);
    return t;
}

static uint32_t node_count(const struct bench *b)
{
    return b->setup->topology->node_count;
}

static void await_ready(struct bench *b, uint32_t node)
{
    struct world *w = b->setup->world;
    int64_t until_ns = w->ops->now_ns(w) + SERVE_WITHIN_NS;
    while (!ask_ready(b, node)) {
        assert_true(w->ops->now_ns(w) < until_ns);
        pass_time(b, 50 * NS_PER_MS);
    }
}

static void await_all_ready(struct bench *b)
{
    for (uint32_t node = 0; node < node_count(b); node++)
        await_ready(b, node);
}

/* --- operations --- */

struct replied {
    bool answered;
    unsigned attempts;
    enum op_outcome outcome;
    int64_t result;
    size_t member_count;
    int64_t members[8];
    bool is_list;
};

static void on_attempted(void *user, const struct attempt *attempt)
{
    struct replied *a = user;
    assert_false(a->answered);
    assert_int_equal(attempt->number, ++a->attempts);
    assert_true(attempt->ended_at_ns >= attempt->sent_at_ns);
    assert_true((attempt->error == NULL) == (attempt->outcome == OUTCOME_OK));
}

static void on_answered(void *user, const struct answer *answer)
{
    struct replied *a = user;
    assert_false(a->answered);
    a->answered = true;
    a->outcome = answer->outcome;
    a->result = answer->result;
    a->is_list = answer->is_list;
    a->member_count = answer->member_count;
    for (size_t i = 0; i < answer->member_count && i < ARRAY_LEN(a->members); i++)
        a->members[i] = answer->members[i];
    assert_true((answer->error == NULL) == (answer->outcome == OUTCOME_OK));
}

static struct client *open_client(struct bench *b, uint32_t region)
{
    struct client *c = NULL;
    assert_int_equal(b->ops->client_open(b->system, region, b->next_client++, &c, &b->err),
                     ERR_OK);
    return c;
}

static void begin(struct bench *b, struct client *c, struct operation op, struct replied *a)
{
    struct client_handler handler = {a, on_attempted, on_answered};
    *a = (struct replied){0};
    op.request_id = ++b->next_request;
    op.level = LEVEL_LINEARIZABLE;
    b->ops->invoke(c, &op, &handler);
}

static struct replied ask(struct bench *b, struct client *c, struct operation op)
{
    struct replied a;
    begin(b, c, op, &a);
    run_until(b, &a.answered, ANSWER_WITHIN_NS);
    assert_true(a.answered);
    return a;
}

static struct operation write_of(int64_t key, int64_t value)
{
    return (struct operation){
        .kind = OP_WRITE, .key = key, .argument = value, .expected = OP_NIL};
}

static struct operation read_of(int64_t key)
{
    return (struct operation){
        .kind = OP_READ, .key = key, .argument = OP_NIL, .expected = OP_NIL};
}

static struct operation cas_of(int64_t key, int64_t expected, int64_t value)
{
    return (struct operation){
        .kind = OP_CAS, .key = key, .argument = value, .expected = expected};
}

static struct operation set_of(enum op_kind kind, int64_t key, int64_t element)
{
    return (struct operation){
        .kind = kind, .table = 1, .key = key, .argument = element, .expected = OP_NIL};
}

/* Ask again, as a new client, until it happens: after a kill others must first agree. */
static struct replied insist(struct bench *b, uint32_t region, struct operation op)
{
    struct world *w = b->setup->world;
    int64_t until_ns = w->ops->now_ns(w) + SERVE_WITHIN_NS;
    for (;;) {
        struct client *c = open_client(b, region);
        struct replied a = ask(b, c, op);
        b->ops->client_close(c);
        if (a.outcome == OUTCOME_OK)
            return a;
        assert_true(w->ops->now_ns(w) < until_ns);
    }
}

/* --- the claims --- */

static void nodes_that_were_not_started_are_not_ready(struct bench *b)
{
    for (uint32_t node = 0; node < node_count(b); node++) {
        assert_false(ask_ready(b, node));
        assert_false(ask_leads(b, node));
        assert_int_not_equal(ask_final(b, node, 0, 1).code, ERR_OK);
    }
}

static void start_all(struct bench *b)
{
    for (uint32_t node = 0; node < node_count(b); node++)
        assert_int_equal(b->ops->start(b->system, node, &b->err), ERR_OK);
    await_all_ready(b);
    if (!(b->ops->about.flags & SYSTEM_ROLES))
        return;
    unsigned leaders = 0;
    for (uint32_t node = 0; node < node_count(b); node++)
        leaders += ask_leads(b, node);
    assert_int_equal(leaders, 1);
}

static void registers_do_what_is_asked(struct bench *b)
{
    for (uint32_t region = 0; region < b->setup->topology->region_count; region++) {
        int64_t key = 10 + region, first = ++b->next_value, second = ++b->next_value;
        struct client *c = open_client(b, region);
        assert_int_equal(ask(b, c, read_of(key)).result, OP_NIL);
        assert_int_equal(ask(b, c, write_of(key, first)).outcome, OUTCOME_OK);
        struct replied read = ask(b, c, read_of(key));
        assert_int_equal(read.outcome, OUTCOME_OK);
        assert_int_equal(read.result, first);
        assert_true(read.attempts >= 1);
        assert_int_equal(ask(b, c, cas_of(key, first, second)).outcome, OUTCOME_OK);
        assert_int_equal(ask(b, c, cas_of(key, first, ++b->next_value)).outcome, OUTCOME_FAIL);
        assert_int_equal(ask(b, c, read_of(key)).result, second);
        assert_int_equal(ask(b, c, cas_of(key + 100, OP_NIL, second)).outcome, OUTCOME_OK);
        b->ops->client_close(c);
    }
}

static void what_one_region_wrote_another_reads(struct bench *b)
{
    uint32_t last = b->setup->topology->region_count - 1;
    int64_t value = ++b->next_value;
    assert_int_equal(insist(b, 0, write_of(1, value)).outcome, OUTCOME_OK);
    assert_int_equal(insist(b, last, read_of(1)).result, value);
}

static void sets_do_what_is_asked(struct bench *b)
{
    if (!(b->ops->about.flags & SYSTEM_OR_SET) || b->setup->spec->table_count < 2)
        return;
    struct client *c = open_client(b, 0);
    assert_int_equal(ask(b, c, set_of(OP_ADD, 1, 30)).outcome, OUTCOME_OK);
    assert_int_equal(ask(b, c, set_of(OP_ADD, 1, 20)).outcome, OUTCOME_OK);
    assert_int_equal(ask(b, c, set_of(OP_ADD, 1, 25)).outcome, OUTCOME_OK);
    assert_int_equal(ask(b, c, set_of(OP_REMOVE, 1, 30)).outcome, OUTCOME_OK);
    struct replied members = ask(b, c, set_of(OP_MEMBERS, 1, OP_NIL));
    assert_true(members.is_list);
    assert_int_equal(members.member_count, 2);
    assert_int_equal(members.members[0], 20);
    assert_int_equal(members.members[1], 25);
    b->ops->client_close(c);
}

/* Replicas may need a moment to hear of the last write. */
static void await_final(struct bench *b, uint32_t node, uint32_t table, int64_t key,
                        const struct told *want)
{
    struct world *w = b->setup->world;
    int64_t until_ns = w->ops->now_ns(w) + SERVE_WITHIN_NS;
    for (;;) {
        struct told t = ask_final(b, node, table, key);
        assert_int_equal(t.code, ERR_OK);
        if (t.found == want->found && t.value == want->value &&
            t.member_count == want->member_count)
            return;
        assert_true(w->ops->now_ns(w) < until_ns);
        pass_time(b, 100 * NS_PER_MS);
    }
}

static void every_replica_tells_what_it_holds(struct bench *b)
{
    int64_t value = ++b->next_value;
    insist(b, 0, write_of(2, value));
    if (ask_final(b, 0, 0, 2).code == ERR_UNSUPPORTED)
        return;
    for (uint32_t node = 0; node < node_count(b); node++) {
        await_final(b, node, 0, 2, &(struct told){.found = true, .value = value});
        await_final(b, node, 0, 999, &(struct told){.found = false});
        if (b->ops->about.flags & SYSTEM_OR_SET && b->setup->spec->table_count > 1)
            await_final(b, node, 1, 1,
                        &(struct told){.found = true, .value = OP_NIL, .member_count = 2});
    }
}

static void a_killed_node_comes_back_with_what_was_acknowledged(struct bench *b)
{
    if (!(b->ops->about.flags & SYSTEM_KILL))
        return;
    int64_t value = ++b->next_value;
    insist(b, 0, write_of(3, value));
    for (uint32_t node = 0; node < node_count(b); node++) {
        assert_int_equal(b->ops->kill(b->system, node, &b->err), ERR_OK);
        assert_int_not_equal(b->ops->kill(b->system, node, &b->err), ERR_OK);
        assert_false(ask_ready(b, node));
        assert_false(ask_leads(b, node));
        assert_int_not_equal(ask_final(b, node, 0, 3).code, ERR_OK);
        assert_int_equal(b->ops->start(b->system, node, &b->err), ERR_OK);
        await_ready(b, node);
    }
    struct replied read = insist(b, 0, read_of(3));
    assert_true(!b->durable || read.result == value);
}

static void a_paused_node_says_nothing_and_goes_on_later(struct bench *b)
{
    if (!(b->ops->about.flags & SYSTEM_PAUSE))
        return;
    assert_int_equal(b->ops->pause(b->system, 0, &b->err), ERR_OK);
    assert_int_not_equal(b->ops->pause(b->system, 0, &b->err), ERR_OK);
    assert_false(ask_ready(b, 0));
    assert_false(ask_leads(b, 0));
    assert_int_not_equal(ask_final(b, 0, 0, 3).code, ERR_OK);
    assert_int_equal(b->ops->resume(b->system, 0, &b->err), ERR_OK);
    assert_int_not_equal(b->ops->resume(b->system, 0, &b->err), ERR_OK);
    await_ready(b, 0);
}

/* What is asked when the node goes is answered all the same. */
static void a_question_outlives_the_node_it_was_for(struct bench *b)
{
    struct told ready = {0}, role = {0}, final = {0};
    if (!(b->ops->about.flags & SYSTEM_KILL))
        return;
    b->ops->ready(b->system, 0, on_ready, &ready);
    b->ops->role(b->system, 0, 0, on_role, &role);
    b->ops->final_state(b->system, 0, 0, on_final, &final);
    assert_int_equal(b->ops->kill(b->system, 0, &b->err), ERR_OK);
    run_until(b, &ready.told, ANSWER_WITHIN_NS);
    run_until(b, &role.told, ANSWER_WITHIN_NS);
    run_until(b, &final.told, ANSWER_WITHIN_NS);
    assert_true(ready.told && role.told && final.told);
    assert_int_equal(b->ops->start(b->system, 0, &b->err), ERR_OK);
    await_all_ready(b);
}

/* And never "ok": there is nobody who could have done it. */
static void operations_end_when_no_node_is_left(struct bench *b)
{
    insist(b, 0, write_of(4, ++b->next_value));
    struct client *c = open_client(b, 0);
    ask(b, c, write_of(4, ++b->next_value)); /* so that it has connections */
    for (uint32_t node = 0; node < node_count(b); node++)
        assert_int_equal(b->ops->stop(b->system, node, &b->err), ERR_OK);
    pass_time(b, 2 * NS_PER_S); /* as processes they need a moment to be gone */
    struct replied a = ask(b, c, write_of(4, ++b->next_value));
    assert_int_not_equal(a.outcome, OUTCOME_OK);
    b->ops->client_close(c);
    for (uint32_t node = 0; node < node_count(b); node++)
        assert_int_equal(b->ops->start(b->system, node, &b->err), ERR_OK);
    await_all_ready(b);
}

static void a_closed_client_hears_nothing_more(struct bench *b)
{
    struct replied a;
    struct client *c = open_client(b, 0);
    begin(b, c, write_of(5, ++b->next_value), &a);
    assert_false(a.answered);
    b->ops->client_close(c);
    pass_time(b, 3 * NS_PER_S);
    assert_false(a.answered);
    assert_int_equal(a.attempts, 0);
}

void conformance_play(const struct system_ops *ops, const struct system_setup *setup,
                      bool durable)
{
    static void (*const claims[])(struct bench *) = {
        nodes_that_were_not_started_are_not_ready,
        start_all,
        registers_do_what_is_asked,
        what_one_region_wrote_another_reads,
        sets_do_what_is_asked,
        every_replica_tells_what_it_holds,
        a_paused_node_says_nothing_and_goes_on_later,
        a_killed_node_comes_back_with_what_was_acknowledged,
        a_question_outlives_the_node_it_was_for,
        operations_end_when_no_node_is_left,
        a_closed_client_hears_nothing_more,
    };
    struct bench b = {.ops = ops, .setup = setup, .durable = durable};
    struct replied under_way;
    assert_int_equal(ops->create(setup, &b.system, &b.err), ERR_OK);
    for (size_t i = 0; i < ARRAY_LEN(claims); i++)
        claims[i](&b);
    struct client *c = open_client(&b, 0);
    begin(&b, c, write_of(6, ++b.next_value), &under_way);
    ops->client_close(c);
    ops->destroy(b.system); /* nodes still run */
    assert_false(under_way.answered);
}
