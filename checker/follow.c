/* Contents: what counts · objects · instants · calls and returns · beginning and end */
#include "checker/follow.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/counted.h"
#include "base/id_list.h"
#include "checker/numbering.h"
#include "checker/operands.h"

/* One object. At rest it is a state and nothing else. */
struct followed {
    int64_t *words; /* its state, at rest; NULL: as at the start */
    uint32_t word_count;
    bool was_used, cut, is_new; /* is_new: something of this instant is to be judged */
    struct window *window;      /* NULL: at rest, or undecided */
    const char *undecided;      /* why; NULL: it is not */
    uint64_t late_count;
};

struct follower {
    struct follow_options options;
    struct memory *memory;
    struct arena arena; /* of `keys` */
    struct numbering keys;
    struct followed *objects; /* by number of the key */
    size_t object_room;
    uint32_t *news; /* objects that are new */
    size_t news_count, news_room;
    struct id_list open; /* operations, with object and slot */

    struct window **spare; /* windows that nobody uses */
    size_t spare_count, window_count, spare_room;

    int64_t *first_words; /* the state at the start */
    uint32_t first_count;
    struct sum_range sums; /* of all objects together */
    int64_t now_ns;
    struct follow_state state;
    struct followed_op violating;
};

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "its memory was used up");
}

/* --- what counts --- */

const char *follow_refuses(const struct model_ops *model)
{
    if (model->kinds >> OP_TXN & 1)
        return "the parts of a transaction are recorded apart from it";
    if (model->kinds >> OP_WRITE & 1 && model->kinds >> OP_APPEND & 1)
        return "what a text may become is known only at the end";
    return NULL;
}

static bool only_reads(enum op_kind kind)
{
    return kind == OP_READ || kind == OP_MEMBERS || kind == OP_CONTAINS || kind == OP_PEEK;
}

static bool is_promised(const struct follower *f, const struct operation *o)
{
    return o->kind != OP_FINAL && !(only_reads(o->kind) && o->level > f->options.level);
}

static enum err_code check_kind(const struct follower *f, int64_t id, enum op_kind kind,
                                struct err *err)
{
    if (f->options.model->kinds >> kind & 1)
        return ERR_OK;
    return err_set(err, ERR_INVALID, "operation %lld is '%s', which a %s does not know",
                   (long long)id, op_kind_name((int)kind), f->options.model->about.name);
}

/* Ids begin at 2^62. Facts are not asked for where nobody needs them: that takes time. */
static enum err_code operands_of(const struct follower *f, int64_t value, struct operands *out,
                                 struct err *err)
{
    *out = (struct operands){.model = f->options.model};
    if (value <= INT64_MAX / 2 || !f->options.facts || out->model->counts == COUNTS_NOTHING)
        return ERR_OK;
    out->history = f->options.facts(f->options.facts_of, err);
    return out->history ? ERR_OK : err->code;
}

static enum err_code check_argument(struct follower *f, int64_t id, struct model_op *op,
                                    struct err *err)
{
    struct operands operands;
    if (operands_of(f, op->argument, &operands, err) ||
        operands_take_argument(&operands, id, op, err))
        return err->code;
    if (sum_range_add(&f->sums, f->options.model, op))
        return ERR_OK;
    return err_set(err, ERR_INVALID, SUM_LEAVES_64_BITS, (long long)id);
}

static enum err_code check_result(const struct follower *f, int64_t id, struct model_op *op,
                                  struct err *err)
{
    struct operands operands;
    if (operands_of(f, op->result, &operands, err))
        return err->code;
    return operands_take_result(&operands, id, op, err);
}

/* A CAS that found another value is as good as a read of it, where that was told. */
static enum window_end end_of(const struct answer *a, struct model_op *op)
{
    op->answered = true;
    op->result = a->is_list ? OP_NIL : a->result;
    if (a->outcome == OUTCOME_UNKNOWN)
        return END_UNKNOWN;
    if (a->outcome == OUTCOME_OK)
        return END_TOLD;
    bool mismatch = a->error && strcmp(a->error, OP_MISMATCH) == 0;
    if (op->kind != OP_CAS || !(mismatch || op->result != OP_NIL))
        return END_FAILED;
    op->refused = true;
    if (op->result != OP_NIL)
        *op = (struct model_op){.kind = OP_READ,
                                .answered = true,
                                .argument = OP_NIL,
                                .expected = OP_NIL,
                                .result = op->result};
    return END_TOLD;
}

/* --- objects --- */

static void forget_words(struct follower *f, struct followed *o)
{
    counted_free(f->memory, o->words, o->word_count * sizeof *o->words);
    o->words = NULL;
    o->word_count = 0;
}

