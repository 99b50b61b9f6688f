/* What a consumer subscribes to: a list of topics, or those that match topics.regex. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer_state.h"
#include "kafka/dev_broker.h"

#define LIST_TOPICS_MS 900        /* a stop must not wait longer for the answer */
#define LIST_TOPICS_AGAIN_MS 5000 /* after a failure */

static struct kc_error *subscribe(struct consumer *consumer,
                                  const rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t err = rd_kafka_subscribe(consumer->rk, list);

    return err ? client_fail(err, "subscribing to topics: %s", rd_kafka_err2str(err)) : NULL;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct kc_error *subscribe_matches(struct consumer *consumer,
                                          const struct rd_kafka_metadata *metadata)
{
    const char **names = kc_calloc((size_t)metadata->topic_cnt + 1, sizeof(*names));
    KC_AUTO_BUF joined = KC_BUF(0);
    size_t count = 0;

    for (int i = 0; i < metadata->topic_cnt; i++) {
        const char *name = metadata->topics[i].topic;
        if ((consumer->internal_topics || strncmp(name, "__", 2) != 0) &&
            kc_regex_matches(consumer->regex, kc_text(name)))
            names[count++] = name;
    }
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 0; i < count; i++)
        kc_buf_printf(&joined, "%s\n", names[i]);
    kc_buf_put(&joined, NULL, 0);
    struct kc_error *err = NULL;
    if (count && (!consumer->subscribed || strcmp(consumer->subscribed, joined.data) != 0)) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
        for (size_t i = 0; i < count; i++)
            rd_kafka_topic_partition_list_add(list, names[i], RD_KAFKA_PARTITION_UA);
        err = subscribe(consumer, list);
        rd_kafka_topic_partition_list_destroy(list);
        free(consumer->subscribed);
        consumer->subscribed = kc_buf_take(&joined);
        kc_log_info("kafka", "topics.regex matches %zu topics", count);
    }
    free(names);
    return err;
}

struct kc_error *consumer_topics_follow(struct consumer *consumer)
{
    const struct rd_kafka_metadata *metadata;
    int64_t now = kc_monotonic_ms();

    if (!consumer->regex || now < consumer->list_at_ms)
        return NULL;
    rd_kafka_resp_err_t err = rd_kafka_metadata(consumer->rk, 1, NULL, &metadata, LIST_TOPICS_MS);
    if (err) {
        consumer->list_at_ms = now + LIST_TOPICS_AGAIN_MS;
        kc_log_warn("kafka", "listing topics for topics.regex: %s", rd_kafka_err2str(err));
        return NULL;
    }
    struct kc_error *fault = subscribe_matches(consumer, metadata);
    rd_kafka_metadata_destroy(metadata);
    consumer->list_at_ms = now + (consumer->subscribed ? consumer->list_every_ms
                                                       : LIST_TOPICS_AGAIN_MS);
    return fault;
}

/* Reads partition 0 without a group's leave. */
static struct kc_error *take_partition(struct consumer *consumer, const char *topic)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    if (consumer->dev)
        dev_broker_make_topic(topic, -1);
    rd_kafka_topic_partition_list_add(list, topic, 0)->offset = RD_KAFKA_OFFSET_STORED;
    rd_kafka_resp_err_t err = rd_kafka_assign(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (err)
        return client_fail(err, "reading topic %s: %s", topic, rd_kafka_err2str(err));
    consumer_group_add(consumer, topic, 0);
    return NULL;
}

struct kc_error *consumer_topics_subscribe(struct consumer *consumer,
                                           const struct consumer_subscription *subscription)
{
    if (subscription->topic)
        return take_partition(consumer, subscription->topic);
    if (subscription->topics_regex) {
        struct kc_error *err = kc_regex_new(subscription->topics_regex, false, &consumer->regex);
        return err ? kc_while(err, "reading topics.regex") : NULL;
    }
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)subscription->topics->len);
    for (size_t i = 0; i < subscription->topics->len; i++) {
        rd_kafka_topic_partition_list_add(list, subscription->topics->items[i],
                                          RD_KAFKA_PARTITION_UA);
        if (consumer->dev)
            dev_broker_make_topic(subscription->topics->items[i], -1);
    }
    struct kc_error *err = subscribe(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    return err;
}
