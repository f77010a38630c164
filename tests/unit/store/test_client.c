/* Nodes here answer by script, one letter per request they get, the last one for ever:
 * o ok, m mismatch, n not the leader, 0-2 not the leader but this one is, u unavailable,
 * x lost leadership, s silence, c hang up, g garbage, d a "no" that comes a second time
 * 300 ms later. "-": nobody listens. */
#include "tests/support/test.h"

#include <string.h>

#include "base/units.h"
#include "io/sim.h"
#include "store/client.h"

enum { NODES = 3, CLIENT_HOST = NODES, SEEN_MAX = 64, PORT = 7000 };

struct scripted_node {
    struct bench *bench;
    uint8_t number;
    const char *script;
    struct io *io;
    struct io_channel *doubled;
    struct message again;
    struct io_timer timer;
};

struct bench {
    struct world *world;
    struct io *io;
    struct store_client *client;
    struct scripted_node nodes[NODES];
    struct {
        uint8_t node;
        uint64_t client, sequence;
    } seen[SEEN_MAX];
    size_t seen_count;
    struct store_attempt attempts[SEEN_MAX];
    size_t attempt_count;
    struct store_answer answer;
    int64_t answered_at_ns;
    bool answered;
};

static void say(struct scripted_node *n, struct io_channel *ch, const struct message *m)
{
    struct buffer out = {0};
    assert_true(wire_encode(m, &out));
    n->io->ops->send(ch, buffer_bytes(&out));
    buffer_done(&out);
}

static struct message reply_to(const struct scripted_node *n, const struct request *r,
                               enum reply_status status, enum reply_reason reason)
{
    return (struct message){.type = MESSAGE_REPLY,
                            .reply = {.client = r->client,
                                      .sequence = r->sequence,
                                      .status = status,
                                      .reason = reason,
                                      .leader = STORE_NODE_NONE,
                                      .node = n->number,
                                      .value = STORE_NIL}};
}

static void on_again(struct io_timer *timer)
{
    struct scripted_node *n = CONTAINER_OF(timer, struct scripted_node, timer);
    if (n->doubled)
        say(n, n->doubled, &n->again);
}

static void say_twice(struct scripted_node *n, struct io_channel *ch, const struct message *m)
{
    say(n, ch, m);
    n->doubled = ch;
    n->again = *m;
    n->timer.fire = on_again;
    n->io->ops->timer_set(n->io, &n->timer, n->io->ops->now_ns(n->io) + 300 * NS_PER_MS);
}

static void act(struct scripted_node *n, struct io_channel *ch, const struct request *r,
                char step)
{
    struct message ok = reply_to(n, r, REPLY_OK, REASON_NONE);
    struct message mismatch = reply_to(n, r, REPLY_FAIL, REASON_MISMATCH);
    struct message no = reply_to(n, r, REPLY_FAIL, REASON_NOT_LEADER);
    struct message unavailable = reply_to(n, r, REPLY_FAIL, REASON_UNAVAILABLE);
    struct message lost = reply_to(n, r, REPLY_UNKNOWN, REASON_LOST_LEADERSHIP);
    ok.reply.version = 7;
    mismatch.reply.value = 5;
    switch (step) {
    case 'o': say(n, ch, &ok); break;
    case 'm': say(n, ch, &mismatch); break;
    case 'n': say(n, ch, &no); break;
    case 'd': say_twice(n, ch, &no); break;
    case 'u': say(n, ch, &unavailable); break;
    case 'x': say(n, ch, &lost); break;
    case 'c': n->io->ops->hang_up(ch); break;
    case 'g': n->io->ops->send(ch, (struct bytes){(const uint8_t *)"?", 1}); break;
    case 's': break;
    default: no.reply.leader = (uint8_t)(step - '0'); say(n, ch, &no);
    }
}

static void on_request(struct scripted_node *n, struct io_channel *ch, const struct request *r)
{
    struct bench *b = n->bench;
    assert_true(b->seen_count < SEEN_MAX);
    b->seen[b->seen_count].node = n->number;
    b->seen[b->seen_count].client = r->client;
    b->seen[b->seen_count++].sequence = r->sequence;
    char step = *n->script;
    if (n->script[1])
        n->script++;
    act(n, ch, r, step);
}

static void on_accepted(void *user, struct io_channel *ch)
{
    (void)user;
    (void)ch;
}

