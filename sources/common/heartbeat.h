/* Heartbeats: small records that carry the position while nothing else does.
 * Layer: source. Task thread. */
#ifndef CDC_HEARTBEAT_H
#define CDC_HEARTBEAT_H

#include "data/record.h"

struct heartbeat {
    char *topic;
    const char *prefix; /* borrowed */
    const struct kc_schema *key, *value;
    int64_t interval_ms; /* 0: never */
    int64_t next;        /* monotonic */
};

/* topic: whole name of the topic, or NULL for topic_prefix + delimiter + prefix. */
void heartbeat_init(struct heartbeat *heartbeat, int64_t interval_ms, const char *topic,
                    const char *topic_prefix, const char *delimiter, const char *prefix);
void heartbeat_clear(struct heartbeat *heartbeat);
/* The next one is due at once, if there are any. */
void heartbeat_now(struct heartbeat *heartbeat);
bool heartbeat_due(const struct heartbeat *heartbeat);
/* Adds the record and counts the interval from now on. The heartbeat must outlive the batch, its
 * schemas are kept. */
void heartbeat_add(struct heartbeat *heartbeat, struct kc_batch *batch);

#endif
