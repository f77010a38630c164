/* Each foreign format: what small files of it become. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/reading.h"

/* `text`, read as `format`, which is also what it is recognised as, is `rows`. */
static void reads(const char *format, const char *text, const char *rows)
{
    struct err err;
    struct reading reading;
    struct history *h = reading_of(text, strlen(text), NULL, &reading, &err);
    if (!h)
        fail_msg("%s\n%s", text, err.msg);
    assert_string_equal(reading.reader->about.name, format);
    char *got = reading_rows(h, &reading);
    history_free(h);
    if (strcmp(got, rows) != 0)
        fail_msg("%s\nbecame\n%s\ninstead of\n%s", text, got, rows);
    free(got);
}

static void edn_of_a_register(void **state)
{
    (void)state;
    reads("edn",
          "; a comment\n"
          "{:process 3, :type :invoke, :f :write, :value 7}\n"
          "{:f :read :process 4 :value nil :type :invoke}\n"
          "{:process 3, :type :ok, :f :write, :value 7}\n"
          "{:process 4, :type :ok, :f :read, :value 7}\n",
          "register\n"
          "3 write k=0 7 ok - @0-2\n"
          "4 read k=0 ok 7 @1-3\n");
}

static void edn_of_a_cas_register_in_a_vector(void **state)
{
    (void)state;
    reads("edn",
          "[{:process 1, :type :invoke, :f :cas, :value [0 1]}\n"
          " {:process 1, :type :fail, :f :cas, :value [0 1]}\n"
          " {:process 1, :type :invoke, :f :cas, :value [nil :a]}\n"
          " {:process 1, :type :info, :f :cas, :value :timed-out, :error \"?\"}\n"
          " {:process 1, :type :invoke, :f :read, :value nil}\n"
          " {:process 1, :type :ok, :f :read, :value nil}]\n",
          "cas-register\n"
          "1 cas k=0 0>1 fail (failed) @0-1\n"
          "1 cas k=0 ->\":a\" unknown (no answer) @2-3\n"
          "1 read k=0 unknown (no answer) @4-5\n");
}

static void edn_of_a_list_may_span_and_share_lines(void **state)
{
    (void)state;
    reads("edn",
          "(\n{:process\n0,:type :invoke\n:f ; what\n:write :value\n\"a\n\\\"b\\u00e9\"}"
          "{:process :nemesis :type :info :f :start :value {:a #{1}}}\n"
          "#_ {:process 9} #jepsen.history.Op{:process 0 :type :ok :f :write :value nil})",
          "register\n"
          "0 write k=0 \"a\n\"b\xc3\xa9\" ok - @0-1\n");
}

static void edn_values_of_other_kinds_are_texts(void **state)
{
    (void)state;
    reads("edn",
          "{:process 0 :type :invoke :f :write :value {:a [1.50, \"x\"]}}\n"
          "{:process 1 :type :invoke :f :write :value #{ ( 1 2 3 ) }}\n"
          "{:process 2 :type :invoke :f :write :value true}\n"
          "{:process 3 :type :invoke :f :write :value 99999999999999999999}\n"
          "{:process 4 :type :invoke :f :write :value 9223372036854775807}\n"
          "{:process 5 :type :invoke :f :write :value -9223372036854775808}\n"
          "{:process 6 :type :invoke :f :write :value +7N}\n"
          "{:process 7 :type :invoke :f :write :value \\]}\n"
          "{:process 8 :type :invoke :f :write :value 9223372036854775808}\n",
          "register\n"
          "0 write k=0 \"{:a [1.50 \"x\"]}\" unknown @0-\n"
          "1 write k=0 \"#{(1 2 3)}\" unknown @1-\n"
          "2 write k=0 \"true\" unknown @2-\n"
          "3 write k=0 \"99999999999999999999\" unknown @3-\n"
          "4 write k=0 9223372036854775807 unknown @4-\n"
          "5 write k=0 -9223372036854775808 unknown @5-\n"
          "6 write k=0 7 unknown @6-\n"
          "7 write k=0 \"\\]\" unknown @7-\n"
          "8 write k=0 \"9223372036854775808\" unknown @8-\n");
}

static void edn_of_keys(void **state)
{
    (void)state;
    reads("edn",
          "{:process 0 :type :invoke :f :append :key \"a\" :value \"x\"}\n"
          "{:process 0 :type :ok :f :append :key \"a\" :value \"x\"}\n"
          "{:process 0 :type :invoke :f :put :key 2 :value \"\"}\n"
          "{:process 0 :type :ok :f :put :key 2 :value \"\"}\n"
          "{:process 0 :type :invoke :f :get :key \"a\" :value nil}\n"
          "{:process 0 :type :ok :f :get :key \"a\" :value \"x\"}\n",
          "kv\n"
          "0 append k=\"a\" \"x\" ok - @0-1\n"
          "0 write k=2 \"\" ok - @2-3\n"
          "0 read k=\"a\" ok \"x\" @4-5\n");
}

