/* If all ids differ, any order is one: that of the calls. */
#include "checker/algorithms/unique_ids.h"

#include "checker/algorithms/refusal.h"
#include "checker/int_map.h"

static const char *const given_twice = "{0.who} and {1.who} both got the id {0.result}";

static enum err_code no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "unique ids: out of memory");
}

enum err_code unique_ids_decide(const struct problem *p, struct budget *budget,
                                struct arena *work, struct arena *keep, struct finding *out,
                                struct err *err)
{
    struct int_map owner;
    *out = (struct finding){.value = FINDING_ORDER};
    out->order = arena_array(keep, p->count + 1, sizeof *out->order);
    if (!out->order || !int_map_init(&owner, work, p->count))
        return no_memory(err);
    for (uint32_t i = 0; i < p->count; i++) {
        const struct model_op *op = &p->ops[i].op;
        if (!budget_spend(budget, 1)) {
            *out = (struct finding){.value = FINDING_GAVE_UP, .why = budget->why};
            return ERR_OK;
        }
        if (!op->answered)
            continue;
        uint32_t first = op->result == OP_NIL ? i : *int_map_put(&owner, op->result, i);
        if (first != i)
            return refuse_two(given_twice, first, i, keep, out, err);
        out->order[out->order_count++] = i;
    }
    return ERR_OK;
}
