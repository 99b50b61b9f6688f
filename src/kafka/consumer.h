/* A Kafka consumer of one sink task: a member of a group, offsets committed by hand, rebalances
 * as data.
 * Layer: kafka. One thread owns a consumer. */
#ifndef KAFKA_CONSUMER_H
#define KAFKA_CONSUMER_H

#include "config/option.h"
#include "data/record.h"

struct consumer;

/* One of: a list of topics, a Java regular expression for them; or partition 0 of a topic, which is
 * read from the group's committed offset on without being a member of it. */
struct consumer_subscription {
    const struct kc_list *topics;
    const char *topics_regex;
    const char *topic;
};

struct consumer_offset {
    const char *topic;
    int32_t partition;
    int64_t offset; /* the next one to be read; -1 where it is not known yet */
};

enum consumer_event {
    CONSUMER_RECORDS, /* the batch has zero or more records */
    CONSUMER_REVOKE,  /* partitions are about to go: finish, commit, then consumer_poll again */
};

/* props: Java's names without prefix; group.id and bootstrap.servers among them. Defaults
 * as Connect sets them: enable.auto.commit=false, auto.offset.reset=earliest. KC_BAD_CONFIG names all
 * settings at fault. dev: the broker is the in-process one, which drops old messages silently: a gap
 * between what was committed (or offset 0) and what is still there is an error that says so. */
struct kc_error *consumer_new(const struct kc_props *props,
                              const struct consumer_subscription *subscription, bool dev,
                              struct consumer **consumer) KC_MUST_CHECK;
/* Leaves the group (waiting up to 3 s for a broker that does not answer). Messages of batches stay valid
 * until those are reset. */
void consumer_free(struct consumer *consumer);
/* Waits up to timeout_ms and adds what came to the batch, up to its limits: topic, partition, offset,
 * timestamp, key_wire, value_wire, wire_headers. The bytes belong to the Kafka messages, which the
 * arena keeps (kc_arena_defer); nothing is copied. Errors: KC_RETRY for what passes by itself (broker
 * down: librdkafka reconnects; logged, not returned), KC_FATAL for the rest. */
struct kc_error *consumer_poll(struct consumer *consumer, int timeout_ms, struct kc_batch *batch,
                               enum consumer_event *event) KC_MUST_CHECK;
/* Commits and waits for the broker's word (up to timeout_ms). KC_RETRY when it may pass; partitions
 * that are no longer ours are left out. */
struct kc_error *consumer_commit(struct consumer *consumer, const struct consumer_offset *offsets,
                                 size_t count, int timeout_ms) KC_MUST_CHECK;
/* Asks for it and does not wait: a failure is not heard of. */
void consumer_commit_later(struct consumer *consumer, const char *topic, int32_t partition,
                           int64_t offset);
/* No fetching while paused; the group membership stays alive by consumer_poll, which then gives no records. */
struct kc_error *consumer_pause(struct consumer *consumer, bool paused) KC_MUST_CHECK;
/* The partitions assigned now, as offsets with the position of each; the array is the consumer's until the
 * next call. */
size_t consumer_assignment(struct consumer *consumer, const struct consumer_offset **offsets);

#endif
