#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "io/frame.h"
#include "tests/unit/io/party.h"

/* --- channels ------------------------------------------------------------ */

/* `server` listens at place 1, `client` has dialled it from place 0 and both know. */
static void connect_both(struct two_worlds *t, struct party *client, struct party *server)
{
    party_open(server, t, 1, "server");
    party_open(client, t, 0, "client");
    party_listen(server);
    party_dial(client, 1);
    party_await(client, &client->opened, 1);
    party_await(server, &server->accepted, 1);
}

static void close_both(struct party *client, struct party *server)
{
    party_close(client);
    party_close(server);
}

/* Send frames of many sizes; returns what the receiver's digest must be. */
static uint64_t send_many(struct party *from, unsigned count)
{
    static uint8_t bytes[IO_FRAME_BYTES_MAX];
    uint64_t digest = DIGEST_START;
    for (unsigned i = 0; i < count; i++) {
        struct bytes frame = {bytes, i == count / 2 ? sizeof bytes : (size_t)i * i};
        memset(bytes, (int)i, 1 + frame.size / 2);
        digest = digest_bytes(digest_u64(digest, frame.size), frame);
        from->calling = true;
        from->io->ops->send(from->ch, frame);
        from->calling = false;
    }
    return digest;
}

static void frames_arrive_whole_and_in_order_both_ways(void **state)
{
    struct party client, server;
    connect_both(*state, &client, &server);
    uint64_t to_server = send_many(&client, 80), to_client = send_many(&server, 60);
    party_await(&server, &server.received, 80);
    party_await(&client, &client.received, 60);
    assert_int_equal(server.received_digest, to_server);
    assert_int_equal(client.received_digest, to_client);
    assert_int_equal(client.io->ops->backlog_bytes(client.ch), 0);
    close_both(&client, &server);
}

static void what_is_sent_before_the_channel_stands_waits_for_it(void **state)
{
    struct party client, server;
    party_open(&server, *state, 1, "server");
    party_open(&client, *state, 0, "client");
    party_listen(&server);
    party_dial(&client, 1);
    party_send(&client, "early");
    party_send(&client, "bird");
    assert_true(client.io->ops->backlog_bytes(client.ch) >= 9);
    party_await(&server, &server.received, 2);
    assert_int_equal(server.received_bytes, 9);
    close_both(&client, &server);
}

static void a_dial_is_refused_where_nobody_listens(void **state)
{
    struct party client;
    party_open(&client, *state, 0, "client");
    party_dial(&client, 1);
    party_await(&client, &client.closed, 1);
    assert_string_equal(client.why, "refused");
    assert_int_equal(client.opened, 0);
    party_close(&client);
}

static void hanging_up_is_told_to_the_other_end_alone(void **state)
{
    struct party client, server;
    connect_both(*state, &client, &server);
    client.calling = true;
    client.io->ops->hang_up(client.ch);
    client.calling = false;
    party_await(&server, &server.closed, 1);
    assert_string_equal(server.why, "ended");
    assert_int_equal(client.closed, 0);
    close_both(&client, &server);
}

static void a_dial_may_be_given_up_before_it_is_answered(void **state)
{
    struct party client, server;
    party_open(&server, *state, 1, "server");
    party_open(&client, *state, 0, "client");
    party_listen(&server);
    server.any_channel = true;
    for (int i = 0; i < 3; i++) {
        party_dial(&client, 1);
        client.io->ops->hang_up(client.ch);
    }
    party_dial(&client, 1); /* on_opened checks that it is this one */
    party_await(&client, &client.opened, 1);
    assert_int_equal(client.closed, 0);
    close_both(&client, &server);
}

static void closing_an_endpoint_ends_its_channels(void **state)
{
    struct party client, server;
    connect_both(*state, &client, &server);
    party_close(&server);
    party_await(&client, &client.closed, 1);
    assert_string_equal(client.why, "ended");
    party_close(&client);
}

