/* What kinds of settings there are: reading the text, with the original's messages. */
#include "config/option.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *invalid(const struct kc_option *option, const char *text, const char *why)
{
    return kc_printf("Invalid value %s for configuration %s: %s", text, option->name, why);
}

static char *parse_string(const struct kc_option *option, const char *text, void *field)
{
    (void)option;
    *(char **)field = kc_strdup(text);
    return NULL;
}

static char *parse_trimmed(const struct kc_option *option, const char *text, void *field)
{
    (void)option;
    struct kc_text trimmed = kc_text_trim(kc_text(text));
    *(char **)field = kc_strndup(trimmed.ptr, trimmed.len);
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
        return invalid(option, text, "Expected value to be either true or false");
    *(bool *)field = yes;
    return NULL;
}

/* NULL: the text is a number within the type's bounds; else the message. */
static char *parse_integer(const struct kc_option *option, const char *text, int64_t low,
                           int64_t high, int64_t *number)
{
    char why[64];
    if (kc_text_int64(kc_text_trim(kc_text(text)), number) && *number >= low && *number <= high)
        return NULL;
    snprintf(why, sizeof(why), "Not a number of type %s", option->type->name);
    return invalid(option, text, why);
}

static char *parse_short(const struct kc_option *option, const char *text, void *field)
{
    int64_t number = 0;
    char *message = parse_integer(option, text, INT16_MIN, INT16_MAX, &number);
    if (!message)
        *(int *)field = (int)number;
    return message;
}

static char *parse_int(const struct kc_option *option, const char *text, void *field)
{
    int64_t number = 0;
    char *message = parse_integer(option, text, INT32_MIN, INT32_MAX, &number);
    if (!message)
        *(int *)field = (int)number;
    return message;
}

static char *parse_long(const struct kc_option *option, const char *text, void *field)
{
    int64_t number = 0;
    char *message = parse_integer(option, text, INT64_MIN, INT64_MAX, &number);
    if (!message)
        *(int64_t *)field = number;
    return message;
}

static char *parse_list(const struct kc_option *option, const char *text, void *field)
{
    (void)option;
    struct kc_list *list = field;
    struct kc_text rest = kc_text_trim(kc_text(text)), piece;
    size_t cap = 0;
    *list = (struct kc_list){ 0 };
    if (!rest.len)
        rest.ptr = NULL; /* an empty text is an empty list */
    while (kc_text_split(&rest, ',', &piece)) {
        list->items = kc_grow(list->items, list->len + 1, &cap, sizeof(*list->items));
        piece = kc_text_trim(piece);
        list->items[list->len++] = kc_strndup(piece.ptr, piece.len);
        list->items[list->len] = NULL;
    }
    if (!list->items)
        list->items = kc_calloc(1, sizeof(*list->items));
    return NULL;
}

static void clear_list(void *field)
{
    struct kc_list *list = field;
    for (size_t i = 0; i < list->len; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct kc_list){ 0 };
}

static char *parse_enum(const struct kc_option *option, const char *text, void *field)
{
    KC_AUTO_BUF why = { 0 };
    kc_buf_str(&why, option->any_case ? "String must be one of (case insensitive): "
                                      : "String must be one of: ");
    for (const struct kc_enum_name *name = option->names; name->name; name++) {
        if ((option->any_case ? strcasecmp : strcmp)(name->name, text) == 0) {
            *(int *)field = name->value;
            return NULL;
        }
        kc_buf_printf(&why, "%s%s", name == option->names ? "" : ", ", name->name);
    }
    return invalid(option, text, why.data);
}

static void clear_number(void *field)
{
    (void)field;
}

static void clear_prefix(void *field)
{
    kc_props_clear(field);
}

static char *parse_named(const struct kc_option *option, const char *text, void *field)
{
    struct kc_named *named = field;
    return parse_list(option, text, &named->names);
}

static void clear_named(void *field)
{
    struct kc_named *named = field;
    clear_list(&named->names);
    kc_props_clear(&named->settings);
}

const struct kc_option_type kc_type_string = { "STRING", false, parse_string, clear_string, NULL, false };
const struct kc_option_type kc_type_class = { "CLASS", false, parse_trimmed, clear_string, NULL, false };
const struct kc_option_type kc_type_password = { "PASSWORD", true, parse_trimmed, clear_string,
                                                 NULL, false };
const struct kc_option_type kc_type_bool = { "BOOLEAN", false, parse_bool, clear_number, NULL, false };
const struct kc_option_type kc_type_short = { "SHORT", false, parse_short, clear_number, NULL, false };
const struct kc_option_type kc_type_int = { "INT", false, parse_int, clear_number, NULL, false };
const struct kc_option_type kc_type_long = { "LONG", false, parse_long, clear_number, NULL, false };
const struct kc_option_type kc_type_list = { "LIST", false, parse_list, clear_list, NULL, false };
const struct kc_option_type kc_type_enum = { "STRING", false, parse_enum, clear_number, NULL, false };
const struct kc_option_type kc_type_named = { "STRING", false, parse_named, clear_named, NULL, false };
/* These two have no text of their own: option.c treats them. */
const struct kc_option_type kc_type_prefix = { "STRING", false, NULL, clear_prefix, NULL, false };
const struct kc_option_type kc_type_refused = { "STRING", false, NULL, NULL, NULL, false };
