#include <stdlib.h>

#include "herder/client_rows.h"
#include "herder/validation.h"
#include "plugin/registry.h"

/* How a row differs from its table when it is shown. */
struct dress {
    const char *prefix;
    const char *def;   /* default; NULL: the row's */
    bool no_def;       /* shown without one */
    const char *group; /* NULL: the row's */
    int order;         /* -2: the row's */
    bool bare;         /* no width, name without prefix as display (rows inside transforms) */
    bool invisible;
    const char *value; /* what stands there if it is not what was given */
    bool has_value;
};
#define PLAIN ((struct dress){ .prefix = "", .order = -2 })

struct show {
    const struct validation *v;
    struct kc_json *configs, *groups;
    bool *taken; /* findings that stand in a row */
};

/* ---- definitions ---- */

static bool is_shown(const struct kc_option *option)
{
    return !option->hidden && option->type != &kc_type_prefix && option->type != &kc_type_refused;
}

/* Rows of a group without numbers of their own count from 0. */
static int order_of(const struct kc_option *rows, const struct kc_option *option)
{
    int order = 0;
    if (!option->group)
        return -1;
    if (option->order)
        return option->order;
    for (const struct kc_option *row = rows; row && row != option; row++)
        order += row->group && strcmp(row->group, option->group) == 0 && is_shown(row);
    return order;
}

static const char *const importances[] = { "MEDIUM", "HIGH", "LOW" };
static const char *const widths[] = { "NONE", "SHORT", "MEDIUM", "LONG" };

static struct kc_json *show_definition(const struct kc_option *rows, const struct kc_option *option,
                                       const struct dress *dress)
{
    struct kc_json *json = kc_json_new_object();
    char *name = kc_printf("%s%s", dress->prefix, option->name);
    const char *def = dress->no_def || option->required ? NULL
                      : dress->def                      ? dress->def
                                                        : option->def;
    kc_json_put_string(json, "name", name);
    kc_json_put_string(json, "type", option->type->name);
    kc_json_put_bool(json, "required", option->required);
    kc_json_put(json, "default_value", kc_json_new_string(def));
    kc_json_put_string(json, "importance", importances[option->importance]);
    kc_json_put_string(json, "documentation", option->doc ? option->doc : "");
    kc_json_put(json, "group", kc_json_new_string(dress->group ? dress->group : option->group));
    kc_json_put_string(json, "width", widths[dress->bare ? KC_WIDTH_NONE : option->width]);
    kc_json_put_string(json, "display_name",
                       option->display && !dress->bare ? option->display : option->name);
    kc_json_put(json, "dependents", kc_json_new_array());
    kc_json_put_int(json, "order", dress->order == -2 ? order_of(rows, option) : dress->order);
    free(name);
    return json;
}

/* A list of texts that are separated by commas; NULL: none. */
static struct kc_json *show_texts(const char *texts)
{
    struct kc_json *list = kc_json_new_array();
    struct kc_text rest = kc_text(texts), piece;
    while (rest.ptr && kc_text_split(&rest, ',', &piece))
        kc_json_add(list, kc_json_new_text(kc_text_trim(piece)));
    return list;
}

/* A setting of a plug-in that has a list of its own. */
static struct kc_json *show_listed(const struct kc_option *option, const struct kc_listed *listed,
                                   const char *group, int order)
{
    struct kc_json *json = kc_json_new_object();
    const char *def = listed->def ? (*listed->def ? listed->def : NULL) : option ? option->def : NULL;
    kc_json_put_string(json, "name", listed->name);
    kc_json_put_string(json, "type", listed->type);
    kc_json_put_bool(json, "required", false);
    kc_json_put(json, "default_value", kc_json_new_string(def));
    kc_json_put_string(json, "importance", importances[listed->importance]);
    kc_json_put_string(json, "documentation", option && option->doc ? option->doc : "");
    kc_json_put_string(json, "group", group);
    kc_json_put_string(json, "width", widths[listed->width]);
    kc_json_put_string(json, "display_name", listed->display);
    kc_json_put(json, "dependents", show_texts(listed->dependents));
    kc_json_put_int(json, "order", order);
    return json;
}

/* Walks the list: true while there is a row; *group and *order are its. */
static bool next_listed(const struct kc_listed **row, const char **group, int *order)
{
    for (; (*row)->group; (*row)++) {
        *group = (*row)->group;
        *order = 0;
    }
    *order += !(*row)->alias;
    return (*row)->name;
}

