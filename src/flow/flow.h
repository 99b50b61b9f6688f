/* What the thread of one task works with: who it is, its settings, its owner's wishes, its counters.
 * Source and sink tasks share it.
 * Layer: flow. Task thread, except where a function says otherwise. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "data/record.h"
#include "flow/connector_config.h"
#include "flow/task_report.h"
#include "flow/worker_config.h"

/* What a task has counted since its start; see flow/metrics.h, which shows it. */
struct flow_counters {
    int64_t polled;  /* records of the source, or of Kafka: before the transforms */
    int64_t records; /* written to Kafka, or to the sink */
    int64_t bytes;   /* of their keys and values on the wire */
    int64_t batches; /* that had records */
    int64_t errors;  /* records at fault */
    int64_t retries; /* of whatever failed with KC_RETRY */
    int64_t commits, failed_commits; /* of offsets */
    int64_t waiting, waiting_batches; /* handed to Kafka, not acknowledged yet: a gauge */
    int64_t last_batch, last_commit; /* monotonic ms; 0: there was none */
};

struct flow {
    struct task *task; /* whose reports these are */
    const char *connector;
    int number;
    const struct kc_plugin *plugin;
    const struct worker_config *worker;
    const struct kc_props *props;   /* the connector's settings */
    struct connector_config config; /* the same, read */
    struct kc_mailbox *reports;     /* the owner's */
    struct kc_mailbox requests;     /* ours */
    struct kc_signal stop;          /* raised by the owner */
    bool pause_wanted;
    enum task_state state; /* as last reported */
    /* The flush that the owner works on: its number, and once it answered, its result. */
    uint64_t flush_sent, flush_answered;
    struct kc_error *flush_error;
    struct task_signal *signals, **signals_end; /* waiting for the source, oldest first */
    size_t n_signals;
    struct kc_map topics_seen; /* topic -> a copy of its name */
    const char *last_topic;    /* the copy that was looked up last */
    struct flow_counters counters;
    char *trouble; /* what is being tried again; NULL: nothing */
};

static inline bool flow_stopping(const struct flow *flow)
{
    return kc_signal_raised(&flow->stop);
}
/* What a step returns when the stop signal cut its work short: no failure, see flow_first_error. */
struct kc_error *flow_stopped(void) KC_MUST_CHECK;
/* How a task ends: the error that ended its loop, else that of its last commit; being stopped is none.
 * Takes both. */
struct kc_error *flow_first_error(struct kc_error *err, struct kc_error *last) KC_MUST_CHECK;
/* Logs a failure that will be tried again after wait_ms (0: at the next chance), and keeps it as the task's trouble; takes it. */
void flow_log_retry(struct flow *flow, struct kc_error *err, int wait_ms);
/* What was tried again has worked. */
void flow_trouble_over(struct flow *flow);
/* A signal for the source, behind those that wait; takes it. Beyond a thousand that wait it is
 * dropped, which the log tells. */
void flow_add_signal(struct flow *flow, struct task_signal *signal);
/* Frees the oldest of those that wait. */
void flow_drop_signal(struct flow *flow);
/* Takes all requests that are waiting, without waiting for one. */
void flow_serve(struct flow *flow);
/* Waits for a request, the stop signal or ms, then serves. */
void flow_wait(struct flow *flow, int ms);
/* Reports a change of state; the same state again is not reported. trace may be NULL. */
void flow_report_state(struct flow *flow, enum task_state state, const char *trace);
/* Sends entries (owned by the report from here on) to the offset store. The answer arrives by
 * flow_serve: flush_answered == flush_sent. */
void flow_report_offsets(struct flow *flow, struct task_offset *offsets, size_t count);
/* Sends what was measured (owned by the report from here on). */
void flow_report_metrics(struct flow *flow, struct task_metric *metrics, size_t count);
/* The last report of a task: its thread touches nothing of the owner's after it. */
void flow_report_ended(struct flow *flow);
/* True the first time that the task meets a topic; the owner hears of it. */
bool flow_new_topic(struct flow *flow, const char *topic);
/* A batch was handed over: its records that were not dropped, and their bytes. */
void flow_count(struct flow *flow, size_t records, size_t bytes);
/* An attempt to commit offsets ended. */
void flow_count_commit(struct flow *flow, bool done);

#endif
