#include "kafka/consumer.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "kafka/consumer_state.h"
#include "kafka/dev_broker.h"

#define FETCH_MOST 500    /* messages taken from the library at a time */
#define RECORDS_MOST 5000 /* of a batch, if neither it nor max.poll.records says how many */
#define WAKE_RECORDS 1000 /* see wake_fetcher */
#define WAKE_MS 100
#define LEAVE_MS 2000 /* a broker that does not answer gets this long to hear that we leave */

/* ---- life ---- */

static void read_own(struct consumer *consumer, const struct kc_props *props)
{
    const char *reset = kc_props_get(props, "auto.offset.reset");
    const char *records = kc_props_get(props, "max.poll.records");
    const char *internal = kc_props_get(props, "exclude.internal.topics");
    const char *age = kc_props_get(props, "metadata.max.age.ms");

    consumer->earliest = !reset || strcasecmp(reset, "earliest") == 0;
    consumer->max_records = records ? (size_t)strtoll(records, NULL, 10) : 0;
    consumer->internal_topics = internal && strcasecmp(internal, "false") == 0;
    consumer->list_every_ms = age ? strtoll(age, NULL, 10) : 300000;
    if (consumer->list_every_ms < 1000)
        consumer->list_every_ms = 1000;
}

/* The in-process broker lets a rebalance last as long as a session may, less a second; and a first join
 * 3 s, which a session must survive. */
static void shorten_session(const struct kc_props *props, rd_kafka_conf_t *conf)
{
    if (kc_props_get(props, "session.timeout.ms"))
        return;
    rd_kafka_conf_set(conf, "session.timeout.ms", "5000", NULL, 0);
    if (!kc_props_get(props, "heartbeat.interval.ms"))
        rd_kafka_conf_set(conf, "heartbeat.interval.ms", "500", NULL, 0);
}

struct kc_error *consumer_new(const struct kc_props *props,
                              const struct consumer_subscription *subscription, bool dev,
                              struct consumer **consumer)
{
    rd_kafka_conf_t *conf;
    struct kc_error *err = client_conf_new(CLIENT_CONSUMER, props, &conf);

    if (err)
        return err;
    struct consumer *made = kc_calloc(1, sizeof(*made));
    made->handle = kc_calloc(1, sizeof(*made->handle));
    made->handle->consumer = made;
    made->dev = dev;
    read_own(made, props);
    if (dev)
        shorten_session(props, conf);
    rd_kafka_conf_set_rebalance_cb(conf, consumer_group_on_rebalance);
    err = client_start(&made->handle->client, RD_KAFKA_CONSUMER, conf);
    if (!err) {
        made->rk = made->handle->client.rk;
        rd_kafka_poll_set_consumer(made->rk);
        made->queue = rd_kafka_queue_get_consumer(made->rk);
        client_watch(&made->handle->client, made->queue);
        err = consumer_topics_subscribe(made, subscription);
    }
    if (err) {
        consumer_free(made);
        return err;
    }
    *consumer = made;
    return NULL;
}

