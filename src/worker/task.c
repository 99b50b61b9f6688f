#include "worker/task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "flow/flow.h"
#include "flow/sink_task.h"
#include "flow/source_task.h"

struct task {
    struct flow flow;
    pthread_t thread;
    char *connector;
    struct kc_props props;
    struct task_offset *stored;
    size_t n_stored;
    void *owner_data;
};

/* ---- the task's thread ---- */

static struct kc_error *run(struct task *task)
{
    struct flow *flow = &task->flow;
    struct kc_findings findings = { .items = NULL };

    connector_config_read(flow->plugin, flow->props, &flow->config, &findings);
    struct kc_error *err = kc_findings_error(&findings);
    kc_findings_clear(&findings);
    if (err)
        return err;
    return flow->plugin->kind == KC_SINK ? sink_task_run(flow)
                                         : source_task_run(flow, task->stored, task->n_stored);
}

static void report_failure(struct task *task, struct kc_error *err)
{
    char *trace = kc_error_trace(err);

    kc_log_error("worker", "Task %s-%d failed and stays so until it is restarted.\n%s",
                 task->connector, task->flow.number, trace);
    flow_report_state(&task->flow, TASK_FAILED, trace);
    free(trace);
    kc_error_free(err);
}

static void *task_thread(void *arg)
{
    struct task *task = arg;
    struct flow *flow = &task->flow;
    char *context = kc_printf("%s|task-%d", task->connector, flow->number);

    kc_log_set_context(context);
    free(context);
    struct kc_error *err = run(task);
    if (err)
        report_failure(task, err);
    while (!flow_stopping(flow))
        flow_wait(flow, -1);
    kc_log_info("worker", "The task ended after %" PRId64 " records, %" PRId64 " bytes, %" PRId64
                          " records at fault", flow->counters.records, flow->counters.bytes,
                flow->counters.errors);
    if (flow->state != TASK_FAILED)
        flow_report_state(flow, TASK_UNASSIGNED, NULL);
    flow_report_ended(flow);
    return NULL;
}

/* ---- its owner's thread ---- */

struct task *task_start(const struct task_spec *spec)
{
    struct task *task = kc_calloc(1, sizeof(*task));
    struct flow *flow = &task->flow;
    char name[16];

    task->connector = kc_strdup(spec->connector);
    kc_props_copy(&task->props, spec->props);
    task->stored = kc_calloc(spec->n_stored + 1, sizeof(*task->stored));
    task->n_stored = spec->n_stored;
    for (size_t i = 0; i < spec->n_stored; i++)
        task->stored[i] = (struct task_offset){ kc_strdup(spec->stored[i].key),
                                                kc_strdup(spec->stored[i].value) };
    task->owner_data = spec->owner_data;
    flow->task = task;
    flow->connector = task->connector;
    flow->number = spec->number;
    flow->plugin = spec->plugin;
    flow->worker = spec->worker;
    flow->props = &task->props;
    flow->reports = spec->reports;
    flow->pause_wanted = spec->target == TASK_PAUSED;
    kc_mailbox_init(&flow->requests);
    kc_signal_init(&flow->stop);
    snprintf(name, sizeof(name), "task-%s-%d", task->connector, spec->number);
    kc_thread_start(&task->thread, name, task_thread, task);
    return task;
}

void *task_owner_data(const struct task *task)
{
    return task->owner_data;
}

static void post(struct task *task, struct task_request request)
{
    struct task_request *message = kc_calloc(1, sizeof(*message));

    *message = request;
    kc_mailbox_post(&task->flow.requests, &message->message);
}

void task_pause(struct task *task)
{
    post(task, (struct task_request){ .kind = TASK_REQUEST_PAUSE });
}

void task_resume(struct task *task)
{
    post(task, (struct task_request){ .kind = TASK_REQUEST_RESUME });
}

void task_stop(struct task *task)
{
    kc_signal_raise(&task->flow.stop);
}

void task_offsets_stored(struct task *task, uint64_t flush, struct kc_error *error)
{
    post(task, (struct task_request){ .kind = TASK_REQUEST_OFFSETS_STORED, .flush = flush,
                                      .error = error });
}

void task_signal(struct task *task, const struct kc_source_signal *signal)
{
    post(task, (struct task_request){
                   .kind = TASK_REQUEST_SIGNAL,
                   .signal = task_signal_new(signal->id, signal->type, signal->data, -1) });
}

void task_join(struct task *task)
{
    struct flow *flow = &task->flow;

    pthread_join(task->thread, NULL);
    flow_serve(flow);
    kc_error_free(flow->flush_error);
    flow_trouble_over(flow);
    while (flow->signals)
        flow_drop_signal(flow);
    kc_map_clear(&flow->topics_seen, free);
    kc_mailbox_clear(&flow->requests);
    kc_signal_clear(&flow->stop);
    connector_config_clear(flow->plugin->kind, &flow->config);
    kc_props_clear(&task->props);
    task_offsets_free(task->stored, task->n_stored);
    free(task->connector);
    free(task);
}
