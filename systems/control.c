#include "systems/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"
#include "store/wire.h"

#define ANSWER_WITHIN_NS (1 * NS_PER_S)
#define STATE_WITHIN_NS  (5 * NS_PER_S) /* all pages */

struct question {
    struct control *control;
    struct question *next, **link; /* in the control's list */
    uint32_t node;
    struct message message; /* what is asked */
    struct io_channel *channel;
    struct io_timer timer; /* its end */
    enum err_code code;    /* at its end: why there is no answer */
    union {
        void (*ready)(void *user, bool ready);
        void (*role)(void *user, const struct role_told *role);
        void (*state)(void *user, enum err_code code, const struct final_value *values,
                      size_t count);
    } told;
    void *user;
    struct arena arena; /* members of the pages so far */
    struct final_value *values;
    size_t value_count;
};

struct control {
    struct world *world;
    struct io *clock;
    const struct place *const *places;
    const struct node_config *config;
    struct io *doors[STORE_NODES_MAX]; /* NULL: cannot be asked */
    struct question *questions;
    struct wire_space space;
    struct buffer out;
};

/* --- the end of a question --- */

static void unlink_question(struct question *q)
{
    *q->link = q->next;
    if (q->next)
        q->next->link = q->link;
}

static void hang_up(struct question *q)
{
    struct io *door = q->control->doors[q->node];
    if (q->channel)
        door->ops->hang_up(q->channel);
    q->channel = NULL;
}

static void free_question(struct question *q)
{
    hang_up(q);
    q->control->clock->ops->timer_stop(q->control->clock, &q->timer);
    unlink_question(q);
    arena_done(&q->arena);
    free(q->values);
    free(q);
}

static void tell_role(struct question *q, const struct message *answer)
{
    struct role_told role = {0};
    if (answer)
        role = (struct role_told){.leads = answer->role.leads,
                                  .term = answer->role.term,
                                  .lost_count = answer->role.lost_count};
    q->told.role(q->user, &role);
}

/* `answer` is NULL when there is none. */
static void tell(struct question *q, const struct message *answer)
{
    if (q->message.type == MESSAGE_ASK_READY)
        q->told.ready(q->user, answer && answer->ready.ready);
    else if (q->message.type == MESSAGE_ASK_ROLE)
        tell_role(q, answer);
    else
        q->told.state(q->user, answer ? ERR_OK : q->code, q->values,
                      answer ? q->value_count : 0);
}

static void end(struct question *q, const struct message *answer)
{
    hang_up(q);
    tell(q, answer);
    free_question(q);
}

static void on_timer(struct io_timer *timer)
{
    end(CONTAINER_OF(timer, struct question, timer), NULL);
}

/* Told later, from a clean stack. */
static void fail_soon(struct question *q, enum err_code code)
{
    struct io *clock = q->control->clock;
    hang_up(q);
    q->code = code;
    clock->ops->timer_set(clock, &q->timer, clock->ops->now_ns(clock));
}

/* --- pages of state --- */

static bool keep_item(struct question *q, const struct state_item *item)
{
    int64_t *members = arena_array(&q->arena, item->member_count + 1u, sizeof *members);
    if (!members)
        return false;
    if (item->member_count > 0)
        memcpy(members, item->members, item->member_count * sizeof *members);
    q->values[q->value_count++] = (struct final_value){
        .table = q->message.ask_state.table,
        .key = item->key,
        .value = item->value,
        .members = members,
        .member_count = item->member_count,
        .is_list = item->is_list,
    };
    return true;
}

static bool keep_page(struct question *q, const struct state *page)
{
    size_t count = q->value_count + page->item_count;
    struct final_value *grown = realloc(q->values, (count + 1) * sizeof *grown);
    if (!grown)
        return false;
    q->values = grown;
    for (uint32_t i = 0; i < page->item_count; i++)
        if (!keep_item(q, &page->items[i]))
            return false;
    return true;
}

/* --- asking --- */

static bool send_message(struct question *q, const struct message *m)
{
    struct control *c = q->control;
    c->out.size = 0;
    if (!wire_encode(m, &c->out))
        return false;
    c->doors[q->node]->ops->send(q->channel, buffer_bytes(&c->out));
    return true;
}

static void on_page(struct question *q, const struct message *m)
{
    if (!keep_page(q, &m->state)) {
        fail_soon(q, ERR_NOMEM);
        return;
    }
    if (!m->state.more) {
        end(q, m);
        return;
    }
    q->message.ask_state.from_key = m->state.next_key;
    if (!send_message(q, &q->message))
        fail_soon(q, ERR_NOMEM);
}

static enum message_type answer_type(const struct question *q)
{
    switch (q->message.type) {
    case MESSAGE_ASK_READY: return MESSAGE_READY;
    case MESSAGE_ASK_ROLE: return MESSAGE_ROLE;
    default: return MESSAGE_STATE;
    }
}

