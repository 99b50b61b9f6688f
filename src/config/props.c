#include "config/props.h"

#include <stdlib.h>
#include <string.h>

void kc_props_clear(struct kc_props *props)
{
    kc_map_clear(&props->map, free);
}

void kc_props_set(struct kc_props *props, const char *name, const char *value)
{
    free(kc_map_set(&props->map, kc_text(name), kc_strdup(value)));
}

const char *kc_props_get(const struct kc_props *props, const char *name)
{
    return kc_map_get(&props->map, kc_text(name));
}

bool kc_props_has(const struct kc_props *props, const char *name)
{
    return kc_map_has(&props->map, kc_text(name));
}

void kc_props_remove(struct kc_props *props, const char *name)
{
    free(kc_map_remove(&props->map, kc_text(name)));
}

bool kc_props_next(const struct kc_props *props, struct kc_map_entry **at, const char **name,
                   const char **value)
{
    *at = kc_map_next(&props->map, *at);
    if (!*at)
        return false;
    *name = (*at)->key.ptr;
    *value = (*at)->value;
    return true;
}

void kc_props_copy(struct kc_props *to, const struct kc_props *from)
{
    kc_props_with_prefix(from, "", to);
}

void kc_props_with_prefix(const struct kc_props *props, const char *prefix, struct kc_props *to)
{
    size_t len = strlen(prefix);
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value))
        if (strncmp(name, prefix, len) == 0)
            kc_props_set(to, name + len, value);
}

bool kc_props_equal(const struct kc_props *a, const struct kc_props *b)
{
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    if (a->map.count != b->map.count)
        return false;
    while (kc_props_next(a, &at, &name, &value)) {
        const char *other = kc_props_get(b, name);
        if (!kc_props_has(b, name) || !value != !other || (value && strcmp(value, other) != 0))
            return false;
    }
    return true;
}

static struct kc_error *set_from_json(struct kc_props *props, const char *name,
                                      const struct kc_json *value)
{
    KC_AUTO_BUF text = { 0 };
    switch (kc_json_type(value)) {
    case KC_JSON_NULL:
        kc_props_set(props, name, NULL);
        return NULL;
    case KC_JSON_STRING:
        kc_props_set(props, name, kc_json_string(value));
        return NULL;
    case KC_JSON_ARRAY:
    case KC_JSON_OBJECT:
        return kc_fail(KC_BAD_CONFIG,
                       "The setting \"%s\" is a JSON %s; every setting is a string, such as "
                       "\"a,b\" for a list",
                       name, kc_json_type(value) == KC_JSON_ARRAY ? "array" : "object");
    default:
        kc_json_write(value, &text);
        kc_props_set(props, name, text.data);
        return NULL;
    }
}

struct kc_error *kc_props_from_json(const struct kc_json *object, struct kc_props *props)
{
    if (kc_json_type(object) != KC_JSON_OBJECT)
        return kc_fail(KC_BAD_CONFIG, "Settings must be a JSON object of strings");
    void *at = NULL;
    const char *name;
    struct kc_json *value;
    struct kc_error *err = NULL;
    while (!err && kc_json_next(object, &at, &name, &value))
        err = set_from_json(props, name, value);
    return err;
}

struct kc_json *kc_props_to_json(const struct kc_props *props)
{
    struct kc_json *object = kc_json_new_object();
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value))
        kc_json_put_string(object, name, value);
    return object;
}
