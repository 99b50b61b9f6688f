/* One task: a thread that owns a plug-in instance, its converters, transforms and Kafka client, from
 * its start until it ends. Its owner steers it by requests and hears of it by reports.
 * Layer: worker. The functions are for the owner (the herder's thread); reports are posted by the
 * task's thread into the owner's mailbox. */
#ifndef WORKER_TASK_H
#define WORKER_TASK_H

#include "base/mailbox.h"
#include "data/record.h"
#include "flow/connector_config.h"
#include "flow/worker_config.h"
#include "plugin/plugin.h"

enum task_state { TASK_UNASSIGNED, TASK_RUNNING, TASK_PAUSED, TASK_FAILED, TASK_STOPPED };

const char *task_state_name(enum task_state state); /* "RUNNING" ... as in REST */

/* An entry for the offset store, in the form of Java's: JSON of ["connector",{partition}] and of
 * {offset}; value NULL removes it. */
struct task_offset {
    char *key;
    char *value;
};

enum task_report_kind {
    TASK_REPORT_STATE,   /* state (and trace when FAILED) changed */
    TASK_REPORT_OFFSETS, /* store these durably, then answer with task_offsets_stored */
    TASK_REPORT_TOPIC,   /* first record to or from a topic */
    TASK_REPORT_ENDED,   /* the thread is about to end: call task_join */
};

struct task_report {
    struct kc_message message; /* first; the receiver frees with task_report_free */
    struct task *task;
    enum task_report_kind kind;
    enum task_state state;
    char *trace; /* TASK_REPORT_STATE when FAILED */
    char *topic;
    struct task_offset *offsets;
    size_t n_offsets;
    uint64_t flush; /* number to give back to task_offsets_stored */
};
void task_report_free(struct task_report *report);

/* All that a task needs; task_start copies what it keeps, except worker and plugin, which are constant. */
struct task_spec {
    const char *connector;
    int number;
    int generation;
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
const char *task_connector(const struct task *task);
int task_number(const struct task *task);
/* Requests; they return at once. Stop: finish the batch at hand, commit, end (also of a FAILED task, whose thread
 * has ended already). */
void task_pause(struct task *task);
void task_resume(struct task *task);
void task_stop(struct task *task);
void task_offsets_stored(struct task *task, uint64_t flush, struct kc_error *error); /* takes the error */
/* After TASK_REPORT_ENDED (or to wait for it): joins the thread and frees the task. */
void task_join(struct task *task);

/* Counters of a task, for status and bench; relaxed atomics, any thread. */
struct task_counters {
    uint64_t records;  /* through the task */
    uint64_t bytes;    /* of keys and values on the wire */
    uint64_t errors;   /* records at fault */
    int64_t last_source_ms; /* source time of the newest record; 0 none */
};
void task_counters(const struct task *task, struct task_counters *counters);

#endif
