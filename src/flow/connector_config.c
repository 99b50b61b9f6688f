#include "flow/connector_config.h"

#include <stdlib.h>

#include "base/regex.h"
#include "flow/worker_config.h"
#include "kafka/client.h"
#include "plugin/registry.h"

/* ---- parts: transforms and converters ---- */

static const struct converter_place {
    const char *side, *setting, *prefix, *title;
} converter_places[] = {
    { "header", "header.converter", "header.converter.", "HeaderConverter" },
    { "key", "key.converter", "key.converter.", "Converter" },
    { "value", "value.converter", "value.converter.", "Converter" },
};

static bool listed_before(const struct kc_list *list, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(list->items[i], list->items[index]) == 0)
            return true;
    return false;
}

size_t connector_parts(const struct connector_config *config, const struct kc_props *props,
                       struct connector_part **result)
{
    size_t count = 0;
    struct connector_part *parts =
        kc_calloc(config->transforms.len + KC_COUNT(converter_places), sizeof *parts);
    for (size_t i = 0; i < config->transforms.len; i++) {
        const char *alias = config->transforms.items[i];
        if (listed_before(&config->transforms, i))
            continue;
        struct connector_part *part = &parts[count++];
        *part = (struct connector_part){ .kind = KC_TRANSFORM,
                                         .title = "Transformation",
                                         .alias = alias };
        part->class_setting = kc_printf("transforms.%s.type", alias);
        part->prefix = kc_printf("transforms.%s.", alias);
        const char *class_name = kc_props_get(props, part->class_setting);
        part->plugin = class_name ? registry_find(KC_TRANSFORM, class_name, NULL) : NULL;
    }
    for (size_t i = 0; i < KC_COUNT(converter_places); i++) {
        const struct converter_place *place = &converter_places[i];
        const char *class_name = kc_props_get(props, place->setting);
        if (!class_name)
            continue;
        struct connector_part *part = &parts[count++];
        *part = (struct connector_part){ .kind = KC_CONVERTER,
                                         .title = place->title,
                                         .side = place->side };
        part->class_setting = kc_strdup(place->setting);
        part->prefix = kc_strdup(place->prefix);
        part->plugin = registry_find(KC_CONVERTER, class_name, NULL);
    }
    *result = parts;
    return count;
}

void connector_parts_free(struct connector_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(parts[i].class_setting);
        free(parts[i].prefix);
    }
    free(parts);
}

void connector_part_props(const struct connector_part *part, const struct kc_props *props,
                          struct kc_props *own)
{
    static const char *const ours[] = { "type", "predicate", "negate", "plugin.version" };
    kc_props_with_prefix(props, part->prefix, own);
    for (size_t i = 0; i < KC_COUNT(ours); i++)
        kc_props_remove(own, ours[i]);
    if (part->side)
        kc_props_set(own, "converter.type", part->side);
}

static const struct kc_plugin *find_any(const char *name)
{
    static const enum kc_plugin_kind kinds[] = { KC_SOURCE, KC_SINK, KC_CONVERTER, KC_TRANSFORM };
    for (size_t i = 0; i < KC_COUNT(kinds); i++) {
        const struct kc_plugin *plugin = registry_find(kinds[i], name, NULL);
        if (plugin)
            return plugin;
    }
    return NULL;
}

/* A class that is not there, or is something else. */
static void find_class_error(const struct connector_part *part, const char *class_name,
                             struct kc_findings *findings)
{
    const struct kc_plugin *other = find_any(class_name);
    const char *setting = part->class_setting;
    if (other || strncmp(class_name, "java.", 5) == 0)
        kc_find(findings, KC_ERROR, setting, "Class class %s does not implement the %s interface",
                other ? other->java_classes[0] : class_name, part->title);
    else
        kc_find(findings, KC_ERROR, setting,
                "Invalid value %s for configuration %s: Class %s could not be found.", class_name,
                setting, class_name);
}

