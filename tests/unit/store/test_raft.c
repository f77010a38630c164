/* Raft's rules one by one: each step is a call, so no clock, network or disk is needed. */
#include "tests/support/test.h"

#include "base/units.h"
#include "store/bug.h"
#include "store/raft.h"

enum { T = 1000, H = 100, SENT_MAX = 32 };

struct rig {
    struct raft raft;
    struct effects out;
    struct wire_space space;
    struct message sent[SENT_MAX]; /* of the last step */
    uint8_t to[SENT_MAX];
    size_t sent_count, appended_count;
    uint64_t records; /* appended so far */
};

static struct rig rig;

static struct moment now(int64_t at_ns)
{
    effects_clear(&rig.out);
    return (struct moment){.now_ns = at_ns, .random = 0, .out = &rig.out};
}

/* Take apart what a step asked for. */
static void look(void)
{
    rig.sent_count = rig.appended_count = 0;
    assert_false(rig.out.failed);
    for (size_t i = 0; i < rig.out.count; i++) {
        const struct effect *e = &rig.out.items[i];
        struct err err;
        if (e->type != EFFECT_SEND) {
            rig.appended_count++;
            rig.records++;
            continue;
        }
        assert_true(rig.sent_count < SENT_MAX);
        rig.to[rig.sent_count] = e->node;
        assert_int_equal(wire_decode(effect_bytes(&rig.out, e), &rig.space,
                                     &rig.sent[rig.sent_count++], &err),
                         ERR_OK);
    }
}

static void receive(int64_t at_ns, uint8_t from, struct message m)
{
    struct moment at = now(at_ns);
    raft_receive(&rig.raft, &at, from, &m);
    look();
}

static void tick(int64_t at_ns)
{
    struct moment at = now(at_ns);
    raft_tick(&rig.raft, &at);
    look();
}

static void sync_all(int64_t at_ns)
{
    struct moment at = now(at_ns);
    raft_synced(&rig.raft, &at, rig.records);
    look();
}

static uint64_t propose(int64_t at_ns, int64_t value)
{
    struct moment at = now(at_ns);
    uint64_t index = raft_propose(&rig.raft, &at,
                                  (struct entry){.type = ENTRY_CHANGE,
                                                 .kind = REQUEST_WRITE,
                                                 .client = 1,
                                                 .sequence = 1,
                                                 .argument = value,
                                                 .expected = STORE_NIL});
    look();
    return index;
}

/* The first message of `type` in the last step; NULL for none. */
static const struct message *said(enum message_type type)
{
    for (size_t i = 0; i < rig.sent_count; i++)
        if (rig.sent[i].type == type)
            return &rig.sent[i];
    return NULL;
}

static void open_rig(uint8_t id, uint32_t bugs)
{
    struct err err;
    rig = (struct rig){.records = 0};
    raft_init(&rig.raft, &(struct raft_config){.id = id,
                                               .node_count = 3,
                                               .election_timeout_ns = T,
                                               .heartbeat_ns = H,
                                               .tail_max = 4,
                                               .bugs = bugs});
    struct moment at = now(0);
    assert_int_equal(raft_start(&rig.raft, &at, &err), ERR_OK);
}

static int close_rig(void **state)
{
    (void)state;
    raft_done(&rig.raft);
    effects_done(&rig.out);
    wire_space_done(&rig.space);
    return 0;
}

static struct message vote(bool pre, uint64_t term, uint64_t last_index, uint64_t last_term)
{
    return (struct message){.type = MESSAGE_VOTE, .vote = {pre, term, last_index, last_term}};
}

static struct message voted(bool pre, uint64_t term)
{
    return (struct message){.type = MESSAGE_VOTED, .voted = {pre, true, term}};
}

static struct message appended(uint64_t term, uint64_t index, uint64_t round)
{
    return (struct message){.type = MESSAGE_APPENDED,
                            .appended = {term, true, index, 0, 0, round}};
}

static struct entry noop(uint64_t term)
{
    return (struct entry){.term = term,
                          .type = ENTRY_NOOP,
                          .key = STORE_NIL,
                          .argument = STORE_NIL,
                          .expected = STORE_NIL};
}

static struct message append(uint64_t term, uint64_t prev, uint64_t prev_term, uint64_t commit,
                             const struct entry *entries, uint32_t count)
{
    return (struct message){.type = MESSAGE_APPEND,
                            .append = {term, prev, prev_term, commit, 0, count, entries}};
}

/* As leader of term 1, its no-op on its own disk only. */
static void become_leader(uint32_t bugs)
{
    open_rig(0, bugs);
    tick(T);
    receive(T, 1, voted(true, 1));
    sync_all(T);
    receive(T, 1, voted(false, 1));
    sync_all(T);
    assert_int_equal(rig.raft.role, RAFT_LEADER);
}

