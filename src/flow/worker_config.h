/* Settings of the worker process (worker.properties).
 * Layer: flow. Read once by the main thread, constant afterwards. */
#ifndef FLOW_WORKER_CONFIG_H
#define FLOW_WORKER_CONFIG_H

#include "config/option.h"

enum client_override_policy {
    CLIENT_OVERRIDE_ALL,
    CLIENT_OVERRIDE_NONE,
    CLIENT_OVERRIDE_PRINCIPAL
};

struct worker_config {
    struct kc_props props; /* all of it, as given */
    bool dev;              /* `penstock dev`: the broker is in this process */
    char *bootstrap_servers;
    char *client_id;
    char *key_converter;
    char *value_converter;
    char *header_converter;
    struct kc_list listeners;
    char *plugin_path;
    char *advertised_host;     /* NULL: from the listener */
    int advertised_port;       /* 0: from the listener */
    char *advertised_listener; /* NULL, or "http" */
    int64_t offset_flush_interval_ms;
    int64_t offset_flush_timeout_ms;
    int64_t task_shutdown_graceful_timeout_ms;
    char *offset_file; /* offset.storage.file.filename; NULL in dev mode: in memory */
    bool topic_creation_enable;
    bool topic_tracking_enable;
    bool topic_tracking_allow_reset;
    int client_override_policy;         /* enum client_override_policy */
    char *allow_origin, *allow_methods; /* access.control.* */
    /* Settings handed on by prefix. Their users look into `props` above. */
    struct kc_props producer, consumer, admin, key_converter_props, value_converter_props,
        header_converter_props, ssl, sasl;
    char *security_protocol, *client_dns_lookup;
};

/* The option table (producer.*, consumer.*, admin.* and converter settings are prefix rows). */
extern const struct kc_option worker_options[];
/* Fills a zeroed config. All mistakes in one KC_BAD_CONFIG; unknown names, and client settings
 * without a meaning here, are warned about in findings. The config must be cleared in any case. */
struct kc_error *worker_config_read(const struct kc_props *props, struct worker_config *config,
                                    struct kc_findings *findings) KC_MUST_CHECK;
void worker_config_clear(struct worker_config *config);
/* Looks at settings of a Kafka client that stand under `prefix` (given without it), whatever the
 * runtime itself adds to them. kind: enum client_kind. */
void worker_check_client(int kind, const struct kc_props *props, const char *prefix,
                         struct kc_findings *findings);
/* Does the policy let a connector override this setting of its Kafka clients (without prefix)? */
bool worker_allows_override(const struct worker_config *config, const char *name);
/* "All", "None" or "Principal". */
const char *worker_policy_name(const struct worker_config *config);

#endif
