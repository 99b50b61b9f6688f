#include "sources/common/settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sources/common/filter.h"

char *settings_invalid(const struct kc_option *option, const char *why)
{
    return kc_printf("The '%s' value is invalid: %s", option->name, why);
}

static char *missing(const struct kc_option *option)
{
    return settings_invalid(option, "A value is required");
}

static char *parse_string(const struct kc_option *option, const char *text, void *field)
{
    if (option->required && !kc_text_trim(kc_text(text)).len)
        return missing(option);
    *(char **)field = kc_strdup(text);
    return NULL;
}

static void clear_string(void *field)
{
    free(*(char **)field);
    *(char **)field = NULL;
}

static char *parse_bool(const struct kc_option *option, const char *text, void *field)
{
    struct kc_text trimmed = kc_text_trim(kc_text(text));
    bool yes = trimmed.len == 4 && strncasecmp(trimmed.ptr, "true", 4) == 0;
    if (!yes && !(trimmed.len == 5 && strncasecmp(trimmed.ptr, "false", 5) == 0))
        return settings_invalid(option, "Either 'true' or 'false' is expected");
    *(bool *)field = yes;
    return NULL;
}

/* What is not "true" is false, whatever it is: settings that the original does not check. */
static char *parse_loose_bool(const struct kc_option *option, const char *text, void *field)
{
    struct kc_text trimmed = kc_text_trim(kc_text(text));
    (void)option;
    *(bool *)field = trimmed.len == 4 && strncasecmp(trimmed.ptr, "true", 4) == 0;
    return NULL;
}

/* A number of so many bits. */
static char *parse_number(const struct kc_option *option, const char *text, void *field,
                          int64_t most, const char *why)
{
    int64_t number;
    if (!kc_text_int64(kc_text(text), &number) || number < -most - 1 || number > most)
        return settings_invalid(option, why);
    *(int *)field = (int)number;
    return NULL;
}

static char *parse_short(const struct kc_option *option, const char *text, void *field)
{
    return parse_number(option, text, field, INT16_MAX, "A short value is expected");
}

static char *parse_int(const struct kc_option *option, const char *text, void *field)
{
    return parse_number(option, text, field, INT32_MAX, "An integer is expected");
}

static char *parse_long(const struct kc_option *option, const char *text, void *field)
{
    if (!kc_text_int64(kc_text(text), field))
        return settings_invalid(option, "A long value is expected");
    return NULL;
}

static char *parse_enum(const struct kc_option *option, const char *text, void *field)
{
    struct kc_text trimmed = kc_text_trim(kc_text(text));
    for (const struct kc_enum_name *name = option->names; name->name; name++)
        if (strlen(name->name) == trimmed.len &&
            strncasecmp(name->name, trimmed.ptr, trimmed.len) == 0) {
            *(int *)field = name->value;
            return NULL;
        }
    char *why = kc_printf("Value must be one of %s", option->valid);
    char *message = settings_invalid(option, why);
    free(why);
    return message;
}

/* Identifiers joined by dots, as javax.lang.model's SourceVersion.isName wants them. */
static char *parse_class(const struct kc_option *option, const char *text, void *field)
{
    bool start = true, good = true;
    for (const char *p = text; good && *p; p++) {
        bool letter = (*p | 32) >= 'a' && (*p | 32) <= 'z';
        bool inner = letter || *p == '_' || *p == '$' || *p < 0 || (*p >= '0' && *p <= '9');
        good = *p == '.' ? !start : inner && !(start && *p >= '0' && *p <= '9');
        start = *p == '.';
    }
    if (!good || start)
        return settings_invalid(option, "A Java class name is expected");
    *(char **)field = kc_strdup(text);
    return NULL;
}

static void clear_number(void *field)
{
    (void)field;
}

/* The original validates a text by its type, then by the setting's own rule, and reports both. */
#define BY_BOTH true
const struct kc_option_type settings_string = {"STRING",     false,   parse_string,
                                               clear_string, missing, BY_BOTH};
const struct kc_option_type settings_password = {"PASSWORD",   true,    parse_string,
                                                 clear_string, missing, BY_BOTH};
const struct kc_option_type settings_bool = {"BOOLEAN",    false,   parse_bool,
                                             clear_number, missing, BY_BOTH};
const struct kc_option_type settings_loose_bool = {"BOOLEAN",    false,   parse_loose_bool,
                                                   clear_number, missing, BY_BOTH};
const struct kc_option_type settings_short = {"SHORT",      false,   parse_short,
                                              clear_number, missing, BY_BOTH};
const struct kc_option_type settings_int = {"INT",        false,   parse_int,
                                            clear_number, missing, BY_BOTH};
const struct kc_option_type settings_long = {"LONG",       false,   parse_long,
                                             clear_number, missing, BY_BOTH};
const struct kc_option_type settings_enum = {"STRING",     false,   parse_enum,
                                             clear_number, missing, BY_BOTH};
const struct kc_option_type settings_class = {"CLASS",      false,   parse_class,
                                              clear_string, missing, BY_BOTH};

/* ---- checks ---- */

