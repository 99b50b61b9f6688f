/* A Kafka producer. acks=all, idempotence and murmur2_random partitioning unless the
 * settings say otherwise, as Java's producer has it.
 * Layer: kafka. One thread owns a producer; delivery reports arrive in its own
 * producer_poll and producer_flush calls. */
#ifndef KAFKA_PRODUCER_H
#define KAFKA_PRODUCER_H

#include "config/props.h"
#include "data/record.h"

struct producer;

/* One message to send; everything is copied. */
struct producer_message {
    const char *topic;
    int32_t partition;  /* -1: by key, as Java does */
    int64_t timestamp;  /* ms; -1: now (and 0, which librdkafka takes for that) */
    struct kc_wire key, value; /* data NULL: null */
    const struct kc_wire_header *headers;
    size_t n_headers;
    uint64_t tag; /* comes back in the delivery report */
};

/* What became of a message. error is NULL when the broker has it; it is borrowed for the call. KC_BAD_DATA:
 * this record can't be stored, others can; anything else is no fault of the record. */
typedef void producer_delivered(void *context, uint64_t tag, const struct kc_error *error);

/* props: in Java's names, without prefix. KC_BAD_CONFIG names all settings at fault. */
struct kc_error *producer_new(const struct kc_props *props, producer_delivered *delivered,
                              void *context, struct producer **producer) KC_MUST_CHECK;
/* Drops what is still queued. */
void producer_free(struct producer *producer);
/* Hands a message over. KC_RETRY when the queue is full: poll, then send again. KC_BAD_DATA when it is
 * too large or its topic name is no topic name. */
struct kc_error *producer_send(struct producer *producer, const struct producer_message *message)
    KC_MUST_CHECK;
/* Serves delivery reports, waiting up to timeout_ms for the first. Returns a fatal error of the
 * client (idempotence broken, authentication refused) or NULL. */
struct kc_error *producer_poll(struct producer *producer, int timeout_ms) KC_MUST_CHECK;
/* Sends what is queued without waiting for linger.ms: gives the library some milliseconds to see to it, less if
 * all is delivered before. Serves delivery reports meanwhile. For a lone record, not for each of many. */
void producer_hurry(struct producer *producer);
/* Readable (an eventfd) when producer_poll has something to do; drained by producer_poll. */
int producer_fd(struct producer *producer);
size_t producer_queued(struct producer *producer); /* messages without a report yet */

#endif