static void add_listed(struct kc_json *list, const struct kc_plugin *plugin)
{
    const char *group = NULL;
    int order = 0;
    for (const struct kc_listed *row = plugin->listed; next_listed(&row, &group, &order); row++)
        kc_json_add(list, show_listed(kc_options_find(plugin->options, row->name), row, group, order));
}

static void add_definitions(struct kc_json *list, const struct kc_plugin *plugin,
                            const struct kc_option *rows)
{
    for (const struct kc_option *row = rows; row && row->name; row++) {
        struct dress dress = PLAIN;
        if (strcmp(row->name, "connector.plugin.version") == 0)
            dress.def = plugin->version;
        if (is_shown(row))
            kc_json_add(list, show_definition(rows, row, &dress));
    }
}

struct kc_json *validation_show_options(const struct kc_plugin *plugin)
{
    struct kc_json *list = kc_json_new_array();
    if (plugin->listed)
        add_listed(list, plugin);
    else
        add_definitions(list, plugin, plugin->options);
    if (plugin->kind == KC_SOURCE || plugin->kind == KC_SINK)
        add_definitions(list, plugin, connector_options(plugin->kind));
    return list;
}

/* ---- values ---- */

static void add_group(struct show *show, const char *group)
{
    for (size_t i = 0; i < kc_json_count(show->groups); i++)
        if (!group || strcmp(kc_json_string(kc_json_at(show->groups, i)), group) == 0)
            return;
    if (group)
        kc_json_add(show->groups, kc_json_new_string(group));
}

static struct kc_json *take_errors(struct show *show, const char *setting)
{
    const struct kc_findings *findings = &show->v->findings;
    struct kc_json *errors = kc_json_new_array();
    for (size_t i = 0; i < findings->len; i++) {
        const struct kc_finding *finding = &findings->items[i];
        /* What a plug-in finds about no setting in particular stands with the class. */
        const char *about = finding->setting ? finding->setting : "connector.class";
        if (finding->severity != KC_ERROR || show->taken[i] || strcmp(about, setting) != 0)
            continue;
        show->taken[i] = true;
        kc_json_add(errors, kc_json_new_string(finding->text));
    }
    return errors;
}

static struct kc_json *recommend_names(const struct kc_option *option)
{
    struct kc_json *list = kc_json_new_array();
    for (const struct kc_enum_name *name = option->names; name && name->name; name++)
        kc_json_add(list, kc_json_new_string(name->name));
    return list;
}

static void add_row(struct show *show, struct kc_json *definition, const char *name,
                    const char *text, struct kc_json *recommended, bool visible)
{
    struct kc_json *row = kc_json_new_object(), *value = kc_json_new_object();
    kc_json_put_string(value, "name", name);
    kc_json_put(value, "value", kc_json_new_string(text));
    kc_json_put(value, "recommended_values", recommended);
    kc_json_put(value, "errors", take_errors(show, name));
    kc_json_put_bool(value, "visible", visible);
    kc_json_put(row, "definition", definition);
    kc_json_put(row, "value", value);
    kc_json_add(show->configs, row);
}

/* A class shows by its full name; one that does not exist does not show. */
static char *show_class(enum kc_plugin_kind kind, const char *text)
{
    if (!text)
        return NULL;
    int which = 0;
    const struct kc_plugin *plugin = registry_find(kind, text, &which);
    if (plugin)
        return kc_strdup(plugin->java_classes[which]);
    for (size_t i = 0; i < registry_count(); i++)
        if (registry_find(registry_at(i)->kind, text, NULL) == registry_at(i))
            return kc_strdup(registry_at(i)->java_classes[0]);
    return strncmp(text, "java.", 5) == 0 ? kc_strdup(text) : NULL;
}

static char *value_of(const struct kc_option *option, const struct kc_props *props,
                      const struct dress *dress)
{
    if (dress->has_value)
        return kc_strdup(dress->value);
    if (!kc_props_has(props, option->name) && dress->def)
        return kc_strdup(dress->def);
    return kc_option_show(option, props);
}

