#include "kafka/consumer.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/regex.h"
#include "kafka/client_conf.h"
#include "kafka/dev_broker.h"

#define FETCH_MOST 500            /* messages taken from the library at a time */
#define WAKE_RECORDS 1000
#define WAKE_MS 100
#define RECORDS_MOST 5000         /* of a batch, if neither it nor max.poll.records says how many */
#define LIST_TOPICS_MS 900        /* a stop must not wait longer for the answer */
#define LIST_TOPICS_AGAIN_MS 5000 /* after a failure */
#define LEAVE_MS 2000             /* a broker that does not answer gets this long to hear that we leave */

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

/* ---- the assignment ---- */

static struct consumer_offset *find_assigned(struct consumer *consumer, const char *topic,
                                             int32_t partition)
{
    for (size_t i = 0, n = consumer->n_assigned; i < n; i++) {
        /* Records come in runs: look where the last one was first. */
        size_t at = (consumer->newest + i) % n;
        struct consumer_offset *one = &consumer->assigned[at];
        if (one->partition == partition && strcmp(one->topic, topic) == 0) {
            consumer->newest = at;
            return one;
        }
    }
    return NULL;
}

/* librdkafka before 2.1 leaves a mark in the queue of a partition that was lost or whose topic was deleted,
 * and then waits for ever, when it is destroyed, for that mark to be read. So it is read. */
static void empty_old(struct consumer *consumer)
{
    for (size_t i = 0; i < consumer->n_old; i++) {
        rd_kafka_message_t *message;
        while (rd_kafka_consume_batch_queue(consumer->old_queues[i], 0, &message, 1) > 0)
            rd_kafka_message_destroy(message);
        rd_kafka_queue_destroy(consumer->old_queues[i]);
    }
    consumer->n_old = 0;
}

static void drop_at(struct consumer *consumer, size_t at)
{
    size_t last = --consumer->n_assigned;

    free((char *)consumer->assigned[at].topic);
    consumer->old_queues = kc_grow(consumer->old_queues, consumer->n_old, &consumer->old_cap,
                                   sizeof(rd_kafka_queue_t *));
    consumer->old_queues[consumer->n_old++] = consumer->queues[at];
    consumer->assigned[at] = consumer->assigned[last];
    consumer->queues[at] = consumer->queues[last];
    consumer->newest = 0;
}

static void drop_assigned(struct consumer *consumer, const char *topic, int32_t partition)
{
    struct consumer_offset *one = find_assigned(consumer, topic, partition);

    if (one)
        drop_at(consumer, (size_t)(one - consumer->assigned));
}

static void drop_all_assigned(struct consumer *consumer)
{
    while (consumer->n_assigned)
        drop_at(consumer, consumer->n_assigned - 1);
}

static void add_assigned(struct consumer *consumer, const char *topic, int32_t partition)
{
    size_t at = consumer->n_assigned;

    consumer->assigned = kc_grow(consumer->assigned, at, &consumer->assigned_cap,
                                 sizeof(*consumer->assigned));
    consumer->queues = kc_grow(consumer->queues, at, &consumer->queues_cap,
                               sizeof(rd_kafka_queue_t *));
    consumer->assigned[at] = (struct consumer_offset){
        .topic = kc_strdup(topic), .partition = partition, .offset = -1,
    };
    consumer->queues[at] = rd_kafka_queue_get_partition(consumer->rk, topic, partition);
    consumer->n_assigned++;
}

/* The library may call this in the middle of a fetch. What has to be done is only noted:
 * consumer_poll does it, and lets its caller finish first. */