/* Findings of such a table are about names without the prefix. */
static void take_findings(const char *prefix, const struct kc_findings *own,
                          struct kc_findings *findings)
{
    for (size_t i = 0; i < own->len; i++) {
        const struct kc_finding *finding = &own->items[i];
        char *setting = kc_printf("%s%s", prefix, finding->setting ? finding->setting : "");
        if (strncmp(finding->text, "Missing required", 16) == 0)
            kc_find(findings, finding->severity, setting,
                    "Missing required configuration \"%s\" which has no default value.", setting);
        else
            kc_find(findings, finding->severity, setting, "%s", finding->text);
        free(setting);
    }
}

static void read_part(const struct connector_part *part, const struct kc_props *props,
                      struct kc_findings *findings)
{
    const struct kc_option *const tables[] = { part->plugin->options, NULL };
    struct kc_props own = { .map.count = 0 };
    struct kc_findings mine = { .len = 0 };
    void *config = kc_calloc(1, part->plugin->config_size + 1);
    connector_part_props(part, props, &own);
    kc_options_read(part->plugin->options, &own, config, &mine);
    kc_props_remove(&own, "converter.type"); /* ours; not every converter has a row for it */
    kc_options_unknown(tables, &own, &mine);
    take_findings(part->prefix, &mine, findings);
    kc_options_clear(part->plugin->options, config);
    free(config);
    kc_findings_clear(&mine);
    kc_props_clear(&own);
}

static void check_predicate(const struct connector_part *part, const struct kc_props *props,
                            struct kc_findings *findings)
{
    char *predicate = kc_printf("%spredicate", part->prefix),
         *negate = kc_printf("%snegate", part->prefix);
    if (kc_props_has(props, predicate))
        kc_find(findings, KC_ERROR, predicate,
                "Predicates are not supported yet: every transform applies to every record.");
    else if (kc_props_has(props, negate))
        kc_find(findings, KC_ERROR, part->class_setting,
                "Config '%s' was provided but there is no config '%s' defining a predicate to be "
                "negated.",
                negate, predicate);
    free(predicate);
    free(negate);
}

static void check_part(const struct connector_part *part, const struct kc_props *props,
                       struct kc_findings *findings)
{
    const char *class_name = kc_props_get(props, part->class_setting);
    if (part->kind == KC_TRANSFORM && !kc_props_has(props, part->class_setting))
        kc_find(findings, KC_ERROR, part->class_setting,
                "Missing required configuration \"%s\" which has no default value.",
                part->class_setting);
    else if (class_name && !part->plugin)
        find_class_error(part, class_name, findings);
    if (part->plugin)
        read_part(part, props, findings);
    if (part->kind == KC_TRANSFORM)
        check_predicate(part, props, findings);
}

void connector_check_converter(const char *side, const char *class_name,
                               const struct kc_props *props, struct kc_findings *findings)
{
    struct connector_part part = { .kind = KC_CONVERTER, .side = side };
    part.plugin = class_name ? registry_find(KC_CONVERTER, class_name, NULL) : NULL;
    if (!part.plugin)
        return;
    part.prefix = kc_printf("%s.converter.", side);
    read_part(&part, props, findings);
    free(part.prefix);
}

/* ---- settings that belong together ---- */

static void show_list(const struct kc_list *list, struct kc_buf *buf)
{
    kc_buf_char(buf, '[');
    for (size_t i = 0; i < list->len; i++)
        kc_buf_printf(buf, "%s%s", i ? ", " : "", list->items[i]);
    kc_buf_char(buf, ']');
}

static bool regex_takes(const char *pattern, const char *text)
{
    struct kc_regex *regex = NULL;
    struct kc_error *err = kc_regex_new(pattern, false, &regex);
    bool takes = !err && kc_regex_matches(regex, kc_text(text));
    kc_error_free(err);
    kc_regex_free(regex);
    return takes;
}

static void find_on_both(struct kc_findings *findings, const char *text)
{
    kc_find(findings, KC_ERROR, "topics", "%s", text);
    kc_find(findings, KC_ERROR, "topics.regex", "%s", text);
}

