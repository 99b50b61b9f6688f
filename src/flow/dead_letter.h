/* The dead letter queue of a sink task: records at fault go to a topic, as they came, with the
 * reason in headers.
 * Layer: flow. Task thread. */
#ifndef FLOW_DEAD_LETTER_H
#define FLOW_DEAD_LETTER_H

#include "flow/flow.h"

struct dead_letter;

/* NULL in *queue when the connector has none. Creates the topic when it is missing. */
struct kc_error *dead_letter_new(struct flow *flow, struct dead_letter **queue) KC_MUST_CHECK;
void dead_letter_free(struct dead_letter *queue);
/* Sends the record with its original bytes. fault: why; stage and class_name: where. A failure is
 * logged, and told by the next flush. */
void dead_letter_send(struct dead_letter *queue, const struct kc_record *record, const char *stage,
                      const char *class_name, const struct kc_error *fault);
/* Waits until the broker has all of them: the offsets of their records are committed next. KC_RETRY when
 * it takes longer; KC_FATAL (KC_STOPPED once the task stops) when some did not get there, but those that
 * are themselves what the broker refuses, such as too large ones: these are only logged. */
struct kc_error *dead_letter_flush(struct dead_letter *queue, int timeout_ms) KC_MUST_CHECK;

#endif