static void on_received(void *user, struct io_channel *ch, struct bytes frame)
{
    (void)ch;
    struct question *q = user;
    struct message m;
    struct err err;
    if (wire_decode(frame, &q->control->space, &m, &err))
        fail_soon(q, ERR_DAMAGED);
    else if (m.type == MESSAGE_STATE && q->message.type == MESSAGE_ASK_STATE)
        on_page(q, &m);
    else if (m.type == answer_type(q))
        end(q, &m);
}

static void on_closed(void *user, struct io_channel *ch, const char *why)
{
    (void)ch;
    (void)why;
    struct question *q = user;
    q->channel = NULL;
    fail_soon(q, ERR_IO);
}

/* The question was sent with the dial; there is nothing to do but wait. */
static void on_opened(void *user, struct io_channel *ch)
{
    (void)user;
    (void)ch;
}

static const struct io_handler channel_handler = {
    .opened = on_opened, .received = on_received, .closed = on_closed};

static struct message hello_of(const struct question *q)
{
    return (struct message){.type = MESSAGE_HELLO,
                            .hello = {.cluster = q->control->config->cluster,
                                      .who = HELLO_CLIENT,
                                      .id = HELLO_ASKER + q->node}};
}

static void ask(struct question *q, int64_t within_ns)
{
    struct control *c = q->control;
    struct io *door = c->doors[q->node];
    struct message hello = hello_of(q);
    if (!door) {
        fail_soon(q, ERR_NOTFOUND);
        return;
    }
    q->channel = door->ops->dial(door, &c->config->addresses[q->node], &channel_handler, q);
    if (!q->channel || !send_message(q, &hello) || !send_message(q, &q->message)) {
        fail_soon(q, ERR_NOMEM);
        return;
    }
    q->code = ERR_TIMEOUT;
    c->clock->ops->timer_set(c->clock, &q->timer, c->clock->ops->now_ns(c->clock) + within_ns);
}

static struct question *new_question(struct control *c, uint32_t node, void *user)
{
    struct question *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->control = c;
    q->node = node;
    q->user = user;
    q->timer.fire = on_timer;
    q->link = &c->questions;
    q->next = c->questions;
    if (q->next)
        q->next->link = &q->next;
    c->questions = q;
    return q;
}

void control_ready(struct control *c, uint32_t node, void (*told)(void *user, bool ready),
                   void *user)
{
    struct question *q = new_question(c, node, user);
    if (!q) {
        told(user, false);
        return;
    }
    q->told.ready = told;
    q->message.type = MESSAGE_ASK_READY;
    ask(q, ANSWER_WITHIN_NS);
}

void control_role(struct control *c, uint32_t node, uint32_t table,
                  void (*told)(void *user, const struct role_told *role), void *user)
{
    struct question *q = new_question(c, node, user);
    if (!q) {
        told(user, &(struct role_told){0});
        return;
    }
    q->told.role = told;
    q->message = (struct message){.type = MESSAGE_ASK_ROLE, .ask_role = {.table = table}};
    ask(q, ANSWER_WITHIN_NS);
}

void control_state(struct control *c, uint32_t node, uint32_t table,
                   void (*told)(void *user, enum err_code code,
                                const struct final_value *values, size_t count),
                   void *user)
{
    struct question *q = new_question(c, node, user);
    if (!q) {
        told(user, ERR_NOMEM, NULL, 0);
        return;
    }
    q->told.state = told;
    q->message = (struct message){.type = MESSAGE_ASK_STATE,
                                  .ask_state = {.table = table, .from_key = INT64_MIN}};
    ask(q, STATE_WITHIN_NS);
}

/* --- doors --- */

struct control *control_new(struct world *world, struct io *clock,
                            const struct place *const *places, const struct node_config *config)
{
    struct control *c = calloc(1, sizeof *c);
    if (c)
        *c = (struct control){
            .world = world, .clock = clock, .places = places, .config = config};
    return c;
}

enum err_code control_open(struct control *c, uint32_t node, struct err *err)
{
    char name[96];
    if (c->doors[node])
        return ERR_OK;
    snprintf(name, sizeof name, "control of %s", c->places[node]->name);
    c->doors[node] = c->world->ops->open(c->world, c->places[node], name, err);
    return c->doors[node] ? ERR_OK : err->code;
}

void control_shut(struct control *c, uint32_t node)
{
    if (!c->doors[node])
        return;
    for (struct question *q = c->questions; q; q = q->next)
        if (q->node == node && q->channel)
            fail_soon(q, ERR_IO);
    c->world->ops->close(c->world, c->doors[node]);
    c->doors[node] = NULL;
}

void control_free(struct control *c)
{
    if (!c)
        return;
    for (uint32_t node = 0; node < STORE_NODES_MAX; node++)
        control_shut(c, node);
    while (c->questions)
        free_question(c->questions);
    wire_space_done(&c->space);
    buffer_done(&c->out);
    free(c);
}