/* Its number; UINT32_MAX without memory. */
static uint32_t object_of(struct follower *f, int64_t key)
{
    uint32_t number = numbering_of(&f->keys, key);
    if (number == UINT32_MAX || number < f->object_room)
        return number;
    size_t room = f->object_room ? 2 * f->object_room : 16;
    struct followed *objects = counted_resize(
        f->memory, f->objects, f->object_room * sizeof *objects, room * sizeof *objects);
    if (!objects)
        return UINT32_MAX;
    memset(objects + f->object_room, 0, (room - f->object_room) * sizeof *objects);
    f->objects = objects;
    f->object_room = room;
    return number;
}

/* A window that nobody uses; NULL without memory. */
static struct window *take_window(struct follower *f)
{
    if (f->spare_count > 0)
        return f->spare[--f->spare_count];
    if (f->window_count == f->spare_room) {
        size_t room = f->spare_room ? 2 * f->spare_room : 16;
        struct window **spare = counted_resize(
            f->memory, f->spare, f->spare_room * sizeof *spare, room * sizeof *spare);
        if (!spare)
            return NULL;
        f->spare = spare;
        f->spare_room = room;
    }
    struct window *window = window_new(f->options.model, f->options.budget);
    f->window_count += window != NULL;
    return window;
}

static bool wake(struct follower *f, struct followed *o)
{
    struct model_state state = {.words = o->was_used ? o->words : f->first_words,
                                .count = o->was_used ? o->word_count : f->first_count};
    o->window = take_window(f);
    if (!o->window || !window_begin(o->window, &state, o->cut))
        return false;
    forget_words(f, o);
    o->was_used = true;
    return true;
}

static void put_to_rest(struct follower *f, struct followed *o)
{
    o->cut = window_was_cut(o->window);
    f->spare[f->spare_count++] = o->window;
    o->window = NULL;
}

/* False without memory. */
static bool rest_if_possible(struct follower *f, struct followed *o)
{
    struct model_state state;
    if (!window_rests(o->window, &state))
        return true;
    if (state.count > 0) {
        o->words = counted_resize(f->memory, NULL, 0, state.count * sizeof *o->words);
        if (!o->words)
            return false;
        memcpy(o->words, state.words, state.count * sizeof *o->words);
    }
    o->word_count = state.count;
    put_to_rest(f, o);
    return true;
}

/* --- instants --- */

static void give_up(struct follower *f, uint32_t number, const char *why)
{
    struct followed *o = &f->objects[number];
    o->undecided = why;
    put_to_rest(f, o);
    if (f->state.undecided_count++ > 0)
        return;
    f->state.why = why;
    f->state.why_key = f->keys.names[number];
}

static enum err_code settle(struct follower *f, uint32_t number, struct err *err)
{
    struct followed *o = &f->objects[number];
    o->is_new = false;
    if (o->undecided || !o->window)
        return ERR_OK;
    struct window_news news = window_settle(o->window);
    switch (news.value) {
    case WINDOW_FITS: return rest_if_possible(f, o) ? ERR_OK : no_memory(err);
    case WINDOW_GAVE_UP: give_up(f, number, news.why); return ERR_OK;
    case WINDOW_NO_MEMORY: return no_memory(err);
    case WINDOW_VIOLATED: break;
    }
    f->violating = *news.op;
    f->state.is_violated = true;
    f->state.key = f->keys.names[number];
    f->state.op = &f->violating;
    return ERR_OK;
}

enum err_code follower_moment(struct follower *f, int64_t at_ns, struct err *err)
{
    if (at_ns <= f->now_ns)
        return ERR_OK;
    f->now_ns = at_ns;
    for (size_t i = 0; i < f->news_count && !f->state.is_violated; i++)
        if (settle(f, f->news[i], err))
            return err->code;
    f->news_count = 0;
    return ERR_OK;
}

/* Something happened to it at this instant. */
static bool note_new(struct follower *f, uint32_t number)
{
    if (f->objects[number].is_new)
        return true;
    if (f->news_count == f->news_room) {
        size_t room = f->news_room ? 2 * f->news_room : 16;
        uint32_t *news = counted_resize(f->memory, f->news, f->news_room * sizeof *news,
                                        room * sizeof *news);
        if (!news)
            return false;
        f->news = news;
        f->news_room = room;
    }
    f->news[f->news_count++] = number;
    f->objects[number].is_new = true;
    return true;
}

/* --- calls and returns --- */

/* False without memory. */
static bool begin(struct follower *f, int64_t key, const struct followed_op *op)
{
    uint32_t number = object_of(f, f->options.model->by_key ? key : OP_NIL), slot;
    if (number == UINT32_MAX)
        return false;
    struct followed *o = &f->objects[number];
    if (o->undecided)
        return true;
    if (!o->window && !wake(f, o))
        return false;
    return window_call(o->window, op, &slot) && note_new(f, number) &&
           id_list_add(&f->open, op->id, (uint64_t)number << 32 | slot);
}

