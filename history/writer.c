/* What is where:
 *   the thread          takes what waits and has the recorder commit it
 *   handing over        packs a row and puts it where the thread finds it
 *   values, names, rows what a caller says, checked and numbered
 *   life                create, flush, close */
#include "history/writer.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/text.h"
#include "history/intern.h"
#include "history/recorder.h"

enum {
    COMMIT_EVERY_MS = 100,
    /* Wake the thread early when this much waits, so that a burst is written in
     * pieces that stay in the cache. */
    WAKE_AT_BYTES = 1 << 20
};

struct history_writer {
    /* The caller's. Everything in the file is decided here, so that the same calls
     * give the same rows whenever the thread runs. */
    int64_t seq, op_count, value_count, last_at_ns;
    uint32_t region_count, node_count, table_count;
    struct intern values, names;
    struct buffer returned; /* one byte per operation */
    struct buffer scratch;  /* a list being encoded */
    struct err refusal;     /* ERR_OK: none */

    /* Shared. */
    pthread_mutex_t lock;
    pthread_cond_t taken;  /* the thread has taken or committed what waited */
    struct buffer waiting; /* packed rows */
    bool committing, stop;
    struct err failure; /* of the disk; nothing is recorded after it */
    int wake_fd;
    pthread_t thread;

    /* The thread's, while it runs. */
    struct recorder *recorder;
    struct buffer batch;
};

/* --- the thread --- */

static bool take_batch(struct history_writer *w)
{
    pthread_mutex_lock(&w->lock);
    assert(w->batch.size == 0);
    struct buffer empty = w->batch;
    w->batch = w->waiting;
    w->waiting = empty;
    w->committing = true;
    bool stop = w->stop;
    pthread_cond_broadcast(&w->taken);
    pthread_mutex_unlock(&w->lock);
    return !stop;
}

static void commit_batch(struct history_writer *w, struct err *failure)
{
    if (w->batch.size > 0 && failure->code == ERR_OK)
        (void)!recorder_commit(w->recorder, buffer_bytes(&w->batch), failure);
    w->batch.size = 0;
    pthread_mutex_lock(&w->lock);
    w->failure = *failure;
    w->committing = false;
    pthread_cond_broadcast(&w->taken);
    pthread_mutex_unlock(&w->lock);
}

/* A pause of the kernel's, so that no clock is read here. */
static void wait_for_work(int wake_fd)
{
    struct pollfd fd = {.fd = wake_fd, .events = POLLIN};
    uint64_t count;
    if (poll(&fd, 1, COMMIT_EVERY_MS) > 0)
        (void)!read(wake_fd, &count, sizeof count);
}

static void *run_thread(void *user)
{
    struct history_writer *w = user;
    struct err failure = {.code = ERR_OK};
    bool on = true;
    while (on) {
        wait_for_work(w->wake_fd);
        on = take_batch(w);
        commit_batch(w, &failure);
    }
    /* Here and not in the caller: closing writes the last checkpoint. */
    recorder_free(w->recorder);
    w->recorder = NULL;
    return NULL;
}

/* --- handing over --- */

static void wake(struct history_writer *w)
{
    const uint64_t one = 1;
    (void)!write(w->wake_fd, &one, sizeof one);
}