static void edn_of_several_registers_at_once(void **state)
{
    (void)state;
    reads("edn",
          "{:process 0 :type :invoke :f :txn :value [[:read :x nil] [:w :y 2]]}\n"
          "{:process 0 :type :ok :f :txn :value [[:read :x 0] [:w :y 2]]}\n"
          "{:process 0 :type :invoke :f :txn :value [[:r :x nil] [:write :y 3]]}\n"
          "{:process 0 :type :ok :f :txn :value [[:r :x nil] [:write :y 3]]}\n"
          "{:process 0 :type :invoke :f :txn :value [[:r :x nil]]}\n"
          "{:process 0 :type :ok :f :txn :value nil}\n"
          "{:process 0 :type :invoke :f :txn :value [[:r :x nil] [:w :x 4]]}\n"
          "{:process 0 :type :info :f :txn :value :lost}\n"
          "{:process 1 :type :invoke :f :txn :value [[:w :x 5]]}\n",
          "multi-register\n"
          "0 txn k=- [read \":x\" 0] [write \":y\" 2] ok - @0-1\n"
          "0 txn k=- [write \":y\" 3] ok - @2-3\n"
          "0 txn k=- [read \":x\" -] unknown (no answer) @4-5\n"
          "0 txn k=- [read \":x\" -] [write \":x\" 4] unknown (no answer) @6-7\n"
          "1 txn k=- [write \":x\" 5] unknown @8-\n");
}

static void edn_of_a_mutex(void **state)
{
    (void)state;
    reads("edn",
          "[{:type :invoke, :f :acquire, :process 1, :time 50, :index 0}\n"
          "{:type :ok, :f :acquire, :process 1, :time 60, :index 1}\n"
          "{:type :invoke, :f :release, :process 1, :time 60, :index 2}\n"
          "{:type :fail, :f :release, :process 1, :time 55, :error :no, :index 3}]\n",
          "mutex\n"
          "1 acquire k=0 ok - @50-60\n"
          "1 release k=0 fail (failed) @61-62\n");
}

static void edn_of_a_queue(void **state)
{
    (void)state;
    reads("edn",
          "{:process 0 :type :invoke :f :enqueue :value 1}\n"
          "{:process 0 :type :ok :f :enqueue :value 1}\n"
          "{:process 0 :type :invoke :f :dequeue}\n"
          "{:process 0 :type :ok :f :dequeue :value 1}\n"
          "{:process 0 :type :invoke :f :dequeue}\n"
          "{:process 0 :type :ok :f :dequeue :value nil}\n",
          "queue\n"
          "0 enqueue k=0 1 ok - @0-1\n"
          "0 dequeue k=0 ok 1 @2-3\n"
          "0 dequeue k=0 ok - @4-5\n");
}

static void edn_of_a_set(void **state)
{
    (void)state;
    reads("edn",
          "{:process 1 :type :invoke :f :read}\n"
          "{:process 1 :type :ok :f :read :value #{}}\n"
          "{:process 0 :type :invoke :f :add :value 3}\n"
          "{:process 0 :type :ok :f :add :value 3}\n"
          "{:process 1 :type :invoke :f :read}\n"
          "{:process 1 :type :ok :f :read :value (3 1 1 4)}\n",
          "set\n"
          "1 members k=0 ok [] @0-1\n"
          "0 add k=0 3 ok - @2-3\n"
          "1 members k=0 ok [1 3 4] @4-5\n");
}

static void edn_of_a_counter_is_read_as_one_number(void **state)
{
    (void)state;
    reads("edn",
          "{:process 0 :type :invoke :f :add :value 3}\n"
          "{:process 0 :type :ok :f :add :value 3}\n"
          "{:process 1 :type :invoke :f :read}\n"
          "{:process 1 :type :ok :f :read :value 3}\n",
          "counter\n"
          "0 increment k=0 3 ok - @0-1\n"
          "1 read k=0 ok 3 @2-3\n");
}