static void show_option(struct show *show, const struct kc_option *rows,
                        const struct kc_option *option, const struct kc_props *props,
                        const struct dress *dress)
{
    char *name = kc_printf("%s%s", dress->prefix, option->name);
    char *text = value_of(option, props, dress);
    add_group(show, dress->group ? dress->group : option->group);
    add_row(show, show_definition(rows, option, dress), name, text, recommend_names(option),
            !dress->invisible);
    free(text);
    free(name);
}

/* Of a plug-in that has a list of its own. Values are not repeated there. */
static void show_listed_rows(struct show *show)
{
    const struct kc_plugin *plugin = show->v->plugin;
    const char *group = NULL;
    int order = 0;
    for (const struct kc_listed *row = plugin->listed; next_listed(&row, &group, &order); row++) {
        const struct kc_option *option = kc_options_find(plugin->options, row->name);
        add_group(show, group);
        add_row(show, show_listed(option, row, group, order), row->name, NULL,
                show_texts(option && option->names ? option->valid : NULL), !row->invisible);
    }
}

/* ---- the runtime's rows ---- */

static const struct kc_plugin *effective_converter(const struct validation *v, const char *setting)
{
    const char *name = kc_props_get(&v->props, setting);
    if (!name)
        name = strcmp(setting, "key.converter") == 0     ? v->worker->key_converter
               : strcmp(setting, "value.converter") == 0 ? v->worker->value_converter
                                                         : v->worker->header_converter;
    return registry_find(KC_CONVERTER, name, NULL);
}

