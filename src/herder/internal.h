/* What the files of the herder share: its tables, all owned by its one thread.
 * Layer: herder. Included by src/herder only. */
#ifndef HERDER_INTERNAL_H
#define HERDER_INTERNAL_H

#include "herder/herder.h"
#include "herder/jobs.h"
#include "herder/validation.h"
#include "store/offsets.h"
#include "worker/task.h"

#define CHECK_TIMEOUT_MS 30000 /* of a plug-in's check */
#define ADMIN_TIMEOUT_MS 20000 /* of a question to Kafka */

#define STOPPING "The worker is stopping"

struct connector;

/* A task that exists, wanted or on its way out. */
struct running {
    struct running *next;
    struct task *task;
    char *connector;
    int number;
    struct slot *slot; /* NULL once it is on its way out */
};

/* The place of a task in its connector; a running task may be in it. */
struct slot {
    struct connector *connector;
    int number;
    struct running *running;
    bool wanted; /* start it as soon as its predecessor has ended */
    bool restarting;
    enum task_state state;
    char *trace;
    struct task_metric *metrics; /* as last reported */
    size_t n_metrics;
    int64_t measured; /* monotonic ms, when */
    char *trouble;    /* what the task was trying again then; NULL: nothing */
};

struct connector {
    char *name;
    const struct kc_plugin *plugin;
    struct kc_props props;
    enum herder_target target;
    bool restarting;
    struct slot **slots;
    size_t n_slots;
};

/* Who waits to hear that offsets are on disk: a task, or a request (to be answered with this
 * message). */
struct flush {
    struct flush *next;
    struct task *task;
    uint64_t flush;
    struct herder_request *request;
    const char *message;
    uint64_t version;
};

/* A request that goes on once no task of its connector is on its way out. */
struct parked {
    struct parked *next;
    struct herder_request *request;
    void (*go_on)(struct herder *herder, struct herder_request *request, bool in_time);
    int64_t deadline;
};

struct herder {
    const struct worker_config *worker;
    const char *worker_id;
    struct kc_map connectors; /* name -> struct connector */
    struct kc_map topics;     /* connector -> struct kc_json, an array of names */
    struct running *running;
    struct parked *parked;
    struct offsets *offsets;
    bool writing; /* a flush of the store is under way */
    bool dirty;   /* something was put since it began */
    bool offsets_failing;
    struct flush *flushes;
    char *cluster_id;               /* once known */
    struct kc_message *cluster_ask; /* requests that wait for it */
    bool cluster_asking;
    int64_t cluster_failed_ms; /* when Kafka last did not answer */
    bool stopping;
    struct kc_mailbox requests, reports, written;
    struct jobs checks, admin;
};

/* ---- herder.c ---- */

/* Ends a request: code below 400 with answer (taken; NULL for none), or an error. */
void herder_answer(struct herder_request *request, int code, struct kc_json *answer);
void herder_refuse(struct herder_request *request, int code, const char *format, ...)
    KC_PRINTF(3, 4);
/* Takes the error; its text becomes the message. */
void herder_fail(struct herder_request *request, int code, struct kc_error *err);
struct connector *herder_find(const struct herder *herder, const char *name); /* or NULL */
void connector_free(struct connector *connector);
/* Takes the flush, whose version was just put: makes it durable, then answers. */
void herder_flush_offsets(struct herder *herder, struct flush *flush);
void herder_message(struct herder_request *request, const char *message); /* 200 {"message"} */
/* Calls go_on now, or once the connector's former tasks have ended, or after timeout_ms. */
void herder_park(struct herder *herder, struct herder_request *request, int64_t timeout_ms,
                 void (*go_on)(struct herder *herder, struct herder_request *request,
                               bool in_time));

/* ---- tasks.c ---- */

bool tasks_leaving(const struct herder *herder, const char *connector); /* any on its way out? */
/* Brings the slots to `count`, each with a new task that has the connector's present settings. */
void tasks_replace(struct herder *herder, struct connector *connector, size_t count);
void tasks_remove(struct herder *herder, struct connector *connector);
/* Stops the slot's task and starts a new one. */
void tasks_restart(struct herder *herder, struct slot *slot);
void tasks_pause(struct connector *connector, bool pause);
void tasks_report(struct herder *herder, struct task_report *report);
void tasks_stop_all(struct herder *herder);
size_t tasks_wanted(const struct connector *connector); /* how many the settings ask for */

/* ---- show.c ---- */

struct kc_json *show_info(const struct connector *connector);
struct kc_json *show_status(const struct herder *herder, const struct connector *connector);

/* Handlers, one per enum herder_op, spread over the files by theme. */
typedef void herder_handler(struct herder *herder, struct herder_request *request);
herder_handler handle_list, handle_info, handle_config, handle_status, handle_tasks,
    handle_task_status, handle_topics, handle_topics_reset, handle_metrics; /* show.c */
herder_handler handle_create, handle_put_config, handle_patch_config,
    handle_validate; /* configs.c */
herder_handler handle_delete, handle_pause, handle_resume, handle_stop, handle_restart,
    handle_task_restart;                                                   /* states.c */
herder_handler handle_offsets, handle_alter_offsets, handle_reset_offsets; /* offset_requests.c */
herder_handler handle_signal;                                              /* signals.c */
herder_handler handle_cluster;                                             /* cluster.c */

#endif