static void edn_without_order_is_sorted_by_time(void **state)
{
    (void)state;
    reads("edn",
          "{:process 0 :type :invoke :f :write :value 1 :time 10}\n"
          "{:process 0 :type :ok :f :write :value 1 :time 30}\n"
          "{:process 1 :type :invoke :f :read :time 30}\n"
          "{:process 1 :type :ok :f :read :value 1 :time 40}\n"
          "{:process 2 :type :invoke :f :read :time 5}\n",
          "register\n"
          "2 read k=0 unknown @5-\n"
          "0 write k=0 1 ok - @10-30\n"
          "1 read k=0 ok 1 @30-40\n");
    /* In order, the later of two rows of one instant came after the other. */
    reads("edn",
          "{:process 0 :type :invoke :f :write :value 1 :time 10}\n"
          "{:process 0 :type :ok :f :write :value 1 :time 30}\n"
          "{:process 1 :type :invoke :f :read :time 30}\n",
          "register\n"
          "0 write k=0 1 ok - @10-30\n"
          "1 read k=0 unknown @31-\n");
}

static void edn_with_an_index_is_sorted_by_it(void **state)
{
    (void)state;
    reads("edn",
          "{:process 0 :type :ok :f :write :value 1 :index 7}\n"
          "{:process 0 :type :invoke :f :write :value 1 :index 2}\n",
          "register\n"
          "0 write k=0 1 ok - @0-1\n");
}

static void edn_of_nothing(void **state)
{
    (void)state;
    reads("edn", "[]", "register\n");
}

static void jepsen_log(void **state)
{
    (void)state;
    reads("jepsen-log",
          "INFO  jepsen.core - Starting\n"
          "\tat some.Java(line:4)\n\n"
          "INFO  jepsen.util - 0\t:invoke\t:read\tnil\n"
          "INFO  jepsen.util - 1\t:invoke\t:cas\t[3 0]\n"
          "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n"
          "INFO  jepsen.util - 0\t:ok\t:read\tnil\n"
          "INFO  jepsen.util - 1\t:fail\t:cas\t[3 0]\n"
          "INFO  jepsen.util - 0\t:invoke\t:write\t4\n"
          "INFO  jepsen.util - 0\t:info\t:write\t:timed-out\n"
          "INFO  jepsen.util - 5\t:invoke\t:read\tnil\n"
          "INFO  jepsen.util - 5\t:fail\t:read\t:timed-out\n"
          "2015-01-01 10:00 INFO jepsen.util - 6\t:invoke\t:cas\t[1 2]\n"
          "INFO  jepsen.util - 6\t:info\t:cas\tjava.io: \"lost\n",
          "cas-register\n"
          "0 read k=0 ok - @0-2\n"
          "1 cas k=0 3>0 fail (another value was found) @1-3\n"
          "0 write k=0 4 unknown (no answer) @4-5\n"
          "5 read k=0 fail (failed) @6-7\n"
          "6 cas k=0 1>2 unknown (no answer) @8-9\n");
}

static void limo_of_a_queue(void **state)
{
    (void)state;
    reads("limo",
          "# @object atomic-queue\n\n"
          "[1] call enq(a)\n"
          "    [2] call deq # why not\n"
          "[1] return\n"
          "[2] return a\n"
          "[2] call deq()\n"
          "[2] return empty",
          "queue\n"
          "1 enqueue k=0 \"a\" ok - @1-3\n"
          "2 dequeue k=0 ok \"a\" @2-4\n"
          "2 dequeue k=0 ok - @5-6\n");
}

static void limo_of_a_stack(void **state)
{
    (void)state;
    reads("limo",
          "[1] call push(?<0,0>)\n"
          "[1] return\n"
          "[1] call pop(?<0,0>)\n"
          "[1] return\n"
          "[1] call push 7\n"
          "[1] return\n"
          "[2] call pop\n"
          "[2] return\n"
          "[3] call pop\n"
          "[3] call pop\n"
          "[3] return 7\n"
          "[4] call pop\n"
          "# @object atomic-stack",
          "stack\n"
          "1 push k=0 \"?<0,0>\" ok - @1-2\n"
          "1 pop k=0 ok \"?<0,0>\" @3-4\n"
          "1 push k=0 7 ok - @5-6\n"
          "2 pop k=0 ok - @7-8\n"
          "3 pop k=0 unknown (no answer) @9-10\n"
          "3 pop k=0 ok 7 @10-11\n"
          "4 pop k=0 unknown @12-\n");
}

