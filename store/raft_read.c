/* Linearizable reads without writing (thesis 6.4): a leader shows its state only after
 * a majority has confirmed, in answer to something sent after the read came in, that
 * it still leads. Reads that come together share a round. */
#include <assert.h>

#include "store/raft_parts.h"

static uint64_t round_of(const struct follower *f)
{
    return f->round;
}

static bool may_begin(const struct raft *r)
{
    return r->round - r->confirmed_round < RAFT_ROUNDS_IN_FLIGHT_MAX;
}

/* An empty append is enough, whatever the follower's log looks like: agreeing or not, it
 * echoes the round. */
static void begin_round(struct raft *r, const struct moment *at)
{
    r->round++;
    r->round_wanted = false;
    for (uint8_t to = 0; to < r->config.node_count; to++) {
        if (to == r->config.id)
            continue;
        struct append m = {.term = r->term,
                           .prev_index = r->log.base_index,
                           .prev_term = r->log.base_term,
                           .round = r->round};
        uint64_t match = r->followers[to].match_index;
        if (match > m.prev_index) {
            m.prev_index = match;
            m.prev_term = entry_log_term(&r->log, match);
        }
        m.commit_index = r->commit_index;
        raft_send(r, at, to, &(struct message){.type = MESSAGE_APPEND, .append = m});
    }
    r->confirmed_round = raft_majority_value(r, r->round, round_of);
}

/* Some follower may have echoed a higher round. */
void raft_round_heard(struct raft *r, const struct moment *at)
{
    r->confirmed_round = raft_majority_value(r, r->round, round_of);
    if (r->round_wanted && may_begin(r))
        begin_round(r, at);
}

/* The no-op of our term stands for everything committed before it (6.4, step 1). */
struct raft_read raft_read(struct raft *r, const struct moment *at)
{
    assert(r->role == RAFT_LEADER);
    uint64_t index = r->commit_index > r->first_index ? r->commit_index : r->first_index;
    struct raft_read read = {.index = index, .round = r->round + 1};
    if (may_begin(r))
        begin_round(r, at);
    else
        r->round_wanted = true;
    return read;
}
