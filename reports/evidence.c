/* Contents: opening · names · operations · verdicts */
#include "reports/evidence.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "history/telling.h"

enum err_code evidence_open(struct evidence *e, const struct judgement *j, struct err *err)
{
    *e = (struct evidence){.j = j};
    if (j->columns) {
        e->columns = *j->columns;
    } else if (history_columns(j->history, HISTORY_ALL_TABLES, &e->arena, &e->columns, err)) {
        arena_done(&e->arena);
        return err->code;
    }
    e->digits = telling_digits(&e->columns, history_end_ns(j->history));
    e->has_regions = telling_has_regions(j->history);
    e->has_keys = telling_has_keys(j->history, &e->columns);
    return ERR_OK;
}

void evidence_close(struct evidence *e)
{
    arena_done(&e->arena);
}

/* --- names --- */

static const char *or_unknown(const char *made)
{
    return made ? made : "?";
}

/* The second byte of a control character of ISO 6429 that is spelled in UTF-8. */
static bool is_high_control(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    return byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] <= 0x9f;
}

const char *evidence_clean(struct evidence *e, const char *text)
{
    char *copy = arena_copy_text(&e->arena, text);
    if (!copy)
        return "?";
    text_make_utf8(copy);
    text_keep_on_one_line(copy);
    for (char *at = copy; *at; at++)
        if (is_high_control(at))
            at[0] = at[1] = ' ';
    return copy;
}

static const char *named(struct evidence *e, const char *name, long long number)
{
    return name ? evidence_clean(e, name) : or_unknown(arena_format(&e->arena, "%lld", number));
}

const char *evidence_region(struct evidence *e, uint32_t region)
{
    bool known = region < history_region_count(e->j->history);
    return named(e, known ? history_region_name(e->j->history, region) : NULL, region);
}

const char *evidence_table(struct evidence *e, uint32_t table)
{
    bool known = table < history_table_count(e->j->history);
    return named(e, known ? history_table_name(e->j->history, table) : NULL, table);
}

const char *evidence_node(struct evidence *e, int node)
{
    if (node < 0)
        return "-";
    bool known = (uint32_t)node < history_node_count(e->j->history);
    return named(e, known ? history_node_name(e->j->history, (uint32_t)node) : NULL, node);
}

/* --- operations --- */

