/* What `faultline doctor` finds out, and what `faultline heal` finds and removes. */
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/lab.h"
#include "injector/netlink.h"
#include "injector/probe.h"
#include "injector/residue.h"
#include "tests/support/topology.h"

static void print_probe(const struct probe *p)
{
    print_message("%-20s %-4s %s\n", p->name, p->works ? "yes" : "no",
                  p->works ? p->purpose : p->detail);
}

static void every_feature_is_tried_and_explained(void **state)
{
    (void)state;
    struct probe all[PROBES];
    struct err err;
    assert_int_equal(probe_all(all, &err), ERR_OK);
    for (size_t i = 0; i < PROBES; i++) {
        print_probe(&all[i]);
        assert_true(strlen(all[i].purpose) > 10 && strlen(all[i].without) > 10);
        assert_int_equal(all[i].works, all[i].detail[0] == 0);
    }
}

/* The doctor must not call a machine fit on which the lab fails, nor the reverse. */
static void the_doctor_agrees_with_the_lab(void **state)
{
    (void)state;
    struct probe all[PROBES];
    struct err err;
    assert_int_equal(probe_all(all, &err), ERR_OK);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct topology topology = topology_of_three(1);
        struct lab_setup setup = {.topology = &topology, .shaper = LAB_AUTO};
        struct lab *lab;
        _exit(cage_enter(&err) || lab_new(&setup, &lab, &err) ? 1 : 0);
    }
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    assert_int_equal(WEXITSTATUS(status) == 0, probe_local_works(all));
}

/* --- residue --- */

static void pretend_to_be_init(int ready)
{
    prctl(PR_SET_NAME, "faultline-init");
    alarm(60); /* should the test fail to end us */
    if (write(ready, "", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

/* An init whose front has died, or (not `orphaned`) still lives: it is us. */
static pid_t start_init(bool orphaned)
{
    int ready[2], number[2];
    pid_t pid = 0;
    char go;
    assert_int_equal(pipe(ready) || pipe(number), 0);
    fflush(NULL);
    pid_t front = fork();
    if (front == 0) {
        pid_t init = orphaned ? fork() : 0;
        if (init == 0)
            pretend_to_be_init(ready[1]);
        _exit(write(number[1], &init, sizeof init) == sizeof init ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &go, 1), 1);
    if (orphaned) {
        assert_int_equal(read(number[0], &pid, sizeof pid), sizeof pid);
        assert_int_equal(waitpid(front, NULL, 0), front);
    }
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(number[i]);
    }
    return orphaned ? pid : front;
}

static bool lists_process(const struct residue *r, pid_t pid)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->items[i].kind == RESIDUE_PROCESS && r->items[i].pid == pid)
            return true;
    return false;
}

static void an_orphaned_run_is_found_and_a_living_one_is_not(void **state)
{
    (void)state;
    struct residue found;
    struct err err;
    pid_t dead = start_init(true), alive = start_init(false);
    assert_int_equal(residue_find(&found, &err), ERR_OK);
    assert_true(lists_process(&found, dead));
    assert_false(lists_process(&found, alive));

    /* Only what this test made: the machine may have more. */
    struct residue ours = {.count = 1};
    for (uint32_t i = 0; i < found.count; i++)
        if (found.items[i].pid == dead)
            ours.items[0] = found.items[i];
    assert_int_equal(residue_heal(&ours, &err), ERR_OK);
    assert_int_equal(residue_find(&found, &err), ERR_OK);
    assert_false(lists_process(&found, dead));
    assert_int_equal(kill(alive, 0), 0);
    kill(alive, SIGKILL);
    waitpid(alive, NULL, 0);
}

/* A table as someone might have made it who knew nothing of owners. */
static enum err_code make_table(struct err *err)
{
    struct nl_sock *s;
    struct netlink_batch b;
    struct nfgenmsg header = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};
    if (netlink_open(NETLINK_NETFILTER, &s, err))
        return err->code;
    netlink_batch_begin(&b, s, NFNL_SUBSYS_NFTABLES);
    struct request r = request_begin(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE, NLM_F_CREATE,
                                     (struct bytes){(uint8_t *)&header, sizeof header});
    request_text(&r, NFTA_TABLE_NAME, "faultline-old");
    netlink_batch_add(&b, &r);
    enum err_code code = netlink_batch_commit(&b, err);
    netlink_close(s);
    return code;
}

static uint32_t table_count(void)
{
    struct residue found;
    struct err err;
    uint32_t count = 0;
    if (residue_find(&found, &err))
        _exit(90);
    for (uint32_t i = 0; i < found.count; i++)
        count += found.items[i].kind == RESIDUE_TABLE;
    return count;
}

static int find_and_heal_a_table(void)
{
    struct err err;
    struct residue found;
    if (make_table(&err))
        return 2;
    if (table_count() != 1 || residue_find(&found, &err))
        return 3;
    /* Not the processes: they may be of another test. */
    for (uint32_t i = 0; i < found.count; i++)
        if (found.items[i].kind == RESIDUE_TABLE) {
            struct residue one = {.count = 1, .items = {found.items[i]}};
            if (residue_heal(&one, &err))
                return 4;
        }
    return table_count() == 0 ? 0 : 5;
}

static void a_table_without_owner_is_found_and_removed(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct err err;
        _exit(cage_enter(&err) ? 77 : find_and_heal_a_table());
    }
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_feature_is_tried_and_explained),
        cmocka_unit_test(the_doctor_agrees_with_the_lab),
        cmocka_unit_test(an_orphaned_run_is_found_and_a_living_one_is_not),
        cmocka_unit_test(a_table_without_owner_is_found_and_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
