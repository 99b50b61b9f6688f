/* RegexRouter: gives a record another topic by a regular expression over its name. */
#include "base/regex.h"
#include "plugin/transform.h"

#define OPTIONS_OF struct regex_router_config

struct regex_router_config {
    char *regex, *replacement;
};

struct regex_router {
    struct kc_transform transform;
    struct kc_regex *regex;
};

/* The text that the original gives, once the pattern's own error is known. */
static char *regex_router_check(const struct kc_option *option, const char *text)
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

static const struct kc_option regex_router_options[] = {
    OPT_STRING(
        "regex", regex, .required = true, .importance = KC_HIGH, .order = -1,
        .check = regex_router_check, .valid = "valid regex",
        .doc = "A topic whose whole name matches this expression gets the new name; others stay."),
    OPT_STRING("replacement", replacement, .required = true, .importance = KC_HIGH, .order = -1,
               .doc = "The new name; `$1` or `${name}` stand for groups of the expression."),
    OPT_END
};

static struct kc_error *regex_router_open(struct kc_transform *transform)
{
    const struct regex_router_config *config = transform->config;

    return kc_regex_new(config->regex, false, &((struct regex_router *)transform)->regex);
}

static struct kc_error *regex_router_apply(struct kc_transform *transform, struct kc_record *record,
                                           struct kc_arena *arena)
{
    const struct regex_router *router = (struct regex_router *)transform;
    const struct regex_router_config *config = transform->config;
    struct kc_text topic;

    if (!kc_regex_matches(router->regex, kc_text(record->topic)))
        return NULL;
    struct kc_error *err = kc_regex_replace(router->regex, kc_text(record->topic),
                                            config->replacement, false, arena, &topic);
    if (!err)
        record->topic = topic.ptr;
    return err;
}

static void regex_router_close(struct kc_transform *transform)
{
    struct regex_router *router = (struct regex_router *)transform;

    kc_regex_free(router->regex);
    router->regex = NULL;
}

static const char *const regex_router_classes[] = {
    "org.apache.kafka.connect.transforms.RegexRouter", NULL
};

static const struct kc_transform_ops regex_router_ops = {
    .size = sizeof(struct regex_router),
    .open = regex_router_open,
    .apply = regex_router_apply,
    .close = regex_router_close,
};

extern const struct kc_plugin kc_plugin_regex_router_transform;
const struct kc_plugin kc_plugin_regex_router_transform = {
    .abi = KC_ABI,
    .kind = KC_TRANSFORM,
    .name = "regex-router",
    .version = KC_CONNECT_VERSION,
    .about = "Changes the topic of records by a regular expression.",
    .java_classes = regex_router_classes,
    .config_size = sizeof(struct regex_router_config),
    .options = regex_router_options,
    .transform = &regex_router_ops,
};
KC_PLUGIN_EXPORT(kc_plugin_regex_router_transform);
