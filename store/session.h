/* What each client was last told, so that a retry is answered and not done twice
 * (thesis 6.3). Part of the replicated state: every replica holds the same sessions,
 * and so does every snapshot.
 *
 * A client has one operation under way and its sequences rise, so its last answer is
 * enough. At SESSIONS_MAX clients the one unheard of for longest is forgotten. */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/codec.h"
#include "store/wire.h"

enum { SESSIONS_MAX = 65536 };

/* What became of a change. */
struct outcome {
    enum reply_status status;
    enum reply_reason reason;
    int64_t value;    /* the one found, of a cas that did not match; else STORE_NIL */
    uint64_t version; /* position of the change; 0 when nothing changed */
};

struct session {
    uint64_t client, sequence;
    uint64_t position; /* in the log, of the operation */
    struct outcome outcome;
};

/* All zero is empty. Read only outside session.c. */
struct sessions {
    struct session *items; /* by rising client */
    size_t count, capacity;
};

/* NULL for a client never heard of. */
const struct session *sessions_find(const struct sessions *s, uint64_t client);

/* Remember the newest answer to a client; false without memory. */
bool sessions_remember(struct sessions *s, const struct session *session) MUST_CHECK;

bool sessions_save(const struct sessions *s, struct buffer *out) MUST_CHECK;

/* Read what sessions_save wrote into an empty struct; false, and `nomem` says why. */
bool sessions_load(struct sessions *s, struct reader *in, bool *nomem) MUST_CHECK;

void sessions_done(struct sessions *s);

#endif
