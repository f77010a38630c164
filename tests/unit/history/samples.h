/* Rows that several tests of histories write. */
#ifndef TESTS_UNIT_HISTORY_SAMPLES_H
#define TESTS_UNIT_HISTORY_SAMPLES_H

#include <stdio.h>

#include "history/history.h"
#include "history/writer.h"

static inline int64_t sample_op(struct history_writer *w, enum op_kind kind, int64_t key,
                                int64_t argument, int64_t at_ns)
{
    int64_t process = kind == OP_READ ? 4 : kind == OP_TXN ? 5 : 3; /* one open each */
    struct op_row row = {
        .process = process,
        .session = process,
        .operation = {.kind = kind,
                      .key = key,
                      .argument = argument,
                      .expected = kind == OP_CAS ? 4 : OP_NIL,
                      .request_id = 77},
        .intended_at_ns = at_ns - 1,
        .invoked_at_ns = at_ns,
    };
    return history_op(w, &row);
}

static inline void sample_ret(struct history_writer *w, int64_t op, int64_t result,
                              int64_t at_ns)
{
    struct answer answer = {.result = result, .version = OP_NIL, .node = 1};
    history_ret(w, op, at_ns, &answer);
}

static inline void sample_names(struct history_writer *w)
{
    history_meta(w, "scenario", "two regions");
    history_region(w, 0, "us-east");
    history_region(w, 1, "eu-west");
    history_node(w, 0, "us-east-1", 0);
    history_node(w, 1, "eu-west-1", 1);
    history_table(w, 0, "accounts");
    history_table(w, 1, "carts");
    history_promise(w, &(struct promise){.table = 0,
                                         .type = "register",
                                         .mode = "consensus",
                                         .level = "linearizable",
                                         .checks = "linearizable,convergence"});
}

/* One row of every kind: ROWS_OF_EVERY_KIND rows. */
enum { ROWS_OF_EVERY_KIND = 22 };
static inline void sample_every_kind(struct history_writer *w)
{
    const int64_t members[] = {9, -2, 40};
    sample_names(w);
    int64_t write = sample_op(w, OP_WRITE, 1, 5, 100);
    int64_t read = sample_op(w, OP_READ, 1, OP_NIL, 110);
    history_attempt(w, write, &(struct attempt){1, 0, 100, 115, OUTCOME_UNKNOWN, "reset"});
    history_fault(w, &(struct fault_row){1, "partition", "on", 120, "isolate: eu-west",
                                         "{\"nodes\": [1]}", NULL});
    sample_ret(w, read, OP_NIL, 130);
    sample_ret(w, write, OP_NIL, 140);
    history_event(w, 150, "leader", 1, "2");
    history_sample(w, 160, "lag", -1, 0.25);
    int64_t set = sample_op(w, OP_MEMBERS, 2, OP_NIL, 170);
    history_ret(w, set, 180,
                &(struct answer){.result = OP_NIL,
                                 .members = members,
                                 .member_count = 3,
                                 .is_list = true,
                                 .level = LEVEL_LOCAL,
                                 .version = 12,
                                 .node = -1});
    int64_t txn = sample_op(w, OP_TXN, OP_NIL, OP_NIL, 190);
    history_micro(w, &(struct micro_row){txn, 0, OP_READ, history_text_id(w, "a key"), OP_NIL,
                                         history_integer_id(w, INT64_MAX)});
    int64_t late = sample_op(w, OP_CAS, 1, 6, 200);
    history_ret(w, late, 210,
                &(struct answer){.outcome = OUTCOME_UNKNOWN,
                                 .result = OP_NIL,
                                 .version = OP_NIL,
                                 .node = -1,
                                 .error = "timed out"});
}

#endif
