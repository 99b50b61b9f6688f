/* Makes topics that a task is about to write to: those of a source by its topic.creation.* rules, the dead
 * letter queue of a sink.
 * Layer: flow. Task thread. */
#ifndef FLOW_TOPIC_CREATION_H
#define FLOW_TOPIC_CREATION_H

#include "flow/flow.h"
#include "kafka/admin.h"

struct topic_creation {
    struct flow *flow;
    struct admin *admin; /* made at the first use */
};

/* What is wrong with the connector's topic.creation.* settings: KC_BAD_CONFIG. */
struct kc_error *topic_creation_check(const struct flow *flow) KC_MUST_CHECK;
void topic_creation_clear(struct topic_creation *creation);
/* Creates the topic unless it is there. Waits for a cluster that can't be reached; KC_STOPPED when the task
 * stops meanwhile. In `penstock dev` it does nothing: topics come into being by being used. */
struct kc_error *topic_creation_make(struct topic_creation *creation,
                                     const struct admin_topic *topic) KC_MUST_CHECK;
/* The same by the connector's rules; nothing when none applies. */
struct kc_error *topic_creation_ensure(struct topic_creation *creation, const char *topic)
    KC_MUST_CHECK;

#endif
