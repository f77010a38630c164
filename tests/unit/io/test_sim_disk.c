#include "tests/support/test.h"

#include <string.h>

#include "io/frame.h"
#include "tests/unit/io/party.h"

/* A world of which places[0] holds one log, synced after 1 ms. */
static struct world *world_of(struct two_worlds *t, uint64_t seed)
{
    *t = (struct two_worlds){.places = {{.host = 0}, {.host = 1}}};
    t->world =
        sim_new(&(struct sim_config){.seed = seed, .host_count = 2, .sync_ns = NS_PER_MS});
    assert_non_null(t->world);
    return t->world;
}

static void run_for(struct party *p, int64_t ns)
{
    struct err err;
    struct world *w = p->in->world;
    assert_int_equal(w->ops->run(w, NULL, w->ops->now_ns(w) + ns, &err), ERR_OK);
}

/* The power fails and returns: the party as its next life finds it. */
static void crash(struct party *p)
{
    struct two_worlds *in = p->in;
    in->world->ops->power_off(in->world, &in->places[0]);
    party_close(p);
    party_open(p, in, 0, "n1");
    party_open_log(p);
}

static void a_record_is_durable_after_the_sync_and_not_before(void **state)
{
    (void)state;
    struct two_worlds t;
    struct party p;
    world_of(&t, 1);
    party_open(&p, &t, 0, "n1");
    party_open_log(&p);
    party_append(&p, "one");
    run_for(&p, NS_PER_MS - 1);
    assert_int_equal(p.synced, 0);
    run_for(&p, 1);
    assert_int_equal(p.synced, 1);
    party_close(&p);
    sim_free(t.world);
}

static void records_that_come_during_a_sync_share_the_next(void **state)
{
    (void)state;
    struct two_worlds t;
    struct party p;
    world_of(&t, 1);
    party_open(&p, &t, 0, "n1");
    party_open_log(&p);
    for (int i = 0; i < 50; i++)
        party_append(&p, "x");
    run_for(&p, NS_PER_MS);
    assert_int_equal(p.synced, 1);
    run_for(&p, NS_PER_MS);
    assert_int_equal(p.synced, 50);
    party_close(&p);
    sim_free(t.world);
}

/* What is left of ten records, three of them synced, over many seeds. */
static void a_crash_keeps_what_was_synced_and_perhaps_some_of_the_rest(void **state)
{
    (void)state;
    unsigned nothing_more = 0, all = 0, some = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct two_worlds t;
        struct party p;
        world_of(&t, seed);
        party_open(&p, &t, 0, "n1");
        party_open_log(&p);
        party_append(&p, "s");
        run_for(&p, NS_PER_MS);
        party_append(&p, "a");
        run_for(&p, 1);
        crash(&p);
        assert_memory_equal(p.recovered, "s ", 2);
        nothing_more += strcmp(p.recovered, "s ") == 0;
        all += strcmp(p.recovered, "s a ") == 0;
        /* And what is appended after a torn tail is found behind what was whole. */
        party_append(&p, "z");
        run_for(&p, NS_PER_MS);
        crash(&p);
        some += strcmp(p.recovered, "s z ") == 0 || strcmp(p.recovered, "s a z ") == 0;
        party_close(&p);
        sim_free(t.world);
    }
    assert_int_equal(nothing_more + all, 400);
    assert_true(all > 10 && nothing_more > 200); /* one of ten prefixes is whole */
    assert_int_equal(some, 400);
}

static void what_waits_behind_a_sync_is_lost(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct two_worlds t;
        struct party p;
        world_of(&t, seed);
        party_open(&p, &t, 0, "n1");
        party_open_log(&p);
        party_append(&p, "under way");
        party_append(&p, "waiting");
        crash(&p);
        assert_null(strstr(p.recovered, "waiting"));
        party_close(&p);
        sim_free(t.world);
    }
}

static void a_crash_leaves_all_or_nothing_of_a_replacement(void **state)
{
    (void)state;
    unsigned replaced = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct two_worlds t;
        struct party p;
        struct err err;
        struct buffer frames = {0};
        world_of(&t, seed);
        party_open(&p, &t, 0, "n1");
        party_open_log(&p);
        party_append(&p, "old");
        party_append(&p, "older");
        run_for(&p, 2 * NS_PER_MS);
        for (int i = 0; i < 3; i++)
            assert_true(frame_append(&frames, (struct bytes){(const uint8_t *)"new", 3}));
        assert_int_equal(p.io->ops->log_replace(p.log, buffer_bytes(&frames), &err), ERR_OK);
        run_for(&p, NS_PER_MS / 2);
        crash(&p);
        bool is_new = strcmp(p.recovered, "new new new ") == 0;
        assert_true(is_new || strcmp(p.recovered, "old older ") == 0);
        replaced += is_new;
        buffer_done(&frames);
        party_close(&p);
        sim_free(t.world);
    }
    assert_in_range(replaced, 60, 140);
}

static void a_paused_host_is_told_of_a_sync_after_it_resumes(void **state)
{
    (void)state;
    struct two_worlds t;
    struct party p;
    struct world *w = world_of(&t, 1);
    party_open(&p, &t, 0, "n1");
    party_open_log(&p);
    party_append(&p, "one");
    w->ops->pause(w, &t.places[0]);
    run_for(&p, NS_PER_S);
    assert_int_equal(p.synced, 0);
    w->ops->resume(w, &t.places[0]);
    run_for(&p, 0);
    assert_int_equal(p.synced, 1);
    party_append(&p, "two");
    w->ops->pause(w, &t.places[0]);
    run_for(&p, NS_PER_S);
    crash(&p); /* the disk had it all the same */
    assert_string_equal(p.recovered, "one two ");
    party_close(&p);
    sim_free(t.world);
}

static void without_power_a_log_takes_no_records(void **state)
{
    (void)state;
    struct two_worlds t;
    struct party p;
    struct err err;
    struct world *w = world_of(&t, 1);
    party_open(&p, &t, 0, "n1");
    party_open_log(&p);
    w->ops->power_off(w, &t.places[0]);
    struct bytes record = {(const uint8_t *)"x", 1};
    assert_int_equal(p.io->ops->log_append(p.log, record, &err), ERR_IO);
    assert_non_null(strstr(err.msg, "power"));
    party_close(&p);
    sim_free(t.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_durable_after_the_sync_and_not_before),
        cmocka_unit_test(records_that_come_during_a_sync_share_the_next),
        cmocka_unit_test(a_crash_keeps_what_was_synced_and_perhaps_some_of_the_rest),
        cmocka_unit_test(what_waits_behind_a_sync_is_lost),
        cmocka_unit_test(a_crash_leaves_all_or_nothing_of_a_replacement),
        cmocka_unit_test(a_paused_host_is_told_of_a_sync_after_it_resumes),
        cmocka_unit_test(without_power_a_log_takes_no_records),
    };
    return cmocka_run_group_tests_name("sim_disk", tests, NULL, NULL);
}
