/* What is right and wrong about a connector's settings: its own, the runtime's, those of its
 * transforms, converters and Kafka clients, and what the plug-in finds in the live system. REST's
 * validate, the creation of connectors, and `penstock check` all ask here. Layer: herder. A
 * validation belongs to one thread at a time; validation_check may wait. */
#ifndef HERDER_VALIDATION_H
#define HERDER_VALIDATION_H

#include "flow/connector_config.h"
#include "flow/task_report.h"
#include "flow/worker_config.h"

struct validation {
    const struct worker_config *worker;
    const struct kc_plugin *plugin;
    struct kc_props props; /* its own copy */
    struct connector_config config;
    void *plugin_config;
    struct kc_findings findings;
    /* Where earlier runs of a source got to: by validation_stored, else none. */
    struct kc_arena stored_arena;
    struct kc_position *stored;
    size_t n_stored;
    bool wrong_version; /* no connector of the version asked for: nothing else was looked at */
};

/* The connector that a config names, or why there is none (400 of REST). */
struct kc_error *validation_plugin(const struct kc_props *props,
                                   const struct kc_plugin **plugin) KC_MUST_CHECK;
/* Reads everything by the option tables. Never fails: mistakes are findings. The caller ends it
 * with validation_free. */
struct validation *validation_new(const struct worker_config *worker,
                                  const struct kc_plugin *plugin, const struct kc_props *props);
void validation_free(struct validation *validation);
/* Tells the check where earlier runs got to, by the entries that an offset store has of the connector. */
struct kc_error *validation_stored(struct validation *validation, const struct task_offset *offsets,
                                   size_t count) KC_MUST_CHECK;
/* May the plug-in be asked: has it a check, and are its settings without errors? */
bool validation_has_check(const struct validation *validation);
/* Asks it. May wait for the outside until stop_fd is readable. */
void validation_check(struct validation *validation, enum kc_check_depth depth, int stop_fd);

/* Does a name without a row of its own (a client override, an unknown setting) sound like a secret?
 * Its value is never shown. */
bool validation_hides(const char *setting);

size_t validation_errors(const struct validation *validation);
/* All errors in the words of the original's answer to a refused config; NULL if there are none. The
 * caller frees it. */
char *validation_message(const struct validation *validation);
/* The body of REST's .../config/validate: ConfigInfos. */
struct kc_json *validation_show(const struct validation *validation);
/* The body of GET /connector-plugins/X/config: ConfigKeyInfos of a plug-in of any kind. */
struct kc_json *validation_show_options(const struct kc_plugin *plugin);

#endif
