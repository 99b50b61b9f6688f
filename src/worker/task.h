/* One task: a thread that owns a plug-in instance, its converters, transforms and Kafka client, from
 * its start until it ends. Its owner steers it by requests and hears of it by reports.
 * Layer: worker. The functions are for the owner (the herder's thread); reports are posted by the
 * task's thread into the owner's mailbox. */
#ifndef WORKER_TASK_H
#define WORKER_TASK_H

#include "flow/task_report.h"
#include "flow/worker_config.h"
#include "plugin/plugin.h"
#include "plugin/signal.h"

/* All that a task needs; task_start copies what it keeps, except worker and plugin, which are constant. */
struct task_spec {
    const char *connector;
    int number;
    const struct kc_plugin *plugin;
    const struct worker_config *worker;
    const struct kc_props *props; /* the connector's settings */
    enum task_state target;       /* TASK_RUNNING or TASK_PAUSED */
    /* sources: what the offset store has for this connector: `n_stored` entries in the store's form */
    const struct task_offset *stored;
    size_t n_stored;
    struct kc_mailbox *reports;
    void *owner_data; /* the owner's, given back by task_owner_data */
};

/* Starts the thread. What goes wrong later comes as a FAILED report. */
struct task *task_start(const struct task_spec *spec);
void *task_owner_data(const struct task *task);
/* Requests; they return at once. Stop: finish the batch at hand, commit, end (a FAILED
 * task waits for it too). */
void task_pause(struct task *task);
void task_resume(struct task *task);
void task_stop(struct task *task);
void task_offsets_stored(struct task *task, uint64_t flush, struct kc_error *error); /* takes the error */
/* For a source that takes signals; copied. */
void task_signal(struct task *task, const struct kc_source_signal *signal);
/* After TASK_REPORT_ENDED (or to wait for it): joins the thread and frees the task. */
void task_join(struct task *task);

#endif
