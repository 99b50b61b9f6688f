/* The contract of a sink: a connector that writes records into a system.
 * Layer: plugin. All operations of one instance run on its task's thread, but check, which
 * runs on any thread without an instance. */
#ifndef KC_PLUGIN_SINK_H
#define KC_PLUGIN_SINK_H

#include "data/record.h"
#include "plugin/plugin.h"

/* First member of a sink's own state struct. The core allocates it (zeroed, ops->size
 * bytes), fills it in, and frees it. */
struct kc_sink {
    const struct kc_plugin *plugin;
    const void *config;    /* the filled config struct */
    const char *connector; /* name of the connector */
    int task;              /* number of the task */
    int stop_fd;           /* readable once the task must stop; poll it beside whatever you wait for */
    /* Asking: how long to wait before the same batch is put again after KC_RETRY; 0 for the runtime's
     * own backoff. */
    int retry_in_ms;
    /* Set by the runtime (errors.tolerance=none): put must not write past the first record at fault. */
    bool stop_at_fault;
};

struct kc_sink_ops {
    size_t size; /* of the state struct */

    /* As in source.h. */
    void (*check)(const struct kc_check *check);

    /* Prepares; MAY leave connecting to the first put. close is called after a failed open too. */
    struct kc_error *(*open)(struct kc_sink *sink);

    /* Writes the records of the batch that are neither dropped nor at fault, in order. When it
     * returns NULL they are in the system, or will be once flush returned. A record that can't be
     * written while its neighbours can: set record->fault (KC_BAD_DATA, naming column and type) and go
     * on, or with stop_at_fault: write what stands before it, nothing after it, and return NULL. The
     * runtime treats the fault by errors.tolerance. KC_RETRY: nothing of this batch may be lost by putting it again;
     * the runtime waits and does so. Anything else ends the task. */
    struct kc_error *(*put)(struct kc_sink *sink, struct kc_batch *batch);

    /* What was put before must be durable when it returns: offsets are committed next. KC_RETRY: not
     * now; nothing is committed, and it is asked again later. NULL: put is durable by itself. */
    struct kc_error *(*flush)(struct kc_sink *sink);

    /* Releases everything; may be called twice, and open may follow. */
    void (*close)(struct kc_sink *sink);
};

#endif
