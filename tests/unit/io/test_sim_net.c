#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "io/sim.h"

#define WALL_AT_START_NS (1700000000 * NS_PER_S)

enum { FRAMES_MAX = 20000 };

/* Host 0 dials host 1 and numbers its frames; host 1 notes what came and when. */
struct pair {
    struct world *world;
    struct io *io[2];
    struct io_channel *ch[2];
    struct link_shape *there, *back;
    uint32_t count;               /* frames that came */
    uint32_t numbers[FRAMES_MAX]; /* which */
    int64_t at_ns[FRAMES_MAX];    /* and when */
    int64_t opened_at_ns, accepted_at_ns, closed_at_ns;
    unsigned closed_count;
    char why[2][40];
};

static struct pair pair; /* too large for a stack */

static int64_t now_ns(void)
{
    return pair.world->ops->now_ns(pair.world);
}

static void on_accepted(void *user, struct io_channel *ch)
{
    (void)user;
    pair.ch[1] = ch;
    pair.accepted_at_ns = now_ns();
}

static void on_opened(void *user, struct io_channel *ch)
{
    (void)user;
    (void)ch;
    pair.opened_at_ns = now_ns();
}

static void on_received(void *user, struct io_channel *ch, struct bytes frame)
{
    (void)user;
    (void)ch;
    assert_true(pair.count < FRAMES_MAX);
    memcpy(&pair.numbers[pair.count], frame.at, sizeof(uint32_t));
    pair.at_ns[pair.count++] = now_ns();
}

static void on_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)user;
    int which = ch == pair.ch[1];
    snprintf(pair.why[which], sizeof pair.why[which], "%s", why);
    pair.ch[which] = NULL;
    pair.closed_at_ns = now_ns();
    pair.closed_count++;
}

static const struct io_handler handler = {on_accepted, on_opened, on_received, on_closed};

static const struct place places[3] = {{.host = 0}, {.host = 1}, {.host = 2}};

static struct io *open_at(int host, const char *name)
{
    struct err err;
    struct io *io = pair.world->ops->open(pair.world, &places[host], name, &err);
    assert_non_null(io);
    return io;
}

static void listen_at_1(void)
{
    struct err err;
    assert_int_equal(pair.io[1]->ops->listen(pair.io[1], 7000, &handler, NULL, &err), ERR_OK);
}

static void dial_1(void)
{
    struct io_address to = io_sim_address(1, 7000);
    pair.ch[0] = pair.io[0]->ops->dial(pair.io[0], &to, &handler, NULL);
    assert_non_null(pair.ch[0]);
}

static void run_until(int64_t until_ns)
{
    struct err err;
    assert_int_equal(pair.world->ops->run(pair.world, NULL, until_ns, &err), ERR_OK);
}

static void open_pair(uint64_t seed)
{
    memset(&pair, 0, sizeof pair);
    pair.world = sim_new(&(struct sim_config){
        .seed = seed, .host_count = 3, .wall_at_start_ns = WALL_AT_START_NS});
    assert_non_null(pair.world);
    pair.there = pair.world->ops->link(pair.world, 0, 1);
    pair.back = pair.world->ops->link(pair.world, 1, 0);
    *pair.there = (struct link_shape){.delay_ns = 40 * NS_PER_MS};
    *pair.back = (struct link_shape){.delay_ns = 10 * NS_PER_MS};
    pair.io[0] = open_at(0, "client");
    pair.io[1] = open_at(1, "server");
    listen_at_1();
}

/* ... and have the channel stand, at 50 ms. */
static void open_channel(uint64_t seed)
{
    open_pair(seed);
    dial_1();
    run_until(50 * NS_PER_MS);
    assert_int_equal(pair.opened_at_ns, 50 * NS_PER_MS);
}

static void send_number(int from, uint32_t number)
{
    pair.io[from]->ops->send(pair.ch[from],
                             (struct bytes){(const uint8_t *)&number, sizeof number});
}

/* One frame each millisecond. */
static void send_numbers(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        send_number(0, i);
        run_until(now_ns() + NS_PER_MS);
    }
}

static int close_pair(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        if (pair.io[i])
            pair.world->ops->close(pair.world, pair.io[i]);
    sim_free(pair.world);
    return 0;
}

/* --- delay and order ----------------------------------------------------- */

