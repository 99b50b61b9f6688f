#include "sources/common/topic_strategy.h"

#include <stdlib.h>
#include <string.h>

#include "sources/common/topic_name.h"

static const struct strategy_name {
    const char *name; /* behind its package */
    bool by_database, unicode, regex;
} names[] = {
    {"SchemaTopicNamingStrategy", false, false, false},
    {"DefaultTopicNamingStrategy", true, false, false},
    {"SchemaUnicodeTopicNamingStrategy", false, true, false},
    {"DefaultUnicodeTopicNamingStrategy", true, true, false},
    {"SchemaRegexTopicNamingStrategy", false, false, true},
    {"DefaultRegexTopicNamingStrategy", true, false, true},
};
#define PACKAGE "io.debezium.schema."

static const struct strategy_name *find_strategy(const char *class)
{
    if (strncmp(class, PACKAGE, strlen(PACKAGE)) == 0)
        class += strlen(PACKAGE);
    else if (strchr(class, '.'))
        return NULL;
    for (size_t i = 0; i < KC_COUNT(names); i++)
        if (strcmp(class, names[i].name) == 0)
            return &names[i];
    return NULL;
}

static bool is_blank(const char *text)
{
    return !text || !kc_text_trim(kc_text(text)).len;
}

static struct kc_error *check_names(const struct topic_settings *settings)
{
    const struct {
        const char *setting, *text;
    } parts[] = {
        {"topic.delimiter", settings->delimiter},
        {"topic.transaction", settings->transaction},
        {"topic.heartbeat.prefix", settings->heartbeat_prefix},
        {"topic.heartbeat.name",
         is_blank(settings->heartbeat_name) ? "-" : settings->heartbeat_name},
    };
    for (size_t i = 0; i < KC_COUNT(parts); i++)
        if (!*parts[i].text || !topic_name_fits(parts[i].text))
            return kc_fail(KC_BAD_CONFIG,
                           "The '%s' value is invalid: %s has invalid format (only the underscore, "
                           "hyphen, dot and alphanumeric characters are allowed)",
                           parts[i].setting, parts[i].text);
    return NULL;
}

/* A pattern and its replacement, which needs to be there if the pattern is. */
static struct kc_error *make_regex(const char *setting, const char *pattern,
                                   const char *replacement, struct kc_regex **regex)
{
    struct kc_error *err = kc_regex_new(pattern, false, regex);
    if (err)
        return kc_while(err, "while reading %s.regex", setting);
    if (is_blank(replacement))
        return kc_fail(KC_BAD_CONFIG,
                       "The '%s.replacement' value is invalid: %s.replacement must be non-empty if "
                       "%s.regex is set.",
                       setting, setting, setting);
    return NULL;
}

static struct kc_error *init(struct topic_strategy *strategy, const struct strategy_name *name)
{
    const struct topic_settings *settings = &strategy->settings;
    strategy->by_database = name->by_database;
    strategy->unicode = name->unicode;
    struct kc_error *err = check_names(settings);
    if (err || !name->regex)
        return err;
    if (!settings->regex)
        return kc_fail(KC_BAD_CONFIG, "The 'topic.regex' value is invalid: A value is required");
    err = make_regex("topic", settings->regex, settings->replacement, &strategy->regex);
    if (!err && !is_blank(settings->key_regex))
        err = make_regex("topic.key.field", settings->key_regex, settings->key_replacement,
                         &strategy->key_regex);
    return err;
}

#define JAVA_ERROR "java.lang.IllegalArgumentException"

struct kc_error *topic_strategy_init(struct topic_strategy *strategy,
                                     const struct topic_settings *settings)
{
    const struct strategy_name *name = find_strategy(settings->strategy);
    *strategy = (struct topic_strategy){.settings = *settings};
    if (!name)
        return kc_while_as(
            kc_fail(
                KC_BAD_CONFIG,
                "The class of topic.naming.strategy is not known, and Java code can't be loaded "
                "here. Use one of Debezium's strategies, such as " PACKAGE
                "SchemaRegexTopicNamingStrategy with topic.regex and topic.replacement."),
            JAVA_ERROR, "Unable to find class %s", settings->strategy);
    struct kc_error *err = init(strategy, name);
    return err ? kc_while_as(err, JAVA_ERROR, "Call to constructor of class %s failed",
                             settings->strategy)
               : NULL;
}

void topic_strategy_clear(struct topic_strategy *strategy)
{
    kc_regex_free(strategy->regex);
    kc_regex_free(strategy->key_regex);
    *strategy = (struct topic_strategy){0};
}

/* The names joined, before any character is replaced. */
static char *join(const struct topic_strategy *strategy, const char *schema, const char *table)
{
    const struct topic_settings *settings = &strategy->settings;
    if (strategy->by_database || is_blank(schema))
        return kc_printf("%s%s%s", settings->prefix, settings->delimiter, table);
    return kc_printf("%s%s%s%s%s", settings->prefix, settings->delimiter, schema,
                     settings->delimiter, table);
}

/* `name` (taken) rewritten where the whole of it matches. */
static struct kc_error *rewrite(const struct kc_regex *regex, const char *replacement, char *name,
                                const char *setting, char **result)
{
    *result = name;
    if (!regex || !kc_regex_matches(regex, kc_text(name)))
        return NULL;
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_text text;
    struct kc_error *err =
        kc_regex_replace(regex, kc_text(name), replacement, false, &arena, &text);
    if (!err && text.len) {
        *result = kc_strndup(text.ptr, text.len);
        free(name);
    }
    kc_arena_clear(&arena);
    return err ? kc_while(err, "while replacing %s by %s", name, setting) : NULL;
}

struct kc_error *topic_strategy_table(const struct topic_strategy *strategy, const char *schema,
                                      const char *table, char **topic)
{
    char *joined = join(strategy, schema, table);
    char *clean = strategy->unicode ? topic_name_unicode(joined) : topic_name_clean(joined);
    free(joined);
    struct kc_error *err =
        rewrite(strategy->regex, strategy->settings.replacement, clean, "topic.replacement", topic);
    if (err) {
        free(*topic);
        *topic = NULL;
    }
    return err;
}

const char *topic_strategy_key_field(const struct topic_strategy *strategy)
{
    return strategy->regex && strategy->settings.key_unique ? strategy->settings.key_field : NULL;
}

struct kc_error *topic_strategy_key_value(const struct topic_strategy *strategy, const char *schema,
                                          const char *table, char **value)
{
    struct kc_error *err =
        rewrite(strategy->key_regex, strategy->settings.key_replacement,
                join(strategy, schema, table), "topic.key.field.replacement", value);
    if (err) {
        free(*value);
        *value = NULL;
    }
    return err;
}
