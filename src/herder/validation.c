#include "herder/validation.h"

#include <stdlib.h>

#include "base/log.h"
#include "herder/versions.h"
#include "plugin/registry.h"

static struct kc_error *no_such_class(const char *name)
{
    KC_AUTO_BUF list = KC_BUF(0);
    const char *nearest = registry_nearest(KC_SOURCE, name);
    for (size_t i = 0; i < registry_count(); i++) {
        const struct kc_plugin *plugin = registry_at(i);
        if (plugin->kind == KC_SOURCE || plugin->kind == KC_SINK)
            kc_buf_printf(&list, "%s%s", list.len ? ", " : "", plugin->java_classes[0]);
    }
    if (!nearest)
        nearest = registry_nearest(KC_SINK, name);
    return kc_fail(KC_BAD_CONFIG,
                   "Failed to find any class that implements Connector and which name matches %s, "
                   "available connectors are: %s%s%s%s",
                   name, list.data ? list.data : "none", nearest ? ". Did you mean " : "",
                   nearest ? nearest : "", nearest ? "?" : "");
}

bool validation_hides(const char *setting)
{
    static const char *const words[] = { "password",   "secret", "jaas",
                                         "credential", "token",  "keystore.key" };
    for (size_t i = 0; i < KC_COUNT(words); i++)
        if (strstr(setting, words[i]))
            return true;
    return false;
}

static void show_props(const struct kc_props *props, struct kc_buf *buf)
{
    struct kc_map_entry *at = NULL;
    const char *name, *value, *comma = "";
    kc_buf_char(buf, '{');
    while (kc_props_next(props, &at, &name, &value)) {
        const char *shown = !value ? "null" : validation_hides(name) ? "[hidden]" : value;
        kc_buf_printf(buf, "%s%s=%s", comma, name, shown);
        comma = ", ";
    }
    kc_buf_char(buf, '}');
}

struct kc_error *validation_plugin(const struct kc_props *props, const struct kc_plugin **plugin)
{
    KC_AUTO_BUF shown = KC_BUF(0);
    const char *name = kc_props_get(props, "connector.class");
    if (!name) {
        show_props(props, &shown);
        return kc_fail(KC_BAD_CONFIG, "Connector config %s contains no connector type", shown.data);
    }
    *plugin = registry_find(KC_SOURCE, name, NULL);
    if (!*plugin)
        *plugin = registry_find(KC_SINK, name, NULL);
    return *plugin ? NULL : no_such_class(name);
}

/* ---- reading ---- */

static void check_version(struct validation *v, const char *setting, const char *version_setting,
                          const struct kc_plugin *plugin)
{
    const char *wanted = kc_props_get(&v->props, version_setting);
    if (!wanted || !plugin || versions_match(wanted, plugin->version))
        return;
    char *text = versions_mismatch(plugin, wanted);
    kc_find(&v->findings, KC_ERROR, setting, "%s", text);
    kc_find(&v->findings, KC_ERROR, version_setting, "%s", text);
    free(text);
}

static void check_versions(struct validation *v)
{
    struct connector_part *parts;
    size_t count = connector_parts(&v->config, &v->props, &parts);
    for (size_t i = 0; i < count; i++) {
        char *setting = kc_printf("%splugin.version", parts[i].prefix);
        check_version(v, parts[i].class_setting, setting, parts[i].plugin);
        free(setting);
    }
    connector_parts_free(parts, count);
}

static void check_overrides(struct validation *v)
{
    static const char *const prefixes[] = { "producer.override.", "consumer.override.",
                                            "admin.override." };
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(&v->props, &at, &name, &value))
        for (size_t i = 0; i < KC_COUNT(prefixes); i++) {
            size_t len = strlen(prefixes[i]);
            if (strncmp(name, prefixes[i], len) == 0 &&
                !worker_allows_override(v->worker, name + len))
                kc_find(&v->findings, KC_ERROR, name,
                        "The '%s' policy does not allow '%s' to be overridden in the connector "
                        "configuration.",
                        worker_policy_name(v->worker), name + len);
        }
}

