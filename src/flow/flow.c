#include "flow/flow.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#define SIGNALS_MOST 1000 /* that wait for the source */

struct kc_error *flow_stopped(void)
{
    return kc_fail(KC_STOPPED, "the task is stopping");
}

struct kc_error *flow_first_error(struct kc_error *err, struct kc_error *last)
{
    if (err && err->fault == KC_STOPPED) {
        kc_error_free(err);
        err = NULL;
    }
    if (err || (last && last->fault == KC_STOPPED)) {
        kc_error_free(last);
        return err;
    }
    return last;
}

void flow_log_retry(struct flow *flow, struct kc_error *err, int wait_ms)
{
    flow_trouble_over(flow);
    flow->trouble = kc_error_line(err);
    flow->counters.retries++;
    if (wait_ms > 0)
        kc_log_warn("flow", "%s; trying again in %d ms", flow->trouble, wait_ms);
    else
        kc_log_warn("flow", "%s; trying again", flow->trouble);
    kc_error_free(err);
}

void flow_trouble_over(struct flow *flow)
{
    free(flow->trouble);
    flow->trouble = NULL;
}

void flow_add_signal(struct flow *flow, struct task_signal *signal)
{
    if (flow->n_signals >= SIGNALS_MOST) {
        kc_log_error("flow", "Signal %s (%s) is dropped: %d others wait", signal->id, signal->type,
                     SIGNALS_MOST);
        task_signal_free(signal);
        return;
    }
    signal->next = NULL;
    if (!flow->signals)
        flow->signals_end = &flow->signals;
    *flow->signals_end = signal;
    flow->signals_end = &signal->next;
    flow->n_signals++;
}

void flow_drop_signal(struct flow *flow)
{
    struct task_signal *signal = flow->signals;

    flow->signals = signal->next;
    flow->n_signals--;
    task_signal_free(signal);
}

static void take_request(struct flow *flow, struct task_request *request)
{
    switch (request->kind) {
    case TASK_REQUEST_PAUSE:
        flow->pause_wanted = true;
        break;
    case TASK_REQUEST_RESUME:
        flow->pause_wanted = false;
        break;
    case TASK_REQUEST_OFFSETS_STORED:
        kc_error_free(flow->flush_error);
        flow->flush_error = request->error;
        request->error = NULL;
        flow->flush_answered = request->flush;
        break;
    case TASK_REQUEST_SIGNAL:
        flow_add_signal(flow, request->signal);
        request->signal = NULL;
        break;
    }
    task_signal_free(request->signal);
    kc_error_free(request->error);
    free(request);
}

void flow_serve(struct flow *flow)
{
    struct kc_message *message;

    while ((message = kc_mailbox_take(&flow->requests)) != NULL)
        take_request(flow, (struct task_request *)message);
}

void flow_wait(struct flow *flow, int ms)
{
    kc_wait_fd(flow->requests.fd, false, flow->stop.fd, ms);
    flow_serve(flow);
}

static struct task_report *new_report(struct flow *flow, enum task_report_kind kind)
{
    struct task_report *report = kc_calloc(1, sizeof(*report));
    report->task = flow->task;
    report->kind = kind;
    report->state = flow->state;
    return report;
}

void flow_report_state(struct flow *flow, enum task_state state, const char *trace)
{
    if (flow->state == state)
        return;
    flow->state = state;
    struct task_report *report = new_report(flow, TASK_REPORT_STATE);
    report->trace = kc_strdup(trace);
    kc_mailbox_post(flow->reports, &report->message);
}

void flow_report_offsets(struct flow *flow, struct task_offset *offsets, size_t count)
{
    struct task_report *report = new_report(flow, TASK_REPORT_OFFSETS);
    report->offsets = offsets;
    report->n_offsets = count;
    report->flush = ++flow->flush_sent;
    kc_mailbox_post(flow->reports, &report->message);
}

void flow_report_metrics(struct flow *flow, struct task_metric *metrics, size_t count)
{
    struct task_report *report = new_report(flow, TASK_REPORT_METRICS);
    report->metrics = metrics;
    report->n_metrics = count;
    report->trouble = kc_strdup(flow->trouble);
    kc_mailbox_post(flow->reports, &report->message);
}

void flow_report_ended(struct flow *flow)
{
    struct task_report *report = new_report(flow, TASK_REPORT_ENDED);
    kc_mailbox_post(flow->reports, &report->message);
}

bool flow_new_topic(struct flow *flow, const char *topic)
{
    if (flow->last_topic && strcmp(topic, flow->last_topic) == 0)
        return false;
    struct kc_text name = kc_text(topic);
    bool is_new = !kc_map_has(&flow->topics_seen, name);
    if (is_new) {
        char *copy = kc_strdup(topic);
        kc_map_set(&flow->topics_seen, name, copy);
        if (flow->worker->topic_tracking_enable) {
            struct task_report *report = new_report(flow, TASK_REPORT_TOPIC);
            report->topic = kc_strdup(topic);
            kc_mailbox_post(flow->reports, &report->message);
        }
    }
    flow->last_topic = kc_map_get(&flow->topics_seen, name);
    return is_new;
}

void flow_count(struct flow *flow, size_t records, size_t bytes)
{
    struct flow_counters *counters = &flow->counters;

    if (records == 0)
        return;
    counters->records += (int64_t)records;
    counters->bytes += (int64_t)bytes;
    counters->batches++;
    counters->last_batch = kc_monotonic_ms();
    flow_trouble_over(flow);
}

void flow_count_commit(struct flow *flow, bool done)
{
    if (done) {
        flow->counters.commits++;
        flow->counters.last_commit = kc_monotonic_ms();
        flow_trouble_over(flow);
    } else {
        flow->counters.failed_commits++;
    }
}
