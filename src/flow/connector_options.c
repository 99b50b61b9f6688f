#include <stdlib.h>

#include "base/regex.h"
#include "flow/connector_config.h"

/* ---- checks beyond the type ---- */

static char *check_name(const struct kc_option *option, const char *text)
{
    KC_AUTO_BUF codes = KC_BUF(0);
    struct kc_text name = kc_text_trim(kc_text(text));
    if (!name.len)
        return kc_printf("Invalid value %s for configuration %s: String may not be empty", text,
                         option->name);
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f)
            kc_buf_printf(&codes, "%s%d", codes.len ? ", " : "", name.ptr[i]);
    if (!codes.len)
        return NULL;
    return kc_printf("Invalid value %s for configuration %s: String may not contain control sequences "
                     "but had the following ASCII chars: %s",
                     text, option->name, codes.data);
}

static char *check_not_empty(const struct kc_option *option, const char *text)
{
    return *text ? NULL
                 : kc_printf("Invalid value %s for configuration %s: String must be non-empty", text,
                             option->name);
}

static bool seen_before(struct kc_text all, const char *here, struct kc_text item)
{
    struct kc_text piece;
    while (kc_text_split(&all, ',', &piece) && piece.ptr < here)
        if (kc_text_equal(kc_text_trim(piece), item))
            return true;
    return false;
}

/* Aliases of transforms and the like: each only once. */
static char *check_aliases(const struct kc_option *option, const char *text)
{
    struct kc_text rest = kc_text(text), piece;
    KC_AUTO_BUF list = KC_BUF(0);
    bool twice = false;
    while (kc_text_split(&rest, ',', &piece)) {
        struct kc_text item = kc_text_trim(piece);
        twice = twice || (item.len && seen_before(kc_text(text), piece.ptr, item));
        kc_buf_printf(&list, "%s%.*s", list.len ? ", " : "", KC_FMT(item));
    }
    return twice ? kc_printf("Invalid value [%s] for configuration %s: Duplicate alias provided.",
                             list.data, option->name)
                 : NULL;
}

static char *check_regex(const struct kc_option *option, const char *text)
{
    struct kc_regex *regex = NULL;
    struct kc_error *err = kc_regex_new(text, false, &regex);
    char *message = NULL;
    if (err)
        message = kc_printf("Invalid value %s for configuration %s: Invalid regex: %s", text,
                            option->name, err->text);
    kc_error_free(err);
    kc_regex_free(regex);
    return message;
}

/* ---- the rows, in the order in which lists show them ---- */

static const struct kc_enum_name reload_actions[] = { { "none", 0 }, { "restart", 1 }, { NULL, 0 } };
static const struct kc_enum_name tolerances[] = { { "none", TOLERATE_NONE },
                                                  { "all", TOLERATE_ALL },
                                                  { NULL, 0 } };
static const struct kc_enum_name supports[] = { { "REQUIRED", 1 }, { "REQUESTED", 0 }, { NULL, 0 } };
static const struct kc_enum_name boundaries[] = { { "INTERVAL", 1 },
                                                  { "POLL", 0 },
                                                  { "CONNECTOR", 2 },
                                                  { NULL, 0 } };

#define COMMON(order_, width_, display_) \
    .group = "Common", .order = (order_), .width = (width_), .display = (display_)
#define ERRORS(order_, width_, display_) \
    .group = "Error Handling", .order = (order_), .width = (width_), .display = (display_), \
    .importance = KC_MEDIUM