static void a_receiver_may_hang_up_between_two_frames(void **state)
{
    struct party client, server;
    connect_both(*state, &client, &server);
    server.hangs_up = true;
    for (int i = 0; i < 10; i++)
        party_send(&client, "frame");
    party_await(&client, &client.closed, 1);
    assert_int_equal(server.received, 1);
    assert_int_equal(server.closed, 0);
    close_both(&client, &server);
}

static void a_port_has_one_listener_and_is_free_after_it(void **state)
{
    struct two_worlds *t = *state;
    struct err err = {0};
    struct party one, two;
    party_open(&one, t, 1, "one");
    party_open(&two, t, 1, "two");
    party_listen(&one);
    assert_int_equal(two.io->ops->listen(two.io, t->port, &handler, &two, &err), ERR_IO);
    print_message("  %s\n", err.msg);
    assert_non_null(strstr(err.msg, "address already in use"));
    party_close(&one);
    party_listen(&two);
    party_close(&two);
}

static void who_sends_more_than_is_taken_is_cut_off(void **state)
{
    static uint8_t bytes[IO_FRAME_BYTES_MAX];
    struct party client, server;
    party_open(&server, *state, 1, "server");
    party_open(&client, *state, 0, "client");
    party_listen(&server);
    party_dial(&client, 1);
    for (int i = 0; i < 20; i++) {
        client.calling = true;
        client.io->ops->send(client.ch, (struct bytes){bytes, sizeof bytes});
        client.calling = false;
    }
    party_await(&client, &client.closed, 1);
    assert_string_equal(client.why, "more was sent than it takes");
    close_both(&client, &server);
}

static void an_accepted_channel_can_be_given_to_another_user(void **state)
{
    struct party client, server;
    connect_both(*state, &client, &server);
    assert_ptr_equal(io_channel_user(server.ch), &server);
    io_channel_set_user(server.ch, &(struct io_handler){0}, NULL);
    assert_null(io_channel_user(server.ch));
    close_both(&client, &server);
}

/* --- logs ---------------------------------------------------------------- */

static void reopen_log(struct party *p)
{
    p->io->ops->log_close(p->log);
    party_open_log(p);
}

static void synced_records_are_recovered_oldest_first(void **state)
{
    struct party p;
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    assert_string_equal(p.recovered, "");
    party_append(&p, "one");
    party_append(&p, "two");
    party_append(&p, "");
    party_await_synced(&p, 3);
    reopen_log(&p);
    assert_string_equal(p.recovered, "one two  ");
    party_append(&p, "three");
    party_await_synced(&p, 1);
    party_close(&p);
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    assert_string_equal(p.recovered, "one two  three ");
    party_close(&p);
}

static void logs_of_other_names_are_other_logs(void **state)
{
    struct party one, two;
    party_open(&one, *state, 0, "n1");
    party_open(&two, *state, 0, "n2");
    party_open_log(&one);
    party_open_log(&two);
    party_append(&one, "one");
    party_append(&two, "two");
    party_await_synced(&one, 1);
    party_await_synced(&two, 1);
    reopen_log(&one);
    assert_string_equal(one.recovered, "one ");
    party_close(&one);
    party_close(&two);
}

static void an_endpoint_may_have_several_logs(void **state)
{
    struct party p;
    struct err err;
    struct io_log *more[2];
    static const char *const names[] = {"more", "most"};
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    for (int i = 0; i < 2; i++)
        assert_int_equal(p.io->ops->log_open(p.io, names[i], &log_handler, &p, &more[i], &err),
                         ERR_OK);
    p.io->ops->log_close(more[0]);
    party_append(&p, "one");
    party_await_synced(&p, 1);
    reopen_log(&p);
    assert_string_equal(p.recovered, "one ");
    party_close(&p); /* with one that nobody closed */
}

static void replace_log(struct party *p, const char *one, const char *two)
{
    struct err err = {0};
    struct buffer frames = {0};
    assert_true(frame_append(&frames, (struct bytes){(const uint8_t *)one, strlen(one)}));
    assert_true(frame_append(&frames, (struct bytes){(const uint8_t *)two, strlen(two)}));
    p->calling = true;
    assert_int_equal(p->io->ops->log_replace(p->log, buffer_bytes(&frames), &err), ERR_OK);
    p->calling = false;
    buffer_done(&frames);
}

