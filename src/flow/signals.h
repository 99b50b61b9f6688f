/* Signals on their way to a source: those that its owner sent, and those of the topic that the source asked
 * for, which this reads. A signal waits in the flow's list until a position that the source said after it
 * is stored: only then does it not come again, and the topic's offset is committed.
 * Layer: flow. Task thread. */
#ifndef FLOW_SIGNALS_H
#define FLOW_SIGNALS_H

#include "flow/flow.h"
#include "plugin/source.h"

/* task_signal.tag: 0 waits; the tag of the batch whose position holds it; or: */
#define SIGNAL_TOLD UINT64_MAX /* the source knows, but has said no position since */

struct signals {
    struct flow *flow;
    const struct kc_signal_topic *asked; /* the source's, while it is open */
    struct consumer *consumer;           /* NULL: none */
    char *topic;
    int64_t next_look;
    char *trouble;  /* what was last told of the consumer, so that it is told once */
    int64_t looked; /* the offset after the last message read; -1: none */
    int64_t safe, committed;
};

void signals_init(struct signals *signals, struct flow *flow);
/* The source is open: reads the topic that it asks for from now on. Never waits for Kafka.
 * finished: all batches before that tag are in Kafka; what the source was told since is told again.
 * KC_BAD_CONFIG: the settings of the consumer. */
struct kc_error *signals_open(struct signals *signals, const struct kc_signal_topic *asked,
                              uint64_t finished) KC_MUST_CHECK;
/* Between two polls: tells the source what has come. */
struct kc_error *signals_tell(struct signals *signals, struct kc_source *source,
                              const struct kc_source_ops *ops) KC_MUST_CHECK;
/* The batch of that tag has a position. */
void signals_position(struct signals *signals, uint64_t tag);
/* The positions of all batches before that tag are stored. */
void signals_stored(struct signals *signals, uint64_t tag);
/* At the end: commits what is safe (waiting a second at most), and leaves. */
void signals_clear(struct signals *signals);

#endif
