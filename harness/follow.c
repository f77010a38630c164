/* Contents: what a table is · telling · what is heard · listening to text · listening to a run
 * · all of it */
#include "harness/follow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "checker/tell.h"
#include "harness/follow_parts.h"
#include "harness/initial.h"
#include "history/tail.h"
#include "io/growing.h"

#define KEPT_BYTES_MAX (INT64_C(1) << 30)

/* --- what a table is --- */

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "its memory was used up");
}

static const struct model_ops *model_called(const char *name, struct err *err)
{
    char known[400];
    struct catalogue all = model_catalogue();
    const struct model_ops *model = model_find(name);
    if (!model)
        err_set(err, ERR_INVALID, "--model: '%s' is no model; allowed: %s", name,
                catalogue_names(&all, known, sizeof known));
    return model;
}

static bool promises_order(const struct promise *p)
{
    return p && p->checks && strstr(p->checks, "linearizable") &&
           !(p->type && strcmp(p->type, "or-set") == 0);
}

/* The model of a table; NULL without an error: it promises something else. */
static const struct model_ops *model_of(const struct following *f, struct history *h,
                                        uint32_t table, struct err *err)
{
    const struct promise *p = history_promise_get(h, table);
    const char *name = history_table_name(h, table), *said = f->request->model;
    if (!said && !p)
        err_set(err, ERR_INVALID,
                "table '%s' promises nothing so far; name what it holds with --model",
                name ? name : "?");
    if (!said && !promises_order(p))
        return NULL;
    if (!said)
        said = f->model;
    if (said)
        return model_called(said, err);
    const struct model_ops *own = p->type ? model_find(p->type) : NULL;
    /* As for all checkers: our registers take a CAS. */
    return own && strcmp(own->about.name, "register") != 0 ? own : model_find("cas-register");
}

static enum err_code find_initial(const struct following *f, struct history *h, int64_t *out,
                                  struct err *err)
{
    const char *own = f->request->initial;
    const char *text = own ? own : history_meta_get(h, "initial");
    *out = OP_NIL;
    return text ? initial_parse(text, own ? "--initial" : "initial", out, err) : ERR_OK;
}

static enum op_level level_of(const struct promise *p)
{
    int level = p && p->level ? op_level_find(p->level) : -1;
    return level < 0 ? LEVEL_LINEARIZABLE : (enum op_level)level;
}

static enum err_code meet_table(struct following *f, uint32_t table, struct err *err)
{
    struct history *h = f->facts(f->facts_of, err);
    if (!h)
        return err->code;
    err->code = ERR_OK;
    const struct model_ops *model = model_of(f, h, table, err);
    f->tables[table].is_met = true;
    if (!model)
        return err->code;
    const char *why = follow_refuses(model);
    if (why)
        return err_set(err, ERR_INVALID, "a %s cannot be followed: %s", model->about.name, why);
    struct follow_options options = {.model = model,
                                     .level = level_of(history_promise_get(h, table)),
                                     .budget = &f->budget,
                                     .facts = f->facts,
                                     .facts_of = f->facts_of};
    if (find_initial(f, h, &options.initial, err))
        return err->code;
    f->tables[table].follower = follower_new(&options);
    return f->tables[table].follower ? ERR_OK : no_memory(err);
}

static enum err_code table_of(struct following *f, uint32_t table, struct followed_table **out,
                              struct err *err)
{
    if (table >= f->table_count) {
        size_t count = (size_t)table + 1;
        struct followed_table *tables = realloc(f->tables, count * sizeof *tables);
        if (!tables)
            return no_memory(err);
        memset(tables + f->table_count, 0, (count - f->table_count) * sizeof *tables);
        f->tables = tables;
        f->table_count = count;
    }
    *out = &f->tables[table];
    return (*out)->is_met ? ERR_OK : meet_table(f, table, err);
}

/* --- telling --- */

#define SAY(f, ...) arena_format((f)->arena, __VA_ARGS__)

