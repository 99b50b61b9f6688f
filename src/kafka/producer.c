#include "kafka/producer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mailbox.h"
#include "base/map.h"
#include "kafka/client_conf.h"
#include "kafka/dev_broker.h"

/* The library keeps one pointer a message for us: the tag travels in it. */
_Static_assert(sizeof(void *) >= sizeof(uint64_t), "a tag must fit a pointer");

#define HURRY_MS    5
#define METADATA_MS 300
#define AWAIT_MS    10
#define AWAIT_TRIES 30

struct producer {
    struct client client; /* first */
    producer_delivered *delivered;
    void *context;
    size_t queued;
    bool closing; /* reports of purged messages are nobody's */
    bool dev;     /* the broker is in this process */
    size_t batch_size;
    struct kc_map topics; /* name -> rd_kafka_topic_t */
    rd_kafka_topic_t *topic; /* the newest used, with its name */
    const char *topic_name;
};

/* The library fails a whole batch that is over the topic's limit, where Java's would split it. Only a record
 * that fills a batch by itself is known to be at fault; for the others nothing may be passed over. */
static struct kc_error *delivery_error(const struct producer *producer,
                                       const rd_kafka_message_t *message)
{
    size_t size = message->len + message->key_len;

    if (message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && size <= producer->batch_size)
        return kc_fail(KC_FATAL,
                       "sending a record of %zu bytes to topic %s: the batch it was in is larger than "
                       "max.message.bytes of the topic. Raise that, or set the producer's batch.size (now "
                       "%zu) below it",
                       size, rd_kafka_topic_name(message->rkt), producer->batch_size);
    return client_fail(message->err, "sending a record of %zu bytes to topic %s: %s%s", size,
                       rd_kafka_topic_name(message->rkt), rd_kafka_err2str(message->err),
                       client_advice(message->err));
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    struct producer *producer = opaque;
    uint64_t tag = (uint64_t)(uintptr_t)message->_private;

    (void)rk;
    producer->queued--;
    if (producer->closing)
        return;
    if (!message->err) {
        producer->delivered(producer->context, tag, NULL);
        return;
    }
    struct kc_error *err = delivery_error(producer, message);
    producer->delivered(producer->context, tag, err);
    kc_error_free(err);
}

struct kc_error *producer_new(const struct kc_props *props, producer_delivered *delivered,
                              void *context, struct producer **producer)
{
    rd_kafka_conf_t *conf;
    struct kc_error *err = client_conf_new(CLIENT_PRODUCER, props, &conf);

    if (err)
        return err;
    struct producer *made = kc_calloc(1, sizeof(*made));
    made->delivered = delivered;
    made->context = context;
    made->batch_size = CLIENT_BATCH_SIZE;
    if (kc_props_get(props, "batch.size")) /* client_conf_new has found it a number */
        made->batch_size = strtoull(kc_props_get(props, "batch.size"), NULL, 10);
    made->dev = dev_broker_is(kc_props_get(props, "bootstrap.servers"));
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    err = client_start(&made->client, RD_KAFKA_PRODUCER, conf);
    if (err) {
        producer_free(made);
        return err;
    }
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(made->client.rk);
    client_watch(&made->client, queue);
    rd_kafka_queue_destroy(queue);
    *producer = made;
    return NULL;
}

static void free_topic(void *topic)
{
    rd_kafka_topic_destroy(topic);
}

void producer_free(struct producer *producer)
{
    if (!producer)
        return;
    producer->closing = true;
    kc_map_clear(&producer->topics, free_topic);
    if (producer->client.rk) {
        rd_kafka_purge(producer->client.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                                RD_KAFKA_PURGE_F_NON_BLOCKING);
        rd_kafka_poll(producer->client.rk, 0);
    }
    client_end(&producer->client, 0);
}