static void a_dial_takes_a_round_trip_of_both_links(void **state)
{
    (void)state;
    open_channel(1);
    assert_int_equal(pair.accepted_at_ns, 40 * NS_PER_MS);
    send_number(0, 1);
    run_until(-1);
    assert_int_equal(pair.at_ns[0], 90 * NS_PER_MS);
}

static void wall_clocks_show_the_run_s_clock_on_their_own_date(void **state)
{
    (void)state;
    open_pair(1);
    run_until(NS_PER_S);
    assert_int_equal(pair.io[0]->ops->wall_ns(pair.io[0]), WALL_AT_START_NS + NS_PER_S);
}

static void a_refusal_takes_a_round_trip(void **state)
{
    (void)state;
    open_pair(1);
    pair.world->ops->close(pair.world, pair.io[1]);
    pair.io[1] = NULL;
    dial_1();
    run_until(-1);
    assert_string_equal(pair.why[0], "refused");
    assert_int_equal(pair.closed_at_ns, 50 * NS_PER_MS);
}

/* In order costs time: behind a slow frame all others wait, as over TCP. So frames go
 * out in threes, far enough apart for the first of each to be late by itself alone. */
static void jitter_varies_the_delay_and_keeps_the_order(void **state)
{
    (void)state;
    open_channel(2);
    pair.there->jitter_ns = 30 * NS_PER_MS;
    int64_t began_at_ns = now_ns();
    for (uint32_t i = 0; i < 900; i += 3) {
        for (uint32_t j = 0; j < 3; j++)
            send_number(0, i + j);
        run_until(now_ns() + 100 * NS_PER_MS);
    }
    assert_int_equal(pair.count, 900);
    int64_t least_ns = INT64_MAX, most_ns = 0;
    for (uint32_t i = 0; i < pair.count; i++) {
        int64_t took_ns = pair.at_ns[i] - (began_at_ns + (int64_t)i / 3 * 100 * NS_PER_MS);
        assert_int_equal(pair.numbers[i], i);
        assert_in_range(took_ns, 10 * NS_PER_MS, 70 * NS_PER_MS);
        least_ns = took_ns < least_ns ? took_ns : least_ns;
        most_ns = took_ns > most_ns ? took_ns : most_ns;
    }
    assert_true(least_ns < 11 * NS_PER_MS && most_ns > 69 * NS_PER_MS);
}

static void a_changed_shape_applies_to_what_is_sent_after_it(void **state)
{
    (void)state;
    open_channel(1);
    send_number(0, 0);
    pair.there->delay_ns = 100 * NS_PER_MS;
    send_number(0, 1);
    run_until(-1);
    assert_int_equal(pair.at_ns[0], 90 * NS_PER_MS);
    assert_int_equal(pair.at_ns[1], 150 * NS_PER_MS);
}

/* --- loss, duplicates, reordering ---------------------------------------- */

static void loss_takes_its_share(void **state)
{
    (void)state;
    open_channel(3);
    pair.there->loss_ppm = 100000;
    send_numbers(10000);
    run_until(-1);
    assert_in_range(pair.count, 8850, 9150); /* 9,000 give or take five sigma */
    for (uint32_t i = 1; i < pair.count; i++)
        assert_true(pair.numbers[i] > pair.numbers[i - 1]);
}

static void duplicates_come_twice(void **state)
{
    (void)state;
    open_channel(3);
    pair.there->duplicate_ppm = 100000;
    send_numbers(5000);
    run_until(-1);
    assert_in_range(pair.count, 5390, 5610);
}

static void reordered_frames_overtake_others(void **state)
{
    (void)state;
    open_channel(3);
    pair.there->reorder_ppm = 100000;
    send_numbers(5000);
    run_until(-1);
    assert_int_equal(pair.count, 5000);
    unsigned overtaken = 0;
    for (uint32_t i = 1; i < pair.count; i++)
        overtaken += pair.numbers[i] < pair.numbers[i - 1];
    assert_in_range(overtaken, 380, 550); /* at most one per frame that overtakes */
}

static void nothing_comes_before_the_channel_stands(void **state)
{
    (void)state;
    open_pair(3);
    pair.back->reorder_ppm = 1000000;
    dial_1();
    run_until(40 * NS_PER_MS); /* accepted; the news of it is on its way */
    send_number(1, 7);
    run_until(-1);
    assert_int_equal(pair.count, 1);
    assert_true(pair.at_ns[0] >= pair.opened_at_ns);
}