#define COMMON_ROWS \
    OPT_STRING("name", name, .required = true, .check = check_name, .importance = KC_HIGH, \
               COMMON(1, KC_WIDTH_MEDIUM, "Connector name"), \
               .doc = "Name of the connector, unique in its worker."), \
    OPT_STRING("connector.class", connector_class, .required = true, .importance = KC_HIGH, \
               COMMON(2, KC_WIDTH_LONG, "Connector class"), \
               .doc = "Which connector it is: the class name that Java users know, or its short name."), \
    OPT_STRING("connector.plugin.version", plugin_version, .importance = KC_MEDIUM, \
               COMMON(3, KC_WIDTH_MEDIUM, "Connector version"), \
               .doc = "Version, or range of versions such as [4.0,5.0), that the connector must have."), \
    OPT_INT("tasks.max", tasks_max, .def = "1", RANGE(1, 1000), .importance = KC_HIGH, \
            COMMON(4, KC_WIDTH_SHORT, "Tasks max"), \
            .doc = "How many tasks a connector may have at most; sources here run one."), \
    OPT_BOOL("tasks.max.enforce", tasks_max_enforce, .def = "true", .importance = KC_LOW, \
             COMMON(5, KC_WIDTH_SHORT, "Enforce tasks max"), \
             .no_effect = "no connector here ever asks for more", \
             .doc = "Refuse to run more tasks than tasks.max."), \
    OPT_CLASS("key.converter", key_converter, .importance = KC_LOW, \
              COMMON(6, KC_WIDTH_SHORT, "Key converter class"), \
              .doc = "Converter of record keys; unset, the worker's with the worker's settings. Its " \
                     "own settings follow as key.converter.*."), \
    OPT_STRING("key.converter.plugin.version", key_converter_version, .importance = KC_LOW, \
               COMMON(7, KC_WIDTH_SHORT, "Key converter version"), \
               .doc = "Version that the key converter must have."), \
    OPT_CLASS("value.converter", value_converter, .importance = KC_LOW, \
              COMMON(8, KC_WIDTH_SHORT, "Value converter class"), \
              .doc = "Converter of record values, with value.converter.*."), \
    OPT_STRING("value.converter.plugin.version", value_converter_version, .importance = KC_LOW, \
               COMMON(9, KC_WIDTH_SHORT, "Value converter version"), \
               .doc = "Version that the value converter must have."), \
    OPT_CLASS("header.converter", header_converter, .importance = KC_LOW, \
              COMMON(10, KC_WIDTH_SHORT, "Header converter class"), \
              .doc = "Converter of record headers, with header.converter.*."), \
    OPT_STRING("header.converter.plugin.version", header_converter_version, .importance = KC_LOW, \
               COMMON(11, KC_WIDTH_SHORT, "Header converter version"), \
               .doc = "Version that the header converter must have."), \
    OPT_LIST("transforms", transforms, .def = "", .importance = KC_LOW, .check = check_aliases, \
             .group = "Transforms", .order = 12, .width = KC_WIDTH_LONG, .display = "Transforms", \
             .doc = "Names of the transforms that records go through, in order. Each is set up by " \
                    "transforms.NAME.type and further settings under transforms.NAME."), \
    OPT_LIST("predicates", predicates, .def = "", .importance = KC_LOW, .check = check_aliases, \
             .group = "Predicates", .order = 13, .width = KC_WIDTH_LONG, .display = "Predicates", \
             .refuse = "Predicates are not supported yet: every transform applies to every record.", \
             .doc = "Names of conditions under which transforms apply."), \
    OPT_ENUM("config.action.reload", reload_action, reload_actions, .def = "restart", \
             .importance = KC_LOW, COMMON(14, KC_WIDTH_MEDIUM, "Reload Action"), \
             .no_effect = "there are no config providers here", \
             .doc = "What happens when a value from a config provider changes."), \
    OPT_LONG("errors.retry.timeout", errors_retry_timeout, .def = "0", \
             ERRORS(1, KC_WIDTH_MEDIUM, "Retry Timeout for Errors"), \
             .doc = "How long a failed step may be tried again, in ms; 0: not at all, -1: for ever."), \
    OPT_LONG("errors.retry.delay.max.ms", errors_retry_delay_max_ms, .def = "60000", \
             ERRORS(2, KC_WIDTH_MEDIUM, "Maximum Delay Between Retries for Errors"), \
             .doc = "Longest wait between two tries."), \
    OPT_ENUM("errors.tolerance", errors_tolerance, tolerances, .def = "none", \
             ERRORS(3, KC_WIDTH_SHORT, "Error Tolerance"), \
             .doc = "none: a record that can't be handled stops the task. all: it is passed over and " \
                    "reported."), \
    OPT_BOOL("errors.log.enable", errors_log_enable, .def = "false", \
             ERRORS(4, KC_WIDTH_SHORT, "Log Errors"), .doc = "Log every record that fails."), \
    OPT_BOOL("errors.log.include.messages", errors_log_include_messages, .def = "false", \
             ERRORS(5, KC_WIDTH_SHORT, "Log Error Details"), \
             .doc = "Name topic, partition and offset in these lines.")