/* --- elections ------------------------------------------------------------- */

static void nobody_raises_the_term_before_a_majority_would_vote(void **state)
{
    (void)state;
    open_rig(0, 0);
    tick(T);
    assert_int_equal(rig.raft.role, RAFT_PRE_CANDIDATE);
    assert_int_equal(rig.raft.term, 0);
    assert_true(said(MESSAGE_VOTE)->vote.pre);
    receive(T, 1, voted(true, 1));
    assert_int_equal(rig.raft.term, 1);
}

static void a_candidate_asks_only_once_its_own_vote_is_on_disk(void **state)
{
    (void)state;
    open_rig(0, 0);
    tick(T);
    receive(T, 1, voted(true, 1));
    assert_null(said(MESSAGE_VOTE));
    sync_all(T);
    assert_non_null(said(MESSAGE_VOTE));
}

static void a_vote_is_given_only_once_it_is_on_disk(void **state)
{
    (void)state;
    open_rig(0, 0);
    receive(0, 1, vote(false, 4, 0, 0));
    assert_null(said(MESSAGE_VOTED));
    sync_all(1);
    assert_true(said(MESSAGE_VOTED)->voted.granted);
    assert_int_equal(said(MESSAGE_VOTED)->voted.term, 4);
}

static void there_is_one_vote_per_term(void **state)
{
    (void)state;
    open_rig(0, 0);
    receive(0, 1, vote(false, 4, 0, 0));
    sync_all(1);
    receive(2, 2, vote(false, 4, 9, 3));
    assert_false(said(MESSAGE_VOTED)->voted.granted);
    receive(3, 1, vote(false, 4, 0, 0));
    assert_true(said(MESSAGE_VOTED)->voted.granted);
}

static void a_candidate_with_less_than_we_have_gets_no_vote(void **state)
{
    (void)state;
    struct entry entries[] = {noop(1), noop(2)};
    open_rig(0, 0);
    receive(0, 1, append(2, 0, 0, 0, entries, 2));
    sync_all(0);
    receive(2 * T, 2, vote(false, 3, 9, 1));
    assert_false(said(MESSAGE_VOTED)->voted.granted);
    receive(4 * T, 2, vote(false, 4, 1, 2));
    assert_false(said(MESSAGE_VOTED)->voted.granted);
    receive(6 * T, 2, vote(false, 5, 2, 2));
    sync_all(6 * T);
    assert_true(said(MESSAGE_VOTED)->voted.granted);
}

static void who_hears_a_leader_does_not_help_to_depose_it(void **state)
{
    (void)state;
    open_rig(0, 0);
    receive(0, 1, append(1, 0, 0, 0, NULL, 0));
    sync_all(0);
    receive(T - 1, 2, vote(false, 7, 9, 6));
    assert_int_equal(rig.sent_count, 0);
    assert_int_equal(rig.raft.term, 1);
}

static void a_leader_without_a_majority_steps_down(void **state)
{
    (void)state;
    become_leader(0);
    tick(T + H);
    assert_int_equal(rig.raft.role, RAFT_LEADER);
    tick(2 * T + 1);
    assert_int_equal(rig.raft.role, RAFT_FOLLOWER);
    close_rig(NULL);
    become_leader(UINT32_C(1) << BUG_STALE_LEADER_READS);
    tick(2 * T + 1);
    assert_int_equal(rig.raft.role, RAFT_LEADER);
}

/* --- the log --------------------------------------------------------------- */

static void a_leader_counts_itself_only_for_what_is_on_its_disk(void **state)
{
    (void)state;
    become_leader(0);
    uint64_t index = propose(T, 7);
    receive(T, 1, appended(1, index, 0));
    assert_int_equal(rig.raft.commit_index, index - 1);
    sync_all(T);
    assert_int_equal(rig.raft.commit_index, index);
}

static void entries_of_older_terms_are_not_committed_by_counting(void **state)
{
    (void)state;
    struct entry old = noop(1);
    open_rig(0, 0);
    receive(0, 1, append(1, 0, 0, 0, &old, 1));
    sync_all(0);
    tick(2 * T);
    receive(2 * T, 1, voted(true, 2));
    sync_all(2 * T);
    receive(2 * T, 1, voted(false, 2));
    sync_all(2 * T);
    receive(2 * T, 1, appended(2, 1, 0));
    assert_int_equal(rig.raft.commit_index, 0);
    receive(2 * T, 1, appended(2, 2, 0));
    assert_int_equal(rig.raft.commit_index, 2);
}