static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
                         rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    struct handle *handle = opaque;
    struct consumer *consumer = handle->consumer;

    if (!consumer) { /* leaving */
        if (strcmp(rd_kafka_rebalance_protocol(rk), "COOPERATIVE") == 0 &&
            err == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
            rd_kafka_error_destroy(rd_kafka_incremental_unassign(rk, partitions));
        else
            rd_kafka_assign(rk, NULL);
        return;
    }
    if (consumer->moving)
        rd_kafka_topic_partition_list_destroy(consumer->moving);
    consumer->moving = rd_kafka_topic_partition_list_copy(partitions);
    consumer->rebalance = err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? REBALANCE_ASSIGN
                                                                      : REBALANCE_REVOKE;
    consumer->lost = rd_kafka_assignment_lost(rk);
    consumer->told_revoke = false;
    client_raise(&handle->client);
}

/* The in-process broker forgets old messages; what the group has not seen of them is missed. */
static void expect_committed(struct consumer *consumer)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_copy(consumer->moving);

    if (rd_kafka_committed(consumer->rk, list, 2000) == RD_KAFKA_RESP_ERR_NO_ERROR)
        for (int i = 0; i < list->cnt; i++) {
            struct consumer_offset *one =
                find_assigned(consumer, list->elems[i].topic, list->elems[i].partition);
            if (one && list->elems[i].offset >= 0)
                one->offset = list->elems[i].offset;
            else if (one && consumer->earliest)
                one->offset = 0;
        }
    rd_kafka_topic_partition_list_destroy(list);
}

