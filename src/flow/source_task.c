/* The file to read first: source_round is the way of a row from a source into Kafka, step by
 * step. At-least-once rests on one rule: a position is stored only after everything before it is
 * in Kafka, and the source hears of it only after that. */
#include "flow/source_task.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/acks.h"
#include "flow/chain.h"
#include "flow/clients.h"
#include "flow/convert.h"
#include "flow/metrics.h"
#include "flow/signals.h"
#include "flow/topic_creation.h"

#define BATCH_BYTES (4 << 20)
#define IDLE_MS 1000
#define SPARSE_MS 5 /* a source that let poll wait so long has no more at hand */
#define RETRY_MS 1000
#define RETRY_MAX_MS 60000
#define LAST_MS 1000 /* what the end may wait: for room in the queue, for the offset store */

struct source_task {
    struct flow *flow;
    struct instance instance;
    struct kc_source *source; /* instance.state */
    const struct kc_source_ops *ops;
    struct convert convert;
    struct chain chain;
    struct tolerance tolerance;
    struct topic_creation topics;
    struct signals signals;
    struct producer *producer;
    struct acks acks;
    struct kc_batch batch;
    bool open;
    bool broken; /* idle or commit failed with KC_RETRY: to be opened again before the next poll */
    int retries; /* opens that failed in a row */
    bool sparse; /* the batch at hand came after a wait */
    int64_t give_up; /* once the task stops: when a batch that can't be handed over is left; 0: not yet */
    int64_t next_idle;
    struct metrics metrics;
    int64_t next_commit;
    struct kc_arena stored_arena;
    struct kc_position *stored; /* as they were at the start */
    size_t n_stored;
    /* The flush in work: what the source hears of when it is stored. */
    struct kc_arena flush_arena;
    struct kc_position *flush;
    size_t n_flush;
    uint64_t flush_before; /* tags of the batches that it covers are lower */
    bool flushing;
};

/* ---- start ---- */

static void delivered(void *context, uint64_t tag, const struct kc_error *error)
{
    struct source_task *task = context;

    /* Passing over a record for what is not its fault (rights, a full disk) would lose its neighbours too. */
    if (error && error->fault == KC_BAD_DATA &&
        task->flow->config.errors_tolerance == TOLERATE_ALL) {
        char *text = kc_error_line(error);
        kc_log_error("flow", "Kafka refused a record, passing over it (errors.tolerance=all): %s", text);
        free(text);
        task->flow->counters.errors++;
        error = NULL;
    }
    acks_done(&task->acks, tag, error);
}

static struct kc_error *start(struct source_task *task, const struct task_offset *stored,
                              size_t n_stored)
{
    struct flow *flow = task->flow;
    struct kc_error *err;

    err = task_offsets_read(stored, n_stored, &task->stored_arena, &task->stored, &task->n_stored);
    if (!err)
        err = topic_creation_check(flow);
    if (!err)
        err = convert_init(&task->convert, flow);
    if (!err)
        err = chain_init(&task->chain, flow);
    if (!err)
        err = instance_new(KC_SOURCE, flow->config.connector_class, flow->props, "the connector",
                           &task->instance);
    if (!err)
        err = clients_producer(flow, delivered, task, &task->producer);
    if (err)
        return err;
    task->source = task->instance.state;
    task->ops = task->instance.plugin->source;
    *task->source = (struct kc_source){
        .plugin = task->instance.plugin,
        .config = task->instance.config,
        .connector = flow->connector,
        .task = flow->number,
        .stop_fd = flow->stop.fd,
    };
    task->next_commit = kc_monotonic_ms() + flow->worker->offset_flush_interval_ms;
    metrics_init(&task->metrics, flow, task->ops->metrics);
    return NULL;
}

/* ---- acknowledgement and commit ---- */

static struct kc_error *serve_producer(struct source_task *task, int timeout_ms)
{
    struct kc_error *err = producer_poll(task->producer, timeout_ms);

    acks_advance(&task->acks);
    if (!err && task->acks.failed) {
        err = task->acks.failed;
        task->acks.failed = NULL;
        err = kc_while(err, "Unrecoverable exception from producer send callback");
        err->fault = KC_FATAL;
    }
    return err;
}

/* What may pass is no end of the task. The batch at hand may hold on to the source, so it is closed later. */
static struct kc_error *note_broken(struct source_task *task, struct kc_error *err)
{
    if (!err || err->fault != KC_RETRY)
        return err;
    flow_log_retry(task->flow, err, 0);
    task->broken = true;
    return NULL;
}

/* The owner has answered: the source may let go of what is stored. */
static struct kc_error *finish_flush(struct source_task *task)
{
    struct flow *flow = task->flow;
    struct kc_error *err = NULL;

