/* The question of linearizability about one object. */
#include "checker/problem.h"

#include "history/history.h"

size_t problem_state_words(const struct problem *p)
{
    size_t listed = 0;
    for (size_t i = 0; i < p->count; i++)
        listed += p->ops[i].op.list ? p->ops[i].op.list->count : 0;
    return model_state_words(p->model, p->count, listed);
}
