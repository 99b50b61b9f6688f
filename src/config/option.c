#include "config/option.h"

#include <stdlib.h>
#include <string.h>

static bool is_prefix(const struct kc_option *option)
{
    return option->type == &kc_type_prefix ||
           (option->type == &kc_type_refused && option->name[strlen(option->name) - 1] == '.');
}

static bool matches_prefix(const struct kc_option *option, const char *name)
{
    return is_prefix(option) && strncmp(name, option->name, strlen(option->name)) == 0;
}

const struct kc_option *kc_options_find(const struct kc_option *options, const char *name)
{
    const struct kc_option *prefix = NULL;
    for (const struct kc_option *option = options; option->name; option++) {
        if (strcmp(option->name, name) == 0)
            return option;
        if (!prefix && matches_prefix(option, name))
            prefix = option;
    }
    return prefix;
}

static void *field_of(const struct kc_option *option, void *config)
{
    return (char *)config + option->offset;
}

/* Does `refuse` apply to that value? */
static bool is_refused(const struct kc_option *option, const char *text)
{
    struct kc_text value = kc_text_trim(kc_text(text)), piece;
    if (!option->refuse)
        return false;
    if (!option->refuse_values)
        return !option->def || !kc_text_is(value, option->def);
    struct kc_text rest = kc_text(option->refuse_values);
    while (kc_text_split(&rest, '|', &piece))
        if (kc_text_equal(piece, value))
            return true;
    return false;
}

static void find_refused(const struct kc_option *option, const char *text,
                         struct kc_findings *findings)
{
    if (option->refuse_values)
        kc_find(findings, KC_ERROR, option->name,
                "Invalid value %s for configuration %s: not supported here. %s",
                option->type->secret ? "[hidden]" : text, option->name, option->refuse);
    else
        kc_find(findings, KC_ERROR, option->name, "The setting %s is not supported here. %s",
                option->name, option->refuse);
}

/* What the original says of a number out of its bounds, or NULL. */
static char *range_message(const struct kc_option *option, const void *field)
{
    bool wide = option->type == &kc_type_long;
    int64_t number = wide ? *(const int64_t *)field : *(const int *)field;
    bool low = number < option->min;
    if (!low && number <= option->max)
        return NULL;
    KC_AUTO_BUF text = { 0 };
    kc_buf_str(&text, "Invalid value ");
    kc_buf_int(&text, number);
    kc_buf_printf(&text, " for configuration %s: Value must be ", option->name);
    kc_buf_str(&text, low ? "at least " : "no more than ");
    kc_buf_int(&text, low ? option->min : option->max);
    return kc_buf_take(&text);
}

/* Takes the message. */
static void find_message(const struct kc_option *option, char *message,
                         struct kc_findings *findings)
{
    kc_find(findings, KC_ERROR, option->name, "%s", message);
    free(message);
}

static void read_text(const struct kc_option *option, const char *text, bool given, void *config,
                      struct kc_findings *findings)
{
    void *field = field_of(option, config);
    char *message = option->type->parse(option, text, field);
    if (message && option->lenient) {
        kc_find(findings, KC_WARN, option->name, "%s. %s is used.", message, option->def);
        free(message);
        free(option->type->parse(option, option->def, field));
        return;
    }
    if (message) {
        find_message(option, message, findings);
        if (option->type->checks_anyway && option->check &&
            (message = option->check(option, text)))
            find_message(option, message, findings);
        /* The original goes on to validate the value it has not got. */
        if (option->ranged)
            kc_find(findings, KC_ERROR, option->name,
                    "Invalid value null for configuration %s: Value must be non-null",
                    option->name);
        return;
    }
    if (option->ranged && given)
        message = range_message(option, field);
    if (!message && option->check && given)
        message = option->check(option, text);
    if (message)
        find_message(option, message, findings);
}

static void read_prefix(const struct kc_option *options, const struct kc_option *option,
                        const struct kc_props *props, void *config, struct kc_findings *findings)
{
    size_t len = strlen(option->name);
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value)) {
        if (kc_options_find(options, name) != option)
            continue;
        if (option->type == &kc_type_refused)
            kc_find(findings, KC_ERROR, name, "The setting %s is not supported here. %s", name,
                    option->refuse);
        else
            kc_props_set(field_of(option, config), name + len, value);
    }
}

/* Is it NAME.something of one of the names? */
static bool belongs_to(const struct kc_list *names, const char *setting)
{
    for (size_t i = 0; i < names->len; i++) {
        size_t len = strlen(names->items[i]);
        if (len && strncmp(setting, names->items[i], len) == 0 && setting[len] == '.')
            return true;
    }
    return false;
}

