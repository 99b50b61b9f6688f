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
    (void)option;
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

static char *parse_int(const struct kc_option *option, const char *text, void *field)
{
    int64_t number;
    if (!kc_text_int64(kc_text_trim(kc_text(text)), &number) || number < INT32_MIN ||
        number > INT32_MAX)
        return settings_invalid(option, "An integer is expected");
    *(int *)field = (int)number;
    return NULL;
}

static char *parse_long(const struct kc_option *option, const char *text, void *field)
{
    if (!kc_text_int64(kc_text_trim(kc_text(text)), field))
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

static void clear_number(void *field)
{
    (void)field;
}

const struct kc_option_type settings_string = {"STRING", false, parse_string, clear_string,
                                               missing};
const struct kc_option_type settings_password = {"PASSWORD", true, parse_string, clear_string,
                                                 missing};
const struct kc_option_type settings_bool = {"BOOLEAN", false, parse_bool, clear_number, missing};
const struct kc_option_type settings_loose_bool = {"BOOLEAN", false, parse_loose_bool, clear_number,
                                                   missing};
const struct kc_option_type settings_int = {"INT", false, parse_int, clear_number, missing};
const struct kc_option_type settings_long = {"LONG", false, parse_long, clear_number, missing};
const struct kc_option_type settings_enum = {"STRING", false, parse_enum, clear_number, missing};

/* ---- checks ---- */

static char *at_least(const struct kc_option *option, const char *text, int64_t low,
                      const char *why)
{
    int64_t number;
    if (kc_text_int64(kc_text_trim(kc_text(text)), &number) && number >= low)
        return NULL;
    return settings_invalid(option, why);
}

char *settings_positive(const struct kc_option *option, const char *text)
{
    return at_least(option, text, 1, "A positive, non-zero integer value is expected");
}

char *settings_not_negative(const struct kc_option *option, const char *text)
{
    return at_least(option, text, 0, "An non-negative integer is expected");
}

char *settings_positive_long(const struct kc_option *option, const char *text)
{
    return at_least(option, text, 1, "A positive, non-zero long value is expected");
}

char *settings_not_negative_long(const struct kc_option *option, const char *text)
{
    return at_least(option, text, 0, "A non-negative long value is expected");
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

char *settings_prefix(const struct kc_option *option, const char *text)
{
    const char *good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    if (*text && text[strspn(text, good)] == '\0')
        return NULL;
    if (!*text)
        return missing(option);
    char *why =
        kc_printf("%s has invalid format (only the underscore, hyphen, dot and alphanumeric "
                  "characters are allowed)",
                  text);
    char *message = settings_invalid(option, why);
    free(why);
    return message;
}
