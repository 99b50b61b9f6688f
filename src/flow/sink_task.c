/* The way of a record from Kafka into a sink, step by step: sink_round. At-least-once rests on one
 * rule: the group's offset moves only over records that the sink has made durable. */
#include "flow/sink_task.h"

#include <stdlib.h>

#include "base/clock.h"
#include "flow/chain.h"
#include "flow/clients.h"
#include "flow/convert.h"
#include "flow/metrics.h"
#include "flow/progress.h"

#define BATCH_BYTES (16 << 20)
#define POLL_MS 500
#define RETRY_MS 1000
#define RETRY_MAX_MS 30000
#define COMMIT_TIMEOUT_MS 10000

struct sink_task {
    struct flow *flow;
    struct instance instance;
    struct kc_sink *sink; /* instance.state */
    const struct kc_sink_ops *ops;
    struct convert convert;
    struct chain chain;
    struct dead_letter *dead_letters;
    struct tolerance tolerance;
    struct consumer *consumer;
    struct progress progress;
    struct kc_batch batch;
    struct kc_batch nothing; /* for polls that must bring no records */
    bool open;
    int64_t next_commit;
    struct metrics metrics;
    bool unwritten; /* the last flush could not bring to its end what was put */
};

/* ---- start ---- */

static struct kc_error *start(struct sink_task *task)
{
    struct flow *flow = task->flow;
    struct kc_error *err;

    err = convert_init(&task->convert, flow);
    if (!err)
        err = chain_init(&task->chain, flow);
    if (!err)
        err = instance_new(KC_SINK, flow->config.connector_class, flow->props, "the connector",
                           &task->instance);
    if (!err)
        err = dead_letter_new(flow, &task->dead_letters);
    if (!err)
        err = clients_consumer(flow, &task->consumer);
    if (err)
        return err;
    task->tolerance.dead_letters = task->dead_letters;
    task->sink = task->instance.state;
    task->ops = task->instance.plugin->sink;
    *task->sink = (struct kc_sink){
        .plugin = task->instance.plugin,
        .config = task->instance.config,
        .connector = flow->connector,
        .task = flow->number,
        .stop_fd = flow->stop.fd,
        .stop_at_fault = flow->config.errors_tolerance == TOLERATE_NONE,
    };
    task->next_commit = kc_monotonic_ms() + flow->worker->offset_flush_interval_ms;
    metrics_init(&task->metrics, flow, NULL);
    return NULL;
}

static void measure_if_due(struct sink_task *task)
{
    if (metrics_due(&task->metrics))
        metrics_report(&task->metrics);
}

/* ---- commit ---- */

/* What is written is made durable, then its offsets are committed. */
static struct kc_error *commit(struct sink_task *task)
{
    size_t count;
    struct consumer_offset *offsets = progress_take(&task->progress, &count);
    struct kc_error *err = NULL;

    task->next_commit = kc_monotonic_ms() + task->flow->worker->offset_flush_interval_ms;
    if (!offsets)
        return NULL;
    if (task->ops->flush)
        err = task->ops->flush(task->sink);
    task->unwritten = err && err->fault == KC_RETRY;
    if (task->unwritten) {
        flow_count_commit(task->flow, false);
        flow_log_retry(task->flow, err, (int)task->flow->worker->offset_flush_interval_ms);
        free(offsets);
        return NULL;
    }
    if (!err)
        err = dead_letter_flush(task->dead_letters, COMMIT_TIMEOUT_MS);
    if (!err)
        err = consumer_commit(task->consumer, offsets, count, COMMIT_TIMEOUT_MS);
    flow_count_commit(task->flow, !err);
    if (!err) {
        progress_committed(&task->progress, offsets, count);
    } else if (err->fault == KC_RETRY) {
        flow_log_retry(task->flow, err, (int)task->flow->worker->offset_flush_interval_ms);
        err = NULL;
    }
    free(offsets);
    return err ? kc_while(err, "committing offsets") : NULL;
}

static struct kc_error *commit_if_due(struct sink_task *task)
{
    return kc_monotonic_ms() >= task->next_commit ? commit(task) : NULL;
}

/* ---- consuming ---- */

