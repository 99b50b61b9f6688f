#include "flow/metrics.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/clock.h"

#define INTERVAL_MS 1000

enum { SOURCE = 1, SINK = 2 };

/* The counters of the flow as rows. `since`: the counter is a moment, and its age is shown. */
#define ROW(of, field, since, kind, name, help) \
    { of, offsetof(struct flow_counters, field), since, { name, NULL, kind, help } }
static const struct row {
    unsigned of;
    size_t offset;
    bool since;
    struct kc_metric metric;
} rows[] = {
    ROW(SOURCE, polled, false, KC_COUNTER, "kafka_connect_source_task_source_record_poll_total",
        "Records that the source gave, before the transforms."),
    ROW(SOURCE, records, false, KC_COUNTER, "kafka_connect_source_task_source_record_write_total",
        "Records handed to Kafka."),
    ROW(SOURCE, waiting, false, KC_GAUGE, "kafka_connect_source_task_source_record_active_count",
        "Records handed to Kafka that it has not acknowledged."),
    ROW(SOURCE, waiting_batches, false, KC_GAUGE, "penstock_task_batches_waiting",
        "Batches that hold such records."),
    ROW(SINK, polled, false, KC_COUNTER, "kafka_connect_sink_task_sink_record_read_total",
        "Records that Kafka gave, before the transforms."),
    ROW(SINK, records, false, KC_COUNTER, "kafka_connect_sink_task_sink_record_send_total",
        "Records handed to the sink."),
    ROW(SOURCE | SINK, errors, false, KC_COUNTER, "kafka_connect_task_error_total_record_errors",
        "Records at fault."),
    ROW(SOURCE | SINK, bytes, false, KC_COUNTER, "penstock_task_bytes_total",
        "Bytes of the keys and values of the records handed over."),
    ROW(SOURCE | SINK, batches, false, KC_COUNTER, "penstock_task_batches_total",
        "Batches handed over."),
    ROW(SOURCE | SINK, retries, false, KC_COUNTER, "penstock_task_retries_total",
        "Times that the connector had to try again."),
    ROW(SOURCE | SINK, commits, false, KC_COUNTER, "penstock_task_offset_commits_total",
        "Offsets stored."),
    ROW(SOURCE | SINK, failed_commits, false, KC_COUNTER,
        "penstock_task_offset_commit_failures_total", "Times that offsets could not be stored."),
    ROW(SOURCE | SINK, last_commit, true, KC_GAUGE, "penstock_task_last_offset_commit_ms",
        "Milliseconds since offsets were last stored; they are only when there is something new."),
    ROW(SOURCE | SINK, last_batch, true, KC_GAUGE, "penstock_task_last_batch_ms",
        "Milliseconds since records were last handed over."),
};

void metrics_init(struct metrics *metrics, struct flow *flow, const struct kc_metric *own)
{
    *metrics = (struct metrics){ .flow = flow, .rows = own };
    while (own && own[metrics->n_rows].name)
        metrics->n_rows++;
    metrics->values = kc_calloc(metrics->n_rows + 1, sizeof(*metrics->values));
}

void metrics_clear(struct metrics *metrics)
{
    free(metrics->values);
    metrics->values = NULL;
}

bool metrics_due(struct metrics *metrics)
{
    int64_t now = kc_monotonic_ms();

    if (now < metrics->due)
        return false;
    metrics->due = now + INTERVAL_MS;
    for (size_t i = 0; i < metrics->n_rows; i++)
        metrics->values[i] = KC_METRIC_UNKNOWN;
    return true;
}

static int64_t value_of(const struct flow_counters *counters, const struct row *row, int64_t now)
{
    int64_t value = *(const int64_t *)(const void *)((const char *)counters + row->offset);

    if (!row->since)
        return value;
    return value ? now - value : KC_METRIC_UNKNOWN;
}

void metrics_report(const struct metrics *metrics)
{
    struct flow *flow = metrics->flow;
    unsigned kind = flow->plugin->kind == KC_SINK ? SINK : SOURCE;
    struct task_metric *report =
        kc_calloc(metrics->n_rows + KC_COUNT(rows), sizeof(*report));
    int64_t now = kc_monotonic_ms(), value;
    size_t count = 0;

    for (size_t i = 0; i < metrics->n_rows; i++)
        if (metrics->values[i] != KC_METRIC_UNKNOWN)
            report[count++] = (struct task_metric){ &metrics->rows[i], metrics->values[i] };
    for (size_t i = 0; i < KC_COUNT(rows); i++)
        if (rows[i].of & kind &&
            (value = value_of(&flow->counters, &rows[i], now)) != KC_METRIC_UNKNOWN)
            report[count++] = (struct task_metric){ &rows[i].metric, value };
    flow_report_metrics(flow, report, count);
}
