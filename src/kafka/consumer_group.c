/* A consumer as a member of its group: the assignment, rebalances, commits. */
#include <stdlib.h>

#include "base/log.h"
#include "kafka/consumer_state.h"

/* ---- the assignment ---- */

struct consumer_offset *consumer_group_find(struct consumer *consumer, const char *topic,
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

void consumer_group_empty_old(struct consumer *consumer)
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
    struct consumer_offset *one = consumer_group_find(consumer, topic, partition);

    if (one)
        drop_at(consumer, (size_t)(one - consumer->assigned));
}

void consumer_group_drop_all(struct consumer *consumer)
{
    while (consumer->n_assigned)
        drop_at(consumer, consumer->n_assigned - 1);
}

void consumer_group_add(struct consumer *consumer, const char *topic, int32_t partition)
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

void consumer_group_on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
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
                consumer_group_find(consumer, list->elems[i].topic, list->elems[i].partition);
            if (one && list->elems[i].offset >= 0)
                one->offset = list->elems[i].offset;
            else if (one && consumer->earliest)
                one->offset = 0;
        }
    rd_kafka_topic_partition_list_destroy(list);
}

void consumer_group_finish(struct consumer *consumer)
{
    bool cooperative = strcmp(rd_kafka_rebalance_protocol(consumer->rk), "COOPERATIVE") == 0;
    bool assign = consumer->rebalance == REBALANCE_ASSIGN;
    rd_kafka_topic_partition_list_t *moving = consumer->moving;
    rd_kafka_error_t *error = NULL;

    consumer->rebalance = REBALANCE_NONE;
    consumer_group_empty_old(consumer);
    if (!cooperative)
        consumer_group_drop_all(consumer);
    for (int i = 0; i < moving->cnt; i++) {
        if (assign)
            consumer_group_add(consumer, moving->elems[i].topic, moving->elems[i].partition);
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
            return client_fail(one, "committing offsets: %s%s", rd_kafka_err2str(one),
                               client_advice(one));
        gone = list->elems[i].topic; /* deleted: nothing to go on with */
    }
    if (gone) {
        kc_log_warn("kafka", "committing offsets: a topic is gone, %s or another", gone);
        return NULL;
    }
    if (err && err != RD_KAFKA_RESP_ERR__NO_OFFSET)
        return client_fail(err, "committing offsets: %s%s", rd_kafka_err2str(err),
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
        result = client_fail(err, "committing offsets: %s", rd_kafka_err2str(err));
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
        if (consumer_group_find(consumer, offsets[i].topic, offsets[i].partition))
            rd_kafka_topic_partition_list_add(list, offsets[i].topic, offsets[i].partition)->offset =
                offsets[i].offset;
    if (list->cnt)
        err = commit_list(consumer, list, timeout_ms);
    rd_kafka_topic_partition_list_destroy(list);
    return err;
}

void consumer_commit_later(struct consumer *consumer, const char *topic, int32_t partition,
                           int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
    rd_kafka_commit(consumer->rk, list, 1);
    rd_kafka_topic_partition_list_destroy(list);
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
    return err ? client_fail(err, "%s: %s", paused ? "pausing" : "resuming", rd_kafka_err2str(err))
               : NULL;
}

size_t consumer_assignment(struct consumer *consumer, const struct consumer_offset **offsets)
{
    *offsets = consumer->assigned;
    return consumer->n_assigned;
}