static void on_received(void *user, struct io_channel *ch, struct bytes frame)
{
    struct scripted_node *n = user;
    struct wire_space space = {0};
    struct message m;
    struct err err;
    assert_int_equal(wire_decode(frame, &space, &m, &err), ERR_OK);
    struct message hello = {.type = MESSAGE_HELLO,
                            .hello = {.cluster = 9, .who = HELLO_REPLICA, .id = n->number}};
    if (m.type == MESSAGE_HELLO)
        say(n, ch, &hello);
    else if (m.type == MESSAGE_REQUEST)
        on_request(n, ch, &m.request);
    wire_space_done(&space);
}

static void on_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)why;
    struct scripted_node *n = user;
    if (n->doubled == ch)
        n->doubled = NULL;
}

static const struct io_handler node_handler = {
    .accepted = on_accepted, .received = on_received, .closed = on_closed};

static struct io *open_host(struct bench *b, uint16_t host, const char *name)
{
    struct err err;
    struct place place = {.name = name, .host = host, .netns_fd = -1, .cgroup_fd = -1};
    struct io *io = b->world->ops->open(b->world, &place, name, &err);
    assert_non_null(io);
    return io;
}

static void shape_links(struct bench *b, int64_t delay_ns)
{
    for (uint16_t from = 0; from <= CLIENT_HOST; from++)
        for (uint16_t to = 0; to <= CLIENT_HOST; to++)
            *b->world->ops->link(b->world, from, to) =
                (struct link_shape){.delay_ns = from == to ? 0 : delay_ns};
}

static void open_node(struct bench *b, uint8_t number, const char *script)
{
    struct scripted_node *n = &b->nodes[number];
    struct err err;
    *n = (struct scripted_node){.bench = b, .number = number, .script = script};
    n->io = open_host(b, number, "node");
    if (*script != '-')
        assert_int_equal(n->io->ops->listen(n->io, PORT, &node_handler, n, &err), ERR_OK);
}

static bool async_table; /* of the next bench */

/* Nodes are `scripts`, as many as there are; node 0 is the nearest. */
static void open_bench(struct bench *b, uint64_t seed, const char *const *scripts)
{
    struct sim_config sim = {.seed = seed, .host_count = NODES + 1, .sync_ns = NS_PER_MS};
    struct store_client_config config = store_client_config_default();
    *b = (struct bench){.world = sim_new(&sim)};
    assert_non_null(b->world);
    shape_links(b, 10 * NS_PER_MS);
    config.cluster = 9;
    config.id = 4;
    config.async[0] = async_table;
    for (uint8_t i = 0; i < NODES && scripts[i]; i++) {
        open_node(b, i, scripts[i]);
        config.addresses[i] = io_sim_address(i, PORT);
        config.nearest[i] = i;
        config.node_count++;
    }
    b->io = open_host(b, CLIENT_HOST, "client");
    b->client = store_client_new(b->io, &config);
    assert_non_null(b->client);
}

static void close_bench(struct bench *b)
{
    store_client_free(b->client);
    for (size_t i = 0; i < NODES; i++)
        if (b->nodes[i].io)
            b->world->ops->close(b->world, b->nodes[i].io);
    b->world->ops->close(b->world, b->io);
    sim_free(b->world);
}

static void on_attempted(void *user, const struct store_attempt *attempt)
{
    struct bench *b = user;
    assert_true(b->attempt_count < SEEN_MAX);
    b->attempts[b->attempt_count++] = *attempt;
}

static void on_answered(void *user, const struct store_answer *answer)
{
    struct bench *b = user;
    assert_false(b->answered);
    b->answered = true;
    b->answer = *answer;
    b->answered_at_ns = b->io->ops->now_ns(b->io);
}

static void ask(struct bench *b, enum request_kind kind, enum request_level level)
{
    struct err err;
    struct store_operation op = {
        .kind = kind, .key = 1, .argument = 2, .expected = STORE_NIL, .level = level};
    if (kind == REQUEST_READ)
        op.argument = STORE_NIL;
    struct store_client_handler handler = {b, on_attempted, on_answered};
    b->answered = false;
    b->seen_count = b->attempt_count = 0;
    store_client_invoke(b->client, &op, &handler);
    assert_int_equal(b->world->ops->run(b->world, &b->answered, -1, &err), ERR_OK);
    assert_true(b->answered);
}

/* --- the claims --- */

