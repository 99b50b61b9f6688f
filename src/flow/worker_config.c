#include "flow/worker_config.h"

#include <stdlib.h>

#include "flow/connector_config.h"
#include "kafka/client.h"
#include "plugin/registry.h"

/* `listeners` and the like: a scheme, a host that may be empty, a port. */
static char *check_listeners(const struct kc_option *option, const char *text)
{
    struct kc_text rest = kc_text(text), piece;
    while (kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        const char *host = piece.len ? memmem(piece.ptr, piece.len, "://", 3) : NULL;
        const char *colon = host ? memrchr(piece.ptr, ':', piece.len) : NULL;
        int64_t port;
        if (kc_text_starts(piece, "https://") || kc_text_starts(piece, "HTTPS://"))
            return kc_printf("Invalid value %s for configuration %s: the REST API speaks plain HTTP "
                             "only; put a TLS proxy before it",
                             text, option->name);
        if (!host || colon <= host ||
            !kc_text_int64((struct kc_text){ colon + 1, (size_t)(piece.ptr + piece.len - colon - 1) },
                           &port) ||
            port < 0 || port > 65535 ||
            !(kc_text_starts(piece, "http://") || kc_text_starts(piece, "HTTP://")))
            return kc_printf("Invalid value %s for configuration %s: each listener must be written as "
                             "http://HOST:PORT (an empty host stands for all interfaces)",
                             text, option->name);
    }
    return NULL;
}

static const struct kc_enum_name policies[] = {
    { "All", CLIENT_OVERRIDE_ALL },
    { "None", CLIENT_OVERRIDE_NONE },
    { "Principal", CLIENT_OVERRIDE_PRINCIPAL },
    { "org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy",
      CLIENT_OVERRIDE_ALL },
    { "org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy",
      CLIENT_OVERRIDE_NONE },
    { "org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy",
      CLIENT_OVERRIDE_PRINCIPAL },
    { NULL, 0 },
};

/* Settings that a Java worker may have and that mean nothing here; a name that ends in a dot stands
 * for all that begin so. */
static const char distributed[] = "it belongs to distributed mode, which this version does not have";
static const char no_jmx[] = "there are no JMX metrics here";
static const struct {
    const char *name, *why;
} without_meaning[] = {
    { "group.id", distributed },
    { "config.storage.", distributed },
    { "offset.storage.topic", distributed },
    { "offset.storage.partitions", distributed },
    { "offset.storage.replication.factor", distributed },
    { "status.storage.", distributed },
    { "session.timeout.ms", distributed },
    { "heartbeat.interval.ms", distributed },
    { "rebalance.timeout.ms", distributed },
    { "scheduled.rebalance.max.delay.ms", distributed },
    { "worker.sync.timeout.ms", distributed },
    { "worker.unsync.backoff.ms", distributed },
    { "connect.protocol", distributed },
    { "inter.worker.", distributed },
    { "exactly.once.source.support", "a standalone worker delivers at least once" },
    { "metric.reporters", no_jmx },
    { "metrics.", no_jmx },
    { "plugin.discovery", "plug-ins are found by their files" },
    { "listeners.https.", "the REST API speaks plain HTTP only" },
};

