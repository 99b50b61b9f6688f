/* The straight line of a sink task: consume, convert, transform, put, commit.
 * Layer: flow. Task thread. */
#ifndef FLOW_SINK_TASK_H
#define FLOW_SINK_TASK_H

#include "flow/flow.h"

/* Runs until the stop signal (NULL) or until something must end the task. */
struct kc_error *sink_task_run(struct flow *flow) KC_MUST_CHECK;

#endif
