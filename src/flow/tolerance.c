#include "flow/tolerance.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#define RETRY_DELAY_MIN_MS 300

static const char *const stage_names[] = {
    [STAGE_TRANSFORMATION] = "TRANSFORMATION",
    [STAGE_KEY_CONVERTER] = "KEY_CONVERTER",
    [STAGE_VALUE_CONVERTER] = "VALUE_CONVERTER",
    [STAGE_HEADER_CONVERTER] = "HEADER_CONVERTER",
    [STAGE_TASK_PUT] = "TASK_PUT",
    [STAGE_KAFKA_PRODUCE] = "KAFKA_PRODUCE",
};

void tolerance_clear(struct tolerance *tolerance)
{
    free(tolerance->faults);
    tolerance->faults = NULL;
    tolerance->n_faults = tolerance->faults_cap = 0;
}

void tolerance_mark(struct tolerance *tolerance, struct kc_record *record,
                    enum tolerance_stage stage, const char *class_name, struct kc_error *fault)
{
    record->fault = fault;
    tolerance->faults = kc_grow(tolerance->faults, tolerance->n_faults, &tolerance->faults_cap,
                                sizeof(*tolerance->faults));
    tolerance->faults[tolerance->n_faults++] =
        (struct tolerance_fault){ .record = record, .stage = stage, .class_name = class_name };
}

/* The n-th wait: doubling from 300 ms; above the maximum, some random part of that. */
static int64_t retry_delay(const struct connector_config *config, int retry)
{
    int64_t delay = RETRY_DELAY_MIN_MS;

    for (int i = 1; i < retry && delay < config->errors_retry_delay_max_ms; i++)
        delay *= 2;
    if (delay <= config->errors_retry_delay_max_ms)
        return delay;
    return config->errors_retry_delay_max_ms > 0 ? random() % config->errors_retry_delay_max_ms : 0;
}

bool tolerance_retry(struct tolerance *tolerance, struct kc_error *err)
{
    const struct connector_config *config = &tolerance->flow->config;
    int64_t now = kc_monotonic_ms();

    if (config->errors_retry_timeout == 0 || flow_stopping(tolerance->flow))
        return false;
    if (tolerance->retry == 0)
        tolerance->retry_deadline = now + config->errors_retry_timeout;
    int64_t left = config->errors_retry_timeout < 0 ? INT64_MAX : tolerance->retry_deadline - now;
    if (left <= 0)
        return false;
    int64_t delay = retry_delay(config, ++tolerance->retry);
    if (kc_wait_stop(tolerance->flow->stop.fd, (int)(delay < left ? delay : left)))
        return false;
    kc_error_free(err);
    return true;
}

static void log_fault(const struct tolerance *tolerance, const struct tolerance_fault *fault)
{
    const struct flow *flow = tolerance->flow;
    const struct kc_record *record = fault->record;
    KC_AUTO_BUF what = KC_BUF(0);

    if (flow->config.errors_log_include_messages) {
        kc_buf_printf(&what, ", where %s record is {topic='%s', partition=%d, offset=%" PRId64,
                      record->origin_topic ? "consumed" : "source",
                      record->origin_topic ? record->origin_topic : record->topic,
                      record->origin_topic ? record->origin_partition : record->partition,
                      record->offset);
        if (record->timestamp_type != KC_NO_TIMESTAMP)
            kc_buf_printf(&what, ", timestamp=%" PRId64 ", timestampType=%s", record->timestamp,
                          record->timestamp_type == KC_LOG_APPEND_TIME ? "LogAppendTime" : "CreateTime");
        kc_buf_char(&what, '}');
    }
    char *trace = kc_error_trace(record->fault);
    kc_log_error("flow", "Error encountered in task %s-%d. Executing stage '%s' with class '%s'%s.\n%s",
                 flow->connector, flow->number, stage_names[fault->stage], fault->class_name,
                 what.data ? what.data : "", trace);
    free(trace);
}

/* Takes the record's fault. */
static struct kc_error *exceeded(const struct tolerance_fault *fault)
{
    struct kc_record *record = fault->record;
    struct kc_error *cause = record->fault;

    record->fault = NULL;
    if (record->origin_topic)
        cause = kc_while_as(cause, KC_AT, "record of topic %s, partition %d, offset %" PRId64 " (%s, %s)",
                            record->origin_topic, record->origin_partition, record->offset,
                            stage_names[fault->stage], fault->class_name);
    else
        cause = kc_while_as(cause, KC_AT, "record for topic %s (%s, %s)", record->topic,
                            stage_names[fault->stage], fault->class_name);
    /* What a task's put throws does not pass through the original's error handler. */
    cause = kc_while(cause, fault->stage == STAGE_TASK_PUT
                                ? "Exiting WorkerSinkTask due to unrecoverable exception."
                                : "Tolerance exceeded in error handler");
    cause->fault = KC_FATAL;
    return cause;
}

static void cut_before(struct kc_batch *batch, const struct kc_record *record)
{
    struct kc_record *last = NULL;

    batch->count = 0;
    for (struct kc_record *r = batch->first; r != record; r = r->next) {
        last = r;
        batch->count++;
    }
    batch->last = last;
    if (last)
        last->next = NULL;
    else
        batch->first = NULL;
    batch->n_positions = 0;
}

static void report_fault(struct tolerance *tolerance, const struct tolerance_fault *fault)
{
    tolerance->flow->counters.errors++;
    if (tolerance->dead_letters)
        dead_letter_send(tolerance->dead_letters, fault->record, stage_names[fault->stage],
                         fault->class_name, fault->record->fault);
    if (tolerance->flow->config.errors_log_enable)
        log_fault(tolerance, fault);
}

/* The error that must end the task, or NULL: then the record is passed over. */
static struct kc_error *judge(struct tolerance *tolerance, const struct tolerance_fault *fault)
{
    struct kc_error *err = fault->record->fault;

    /* A wait for something that passes was cut short: neither a fault nor the record's end. */
    if (err->fault == KC_STOPPED || (err->fault == KC_RETRY && flow_stopping(tolerance->flow))) {
        fault->record->fault = NULL;
        err->fault = KC_STOPPED;
        return err;
    }
    report_fault(tolerance, fault);
    /* The original skips a record whose retries are used up even when nothing is tolerated: that
     * loses it. Here it stops the task. */
    return tolerance->flow->config.errors_tolerance == TOLERATE_NONE ? exceeded(fault) : NULL;
}

struct kc_error *tolerance_sweep(struct tolerance *tolerance, struct kc_batch *batch)
{
    struct kc_error *err = NULL;

    for (size_t i = 0; i < tolerance->n_faults; i++) {
        struct kc_record *record = tolerance->faults[i].record;
        if (!err) {
            err = judge(tolerance, &tolerance->faults[i]);
            if (err)
                cut_before(batch, record);
        }
        kc_error_free(record->fault);
        record->fault = NULL;
        record->dropped = true;
    }
    tolerance->n_faults = 0;
    return err;
}

struct kc_error *tolerance_earlier(struct kc_error *err, struct kc_error *later_step)
{
    if (!later_step)
        return err;
    kc_error_free(err);
    return later_step;
}