/* --- cuts ---------------------------------------------------------------- */

static void a_cut_is_one_way(void **state)
{
    (void)state;
    open_channel(1);
    pair.there->blocked = true;
    send_number(0, 1);
    send_number(1, 2);
    run_until(-1);
    assert_int_equal(pair.count, 1);
    assert_int_equal(pair.numbers[0], 2);
    assert_int_equal(pair.closed_count, 0);
}

static void a_cut_drops_what_is_under_way(void **state)
{
    (void)state;
    open_channel(1);
    send_number(0, 1);
    run_until(60 * NS_PER_MS);
    pair.there->blocked = true;
    run_until(100 * NS_PER_MS);
    pair.there->blocked = false;
    send_number(0, 2);
    run_until(-1);
    assert_int_equal(pair.count, 1);
    assert_int_equal(pair.numbers[0], 2);
}

static void what_is_sent_into_a_cut_is_lost_even_if_it_heals_at_once(void **state)
{
    (void)state;
    open_channel(1);
    pair.there->blocked = true;
    send_number(0, 1);
    pair.there->blocked = false;
    run_until(-1);
    assert_int_equal(pair.count, 0);
}

static void a_dial_into_a_cut_hears_nothing(void **state)
{
    (void)state;
    open_pair(1);
    pair.back->blocked = true;
    dial_1();
    run_until(-1);
    assert_int_equal(pair.accepted_at_ns, 40 * NS_PER_MS); /* a half-open channel */
    assert_int_equal(pair.opened_at_ns, 0);
    assert_int_equal(pair.closed_count, 0);
}

static void a_farewell_that_is_cut_off_becomes_a_reset_after_the_heal(void **state)
{
    (void)state;
    open_channel(1);
    pair.back->blocked = true;
    pair.io[1]->ops->hang_up(pair.ch[1]);
    run_until(now_ns() + NS_PER_S);
    assert_int_equal(pair.closed_count, 0);
    pair.back->blocked = false;
    send_number(0, 1);
    run_until(-1);
    assert_string_equal(pair.why[0], "reset");
    assert_int_equal(pair.count, 0);
}

static void links_within_a_host_are_never_cut(void **state)
{
    (void)state;
    open_pair(1);
    for (uint16_t host = 0; host < 3; host++) {
        pair.world->ops->link(pair.world, host, 1)->blocked = true;
        pair.world->ops->link(pair.world, 1, host)->blocked = true;
    }
    struct io *beside = open_at(1, "beside");
    struct io_address to = io_sim_address(1, 7000);
    assert_non_null(beside->ops->dial(beside, &to, &handler, NULL));
    run_until(-1);
    assert_int_equal(pair.accepted_at_ns, 0);
    assert_non_null(pair.ch[1]);
    pair.world->ops->close(pair.world, beside);
}

/* --- power and pauses ---------------------------------------------------- */

static void a_host_without_power_answers_nothing(void **state)
{
    (void)state;
    open_channel(1);
    pair.world->ops->power_off(pair.world, &places[1]);
    send_number(0, 1);
    struct io_address to = io_sim_address(1, 7000);
    struct io_channel *second = pair.io[0]->ops->dial(pair.io[0], &to, &handler, NULL);
    run_until(-1);
    assert_int_equal(pair.count, 0);
    assert_int_equal(pair.closed_count, 0);
    pair.io[0]->ops->hang_up(second);
}

static void after_power_returns_old_channels_are_reset_and_new_ones_stand(void **state)
{
    (void)state;
    open_channel(1);
    pair.world->ops->power_off(pair.world, &places[1]);
    pair.world->ops->close(pair.world, pair.io[1]);
    run_until(NS_PER_S);
    pair.io[1] = open_at(1, "server");
    listen_at_1();
    send_number(0, 1);
    run_until(-1);
    assert_string_equal(pair.why[0], "reset");
    assert_int_equal(pair.closed_at_ns, NS_PER_S + 50 * NS_PER_MS);
    dial_1();
    run_until(-1);
    send_number(0, 2);
    run_until(-1);
    assert_int_equal(pair.count, 1);
}

static unsigned fired;

