#include "tests/support/test.h"

#include "io/frame.h"
#include "tests/unit/io/party.h"

/* A stranger: a plain socket to the port where the party listens. */
static int stranger_to(const struct party *p)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(p->in->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void say(int fd, const void *bytes, size_t size)
{
    assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static const struct {
    const char *what;
    uint8_t bytes[16];
    size_t size;
} garbage[] = {
    {"a web browser", "GET / HTTP/1.1\r", 15},
    {"a length over the limit", {0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 8},
    {"a wrong checksum", {0, 0, 0, 1, 1, 2, 3, 4, 'x'}, 9},
    {"zeroes", {0}, 16},
};

static void garbage_closes_its_channel_and_no_other(void **state)
{
    struct party client, server;
    party_open(&server, *state, 0, "server");
    party_open(&client, *state, 0, "client");
    party_listen(&server);
    for (unsigned i = 0; i < ARRAY_LEN(garbage); i++) {
        print_message("  %s\n", garbage[i].what);
        int fd = stranger_to(&server);
        say(fd, garbage[i].bytes, garbage[i].size);
        party_await(&server, &server.closed, i + 1);
        assert_string_equal(server.why, "a damaged or oversized frame");
        close(fd);
    }
    assert_int_equal(server.received, 0);
    party_dial(&client, 0); /* the listener is as it was */
    party_send(&client, "hello");
    party_await(&server, &server.received, 1);
    party_close(&client);
    party_close(&server);
}

static void a_frame_in_pieces_arrives_whole_and_a_torn_one_never(void **state)
{
    struct party server;
    struct buffer frame = {0};
    party_open(&server, *state, 0, "server");
    party_listen(&server);
    assert_true(frame_append(&frame, (struct bytes){(const uint8_t *)"hello", 5}));
    int fd = stranger_to(&server);
    say(fd, frame.at, 6);
    party_await(&server, &server.accepted, 1);
    say(fd, frame.at + 6, frame.size - 6);
    party_await(&server, &server.received, 1);
    assert_int_equal(server.received_bytes, 5);
    say(fd, frame.at, frame.size - 1);
    close(fd);
    party_await(&server, &server.closed, 1);
    assert_string_equal(server.why, "ended");
    assert_int_equal(server.received, 1);
    buffer_done(&frame);
    party_close(&server);
}

/* More than 256 callers: some wait in the kernel until others have gone. */
static void callers_beyond_the_limit_wait_for_a_place(void **state)
{
    enum { CALLERS = 260 };
    int fds[CALLERS];
    struct party server;
    party_open(&server, *state, 0, "server");
    party_listen(&server);
    for (unsigned i = 0; i < CALLERS; i++) {
        fds[i] = stranger_to(&server);
        if (i < 256)
            party_await(&server, &server.accepted, i + 1);
    }
    struct err err;
    struct world *w = server.in->world;
    bool never = false;
    (void)w->ops->run(w, &never, w->ops->now_ns(w) + 5 * NS_PER_MS, &err);
    assert_int_equal(server.accepted, 256);
    server.ch = NULL;
    for (unsigned i = 0; i < 4; i++)
        close(fds[i]);
    server.any_channel = true;
    party_await(&server, &server.accepted, CALLERS);
    for (unsigned i = 4; i < CALLERS; i++)
        close(fds[i]);
    party_close(&server);
}

static void a_client_dials_again_after_its_server_was_gone(void **state)
{
    struct party client, server;
    party_open(&client, *state, 0, "client");
    for (unsigned life = 1; life <= 3; life++) {
        party_dial(&client, 0);
        party_await(&client, &client.closed, 2 * life - 1);
        assert_string_equal(client.why, "refused");
        party_open(&server, *state, 0, "server");
        party_listen(&server);
        party_dial(&client, 0);
        party_await(&client, &client.opened, life);
        party_close(&server);
        party_await(&client, &client.closed, 2 * life);
    }
    party_close(&client);
}

static void a_slow_reader_makes_a_backlog_and_then_an_end(void **state)
{
    static uint8_t bytes[IO_FRAME_BYTES_MAX];
    struct party server;
    party_open(&server, *state, 0, "server");
    party_listen(&server);
    int fd = stranger_to(&server); /* which never reads */
    party_await(&server, &server.accepted, 1);
    size_t most = 0;
    for (int i = 0; i < 40 && server.closed == 0; i++) {
        server.io->ops->send(server.ch, (struct bytes){bytes, sizeof bytes});
        size_t backlog = server.io->ops->backlog_bytes(server.ch);
        most = backlog > most ? backlog : most;
    }
    party_await(&server, &server.closed, 1);
    assert_string_equal(server.why, "more was sent than it takes");
    assert_in_range(most, 7 << 20, (8 << 20) + 1024);
    close(fd);
    party_close(&server);
}

static void a_reset_is_told_as_one(void **state)
{
    struct party server;
    party_open(&server, *state, 0, "server");
    party_listen(&server);
    int fd = stranger_to(&server);
    party_await(&server, &server.accepted, 1);
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(fd);
    party_await(&server, &server.closed, 1);
    assert_string_equal(server.why, "reset");
    party_close(&server);
}

static void on_always_due(struct io_timer *timer)
{
    timer->owner->ops->timer_set(timer->owner, timer, 0);
}

static void a_timer_that_is_always_due_lets_others_through(void **state)
{
    struct party client, server;
    struct io_timer timer = {.fire = on_always_due};
    party_open(&server, *state, 0, "server");
    party_open(&client, *state, 0, "client");
    party_listen(&server);
    client.io->ops->timer_set(client.io, &timer, 0);
    party_dial(&client, 0);
    party_send(&client, "hello");
    party_await(&server, &server.received, 1);
    party_close(&client);
    party_close(&server);
}

static void channels_work_over_ipv6(void **state)
{
    struct two_worlds *t = *state;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&at, sizeof at);
    close(fd);
    if (rc < 0)
        skip(); /* a machine without IPv6 */
    t->places[0].address = (struct io_address){.family = IO_IPV6, .ip = {[15] = 1}};
    struct party client, server;
    party_open(&server, t, 0, "server");
    party_open(&client, t, 0, "client");
    party_listen(&server);
    party_dial(&client, 0);
    party_send(&client, "hello");
    party_await(&server, &server.received, 1);
    party_close(&client);
    party_close(&server);
}

#define CASE(body)                                                                             \
    cmocka_unit_test_setup_teardown(body, two_worlds_make_live, two_worlds_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(garbage_closes_its_channel_and_no_other),
        CASE(a_frame_in_pieces_arrives_whole_and_a_torn_one_never),
        CASE(callers_beyond_the_limit_wait_for_a_place),
        CASE(a_client_dials_again_after_its_server_was_gone),
        CASE(a_slow_reader_makes_a_backlog_and_then_an_end),
        CASE(a_reset_is_told_as_one),
        CASE(a_timer_that_is_always_due_lets_others_through),
        CASE(channels_work_over_ipv6),
    };
    return cmocka_run_group_tests_name("live_net", tests, NULL, NULL);
}