static bool has_text(const struct kc_props *props, const char *setting)
{
    const char *text = kc_props_get(props, setting);
    return text && kc_text_trim(kc_text(text)).len;
}

static void check_dlq(const struct connector_config *config, struct kc_findings *findings)
{
    KC_AUTO_BUF list = KC_BUF(0);
    const char *dlq = config->dlq_topic;
    if (!dlq || !*dlq)
        return;
    for (size_t i = 0; i < config->topics.len; i++)
        if (strcmp(config->topics.items[i], dlq) == 0) {
            show_list(&config->topics, &list);
            kc_find(findings, KC_ERROR, "topics",
                    "The DLQ topic '%s' may not be included in the list of topics ('topics=%s') "
                    "consumed by the connector",
                    dlq, list.data);
            return;
        }
    if (config->topics_regex && *config->topics_regex && regex_takes(config->topics_regex, dlq))
        kc_find(findings, KC_ERROR, "topics.regex",
                "The DLQ topic '%s' may not be matched by the regex for the topics "
                "('topics.regex=%s') "
                "consumed by the connector",
                dlq, config->topics_regex);
}

static void check_sink(const struct connector_config *config, const struct kc_props *props,
                       struct kc_findings *findings)
{
    bool topics = has_text(props, "topics"), regex = has_text(props, "topics.regex");
    if (topics && regex)
        find_on_both(findings, "topics and topics.regex are mutually exclusive options, but both "
                               "are set.");
    else if (!topics && !regex)
        find_on_both(findings, "Must configure one of topics or topics.regex");
    else
        check_dlq(config, findings);
}

static void check_source(const struct connector_config *config, struct kc_findings *findings)
{
    if (config->exactly_once_support)
        kc_find(findings, KC_WARN, "exactly.once.support",
                "A standalone worker delivers at least once; exactly.once.support=required has no "
                "effect on it.");
    if (config->offsets_storage_topic && *config->offsets_storage_topic)
        kc_find(findings, KC_WARN, "offsets.storage.topic",
                "A standalone worker keeps offsets in its file; offsets.storage.topic has no "
                "effect on it.");
}

static void check_clients(const struct kc_props *props, struct kc_findings *findings)
{
    static const struct {
        enum client_kind kind;
        const char *prefix;
    } clients[] = { { CLIENT_PRODUCER, "producer.override." },
                    { CLIENT_CONSUMER, "consumer.override." },
                    { CLIENT_ADMIN, "admin.override." } };
    for (size_t i = 0; i < KC_COUNT(clients); i++) {
        struct kc_props own = { .map.count = 0 };
        kc_props_with_prefix(props, clients[i].prefix, &own);
        worker_check_client(clients[i].kind, &own, clients[i].prefix, findings);
        kc_props_clear(&own);
    }
}

bool connector_config_read(const struct kc_plugin *plugin, const struct kc_props *props,
                           struct connector_config *config, struct kc_findings *findings)
{
    size_t before = kc_findings_errors(findings);
    struct connector_part *parts;
    kc_options_read(connector_options(plugin->kind), props, config, findings);
    size_t count = connector_parts(config, props, &parts);
    for (size_t i = 0; i < count; i++)
        check_part(&parts[i], props, findings);
    connector_parts_free(parts, count);
    if (plugin->kind == KC_SINK)
        check_sink(config, props, findings);
    else
        check_source(config, findings);
    check_clients(props, findings);
    return kc_findings_errors(findings) == before;
}

/* Does an entry of that list, or one that is always there, stand before a dot of `name`? */
static bool is_listed(const char *list, const char *always, const char *name)
{
    struct kc_text rest = kc_text(list ? list : ""), piece;
    struct kc_text text = kc_text(name);
    if (*always && strncmp(name, always, strlen(always)) == 0 && name[strlen(always)] == '.')
        return true;
    while (kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        if (piece.len && piece.len < text.len && memcmp(name, piece.ptr, piece.len) == 0 &&
            name[piece.len] == '.')
            return true;
    }
    return false;
}

