/* The Kafka clients of a task: which settings apply, in Connect's layers (later wins): built-in base,
 * worker's `producer.*`, connector's `producer.override.*`, and the like.
 * Layer: flow. Task thread. */
#ifndef FLOW_CLIENTS_H
#define FLOW_CLIENTS_H

#include "flow/flow.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"
#include "plugin/source.h"

struct kc_error *clients_producer(const struct flow *flow, producer_delivered *delivered,
                                  void *context, struct producer **producer) KC_MUST_CHECK;
/* The producer of the dead letter queue. */
struct kc_error *clients_dlq_producer(const struct flow *flow, producer_delivered *delivered,
                                      void *context, struct producer **producer) KC_MUST_CHECK;
struct kc_error *clients_consumer(const struct flow *flow, struct consumer **consumer) KC_MUST_CHECK;
/* Reads the topic of signals that a source asks for. */
struct kc_error *clients_signal_consumer(const struct flow *flow,
                                         const struct kc_signal_topic *asked,
                                         struct consumer **consumer) KC_MUST_CHECK;
struct kc_error *clients_admin(const struct flow *flow, struct admin **admin) KC_MUST_CHECK;
/* Group id of a sink connector: "connect-NAME" unless it is overridden. The caller frees it. */
char *clients_group(const char *connector, const struct worker_config *worker,
                    const struct kc_props *props);
/* Settings of a connector's admin client, for the owner's own questions about it. */
void clients_admin_props(const char *connector, int number, const struct worker_config *worker,
                         const struct kc_props *connector_props, struct kc_props *props);

#endif