static void fastlin_gives_each_operation_the_lowest_free_process(void **state)
{
    (void)state;
    reads("fastlin",
          "# stack\n"
          "peek -1 0 9\n"
          "push 4 1 2\n"
          "pop 4 2 3\n"
          "push 5 2 2\n",
          "stack\n"
          "0 peek k=0 ok - @1-18\n"
          "1 push k=0 4 ok - @3-4\n"
          "1 push k=0 5 ok - @5-5\n"
          "1 pop k=0 ok 4 @5-6\n");
    reads("fastlin",
          "# queue\n"
          "enq 1 0 6\n"
          "enq 2 1 5\n"
          "enq 3 2 4\n"
          "enq 4 3 7\n"
          "deq 1 8 12\n"
          "deq 2 9 12\n"
          "deq 3 10 12\n"
          "deq 4 11 12\n",
          "queue\n"
          "0 enqueue k=0 1 ok - @1-12\n"
          "1 enqueue k=0 2 ok - @3-10\n"
          "2 enqueue k=0 3 ok - @5-8\n"
          "3 enqueue k=0 4 ok - @7-14\n"
          "0 dequeue k=0 ok 1 @17-24\n"
          "1 dequeue k=0 ok 2 @19-24\n"
          "2 dequeue k=0 ok 3 @21-24\n"
          "3 dequeue k=0 ok 4 @23-24\n");
}

static void fptlin_of_every_type(void **state)
{
    (void)state;
    reads("fptlin", "# queue\n3 1 2 ENQ 8\n3 2 4 DEQ 8\n1 3 4 PEEK -1",
          "queue\n"
          "3 enqueue k=0 8 ok - @3-4\n"
          "3 dequeue k=0 ok 8 @5-8\n"
          "1 peek k=0 ok - @7-8\n");
    reads("fptlin", "# priorityqueue\n0 0 1 INSERT 2\n0 1 2 POLL 2\n",
          "priority-queue\n"
          "0 insert k=0 2 ok - @1-2\n"
          "0 poll k=0 ok 2 @3-4\n");
    reads("fptlin", "# set\n0 0 1 INSERT 2 1\n0 1 2 CONTAINS 2 1\n0 2 3 REMOVE 2 0\n",
          "set\n"
          "0 add k=0 2 ok 1 @1-2\n"
          "0 contains k=0 2 ok 1 @3-4\n"
          "0 remove k=0 2 ok 0 @5-6\n");
    reads("fptlin", "# rmw\n0 0 1 READ_MODIFY_WRITE 0 -1\n",
          "rmw\n"
          "0 rmw k=0 -1 ok 0 @1-2\n");
    reads("fptlin", "# semaphore\n0 0 1 INCR 1\n0 1 2 DECR 1\n0 2 3 DECR 0\n",
          "semaphore\n"
          "0 release k=0 ok - @1-2\n"
          "0 acquire k=0 ok 1 @3-4\n"
          "0 acquire k=0 ok 0 @5-6\n");
}

static void tsv(void **state)
{
    (void)state;
    reads("tsv",
          "#H 1\n"
          "0\t5\tread\t0\t0\t-1\tfalse\tfalse\t30\t40\n"
          "0\t5\twrite\t7\t0\t0\tfalse\tfalse\t10\t20\n"
          "1\t5\tcas\t7\t8\t0\ttrue\tfalse\t12\t20\n"
          "1\t6\tcas\t-1\t8\t0\tfalse\tfalse\t20\t22\n"
          "2\t6\tcas\t1\t2\t0\tfalse\ttrue\t15\t2305843009213693951\n"
          "2\t6\tread\t0\t0\t3\tfalse\tfalse\t16\t17\n"
          "#E\n",
          "cas-register\n"
          "0 write k=5 7 ok - @10-20\n"
          "1 cas k=5 7>8 ok - @12-20\n"
          "2 cas k=6 1>2 unknown (no answer) @15-16\n"
          "2 read k=6 ok 3 @16-17\n"
          "1 cas k=6 ->8 fail (another value was found) @20-22\n"
          "0 read k=5 ok - @30-40\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edn_of_a_register),
        cmocka_unit_test(edn_of_a_cas_register_in_a_vector),
        cmocka_unit_test(edn_of_a_list_may_span_and_share_lines),
        cmocka_unit_test(edn_values_of_other_kinds_are_texts),
        cmocka_unit_test(edn_of_keys),
        cmocka_unit_test(edn_of_several_registers_at_once),
        cmocka_unit_test(edn_of_a_mutex),
        cmocka_unit_test(edn_of_a_queue),
        cmocka_unit_test(edn_of_a_set),
        cmocka_unit_test(edn_of_a_counter_is_read_as_one_number),
        cmocka_unit_test(edn_without_order_is_sorted_by_time),
        cmocka_unit_test(edn_with_an_index_is_sorted_by_it),
        cmocka_unit_test(edn_of_nothing),
        cmocka_unit_test(jepsen_log),
        cmocka_unit_test(limo_of_a_queue),
        cmocka_unit_test(limo_of_a_stack),
        cmocka_unit_test(fastlin_gives_each_operation_the_lowest_free_process),
        cmocka_unit_test(fptlin_of_every_type),
        cmocka_unit_test(tsv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