static void a_replaced_log_holds_the_new_records_and_what_came_after(void **state)
{
    struct party p;
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    party_append(&p, "old");   /* with the disk already */
    party_append(&p, "older"); /* waits, and is replaced there */
    replace_log(&p, "new", "newer");
    party_append(&p, "last");
    party_await_synced(&p, 4);
    party_append(&p, "very last");
    party_await_synced(&p, 5);
    reopen_log(&p);
    assert_string_equal(p.recovered, "new newer last very last ");
    party_close(&p);
}

static void a_replacement_may_be_empty(void **state)
{
    struct party p;
    struct err err = {0};
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    party_append(&p, "old");
    assert_int_equal(p.io->ops->log_replace(p.log, (struct bytes){0}, &err), ERR_OK);
    party_await_synced(&p, 2);
    reopen_log(&p);
    assert_string_equal(p.recovered, "");
    party_close(&p);
}

static void a_log_closed_with_records_under_way_can_be_opened_at_once(void **state)
{
    struct party p;
    party_open(&p, *state, 0, "n1");
    party_open_log(&p);
    party_append(&p, "one");
    party_await_synced(&p, 1);
    for (int i = 0; i < 20; i++) {
        party_append(&p, "x");
        reopen_log(&p);
        assert_memory_equal(p.recovered, "one ", 4);
        size_t before = strlen(p.recovered);
        party_append(&p, "y");
        party_await_synced(&p, 1);
        reopen_log(&p);
        assert_int_equal(strlen(p.recovered), before + 2);
    }
    party_close(&p);
}

/* --- timers -------------------------------------------------------------- */

struct bell {
    struct io_timer timer;
    struct party *party;
    int number;
    int64_t asked_ns, again_ns; /* once more, this much later; 0: no */
};

static int rung[16];
static unsigned rung_count;

static void on_bell(struct io_timer *timer)
{
    struct bell *b = CONTAINER_OF(timer, struct bell, timer);
    struct io *io = b->party->io;
    assert_true(io->ops->now_ns(io) >= b->asked_ns); /* never early */
    rung[rung_count++] = b->number;
    b->party->received = rung_count;
    b->party->done = rung_count >= b->party->wanted;
    if (b->again_ns == 0)
        return;
    b->asked_ns = io->ops->now_ns(io) + b->again_ns;
    b->again_ns = 0;
    io->ops->timer_set(io, timer, b->asked_ns);
}

static void set_bell(struct bell *b, struct party *p, int number, int64_t at_ns)
{
    b->timer.fire = on_bell;
    b->party = p;
    b->number = number;
    b->asked_ns = at_ns;
    p->io->ops->timer_set(p->io, &b->timer, at_ns);
}

static void timers_fire_in_order_never_early_and_may_set_themselves(void **state)
{
    struct party p;
    struct bell bells[4] = {{.again_ns = 3 * NS_PER_MS}};
    party_open(&p, *state, 0, "n1");
    int64_t now_ns = p.io->ops->now_ns(p.io);
    rung_count = 0;
    set_bell(&bells[0], &p, 0, now_ns - 5); /* past: at once */
    set_bell(&bells[1], &p, 1, now_ns + 2 * NS_PER_MS + 300000);
    set_bell(&bells[2], &p, 2, now_ns + 2 * NS_PER_MS + 300000); /* a tie */
    set_bell(&bells[3], &p, 3, now_ns + NS_PER_MS);
    party_await(&p, &p.received, 5);
    static const int expected[] = {0, 3, 1, 2, 0};
    assert_memory_equal(rung, expected, sizeof expected);
    party_close(&p);
}