    task->flushing = false;
    flow_count_commit(flow, !flow->flush_error);
    if (flow->flush_error) {
        flow_log_retry(flow, flow->flush_error, (int)flow->worker->offset_flush_interval_ms);
        flow->flush_error = NULL;
        acks_untake(&task->acks);
    } else {
        signals_stored(&task->signals, task->flush_before);
        if (task->open && !task->broken && task->ops->commit)
            err = note_broken(task, task->ops->commit(task->source, task->flush, task->n_flush));
    }
    kc_arena_reset(&task->flush_arena);
    return err;
}

static void begin_flush(struct source_task *task)
{
    size_t count, n_flush;
    struct task_offset *offsets = acks_take(&task->acks, task->flow->connector, &count);

    if (count == 0) {
        free(offsets);
        return;
    }
    struct kc_position *safe = acks_positions(&task->acks, &n_flush);
    task->flush = kc_alloc(&task->flush_arena, n_flush * sizeof(*safe));
    task->n_flush = n_flush;
    task->flush_before = acks_finished(&task->acks);
    for (size_t i = 0; i < n_flush; i++)
        task->flush[i] = (struct kc_position){
            .partition = kc_value_copy(&task->flush_arena, safe[i].partition),
            .offset = kc_value_copy(&task->flush_arena, safe[i].offset),
        };
    free(safe);
    task->flushing = true;
    flow_report_offsets(task->flow, offsets, count);
}

static struct kc_error *commit_if_due(struct source_task *task)
{
    struct flow *flow = task->flow;
    struct kc_error *err = NULL;

    flow_serve(flow);
    if (task->flushing && flow->flush_answered == flow->flush_sent)
        err = finish_flush(task);
    int64_t now = kc_monotonic_ms();
    if (task->source->want_commit && !task->flushing && acks_in_flight(&task->acks) == 0) {
        task->source->want_commit = false;
        task->next_commit = now;
    }
    if (!err && !task->flushing && now >= task->next_commit) {
        task->next_commit = now + flow->worker->offset_flush_interval_ms;
        begin_flush(task);
    }
    return err;
}

static struct kc_error *await_flush(struct source_task *task)
{
    struct flow *flow = task->flow;
    int64_t deadline = kc_monotonic_ms() + LAST_MS;

    while (task->flushing && flow->flush_answered != flow->flush_sent) {
        if (kc_monotonic_ms() >= deadline)
            return kc_fail(KC_FATAL, "the offset store did not answer within %d ms; the last records "
                                     "may come again", LAST_MS);
        kc_wait_fd(flow->requests.fd, false, -1, 20);
        flow_serve(flow);
    }
    return task->flushing ? finish_flush(task) : NULL;
}

/* How long the end may wait for Kafka: what the offset store may need must fit into the time that the
 * worker gives a stopping task. */
static int64_t last_acks_ms(const struct worker_config *worker)
{
    int64_t graceful = worker->task_shutdown_graceful_timeout_ms - 2 * LAST_MS;

    if (graceful < LAST_MS / 2)
        graceful = LAST_MS / 2;
    return graceful < worker->offset_flush_timeout_ms ? graceful : worker->offset_flush_timeout_ms;
}

/* At the end, a failed one too: waits for Kafka's word on what is under way and stores what is
 * safe. */
static struct kc_error *last_commit(struct source_task *task)
{
    int64_t deadline = kc_monotonic_ms() + last_acks_ms(task->flow->worker);
    struct kc_error *refused = NULL;

    while (!refused && producer_queued(task->producer) > 0 && kc_monotonic_ms() < deadline)
        refused = serve_producer(task, 20);
    acks_advance(&task->acks);
    if (!refused && producer_queued(task->producer) > 0)
        kc_log_warn("flow", "Kafka did not answer for %zu records in time; they will come again",
                    producer_queued(task->producer));
    struct kc_error *err = await_flush(task);
    if (!err) {
        begin_flush(task);
        err = await_flush(task);
    }
    if (!refused)
        return err;
    kc_error_free(err);
    return refused;
}

/* ---- opening, pausing, waiting ---- */

static void measure_if_due(struct source_task *task)
{
    struct flow_counters *counters = &task->flow->counters;

    if (!metrics_due(&task->metrics))
        return;
    counters->waiting = (int64_t)producer_queued(task->producer);
    counters->waiting_batches = (int64_t)acks_in_flight(&task->acks);
    if (task->open && task->ops->measure)
        task->ops->measure(task->source, task->metrics.values);
    metrics_report(&task->metrics);
}