static const char *worker_class(const struct validation *v, const char *setting)
{
    const char *name = strcmp(setting, "key.converter") == 0     ? v->worker->key_converter
                       : strcmp(setting, "value.converter") == 0 ? v->worker->value_converter
                                                                 : v->worker->header_converter;
    const struct kc_plugin *plugin = registry_find(KC_CONVERTER, name, NULL);
    return plugin ? plugin->java_classes[0] : name;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void dress_converter(const struct validation *v, const struct kc_option *row,
                            struct dress *dress, char **text)
{
    dress->no_def = v->wrong_version;
    if (ends_with(row->name, ".plugin.version")) {
        char *setting = kc_strndup(row->name, strlen(row->name) - strlen(".plugin.version"));
        const struct kc_plugin *plugin = effective_converter(v, setting);
        char *class_name = show_class(KC_CONVERTER, kc_props_get(&v->props, setting));
        dress->def = plugin && !v->wrong_version ? plugin->version : NULL;
        dress->no_def = !dress->def;
        dress->invisible = v->wrong_version || (kc_props_has(&v->props, setting) && !class_name);
        free(class_name);
        free(setting);
    } else if (!v->wrong_version) {
        dress->def = worker_class(v, row->name);
        *text = show_class(KC_CONVERTER, kc_props_get(&v->props, row->name));
        dress->has_value = kc_props_has(&v->props, row->name);
        dress->value = *text;
    }
}

/* A name is trimmed before it is used. */
static void dress_name(const struct validation *v, struct dress *dress, char **text)
{
    const char *given = kc_props_get(&v->props, "name");
    if (!given)
        return;
    struct kc_text name = kc_text_trim(kc_text(given));
    *text = kc_strndup(name.ptr, name.len);
    dress->value = *text;
    dress->has_value = true;
}

static void show_runtime_rows(struct show *show)
{
    const struct validation *v = show->v;
    const struct kc_option *rows = connector_options(v->plugin->kind);
    for (const struct kc_option *row = rows; row->name; row++) {
        struct dress dress = PLAIN;
        char *text = NULL;
        if (strcmp(row->name, "connector.plugin.version") == 0)
            dress.def = v->plugin->version;
        else if (strstr(row->name, ".converter"))
            dress_converter(v, row, &dress, &text);
        else if (strcmp(row->name, "name") == 0)
            dress_name(v, &dress, &text);
        if (is_shown(row))
            show_option(show, rows, row, &v->props, &dress);
        free(text);
        if (v->wrong_version && strcmp(row->name, "errors.log.include.messages") == 0)
            break;
    }
}

/* ---- transforms and converters ---- */

#define OPTIONS_OF struct connector_config
static const struct kc_option transform_type =
    OPT_CLASS("type", connector_class, .required = true, .importance = KC_HIGH,
              .width = KC_WIDTH_LONG, .doc = "Class of the transform.");
static const struct kc_option transform_version =
    OPT_STRING("plugin.version", connector_class, .importance = KC_HIGH, .width = KC_WIDTH_LONG,
               .doc = "Version, or range of versions, that the transform must have.");
static const struct kc_option transform_negate =
    OPT_BOOL("negate", tasks_max_enforce, .def = "false", .importance = KC_MEDIUM,
             .doc = "Apply the transform where its predicate is false.");
static const struct kc_option transform_predicate =
    OPT_STRING("predicate", connector_class, .importance = KC_MEDIUM,
               .doc = "Name of the predicate that decides where the transform applies.");
#undef OPTIONS_OF

static int importance_rank(const struct kc_option *option)
{
    return option->importance == KC_HIGH ? 0 : option->importance == KC_MEDIUM ? 1 : 2;
}

/* As the original lists the settings of a transform. */
static int compare_rows(const void *a, const void *b)
{
    const struct kc_option *x = *(const struct kc_option *const *)a,
                           *y = *(const struct kc_option *const *)b;
    if (x->required != y->required)
        return x->required ? -1 : 1;
    int ranks = importance_rank(x) - importance_rank(y);
    return ranks ? ranks : strcmp(x->name, y->name);
}

static size_t list_rows(const struct kc_option *rows, const struct kc_option ***list)
{
    size_t len = 0;
    while (rows && rows[len].name)
        len++;
    *list = kc_calloc(len + 2, sizeof **list);
    len = 0;
    for (const struct kc_option *row = rows; row && row->name; row++)
        if (is_shown(row))
            (*list)[len++] = row;
    return len;
}

static void show_transform_heads(struct show *show, const struct connector_part *part,
                                 const char *group, const struct kc_props *own)
{
    char *type_label = kc_printf("Transformation type for %s", part->alias);
    char *version_label = kc_printf("Transformation version for %s", part->alias);
    char *text = show_class(KC_TRANSFORM, kc_props_get(&show->v->props, part->class_setting));
    struct kc_option type = transform_type, version = transform_version;
    struct dress dress = {
        .prefix = part->prefix, .group = group, .order = 0, .value = text, .has_value = true
    };
    type.display = type_label;
    version.display = version_label;
    show_option(show, NULL, &type, own, &dress);
    dress = (struct dress){ .prefix = part->prefix,
                            .group = group,
                            .order = 1,
                            .def = part->plugin ? part->plugin->version : NULL };
    show_option(show, NULL, &version, own, &dress);
    free(text);
    free(type_label);
    free(version_label);
}

static void show_transform(struct show *show, const struct connector_part *part)
{
    struct kc_props own = { .map.count = 0 };
    char *group = kc_printf("Transforms: %s", part->alias);
    kc_props_with_prefix(&show->v->props, part->prefix, &own);
    show_transform_heads(show, part, group, &own);
    if (part->plugin) {
        const struct kc_option **rows;
        size_t len = list_rows(part->plugin->options, &rows);
        rows[len++] = &transform_negate;
        rows[len++] = &transform_predicate;
        qsort(rows, len, sizeof *rows, compare_rows);
        for (size_t i = 0; i < len; i++) {
            struct dress dress = {
                .prefix = part->prefix, .group = group, .order = (int)i + 2, .bare = true
            };
            show_option(show, NULL, rows[i], &own, &dress);
        }
        free(rows);
    }
    kc_props_clear(&own);
    free(group);
}

/* Place of a name in a small java.util.HashMap: converter settings are listed in that order. */
static unsigned java_bucket(const char *name)
{
    uint32_t hash = 0;
    for (; *name; name++)
        hash = 31 * hash + (unsigned char)*name;
    return (hash ^ hash >> 16) & 15;
}

static int compare_buckets(const void *a, const void *b)
{
    const struct kc_option *x = *(const struct kc_option *const *)a,
                           *y = *(const struct kc_option *const *)b;
    unsigned m = java_bucket(x->name), n = java_bucket(y->name);
    return m != n ? (m < n ? -1 : 1) : strcmp(x->name, y->name);
}

static bool has_error(const struct show *show, const char *setting)
{
    const struct kc_findings *findings = &show->v->findings;
    for (size_t i = 0; i < findings->len; i++)
        if (findings->items[i].severity == KC_ERROR && findings->items[i].setting &&
            strcmp(findings->items[i].setting, setting) == 0)
            return true;
    return false;
}

static void show_converter(struct show *show, const struct connector_part *part)
{
    struct kc_props own = { .map.count = 0 };
    const struct kc_option **rows;
    if (!part->plugin || has_error(show, part->class_setting))
        return;
    connector_part_props(part, &show->v->props, &own);
    size_t len = list_rows(part->plugin->options, &rows);
    qsort(rows, len, sizeof *rows, compare_buckets);
    for (size_t i = 0; i < len; i++) {
        struct dress dress = { .prefix = part->prefix, .order = -2 };
        show_option(show, part->plugin->options, rows[i], &own, &dress);
    }
    free(rows);
    kc_props_clear(&own);
}

/* ---- everything ---- */

static void show_null_settings(struct show *show)
{
    const struct validation *v = show->v;
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(&v->props, &at, &name, &value))
        if (!value && !kc_options_find(connector_options(v->plugin->kind), name) &&
            !kc_options_find(v->plugin->options, name))
            add_row(show, kc_json_new_null(), name, NULL, kc_json_new_array(), true);
}