/* JSON null is no value, except that a connector's own rows may have it. */
static void check_nulls(struct validation *v)
{
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(&v->props, &at, &name, &value)) {
        if (value || kc_options_find(v->plugin->options, name))
            continue;
        const struct kc_option *row = kc_options_find(connector_options(v->plugin->kind), name);
        if (row && row->ranged)
            kc_find(&v->findings, KC_ERROR, name,
                    "Invalid value null for configuration %s: Value must be non-null", name);
        kc_find(&v->findings, KC_ERROR, name,
                "Null value can not be supplied as the configuration value.");
    }
}

struct validation *validation_new(const struct worker_config *worker,
                                  const struct kc_plugin *plugin, const struct kc_props *props)
{
    struct validation *v = kc_calloc(1, sizeof *v);
    v->worker = worker;
    v->plugin = plugin;
    v->plugin_config = kc_calloc(1, plugin->config_size + 1);
    kc_props_copy(&v->props, props);
    check_version(v, "connector.class", "connector.plugin.version", plugin);
    v->wrong_version = v->findings.len > 0;
    if (v->wrong_version)
        return v;
    connector_config_read(plugin, &v->props, &v->config, &v->findings);
    kc_options_read(plugin->options, &v->props, v->plugin_config, &v->findings);
    check_versions(v);
    check_overrides(v);
    check_nulls(v);
    connector_config_unknown(plugin, &v->props, &v->findings);
    return v;
}

void validation_free(struct validation *v)
{
    if (!v)
        return;
    connector_config_clear(v->plugin->kind, &v->config);
    kc_options_clear(v->plugin->options, v->plugin_config);
    free(v->plugin_config);
    kc_findings_clear(&v->findings);
    kc_props_clear(&v->props);
    kc_arena_clear(&v->stored_arena);
    free(v);
}

struct kc_error *validation_stored(struct validation *v, const struct task_offset *offsets,
                                   size_t count)
{
    return task_offsets_read(offsets, count, &v->stored_arena, &v->stored, &v->n_stored);
}

/* ---- the plug-in's own look ---- */

typedef void check_op(const struct kc_check *check);

static check_op *check_of(const struct kc_plugin *plugin)
{
    return plugin->kind == KC_SOURCE ? plugin->source->check : plugin->sink->check;
}

bool validation_has_check(const struct validation *v)
{
    return check_of(v->plugin) && validation_errors(v) == 0;
}

void validation_check(struct validation *v, enum kc_check_depth depth, int stop_fd)
{
    struct kc_check check = { .config = v->plugin_config,
                              .props = &v->props,
                              .depth = depth,
                              .stored = v->stored,
                              .n_stored = v->n_stored,
                              .stop_fd = stop_fd,
                              .findings = &v->findings };
    check_of(v->plugin)(&check);
}

/* ---- the outcome ---- */

size_t validation_errors(const struct validation *v)
{
    return kc_findings_errors(&v->findings);
}

/* The messages of one setting. */
static void add_messages(const struct validation *v, const char *setting, struct kc_buf *buf,
                         bool *taken)
{
    for (size_t i = 0; i < v->findings.len; i++) {
        const struct kc_finding *finding = &v->findings.items[i];
        bool same = finding->setting ? setting && strcmp(finding->setting, setting) == 0 : !setting;
        if (finding->severity != KC_ERROR || taken[i] || !same)
            continue;
        taken[i] = true;
        kc_buf_printf(buf, "%s\n", finding->text);
    }
}

char *validation_message(const struct validation *v)
{
    size_t errors = validation_errors(v);
    if (!errors)
        return NULL;
    struct kc_buf buf = KC_BUF(0);
    bool *taken = kc_calloc(v->findings.len, sizeof *taken);
    const struct kc_option *rows = connector_options(v->plugin->kind);
    kc_buf_printf(&buf,
                  "Connector configuration is invalid and contains the following %zu error(s):\n",
                  errors);
    /* Runtime's settings first, in the order of their rows; then whatever is left. */
    for (size_t i = 0; rows[i].name; i++)
        add_messages(v, rows[i].name, &buf, taken);
    for (size_t i = 0; i < v->findings.len; i++)
        if (!taken[i] && v->findings.items[i].severity == KC_ERROR)
            add_messages(v, v->findings.items[i].setting, &buf, taken);
    kc_buf_str(&buf, "You can also find the above list of errors at the endpoint "
                     "`/connector-plugins/{connectorType}/config/validate`");
    free(taken);
    return kc_buf_take(&buf);
}
