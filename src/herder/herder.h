/* What should run: the table of connectors, their tasks, and the offset store. The herder is one
 * thread (the main one) that is fed by messages: requests of REST and of the command line, reports
 * of tasks, results of checks. It never waits for a disk, a database or Kafka. Layer: herder.
 * herder_post: any thread; the rest: the herder's own thread. */
#ifndef HERDER_HERDER_H
#define HERDER_HERDER_H

#include "base/json.h"
#include "base/mailbox.h"
#include "flow/worker_config.h"

enum herder_op {
    HERDER_HEALTH,
    HERDER_CLUSTER, /* answer: the id of the Kafka cluster, null when it can't be had now */
    HERDER_LIST,    /* expand: without it an array of names */
    HERDER_CREATE,  /* connector, config, initial_state: 201, 400, 409, 500 */
    HERDER_INFO,
    HERDER_CONFIG,
    HERDER_PUT_CONFIG,   /* config: 200, or 201 when it is new */
    HERDER_PATCH_CONFIG, /* config: what to change; null removes */
    HERDER_DELETE,
    HERDER_STATUS,
    HERDER_METRICS, /* what its tasks measure: an addition of ours */
    HERDER_RESTART, /* include_tasks, only_failed */
    HERDER_PAUSE,
    HERDER_RESUME,
    HERDER_STOP, /* answered once the tasks have ended */
    HERDER_TASKS,
    HERDER_TASK_STATUS,  /* task */
    HERDER_TASK_RESTART, /* task */
    HERDER_TOPICS,
    HERDER_TOPICS_RESET,
    HERDER_OFFSETS,
    HERDER_ALTER_OFFSETS, /* body: array of {"partition","offset"} */
    HERDER_RESET_OFFSETS,
    HERDER_SIGNAL,   /* body: {"id","type","data"}: 202, 400, 404, 409 */
    HERDER_VALIDATE, /* connector: the plug-in's name; config */
    HERDER_OPS,
};

enum herder_target { HERDER_RUNNING, HERDER_PAUSED, HERDER_STOPPED };

enum herder_expand { HERDER_EXPAND_INFO = 1, HERDER_EXPAND_STATUS = 2, HERDER_EXPAND = 4 };

/* A question to the herder and, later, its answer. The asker makes it (herder_request_new), posts
 * it, and has it back when done() is called, on the herder's thread. */
struct herder_request {
    struct kc_message message; /* first */
    enum herder_op op;
    char *connector;
    int task;
    bool has_config;
    struct kc_props config;
    struct kc_json *body;
    enum herder_target initial_state;
    unsigned expand; /* enum herder_expand, or-ed */
    bool include_tasks, only_failed;
    /* The answer. */
    int code;               /* as HTTP's status and Connect's error_code */
    char *error;            /* when code >= 400 */
    struct kc_json *answer; /* NULL: none */
    void (*done)(struct herder_request *request);
    void *owner;
};

struct herder_request *herder_request_new(enum herder_op op, const char *connector,
                                          void (*done)(struct herder_request *request),
                                          void *owner);
void herder_request_free(struct herder_request *request);

struct herder;

/* worker and worker_id must outlive it. KC_BAD_CONFIG when the offset file can't be taken. */
struct kc_error *herder_new(const struct worker_config *worker, const char *worker_id,
                            struct herder **herder) KC_MUST_CHECK;
void herder_free(struct herder *herder);
/* Every request that was posted is answered, at the latest when the herder ends (code 503). */
void herder_post(struct herder *herder, struct herder_request *request);
/* Works until stop_fd is readable. Then stops all tasks within task.shutdown.graceful.timeout.ms.
 * True if all of them ended in time and the offsets are on disk. */
bool herder_run(struct herder *herder, int stop_fd);
/* After herder_run: answers what was posted since, with code 503. */
void herder_refuse_posted(struct herder *herder);

#endif
