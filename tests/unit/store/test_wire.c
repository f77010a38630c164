#include "tests/support/test.h"

#include <stdio.h>

#include "store/wire.h"

static const struct entry two[] = {
    {.term = 2,
     .type = ENTRY_NOOP,
     .key = STORE_NIL,
     .argument = STORE_NIL,
     .expected = STORE_NIL},
    {.term = 3,
     .type = ENTRY_CHANGE,
     .kind = REQUEST_CAS,
     .table = 2,
     .client = 7,
     .sequence = 9,
     .key = -5,
     .argument = 11,
     .expected = 10},
};
static const struct entry *const change = &two[1];
static const int64_t members[] = {-4, 0, 12};
static const struct state_item items[] = {
    {.key = -9, .value = 4},
    {.key = 3, .value = STORE_NIL, .is_list = true, .member_count = 3, .members = members},
    {.key = 8, .value = STORE_NIL, .is_list = true},
};

static const struct message samples[] = {
    {.type = MESSAGE_HELLO, .hello = {77, HELLO_CLIENT, 12}},
    {.type = MESSAGE_HELLO, .hello = {77, HELLO_REPLICA, 6}},
    {.type = MESSAGE_REQUEST,
     .request = {7, 9, 1, REQUEST_READ, 4, STORE_NIL, STORE_NIL, REQUEST_LOCAL}},
    {.type = MESSAGE_REQUEST,
     .request = {7, 9, 1, REQUEST_CAS, 4, -1, STORE_NIL, REQUEST_LINEARIZABLE}},
    {.type = MESSAGE_REPLY,
     .reply = {7, 9, REPLY_FAIL, REASON_NOT_LEADER, 2, 1, STORE_NIL, 0, false, 0, NULL}},
    {.type = MESSAGE_REPLY,
     .reply = {7, 9, REPLY_OK, REASON_NONE, STORE_NODE_NONE, 0, STORE_NIL, 5, true, 3,
               members}},
    {.type = MESSAGE_ASK_READY},
    {.type = MESSAGE_READY, .ready = {true}},
    {.type = MESSAGE_ASK_ROLE, .ask_role = {15}},
    {.type = MESSAGE_ROLE, .role = {1, true, 8, 3}},
    {.type = MESSAGE_ASK_STATE, .ask_state = {1, INT64_MIN}},
    {.type = MESSAGE_STATE, .state = {1, true, 9, 3, items}},
    {.type = MESSAGE_PING},
    {.type = MESSAGE_VOTE, .vote = {true, 4, 100, 3}},
    {.type = MESSAGE_VOTED, .voted = {false, true, 4}},
    {.type = MESSAGE_APPEND, .append = {3, 10, 2, 9, 77, 2, two}},
    {.type = MESSAGE_APPENDED, .appended = {3, true, 12, 0, 0, 77}},
    {.type = MESSAGE_APPENDED, .appended = {3, false, 8, 2, 10, 77}},
    {.type = MESSAGE_CHUNK, .chunk = {5, 20, 4, 100, 64, {(const uint8_t *)"snap", 4}}},
    {.type = MESSAGE_CHUNKED, .chunked = {5, 20, 68}},
    {.type = MESSAGE_SHIP, .ship = {2, 3, 10, 2, 2, two}},
    {.type = MESSAGE_SHIPPED, .shipped = {2, 3, false, 8, 2, 10}},
    {.type = MESSAGE_RENEW, .renew = {2, 3, 123456}},
    {.type = MESSAGE_RENEWED, .renew = {2, 3, 123456}},
    {.type = MESSAGE_ASK_POSITION, .ask_position = {2, 4}},
    {.type = MESSAGE_POSITION, .position = {2, 4, 10, 2}},
};

static void every_message_survives_the_wire(void **state)
{
    (void)state;
    struct wire_space space = {0};
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        print_message("  %s\n", message_type_name((int)samples[i].type));
        struct buffer first = {0}, second = {0};
        struct message got;
        struct err err = {0};
        assert_true(wire_encode(&samples[i], &first));
        assert_int_equal(wire_decode(buffer_bytes(&first), &space, &got, &err), ERR_OK);
        assert_int_equal(got.type, samples[i].type);
        assert_true(wire_encode(&got, &second));
        assert_int_equal(first.size, second.size);
        assert_memory_equal(first.at, second.at, first.size);
        buffer_done(&first);
        buffer_done(&second);
    }
    wire_space_done(&space);
}

static void fields_arrive_as_they_were_sent(void **state)
{
    (void)state;
    struct wire_space space = {0};
    struct buffer frame = {0};
    struct message got;
    struct err err = {0};
    assert_true(wire_encode(&samples[15], &frame));
    assert_int_equal(wire_decode(buffer_bytes(&frame), &space, &got, &err), ERR_OK);
    assert_int_equal(got.append.entry_count, 2);
    const struct entry *e = &got.append.entries[1];
    assert_int_equal(e->kind, REQUEST_CAS);
    assert_true(e->key == -5 && e->argument == 11 && e->expected == 10);
    assert_true(e->client == 7 && e->sequence == 9 && e->table == 2 && e->term == 3);
    buffer_done(&frame);
    wire_space_done(&space);
}