#define OPTIONS_OF struct worker_config
const struct kc_option worker_options[] = {
    OPT_STRING("bootstrap.servers", bootstrap_servers, .def = "localhost:9092",
               .importance = KC_HIGH, .doc = "Kafka brokers to start from, as host:port, comma-separated."),
    OPT_CLASS("key.converter", key_converter, .required = true, .importance = KC_HIGH,
              .doc = "Turns record keys into bytes and back, unless a connector names its own. "
                     "Its settings follow as key.converter.*."),
    OPT_CLASS("value.converter", value_converter, .required = true, .importance = KC_HIGH,
              .doc = "The same for record values, with value.converter.*."),
    OPT_CLASS("header.converter", header_converter, .importance = KC_LOW,
              .def = "org.apache.kafka.connect.storage.SimpleHeaderConverter",
              .doc = "The same for record headers, with header.converter.*."),
    OPT_STRING("offset.storage.file.filename", offset_file, .required = true, .importance = KC_HIGH,
               .doc = "File in which source connectors keep how far they have read. The layout is that "
                      "of Java workers, so an existing file is taken over."),
    OPT_LONG("offset.flush.interval.ms", offset_flush_interval_ms, .def = "60000", AT_LEAST(1),
             .importance = KC_LOW, .doc = "How often tasks commit offsets."),
    OPT_LONG("offset.flush.timeout.ms", offset_flush_timeout_ms, .def = "5000", AT_LEAST(1),
             .importance = KC_LOW, .doc = "How long a commit may wait for records under way to Kafka."),
    OPT_LONG("task.shutdown.graceful.timeout.ms", task_shutdown_graceful_timeout_ms, .def = "5000",
             AT_LEAST(0), .importance = KC_LOW,
             .doc = "How long all tasks together may take to finish when the worker stops."),
    OPT_LIST("listeners", listeners, .def = "http://:8083", .check = check_listeners,
             .importance = KC_LOW, .doc = "Where the REST API listens: http://HOST:PORT, comma-separated. "
                                          "An empty host means all interfaces, port 0 any free port."),
    OPT_STRING("rest.advertised.host.name", advertised_host, .importance = KC_LOW,
               .doc = "Host name in the worker id that statuses show."),
    OPT_INT("rest.advertised.port", advertised_port, RANGE(0, 65535), .importance = KC_LOW,
            .def = "0", .doc = "Port in the worker id; 0 is that of the listener."),
    OPT_STRING("rest.advertised.listener", advertised_listener, .importance = KC_LOW,
               .refuse_values = "https", .refuse = "The REST API speaks plain HTTP only.",
               .doc = "Scheme of the advertised listener: http."),
    OPT_STRING("plugin.path", plugin_path, .importance = KC_LOW,
               .doc = "Folders with shared objects (*.so) of further plug-ins, comma-separated. Jars "
                      "are passed over."),
    OPT_ENUM("connector.client.config.override.policy", client_override_policy, policies,
             .def = "All", .any_case = true, .importance = KC_MEDIUM, .valid = "All, None, Principal",
             .doc = "Which producer.override.*, consumer.override.* and admin.override.* settings a "
                    "connector may have: all, none, or those of authentication."),
    OPT_BOOL("topic.creation.enable", topic_creation_enable, .def = "true", .importance = KC_LOW,
             .doc = "Create topics of sources that have topic.creation.* settings."),
    OPT_BOOL("topic.tracking.enable", topic_tracking_enable, .def = "true", .importance = KC_LOW,
             .doc = "Remember which topics a connector has used."),
    OPT_BOOL("topic.tracking.allow.reset", topic_tracking_allow_reset, .def = "true",
             .importance = KC_LOW, .doc = "Let the REST API forget these topics."),
    OPT_STRING("access.control.allow.origin", allow_origin, .def = "", .importance = KC_LOW,
               .doc = "Origin that browsers may call the REST API from (CORS); empty for none."),
    OPT_STRING("access.control.allow.methods", allow_methods, .def = "", .importance = KC_LOW,
               .doc = "Methods that such calls may use; empty for GET, POST and HEAD."),
    OPT_STRING("client.id", client_id, .def = "", .importance = KC_LOW,
               .doc = "Client id of the worker's own Kafka clients."),
    OPT_STRING("security.protocol", security_protocol, .def = "PLAINTEXT", .importance = KC_MEDIUM,
               .doc = "How the worker's own admin client talks to Kafka. Tasks have producer.security.protocol and "
                      "consumer.security.protocol."),
    OPT_STRING("client.dns.lookup", client_dns_lookup, .def = "use_all_dns_ips", .importance = KC_LOW,
               .doc = "How the worker's own Kafka clients resolve names."),
    OPT_PREFIX("producer.", producer,
               .doc = "Settings of every source task's producer, in the names of Java's client."),
    OPT_PREFIX("consumer.", consumer, .doc = "Settings of every sink task's consumer."),
    OPT_PREFIX("admin.", admin, .doc = "Settings of the clients that create topics and read offsets."),
    OPT_PREFIX("key.converter.", key_converter_props, .doc = "Settings of the key converter."),
    OPT_PREFIX("value.converter.", value_converter_props, .doc = "Settings of the value converter."),
    OPT_PREFIX("header.converter.", header_converter_props, .doc = "Settings of the header converter."),
    OPT_PREFIX("ssl.", ssl, .doc = "TLS settings of the worker's own admin client."),
    OPT_PREFIX("sasl.", sasl, .doc = "SASL settings of the worker's own admin client."),
    OPT_REFUSED("config.providers",
                "Variables in settings (${provider:...}) are not supported yet; write the values out."),
    OPT_REFUSED("rest.extension.classes",
                "Java REST extensions can't run here; put a proxy before the REST API to authenticate."),
    OPT_REFUSED("response.http.headers.config",
                "Extra response headers are not supported; let a proxy add them."),
    OPT_REFUSED("admin.listeners", "Separate listeners for /admin are not supported; use listeners."),
    OPT_END
};
#undef OPTIONS_OF