/* The broker's own rule (Topic.validate). */
static bool is_topic_name(struct kc_text name)
{
    if (!name.len || name.len > 249 || kc_text_is(name, ".") || kc_text_is(name, ".."))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

static bool has_leaders(const struct rd_kafka_metadata *metadata)
{
    const struct rd_kafka_metadata_topic *topic = metadata->topics;

    if (metadata->topic_cnt != 1 || topic->err || topic->partition_cnt == 0)
        return false;
    for (int i = 0; i < topic->partition_cnt; i++)
        if (topic->partitions[i].leader < 0)
            return false;
    return true;
}

/* The library looks again only once a second for a topic that the broker is just making. */
static void await_topic(struct producer *producer, rd_kafka_topic_t *topic)
{
    const struct rd_kafka_metadata *metadata;
    bool known = false;

    for (int tries = 0; !known && tries < AWAIT_TRIES; tries++) {
        if (tries)
            kc_wait_stop(-1, AWAIT_MS);
        if (rd_kafka_metadata(producer->client.rk, 0, topic, &metadata, METADATA_MS))
            return; /* no broker: what is sent waits for one */
        known = has_leaders(metadata);
        rd_kafka_metadata_destroy(metadata);
    }
}

static struct kc_error *find_topic(struct producer *producer, const char *name)
{
    struct kc_text text = kc_text(name);
    rd_kafka_topic_t *topic = kc_map_get(&producer->topics, text);

    if (!topic) {
        if (!is_topic_name(text))
            return kc_fail(KC_BAD_DATA,
                           "'%s' can't be a topic: up to 249 letters, digits, '.', '_' and '-'. Name "
                           "it otherwise, by a RegexRouter transform for example",
                           name);
        if (producer->dev)
            dev_broker_make_topic(name, -1);
        topic = rd_kafka_topic_new(producer->client.rk, name, NULL);
        if (!topic)
            return kc_fail(KC_FATAL, "topic %s: %s", name, rd_kafka_err2str(rd_kafka_last_error()));
        kc_map_set(&producer->topics, text, topic);
        if (!producer->dev)
            await_topic(producer, topic);
    }
    producer->topic = topic;
    producer->topic_name = rd_kafka_topic_name(topic);
    return NULL;
}

static rd_kafka_resp_err_t send_with_extras(struct producer *producer,
                                            const struct producer_message *message)
{
    rd_kafka_headers_t *headers = NULL;

    if (message->n_headers) {
        headers = rd_kafka_headers_new(message->n_headers);
        for (size_t i = 0; i < message->n_headers; i++) {
            const struct kc_wire_header *header = &message->headers[i];
            rd_kafka_header_add(headers, header->name, -1, header->value.data,
                                (ssize_t)header->value.len);
        }
    }
    rd_kafka_vu_t parts[] = {
        { .vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = producer->topic },
        { .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = message->partition },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_VALUE,
          .u.mem = { (void *)message->value.data, message->value.len } },
        { .vtype = RD_KAFKA_VTYPE_KEY, .u.mem = { (void *)message->key.data, message->key.len } },
        { .vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)(uintptr_t)message->tag },
        { .vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = message->timestamp < 0 ? 0 : message->timestamp },
        { .vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers },
    };
    rd_kafka_error_t *error =
        rd_kafka_produceva(producer->client.rk, parts, KC_COUNT(parts) - (headers ? 0 : 1));
    if (!error)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t err = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (headers) /* the library took them only if it took the message */
        rd_kafka_headers_destroy(headers);
    return err;
}

static struct kc_error *refused(struct producer *producer, const struct producer_message *message,
                                rd_kafka_resp_err_t err)
{
    size_t size = message->key.len + message->value.len;

    if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return kc_fail(KC_RETRY, "the producer's queue is full (%zu records)", producer->queued);
    if (err == RD_KAFKA_RESP_ERR__FATAL) {
        struct kc_error *fatal = producer_poll(producer, 0);
        if (fatal)
            return fatal;
    }
    return client_fail(err, "sending a record of %zu bytes to topic %s: %s%s", size, message->topic,
                       rd_kafka_err2str(err), client_advice(err));
}

struct kc_error *producer_send(struct producer *producer, const struct producer_message *message)
{
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (!producer->topic || strcmp(producer->topic_name, message->topic) != 0) {
        struct kc_error *fault = find_topic(producer, message->topic);
        if (fault)
            return fault;
    }
    if (message->n_headers || message->timestamp >= 0)
        err = send_with_extras(producer, message);
    else if (rd_kafka_produce(producer->topic, message->partition, RD_KAFKA_MSG_F_COPY,
                              (void *)message->value.data, message->value.len, message->key.data,
                              message->key.len, (void *)(uintptr_t)message->tag) != 0)
        err = rd_kafka_last_error();
    if (err)
        return refused(producer, message, err);
    producer->queued++;
    return NULL;
}

struct kc_error *producer_poll(struct producer *producer, int timeout_ms)
{
    client_drain(&producer->client);
    rd_kafka_poll(producer->client.rk, timeout_ms);
    return client_fatal(&producer->client);
}

/* Lingering ends for the library only while somebody is in its flush. */
void producer_hurry(struct producer *producer)
{
    rd_kafka_flush(producer->client.rk, HURRY_MS);
}

int producer_fd(struct producer *producer)
{
    return producer->client.fd;
}

size_t producer_queued(struct producer *producer)
{
    return producer->queued;
}
