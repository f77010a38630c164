/* What is not yet certain of one object that is followed while it is used.
 *
 * What an operation was told is known only when it returns. So the object's standing is
 * certain up to the call of the oldest operation that is open, and goes on from there
 * only when that returns. What came after it waits in a row of events; whenever one more
 * returns, that row is judged on a copy, as if whoever is still open were never
 * answered: any beginning of a history is a history, so what has no order then will
 * never have one.
 *
 * An operation that stays open while thousands of events go by is taken as never
 * answered. It may return after all; then what it was told can no longer be judged. */
#ifndef CHECKER_WINDOW_H
#define CHECKER_WINDOW_H

#include "checker/algorithms/standing.h"
#include "history/history.h"

struct followed_op {
    int64_t id, process;
    uint32_t region;
    int64_t called_at_ns, returned_at_ns;
    struct model_op op; /* its list is the window's */
};

struct window;

/* NULL without memory, which `budget` counts. */
struct window *window_new(const struct model_ops *model, struct budget *budget);
void window_free(struct window *w);

/* Begin with an object that is known to be in `state`. `cut`: something was forgotten
 * before, so that nothing can be proved any more. False without memory. */
bool window_begin(struct window *w, const struct model_state *state, bool cut) MUST_CHECK;

/* An operation is called, which is not answered yet. Where others have returned since
 * the last window_settle it is concurrent with them. `slot` is what to call it from now
 * on. False without memory. */
bool window_call(struct window *w, const struct followed_op *op, uint32_t *slot) MUST_CHECK;

enum window_end {
    END_TOLD,   /* it happened, or was refused, as `op` says */
    END_FAILED, /* it never happens */
    END_UNKNOWN /* it may still happen at any time */
};

/* The operation in `slot`, which is open, returned. `op` is borrowed, its list is copied. False
 * without memory. */
bool window_return(struct window *w, uint32_t slot, enum window_end end,
                   const struct model_op *op, int64_t at_ns) MUST_CHECK;

struct window_news {
    enum window_news_value {
        WINDOW_FITS,     /* what has returned so far has an order */
        WINDOW_VIOLATED, /* it has none, and will never have; `op` is the first to show it */
        WINDOW_GAVE_UP,  /* nobody can tell, and will never; `why` */
        WINDOW_NO_MEMORY
    } value;
    const struct followed_op *op; /* good until the window is used again */
    const char *why;
};

/* Their instant is over: judge what has returned, and go on as far as is certain. */
struct window_news window_settle(struct window *w);

/* Is `slot` still that of the operation `id`, and is it open? Else it was taken as never
 * answered. */
bool window_waits_for(const struct window *w, uint32_t slot, int64_t id);

/* As it was called; good until the window is used again. */
const struct followed_op *window_op(const struct window *w, uint32_t slot);

/* Is nothing open, nothing to be judged, and the state certain? If so, it is in `state`,
 * whose words are good until the window is used again. */
bool window_rests(const struct window *w, struct model_state *state);

/* Was something forgotten? */
bool window_was_cut(const struct window *w);

#endif