static void close_sink(struct sink_task *task)
{
    if (task->sink && task->ops->close)
        task->ops->close(task->sink);
    task->open = false;
    task->unwritten = false;
}

/* Other members of the group take over: what is written is committed, the rest is theirs. What could not
 * be written is forgotten with the sink's connection, for they will read it again. */
static struct kc_error *hand_over(struct sink_task *task)
{
    struct kc_error *err = commit(task);

    progress_forget(&task->progress);
    if (!err && task->unwritten)
        close_sink(task);
    return err;
}

static void set_origins(struct kc_batch *batch)
{
    for (struct kc_record *r = batch->first; r; r = r->next) {
        r->origin_topic = r->topic;
        r->origin_partition = r->partition;
    }
}

/* Stays a member of the group while nothing is consumed. *lost (MAY be NULL): partitions went to others. */
static struct kc_error *poll_paused(struct sink_task *task, bool *lost)
{
    enum consumer_event event;
    struct kc_error *err = consumer_poll(task->consumer, 100, &task->nothing, &event);

    flow_serve(task->flow);
    measure_if_due(task);
    if (!err && task->nothing.count)
        err = kc_fail(KC_FATAL, "a record of topic %s came while the consumer was paused",
                      task->nothing.first->topic);
    kc_batch_reset(&task->nothing);
    if (err || event != CONSUMER_REVOKE)
        return err;
    if (lost)
        *lost = true;
    return hand_over(task);
}

static struct kc_error *while_paused(struct sink_task *task)
{
    struct flow *flow = task->flow;
    struct kc_error *err = consumer_pause(task->consumer, true);

    if (!err)
        err = commit(task);
    flow_report_state(flow, TASK_PAUSED, NULL);
    while (!err && flow->pause_wanted && !flow_stopping(flow))
        err = poll_paused(task, NULL);
    if (!err && !flow_stopping(flow)) {
        err = consumer_pause(task->consumer, false);
        flow_report_state(flow, TASK_RUNNING, NULL);
    }
    return err;
}

/* Opening may be put off by KC_RETRY, as a put may. */
static struct kc_error *open_sink(struct sink_task *task)
{
    struct kc_error *err;

    for (;;) {
        task->sink->retry_in_ms = 0;
        err = task->ops->open ? task->ops->open(task->sink) : NULL;
        if (!err || err->fault != KC_RETRY)
            break;
        int wait_ms = task->sink->retry_in_ms > 0 ? task->sink->retry_in_ms : RETRY_MS;
        flow_log_retry(task->flow, err, wait_ms);
        close_sink(task);
        measure_if_due(task);
        if (kc_wait_stop(task->flow->stop.fd, wait_ms))
            return flow_stopped();
    }
    if (err)
        return err;
    task->open = true;
    flow_trouble_over(task->flow);
    flow_report_state(task->flow, TASK_RUNNING, NULL);
    return NULL;
}

static struct kc_error *consume(struct sink_task *task)
{
    struct flow *flow = task->flow;
    enum consumer_event event;
    struct kc_error *err = NULL;

    flow_serve(flow);
    if (flow->pause_wanted)
        err = while_paused(task);
    if (!err && !task->open && !flow_stopping(flow))
        err = open_sink(task);
    if (err || flow_stopping(flow))
        return err;
    int64_t left = task->next_commit - kc_monotonic_ms();
    err = consumer_poll(task->consumer, left < 0 ? 0 : left < POLL_MS ? (int)left : POLL_MS,
                        &task->batch, &event);
    if (!err && event == CONSUMER_REVOKE) {
        kc_batch_reset(&task->batch);
        return hand_over(task);
    }
    set_origins(&task->batch);
    flow->counters.polled += (int64_t)task->batch.count;
    for (const struct kc_record *r = task->batch.first; !err && r; r = r->next)
        flow_new_topic(flow, r->topic);
    return err;
}

/* ---- putting ---- */

/* Waits before the same batch is put again; the group membership stays alive meanwhile. *lost: its
 * partitions went to others, so the batch is no longer ours to write. */
static struct kc_error *wait_to_put(struct sink_task *task, int wait_ms, bool *lost)
{
    struct kc_error *err = consumer_pause(task->consumer, true);