/* Settings under a prefix that somebody else's table reads; true when this is one. Warns when nothing
 * reads it, for the list that would name its owner does not. */
static bool is_of_part(const struct kc_props *props, const char *name,
                       struct kc_findings *findings)
{
    static const struct {
        const char *prefix, *list, *always;
    } lists[] = { { "transforms.", "transforms", "" },
                  { "topic.creation.", "topic.creation.groups", "default" } };
    static const char *const others[] = { "predicates.", "producer.override.",
                                          "consumer.override.", "admin.override." };
    for (size_t i = 0; i < KC_COUNT(others); i++)
        if (strncmp(name, others[i], strlen(others[i])) == 0)
            return true;
    for (size_t i = 0; i < KC_COUNT(converter_places); i++) {
        const struct converter_place *place = &converter_places[i];
        if (strncmp(name, place->prefix, strlen(place->prefix)) != 0)
            continue;
        if (!kc_props_has(props, place->setting))
            kc_find(findings, KC_WARN, name,
                    "The setting %s has no effect: without a %s of its own the connector has the "
                    "worker's, with the worker's settings.",
                    name, place->setting);
        return true;
    }
    for (size_t i = 0; i < KC_COUNT(lists); i++) {
        size_t len = strlen(lists[i].prefix);
        if (strncmp(name, lists[i].prefix, len) != 0)
            continue;
        if (strchr(name + len, '.') &&
            !is_listed(kc_props_get(props, lists[i].list), lists[i].always, name + len))
            kc_find(findings, KC_WARN, name, "The setting %s has no effect: %s does not list %.*s.",
                    name, lists[i].list, (int)strcspn(name + len, "."), name + len);
        return strchr(name + len, '.') != NULL;
    }
    return false;
}

void connector_config_unknown(const struct kc_plugin *plugin, const struct kc_props *props,
                              struct kc_findings *findings)
{
    const struct kc_option *const tables[] = { connector_options(plugin->kind), plugin->options,
                                               NULL };
    struct kc_props rest = { .map.count = 0 };
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value))
        if (kc_options_find(tables[0], name) || !is_of_part(props, name, findings))
            kc_props_set(&rest, name, value);
    kc_options_unknown(tables, &rest, findings);
    kc_props_clear(&rest);
}

/* ---- topic creation ---- */

struct topic_group {
    struct kc_list include, exclude;
    int partitions, replication;
};

static char *check_count(const struct kc_option *option, const char *text)
{
    int64_t number;
    if (kc_text_int64(kc_text_trim(kc_text(text)), &number) && (number >= 1 || number == -1))
        return NULL;
    return kc_printf("Invalid value %s for configuration %s: Value must be at least 1, or -1 for the "
                     "broker's default",
                     text, option->name);
}

static char *check_patterns(const struct kc_option *option, const char *text)
{
    struct kc_text rest = kc_text(text), piece;
    char *message = NULL;
    while (!message && kc_text_split(&rest, ',', &piece)) {
        struct kc_regex *regex = NULL;
        piece = kc_text_trim(piece);
        char *pattern = kc_strndup(piece.ptr, piece.len);
        struct kc_error *err = kc_regex_new(pattern, false, &regex);
        if (err)
            message = kc_printf("Invalid value %s for configuration %s: Invalid regex: %s", text,
                                option->name, err->text);
        kc_error_free(err);
        kc_regex_free(regex);
        free(pattern);
    }
    return message;
}

#define OPTIONS_OF struct topic_group
#define COUNTS(required_) \
    OPT_INT("partitions", partitions, .required = (required_), .check = check_count), \
    OPT_SHORT("replication.factor", replication, .required = (required_), .check = check_count)