static void finish_rebalance(struct consumer *consumer)
{
    bool cooperative = strcmp(rd_kafka_rebalance_protocol(consumer->rk), "COOPERATIVE") == 0;
    bool assign = consumer->rebalance == REBALANCE_ASSIGN;
    rd_kafka_topic_partition_list_t *moving = consumer->moving;
    rd_kafka_error_t *error = NULL;

    consumer->rebalance = REBALANCE_NONE;
    empty_old(consumer);
    if (!cooperative)
        drop_all_assigned(consumer);
    for (int i = 0; i < moving->cnt; i++) {
        if (assign)
            add_assigned(consumer, moving->elems[i].topic, moving->elems[i].partition);
        else
            drop_assigned(consumer, moving->elems[i].topic, moving->elems[i].partition);
    }
    if (assign && consumer->dev)
        expect_committed(consumer);
    if (cooperative)
        error = assign ? rd_kafka_incremental_assign(consumer->rk, moving)
                       : rd_kafka_incremental_unassign(consumer->rk, moving);
    else if (rd_kafka_assign(consumer->rk, assign ? moving : NULL))
        error = rd_kafka_error_new(rd_kafka_last_error(), "assigning partitions");
    if (error)
        kc_log_warn("kafka", "rebalance: %s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    if (assign && consumer->paused)
        rd_kafka_pause_partitions(consumer->rk, moving);
    kc_log_info("kafka", "%s %d partitions of the group", assign ? "got" : "gave back", moving->cnt);
    rd_kafka_topic_partition_list_destroy(moving);
    consumer->moving = NULL;
}

/* ---- topics ---- */

static struct kc_error *subscribe(struct consumer *consumer,
                                  const rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_resp_err_t err = rd_kafka_subscribe(consumer->rk, list);

    return err ? kc_fail(client_fault(err), "subscribing to topics: %s", rd_kafka_err2str(err))
               : NULL;
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

/* Topics come and go: the regular expression is tried again every metadata.max.age.ms. */
static struct kc_error *follow_regex(struct consumer *consumer)
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

static struct kc_error *first_subscription(struct consumer *consumer,
                                           const struct consumer_subscription *subscription)
{
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
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    err = client_start(&made->handle->client, RD_KAFKA_CONSUMER, conf);
    if (!err) {
        made->rk = made->handle->client.rk;
        rd_kafka_poll_set_consumer(made->rk);
        made->queue = rd_kafka_queue_get_consumer(made->rk);
        client_watch(&made->handle->client, made->queue);
        err = first_subscription(made, subscription);
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
    drop_all_assigned(consumer);
    empty_old(consumer);
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
        consumer->trouble =
            kc_fail(client_fault(message->err), "consuming%s%s: %s%s", topic ? " from " : "",
                    topic ? topic : "", rd_kafka_message_errstr(message),
                    client_advice(message->err));
}

/* False when messages are missing before this one. */
static bool follows(struct consumer *consumer, const char *topic, const rd_kafka_message_t *message)
{
    struct consumer_offset *one = find_assigned(consumer, topic, message->partition);

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
            finish_rebalance(consumer);
        struct kc_error *err = follow_regex(consumer);
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

int consumer_fd(struct consumer *consumer)
{
    return consumer->handle->client.fd;
}

/* ---- offsets ---- */

/* The library may repeat one partition's error for its neighbours, so none is named. */
static struct kc_error *commit_result(const rd_kafka_topic_partition_list_t *list,
                                      rd_kafka_resp_err_t err)
{
    const char *gone = NULL;

    for (int i = 0; i < list->cnt; i++) {
        rd_kafka_resp_err_t one = list->elems[i].err;
        if (!one)
            continue;
        if (one != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            return kc_fail(client_fault(one), "committing offsets: %s%s", rd_kafka_err2str(one),
                           client_advice(one));
        gone = list->elems[i].topic; /* deleted: nothing to go on with */
    }
    if (gone) {
        kc_log_warn("kafka", "committing offsets: a topic is gone, %s or another", gone);
        return NULL;
    }
    if (err && err != RD_KAFKA_RESP_ERR__NO_OFFSET)
        return kc_fail(client_fault(err), "committing offsets: %s%s", rd_kafka_err2str(err),
                       client_advice(err));
    return NULL;
}

static struct kc_error *commit_list(struct consumer *consumer,
                                    const rd_kafka_topic_partition_list_t *list, int timeout_ms)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer->rk);
    rd_kafka_resp_err_t err = rd_kafka_commit_queue(consumer->rk, list, queue, NULL, NULL);
    struct kc_error *result = NULL;

    if (err) {
        result = kc_fail(client_fault(err), "committing offsets: %s", rd_kafka_err2str(err));
    } else {
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
        if (!event)
            result = kc_fail(KC_RETRY, "committing offsets: no answer of the broker within %d ms",
                             timeout_ms);
        else
            result = commit_result(rd_kafka_event_topic_partition_list(event),
                                   rd_kafka_event_error(event));
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    return result;
}

struct kc_error *consumer_commit(struct consumer *consumer, const struct consumer_offset *offsets,
                                 size_t count, int timeout_ms)
{
    struct kc_error *err = NULL;

    if (consumer->rebalance == REBALANCE_REVOKE && consumer->lost) {
        kc_log_warn("kafka", "offsets of lost partitions are left to their new owner");
        return NULL;
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++)
        if (find_assigned(consumer, offsets[i].topic, offsets[i].partition))
            rd_kafka_topic_partition_list_add(list, offsets[i].topic, offsets[i].partition)->offset =
                offsets[i].offset;
    if (list->cnt)
        err = commit_list(consumer, list, timeout_ms);
    rd_kafka_topic_partition_list_destroy(list);
    return err;
}

struct kc_error *consumer_pause(struct consumer *consumer, bool paused)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)consumer->n_assigned);

    consumer->paused = paused;
    for (size_t i = 0; i < consumer->n_assigned; i++)
        rd_kafka_topic_partition_list_add(list, consumer->assigned[i].topic,
                                          consumer->assigned[i].partition);
    rd_kafka_resp_err_t err = paused ? rd_kafka_pause_partitions(consumer->rk, list)
                                     : rd_kafka_resume_partitions(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return err ? kc_fail(client_fault(err), "%s: %s", paused ? "pausing" : "resuming",
                         rd_kafka_err2str(err))
               : NULL;
}

size_t consumer_assignment(struct consumer *consumer, const struct consumer_offset **offsets)
{
    *offsets = consumer->assigned;
    return consumer->n_assigned;
}