static void on_timer(struct io_timer *timer)
{
    (void)timer;
    fired++;
}

static void an_endpoint_without_power_hears_nothing(void **state)
{
    (void)state;
    open_channel(1);
    struct io_timer timer = {.fire = on_timer}, late = {.fire = on_timer};
    fired = 0;
    pair.io[1]->ops->timer_set(pair.io[1], &timer, now_ns() + 5);
    send_number(0, 1);
    pair.world->ops->power_off(pair.world, &places[1]);
    pair.io[1]->ops->timer_set(pair.io[1], &late, now_ns() + 6);
    struct io *next_life = open_at(1, "server");
    run_until(-1);
    assert_int_equal(fired, 0);
    assert_int_equal(pair.count, 0);
    pair.world->ops->close(pair.world, next_life);
}

static void what_is_due_at_a_paused_host_waits_in_order(void **state)
{
    (void)state;
    open_channel(1);
    struct io_timer timer = {.fire = on_timer}, stopped = {.fire = on_timer};
    fired = 0;
    pair.io[1]->ops->timer_set(pair.io[1], &timer, 91 * NS_PER_MS);
    pair.io[1]->ops->timer_set(pair.io[1], &stopped, 92 * NS_PER_MS);
    pair.world->ops->pause(pair.world, &places[1]);
    for (uint32_t i = 0; i < 10; i++)
        send_number(0, i);
    run_until(NS_PER_S);
    assert_int_equal(pair.count, 0);
    assert_int_equal(fired, 0);
    pair.io[1]->ops->timer_stop(pair.io[1], &stopped);
    pair.there->blocked = true; /* they have arrived: a cut takes nothing back */
    pair.world->ops->resume(pair.world, &places[1]);
    run_until(-1);
    assert_int_equal(pair.count, 10);
    assert_int_equal(fired, 1);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(pair.numbers[i], i);
        assert_int_equal(pair.at_ns[i], NS_PER_S);
    }
}

/* --- determinism --------------------------------------------------------- */

static uint64_t digest_of(uint64_t seed, struct link_shape there)
{
    open_channel(seed);
    *pair.there = there;
    send_numbers(500);
    run_until(-1);
    uint64_t digest = pair.world->ops->digest(pair.world);
    assert_true(pair.world->ops->event_count(pair.world) > 400);
    close_pair(NULL);
    return digest;
}

static void the_same_seed_gives_the_same_run(void **state)
{
    (void)state;
    struct link_shape rough = {.delay_ns = 40 * NS_PER_MS,
                               .jitter_ns = 20 * NS_PER_MS,
                               .loss_ppm = 50000,
                               .duplicate_ppm = 50000,
                               .reorder_ppm = 50000};
    assert_int_equal(digest_of(1, rough), digest_of(1, rough));
    assert_int_not_equal(digest_of(1, rough), digest_of(2, rough));
    open_pair(1); /* for the teardown */
}

/* Numbers and instants of what came over a shape, into `numbers` and `at_ns`. */
static uint32_t arrivals(struct link_shape there, uint32_t *numbers, int64_t *at_ns)
{
    open_channel(5);
    *pair.there = there;
    send_numbers(2000);
    run_until(-1);
    memcpy(numbers, pair.numbers, pair.count * sizeof *numbers);
    memcpy(at_ns, pair.at_ns, pair.count * sizeof *at_ns);
    uint32_t count = pair.count;
    close_pair(NULL);
    return count;
}

/* Small enough a jitter not to have one frame hold up the next. */
static void loss_leaves_the_luck_of_the_frames_that_come_through(void **state)
{
    (void)state;
    static uint32_t all[FRAMES_MAX], some[FRAMES_MAX];
    static int64_t all_at_ns[FRAMES_MAX], some_at_ns[FRAMES_MAX];
    struct link_shape shape = {.delay_ns = 40 * NS_PER_MS, .jitter_ns = 400000};
    assert_int_equal(arrivals(shape, all, all_at_ns), 2000);
    shape.loss_ppm = 300000;
    uint32_t count = arrivals(shape, some, some_at_ns);
    assert_in_range(count, 1200, 1600);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(some_at_ns[i], all_at_ns[some[i]]);
    open_pair(1); /* for the teardown */
}