/* ---- reading ---- */

static void check_class(enum kc_plugin_kind kind, const char *setting, const char *class_name,
                        struct kc_findings *findings)
{
    if (!class_name || registry_find(kind, class_name, NULL))
        return;
    const char *nearest = registry_nearest(kind, class_name);
    kc_find(findings, KC_ERROR, setting,
            "Invalid value %s for configuration %s: Class %s could not be found.%s%s%s", class_name,
            setting, class_name, nearest ? " Did you mean " : " `penstock plugins` lists what there is.",
            nearest ? nearest : "", nearest ? "?" : "");
}

void worker_check_client(int kind, const struct kc_props *props, const char *prefix,
                         struct kc_findings *findings)
{
    struct kc_props whole = { .map.count = 0 };
    kc_props_set(&whole, "bootstrap.servers", "localhost:9092");
    if (kind == CLIENT_CONSUMER)
        kc_props_set(&whole, "group.id", "connect");
    kc_props_copy(&whole, props);
    client_check((enum client_kind)kind, &whole, prefix, findings);
    kc_props_clear(&whole);
}

static void check_clients(const struct worker_config *config, struct kc_findings *findings)
{
    worker_check_client(CLIENT_PRODUCER, &config->producer, "producer.", findings);
    worker_check_client(CLIENT_CONSUMER, &config->consumer, "consumer.", findings);
    worker_check_client(CLIENT_ADMIN, &config->admin, "admin.", findings);
}

static const char *why_without_meaning(const char *name)
{
    for (size_t i = 0; i < KC_COUNT(without_meaning); i++) {
        const char *row = without_meaning[i].name;
        size_t len = strlen(row);
        if (row[len - 1] == '.' ? strncmp(name, row, len) == 0 : strcmp(name, row) == 0)
            return without_meaning[i].why;
    }
    return NULL;
}

static void check_unknown(const struct kc_props *props, struct kc_findings *findings)
{
    static const struct kc_option *const tables[] = { worker_options, NULL };
    struct kc_props rest = { .map.count = 0 };
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value)) {
        const char *why = why_without_meaning(name);
        if (why)
            kc_find(findings, KC_WARN, name, "The setting %s is ignored: %s.", name, why);
        else
            kc_props_set(&rest, name, value);
    }
    kc_options_unknown(tables, &rest, findings);
    kc_props_clear(&rest);
}

struct kc_error *worker_config_read(const struct kc_props *props, struct worker_config *config,
                                    struct kc_findings *findings)
{
    kc_props_copy(&config->props, props);
    kc_options_read(worker_options, props, config, findings);
    check_class(KC_CONVERTER, "key.converter", config->key_converter, findings);
    check_class(KC_CONVERTER, "value.converter", config->value_converter, findings);
    check_class(KC_CONVERTER, "header.converter", config->header_converter, findings);
    connector_check_converter("key", config->key_converter, props, findings);
    connector_check_converter("value", config->value_converter, props, findings);
    connector_check_converter("header", config->header_converter, props, findings);
    check_clients(config, findings);
    check_unknown(props, findings);
    return kc_findings_error(findings);
}

void worker_config_clear(struct worker_config *config)
{
    kc_options_clear(worker_options, config);
    kc_props_clear(&config->props);
}

const char *worker_policy_name(const struct worker_config *config)
{
    return policies[config->client_override_policy].name;
}

bool worker_allows_override(const struct worker_config *config, const char *name)
{
    static const char *const principal[] = { "security.protocol", "sasl.jaas.config",
                                             "sasl.mechanism" };
    if (config->client_override_policy != CLIENT_OVERRIDE_PRINCIPAL)
        return config->client_override_policy == CLIENT_OVERRIDE_ALL;
    for (size_t i = 0; i < KC_COUNT(principal); i++)
        if (strcmp(name, principal[i]) == 0)
            return true;
    return false;
}
