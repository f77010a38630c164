#include "tests/support/test.h"

#include "tests/support/failures.h"
#include "tests/unit/io/party.h"

WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, realloc, (void *at, size_t size), (at, size), NULL)

enum { RECORDS = 20 };

static struct party client, server;

static struct io *open_one(struct party *p, struct two_worlds *t, int place, const char *name,
                           struct err *err)
{
    *p = (struct party){.in = t, .any_channel = true};
    p->io = t->world->ops->open(t->world, &t->places[place], name, err);
    return p->io;
}

static bool append_some(struct err *err)
{
    static const struct bytes record = {(const uint8_t *)"0123456789", 10};
    struct io *io = server.io;
    if (io->ops->log_open(io, "wal", &log_handler, &server, &server.log, err))
        return false;
    for (int i = 0; i < RECORDS; i++)
        if (io->ops->log_append(server.log, record, err))
            return false;
    return io->ops->log_replace(server.log, (struct bytes){0}, err) == ERR_OK;
}

static bool talk(struct two_worlds *t, struct err *err)
{
    static const uint8_t frame[400];
    struct io_address to = io_sim_address(1, 7000);
    if (server.io->ops->listen(server.io, 7000, &handler, &server, err))
        return false;
    client.ch = client.io->ops->dial(client.io, &to, &handler, &client);
    if (!client.ch) {
        err_set(err, ERR_NOMEM, "dial");
        return false;
    }
    for (int i = 0; i < 10; i++)
        client.io->ops->send(client.ch, (struct bytes){frame, sizeof frame});
    t->world->ops->pause(t->world, &t->places[1]);
    if (t->world->ops->run(t->world, NULL, NS_PER_S, err))
        return false;
    t->world->ops->resume(t->world, &t->places[1]);
    return t->world->ops->run(t->world, NULL, -1, err) == ERR_OK;
}

static bool do_all(struct two_worlds *t, struct err *err)
{
    t->world = sim_new(&(struct sim_config){.seed = 1, .host_count = 2, .sync_ns = 5});
    if (!t->world) {
        err_set(err, ERR_NOMEM, "world");
        return false;
    }
    return open_one(&client, t, 0, "client", err) && open_one(&server, t, 1, "server", err) &&
           append_some(err) && talk(t, err);
}

static void undo_all(struct two_worlds *t)
{
    if (client.io)
        t->world->ops->close(t->world, client.io);
    if (server.io)
        t->world->ops->close(t->world, server.io);
    sim_free(t->world);
}

/* A run that went through in spite of a failure would be another run than the seed
 * says: none may. */
static void without_memory_a_simulation_fails_and_says_so(void **state)
{
    (void)state;
    unsigned failures = 0;
    FOR_EACH_FAILURE (nth, false) {
        struct two_worlds t = {.places = {{.host = 0}, {.host = 1}}};
        struct err err = {0};
        client = server = (struct party){0};
        failures_arm(nth, false);
        bool done = do_all(&t, &err);
        failures_disarm();
        bool failed = failures_fired();
        undo_all(&t);
        assert_int_equal(done, !failed);
        if (!failed)
            break;
        assert_int_equal(err.code, ERR_NOMEM);
        failures++;
    }
    print_message("  clean after %u failures\n", failures);
    assert_true(failures > 20);
    assert_int_equal(server.received, 10);
    assert_int_equal(server.synced, RECORDS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_a_simulation_fails_and_says_so),
    };
    return cmocka_run_group_tests_name("sim_failures", tests, NULL, NULL);
}
