#include "injector/node_states.h"

#include <assert.h>

/* Bring one node from how it is to how it is wanted. */
static enum err_code make_so(struct node_states *s, uint32_t node, struct err *err)
{
    const struct node_ops *real = &s->real;
    bool want_down = s->of[node].kills > 0;
    if (want_down != s->of[node].down) {
        enum err_code code =
            want_down ? real->kill(real->user, node, err) : real->start(real->user, node, err);
        if (code)
            return code;
        s->of[node].down = want_down;
        s->of[node].paused = false;
    }
    bool want_paused = s->of[node].pauses > 0 && !want_down;
    if (want_paused != s->of[node].paused) {
        enum err_code code = want_paused ? real->pause(real->user, node, err)
                                         : real->resume(real->user, node, err);
        if (code)
            return code;
        s->of[node].paused = want_paused;
    }
    return ERR_OK;
}

static enum err_code add(struct node_states *s, uint32_t node, uint16_t *wanted,
                         const bool *is_so, struct err *err)
{
    assert(node < s->count);
    ++*wanted;
    if (make_so(s, node, err)) {
        --*wanted;
        return err->code;
    }
    if (*is_so)
        s->hit |= UINT32_C(1) << node;
    return ERR_OK;
}

static enum err_code take_away(struct node_states *s, uint32_t node, uint16_t *wanted,
                               struct err *err)
{
    assert(node<s->count && * wanted> 0);
    --*wanted;
    return make_so(s, node, err);
}

static enum err_code add_kill(void *user, uint32_t node, struct err *err)
{
    struct node_states *s = user;
    return add(s, node, &s->of[node].kills, &s->of[node].down, err);
}

static enum err_code take_kill(void *user, uint32_t node, struct err *err)
{
    struct node_states *s = user;
    return take_away(s, node, &s->of[node].kills, err);
}

static enum err_code add_pause(void *user, uint32_t node, struct err *err)
{
    struct node_states *s = user;
    return add(s, node, &s->of[node].pauses, &s->of[node].paused, err);
}

static enum err_code take_pause(void *user, uint32_t node, struct err *err)
{
    struct node_states *s = user;
    return take_away(s, node, &s->of[node].pauses, err);
}

void node_states_init(struct node_states *s, const struct node_ops *real, uint32_t count)
{
    assert(count <= NODES_MAX);
    *s = (struct node_states){.real = *real, .count = count};
}

struct node_ops node_states_ops(struct node_states *s)
{
    return (struct node_ops){.user = s,
                             .kill = add_kill,
                             .start = take_kill,
                             .pause = add_pause,
                             .resume = take_pause};
}

enum err_code node_states_heal(struct node_states *s, struct err *err)
{
    enum err_code first = ERR_OK;
    for (uint32_t n = 0; n < s->count; n++) {
        struct err own;
        s->of[n].kills = s->of[n].pauses = 0;
        enum err_code code = make_so(s, n, &own);
        if (!first && code)
            first = err_set(err, code, "%s", own.msg);
    }
    return first;
}
