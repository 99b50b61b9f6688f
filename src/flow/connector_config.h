/* Settings that every connector has, whatever its plug-in: name, tasks.max, converters,
 * transforms, errors.*, topics of a sink, topic.creation.* of a source, client overrides.
 * Layer: flow. Read by whoever starts or validates; constant afterwards. */
#ifndef FLOW_CONNECTOR_CONFIG_H
#define FLOW_CONNECTOR_CONFIG_H

#include "config/option.h"
#include "plugin/plugin.h"

enum errors_tolerance { TOLERATE_NONE, TOLERATE_ALL };

struct connector_config {
    char *name;
    char *connector_class;
    int tasks_max;
    bool tasks_max_enforce;
    char *key_converter, *value_converter, *header_converter; /* NULL: the worker's */
    struct kc_list transforms;
    struct kc_list predicates;
    char *config_reload_action;
    int errors_tolerance; /* enum errors_tolerance */
    int64_t errors_retry_timeout;
    int64_t errors_retry_delay_max_ms;
    bool errors_log_enable;
    bool errors_log_include_messages;
    /* sinks */
    struct kc_list topics;
    char *topics_regex;
    char *dlq_topic;
    int dlq_replication;
    bool dlq_headers;
    /* sources */
    struct kc_list topic_creation_groups; /* without "default" */
    char *exactly_once_support;
    char *transaction_boundary;
    char *offsets_storage_topic;
};

/* The rows for a kind of connector (KC_SOURCE or KC_SINK). */
const struct kc_option *connector_options(enum kc_plugin_kind kind);
/* Fills a zeroed config from a connector's settings. All mistakes go to findings, those of
 * transforms.*, converters and topic creation groups too (each transform's settings are read by its own
 * option table). False if there was an error. */
bool connector_config_read(const struct kc_plugin *plugin, const struct kc_props *props,
                           struct connector_config *config, struct kc_findings *findings);
void connector_config_clear(enum kc_plugin_kind kind, struct connector_config *config);

/* The rule for a topic that a source is about to write first: the settings of the first group of
 * topic.creation.groups whose include and exclude patterns match, else of "default". */
struct topic_rule {
    int partitions;
    int replication;
    struct kc_props configs;
};
/* False when the connector has no topic.creation.* settings: the broker's auto-creation decides. */
bool connector_topic_rule(const struct kc_props *props, const char *topic, struct topic_rule *rule);

#endif
