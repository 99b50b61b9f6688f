/* Option tables for readers: values as validation shows them, and the documentation. */
#include "config/option.h"

#include <stdlib.h>
#include <string.h>

static void show_string(const void *field, struct kc_buf *buf)
{
    kc_buf_str(buf, *(char *const *)field);
}

static void show_bool(const void *field, struct kc_buf *buf)
{
    kc_buf_str(buf, *(const bool *)field ? "true" : "false");
}

static void show_int(const void *field, struct kc_buf *buf)
{
    kc_buf_int(buf, *(const int *)field);
}

static void show_long(const void *field, struct kc_buf *buf)
{
    kc_buf_int(buf, *(const int64_t *)field);
}

static void show_list(const void *field, struct kc_buf *buf)
{
    const struct kc_list *list = field;
    for (size_t i = 0; i < list->len; i++)
        kc_buf_printf(buf, "%s%s", i ? "," : "", list->items[i]);
}

/* Types whose text is shown as they read it; the others show as given. */
static const struct {
    const struct kc_option_type *type;
    void (*show)(const void *field, struct kc_buf *buf);
} shows[] = {
    { &kc_type_class, show_string }, { &kc_type_bool, show_bool },
    { &kc_type_short, show_int },    { &kc_type_int, show_int },
    { &kc_type_long, show_long },    { &kc_type_list, show_list },
};

char *kc_option_show(const struct kc_option *option, const struct kc_props *props)
{
    const char *text = kc_props_has(props, option->name) ? kc_props_get(props, option->name)
                                                         : option->def;
    if (!text)
        return NULL;
    if (option->type->secret)
        return kc_strdup("[hidden]");
    for (size_t i = 0; i < KC_COUNT(shows); i++) {
        if (shows[i].type != option->type)
            continue;
        union {
            char *text;
            bool yes;
            int small;
            int64_t large;
            double real;
            struct kc_list list;
        } field = { 0 };
        KC_AUTO_BUF buf = { 0 };
        char *message = option->type->parse(option, text, &field);
        if (message) {
            free(message);
            return NULL;
        }
        shows[i].show(&field, &buf);
        option->type->clear(&field);
        return kc_buf_take(&buf);
    }
    return kc_strdup(text);
}

/* ---- Markdown ---- */

/* Text for a cell of a table. */
static void put_cell(struct kc_buf *buf, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            kc_buf_str(buf, "\\|");
        else
            kc_buf_char(buf, *text == '\n' ? ' ' : *text);
    }
}

static void put_default(struct kc_buf *buf, const struct kc_option *option)
{
    if (option->required) {
        kc_buf_str(buf, "required");
    } else if (!option->def) {
        kc_buf_str(buf, "none");
    } else if (!*option->def) {
        kc_buf_str(buf, "empty");
    } else {
        kc_buf_char(buf, '`');
        put_cell(buf, option->def);
        kc_buf_char(buf, '`');
    }
}

static void put_valid(struct kc_buf *buf, const struct kc_option *option)
{
    if (option->valid) {
        put_cell(buf, option->valid);
    } else if (option->names) {
        for (const struct kc_enum_name *name = option->names; name->name; name++)
            kc_buf_printf(buf, "%s`%s`", name == option->names ? "" : ", ", name->name);
    } else if (option->ranged && option->max == INT64_MAX) {
        kc_buf_str(buf, "at least ");
        kc_buf_int(buf, option->min);
    } else if (option->ranged) {
        kc_buf_int(buf, option->min);
        kc_buf_str(buf, " to ");
        kc_buf_int(buf, option->max);
    }
}

static void put_row(struct kc_buf *buf, const struct kc_option *option)
{
    static const char *const importance[] = { "medium", "high", "low" };
    const char *rest = option->type == &kc_type_prefix ? "*" : "";
    kc_buf_printf(buf, "| `%s%s` | %s | ", option->name, rest, option->type->name);
    put_default(buf, option);
    kc_buf_str(buf, " | ");
    put_valid(buf, option);
    kc_buf_printf(buf, " | %s | ", importance[option->importance]);
    put_cell(buf, option->doc ? option->doc : "");
    if (option->no_effect)
        kc_buf_printf(buf, " Has no effect: %s.", option->no_effect);
    if (option->refuse) {
        if (option->refuse_values) {
            kc_buf_str(buf, " Not supported: ");
            put_cell(buf, option->refuse_values);
            kc_buf_char(buf, '.');
        }
        kc_buf_char(buf, ' ');
        put_cell(buf, option->refuse);
    }
    kc_buf_str(buf, " |\n");
}

static bool is_shown(const struct kc_option *option)
{
    return !option->hidden && option->type != &kc_type_refused;
}

static bool same_group(const struct kc_option *a, const struct kc_option *b)
{
    const char *one = a->group ? a->group : "", *other = b->group ? b->group : "";
    return strcmp(one, other) == 0;
}

/* Is it the first visible one of its group? */
static bool begins_group(const struct kc_option *options, const struct kc_option *option)
{
    for (; options < option; options++)
        if (is_shown(options) && same_group(options, option))
            return false;
    return true;
}

/* Markdown wants one before a heading or a table. */
static void put_blank_line(struct kc_buf *buf)
{
    if (buf->len && !(buf->len > 1 && strcmp(buf->data + buf->len - 2, "\n\n") == 0))
        kc_buf_char(buf, '\n');
}

static void put_group(struct kc_buf *buf, const struct kc_option *first)
{
    put_blank_line(buf);
    if (first->group)
        kc_buf_printf(buf, "### %s\n\n", first->group);
    kc_buf_str(buf, "| Setting | Type | Default | Values | Importance | Meaning |\n"
                    "|---|---|---|---|---|---|\n");
    for (const struct kc_option *option = first; option->name; option++)
        if (is_shown(option) && same_group(first, option))
            put_row(buf, option);
}

static void put_refused(struct kc_buf *buf, const struct kc_option *options)
{
    const char *head = "### Not supported\n\n| Setting | Instead |\n|---|---|\n";
    for (const struct kc_option *option = options; option->name; option++) {
        if (option->hidden || option->type != &kc_type_refused)
            continue;
        if (*head)
            put_blank_line(buf);
        bool all = option->name[strlen(option->name) - 1] == '.';
        kc_buf_printf(buf, "%s| `%s%s` | ", head, option->name, all ? "*" : "");
        put_cell(buf, option->refuse);
        kc_buf_str(buf, " |\n");
        head = "";
    }
}

void kc_options_markdown(const struct kc_option *options, struct kc_buf *buf)
{
    for (const struct kc_option *option = options; option->name; option++)
        if (is_shown(option) && begins_group(options, option))
            put_group(buf, option);
    put_refused(buf, options);
}
