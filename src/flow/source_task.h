/* The straight line of a source task: poll, transform, convert, produce, acknowledge, commit.
 * Layer: flow. Task thread. */
#ifndef FLOW_SOURCE_TASK_H
#define FLOW_SOURCE_TASK_H

#include "flow/flow.h"

/* Runs until the stop signal (NULL) or until something must end the task. stored: what the offset store has
 * for this connector. */
struct kc_error *source_task_run(struct flow *flow, const struct task_offset *stored,
                                 size_t n_stored) KC_MUST_CHECK;

#endif
