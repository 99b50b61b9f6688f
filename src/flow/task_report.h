/* The messages between a task's thread and its owner (the herder's thread): requests down,
 * reports up.
 * Layer: flow. Each message belongs to one thread at a time: sender, mailbox, receiver. */
#ifndef FLOW_TASK_REPORT_H
#define FLOW_TASK_REPORT_H

#include <stdint.h>

#include "base/error.h"
#include "base/mailbox.h"
#include "data/record.h"
#include "plugin/metric.h"

struct task;

enum task_state { TASK_UNASSIGNED, TASK_RUNNING, TASK_PAUSED, TASK_FAILED, TASK_STOPPED };

const char *task_state_name(enum task_state state); /* "RUNNING" ... as in REST */

/* An entry for the offset store, in the form of Java's: JSON of ["connector",{partition}] and of
 * {offset}; value NULL removes it. Both owned. */
struct task_offset {
    char *key;
    char *value;
};
void task_offsets_free(struct task_offset *offsets, size_t count);
/* The positions that entries of one connector stand for, in the arena. KC_BAD_DATA. */
struct kc_error *task_offsets_read(const struct task_offset *offsets, size_t count,
                                   struct kc_arena *arena, struct kc_position **positions,
                                   size_t *n_positions) KC_MUST_CHECK;

/* A metric of a task and what it is now. */
struct task_metric {
    const struct kc_metric *metric; /* static */
    int64_t value;
};

enum task_report_kind {
    TASK_REPORT_STATE,   /* task -> owner: state (and trace when FAILED) changed */
    TASK_REPORT_OFFSETS, /* task -> owner: store these durably, then answer with task_offsets_stored */
    TASK_REPORT_TOPIC,   /* task -> owner: first record to or from a topic */
    TASK_REPORT_METRICS, /* task -> owner, about once a second: what it measures */
    TASK_REPORT_ENDED,   /* task -> owner: the thread is about to end: call task_join */
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
    struct task_metric *metrics; /* owned; what is not known is left out */
    size_t n_metrics;
    char *trouble; /* with them: what the task is trying again; NULL: nothing */
};
void task_report_free(struct task_report *report);

enum task_request_kind {
    TASK_REQUEST_PAUSE,          /* owner -> task */
    TASK_REQUEST_RESUME,         /* owner -> task */
    TASK_REQUEST_OFFSETS_STORED, /* owner -> task: answer to TASK_REPORT_OFFSETS */
    TASK_REQUEST_SIGNAL,         /* owner -> task: a signal for the source */
};

struct task_request {
    struct kc_message message; /* first; the receiver frees it */
    enum task_request_kind kind;
    uint64_t flush;
    struct kc_error *error; /* of OFFSETS_STORED; owned */
    struct task_signal *signal; /* of SIGNAL; owned */
};

/* A signal on its way to the source. */
struct task_signal {
    struct task_signal *next;
    int64_t offset; /* where in the signal topic it stood; -1: it came another way */
    uint64_t tag;   /* how far it got: see flow/signals.h */
    char *id, *type, *data; /* data may be NULL */
};
/* Copies the texts. */
struct task_signal *task_signal_new(const char *id, const char *type, const char *data,
                                    int64_t offset);
void task_signal_free(struct task_signal *signal); /* NULL is fine */

#endif
