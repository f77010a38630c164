/* What became of every element of the sets of one table, as operations and reads
 * tell it. Facts only; which of them break a promise is for the checks to say. */
#ifndef CHECKER_ELEMENTS_H
#define CHECKER_ELEMENTS_H

#include "base/budget.h"
#include "checker/finals.h"
#include "checker/int_map.h"

struct element {
    int64_t key, value;
    /* Rows in the columns, or NO_ROW. */
    uint32_t add;            /* acknowledged; the first to return */
    uint32_t tried_add;      /* acknowledged or unknown; the first called */
    uint32_t refused_add;    /* failed */
    uint32_t removal;        /* acknowledged */
    uint32_t tried_removal;  /* acknowledged or unknown */
    int64_t adds_over_at_ns; /* when the last add that may have happened had returned;
                                INT64_MAX: one may still happen */
    uint32_t stale_read;     /* misses it though its add had returned, nobody tried to
                                remove it, and the read asked to be linearizable */
    uint64_t stale_count;    /* the same for reads of any level */
    bool could_be_read;      /* some read was called after its add had returned */
    uint32_t seen;           /* the last read that shows it */
    uint32_t next;           /* of the same key; NO_ROW: none */
};

struct elements {
    struct element *all; /* in order of first use */
    size_t count;
    size_t acknowledged_count; /* adds */
    size_t read_count;         /* answered reads of whole sets */
    /* The first reads that show what nobody added, or before it was added, or twice. */
    struct wrong_read {
        uint32_t read; /* NO_ROW: none */
        int64_t value;
        const struct element *element; /* NULL: no operation names it */
    } unexpected, early, twice;
    /* Small numbers for keys and values; together the name of an element. */
    struct int_map key_number, value_number, by_name;
};

/* `spent` tells that the budget ran out on the way: then `out` is not whole. */
enum err_code elements_find(const struct columns *columns, struct budget *budget,
                            struct arena *arena, struct elements *out, bool *spent,
                            struct err *err) MUST_CHECK;

/* Was its add acknowledged, and did nobody try to remove it? */
static inline bool element_is_owed(const struct element *e)
{
    return e->add != NO_ROW && e->tried_removal == NO_ROW;
}

/* Which elements the replicas hold at the end: how many replicas, by element. */
uint32_t *elements_held(const struct elements *elements, const struct columns *columns,
                        const struct finals *finals, struct arena *arena);

/* Acknowledged changes that the end does not show: adds that no replica holds and
 * nobody tried to remove, and removals whose element is there. */
struct losses {
    size_t lost_count, undead_count;
    const struct element *lost, *undead; /* the first of each; NULL: none */
    /* The same, by a promotion of an asynchronous table. */
    size_t excused_add_count, excused_removal_count;
    size_t all_count; /* of these four kinds: RPO */
    uint32_t oldest;  /* of all, the first to return; NO_ROW: none */
};

/* `held` is from elements_held; `promotions` NULL where no promotion excuses. */
void elements_lost(const struct elements *elements, const struct columns *columns,
                   const struct finals *finals, const uint32_t *held,
                   const struct promotions *promotions, struct losses *out);

#endif