    for (int64_t until = kc_monotonic_ms() + wait_ms;
         !err && !*lost && kc_monotonic_ms() < until;) {
        if (flow_stopping(task->flow))
            return flow_stopped();
        err = poll_paused(task, lost);
    }
    return err ? err : consumer_pause(task->consumer, false);
}

static struct kc_error *put(struct sink_task *task)
{
    struct kc_batch *batch = &task->batch;
    bool lost = false;
    struct kc_error *err = NULL;

    for (int retry = 0;; retry++) {
        task->sink->retry_in_ms = 0;
        err = task->ops->put(task->sink, batch);
        if (!err || err->fault != KC_RETRY)
            break;
        int wait_ms = RETRY_MS << (retry < 5 ? retry : 5);
        wait_ms = wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS;
        if (task->sink->retry_in_ms > 0)
            wait_ms = task->sink->retry_in_ms;
        flow_log_retry(task->flow, err, wait_ms);
        err = wait_to_put(task, wait_ms, &lost);
        if (lost)
            kc_batch_reset(batch);
        if (err || lost)
            break;
    }
    if (err && err->fault != KC_STOPPED)
        err = kc_while_as(err, "org.apache.kafka.connect.errors.ConnectException",
                          "Exiting WorkerSinkTask due to unrecoverable exception.");
    return err;
}

/* Faults that the sink found come to tolerance as those of the other steps do. */
static struct kc_error *sweep_put(struct sink_task *task)
{
    for (struct kc_record *r = task->batch.first; r; r = r->next) {
        if (!r->fault)
            continue;
        tolerance_mark(&task->tolerance, r, STAGE_TASK_PUT,
                       task->instance.plugin->java_classes[task->instance.which], r->fault);
        if (task->sink->stop_at_fault)
            break;
    }
    return tolerance_sweep(&task->tolerance, &task->batch);
}

static struct kc_error *put_batch(struct sink_task *task)
{
    struct kc_batch *batch = &task->batch;
    size_t records = 0, bytes = 0;

    if (batch->count == 0)
        return NULL;
    struct kc_error *err = put(task);
    if (!err)
        err = sweep_put(task);
    else
        return err;
    progress_batch(&task->progress, batch);
    for (const struct kc_record *r = batch->first; r; r = r->next) {
        if (r->dropped)
            continue;
        records++;
        bytes += r->key_wire.len + r->value_wire.len;
    }
    flow_count(task->flow, records, bytes);
    return err;
}

/* ---- the straight line ---- */

static struct kc_error *sink_round(struct sink_task *task)
{
    struct kc_batch *batch = &task->batch;

    kc_batch_reset(batch);
    struct kc_error *err = consume(task);
    if (err)
        return err;
    struct kc_error *fault = convert_decode_batch(&task->convert, &task->tolerance, batch);
    fault = tolerance_earlier(fault, chain_apply_batch(&task->chain, &task->tolerance, batch));
    fault = tolerance_earlier(fault, put_batch(task));
    measure_if_due(task);
    return fault ? fault : commit_if_due(task);
}

static void clear(struct sink_task *task)
{
    close_sink(task);
    metrics_clear(&task->metrics);
    kc_batch_clear(&task->batch);
    kc_batch_clear(&task->nothing);
    if (task->consumer)
        consumer_free(task->consumer);
    dead_letter_free(task->dead_letters);
    tolerance_clear(&task->tolerance);
    chain_clear(&task->chain);
    convert_clear(&task->convert);
    progress_clear(&task->progress);
    instance_clear(&task->instance);
}

struct kc_error *sink_task_run(struct flow *flow)
{
    struct sink_task task = { .flow = flow, .tolerance.flow = flow };

    kc_batch_init(&task.batch, 0, BATCH_BYTES);
    kc_batch_init(&task.nothing, 1, 0);
    struct kc_error *err = start(&task);
    bool started = !err;
    while (!err && !flow_stopping(flow))
        err = sink_round(&task);
    err = flow_first_error(err, started && task.open ? commit(&task) : NULL);
    clear(&task);
    return err;
}
