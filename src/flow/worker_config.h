/* Settings of the worker process (worker.properties).
 * Layer: flow. Read once by the main thread, constant afterwards. */
#ifndef FLOW_WORKER_CONFIG_H
#define FLOW_WORKER_CONFIG_H

#include "config/option.h"

struct worker_config {
    struct kc_props props;    /* all of it, as given */
    bool dev;                 /* `penstock dev`: the broker is in this process */
    char *bootstrap_servers;
    char *client_id;
    char *key_converter;
    char *value_converter;
    char *header_converter;
    struct kc_list listeners;
    struct kc_list plugin_path;
    char *advertised_host;
    int advertised_port;
    char *advertised_listener;
    int64_t offset_flush_interval_ms;
    int64_t offset_flush_timeout_ms;
    int64_t task_shutdown_graceful_timeout_ms;
    char *offset_file; /* offset.storage.file.filename */
    bool topic_creation_enable;
    bool topic_tracking_enable;
    bool topic_tracking_allow_reset;
    int client_override_policy; /* enum client_override_policy */
    char *allow_origin, *allow_methods; /* access.control.* */
};

enum client_override_policy { CLIENT_OVERRIDE_ALL, CLIENT_OVERRIDE_NONE, CLIENT_OVERRIDE_PRINCIPAL };

/* The option table (producer.*, consumer.*, admin.* and converter settings are prefix rows). */
extern const struct kc_option worker_options[];
/* Fills a zeroed config. All mistakes in one KC_BAD_CONFIG; unknown names are warned about in findings. */
struct kc_error *worker_config_read(const struct kc_props *props, struct worker_config *config,
                                    struct kc_findings *findings) KC_MUST_CHECK;
void worker_config_clear(struct worker_config *config);

#endif