static const char *raw_value(const struct validation *v, const char *setting)
{
    const char *value = kc_props_get(&v->props, setting);
    return value && validation_hides(setting) ? "[hidden]" : value;
}

/* An override of a client setting: its row where there is one. */
static void show_override(struct show *show, const struct kc_option *rows, const char *prefix,
                          const struct kc_props *own, const char *name)
{
    const struct kc_option *row = kc_options_find(rows, name);
    char *full = kc_printf("%s%s", prefix, name);
    struct dress dress = { .prefix = prefix, .order = -2 };
    if (row)
        show_option(show, rows, row, own, &dress);
    else
        add_row(show, kc_json_new_null(), full, raw_value(show->v, full), kc_json_new_array(), true);
    free(full);
}

/* Of the client that the connector's tasks have. */
static void show_overrides(struct show *show)
{
    bool sink = show->v->plugin->kind == KC_SINK;
    const char *prefix = sink ? "consumer.override." : "producer.override.";
    struct kc_props own = { .map.count = 0 };
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    kc_props_with_prefix(&show->v->props, prefix, &own);
    while (kc_props_next(&own, &at, &name, &value))
        if (value)
            show_override(show, sink ? client_consumer_rows : client_producer_rows, prefix, &own, name);
    kc_props_clear(&own);
}

/* Errors about settings that stand in no list (refused ones). */
static void show_rest(struct show *show)
{
    const struct kc_findings *findings = &show->v->findings;
    for (size_t i = 0; i < findings->len; i++)
        if (findings->items[i].severity == KC_ERROR && !show->taken[i])
            add_row(show, kc_json_new_null(), findings->items[i].setting,
                    raw_value(show->v, findings->items[i].setting), kc_json_new_array(), true);
}

static void show_all(struct show *show)
{
    const struct validation *v = show->v;
    struct connector_part *parts;
    size_t count = connector_parts(&v->config, &v->props, &parts);
    show_null_settings(show);
    show_runtime_rows(show);
    for (size_t i = 0; i < count; i++)
        if (parts[i].kind == KC_TRANSFORM)
            show_transform(show, &parts[i]);
    const struct kc_option *rows = v->plugin->listed ? NULL : v->plugin->options;
    for (const struct kc_option *row = rows; row && row->name; row++)
        if (is_shown(row) && !v->wrong_version)
            show_option(show, rows, row, &v->props, &PLAIN);
    if (v->plugin->listed && !v->wrong_version)
        show_listed_rows(show);
    show_overrides(show);
    for (size_t i = 0; i < count && !v->wrong_version; i++)
        if (parts[i].kind == KC_CONVERTER)
            show_converter(show, &parts[i]);
    show_rest(show);
    connector_parts_free(parts, count);
}

struct kc_json *validation_show(const struct validation *v)
{
    struct kc_json *json = kc_json_new_object();
    struct show show = { .v = v, .configs = kc_json_new_array(), .groups = kc_json_new_array() };
    show.taken = kc_calloc(v->findings.len + 1, sizeof *show.taken);
    show_all(&show);
    kc_json_put_string(json, "name", kc_props_get(&v->props, "connector.class"));
    kc_json_put_int(json, "error_count", (int64_t)validation_errors(v));
    kc_json_put(json, "groups", show.groups);
    kc_json_put(json, "configs", show.configs);
    free(show.taken);
    return json;
}
