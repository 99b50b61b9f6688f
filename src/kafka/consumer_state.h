/* Inside consumer*.c only: the state of a consumer, and what its files do for one another.
 * Layer: kafka. The thread of the consumer. */
#ifndef KAFKA_CONSUMER_STATE_H
#define KAFKA_CONSUMER_STATE_H

#include "base/regex.h"
#include "kafka/client_conf.h"
#include "kafka/consumer.h"

/* A rebalance the library waits for us to carry out. */
enum rebalance { REBALANCE_NONE, REBALANCE_ASSIGN, REBALANCE_REVOKE };

/* The library's consumer. Batches hold its messages, so it lives until the last of those is gone, which
 * may be after consumer_free. */
struct handle {
    struct client client; /* first */
    struct consumer *consumer; /* NULL: gone */
    size_t kept;               /* arrays of messages in batches */
};

struct consumer {
    struct handle *handle;
    rd_kafka_t *rk; /* the handle's */
    rd_kafka_queue_t *queue;
    bool dev;
    bool earliest; /* of auto.offset.reset: dev expects a new group to see offset 0 */
    bool paused;
    bool told_revoke;         /* the caller knows: go on with it when it polls again */
    enum rebalance rebalance; /* what waits to be done with `moving` */
    bool lost;                /* they went to someone else already */
    rd_kafka_topic_partition_list_t *moving;
    struct consumer_offset *assigned; /* offset: the next to be read; -1: not known yet */
    size_t n_assigned, assigned_cap, newest; /* newest: where the last record came from */
    rd_kafka_queue_t **queues;               /* of each of them: see empty_old */
    rd_kafka_queue_t **old_queues;           /* of those given back since */
    size_t queues_cap, n_old, old_cap;
    struct kc_error *trouble;                /* to be returned once the records before it are */
    size_t max_records;
    /* topics.regex */
    struct kc_regex *regex;
    char *subscribed; /* the names matched last, to see a change */
    bool internal_topics;
    int64_t list_at_ms, list_every_ms;
};

/* ---- consumer_group.c: partitions that come and go ---- */

/* NULL when it is not ours. */
struct consumer_offset *consumer_group_find(struct consumer *consumer, const char *topic,
                                            int32_t partition);
void consumer_group_add(struct consumer *consumer, const char *topic, int32_t partition);
void consumer_group_drop_all(struct consumer *consumer);
/* librdkafka before 2.1 leaves a mark in the queue of a partition that was lost or whose topic was deleted,
 * and then waits for ever, when it is destroyed, for that mark to be read. So it is read. */
void consumer_group_empty_old(struct consumer *consumer);
/* The library's callback. It may come in the middle of a fetch: what has to be done is only noted. */
void consumer_group_on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
                                 rd_kafka_topic_partition_list_t *partitions, void *opaque);
/* Does what was noted; the library goes on with the rebalance then. */
void consumer_group_finish(struct consumer *consumer);

/* ---- consumer_topics.c: what to subscribe to ---- */

struct kc_error *consumer_topics_subscribe(struct consumer *consumer,
                                           const struct consumer_subscription *subscription)
    KC_MUST_CHECK;
/* Topics come and go: the regular expression is tried again every metadata.max.age.ms. */
struct kc_error *consumer_topics_follow(struct consumer *consumer) KC_MUST_CHECK;

#endif