/* The operation as the only row of a history. */
static const char *tell_op(const struct following *f, struct history *h,
                           const struct followed_op *op, uint32_t table, int64_t key)
{
    int64_t nil = OP_NIL, process = op->process, error = 0;
    uint8_t kind = (uint8_t)op->op.kind, level = LEVEL_LINEARIZABLE;
    uint8_t outcome = op->op.refused ? OUTCOME_FAIL : OUTCOME_OK;
    uint32_t region = op->region;
    int32_t node = -1;
    int64_t argument = op->op.argument, expected = op->op.expected;
    int64_t result = op->op.list ? 0 : op->op.result, id = op->id;
    int64_t called = op->called_at_ns, returned = op->returned_at_ns;
    bool is_list = op->op.list != NULL;
    struct int_list list = {0};
    if (op->op.list)
        list = *op->op.list;
    struct columns c = {1,       &id,       &process,  &region,   &table,  &kind,    &outcome,
                        &level,  &key,      &argument, &expected, &result, &is_list, &called,
                        &called, &returned, &node,     &nil,      &error,  &list,    1};
    struct teller t = {.history = h, .columns = &c, .arena = f->arena};
    const char *of = key == OP_NIL ? "" : SAY(f, " in key %s", tell_value(&t, key));
    const char *name = h ? history_table_name(h, table) : NULL;
    return SAY(f,
               "violated: %s %s%s of %s (operation %lld, from %s to %s), and no order of the "
               "operations so far allows that",
               tell_who(&t, 0), tell_deed(&t, 0), of ? of : "", name ? name : "?",
               (long long)op->id, tell_when(&t, called), tell_when(&t, returned));
}

static enum err_code tell_violated(struct following *f, uint32_t table, struct err *err)
{
    struct follow_state s = follower_state(f->tables[table].follower);
    struct history *h = f->facts(f->facts_of, err);
    f->is_over = true;
    f->out->exit_code = EXIT_VIOLATED;
    f->out->sentence = h ? tell_op(f, h, s.op, table, s.key) : NULL;
    return err_set(err, ERR_LIMIT, "it is over");
}

static const char *tell_so_far(const struct following *f, const struct follow_state *sum)
{
    struct teller t = {.arena = f->arena};
    const char *ops = tell_count(&t, sum->op_count, "operation");
    const char *on = tell_count(&t, sum->object_count, "object");
    const char *late = sum->late_count == 0 ? ""
                                            : SAY(f, "; %s returned too late to be judged",
                                                  tell_count(&t, sum->late_count, "operation"));
    if (sum->op_count == 0)
        return "not exercised so far: there is no operation that a promise is about";
    if (sum->undecided_count > 0)
        return SAY(f,
                   "undecided so far: %s on %s, of which %" PRIu64
                   " cannot be judged any more, the first because %s%s",
                   ops, on, sum->undecided_count, sum->why, late);
    return SAY(f,
               "holds so far: %s on %s were called, and all that is known of them can be put "
               "in an order",
               ops, on);
}

static void tell_end(struct following *f)
{
    struct follow_state sum = {0};
    for (size_t i = 0; i < f->table_count; i++) {
        if (!f->tables[i].follower)
            continue;
        struct follow_state s = follower_state(f->tables[i].follower);
        sum.op_count += s.op_count;
        sum.object_count += s.object_count;
        sum.late_count += s.late_count;
        if (sum.undecided_count == 0)
            sum.why = s.why;
        sum.undecided_count += s.undecided_count;
    }
    bool holds = sum.op_count > 0 && sum.undecided_count == 0;
    f->out->exit_code = holds ? EXIT_ALL_HOLD : EXIT_UNDECIDED;
    f->out->sentence = tell_so_far(f, &sum);
}

/* --- what is heard --- */

static enum err_code look_at(struct following *f, uint32_t table, struct err *err)
{
    struct follower *follower = f->tables[table].follower;
    if (follower_is_violated(follower))
        return tell_violated(f, table, err);
    return ERR_OK;
}

enum err_code following_moment(void *following, int64_t at_ns, struct err *err)
{
    struct following *f = following;
    for (uint32_t i = 0; i < f->table_count; i++)
        if (f->tables[i].follower &&
            (follower_moment(f->tables[i].follower, at_ns, err) || look_at(f, i, err)))
            return err->code;
    return ERR_OK;
}

enum err_code following_op(void *following, int64_t id, const struct op_row *row,
                           struct err *err)
{
    struct following *f = following;
    struct followed_table *table = NULL;
    if (table_of(f, row->operation.table, &table, err))
        return err->code;
    return table->follower ? follower_call(table->follower, id, row, err) : ERR_OK;
}

enum err_code following_ret(void *following, int64_t op, int64_t at_ns,
                            const struct answer *answer, struct err *err)
{
    struct following *f = following;
    for (size_t i = 0; i < f->table_count; i++)
        if (f->tables[i].follower && follower_knows(f->tables[i].follower, op))
            return follower_return(f->tables[i].follower, op, at_ns, answer, err);
    return ERR_OK;
}

/* --- listening to text --- */

struct listening {
    struct following *f;
    struct builder *builder;
    struct growing *in;
    bool is_cut;
};

static struct history *facts_of_text(void *user, struct err *err)
{
    struct listening *l = user;
    /* A reader may know of which model it is only by what it has read. */
    const char *told = builder_model(l->builder);
    if (told)
        l->f->model = told;
    return builder_so_far(l->builder, err);
}