#define OPTIONS_OF struct connector_config
static const struct kc_option sink_rows[] = {
    COMMON_ROWS,
    OPT_LIST("topics", topics, .def = "", .importance = KC_HIGH, COMMON(4, KC_WIDTH_LONG, "Topics"),
             .doc = "Topics to read, comma-separated."),
    OPT_STRING("topics.regex", topics_regex, .def = "", .check = check_regex, .importance = KC_HIGH,
               COMMON(4, KC_WIDTH_LONG, "Topics regex"),
               .doc = "Regular expression of the topics to read; instead of topics. It must match the "
                      "whole name."),
    OPT_STRING("errors.deadletterqueue.topic.name", dlq_topic, .def = "",
               ERRORS(6, KC_WIDTH_MEDIUM, "Dead Letter Queue Topic Name"),
               .doc = "Topic that gets the records that fail; empty for none."),
    OPT_SHORT("errors.deadletterqueue.topic.replication.factor", dlq_replication, .def = "3",
              ERRORS(7, KC_WIDTH_MEDIUM, "Dead Letter Queue Topic Replication Factor"),
              .doc = "Replicas of that topic when it has to be created."),
    OPT_BOOL("errors.deadletterqueue.context.headers.enable", dlq_headers, .def = "false",
             ERRORS(8, KC_WIDTH_MEDIUM, "Enable Error Context Headers"),
             .doc = "Say in headers of these records where they come from and what went wrong."),
    OPT_END
};

static const struct kc_option source_rows[] = {
    COMMON_ROWS,
    OPT_LIST("topic.creation.groups", topic_creation_groups, .def = "", .importance = KC_LOW,
             .check = check_aliases, .group = "Topic Creation", .order = 1, .width = KC_WIDTH_LONG,
             .display = "Topic Creation Groups",
             .doc = "Names of groups of topics with settings of their own when they are created "
                    "(topic.creation.GROUP.*). All other topics follow topic.creation.default.*."),
    OPT_ENUM("exactly.once.support", exactly_once_support, supports, .def = "requested",
             .any_case = true, .importance = KC_MEDIUM, .group = "Exactly Once Support", .order = 2,
             .width = KC_WIDTH_SHORT, .display = "Exactly once support",
             .doc = "Whether the connector must run exactly once. A standalone worker delivers at "
                    "least once, whatever stands here."),
    OPT_ENUM("transaction.boundary", transaction_boundary, boundaries, .def = "poll",
             .any_case = true, .importance = KC_MEDIUM, .group = "Exactly Once Support", .order = 3,
             .width = KC_WIDTH_SHORT, .display = "Transaction Boundary",
             .no_effect = "a standalone worker has no transactions", .doc = "Where transactions end."),
    OPT_LONG("transaction.boundary.interval.ms", transaction_boundary_interval_ms, AT_LEAST(0),
             .importance = KC_LOW, .group = "Exactly Once Support", .order = 4,
             .width = KC_WIDTH_SHORT, .display = "Transaction boundary interval",
             .no_effect = "a standalone worker has no transactions",
             .doc = "How often transactions end with transaction.boundary=interval."),
    OPT_STRING("offsets.storage.topic", offsets_storage_topic, .check = check_not_empty,
               .importance = KC_LOW, .group = "offsets.topic", .order = 1, .width = KC_WIDTH_LONG,
               .display = "Offsets topic",
               .doc = "Topic for the offsets of this connector alone. A standalone worker keeps them "
                      "in its file."),
    OPT_END
};
#undef OPTIONS_OF

const struct kc_option *connector_options(enum kc_plugin_kind kind)
{
    return kind == KC_SINK ? sink_rows : source_rows;
}

void connector_config_clear(enum kc_plugin_kind kind, struct connector_config *config)
{
    kc_options_clear(connector_options(kind), config);
}