/* Every message cut short anywhere, or with a byte too many, is refused. */
static void no_message_is_read_from_a_shorter_or_longer_frame(void **state)
{
    (void)state;
    struct wire_space space = {0};
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        struct buffer frame = {0};
        assert_true(wire_encode(&samples[i], &frame));
        assert_true(buffer_append(&frame, (struct bytes){(const uint8_t *)"", 1}));
        for (size_t size = 0; size <= frame.size; size++) {
            struct message got;
            struct err err = {0};
            bool whole = size == frame.size - 1;
            enum err_code code =
                wire_decode((struct bytes){frame.at, size}, &space, &got, &err);
            assert_int_equal(code, whole ? ERR_OK : ERR_INVALID);
            assert_true(whole || err.msg[0]);
        }
        buffer_done(&frame);
    }
    wire_space_done(&space);
}

/* A sample with one byte changed, and what must be said of it. */
static const struct {
    size_t sample, at;
    uint8_t value;
    const char *message;
} cases[] = {
    {0, 0, 2, "version: 2 is not 1"},
    {0, 1, 99, "type: 99 is no message"},
    {0, 10, 2, "hello: who: 2 is above 1"},
    {0, 18, 0, "hello: id: 0 is below 1"},
    {1, 18, 7, "hello: id: 7 is above 6"},
    {2, 9, 0, "request: client: 0 is below 1"},
    {2, 21, 16, "request: table: 16 is above 15"},
    {2, 22, 6, "request: kind: 6 is above 5"},
    {2, 22, 1, "request: argument: is missing"},
    {2, 31, 0, "request: argument: is set, but not taken here"},
    {2, 39, 0, "request: expected: is set, but only cas takes it"},
    {3, 47, 1, "request: level: local is for reads only"},
    {4, 18, 0, "reply: reason: goes with every status but ok"},
    {4, 20, 8, "reply: leader: is neither a node's number nor 255"},
    {5, 21, 255, "reply: node: 255 names no node"},
    {5, 38, 0, "reply: is_list: does not fit the other fields"},
    {5, 43, 0x7f, "reply: members: are not in rising order"},
    {7, 2, 2, "ready: ready: 2 is above 1"},
    {11, 6, 0, "state: next_key: is set although nothing follows"},
    {11, 40, 0x80, "state: item.key: is not above the one before"},
    {13, 10, 0, "vote: term: 0 is below 1"},
    {15, 54, 4, "append: entry.type: 4 is above 2"},
};

static void a_wrong_field_is_named_with_its_value(void **state)
{
    (void)state;
    struct wire_space space = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("  %s\n", cases[i].message);
        struct buffer frame = {0};
        struct message got;
        struct err err = {0};
        assert_true(wire_encode(&samples[cases[i].sample], &frame));
        frame.at[cases[i].at] = cases[i].value;
        assert_int_equal(wire_decode(buffer_bytes(&frame), &space, &got, &err), ERR_INVALID);
        assert_string_equal(err.msg, cases[i].message);
        buffer_done(&frame);
    }
    wire_space_done(&space);
}

static void an_entry_survives_the_log(void **state)
{
    (void)state;
    uint8_t space[WIRE_ENTRY_BYTES];
    struct entry got;
    struct err err = {0};
    wire_entry_encode(change, space);
    assert_int_equal(wire_entry_decode((struct bytes){space, sizeof space}, &got, &err),
                     ERR_OK);
    assert_true(got.key == change->key && got.expected == change->expected);
    space[7] = 0;
    assert_int_equal(wire_entry_decode((struct bytes){space, sizeof space}, &got, &err),
                     ERR_INVALID);
    assert_string_equal(err.msg, "log: entry.term: 0 is below 1");
}

int main(int argc, char **argv)
{
    /* With a folder: write the samples there, as the first corpus of the fuzzer. */
    for (size_t i = 0; argc == 2 && i < ARRAY_LEN(samples); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s-%zu", argv[1],
                 message_type_name((int)samples[i].type), i);
        struct buffer frame = {0};
        FILE *file = wire_encode(&samples[i], &frame) ? fopen(path, "wb") : NULL;
        if (!file || fwrite(frame.at, frame.size, 1, file) != 1 || fclose(file))
            return 1;
        buffer_done(&frame);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_survives_the_wire),
        cmocka_unit_test(fields_arrive_as_they_were_sent),
        cmocka_unit_test(no_message_is_read_from_a_shorter_or_longer_frame),
        cmocka_unit_test(a_wrong_field_is_named_with_its_value),
        cmocka_unit_test(an_entry_survives_the_log),
    };
    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
