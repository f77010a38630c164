#include "systems/line_program.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct line_request {
    struct line_program *program;
    struct line_request *next;
    uint64_t id;
    struct io_timer timer; /* its end */
    line_answered_fn answered;
    void *user;
};

struct line_program {
    struct line_program_spec spec; /* without what was borrowed for the call */
    struct process *process;       /* NULL: gone */
    struct line_request *requests;
    bool closed;
    bool ending; /* telling that it is gone; not to be freed from inside */
};

static int64_t now_ns(const struct line_program *p)
{
    return p->spec.clock->ops->now_ns(p->spec.clock);
}

/* --- the end of a request --- */

static void unlink_request(struct line_request *r)
{
    struct line_request **at = &r->program->requests;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
}

static void free_request(struct line_request *r)
{
    struct io *clock = r->program->spec.clock;
    clock->ops->timer_stop(clock, &r->timer);
    unlink_request(r);
    free(r);
}

/* The last thing done with `r`, and perhaps with its program. */
static void end_request(struct line_request *r, enum line_end end, const json_t *answer,
                        const char *why)
{
    line_answered_fn answered = r->answered;
    void *user = r->user;
    free_request(r);
    answered(user, end, answer, why);
}

static void on_timer(struct io_timer *timer)
{
    end_request(CONTAINER_OF(timer, struct line_request, timer), LINE_LOST, NULL, "timed out");
}

/* Those under way now, not those that a callback may add. A callback may also close
 * the program, which then has no requests. */
static void end_all(struct line_program *p, const char *why)
{
    size_t count = 0;
    for (struct line_request *r = p->requests; r; r = r->next)
        count++;
    while (count-- > 0 && p->requests)
        end_request(p->requests, LINE_LOST, NULL, why);
}

/* --- what it says --- */

static struct line_request *find_request(struct line_program *p, uint64_t id)
{
    struct line_request *r = p->requests;
    while (r && r->id != id)
        r = r->next;
    return r;
}

static void refuse_line(struct line_program *p, const char *why, const char *text, size_t size)
{
    int shown = size < 120 ? (int)size : 120;
    log_event(LOG_WARN, now_ns(p), "bad_line", "at=%s: %s: %.*s", p->spec.place->name, why,
              shown, text);
    end_all(p, "bad answer");
}

/* An id that nobody waits for is a late answer, no mistake. */
static void on_answer(struct line_program *p, const json_t *answer, const char *text,
                      size_t size)
{
    const json_t *id = json_object_get(answer, "id");
    if (!json_is_integer(id)) {
        refuse_line(p, "it is no object with an integer \"id\"", text, size);
        return;
    }
    struct line_request *r = find_request(p, (uint64_t)json_integer_value(id));
    if (r)
        end_request(r, LINE_ANSWERED, answer, NULL);
}

static void on_line(void *user, const char *text, size_t size)
{
    struct line_program *p = user;
    json_error_t why;
    if (p->closed)
        return;
    json_t *answer = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    if (answer)
        on_answer(p, answer, text, size);
    else
        refuse_line(p, why.text, text, size);
    json_decref(answer);
}

static void on_exited(void *user, int code, int signal)
{
    struct line_program *p = user;
    (*p->spec.alive)--;
    p->spec.world->ops->process_free(p->process);
    p->process = NULL;
    if (p->closed) {
        free(p);
        return;
    }
    log_event(LOG_WARN, now_ns(p), "program_ended", "at=%s code=%d signal=%d",
              p->spec.place->name, code, signal);
    p->ending = true;
    end_all(p, "the program ended");
    p->ending = false;
    if (p->closed)
        free(p);
}

/* --- asking --- */

static enum err_code send_line(struct line_program *p, uint64_t id, json_t *request,
                               struct err *err)
{
    char *text = NULL;
    if (request && json_object_set_new(request, "id", json_integer((json_int_t)id)) == 0)
        text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    if (!text)
        return err_set(err, ERR_NOMEM, "a request");
    size_t size = strlen(text);
    text[size] = '\n'; /* the end of the text is not sent */
    enum err_code code = p->spec.world->ops->write(
        p->process, (struct bytes){(const uint8_t *)text, size + 1}, err);
    free(text);
    return code;
}

static struct line_request *add_request(struct line_program *p, uint64_t id,
                                        line_answered_fn answered, void *user)
{
    struct line_request *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    assert(!find_request(p, id));
    *r = (struct line_request){.program = p,
                               .next = p->requests,
                               .id = id,
                               .timer = {.fire = on_timer},
                               .answered = answered,
                               .user = user};
    p->requests = r;
    return r;
}

void line_program_ask(struct line_program *p, uint64_t id, json_t *request, int64_t within_ns,
                      line_answered_fn answered, void *user)
{
    struct err err;
    struct line_request *r = p->process ? add_request(p, id, answered, user) : NULL;
    if (!r) {
        json_decref(request);
        answered(user, LINE_NOT_SENT, NULL, p->process ? "no memory" : "the program ended");
        return;
    }
    if (send_line(p, id, request, &err)) {
        log_event(LOG_WARN, now_ns(p), "not_sent", "at=%s: %s", p->spec.place->name, err.msg);
        end_request(r, LINE_NOT_SENT, NULL, "could not be sent");
        return;
    }
    p->spec.clock->ops->timer_set(p->spec.clock, &r->timer, now_ns(p) + within_ns);
}

/* --- its life --- */

enum err_code line_program_start(const struct line_program_spec *spec,
                                 struct line_program **out, struct err *err)
{
    struct line_program *p = calloc(1, sizeof *p);
    if (!p)
        return err_set(err, ERR_NOMEM, "program '%s'", spec->argv[0]);
    struct process_spec what = {.place = spec->place,
                                .argv = spec->argv,
                                .env = spec->env,
                                .log_path = spec->log_path,
                                .line = on_line,
                                .exited = on_exited,
                                .user = p};
    p->spec = *spec;
    p->spec.argv = p->spec.env = NULL;
    p->spec.log_path = NULL;
    p->process = spec->world->ops->spawn(spec->world, &what, err);
    if (!p->process) {
        free(p);
        return err->code;
    }
    (*spec->alive)++;
    *out = p;
    return ERR_OK;
}

bool line_program_ended(const struct line_program *p)
{
    return !p->process;
}

void line_program_close(struct line_program *p)
{
    struct err ignored; /* it may have ended already; then on_exited is still to come */
    if (!p)
        return;
    while (p->requests)
        free_request(p->requests);
    p->closed = true;
    if (p->process)
        (void)p->spec.world->ops->signal(p->process, SIGKILL, &ignored);
    else if (!p->ending)
        free(p);
}