static void the_luck_of_another_link_does_not_matter(void **state)
{
    (void)state;
    open_channel(5);
    pair.there->loss_ppm = 300000;
    send_numbers(200);
    run_until(-1);
    uint32_t count = pair.count;
    close_pair(NULL);
    open_channel(5);
    pair.there->loss_ppm = 300000;
    pair.back->jitter_ns = 5 * NS_PER_MS;
    for (uint32_t i = 0; i < 100; i++)
        send_number(1, 1000 + i);
    send_numbers(200);
    run_until(-1);
    assert_int_equal(pair.count, count + 100);
}

/* --- counting ------------------------------------------------------------ */

static void expect_counts(uint16_t from, uint16_t to, uint64_t carried, uint64_t dropped)
{
    struct link_counts c = pair.world->ops->link_counts(pair.world, from, to);
    assert_int_equal(c.carried, carried);
    assert_int_equal(c.dropped, dropped);
}

static void links_count_what_they_carry_and_every_copy(void **state)
{
    (void)state;
    open_channel(1);
    expect_counts(0, 1, 1, 0); /* the dial */
    expect_counts(1, 0, 1, 0); /* its answer */
    send_numbers(5);
    expect_counts(0, 1, 6, 0);
    pair.there->duplicate_ppm = 1000000;
    send_numbers(5);
    expect_counts(0, 1, 16, 0);
    expect_counts(1, 0, 1, 0);
    expect_counts(0, 2, 0, 0);
}

static void links_count_what_loss_and_cuts_drop(void **state)
{
    (void)state;
    open_channel(1);
    send_number(0, 1);
    pair.there->blocked = true;
    run_until(now_ns() + NS_PER_S);
    expect_counts(0, 1, 2, 1); /* dropped on its way */
    send_number(0, 2);
    expect_counts(0, 1, 2, 2);
    pair.io[0]->ops->hang_up(pair.ch[0]);
    expect_counts(0, 1, 2, 3);
    pair.there->blocked = false;
    pair.back->loss_ppm = 1000000;
    send_number(1, 3);
    expect_counts(1, 0, 1, 1);
}

static void what_waits_at_a_paused_host_was_carried_whatever_is_cut_later(void **state)
{
    (void)state;
    open_channel(1);
    struct place there = {.host = 1, .netns_fd = -1};
    pair.world->ops->pause(pair.world, &there);
    send_number(0, 1);
    run_until(now_ns() + NS_PER_S);
    pair.there->blocked = true;
    pair.world->ops->resume(pair.world, &there);
    run_until(-1);
    assert_int_equal(pair.count, 1);
    expect_counts(0, 1, 2, 0);
}

#define CASE(body) cmocka_unit_test_teardown(body, close_pair)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_dial_takes_a_round_trip_of_both_links),
        CASE(wall_clocks_show_the_run_s_clock_on_their_own_date),
        CASE(a_refusal_takes_a_round_trip),
        CASE(jitter_varies_the_delay_and_keeps_the_order),
        CASE(a_changed_shape_applies_to_what_is_sent_after_it),
        CASE(loss_takes_its_share),
        CASE(duplicates_come_twice),
        CASE(reordered_frames_overtake_others),
        CASE(nothing_comes_before_the_channel_stands),
        CASE(a_cut_is_one_way),
        CASE(a_cut_drops_what_is_under_way),
        CASE(what_is_sent_into_a_cut_is_lost_even_if_it_heals_at_once),
        CASE(a_dial_into_a_cut_hears_nothing),
        CASE(a_farewell_that_is_cut_off_becomes_a_reset_after_the_heal),
        CASE(links_within_a_host_are_never_cut),
        CASE(a_host_without_power_answers_nothing),
        CASE(after_power_returns_old_channels_are_reset_and_new_ones_stand),
        CASE(an_endpoint_without_power_hears_nothing),
        CASE(what_is_due_at_a_paused_host_waits_in_order),
        CASE(the_same_seed_gives_the_same_run),
        CASE(loss_leaves_the_luck_of_the_frames_that_come_through),
        CASE(the_luck_of_another_link_does_not_matter),
        CASE(links_count_what_they_carry_and_every_copy),
        CASE(links_count_what_loss_and_cuts_drop),
        CASE(what_waits_at_a_paused_host_was_carried_whatever_is_cut_later),
    };
    return cmocka_run_group_tests_name("sim_net", tests, NULL, NULL);
}
