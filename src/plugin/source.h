/* The contract of a source: a connector that reads from a system into records.
 * Layer: plugin. All operations of one instance run on its task's thread, but check, which
 * runs on any thread without an instance. */
#ifndef KC_PLUGIN_SOURCE_H
#define KC_PLUGIN_SOURCE_H

#include "data/record.h"
#include "plugin/metric.h"
#include "plugin/plugin.h"
#include "plugin/signal.h"

/* A topic whose messages are signals to this source. */
struct kc_signal_topic {
    const char *topic; /* its partition 0 is read; NULL: there is none */
    const char *key;   /* messages with another key are for somebody else */
    /* Settings of the consumer by the names of Java's, group.id among them: where its committed offset
     * tells how far signals were read. Without bootstrap.servers the worker's own Kafka is meant. */
    const struct kc_props *consumer;
    int interval_ms; /* between two looks */
};

/* First member of a source's own state struct. The core allocates it (zeroed, ops->size
 * bytes), fills it in, and frees it. */
struct kc_source {
    const struct kc_plugin *plugin;
    const void *config;    /* the filled config struct */
    const char *connector; /* name of the connector */
    int task;              /* number of the task */
    int stop_fd;           /* readable once the task must stop; poll it beside whatever you wait for */
    /* Where earlier runs of the connector got to; brought up to date before each open. Find yours
     * with kc_position_find. */
    const struct kc_position *stored;
    size_t n_stored;
    /* Asking: how long to wait before the next open after KC_RETRY; 0 for the runtime's own backoff. */
    int retry_in_ms;
    /* Asking: signals may be told now. False at first, and while what they ask for can't begin. */
    bool listens;
    /* Asking, in open: to be told of the messages of a topic. Borrowed until close. */
    struct kc_signal_topic signals;
    /* Asking, in poll: to store positions and hear of it (commit) once Kafka has what is under way, not
     * only every offset.flush.interval.ms. The runtime resets it. */
    bool want_commit;
};

struct kc_source_ops {
    size_t size; /* of the state struct */

    /* Adds what it finds to check->findings. May block on the system, but not once stop_fd is
     * readable. NULL: nothing to check beyond the option table. */
    void (*check)(const struct kc_check *check);

    /* Could a task go on from there? Asked before a user sets an offset by hand; offset KC_NULL: it is
     * to be forgotten. Runs on any thread, without an instance. The error's text is what the user sees.
     * NULL: every offset is taken. */
    struct kc_error *(*check_offset)(const void *config, struct kc_value partition,
                                     struct kc_value offset);

    /* Connects and finds its place from `stored`. MUST leave nothing open that close does not
     * release; close is called after a failed open too. KC_RETRY: close, wait, open again. */
    struct kc_error *(*open)(struct kc_source *source);

    /* Fills the batch (empty at the call) with what there is, in the order of the source, until
     * kc_batch_full; waits up to about half a second when there is nothing, and returns at once when
     * stop_fd is readable, with an empty batch or with what it has. Says with kc_batch_position how far
     * the batch reads; an empty batch may move a position too. What records refer to lives in the
     * batch's arena. On an error the batch is thrown away: KC_RETRY gives close, a wait, and open with
     * the positions that Kafka has by then; everything else ends the task. */
    struct kc_error *(*poll)(struct kc_source *source, struct kc_batch *batch);

    /* The batches up to these positions are in Kafka and their positions are stored: whatever
     * the system keeps for us before them may go. MAY be NULL. Called between polls. */
    struct kc_error *(*commit)(struct kc_source *source, const struct kc_position *positions,
                               size_t count);

    /* Takes a signal of one of signal_types, over REST or from the topic asked for. Called between polls
     * while source->listens. What it changes is held by the next position that poll says, which is soon:
     * a signal counts as done once that is stored, and comes again if the source is opened again before. A signal that makes no sense is
     * logged, no error. On KC_RETRY the source is opened again and has it once more. MAY be NULL. */
    struct kc_error *(*signal)(struct kc_source *source, const struct kc_source_signal *signal);
    const char *const *signal_types; /* ended by NULL */

    /* About once a second while poll is not called (the task is paused, or Kafka is slow): keep
     * connections alive. MUST NOT wait. KC_RETRY: it is closed, and opened again for the next poll. MAY be NULL. */
    struct kc_error *(*idle)(struct kc_source *source);

    /* About once a second while the source is open, paused or not: fills in values[i] for metrics[i], preset
     * to KC_METRIC_UNKNOWN. The place for looks at the system that make up a number, too: begun at one
     * call, read at a later one. MUST NOT wait, and MUST NOT fail. MAY be NULL, then metrics are too. */
    void (*measure)(struct kc_source *source, int64_t *values);
    const struct kc_metric *metrics; /* ended by a row without name */

    /* Releases everything; may be called twice, and open may follow. */
    void (*close)(struct kc_source *source);
};

#endif
