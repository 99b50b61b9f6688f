/* The transforms of one task, in the user's order. The chain walks; a transform sees one record at
 * a time and never the next transform.
 * Layer: flow. Task thread. */
#ifndef FLOW_CHAIN_H
#define FLOW_CHAIN_H

#include "flow/flow.h"
#include "flow/tolerance.h"

struct chain_step;

struct chain {
    struct chain_step *steps;
    size_t n_steps;
};

/* Clear it after a failure too. */
struct kc_error *chain_init(struct chain *chain, const struct flow *flow) KC_MUST_CHECK;
void chain_clear(struct chain *chain);
/* Runs every record that is neither dropped nor at fault through the steps. */
struct kc_error *chain_apply_batch(struct chain *chain, struct tolerance *tolerance,
                                   struct kc_batch *batch) KC_MUST_CHECK;

#endif
