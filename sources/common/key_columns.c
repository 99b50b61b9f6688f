#include "sources/common/key_columns.h"

#include <stdlib.h>

#include "sources/common/settings.h"

/* The original's own pattern; its message names it. */
static const char form[] = "^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$";

char *key_columns_check(const struct kc_option *option, const char *text,
                        const struct kc_props *props)
{
    struct kc_regex *regex = NULL;
    struct kc_text rest = kc_text(text), piece;
    bool blank = !kc_text_trim(rest).len;
    char *message = NULL;
    struct kc_error *err = kc_regex_new(form, false, &regex);
    (void)props;
    while (!err && !message && rest.ptr && kc_text_split(&rest, ';', &piece)) {
        if ((!kc_text_trim(piece).len && !blank) || kc_regex_matches(regex, piece))
            continue;
        char *why = kc_printf("%.*s has an invalid format (expecting '%s')", KC_FMT(piece), form);
        message = settings_invalid(option, why);
        free(why);
    }
    kc_error_free(err);
    kc_regex_free(regex);
    return message;
}

static void add_names(struct kc_list *list, struct kc_text names)
{
    size_t cap = 0;
    struct kc_text name;
    while (kc_text_split(&names, ',', &name)) {
        list->items = kc_grow(list->items, list->len, &cap, sizeof(*list->items));
        name = kc_text_trim(name);
        list->items[list->len++] = kc_strndup(name.ptr, name.len);
    }
}

struct kc_error *key_columns_init(struct key_columns *keys, const char *text)
{
    *keys = (struct key_columns){0};
    size_t cap = 0;
    struct kc_text rest = kc_text(text), piece;
    while (rest.ptr && kc_text_split(&rest, ';', &piece)) {
        piece = kc_text_trim(piece);
        const char *colon = piece.len ? memchr(piece.ptr, ':', piece.len) : NULL;
        if (!colon)
            continue;
        keys->rules = kc_grow(keys->rules, keys->count, &cap, sizeof(*keys->rules));
        struct key_rule *rule = &keys->rules[keys->count];
        *rule = (struct key_rule){0};
        char *pattern = kc_strndup(piece.ptr, (size_t)(colon - piece.ptr));
        struct kc_error *err = kc_regex_new(pattern, true, &rule->table);
        free(pattern);
        if (err)
            return kc_while(err, "while reading message.key.columns");
        keys->count++;
        add_names(&rule->columns,
                  (struct kc_text){colon + 1, piece.len - (size_t)(colon + 1 - piece.ptr)});
    }
    return NULL;
}

void key_columns_clear(struct key_columns *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        kc_regex_free(keys->rules[i].table);
        for (size_t j = 0; j < keys->rules[i].columns.len; j++)
            free(keys->rules[i].columns.items[j]);
        free(keys->rules[i].columns.items);
    }
    free(keys->rules);
    *keys = (struct key_columns){0};
}

bool key_columns_match(const struct key_columns *keys, size_t rule, struct kc_text table)
{
    return kc_regex_matches(keys->rules[rule].table, table);
}
