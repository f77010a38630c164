#include "tests/support/whole/play.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/repeat.h"
#include "tests/support/test.h"

bool play_long(void)
{
    const char *asked = getenv("FAULTLINE_LONG");
    return asked && strcmp(asked, "1") == 0;
}

static void make_folder(struct play *p)
{
    const char *base = getenv("TMPDIR");
    snprintf(p->out, sizeof p->out, "%s/faultline-play-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(p->out));
}

void play_run(struct play *p, const char *scenario, uint64_t seed,
              const struct override *overrides)
{
    *p = (struct play){0};
    make_folder(p);
    size_t count = 0;
    while (overrides && overrides[count].path)
        count++;
    p->options = (struct run_options){.scenario = scenario,
                                      .on = ON_SIM,
                                      .seed = seed,
                                      .out = p->out,
                                      .overrides = overrides,
                                      .override_count = count};
    repeat_command(&p->options, STAGE_SIM, p->command, sizeof p->command);
    struct err err = {0};
    struct prepared prepared;
    if (run_prepare(&p->options, &prepared, &err))
        fail_msg("%s: %s", p->command, err.msg);
    if (run_play(&p->options, &prepared, &p->result, &err))
        fail_msg("%s: %s", p->command, err.msg);
    prepared_done(&prepared);
    if (judge_open(p->out, &p->judged, &err))
        fail_msg("%s: %s", p->command, err.msg);
}

void play_done(struct play *p)
{
    static const char *const files[] = {
        "history.db", "history.db-wal", "history.db-shm", "plan.json",
        "repro.sh",   "scenario.yaml",  "nodes",          NULL};
    judged_done(&p->judged);
    for (const char *const *name = files; *name; name++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", p->out, *name);
        if (unlink(path) != 0)
            rmdir(path);
    }
    rmdir(p->out);
}

const struct verdict *play_verdict(const struct play *p, const char *check, const char *table)
{
    const struct judgement *j = &p->judged.judgement;
    for (size_t i = 0; i < j->verdict_count; i++)
        if (strcmp(j->verdicts[i].check, check) == 0 &&
            strcmp(j->verdicts[i].table, table) == 0)
            return &j->verdicts[i];
    return NULL;
}

unsigned play_violated_count(const struct play *p)
{
    unsigned count = 0;
    const struct judgement *j = &p->judged.judgement;
    for (size_t i = 0; i < j->verdict_count; i++)
        count += j->verdicts[i].value == VERDICT_VIOLATED;
    return count;
}