static enum err_code begin(void *user, struct builder *b, const struct reader_ops *reader,
                           struct err *err)
{
    struct following *f = user;
    struct listening *l = f->facts_of;
    (void)err;
    l->builder = b;
    f->model = reader->model;
    return ERR_OK;
}

static long read_more(void *user, void *to, size_t size)
{
    struct listening *l = user;
    long count = growing_read(l->in, to, size);
    l->is_cut = count == 0 && (growing_is_file(l->in) || growing_was_interrupted(l->in));
    return count;
}

/* The end is told while names can still be asked for. */
static enum err_code listen(struct listening *l, struct err *err)
{
    struct following *f = l->f;
    const struct ear ear = {f, begin, following_moment, following_op, following_ret};
    struct line_source source = {.read = read_more, .user = l, .is_cut = &l->is_cut};
    return history_listen(source, f->request->path, f->request->format, &f->memory, &ear, err);
}

static enum err_code follow_text(struct following *f, int64_t idle_ns, struct err *err)
{
    struct listening l = {.f = f, .in = growing_open(f->request->path, idle_ns, err)};
    if (!l.in)
        return err->code;
    f->facts = facts_of_text;
    f->facts_of = &l;
    enum err_code code = listen(&l, err);
    growing_close(l.in);
    return code;
}

/* --- listening to a run --- */

static struct history *facts_of_run(void *user, struct err *err)
{
    return history_tail_so_far(user, err);
}

static enum err_code listen_to_run(struct following *f, struct history_tail *tail,
                                   struct growing *waiting, struct err *err)
{
    const struct ear ear = {f, NULL, following_moment, following_op, following_ret};
    bool ended = false;
    do {
        size_t count;
        if (history_tail_more(tail, &ear, &count, &ended, err))
            return err->code;
        if (count > 0)
            growing_came(waiting);
    } while (!ended && growing_wait(waiting));
    return following_moment(f, INT64_MAX, err);
}

static enum err_code follow_run(struct following *f, int64_t idle_ns, struct err *err)
{
    struct history_tail *tail;
    if (f->request->format)
        return err_set(err, ERR_INVALID,
                       "'%s' is a recorded history; --format is for files of text",
                       f->request->path);
    if (history_tail_open(f->request->path, &tail, err))
        return err->code;
    f->facts = facts_of_run;
    f->facts_of = tail;
    struct growing *waiting = growing_watch(idle_ns, err);
    enum err_code code = waiting ? listen_to_run(f, tail, waiting, err) : err->code;
    growing_close(waiting);
    history_tail_free(tail);
    return code;
}

/* --- all of it --- */

/* A folder, or a file that SQLite made. */
static bool is_recorded(const char *path)
{
    struct stat st;
    char head[16] = {0};
    if (strcmp(path, "-") == 0 || stat(path, &st) != 0)
        return false;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode);
    FILE *in = fopen(path, "rbe");
    size_t count = in ? fread(head, 1, sizeof head, in) : 0;
    if (in)
        fclose(in);
    return count == sizeof head && memcmp(head, "SQLite format 3", sizeof head) == 0;
}

static void done(struct following *f)
{
    for (size_t i = 0; i < f->table_count; i++)
        follower_free(f->tables[i].follower);
    free(f->tables);
}

static enum err_code conclude(struct following *f, enum err_code code, struct err *err)
{
    if (!f->is_over && code == ERR_NOMEM) {
        f->out->exit_code = EXIT_UNDECIDED;
        f->out->sentence = "undecided so far: its memory was used up";
    } else if (!f->is_over && code) {
        return code;
    } else if (!f->is_over) {
        tell_end(f);
    }
    return f->out->sentence ? ERR_OK : no_memory(err);
}

enum err_code follow_history(const struct follow_request *request, struct arena *arena,
                             struct follow_verdict *out, struct err *err)
{
    int64_t kept = request->memory_bytes ? request->memory_bytes : KEPT_BYTES_MAX;
    int64_t idle_ns = request->idle_ns ? request->idle_ns : INT64_MAX;
    struct following f = {.request = request, .arena = arena, .out = out};
    f.memory.max_bytes = (size_t)kept;
    f.budget = (struct budget){.steps_left = UINT64_MAX, .memory = &f.memory};
    *out = (struct follow_verdict){0};
    enum err_code code = is_recorded(request->path) ? follow_run(&f, idle_ns, err)
                                                    : follow_text(&f, idle_ns, err);
    code = conclude(&f, code, err);
    done(&f);
    return code;
}
