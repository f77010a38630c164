/* Sentences about operations, written as templates, so that an algorithm can say what
 * it found without knowing clients, regions, keys or the shape of the history.
 *
 * In a template `{0.who}` stands for who called the operation in role 0: "process 7 in
 * us-east". Words: who, deed ("read 41"), did ("had read 41"), value (what it wrote
 * or answered), argument, expected, result, called, returned (instants), origin ("nobody
 * ever wrote 41", of a value it saw), and without a role {key}. "{{" is a brace. */
#ifndef CHECKER_CLAIM_H
#define CHECKER_CLAIM_H

#include "checker/problem.h"
#include "checker/tell.h"

struct claim {
    const char *template;
    const uint32_t *rows; /* of the columns, by role */
    int64_t key;
    int64_t initial; /* what was said to be there at the start; OP_NIL: nothing was said */
};

/* The sentence, in the teller's arena; NULL without memory. What is wrong in the
 * template stays as it is, for people to see. */
const char *claim_tell(const struct claim *claim, const struct teller *t);

/* Where the template tells of an {N.origin} that was a write that failed: its row,
 * which is to be shown with the others. Else UINT32_MAX. */
uint32_t claim_origin(const struct claim *claim, const struct teller *t);

#endif
