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
    char *plugin_version;
    int tasks_max;
    bool tasks_max_enforce;
    char *key_converter, *value_converter, *header_converter; /* NULL: the worker's */
    char *key_converter_version, *value_converter_version, *header_converter_version;
    struct kc_list transforms;
    struct kc_list predicates;
    int reload_action;
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
    struct kc_list topic_creation_groups;
    int exactly_once_support;
    int transaction_boundary;
    int64_t transaction_boundary_interval_ms;
    char *offsets_storage_topic;
};

/* The rows for a kind of connector (KC_SOURCE or KC_SINK). */
const struct kc_option *connector_options(enum kc_plugin_kind kind);
/* Fills a zeroed config from a connector's settings. All mistakes go to findings under the
 * setting's full name: those of transforms.*, converters and Kafka client overrides too (each
 * by its own table). The plug-in's own settings are not looked at. False if
 * there was an error. */
bool connector_config_read(const struct kc_plugin *plugin, const struct kc_props *props,
                           struct connector_config *config, struct kc_findings *findings);
void connector_config_clear(enum kc_plugin_kind kind, struct connector_config *config);
/* Are the topic.creation.* settings in order? Apart from connector_config_read, because the original
 * takes such a config, and then its tasks fail. */
void connector_check_topics(const struct connector_config *config, const struct kc_props *props,
                            struct kc_findings *findings);
/* Reads the settings of a converter, `SIDE.converter.*` ("key", "value", "header"), by its table; a class
 * that is not there is passed over. */
void connector_check_converter(const char *side, const char *class_name,
                               const struct kc_props *props, struct kc_findings *findings);
/* Warns of settings that belong to nothing in this config, with the nearest name. */
void connector_config_unknown(const struct kc_plugin *plugin, const struct kc_props *props,
                              struct kc_findings *findings);

/* A part of a config that is read by the table of another plug-in: a transform of the chain, or a
 * converter that the connector names itself. */
struct connector_part {
    enum kc_plugin_kind kind;
    const char *title; /* what findings call it: "Transformation", "Converter", "HeaderConverter" */
    char *class_setting; /* "transforms.a.type", "key.converter" */
    char *prefix;        /* "transforms.a.", "key.converter." */
    const char *alias;   /* of a transform; NULL for converters. Borrowed from the config */
    const char *side;    /* "key", "value", "header" of converters; NULL for transforms */
    const struct kc_plugin *plugin; /* NULL: not found */
};
/* Lists the parts in the order validation shows them: transforms as they run, then converters. The
 * caller frees with connector_parts_free. config must outlive the list. */
size_t connector_parts(const struct connector_config *config, const struct kc_props *props,
                       struct connector_part **parts);
void connector_parts_free(struct connector_part *parts, size_t count);
/* The settings of a part, without its prefix and without those that are the runtime's (type,
 * predicate, negate, plugin.version); of a converter, with its side as `converter.type`. */
void connector_part_props(const struct connector_part *part, const struct kc_props *props,
                          struct kc_props *own);

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