static void free_handle(struct handle *handle)
{
    client_end(&handle->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

/* Leaves the group, with a limit: the library has none. */
static void leave(struct consumer *consumer)
{
    int64_t until = kc_monotonic_ms() + LEAVE_MS;
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(consumer->rk, consumer->queue);

    rd_kafka_error_destroy(error);
    while (!error && !rd_kafka_consumer_closed(consumer->rk) && kc_monotonic_ms() < until) {
        rd_kafka_message_t *message;
        if (rd_kafka_consume_batch_queue(consumer->queue, 50, &message, 1) > 0)
            rd_kafka_message_destroy(message);
    }
}

void consumer_free(struct consumer *consumer)
{
    if (!consumer)
        return;
    struct handle *handle = consumer->handle;
    handle->consumer = NULL; /* rebalances are no longer anyone's to hear of */
    if (consumer->moving)
        rd_kafka_topic_partition_list_destroy(consumer->moving);
    if (consumer->queue) {
        if (consumer->rebalance != REBALANCE_NONE)
            rd_kafka_assign(consumer->rk, NULL);
        leave(consumer);
        rd_kafka_queue_destroy(consumer->queue);
    }
    consumer_group_drop_all(consumer);
    consumer_group_empty_old(consumer);
    free(consumer->assigned);
    free(consumer->queues);
    free(consumer->old_queues);
    kc_regex_free(consumer->regex);
    free(consumer->subscribed);
    kc_error_free(consumer->trouble);
    free(consumer);
    if (!handle->kept)
        free_handle(handle);
}

/* ---- records ---- */

struct fetched {
    struct handle *handle;
    size_t count;
    rd_kafka_message_t *messages[];
};

static void free_fetched(void *object)
{
    struct fetched *fetched = object;
    struct handle *handle = fetched->handle;

    for (size_t i = 0; i < fetched->count; i++)
        rd_kafka_message_destroy(fetched->messages[i]);
    handle->kept--;
    if (!handle->kept && !handle->consumer)
        free_handle(handle);
}

static void add_headers(struct kc_batch *batch, struct kc_record *record,
                        const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers;

    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    size_t count = rd_kafka_header_cnt(headers);
    record->wire_headers = kc_alloc(&batch->arena, count * sizeof(*record->wire_headers));
    record->n_wire_headers = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        struct kc_wire_header *header = &record->wire_headers[i];
        rd_kafka_header_get_all(headers, i, &header->name, &header->value.data, &header->value.len);
    }
}

static void add_record(struct kc_batch *batch, const char *topic,
                       const rd_kafka_message_t *message)
{
    static const uint8_t kinds[] = {
        [RD_KAFKA_TIMESTAMP_NOT_AVAILABLE] = KC_NO_TIMESTAMP,
        [RD_KAFKA_TIMESTAMP_CREATE_TIME] = KC_CREATE_TIME,
        [RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME] = KC_LOG_APPEND_TIME,
    };
    rd_kafka_timestamp_type_t kind;
    struct kc_record *record = kc_batch_add(batch, topic);

    record->partition = message->partition;
    record->offset = message->offset;
    record->timestamp = rd_kafka_message_timestamp(message, &kind);
    record->timestamp_type = kinds[kind];
    record->key_wire = (struct kc_wire){ message->key, message->key_len };
    record->value_wire = (struct kc_wire){ message->payload, message->len };
    add_headers(batch, record, message);
}

/* Where an error of the consumer says that nothing more will come, it is the caller's; what passes
 * is told in the log. */
static void take_trouble(struct consumer *consumer, const rd_kafka_message_t *message)
{
    static const rd_kafka_resp_err_t passing[] = {
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, /* it may be created yet, or was deleted */
        RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
        RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, /* a rebalance follows */
        RD_KAFKA_RESP_ERR__PARTITION_EOF,
    };
    const char *topic = message->rkt ? rd_kafka_topic_name(message->rkt) : NULL;
    bool passes = client_fault(message->err) == KC_RETRY;

    for (size_t i = 0; i < KC_COUNT(passing); i++)
        passes = passes || message->err == passing[i];
    if (passes)
        kc_log_warn("kafka", "%s", rd_kafka_message_errstr(message));
    else if (!consumer->trouble)
        consumer->trouble = client_fail(message->err, "consuming%s%s: %s%s", topic ? " from " : "",
                                        topic ? topic : "", rd_kafka_message_errstr(message),
                                        client_advice(message->err));
}

/* False when messages are missing before this one. */
static bool follows(struct consumer *consumer, const char *topic, const rd_kafka_message_t *message)
{
    struct consumer_offset *one = consumer_group_find(consumer, topic, message->partition);

    if (!one)
        return true;
    if (consumer->dev && one->offset >= 0 && message->offset > one->offset) {
        if (!consumer->trouble)
            consumer->trouble = kc_fail(
                KC_FATAL,
                "Records %lld to %lld of %s-%d are gone: this consumer fell behind, and the in-process "
                "broker keeps %s. Use a real Kafka for more data than that (or, in a new connector, "
                "consumer.override.auto.offset.reset=latest to go on without them)",
                (long long)one->offset, (long long)message->offset - 1, topic,
                (int)message->partition, dev_broker_keeps());
        return false;
    }
    one->offset = message->offset + 1;
    return true;
}

/* Takes up to `most` messages; returns how many there were, 0 to wait. */
static size_t take(struct consumer *consumer, struct kc_batch *batch, size_t most, size_t *bytes)
{
    struct fetched *fetched =
        kc_alloc(&batch->arena, sizeof(*fetched) + most * sizeof(fetched->messages[0]));
    ssize_t got = rd_kafka_consume_batch_queue(consumer->queue, 0, fetched->messages, most);

    if (got <= 0)
        return 0;
    fetched->handle = consumer->handle;
    fetched->count = (size_t)got;
    consumer->handle->kept++;
    kc_arena_defer(&batch->arena, free_fetched, fetched);
    for (size_t i = 0; i < fetched->count; i++) {
        const rd_kafka_message_t *message = fetched->messages[i];
        if (message->err) {
            take_trouble(consumer, message);
            continue;
        }
        const char *topic = rd_kafka_topic_name(message->rkt);
        if (consumer->trouble && consumer->dev)
            continue; /* behind a gap */
        if (!follows(consumer, topic, message))
            continue;
        add_record(batch, topic, message);
        *bytes += message->len + message->key_len;
    }
    return fetched->count;
}

/* Fills the batch with what is there, without waiting. */
static size_t take_all(struct consumer *consumer, struct kc_batch *batch)
{
    size_t limit = batch->max_count ? batch->max_count : RECORDS_MOST;
    size_t bytes = 0, total = 0;

    if (consumer->max_records && consumer->max_records < limit)
        limit = consumer->max_records;
    while (batch->count < limit && !kc_batch_full(batch) &&
           (!batch->arena.cap || bytes < batch->arena.cap)) {
        size_t most = limit - batch->count;
        size_t got = take(consumer, batch, most < FETCH_MOST ? most : FETCH_MOST, &bytes);
        total += got;
        if (got < most && got < FETCH_MOST)
            return total; /* no more there */
        if (consumer->rebalance != REBALANCE_NONE)
            break;
    }
    client_raise(&consumer->handle->client); /* the limit was reached: there may be more */
    return total;
}

/* librdkafka 2.0 stops fetching while its queue is over queued.max.messages.kbytes and then only looks
 * again when something else happens on the connection, half a second later perhaps. A question to
 * the partition's leader is such a thing; worth its round trip once many records have been taken. */
static void wake_fetcher(struct consumer *consumer, const struct kc_batch *batch)
{
    int64_t low, high;

    if (batch->count >= WAKE_RECORDS)
        rd_kafka_query_watermark_offsets(consumer->rk, batch->last->topic, batch->last->partition,
                                         &low, &high, WAKE_MS);
}

static void wait_for_more(struct consumer *consumer, int64_t until)
{
    struct pollfd wait = { .fd = consumer->handle->client.fd, .events = POLLIN };
    int64_t left = until - kc_monotonic_ms();

    /* Not longer than this at a time: the library counts calls (max.poll.interval.ms). */
    if (left > 0)
        poll(&wait, 1, left > 1000 ? 1000 : (int)left);
}

struct kc_error *consumer_poll(struct consumer *consumer, int timeout_ms, struct kc_batch *batch,
                               enum consumer_event *event)
{
    int64_t until = kc_monotonic_ms() + timeout_ms;

    *event = CONSUMER_RECORDS;
    for (;;) {
        if (consumer->trouble) {
            struct kc_error *err = consumer->trouble;
            consumer->trouble = NULL;
            return err;
        }
        if (consumer->rebalance == REBALANCE_REVOKE && !consumer->told_revoke &&
            consumer->n_assigned) {
            consumer->told_revoke = true;
            *event = CONSUMER_REVOKE;
            client_raise(&consumer->handle->client);
            return NULL;
        }
        if (consumer->rebalance != REBALANCE_NONE)
            consumer_group_finish(consumer);
        struct kc_error *err = consumer_topics_follow(consumer);
        if (err)
            return err;
        client_drain(&consumer->handle->client);
        take_all(consumer, batch);
        wake_fetcher(consumer, batch);
        if (batch->count)
            return NULL;
        err = client_fatal(&consumer->handle->client);
        if (err)
            return err;
        if (consumer->trouble || consumer->rebalance != REBALANCE_NONE)
            continue;
        if (kc_monotonic_ms() >= until)
            return NULL;
        wait_for_more(consumer, until);
    }
}