static const struct kc_option default_rows[] = { COUNTS(true), OPT_END };
static const struct kc_option group_rows[] = {
    OPT_LIST("include", include, .required = true, .check = check_patterns),
    OPT_LIST("exclude", exclude, .def = "", .check = check_patterns),
    COUNTS(false),
    OPT_END,
};
#undef COUNTS
#undef OPTIONS_OF

static void check_group(const char *alias, const struct kc_props *props,
                        struct kc_findings *findings)
{
    const struct kc_option *rows = strcmp(alias, "default") == 0 ? default_rows : group_rows;
    struct topic_group group = { .partitions = 0 };
    struct kc_props own = { .map.count = 0 };
    struct kc_findings mine = { .len = 0 };
    char *prefix = kc_printf("topic.creation.%s.", alias);
    kc_props_with_prefix(props, prefix, &own);
    kc_options_read(rows, &own, &group, &mine);
    take_findings(prefix, &mine, findings);
    kc_options_clear(rows, &group);
    kc_findings_clear(&mine);
    kc_props_clear(&own);
    free(prefix);
}

void connector_check_topics(const struct connector_config *config, const struct kc_props *props,
                            struct kc_findings *findings)
{
    struct kc_props all = { .map.count = 0 };
    kc_props_with_prefix(props, "topic.creation.", &all);
    if (all.map.count)
        check_group("default", props, findings);
    for (size_t i = 0; i < config->topic_creation_groups.len; i++)
        if (strcmp(config->topic_creation_groups.items[i], "default") != 0)
            check_group(config->topic_creation_groups.items[i], props, findings);
    kc_props_clear(&all);
}

static bool any_matches(const char *patterns, const char *topic)
{
    struct kc_text rest = kc_text(patterns), piece;
    if (!patterns)
        return false;
    while (kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        char *pattern = kc_strndup(piece.ptr, piece.len);
        bool takes = piece.len && regex_takes(pattern, topic);
        free(pattern);
        if (takes)
            return true;
    }
    return false;
}

static const char *group_setting(const struct kc_props *props, struct kc_text group,
                                 const char *name)
{
    char *full = kc_printf("topic.creation.%.*s.%s", KC_FMT(group), name);
    const char *value = kc_props_get(props, full);
    free(full);
    return value;
}

static struct kc_text group_of(const struct kc_props *props, const char *topic)
{
    const char *groups = kc_props_get(props, "topic.creation.groups");
    struct kc_text rest = kc_text(groups ? groups : ""), group;
    while (kc_text_split(&rest, ',', &group)) {
        group = kc_text_trim(group);
        if (group.len && !kc_text_is(group, "default") &&
            any_matches(group_setting(props, group, "include"), topic) &&
            !any_matches(group_setting(props, group, "exclude"), topic))
            return group;
    }
    return KC_TEXT("default");
}

static int group_number(const struct kc_props *props, struct kc_text group, const char *name)
{
    int64_t number;
    const char *text = group_setting(props, group, name);
    if (!text)
        text = group_setting(props, KC_TEXT("default"), name);
    return text && kc_text_int64(kc_text_trim(kc_text(text)), &number) && number > 0 ? (int)number
                                                                                     : -1;
}

bool connector_topic_rule(const struct kc_props *props, const char *topic, struct topic_rule *rule)
{
    static const char *const ours[] = { "include", "exclude", "partitions", "replication.factor" };
    struct kc_props all = { .map.count = 0 };
    kc_props_with_prefix(props, "topic.creation.", &all);
    bool any = all.map.count > 0;
    kc_props_clear(&all);
    if (!any)
        return false;
    struct kc_text group = group_of(props, topic);
    char *prefix = kc_printf("topic.creation.%.*s.", KC_FMT(group));
    *rule = (struct topic_rule){ .partitions = group_number(props, group, "partitions"),
                                 .replication = group_number(props, group, "replication.factor") };
    kc_props_with_prefix(props, prefix, &rule->configs);
    for (size_t i = 0; i < KC_COUNT(ours); i++)
        kc_props_remove(&rule->configs, ours[i]);
    free(prefix);
    return true;
}