enum err_code follower_call(struct follower *f, int64_t id, const struct op_row *row,
                            struct err *err)
{
    const struct operation *o = &row->operation;
    struct followed_op op = {.id = id,
                             .process = row->process,
                             .region = row->region,
                             .called_at_ns = row->invoked_at_ns,
                             .returned_at_ns = INT64_MAX,
                             .op = {.kind = o->kind,
                                    .argument = o->argument,
                                    .expected = o->expected,
                                    .result = OP_NIL}};
    if (follower_moment(f, row->invoked_at_ns, err))
        return err->code;
    if (f->state.is_violated || !is_promised(f, o))
        return ERR_OK;
    if (check_kind(f, id, o->kind, err))
        return err->code;
    if (check_argument(f, id, &op.op, err))
        return err->code;
    f->state.op_count++;
    return begin(f, o->key, &op) ? ERR_OK : no_memory(err);
}

static enum err_code finish(struct follower *f, uint32_t number, uint32_t slot, int64_t at_ns,
                            const struct answer *answer, struct err *err)
{
    struct window *w = f->objects[number].window;
    struct model_op op = window_op(w, slot)->op;
    struct operands operands = {.model = f->options.model};
    if (op.kind == OP_CAS && answer->outcome == OUTCOME_FAIL &&
        operands_check_failed_cas(&operands, window_op(w, slot)->id, op.expected,
                                  answer->result, answer->is_list, err))
        return err->code;
    enum window_end end = end_of(answer, &op);
    struct int_list list = {.at = answer->members, .count = answer->member_count};
    if (answer->is_list && end == END_TOLD)
        op.list = &list;
    if (end == END_TOLD && check_result(f, window_op(w, slot)->id, &op, err))
        return err->code;
    bool done = window_return(w, slot, end, &op, at_ns) && note_new(f, number);
    return done ? ERR_OK : no_memory(err);
}

enum err_code follower_return(struct follower *f, int64_t id, int64_t at_ns,
                              const struct answer *answer, struct err *err)
{
    if (follower_moment(f, at_ns, err))
        return err->code;
    struct id_entry *entry = id_list_find(&f->open, id);
    if (f->state.is_violated || !entry)
        return ERR_OK;
    uint32_t number = (uint32_t)(entry->what >> 32), slot = (uint32_t)entry->what;
    struct followed *o = &f->objects[number];
    enum err_code code = ERR_OK;
    if (o->window && window_waits_for(o->window, slot, id))
        code = finish(f, number, slot, at_ns, answer, err);
    else if (!o->undecided)
        o->late_count += answer->outcome != OUTCOME_UNKNOWN;
    id_list_remove(&f->open, entry);
    return code;
}

bool follower_knows(const struct follower *f, int64_t id)
{
    return id_list_find(&f->open, id) != NULL;
}

bool follower_is_violated(const struct follower *f)
{
    return f->state.is_violated;
}

struct follow_state follower_state(const struct follower *f)
{
    struct follow_state state = f->state;
    state.object_count = f->keys.count;
    for (uint32_t i = 0; i < f->keys.count && i < f->object_room; i++) {
        const struct followed *o = &f->objects[i];
        uint64_t late = o->late_count;
        state.late_count += late;
        if (late == 0 || o->undecided)
            continue;
        if (state.undecided_count++ > 0)
            continue;
        state.why = "an operation returned when it was too late to judge it";
        state.why_key = f->keys.names[i];
    }
    return state;
}

/* --- beginning and end --- */

static bool make_first_state(struct follower *f)
{
    const struct model_ops *model = f->options.model;
    struct model_state first;
    f->first_words =
        arena_array(&f->arena, model_state_words(model, 1, 0) + 1, sizeof *f->first_words);
    if (!f->first_words)
        return false;
    first.words = f->first_words;
    model->init(f->options.initial, &first);
    f->first_count = first.count;
    return true;
}

struct follower *follower_new(const struct follow_options *options)
{
    struct follower *f = calloc(1, sizeof *f);
    assert(!follow_refuses(options->model));
    if (!f)
        return NULL;
    f->options = *options;
    f->memory = f->arena.memory = f->open.memory = options->budget->memory;
    f->now_ns = INT64_MIN;
    f->sums = sum_range_from(options->initial);
    if (numbering_init(&f->keys, &f->arena) && make_first_state(f))
        return f;
    follower_free(f);
    return NULL;
}

void follower_free(struct follower *f)
{
    if (!f)
        return;
    for (uint32_t i = 0; i < f->object_room; i++) {
        forget_words(f, &f->objects[i]);
        window_free(f->objects[i].window);
    }
    for (size_t i = 0; i < f->spare_count; i++)
        window_free(f->spare[i]);
    counted_free(f->memory, f->spare, f->spare_room * sizeof(struct window *));
    counted_free(f->memory, f->objects, f->object_room * sizeof *f->objects);
    counted_free(f->memory, f->news, f->news_room * sizeof *f->news);
    id_list_done(&f->open);
    arena_done(&f->arena);
    free(f);
}