/* Keeps the source's connections alive while it is not polled. */
static struct kc_error *idle_if_due(struct source_task *task)
{
    measure_if_due(task);
    int64_t now = kc_monotonic_ms();

    if (!task->open || task->broken || !task->ops->idle || now < task->next_idle)
        return NULL;
    task->next_idle = now + IDLE_MS;
    return note_broken(task, task->ops->idle(task->source));
}

/* Until the batches in flight are answered. */
static struct kc_error *drain(struct source_task *task)
{
    struct kc_error *err = NULL;

    producer_hurry(task->producer);
    while (!err && producer_queued(task->producer) > 0) {
        if (flow_stopping(task->flow))
            return flow_stopped();
        err = serve_producer(task, 100);
        if (!err)
            err = commit_if_due(task);
        measure_if_due(task);
    }
    return err;
}

static void close_source(struct source_task *task)
{
    if (task->source && task->ops->close)
        task->ops->close(task->source);
    task->open = task->broken = false;
}

/* A source that failed with KC_RETRY is closed and opened again after a wait. Takes the error. */
static struct kc_error *wait_to_reopen(struct source_task *task, struct kc_error *why)
{
    int wait_ms = task->source->retry_in_ms;

    if (wait_ms <= 0) {
        wait_ms = RETRY_MS << (task->retries < 6 ? task->retries : 6);
        wait_ms = wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS;
    }
    task->retries++;
    flow_log_retry(task->flow, why, wait_ms);
    close_source(task);
    struct kc_error *err = NULL;
    for (int64_t until = kc_monotonic_ms() + wait_ms; !err && kc_monotonic_ms() < until;) {
        if (kc_wait_stop(task->flow->stop.fd, 100))
            return flow_stopped();
        err = serve_producer(task, 0);
        if (!err)
            err = commit_if_due(task);
        measure_if_due(task);
    }
    return err;
}

/* What was stored before, and what Kafka has by now: the last of a partition counts. */
static void current_positions(struct source_task *task, struct kc_position **positions,
                              size_t *count)
{
    size_t n_acked;
    struct kc_position *acked = acks_positions(&task->acks, &n_acked);

    *positions = kc_calloc(task->n_stored + n_acked + 1, sizeof(**positions));
    *count = 0;
    for (size_t i = 0; i < task->n_stored; i++)
        (*positions)[(*count)++] = task->stored[i];
    for (size_t i = 0; i < n_acked; i++)
        (*positions)[(*count)++] = acked[i];
    free(acked);
}

static struct kc_error *open_source(struct source_task *task)
{
    struct kc_position *positions;
    size_t count;
    struct kc_error *err = drain(task);

    if (err)
        return err;
    current_positions(task, &positions, &count);
    task->source->stored = positions;
    task->source->n_stored = count;
    task->source->retry_in_ms = 0;
    task->source->listens = false;
    task->source->signals = (struct kc_signal_topic){ .topic = NULL };
    err = task->ops->open(task->source);
    task->source->stored = NULL;
    task->source->n_stored = 0;
    free(positions);
    if (!err)
        err = signals_open(&task->signals, &task->source->signals, acks_finished(&task->acks));
    if (!err) {
        task->open = true;
        task->retries = 0;
        flow_trouble_over(task->flow);
        flow_report_state(task->flow, TASK_RUNNING, NULL);
        return NULL;
    }
    if (err->fault != KC_RETRY)
        return err;
    flow_report_state(task->flow, TASK_RUNNING, NULL);
    return wait_to_reopen(task, err);
}

static struct kc_error *while_paused(struct source_task *task)
{
    struct flow *flow = task->flow;
    struct kc_error *err = NULL;

    flow_report_state(flow, TASK_PAUSED, NULL);
    while (!err && flow->pause_wanted && !flow_stopping(flow)) {
        flow_wait(flow, 100);
        err = serve_producer(task, 0);
        if (!err)
            err = commit_if_due(task);
        if (!err)
            err = idle_if_due(task);
    }
    if (!err && task->open && !flow_stopping(flow))
        flow_report_state(flow, TASK_RUNNING, NULL);
    return err;
}

/* ---- the straight line ---- */

static struct kc_error *poll_source(struct source_task *task)
{
    struct kc_error *err = NULL;

    if (task->flow->pause_wanted)
        err = while_paused(task);
    if (!err && task->broken)
        close_source(task);
    if (!err && !task->open && !flow_stopping(task->flow))
        err = open_source(task);
    if (err || !task->open || flow_stopping(task->flow))
        return err;
    err = signals_tell(&task->signals, task->source, task->ops);
    int64_t since = kc_monotonic_ms();
    if (!err)
        err = task->ops->poll(task->source, &task->batch);
    task->sparse = kc_monotonic_ms() - since >= SPARSE_MS;
    if (!err)
        return NULL;
    kc_batch_reset(&task->batch);
    return err->fault == KC_RETRY ? wait_to_reopen(task, err) : err;
}