static void a_follower_acknowledges_only_what_is_on_its_disk(void **state)
{
    (void)state;
    struct entry e = noop(1);
    open_rig(0, 0);
    receive(0, 1, append(1, 0, 0, 0, &e, 1));
    assert_null(said(MESSAGE_APPENDED));
    sync_all(0);
    assert_true(said(MESSAGE_APPENDED)->appended.matched);
    assert_int_equal(said(MESSAGE_APPENDED)->appended.index, 1);
}

static void an_old_append_that_arrives_late_takes_nothing_away(void **state)
{
    (void)state;
    struct entry entries[] = {noop(1), noop(1), noop(1)};
    open_rig(0, 0);
    receive(0, 1, append(1, 0, 0, 0, entries, 3));
    sync_all(0);
    receive(1, 1, append(1, 0, 0, 0, entries, 1));
    assert_int_equal(entry_log_last(&rig.raft.log), 3);
    assert_int_equal(rig.appended_count, 0);
}

static void what_differs_is_cut_and_replaced(void **state)
{
    (void)state;
    struct entry old[] = {noop(1), noop(1), noop(1)}, new = noop(2);
    open_rig(0, 0);
    receive(0, 1, append(1, 0, 0, 0, old, 3));
    sync_all(0);
    receive(1, 2, append(2, 1, 1, 0, &new, 1));
    assert_int_equal(entry_log_last(&rig.raft.log), 2);
    assert_int_equal(rig.raft.disk.durable_index, 1);
    sync_all(1);
    assert_int_equal(said(MESSAGE_APPENDED)->appended.index, 2);
}

static void a_refusal_tells_where_the_logs_may_meet(void **state)
{
    (void)state;
    struct entry old[] = {noop(1), noop(3), noop(3)};
    open_rig(0, 0);
    receive(0, 1, append(3, 0, 0, 0, old, 3));
    sync_all(0);
    receive(1, 1, append(4, 9, 2, 0, NULL, 0));
    sync_all(1);
    receive(1, 1, append(4, 9, 2, 0, NULL, 0));
    const struct appended *no = &said(MESSAGE_APPENDED)->appended;
    assert_false(no->matched);
    assert_true(no->index == 1 && no->hint_term == 1 && no->rejected == 9);
}

static void a_lost_append_is_sent_again_after_the_refusal(void **state)
{
    (void)state;
    become_leader(0);
    propose(T, 7);
    receive(T + 1, 1,
            (struct message){.type = MESSAGE_APPENDED, .appended = {1, false, 0, 0, 2, 0}});
    assert_int_equal(said(MESSAGE_APPEND)->append.prev_index, 0);
    assert_int_equal(said(MESSAGE_APPEND)->append.entry_count, 2);
}

/* As leader, with a snapshot up to 10 and entries from 7 on. */
static void become_leader_with_snapshot(void)
{
    become_leader(0);
    for (int64_t i = 0; i < 9; i++)
        propose(T, i);
    sync_all(T);
    receive(T, 2, appended(1, 10, 0));
    struct buffer saved = {0};
    assert_true(buffer_append(&saved, (struct bytes){(const uint8_t *)"state", 5}));
    struct moment at = now(T);
    raft_compact(&rig.raft, &at, 10, &saved);
    look();
    sync_all(T);
    assert_int_equal(rig.raft.log.base_index, 6);
}

/* A follower whose log differs at the snapshot's last entry was probed for ever. */
static void a_log_that_differs_at_our_base_gets_the_snapshot(void **state)
{
    (void)state;
    become_leader_with_snapshot();
    receive(T, 1,
            (struct message){.type = MESSAGE_APPENDED, .appended = {1, false, 6, 0, 9, 0}});
    assert_int_equal(said(MESSAGE_APPEND)->append.prev_index, 6);
    receive(T, 1,
            (struct message){.type = MESSAGE_APPENDED, .appended = {1, false, 6, 0, 6, 0}});
    assert_non_null(said(MESSAGE_CHUNK));
}

/* It has all parts and has said so; that it installed them was lost on the way. */
static void a_follower_silent_about_its_snapshot_is_asked_again(void **state)
{
    (void)state;
    become_leader_with_snapshot();
    receive(T, 1,
            (struct message){.type = MESSAGE_APPENDED, .appended = {1, false, 0, 0, 9, 0}});
    const struct chunk *part = &said(MESSAGE_CHUNK)->chunk;
    receive(T, 1,
            (struct message){.type = MESSAGE_CHUNKED,
                             .chunked = {1, part->last_index, part->total_bytes}});
    assert_null(said(MESSAGE_CHUNK));
    tick(T + H);
    assert_non_null(said(MESSAGE_CHUNK));
}