bool evidence_row(const struct evidence *e, int64_t id, size_t *row)
{
    size_t low = 0, high = e->columns.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->columns.id[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    *row = low;
    return low < e->columns.count && e->columns.id[low] == id;
}

static const char *value(struct evidence *e, int64_t number)
{
    if (number == OP_NIL)
        return "nothing";
    const struct history *h = e->j->history;
    return named(e, history_text(h, number), history_integer(h, number));
}

enum { LISTED_MAX = 8 };

/* "1, 2, 3 and 40 more" */
static const char *list(struct evidence *e, const struct int_list *items)
{
    const char *told = items->count == 0 ? "nothing" : "";
    for (size_t i = 0; i < items->count && i < LISTED_MAX; i++)
        told = or_unknown(
            arena_format(&e->arena, "%s%s%s", told, i ? ", " : "", value(e, items->at[i])));
    if (items->count <= LISTED_MAX)
        return told;
    return or_unknown(
        arena_format(&e->arena, "%s and %zu more", told, items->count - LISTED_MAX));
}

static const char *result(struct evidence *e, size_t row)
{
    const struct columns *c = &e->columns;
    if (c->outcome[row] != OUTCOME_OK)
        return op_outcome_name(c->outcome[row]);
    if (c->is_list[row])
        return list(e, &c->lists[c->result[row]]);
    return value(e, c->result[row]);
}

/* What became of an operation that changes something: told only where it is not "ok". */
static const char *fate(struct evidence *e, size_t row)
{
    if (e->columns.outcome[row] == OUTCOME_OK)
        return "";
    return or_unknown(
        arena_format(&e->arena, ": %s", op_outcome_name(e->columns.outcome[row])));
}

/* " to 5", or nothing where there is nothing to tell. */
static const char *told_if_any(struct evidence *e, const char *before, int64_t number)
{
    if (number == OP_NIL)
        return "";
    return or_unknown(arena_format(&e->arena, "%s%s", before, value(e, number)));
}

/* Is it asked in order to be answered? Others tell what came back if anything did. */
static bool asks(uint8_t kind)
{
    switch (kind) {
    case OP_READ:
    case OP_MEMBERS:
    case OP_RMW:
    case OP_CONTAINS:
    case OP_DEQUEUE:
    case OP_POP:
    case OP_POLL:
    case OP_PEEK:
    case OP_GENERATE: return true;
    default: return false;
    }
}

static const char *outcome(struct evidence *e, size_t row)
{
    const struct columns *c = &e->columns;
    if (asks(c->kind[row]))
        return or_unknown(arena_format(&e->arena, ": %s", result(e, row)));
    if (c->outcome[row] == OUTCOME_OK && !c->is_list[row])
        return told_if_any(e, ": ", c->result[row]);
    return fate(e, row);
}

/* "read x 1", "write y 2" */
static const char *part(struct evidence *e, const struct micro_row *m, bool answered)
{
    const char *kind = op_kind_name((int)m->kind);
    bool asked = m->kind == OP_READ;
    const char *what = asked && !answered ? "" : value(e, asked ? m->result : m->argument);
    return or_unknown(arena_format(&e->arena, "%s %s%s%s", kind ? kind : "?", value(e, m->key),
                                   *what ? " " : "", what));
}

/* "txn: read x 1, write y 2 and 3 more: unknown" */
static const char *transaction(struct evidence *e, size_t row)
{
    enum { PARTS_MAX = 4 };
    const struct micro_row *all = NULL;
    const char *told = "txn", *by = ": ";
    size_t count = 0, found = 0;
    struct err unused;
    if (history_micros(e->j->history, &e->arena, &all, &count, &unused))
        count = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].op != e->columns.id[row] || found++ >= PARTS_MAX)
            continue;
        told =
            or_unknown(arena_format(&e->arena, "%s%s%s", told, by,
                                    part(e, &all[i], e->columns.outcome[row] == OUTCOME_OK)));
        by = ", ";
    }
    if (found > PARTS_MAX)
        told = or_unknown(arena_format(&e->arena, "%s and %zu more", told, found - PARTS_MAX));
    return or_unknown(arena_format(&e->arena, "%s%s", told, fate(e, row)));
}

const char *evidence_deed(struct evidence *e, size_t row)
{
    const struct columns *c = &e->columns;
    const char *name = op_kind_name(c->kind[row]);
    const char *key = e->has_keys ? told_if_any(e, " key ", c->key[row]) : "";
    switch (c->kind[row]) {
    case OP_TXN: return transaction(e, row);
    case OP_FINAL:
        return or_unknown(arena_format(&e->arena, "final%s on %s: %s", key,
                                       evidence_node(e, c->node[row]), result(e, row)));
    case OP_CAS:
        return or_unknown(arena_format(&e->arena, "cas%s from %s to %s%s", key,
                                       value(e, c->expected[row]), value(e, c->argument[row]),
                                       fate(e, row)));
    default:
        return or_unknown(arena_format(&e->arena, "%s%s%s%s", name ? name : "?", key,
                                       told_if_any(e, " ", c->argument[row]), outcome(e, row)));
    }
}

/* --- verdicts --- */

size_t evidence_count(const struct judgement *j, enum verdict_value wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < j->verdict_count; i++)
        count += j->verdicts[i].value == wanted;
    return count;
}

const struct verdict **evidence_by_gravity(struct evidence *e)
{
    static const enum verdict_value order[] = {VERDICT_VIOLATED, VERDICT_UNDECIDED,
                                               VERDICT_NOT_EXERCISED, VERDICT_HOLDS};
    const struct verdict **sorted =
        arena_array(&e->arena, e->j->verdict_count, sizeof(struct verdict *));
    size_t count = 0;
    for (size_t o = 0; sorted && o < ARRAY_LEN(order); o++)
        for (size_t i = 0; i < e->j->verdict_count; i++)
            if (e->j->verdicts[i].value == order[o])
                sorted[count++] = &e->j->verdicts[i];
    return sorted;
}
