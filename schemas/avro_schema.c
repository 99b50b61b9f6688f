#include "schemas/avro_schema.h"

#include "base/regex.h"
#include "schemas/json_write.h"

#define PARSE_EXCEPTION "org.apache.avro.SchemaParseException"

static const char *const type_names[] = {
    [AVRO_NULL] = "null",   [AVRO_BOOLEAN] = "boolean", [AVRO_INT] = "int",
    [AVRO_LONG] = "long",   [AVRO_FLOAT] = "float",     [AVRO_DOUBLE] = "double",
    [AVRO_BYTES] = "bytes", [AVRO_STRING] = "string",   [AVRO_RECORD] = "record",
    [AVRO_ENUM] = "enum",   [AVRO_FIXED] = "fixed",     [AVRO_ARRAY] = "array",
    [AVRO_MAP] = "map",     [AVRO_UNION] = "union",
};

const char *avro_type_name(enum avro_type type)
{
    return type_names[type];
}

int avro_primitive(struct kc_text name)
{
    for (int i = 0; i < AVRO_PRIMITIVES; i++)
        if (kc_text_is(name, type_names[i]))
            return i;
    return -1;
}

struct avro_schema *avro_new(struct kc_arena *arena, enum avro_type type)
{
    struct avro_schema *schema = kc_alloc0(arena, sizeof(*schema));
    schema->type = type;
    return schema;
}

/* ---- names ---- */

static bool is_ascii_name(struct kc_text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return name.len > 0;
}

/* Java looks at UTF-16 units: letters beyond U+FFFF are none to it. */
static bool matches(const char *pattern, struct kc_text name)
{
    struct kc_regex *regex;
    struct kc_error *err = kc_regex_new(pattern, false, &regex);
    bool is = !err && kc_regex_matches(regex, name);
    kc_error_free(err);
    kc_regex_free(regex);
    return is;
}

struct kc_error *avro_check_name(struct kc_text name)
{
    if (is_ascii_name(name))
        return NULL;
    if (!name.len)
        return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "Empty name");
    if (!matches("(?s)(?![^\\x{0}-\\x{ffff}])[\\p{L}_].*", name))
        return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "Illegal initial character: %.*s",
                          KC_FMT(name));
    if (!matches("(?:(?![^\\x{0}-\\x{ffff}])[\\p{L}\\p{Nd}_])*", name))
        return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "Illegal character in: %.*s", KC_FMT(name));
    return NULL;
}

struct kc_error *avro_set_name(struct kc_arena *arena, struct avro_schema *schema,
                               struct kc_text name, struct kc_text space)
{
    const char *dot = name.len ? memrchr(name.ptr, '.', name.len) : NULL;
    if (dot) {
        space = (struct kc_text){name.ptr, (size_t)(dot - name.ptr)};
        name = (struct kc_text){dot + 1, name.len - space.len - 1};
    }
    struct kc_error *err = avro_check_name(name);
    if (err)
        return err;
    schema->name = kc_arena_text(arena, name.ptr, name.len);
    schema->space = space.len ? kc_arena_text(arena, space.ptr, space.len) : NULL;
    schema->full =
        schema->space ? kc_arena_printf(arena, "%s.%s", schema->space, schema->name) : schema->name;
    if (avro_primitive(kc_text(schema->full)) >= 0)
        return kc_fail_as(KC_BAD_DATA, "org.apache.avro.AvroTypeException",
                          "Schemas may not be named after primitives: %s", schema->full);
    return NULL;
}

/* ---- properties ---- */

void avro_set_prop(struct kc_arena *arena, struct avro_props *props, const char *name,
                   struct kc_text json)
{
    json.ptr = kc_arena_text(arena, json.ptr, json.len);
    for (uint32_t i = 0; i < props->count; i++)
        if (strcmp(props->items[i].name, name) == 0) {
            props->items[i].json = json;
            return;
        }
    if (props->count == props->cap) {
        uint32_t cap = props->cap ? props->cap * 2 : 4;
        struct avro_prop *items = kc_alloc(arena, cap * sizeof(*items));
        if (props->count)
            memcpy(items, props->items, props->count * sizeof(*items));
        props->items = items;
        props->cap = cap;
    }
    const char *copy = kc_arena_text(arena, name, strlen(name));
    props->items[props->count++] = (struct avro_prop){copy, json};
}

void avro_set_prop_text(struct kc_arena *arena, struct avro_props *props, const char *name,
                        struct kc_text text)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    json_write_text(&buf, text);
    avro_set_prop(arena, props, name, (struct kc_text){buf.data, buf.len});
}

const struct kc_text *avro_get_prop(const struct avro_props *props, const char *name)
{
    for (uint32_t i = 0; i < props->count; i++)
        if (strcmp(props->items[i].name, name) == 0)
            return &props->items[i].json;
    return NULL;
}
