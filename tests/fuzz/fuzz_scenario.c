/* Scenarios from strangers: any text is either refused with a sentence or becomes a
 * scenario that can be planned. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/vocabulary.h"
#include "scenarios/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void plan_it(const struct document *d)
{
    struct vocabulary v = harness_vocabulary();
    struct arena arena = {0};
    struct scenario *s;
    struct plan *plan;
    struct err err = {0};
    if (scenario_read(d, &v, &arena, &s, &err)) {
        if (err.msg[0] == '\0' || strchr(err.msg, '\n'))
            abort();
    } else {
        if (plan_make(s, 1, &v.faults, &arena, &plan, &err))
            abort();
        json_decref(plan_to_json(plan));
    }
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct document *d;
    struct err err = {0};
    if (document_parse("input.yaml", (struct bytes){data, size}, &d, &err)) {
        if (err.msg[0] == '\0')
            abort();
        return 0;
    }
    plan_it(d);
    document_free(d);
    return 0;
}