static void a_timer_set_again_moves_and_a_stopped_one_is_silent(void **state)
{
    struct party p;
    struct bell bells[3] = {0};
    party_open(&p, *state, 0, "n1");
    int64_t now_ns = p.io->ops->now_ns(p.io);
    rung_count = 0;
    set_bell(&bells[0], &p, 0, now_ns + NS_PER_MS);
    set_bell(&bells[1], &p, 1, now_ns + 2 * NS_PER_MS);
    set_bell(&bells[2], &p, 2, now_ns + 3 * NS_PER_MS);
    set_bell(&bells[0], &p, 0, now_ns + 4 * NS_PER_MS);
    p.io->ops->timer_stop(p.io, &bells[1].timer);
    p.io->ops->timer_stop(p.io, &bells[1].timer); /* idle is fine */
    party_await(&p, &p.received, 2);
    static const int expected[] = {2, 0};
    assert_memory_equal(rung, expected, sizeof expected);
    party_close(&p);
}

static void closing_an_endpoint_stops_its_timers(void **state)
{
    struct two_worlds *t = *state;
    struct err err = {0};
    struct party p;
    struct bell bell = {0};
    party_open(&p, t, 0, "n1");
    rung_count = 0;
    set_bell(&bell, &p, 0, p.io->ops->now_ns(p.io) + NS_PER_MS);
    party_close(&p);
    int64_t until_ns = t->world->ops->now_ns(t->world) + 3 * NS_PER_MS;
    assert_int_equal(t->world->ops->run(t->world, NULL, until_ns, &err), ERR_OK);
    assert_true(t->world->ops->now_ns(t->world) >= until_ns);
    assert_int_equal(rung_count, 0);
}

static void a_run_ends_when_nothing_is_left_to_happen(void **state)
{
    struct two_worlds *t = *state;
    struct err err = {0};
    assert_int_equal(t->world->ops->run(t->world, NULL, -1, &err), ERR_OK);
}

static void endpoints_have_their_own_luck(void **state)
{
    struct party one, two;
    party_open(&one, *state, 0, "n1");
    party_open(&two, *state, 0, "n2");
    uint64_t first = one.io->ops->random(one.io);
    assert_int_not_equal(first, two.io->ops->random(two.io));
    party_close(&one);
    party_open(&one, *state, 0, "n1");
    assert_int_not_equal(first, one.io->ops->random(one.io)); /* a new life */
    party_close(&one);
    party_close(&two);
}

#define IN(world, body)                                                                        \
    {                                                                                          \
#world ": " #body, body, two_worlds_make_##world, two_worlds_remove, NULL              \
    }
#define IN_BOTH(body) IN(sim, body), IN(live, body)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH(frames_arrive_whole_and_in_order_both_ways),
        IN_BOTH(what_is_sent_before_the_channel_stands_waits_for_it),
        IN_BOTH(a_dial_is_refused_where_nobody_listens),
        IN_BOTH(hanging_up_is_told_to_the_other_end_alone),
        IN_BOTH(a_dial_may_be_given_up_before_it_is_answered),
        IN_BOTH(closing_an_endpoint_ends_its_channels),
        IN_BOTH(a_receiver_may_hang_up_between_two_frames),
        IN_BOTH(a_port_has_one_listener_and_is_free_after_it),
        IN_BOTH(who_sends_more_than_is_taken_is_cut_off),
        IN_BOTH(an_accepted_channel_can_be_given_to_another_user),
        IN_BOTH(synced_records_are_recovered_oldest_first),
        IN_BOTH(logs_of_other_names_are_other_logs),
        IN_BOTH(an_endpoint_may_have_several_logs),
        IN_BOTH(a_replaced_log_holds_the_new_records_and_what_came_after),
        IN_BOTH(a_replacement_may_be_empty),
        IN_BOTH(a_log_closed_with_records_under_way_can_be_opened_at_once),
        IN_BOTH(timers_fire_in_order_never_early_and_may_set_themselves),
        IN_BOTH(a_timer_set_again_moves_and_a_stopped_one_is_silent),
        IN_BOTH(closing_an_endpoint_stops_its_timers),
        IN_BOTH(a_run_ends_when_nothing_is_left_to_happen),
        IN_BOTH(endpoints_have_their_own_luck),
    };
    return cmocka_run_group_tests_name("worlds", tests, NULL, NULL);
}
