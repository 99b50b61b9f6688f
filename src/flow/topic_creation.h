/* Makes topics by the connector's topic.creation.* rules before a source first writes to them.
 * Layer: flow. Task thread. */
#ifndef FLOW_TOPIC_CREATION_H
#define FLOW_TOPIC_CREATION_H

#include "flow/flow.h"

struct admin;

struct topic_creation {
    struct flow *flow;
    struct admin *admin; /* made at the first use */
};

void topic_creation_clear(struct topic_creation *creation);
/* Creates the topic when a rule applies and it is not there. Waits for a cluster that can't be
 * reached; KC_STOPPED when the task stops meanwhile. */
struct kc_error *topic_creation_ensure(struct topic_creation *creation, const char *topic)
    KC_MUST_CHECK;

#endif