static char *at_least(const struct kc_option *option, const char *text, int64_t low, int64_t high,
                      const char *why)
{
    int64_t number;
    if (kc_text_int64(kc_text(text), &number) && number >= low && number <= high)
        return NULL;
    return settings_invalid(option, why);
}

char *settings_is_bool(const struct kc_option *option, const char *text)
{
    bool flag;
    return parse_bool(option, text, &flag);
}

char *settings_is_int(const struct kc_option *option, const char *text)
{
    int number;
    return parse_int(option, text, &number);
}

char *settings_positive(const struct kc_option *option, const char *text)
{
    return at_least(option, text, 1, INT32_MAX, "A positive, non-zero integer value is expected");
}

char *settings_not_negative(const struct kc_option *option, const char *text)
{
    return at_least(option, text, 0, INT32_MAX, "An non-negative integer is expected");
}

char *settings_positive_long(const struct kc_option *option, const char *text)
{
    return at_least(option, text, 1, INT64_MAX, "A positive, non-zero long value is expected");
}

char *settings_not_negative_long(const struct kc_option *option, const char *text)
{
    return at_least(option, text, 0, INT64_MAX, "A non-negative long value is expected");
}

char *settings_patterns(const struct kc_option *option, const char *text)
{
    struct filter filter;
    struct kc_error *err = filter_init(&filter, text);
    filter_clear(&filter);
    if (!err)
        return NULL;
    char *why = kc_printf("A comma-separated list of valid regular expressions is expected, but %s",
                          err->text);
    char *message = settings_invalid(option, why);
    free(why);
    kc_error_free(err);
    return message;
}

char *settings_queue_size(const struct kc_option *option, const char *text)
{
    int number;
    char *message = parse_number(option, text, &number, INT32_MAX, "");
    if (!message && number <= 0)
        return settings_invalid(option, "A positive queue size is required");
    free(message);
    return NULL;
}

char *settings_host(const struct kc_option *option, const char *text)
{
    return kc_text_trim(kc_text(text)).len ? settings_name(option, text) : NULL;
}

char *settings_filled(const struct kc_option *option, const char *text)
{
    return kc_text_trim(kc_text(text)).len ? NULL : settings_invalid(option, "Must not be empty");
}

char *settings_pairs(const struct kc_option *option, const char *text)
{
    struct kc_text rest = kc_text_trim(kc_text(text)), piece, name;
    while (rest.len && kc_text_split(&rest, ',', &piece)) {
        bool good = kc_text_split(&piece, '=', &name) && piece.ptr && kc_text_trim(name).len &&
                    kc_text_trim(piece).len && !memchr(piece.ptr, '=', piece.len);
        if (!good)
            return settings_invalid(option,
                                    "A equivalent-separated map of valid key/value pairs is "
                                    "expected, for example: k1=v1,k2=v2");
    }
    return NULL;
}

char *settings_name(const struct kc_option *option, const char *text)
{
    const char *good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    if (*text && text[strspn(text, good)] == '\0')
        return NULL;
    char *why =
        kc_printf("%s has invalid format (only the underscore, hyphen, dot and alphanumeric "
                  "characters are allowed)",
                  text);
    char *message = settings_invalid(option, why);
    free(why);
    return message;
}

char *settings_excludes(const struct kc_option *option, const char *text,
                        const struct kc_props *props)
{
    size_t head = strlen(option->name) - strlen("exclude.list");
    char *name = kc_printf("%.*sinclude.list", (int)head, option->name), *message = NULL;
    const char *include = kc_props_get(props, name);
    if (text && *text && include && *include) {
        char *why = kc_printf("\"%s\" is already specified", name);
        message = settings_invalid(option, why);
        free(why);
    }
    free(name);
    return message;
}

char *settings_patterns_again(const struct kc_option *option, const char *text,
                              const struct kc_props *props)
{
    (void)props;
    return text ? settings_patterns(option, text) : NULL;
}

char *settings_queue(const struct kc_option *option, const char *text, const struct kc_props *props)
{
    const char *batch = kc_props_get(props, "max.batch.size");
    int most, queue;
    char *bad = parse_number(option, text ? text : option->def, &queue, INT32_MAX, "");
    if (!bad)
        bad = parse_number(option, batch ? batch : SETTINGS_MAX_BATCH, &most, INT32_MAX, "");
    if (bad) {
        free(bad);
        return NULL;
    }
    return queue <= most ? settings_invalid(option, "Must be larger than the maximum batch size")
                         : NULL;
}

char *settings_custom_name(const struct kc_option *option, const char *text,
                           const struct kc_props *props)
{
    char *mode = kc_strdup(option->name), *message = NULL;
    mode[strlen(mode) - strlen(".custom.name")] = '\0';
    const char *chosen = kc_props_get(props, mode);
    if (chosen && strcasecmp(chosen, "custom") == 0 && !(text && *text)) {
        char *why = kc_printf("%s cannot be empty when %s 'custom' is defined", option->name, mode);
        message = settings_invalid(option, why);
        free(why);
    }
    free(mode);
    return message;
}