static void an_outcome_is_what_the_tries_leave_possible(void **state)
{
    (void)state;
    static const struct {
        const char *scripts[NODES];
        enum reply_status want;
        const char *error;
        size_t attempts_min, attempts_max;
    } cases[] = {
        {{"o", "s", "s"}, REPLY_OK, NULL, 1, 1},
        {{"2", "s", "o"}, REPLY_OK, NULL, 2, 2},
        {{"n", "o", "s"}, REPLY_OK, NULL, 2, 2},
        {{"c", "o", "s"}, REPLY_OK, NULL, 2, 2},
        {{"g", "o", "s"}, REPLY_OK, NULL, 2, 2},
        {{"-", "o", "s"}, REPLY_OK, NULL, 2, 2},
        {{"s", "o", "s"}, REPLY_OK, NULL, 2, 2},
        {{"1", "0", "o"}, REPLY_OK, NULL, 4, 7}, /* two that point at each other */
        {{"m", "s", "s"}, REPLY_FAIL, "another value was found", 1, 1},
        {{"s", "m", "s"}, REPLY_FAIL, "another value was found", 2, 2},
        {{"u", "u", "u"}, REPLY_FAIL, "unavailable", 4, 64},
        {{"n", "n", "n"}, REPLY_FAIL, "not the leader", 4, 64},
        {{"-", "-", "-"}, REPLY_FAIL, "could not connect", 4, 64},
        {{"x", "n", "n"}, REPLY_UNKNOWN, NULL, 4, 64},
        {{"s", "n", "n"}, REPLY_UNKNOWN, NULL, 4, 64},
        {{"c", "n", "n"}, REPLY_UNKNOWN, NULL, 4, 64},
        {{"s", "s", "s"}, REPLY_UNKNOWN, "timed out", 2, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bench b;
        open_bench(&b, 1, cases[i].scripts);
        ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
        print_message("%s %s %s: status %d after %zu tries: %s\n", cases[i].scripts[0],
                      cases[i].scripts[1], cases[i].scripts[2], b.answer.status,
                      b.attempt_count, b.answer.error ? b.answer.error : "ok");
        assert_int_equal(b.answer.status, cases[i].want);
        if (cases[i].error)
            assert_string_equal(b.answer.error, cases[i].error);
        assert_in_range(b.attempt_count, cases[i].attempts_min, cases[i].attempts_max);
        assert_true(b.answered_at_ns <= 2 * NS_PER_S);
        close_bench(&b);
    }
}

/* The try that was swallowed may have happened at a primary that leads again one day. */
static void a_mismatch_on_an_async_table_does_not_speak_for_earlier_tries(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        enum reply_status want;
    } cases[] = {{"m", REPLY_FAIL}, {"nm", REPLY_FAIL}, {"sm", REPLY_UNKNOWN}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bench b;
        async_table = true;
        open_bench(&b, 1, (const char *const[NODES]){cases[i].script});
        async_table = false;
        ask(&b, REQUEST_CAS, REQUEST_LINEARIZABLE);
        assert_int_equal(b.answer.status, cases[i].want);
        assert_string_equal(b.answer.error, "another value was found");
        close_bench(&b);
    }
}

static void every_try_carries_the_same_request_id(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1, (const char *const[NODES]){"so", "no", "xo"});
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    assert_int_equal(b.answer.status, REPLY_OK);
    assert_true(b.seen_count >= 3);
    for (size_t i = 0; i < b.seen_count; i++) {
        assert_int_equal(b.seen[i].client, 4);
        assert_int_equal(b.seen[i].sequence, 1);
    }
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    assert_int_equal(b.seen[0].sequence, 2);
    close_bench(&b);
}

static void a_lost_frame_is_made_up_for_by_a_retry(void **state)
{
    (void)state;
    unsigned ok = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct bench b;
        open_bench(&b, seed, (const char *const[NODES]){"o", "o", "o"});
        b.world->ops->link(b.world, CLIENT_HOST, 0)->loss_ppm = 400000;
        b.world->ops->link(b.world, 0, CLIENT_HOST)->loss_ppm = 400000;
        ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
        ok += b.answer.status == REPLY_OK;
        for (size_t i = 0; i < b.seen_count; i++)
            assert_int_equal(b.seen[i].sequence, 1);
        close_bench(&b);
    }
    assert_int_equal(ok, 50);
}

static void the_leader_is_remembered(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1, (const char *const[NODES]){"2", "s", "o"});
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    assert_int_equal(b.seen_count, 1);
    assert_int_equal(b.seen[0].node, 2);
    close_bench(&b);
}

