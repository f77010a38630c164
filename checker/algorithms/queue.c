/* Follows what is known of queues whose values are distinct (Lee and Mathur 2025;
 * Abdulla and others 2025), and goes on to operations that nobody answered: fifo.h. */
#include "checker/algorithms/queue.h"

#include "checker/algorithms/queue_parts.h"

struct deciding {
    const struct problem *p;
    struct budget *budget;
    struct arena *work, *keep;
    struct finding *out;
    struct stays stays;
};

/* Put the stays in line; without *finished, that has been told. */
static enum err_code line_up(struct deciding *d, const struct fifo *f, enum fifo_takers takers,
                             struct fifo_line *line, bool *finished, struct err *err)
{
    enum err_code code = fifo_run(f, takers, d->budget, d->work, line, finished, err);
    if (code)
        return code;
    if (!*finished)
        *d->out = (struct finding){.value = FINDING_GAVE_UP, .why = d->budget->why};
    return ERR_OK;
}

/* Empty answers as instants: whoever takes what is lost is known, or need not be. What
 * has no order even if lost values are `taken` as soon as anybody likes has none. */
static enum err_code decide_plain(struct deciding *d, bool taken, bool *ordered,
                                  struct err *err)
{
    struct fifo f;
    uint32_t occupied;
    struct fifo_line line;
    bool finished;
    *ordered = false;
    enum err_code code =
        fifo_init(&f, d->p, &d->stays, taken, FIFO_TO_INSTANT, d->work, &occupied, err);
    if (code)
        return code;
    if (occupied != STAY_NOBODY)
        return queue_refute_empty(&f, occupied, d->work, d->keep, d->out, err);
    code = line_up(d, &f, FIFO_TAKERS_NONE, &line, &finished, err);
    if (code || !finished)
        return code;
    if (line.count < f.total)
        return queue_refute_circle(&f, &line, d->work, d->keep, d->out, err);
    *ordered = true;
    return taken ? ERR_OK : queue_weave(&f, &line, d->work, d->keep, d->out, err);
}

/* No line was found with the takers there are. */
static enum err_code refute(struct deciding *d, const struct fifo_deadlines *deadlines,
                            bool guessed, struct err *err)
{
    bool ordered, found;
    enum err_code code = decide_plain(d, true, &ordered, err);
    if (code || !ordered)
        return code;
    code = queue_refute_shortage(deadlines, d->work, d->keep, &found, d->out, err);
    if (!code && !found)
        *d->out = (struct finding){.value = guessed ? FINDING_NOT_MINE : FINDING_NO_ORDER};
    return code;
}

static enum err_code find_deadlines(struct deciding *d, struct fifo *f,
                                    struct fifo_deadlines *deadlines, struct err *err)
{
    enum err_code code = fifo_deadlines_init(deadlines, f, d->work, err);
    if (code)
        return code;
    f->deadlines = arena_array(d->work, d->stays.count, sizeof *f->deadlines);
    if (!f->deadlines)
        return err_set(err, ERR_NOMEM, "queue: out of memory");
    for (uint32_t i = 0; i < d->stays.count; i++)
        if (stay_is_lost(&d->stays.all[i]))
            f->deadlines[i] = fifo_deadline(deadlines, i, NULL);
    return ERR_OK;
}

/* Unanswered dequeues may have taken what nobody was told. */
static enum err_code decide_with_takers(struct deciding *d, struct err *err)
{
    struct fifo f;
    uint32_t occupied;
    struct fifo_deadlines deadlines;
    struct fifo_line line;
    bool finished;
    enum err_code code =
        fifo_init(&f, d->p, &d->stays, true, FIFO_TO_ENDS, d->work, &occupied, err);
    if (code)
        return code;
    if (occupied != STAY_NOBODY)
        return queue_refute_empty(&f, occupied, d->work, d->keep, d->out, err);
    code = find_deadlines(d, &f, &deadlines, err);
    if (!code)
        code = line_up(d, &f, FIFO_TAKERS_BY_DEADLINE, &line, &finished, err);
    if (!code && finished && line.count < f.total && line.guessed)
        code = line_up(d, &f, FIFO_TAKERS_BY_SIGHT, &line, &finished, err);
    if (code || !finished)
        return code;
    return line.count == f.total ? queue_weave(&f, &line, d->work, d->keep, d->out, err)
                                 : refute(d, &deadlines, line.guessed, err);
}

enum err_code queue_decide(const struct problem *p, struct budget *budget, struct arena *work,
                           struct arena *keep, struct finding *out, struct err *err)
{
    struct deciding d = {.p = p, .budget = budget, .work = work, .keep = keep, .out = out};
    bool ready;
    *out = (struct finding){.value = FINDING_NOT_MINE};
    if (p->initial != OP_NIL)
        return ERR_OK;
    enum err_code code = stays_collect(p, budget, work, keep, &d.stays, &ready, out, err);
    if (code || !ready)
        return code;
    bool ordered;
    return d.stays.taker_count > 0 && d.stays.lost_count > 0
               ? decide_with_takers(&d, err)
               : decide_plain(&d, false, &ordered, err);
}
