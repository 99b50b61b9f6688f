#include "flow/dead_letter.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/clients.h"
#include "flow/topic_creation.h"

#define CONTEXT_HEADERS 10

struct dead_letter {
    struct flow *flow;
    struct producer *producer;
    struct kc_arena arena; /* of the message at hand */
    uint64_t failed; /* records that are not there, through no fault of their own */
};

static void delivered(void *context, uint64_t tag, const struct kc_error *error)
{
    struct dead_letter *queue = context;

    if (!error)
        return;
    /* One that the broker will never take is passed over, as the user asked for; the others' offsets
     * must not be committed. */
    queue->failed += error->fault != KC_BAD_DATA;
    char *text = kc_error_line(error);
    kc_log_error("flow", "Could not write record %" PRIu64 " to the dead letter queue %s: %s", tag,
                 queue->flow->config.dlq_topic, text);
    free(text);
}

static struct kc_error *create_topic(struct flow *flow)
{
    struct topic_creation creation = { .flow = flow };
    struct kc_error *err = topic_creation_make(
        &creation, &(struct admin_topic){ .name = flow->config.dlq_topic, .partitions = 1,
                                          .replication = flow->config.dlq_replication });

    topic_creation_clear(&creation);
    return err ? kc_while(err, "Could not initialize dead letter queue with topic=%s",
                          flow->config.dlq_topic)
               : NULL;
}

struct kc_error *dead_letter_new(struct flow *flow, struct dead_letter **queue)
{
    *queue = NULL;
    if (!flow->config.dlq_topic || !*flow->config.dlq_topic)
        return NULL;
    struct kc_error *err = create_topic(flow);
    if (err)
        return err;
    *queue = kc_calloc(1, sizeof(**queue));
    (*queue)->flow = flow;
    kc_arena_init(&(*queue)->arena, 0);
    return clients_dlq_producer(flow, delivered, *queue, &(*queue)->producer);
}

void dead_letter_free(struct dead_letter *queue)
{
    if (!queue)
        return;
    if (queue->producer)
        producer_free(queue->producer);
    kc_arena_clear(&queue->arena);
    free(queue);
}

static void add_header(struct producer_message *message, struct kc_wire_header *headers,
                       const char *name, const char *text)
{
    headers[message->n_headers++] = (struct kc_wire_header){
        .name = name, .value = { .data = text, .len = text ? strlen(text) : 0 }
    };
}

/* The record's own headers, then those that say what went wrong. */
static void add_context(struct dead_letter *queue, struct producer_message *message,
                        const struct kc_record *record, const char *stage, const char *class_name,
                        const struct kc_error *fault)
{
    struct kc_arena *arena = &queue->arena;
    struct kc_wire_header *headers =
        kc_alloc(arena, (record->n_wire_headers + CONTEXT_HEADERS) * sizeof(*headers));
    char *trace = kc_error_trace(fault);

    for (uint32_t i = 0; i < record->n_wire_headers; i++)
        headers[message->n_headers++] = record->wire_headers[i];
    add_header(message, headers, "__connect.errors.topic", record->origin_topic);
    add_header(message, headers, "__connect.errors.partition",
               kc_arena_printf(arena, "%d", record->origin_partition));
    add_header(message, headers, "__connect.errors.offset",
               kc_arena_printf(arena, "%" PRId64, record->offset));
    add_header(message, headers, "__connect.errors.connector.name", queue->flow->connector);
    add_header(message, headers, "__connect.errors.task.id",
               kc_arena_printf(arena, "%d", queue->flow->number));
    add_header(message, headers, "__connect.errors.stage", stage);
    add_header(message, headers, "__connect.errors.class.name", class_name);
    add_header(message, headers, "__connect.errors.exception.class.name",
               kc_error_java_class(fault));
    add_header(message, headers, "__connect.errors.exception.message", fault->text);
    add_header(message, headers, "__connect.errors.exception.stacktrace",
               kc_arena_text(arena, trace, strlen(trace)));
    message->headers = headers;
    free(trace);
}

static struct kc_error *send_or_wait(struct dead_letter *queue,
                                     const struct producer_message *message)
{
    for (;;) {
        struct kc_error *err = producer_send(queue->producer, message);
        if (!err || err->fault != KC_RETRY || flow_stopping(queue->flow))
            return err;
        kc_error_free(err);
        err = producer_poll(queue->producer, 100);
        if (err)
            return err;
    }
}

void dead_letter_send(struct dead_letter *queue, const struct kc_record *record, const char *stage,
                      const char *class_name, const struct kc_error *fault)
{
    struct producer_message message = {
        .topic = queue->flow->config.dlq_topic,
        .partition = -1,
        .timestamp = record->timestamp,
        .key = record->key_wire,
        .value = record->value_wire,
        .headers = record->wire_headers,
        .tag = (uint64_t)record->offset,
    };

    if (queue->flow->config.dlq_headers)
        add_context(queue, &message, record, stage, class_name, fault);
    else
        message.n_headers = record->n_wire_headers;
    struct kc_error *err = send_or_wait(queue, &message);
    if (err)
        delivered(queue, message.tag, err);
    kc_error_free(err);
    kc_arena_reset(&queue->arena);
}

static struct kc_error *lost(const struct dead_letter *queue)
{
    if (flow_stopping(queue->flow))
        return flow_stopped();
    return kc_fail(KC_FATAL,
                   "%" PRIu64 " records at fault did not get into the dead letter queue %s (the log says "
                   "why); they come again once the task is restarted",
                   queue->failed, queue->flow->config.dlq_topic);
}

struct kc_error *dead_letter_flush(struct dead_letter *queue, int timeout_ms)
{
    int64_t deadline = kc_monotonic_ms() + timeout_ms;

    while (queue) {
        if (queue->failed)
            return lost(queue);
        if (!producer_queued(queue->producer))
            return NULL;
        struct kc_error *err = producer_poll(queue->producer, 50);
        if (err)
            return err;
        if (kc_monotonic_ms() > deadline)
            return kc_fail(KC_RETRY, "the dead letter queue %s did not take %zu records in time",
                           queue->flow->config.dlq_topic, producer_queued(queue->producer));
    }
    return NULL;
}