static void a_silent_leader_is_forgotten(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1, (const char *const[NODES]){"2o", "s", "os"});
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    assert_int_equal(b.seen[0].node, 2);
    assert_int_equal(b.answer.node, 0);
    assert_int_equal(b.answer.status, REPLY_OK);
    close_bench(&b);
}

static void a_local_read_asks_the_nearest_node(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1, (const char *const[NODES]){"1oo", "o", "s"});
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE); /* node 1 leads */
    assert_int_equal(b.answer.node, 1);
    ask(&b, REQUEST_READ, REQUEST_LOCAL);
    assert_int_equal(b.answer.node, 0);
    assert_int_equal(b.seen_count, 1);
    close_bench(&b);
}

/* With a single node every retry goes there: a "no" that comes twice must not pass for
 * the answer to a request that was swallowed. */
static void a_doubled_no_is_not_the_answer_to_a_later_try(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1, (const char *const[NODES]){"ds"});
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    assert_int_equal(b.attempts[0].status, REPLY_FAIL);
    assert_int_equal(b.attempts[1].status, REPLY_UNKNOWN);
    assert_int_equal(b.answer.status, REPLY_UNKNOWN);
    close_bench(&b);
}

static void nothing_sent_into_a_cut_has_happened(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1, (const char *const[NODES]){"o"});
    b.world->ops->link(b.world, CLIENT_HOST, 0)->blocked = true;
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    assert_int_equal(b.answer.status, REPLY_FAIL);
    assert_string_equal(b.answer.error, "could not connect");
    close_bench(&b);
}

static void a_cut_behind_a_standing_connection_leaves_it_open(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1, (const char *const[NODES]){"o"});
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    b.world->ops->link(b.world, 0, CLIENT_HOST)->blocked = true;
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    assert_int_equal(b.answer.status, REPLY_UNKNOWN);
    close_bench(&b);
}

static void a_dead_connection_is_dialled_again(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, 1, (const char *const[NODES]){"o"});
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    shape_links(&b, 10 * NS_PER_MS);
    b.world->ops->link(b.world, 0, CLIENT_HOST)->blocked = true;
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    shape_links(&b, 10 * NS_PER_MS);
    ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
    assert_int_equal(b.answer.status, REPLY_OK);
    assert_int_equal(b.attempt_count, 1);
    close_bench(&b);
}

/* Full jitter: anything from 0 to 20 ms * 2^n, at most 500 ms, and never in step. */
static void pauses_grow_within_their_bounds_and_differ(void **state)
{
    (void)state;
    int64_t longest_ns = 0;
    unsigned below_half = 0, above_half = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct bench b;
        open_bench(&b, seed, (const char *const[NODES]){"u", "u", "u"});
        ask(&b, REQUEST_WRITE, REQUEST_LINEARIZABLE);
        for (size_t i = 1; i < b.attempt_count; i++) {
            int64_t most_ns = 20 * NS_PER_MS << (i - 1 < 5 ? i - 1 : 5);
            if (most_ns > 500 * NS_PER_MS)
                most_ns = 500 * NS_PER_MS;
            int64_t pause_ns = b.attempts[i].sent_at_ns - b.attempts[i - 1].ended_at_ns;
            assert_in_range(pause_ns, 0, most_ns);
            longest_ns = pause_ns > longest_ns ? pause_ns : longest_ns;
            *(pause_ns * 2 < most_ns ? &below_half : &above_half) += 1;
        }
        close_bench(&b);
    }
    assert_true(longest_ns > 400 * NS_PER_MS);
    assert_in_range(below_half * 100 / (below_half + above_half), 35, 65);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outcome_is_what_the_tries_leave_possible),
        cmocka_unit_test(a_mismatch_on_an_async_table_does_not_speak_for_earlier_tries),
        cmocka_unit_test(every_try_carries_the_same_request_id),
        cmocka_unit_test(a_lost_frame_is_made_up_for_by_a_retry),
        cmocka_unit_test(the_leader_is_remembered),
        cmocka_unit_test(a_silent_leader_is_forgotten),
        cmocka_unit_test(a_local_read_asks_the_nearest_node),
        cmocka_unit_test(a_doubled_no_is_not_the_answer_to_a_later_try),
        cmocka_unit_test(nothing_sent_into_a_cut_has_happened),
        cmocka_unit_test(a_cut_behind_a_standing_connection_leaves_it_open),
        cmocka_unit_test(a_dead_connection_is_dialled_again),
        cmocka_unit_test(pauses_grow_within_their_bounds_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