static void read_named(const struct kc_option *option, const struct kc_props *props, void *config)
{
    struct kc_named *named = field_of(option, config);
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value))
        if (belongs_to(&named->names, name))
            kc_props_set(&named->settings, name, value);
}

/* A setting that is given and changes nothing is never passed over in silence. */
static void find_no_effect(const struct kc_option *option, const char *text,
                           struct kc_findings *findings)
{
    if (option->no_effect && !(option->def && kc_text_is(kc_text_trim(kc_text(text)), option->def)))
        kc_find(findings, KC_WARN, option->name, "The setting %s has no effect: %s.", option->name,
                option->no_effect);
}

static void read_value(const struct kc_option *option, const char *text, void *config,
                       struct kc_findings *findings)
{
    if (text && is_refused(option, text)) {
        find_refused(option, text, findings);
    } else if (option->type == &kc_type_refused) {
        return;
    } else if (text) {
        find_no_effect(option, text, findings);
        read_text(option, text, true, config, findings);
    } else if (option->required && option->type->missing) {
        find_message(option, option->type->missing(option), findings);
    } else if (option->required) {
        kc_find(findings, KC_ERROR, option->name,
                "Missing required configuration \"%s\" which has no default value.", option->name);
    } else if (option->def) {
        read_text(option, option->def, false, config, findings);
    }
}

static void read_option(const struct kc_option *option, const struct kc_props *props, void *config,
                        struct kc_findings *findings)
{
    const char *text = kc_props_get(props, option->name);
    read_value(option, text, config, findings);
    if (option->type == &kc_type_named)
        read_named(option, props, config);
    char *message = option->check_with ? option->check_with(option, text, props) : NULL;
    if (message)
        find_message(option, message, findings);
}

bool kc_options_read(const struct kc_option *options, const struct kc_props *props, void *config,
                     struct kc_findings *findings)
{
    size_t before = kc_findings_errors(findings);
    for (const struct kc_option *option = options; option->name; option++) {
        if (is_prefix(option))
            read_prefix(options, option, props, config, findings);
        else
            read_option(option, props, config, findings);
    }
    return kc_findings_errors(findings) == before;
}

void kc_options_clear(const struct kc_option *options, void *config)
{
    for (const struct kc_option *option = options; option->name; option++)
        if (option->type->clear)
            option->type->clear(field_of(option, config));
}

/* ---- names that nobody knows ---- */

/* Does it belong to a name that another setting gives? */
static bool is_named(const struct kc_option *options, const struct kc_props *props,
                     const char *name)
{
    bool found = false;
    for (const struct kc_option *option = options; option->name && !found; option++) {
        struct kc_named named = { 0 };
        const char *text = option->type == &kc_type_named ? kc_props_get(props, option->name) : NULL;
        if (!text)
            continue;
        free(kc_type_named.parse(option, text, &named));
        found = belongs_to(&named.names, name);
        kc_type_named.clear(&named);
    }
    return found;
}

static bool is_known(const struct kc_option *const *tables, const struct kc_props *props,
                     const char *name)
{
    for (; *tables; tables++)
        if (kc_options_find(*tables, name) || is_named(*tables, props, name))
            return true;
    return false;
}

/* The nearest name of all tables that is near enough to be a slip of the finger, or NULL. */
static const char *nearest(const struct kc_option *const *tables, const char *name)
{
    unsigned best = (unsigned)strlen(name) / 4;
    if (best > 4)
        best = 4;
    if (best < 1)
        best = 1;
    const char *found = NULL;
    for (; *tables; tables++) {
        for (const struct kc_option *option = *tables; option->name; option++) {
            if (option->hidden || is_prefix(option))
                continue;
            unsigned distance = kc_text_distance(kc_text(name), kc_text(option->name), best);
            if (distance > best || (found && distance == best))
                continue;
            best = distance;
            found = option->name;
        }
    }
    return found;
}

void kc_options_unknown(const struct kc_option *const *tables, const struct kc_props *props,
                        struct kc_findings *findings)
{
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value)) {
        if (is_known(tables, props, name))
            continue;
        const char *near = nearest(tables, name);
        if (near)
            kc_find(findings, KC_WARN, name,
                    "The setting %s is not known and is ignored. Did you mean %s?", name, near);
        else
            kc_find(findings, KC_WARN, name, "The setting %s is not known and is ignored.", name);
    }
}