/* --- reads ----------------------------------------------------------------- */

static void a_read_waits_for_a_round_that_began_after_it(void **state)
{
    (void)state;
    become_leader(0);
    struct moment at = now(T);
    struct raft_read read = raft_read(&rig.raft, &at);
    look();
    assert_int_equal(said(MESSAGE_APPEND)->append.round, read.round);
    assert_int_equal(read.index, rig.raft.first_index);
    receive(T, 1, appended(1, 1, read.round - 1));
    assert_true(rig.raft.confirmed_round < read.round);
    receive(T, 1, appended(1, 1, read.round));
    assert_int_equal(rig.raft.confirmed_round, read.round);
}

/* --- recovery -------------------------------------------------------------- */

static void recovery_keeps_term_vote_and_log(void **state)
{
    (void)state;
    struct entry e = noop(4);
    struct err err;
    struct raft again;
    struct buffer records = {0};
    open_rig(0, 0);
    receive(0, 1, vote(false, 4, 0, 0));
    /* The first says the term, the second the vote. */
    assert_int_equal(rig.out.count, 2);
    assert_true(buffer_append(&records, effect_bytes(&rig.out, &rig.out.items[1])));
    size_t first = records.size;
    receive(0, 1, append(4, 0, 0, 0, &e, 1));
    assert_int_equal(rig.out.items[0].type, EFFECT_APPEND);
    assert_true(buffer_append(&records, effect_bytes(&rig.out, &rig.out.items[0])));
    raft_init(&again, &rig.raft.config);
    assert_int_equal(raft_recover(&again, (struct bytes){records.at, first / 2}, &err),
                     ERR_DAMAGED);
    raft_done(&again);
    raft_init(&again, &rig.raft.config);
    assert_int_equal(raft_recover(&again, (struct bytes){records.at, first}, &err), ERR_OK);
    assert_int_equal(again.term, 4);
    assert_int_equal(again.voted_for, 1);
    assert_int_equal(
        raft_recover(&again, (struct bytes){records.at + first, records.size - first}, &err),
        ERR_OK);
    assert_int_equal(entry_log_last(&again.log), 1);
    assert_int_equal(again.disk.durable_index, 1);
    raft_done(&again);
    buffer_done(&records);
}

static void a_log_that_makes_no_sense_is_refused_with_a_sentence(void **state)
{
    (void)state;
    struct err err;
    open_rig(0, 0);
    const uint8_t unknown[] = {9}, gap[] = {2, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0};
    assert_int_equal(raft_recover(&rig.raft, (struct bytes){unknown, 1}, &err), ERR_DAMAGED);
    assert_string_equal(err.msg, "record type 9 is unknown");
    assert_int_equal(raft_recover(&rig.raft, (struct bytes){gap, sizeof gap}, &err),
                     ERR_DAMAGED);
    assert_string_equal(err.msg, "entries at 5 do not follow the log");
}

int main(void)
{
#define RAFT_TEST(name) cmocka_unit_test_teardown(name, close_rig)
    const struct CMUnitTest tests[] = {
        RAFT_TEST(nobody_raises_the_term_before_a_majority_would_vote),
        RAFT_TEST(a_candidate_asks_only_once_its_own_vote_is_on_disk),
        RAFT_TEST(a_vote_is_given_only_once_it_is_on_disk),
        RAFT_TEST(there_is_one_vote_per_term),
        RAFT_TEST(a_candidate_with_less_than_we_have_gets_no_vote),
        RAFT_TEST(who_hears_a_leader_does_not_help_to_depose_it),
        RAFT_TEST(a_leader_without_a_majority_steps_down),
        RAFT_TEST(a_leader_counts_itself_only_for_what_is_on_its_disk),
        RAFT_TEST(entries_of_older_terms_are_not_committed_by_counting),
        RAFT_TEST(a_follower_acknowledges_only_what_is_on_its_disk),
        RAFT_TEST(an_old_append_that_arrives_late_takes_nothing_away),
        RAFT_TEST(what_differs_is_cut_and_replaced),
        RAFT_TEST(a_refusal_tells_where_the_logs_may_meet),
        RAFT_TEST(a_lost_append_is_sent_again_after_the_refusal),
        RAFT_TEST(a_log_that_differs_at_our_base_gets_the_snapshot),
        RAFT_TEST(a_follower_silent_about_its_snapshot_is_asked_again),
        RAFT_TEST(a_read_waits_for_a_round_that_began_after_it),
        RAFT_TEST(recovery_keeps_term_vote_and_log),
        RAFT_TEST(a_log_that_makes_no_sense_is_refused_with_a_sentence),
    };
    return cmocka_run_group_tests_name("raft", tests, NULL, NULL);
}
