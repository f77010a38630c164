/* The live world on loopback: how late its timers are, how many round trips one loop
 * makes, and how long a record takes to be durable here. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "io/live.h"

enum { TIMERS = 2000, CHANNELS = 64, PORT = 17000, RECORDS = 300, FRAME_BYTES = 128 };

static struct world *world;
static struct io *io;
static bool stop;

static void run(int64_t for_ns)
{
    struct err err;
    stop = false;
    enum err_code code =
        world->ops->run(world, &stop, world->ops->now_ns(world) + for_ns, &err);
    assert(code == ERR_OK);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *what, int64_t *ns, size_t count)
{
    qsort(ns, count, sizeof *ns, by_size);
    printf("%s: p50 %.1f us, p99 %.1f us, most %.1f us\n", what, (double)ns[count / 2] / 1e3,
           (double)ns[count * 99 / 100] / 1e3, (double)ns[count - 1] / 1e3);
}

/* --- timers -------------------------------------------------------------- */

static struct io_timer timers[TIMERS];
static int64_t asked_ns[TIMERS], late_ns[TIMERS];
static size_t fired;

static void on_timer(struct io_timer *timer)
{
    late_ns[fired++] = io->ops->now_ns(io) - asked_ns[timer - timers];
    stop = fired == TIMERS;
}

static void bench_timers(void)
{
    for (size_t i = 0; i < TIMERS; i++) {
        timers[i].fire = on_timer;
        asked_ns[i] =
            io->ops->now_ns(io) + (int64_t)i * 500000 + (int64_t)(io->ops->random(io) % 400000);
        io->ops->timer_set(io, &timers[i], asked_ns[i]);
    }
    run(60 * NS_PER_S);
    print_times("timers are late by", late_ns, fired);
}

/* --- round trips --------------------------------------------------------- */

static uint64_t round_trips;
static const uint8_t frame_bytes[FRAME_BYTES];

static void on_accepted(void *user, struct io_channel *ch)
{
    (void)user;
    (void)ch;
}

static void on_opened(void *user, struct io_channel *ch)
{
    (void)user;
    io->ops->send(ch, (struct bytes){frame_bytes, sizeof frame_bytes});
}

static void on_received(void *user, struct io_channel *ch, struct bytes frame)
{
    if (user)
        round_trips++;
    io->ops->send(ch, frame);
}

static void on_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)user;
    (void)ch;
    (void)why;
}

static const struct io_handler handler = {on_accepted, on_opened, on_received, on_closed};

static void bench_round_trips(void)
{
    struct err err;
    struct io_address to = {.family = IO_IPV4, .ip = {127, 0, 0, 1}, .port = PORT};
    enum err_code code = io->ops->listen(io, PORT, &handler, NULL, &err);
    assert(code == ERR_OK);
    for (int i = 0; i < CHANNELS; i++)
        (void)io->ops->dial(io, &to, &handler, &round_trips);
    int64_t began_at_ns = io->ops->now_ns(io);
    run(2 * NS_PER_S);
    double seconds = (double)(io->ops->now_ns(io) - began_at_ns) / 1e9;
    printf("%.0f round trips/s of %d bytes on %d channels, both ends on one loop\n",
           (double)round_trips / seconds, FRAME_BYTES, CHANNELS);
}

/* --- logs ---------------------------------------------------------------- */

static struct io_log *wal;
static int64_t appended_at_ns, sync_ns[RECORDS];
static uint64_t synced_count;

static void append(void)
{
    struct err err;
    appended_at_ns = io->ops->now_ns(io);
    enum err_code code =
        io->ops->log_append(wal, (struct bytes){frame_bytes, sizeof frame_bytes}, &err);
    assert(code == ERR_OK);
}

static void on_recovered(void *user, struct bytes record)
{
    (void)user;
    (void)record;
}

static void on_synced(void *user, uint64_t count)
{
    (void)user;
    sync_ns[synced_count++] = io->ops->now_ns(io) - appended_at_ns;
    stop = count == RECORDS;
    if (!stop)
        append();
}

static void on_failed(void *user, const char *why)
{
    (void)user;
    puts(why);
    exit(1);
}

static void bench_log(void)
{
    static const struct io_log_handler log_handler = {on_recovered, NULL, on_synced, on_failed};
    struct err err;
    enum err_code code = io->ops->log_open(io, "bench", &log_handler, NULL, &wal, &err);
    assert(code == ERR_OK);
    append();
    run(60 * NS_PER_S);
    print_times("a record is durable after", sync_ns, synced_count);
}

int main(int argc, char **argv)
{
    struct err err;
    struct place here = {.name = "bench",
                         .netns_fd = -1,
                         .cgroup_fd = -1,
                         .address = {.family = IO_IPV4, .ip = {127, 0, 0, 1}}};
    if (argc != 2) {
        puts(
            "usage: bench_live FOLDER   (its disk is measured; bench.bench.log is left there)");
        return 64;
    }
    world = live_new(&(struct live_config){.seed = 1, .folder = argv[1]}, &err);
    io = world ? world->ops->open(world, &here, "bench", &err) : NULL;
    if (!io) {
        puts(err.msg);
        return 1;
    }
    bench_timers();
    bench_log();
    bench_round_trips();
    world->ops->close(world, io);
    live_free(world);
    return 0;
}