/* A stop lets the batch at hand be handed over, for what is cut off comes again; but not for long. */
static bool gives_up(struct source_task *task)
{
    int64_t now = kc_monotonic_ms();

    if (!flow_stopping(task->flow))
        return false;
    if (task->give_up == 0)
        task->give_up = now + LAST_MS;
    return now >= task->give_up;
}

static struct kc_error *send_record(struct source_task *task, const struct kc_record *record,
                                    uint64_t tag)
{
    const struct producer_message message = {
        .topic = record->topic,
        .partition = record->partition,
        .timestamp = record->timestamp,
        .key = record->key_wire,
        .value = record->value_wire,
        .headers = record->wire_headers,
        .n_headers = record->n_wire_headers,
        .tag = tag,
    };

    for (;;) {
        struct kc_error *err = producer_send(task->producer, &message);
        if (!err) {
            acks_sent(&task->acks);
            return NULL;
        }
        if (err->fault == KC_BAD_DATA) {
            /* This record only, and known at once: as if the broker had refused it. */
            acks_sent(&task->acks);
            delivered(task, tag, err);
            kc_error_free(err);
            return NULL;
        }
        if (err->fault != KC_RETRY)
            return kc_while(err, "Unrecoverable exception trying to send");
        kc_error_free(err);
        if (gives_up(task))
            return flow_stopped();
        err = serve_producer(task, 100);
        if (!err)
            err = idle_if_due(task);
        if (err)
            return err;
    }
}

/* complete: the batch was not cut short by a fault, so its positions count. */
static struct kc_error *produce_batch(struct source_task *task, bool complete)
{
    struct kc_batch *batch = &task->batch;
    size_t records = 0, bytes = 0;
    struct kc_error *err = NULL;

    if (batch->count == 0 && batch->n_positions == 0)
        return serve_producer(task, 0);
    uint64_t tag = acks_begin(&task->acks);
    for (const struct kc_record *r = batch->first; r && !err; r = r->next) {
        if (r->dropped)
            continue;
        if (flow_new_topic(task->flow, r->topic))
            err = topic_creation_ensure(&task->topics, r->topic);
        if (!err)
            err = send_record(task, r, tag);
        records++;
        bytes += r->key_wire.len + r->value_wire.len;
    }
    flow_count(task->flow, records, bytes);
    if (!err && complete) {
        acks_end(&task->acks, batch->positions, batch->n_positions);
        if (batch->n_positions)
            signals_position(&task->signals, tag);
    }
    if (!err && task->sparse)
        producer_hurry(task->producer);
    return err ? err : serve_producer(task, 0);
}

static struct kc_error *source_round(struct source_task *task)
{
    struct kc_batch *batch = &task->batch;

    kc_batch_reset(batch);
    struct kc_error *err = poll_source(task);
    if (err)
        return err;
    task->flow->counters.polled += (int64_t)batch->count;
    struct kc_error *fault = chain_apply_batch(&task->chain, &task->tolerance, batch);
    fault = tolerance_earlier(fault, convert_encode_batch(&task->convert, &task->tolerance, batch));
    err = produce_batch(task, !fault);
    if (err) {
        kc_error_free(fault);
        return err;
    }
    measure_if_due(task);
    return fault ? fault : commit_if_due(task);
}

static void clear(struct source_task *task)
{
    close_source(task);
    metrics_clear(&task->metrics);
    if (task->producer)
        producer_free(task->producer);
    kc_batch_clear(&task->batch);
    tolerance_clear(&task->tolerance);
    topic_creation_clear(&task->topics);
    signals_clear(&task->signals);
    chain_clear(&task->chain);
    convert_clear(&task->convert);
    acks_clear(&task->acks);
    instance_clear(&task->instance);
    kc_arena_clear(&task->stored_arena);
    kc_arena_clear(&task->flush_arena);
}

struct kc_error *source_task_run(struct flow *flow, const struct task_offset *stored,
                                 size_t n_stored)
{
    struct source_task task = {
        .flow = flow,
        .tolerance.flow = flow,
        .topics.flow = flow,
    };

    acks_init(&task.acks);
    signals_init(&task.signals, flow);
    kc_batch_init(&task.batch, 0, BATCH_BYTES);
    struct kc_error *err = start(&task, stored, n_stored);
    bool started = !err;
    while (!err && !flow_stopping(flow))
        err = source_round(&task);
    err = flow_first_error(err, started ? last_commit(&task) : NULL);
    clear(&task);
    return err;
}