static void refuse(struct history_writer *w, enum err_code code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void refuse(struct history_writer *w, enum err_code code, const char *fmt, ...)
{
    if (w->refusal.code != ERR_OK)
        return;
    char sentence[ERR_MSG_SIZE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    err_set(&w->refusal, code, "%s", sentence);
}

static void hand_over(struct history_writer *w, enum schema_table table,
                      const struct cell *cells)
{
    pthread_mutex_lock(&w->lock);
    while (w->waiting.size > HISTORY_WAITING_BYTES_MAX)
        pthread_cond_wait(&w->taken, &w->lock);
    bool dropped = w->failure.code != ERR_OK;
    size_t before = w->waiting.size;
    bool packed = dropped || recorder_pack(&w->waiting, table, cells);
    bool early = before < WAKE_AT_BYTES && w->waiting.size >= WAKE_AT_BYTES;
    pthread_mutex_unlock(&w->lock);
    if (!packed)
        refuse(w, ERR_NOMEM, "row %" PRId64 ": out of memory", w->seq);
    if (early)
        wake(w);
}

static struct cell integer(int64_t value)
{
    return (struct cell){.kind = CELL_INTEGER, .integer = value};
}

/* OP_NIL becomes NULL, which takes no room. */
static struct cell optional(int64_t value)
{
    return value == OP_NIL ? (struct cell){.kind = CELL_NIL} : integer(value);
}

/* -1 becomes NULL. */
static struct cell node_cell(int node)
{
    return node < 0 ? (struct cell){.kind = CELL_NIL} : integer(node);
}

static struct cell bytes_cell(enum cell_kind kind, struct bytes bytes)
{
    return (struct cell){.kind = kind, .bytes = bytes};
}

static struct cell next_seq(struct history_writer *w)
{
    return integer(++w->seq);
}

/* --- values --- */

/* Tags of what one intern table holds besides the kinds of values. */
enum { NAMED_REGION, NAMED_NODE, NAMED_TABLE };

static int64_t add_value(struct history_writer *w, enum value_kind kind, struct bytes content,
                         struct cell data)
{
    int64_t id = value_id(w->value_count, kind);
    if (kind != VALUE_LIST && !intern_add(&w->values, (uint8_t)kind, content, id)) {
        refuse(w, ERR_NOMEM, "value %" PRId64 ": out of memory", w->value_count);
        return 0;
    }
    w->value_count++;
    hand_over(w, TABLE_VALUE, (struct cell[]){integer(id), data});
    return id;
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* `text`, or a copy in UTF-8 that the scratch buffer holds. */
static struct bytes clean(struct history_writer *w, const char *text)
{
    if (text_is_utf8(text))
        return bytes_of(text);
    w->scratch.size = 0;
    if (!buffer_append(&w->scratch, (struct bytes){(const uint8_t *)text, strlen(text) + 1})) {
        refuse(w, ERR_NOMEM, "a text: out of memory");
        return bytes_of("");
    }
    text_make_utf8((char *)w->scratch.at);
    return bytes_of((const char *)w->scratch.at);
}

int64_t history_text_id(struct history_writer *w, const char *text)
{
    struct bytes content = clean(w, text);
    int64_t id = intern_find(&w->values, VALUE_TEXT, content);
    return id ? id : add_value(w, VALUE_TEXT, content, bytes_cell(CELL_TEXT, content));
}

int64_t history_integer_id(struct history_writer *w, int64_t value)
{
    if (value < VALUE_ID_START)
        return value;
    struct bytes content = {(const uint8_t *)&value, sizeof value};
    int64_t id = intern_find(&w->values, VALUE_INTEGER, content);
    return id ? id : add_value(w, VALUE_INTEGER, content, integer(value));
}

static struct cell text_value(struct history_writer *w, const char *text)
{
    return text ? integer(history_text_id(w, text)) : (struct cell){.kind = CELL_NIL};
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool is_ascending(const int64_t *members, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (members[i - 1] > members[i])
            return false;
    return true;
}

static bool encode_sorted(struct buffer *out, const int64_t *members, size_t count)
{
    if (is_ascending(members, count))
        return list_encode(out, members, count);
    int64_t *sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        return false;
    memcpy(sorted, members, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_size);
    bool done = list_encode(out, sorted, count);
    free(sorted);
    return done;
}

/* Lists are not compared with earlier ones: they rarely repeat, and remembering all
 * of them would take the memory of the whole history. */
static struct cell list_value(struct history_writer *w, const int64_t *members, size_t count)
{
    w->scratch.size = 0;
    if (!encode_sorted(&w->scratch, members, count)) {
        refuse(w, ERR_NOMEM, "a list of %zu members: out of memory", count);
        return (struct cell){.kind = CELL_NIL};
    }
    struct bytes list = buffer_bytes(&w->scratch);
    return integer(add_value(w, VALUE_LIST, list, bytes_cell(CELL_BLOB, list)));
}

/* Is `value` a plain integer, or an id that was given out? */
static bool check_value(struct history_writer *w, const char *field, int64_t value)
{
    bool good = value < VALUE_ID_START ||
                ((value - VALUE_ID_START) >> VALUE_KIND_BITS < w->value_count &&
                 value_kind_of(value) <= VALUE_INTEGER);
    if (!good)
        refuse(w, ERR_INVALID, "%s: '%" PRId64 "' is neither below 2^62 nor the id of a value",
               field, value);
    return good;
}

/* --- names and facts --- */

static struct cell text_cell(struct history_writer *w, const char *text)
{
    return text ? bytes_cell(CELL_TEXT, clean(w, text)) : (struct cell){.kind = CELL_NIL};
}

/* Copies of what `clean` made would share the scratch buffer; rows of several
 * texts are therefore made of texts that are UTF-8 already. */
static bool check_utf8(struct history_writer *w, const char *field, const char *text)
{
    bool good = !text || text_is_utf8(text);
    if (!good)
        refuse(w, ERR_INVALID, "%s: '%s' is not UTF-8", field, text);
    return good;
}

void history_meta(struct history_writer *w, const char *name, const char *value)
{
    if (!check_utf8(w, "meta", name))
        return;
    hand_over(w, TABLE_META,
              (struct cell[]){next_seq(w), bytes_cell(CELL_TEXT, bytes_of(name)),
                              text_cell(w, value)});
}

/* May `name` be that of number `number` of its kind? Remembers it if so. */
static bool check_name(struct history_writer *w, uint8_t tag, const char *what, uint32_t number,
                       uint32_t count, const char *name)
{
    struct bytes content = bytes_of(name);
    if (!check_utf8(w, what, name))
        return false;
    if (number != count) {
        refuse(w, ERR_INVALID, "%s: '%s' is number %u; the next is %u", what, name, number,
               count);
        return false;
    }
    if (intern_find(&w->names, tag, content) != 0) {
        refuse(w, ERR_INVALID, "%s: '%s' is named twice", what, name);
        return false;
    }
    bool added = intern_add(&w->names, tag, content, (int64_t)number + 1);
    if (!added)
        refuse(w, ERR_NOMEM, "%s: '%s': out of memory", what, name);
    return added;
}

void history_region(struct history_writer *w, uint32_t region, const char *name)
{
    if (!check_name(w, NAMED_REGION, "region", region, w->region_count, name))
        return;
    w->region_count++;
    hand_over(w, TABLE_REGION,
              (struct cell[]){next_seq(w), integer(region), text_cell(w, name)});
}

void history_node(struct history_writer *w, uint32_t node, const char *name, uint32_t region)
{
    if (!check_name(w, NAMED_NODE, "node", node, w->node_count, name))
        return;
    w->node_count++;
    hand_over(w, TABLE_NODE,
              (struct cell[]){next_seq(w), integer(node), text_cell(w, name), integer(region)});
}

void history_table(struct history_writer *w, uint32_t table, const char *name)
{
    if (!check_name(w, NAMED_TABLE, "table", table, w->table_count, name))
        return;
    w->table_count++;
    hand_over(w, TABLE_TABLE, (struct cell[]){next_seq(w), integer(table), text_cell(w, name)});
}

void history_promise(struct history_writer *w, const struct promise *p)
{
    if (!check_utf8(w, "type", p->type) || !check_utf8(w, "mode", p->mode) ||
        !check_utf8(w, "level", p->level) || !check_utf8(w, "checks", p->checks))
        return;
    hand_over(w, TABLE_PROMISE,
              (struct cell[]){next_seq(w), integer(p->table), text_cell(w, p->type),
                              text_cell(w, p->mode), text_cell(w, p->level),
                              text_cell(w, p->checks)});
}

/* --- rows --- */

/* Rows come in time order; also moves the time on. */
static bool check_time(struct history_writer *w, const char *field, int64_t at_ns)
{
    if (at_ns < w->last_at_ns) {
        refuse(w, ERR_INVALID,
               "%s: '%" PRId64 "' is before the row before it; at least %" PRId64, field, at_ns,
               w->last_at_ns);
        return false;
    }
    w->last_at_ns = at_ns;
    return true;
}

static bool check_op(struct history_writer *w, const char *field, int64_t op)
{
    bool known = op >= 1 && op <= w->op_count;
    if (!known && w->op_count == 0)
        refuse(w, ERR_INVALID, "%s: '%" PRId64 "' comes before any operation", field, op);
    else if (!known)
        refuse(w, ERR_INVALID, "%s: '%" PRId64 "' is no operation so far; 1 to %" PRId64, field,
               op, w->op_count);
    return known;
}

static bool check_number(struct history_writer *w, const char *field, const char *name)
{
    if (!name)
        refuse(w, ERR_INVALID, "%s: a number out of range", field);
    return name != NULL;
}

static bool check_operation(struct history_writer *w, const struct operation *o)
{
    return check_number(w, "kind", op_kind_name((int)o->kind)) &&
           check_number(w, "level", op_level_name((int)o->level)) &&
           check_value(w, "key", o->key) && check_value(w, "argument", o->argument) &&
           check_value(w, "expected", o->expected);
}

int64_t history_op(struct history_writer *w, const struct op_row *row)
{
    const struct operation *o = &row->operation;
    const uint8_t not_returned = 0;
    if (!check_operation(w, o) || !check_time(w, "invoked_at", row->invoked_at_ns))
        return 0;
    if (!buffer_append(&w->returned, (struct bytes){&not_returned, 1})) {
        refuse(w, ERR_NOMEM, "operation %" PRId64 ": out of memory", w->op_count + 1);
        return 0;
    }
    w->op_count++;
    hand_over(w, TABLE_OP,
              (struct cell[]){integer(w->op_count), next_seq(w), integer(row->process),
                              integer(row->session), integer(row->region), integer(o->table),
                              integer(o->kind), optional(o->key), optional(o->argument),
                              optional(o->expected), integer(o->level),
                              integer((int64_t)o->request_id), integer(row->intended_at_ns),
                              integer(row->invoked_at_ns)});
    return w->op_count;
}

/* The result of `a`; false when it makes no sense. */
static bool result_cell(struct history_writer *w, const struct answer *a, struct cell *out)
{
    for (size_t i = 0; a->is_list && i < a->member_count; i++)
        if (!check_value(w, "result", a->members[i]))
            return false;
    if (!a->is_list && !check_value(w, "result", a->result))
        return false;
    *out = a->is_list ? list_value(w, a->members, a->member_count) : optional(a->result);
    return true;
}

void history_ret(struct history_writer *w, int64_t op, int64_t returned_at_ns,
                 const struct answer *answer)
{
    struct cell result;
    if (!check_op(w, "ret", op))
        return;
    if (w->returned.at[op - 1]) {
        refuse(w, ERR_INVALID, "ret: '%" PRId64 "' has returned already", op);
        return;
    }
    if (!check_number(w, "outcome", op_outcome_name((int)answer->outcome)) ||
        !check_number(w, "level", op_level_name((int)answer->level)) ||
        !check_time(w, "returned_at", returned_at_ns) || !result_cell(w, answer, &result))
        return;
    w->returned.at[op - 1] = 1;
    struct cell error = text_value(w, answer->error);
    hand_over(w, TABLE_RET,
              (struct cell[]){next_seq(w), integer(op), integer(answer->outcome),
                              integer(returned_at_ns), result, integer(answer->level),
                              optional(answer->version), node_cell(answer->node), error});
}

void history_attempt(struct history_writer *w, int64_t op, const struct attempt *a)
{
    if (!check_op(w, "op", op) || !check_number(w, "outcome", op_outcome_name((int)a->outcome)))
        return;
    struct cell error = text_value(w, a->error);
    hand_over(w, TABLE_ATTEMPT,
              (struct cell[]){next_seq(w), integer(op), integer(a->number), node_cell(a->node),
                              integer(a->sent_at_ns), integer(a->ended_at_ns),
                              integer(a->outcome), error});
}

void history_micro(struct history_writer *w, const struct micro_row *m)
{
    if (!check_op(w, "op", m->op) || !check_number(w, "kind", op_kind_name((int)m->kind)) ||
        !check_value(w, "key", m->key) || !check_value(w, "argument", m->argument) ||
        !check_value(w, "result", m->result))
        return;
    hand_over(w, TABLE_MICRO,
              (struct cell[]){next_seq(w), integer(m->op), integer(m->position),
                              integer(m->kind), optional(m->key), optional(m->argument),
                              optional(m->result)});
}

void history_fault(struct history_writer *w, const struct fault_row *f)
{
    if (!check_time(w, "at", f->at_ns))
        return;
    struct cell name = text_value(w, f->name), state = text_value(w, f->state);
    struct cell asked = text_value(w, f->asked), resolved = text_value(w, f->resolved);
    struct cell measured = text_value(w, f->measured);
    hand_over(w, TABLE_FAULT,
              (struct cell[]){next_seq(w), integer(f->fault), name, state, integer(f->at_ns),
                              asked, resolved, measured});
}

void history_event(struct history_writer *w, int64_t at_ns, const char *name, int node,
                   const char *detail)
{
    if (!check_time(w, "at", at_ns))
        return;
    struct cell named = text_value(w, name), detailed = text_value(w, detail);
    hand_over(w, TABLE_EVENT,
              (struct cell[]){next_seq(w), integer(at_ns), named, node_cell(node), detailed});
}

void history_sample(struct history_writer *w, int64_t at_ns, const char *name, int node,
                    double value)
{
    if (!isfinite(value)) {
        refuse(w, ERR_INVALID, "sample: '%s' is %g, no finite number", name, value);
        return;
    }
    if (!check_time(w, "at", at_ns))
        return;
    struct cell named = text_value(w, name);
    hand_over(w, TABLE_SAMPLE,
              (struct cell[]){next_seq(w),
                              integer(at_ns),
                              named,
                              node_cell(node),
                              {.kind = CELL_REAL, .real = value + 0.0 /* no -0 */}});
}

/* --- life --- */

int64_t history_seq(const struct history_writer *w)
{
    return w->seq;
}

enum err_code history_refusal(const struct history_writer *w, struct err *err)
{
    if (w->refusal.code != ERR_OK)
        *err = w->refusal;
    return w->refusal.code;
}

static void writer_free(struct history_writer *w)
{
    recorder_free(w->recorder);
    if (w->wake_fd >= 0)
        close(w->wake_fd);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->taken);
    intern_done(&w->values);
    intern_done(&w->names);
    buffer_done(&w->returned);
    buffer_done(&w->scratch);
    buffer_done(&w->waiting);
    buffer_done(&w->batch);
    free(w);
}

static enum err_code start(struct history_writer *w, const char *path, struct err *err)
{
    w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->wake_fd < 0)
        return err_set(err, ERR_IO, "%s: no event descriptor: %s", path, strerror(errno));
    if (recorder_new(path, &w->recorder, err))
        return err->code;
    int rc = pthread_create(&w->thread, NULL, run_thread, w);
    if (rc == 0)
        return ERR_OK;
    recorder_free(w->recorder);
    w->recorder = NULL;
    recorder_remove(path);
    return err_set(err, ERR_IO, "%s: no thread to write it: %s", path, strerror(rc));
}

enum err_code history_create(const char *path, struct history_writer **out, struct err *err)
{
    struct history_writer *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, ERR_NOMEM, "%s: out of memory", path);
    w->last_at_ns = INT64_MIN;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->taken, NULL);
    if (start(w, path, err)) {
        writer_free(w);
        return err->code;
    }
    *out = w;
    return ERR_OK;
}

enum err_code history_flush(struct history_writer *w, struct err *err)
{
    wake(w);
    pthread_mutex_lock(&w->lock);
    while (w->waiting.size > 0 || w->committing)
        pthread_cond_wait(&w->taken, &w->lock);
    struct err failure = w->failure;
    pthread_mutex_unlock(&w->lock);
    if (failure.code == ERR_OK)
        return history_refusal(w, err);
    *err = failure;
    return failure.code;
}

enum err_code history_close(struct history_writer *w, struct err *err)
{
    if (!w)
        return ERR_OK;
    enum err_code code = history_flush(w, err);
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_mutex_unlock(&w->lock);
    wake(w);
    pthread_join(w->thread, NULL);
    writer_free(w);
    return code;
}
