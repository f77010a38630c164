#include "injector/residue.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "injector/lab.h"
#include "injector/netlink.h"
#include "injector/nftables.h"

enum { DEATH_WAIT_MS = 2000 };

static struct residue_item *next_item(struct residue *r)
{
    return r->count < RESIDUE_MAX ? &r->items[r->count++] : NULL;
}

/* --- processes --- */

/* The few words of /proc/PID/stat that matter: "PID (NAME) STATE PARENT ...". */
struct process {
    char name[32];
    char state;
    int parent;
};

static bool read_process(int pid, struct process *out)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = 0;
    return sscanf(text, "%*d (%31[^)]) %c %d", out->name, &out->state, &out->parent) == 3;
}

/* The program a process runs; false when we may not know. */
static bool program_of(int pid, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    ssize_t got = readlink(path, out, size - 1);
    out[got > 0 ? got : 0] = 0;
    return got > 0;
}

/* The front forked init, so they run the same program; whoever inherits an orphan
 * does not. */
static bool is_orphaned_init(int pid)
{
    struct process p;
    char own[4096], parent[4096];
    return read_process(pid, &p) && strcmp(p.name, CAGE_INIT_NAME) == 0 && p.state != 'Z' &&
           program_of(pid, own, sizeof own) &&
           (!program_of(p.parent, parent, sizeof parent) || strcmp(own, parent) != 0);
}

static enum err_code find_processes(struct residue *out, struct err *err)
{
    DIR *proc = opendir("/proc");
    if (!proc)
        return err_set(err, ERR_IO, "cannot list /proc: %s", strerror(errno));
    for (struct dirent *e; (e = readdir(proc));) {
        int pid = (int)strtol(e->d_name, NULL, 10); /* 0: no process */
        struct residue_item *item = pid && is_orphaned_init(pid) ? next_item(out) : NULL;
        if (!item)
            continue;
        *item = (struct residue_item){.kind = RESIDUE_PROCESS, .pid = pid};
        snprintf(item->words, sizeof item->words, "process %d (" CAGE_INIT_NAME ")", pid);
    }
    closedir(proc);
    return ERR_OK;
}

/* Held by a descriptor, so that the number cannot have gone to someone else between
 * looking and killing. */
static enum err_code end_process(const struct residue_item *item, struct err *err)
{
    int fd = (int)syscall(SYS_pidfd_open, item->pid, 0);
    if (fd < 0)
        return errno == ESRCH ? ERR_OK
                              : err_set(err, ERR_IO, "%s: %s", item->words, strerror(errno));
    bool still = is_orphaned_init(item->pid);
    bool killed = !still || syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0;
    int number = errno;
    struct pollfd death = {.fd = fd, .events = POLLIN};
    bool gone = !still || (killed && poll(&death, 1, DEATH_WAIT_MS) == 1);
    close(fd);
    if (gone)
        return ERR_OK;
    return err_set(err, killed ? ERR_TIMEOUT : ERR_PERM, "%s: %s", item->words,
                   killed ? "does not die" : strerror(number));
}

/* --- tables --- */

static void note_table(void *user, struct nlmsghdr *m)
{
    struct residue *out = user;
    struct nlattr *at[NFTA_TABLE_MAX + 1];
    if (nlmsg_parse(m, sizeof(struct nfgenmsg), at, NFTA_TABLE_MAX, NULL) < 0 ||
        !at[NFTA_TABLE_NAME] || at[NFTA_TABLE_OWNER])
        return; /* an owner is alive: the table would have gone with it */
    const char *name = nla_get_string(at[NFTA_TABLE_NAME]);
    struct residue_item *item =
        strncmp(name, NFTABLES_NAME, strlen(NFTABLES_NAME)) == 0 ? next_item(out) : NULL;
    if (!item)
        return;
    const struct nfgenmsg *header = nlmsg_data(m);
    *item = (struct residue_item){.kind = RESIDUE_TABLE, .family = header->nfgen_family};
    snprintf(item->name, sizeof item->name, "%s", name);
    snprintf(item->words, sizeof item->words, "nftables table '%s'", name);
}

static struct request table_request(int type, int flags, uint8_t family)
{
    struct nfgenmsg header = {.nfgen_family = family, .version = NFNETLINK_V0};
    return request_begin(NFNL_SUBSYS_NFTABLES << 8 | type, flags,
                         (struct bytes){(const uint8_t *)&header, sizeof header});
}

static enum err_code find_tables(struct residue *out, struct err *err)
{
    struct nl_sock *s;
    if (netlink_open(NETLINK_NETFILTER, &s, err))
        return err->code;
    struct request r = table_request(NFT_MSG_GETTABLE, NLM_F_DUMP, NFPROTO_UNSPEC);
    enum err_code code = netlink_list(s, &r, note_table, out, err);
    netlink_close(s);
    /* A plain user may not look, and could not have made one here. */
    return code == ERR_PERM ? ERR_OK : code;
}

static enum err_code remove_table(const struct residue_item *item, struct err *err)
{
    struct nl_sock *s;
    struct netlink_batch b;
    if (netlink_open(NETLINK_NETFILTER, &s, err))
        return err->code;
    netlink_batch_begin(&b, s, NFNL_SUBSYS_NFTABLES);
    struct request r = table_request(NFT_MSG_DELTABLE, 0, item->family);
    request_text(&r, NFTA_TABLE_NAME, item->name);
    netlink_batch_add(&b, &r);
    enum err_code code = netlink_batch_commit(&b, err);
    netlink_close(s);
    return code == ERR_OK || code == ERR_NOTFOUND ? ERR_OK : err_wrap(err, "%s", item->words);
}

/* --- both --- */

enum err_code residue_find(struct residue *out, struct err *err)
{
    struct residue found = {0};
    enum err_code code = find_processes(&found, err);
    if (code == ERR_OK)
        code = find_tables(&found, err);
    if (code)
        return err_wrap(err, "looking for what was left behind");
    *out = found;
    return ERR_OK;
}

enum err_code residue_heal(const struct residue *found, struct err *err)
{
    enum err_code first = ERR_OK;
    for (uint32_t i = 0; i < found->count; i++) {
        const struct residue_item *item = &found->items[i];
        struct err one;
        enum err_code code =
            item->kind == RESIDUE_PROCESS ? end_process(item, &one) : remove_table(item, &one);
        if (code && first == ERR_OK) {
            first = code;
            *err = one;
        }
    }
    return first;
}
