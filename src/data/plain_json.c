#include "data/plain_json.h"

#include <math.h>

#include "data/schema.h"

static bool string_keys(struct kc_value map)
{
    for (uint32_t i = 0; i < map.len; i++)
        if (map.u.entries[i].key.kind != KC_STRING)
            return false;
    return true;
}

static void write_map(struct kc_value map, struct kc_buf *buf)
{
    bool object = string_keys(map);
    kc_buf_char(buf, object ? '{' : '[');
    for (uint32_t i = 0; i < map.len; i++) {
        kc_buf_str(buf, i ? object ? "," : ",[" : object ? "" : "[");
        kc_plain_json_write(map.u.entries[i].key, buf);
        kc_buf_char(buf, object ? ':' : ',');
        kc_plain_json_write(map.u.entries[i].value, buf);
        kc_buf_str(buf, object ? "" : "]");
    }
    kc_buf_char(buf, object ? '}' : ']');
}

static void write_struct(const struct kc_struct *value, struct kc_buf *buf)
{
    kc_buf_char(buf, '{');
    for (uint32_t i = 0; i < value->schema->n_fields; i++) {
        const struct kc_field *field = &value->schema->fields[i];
        if (i)
            kc_buf_char(buf, ',');
        kc_json_escape(buf, (struct kc_text){ field->name, field->name_len });
        kc_buf_char(buf, ':');
        kc_plain_json_write(value->field[i], buf);
    }
    kc_buf_char(buf, '}');
}

static void write_array(struct kc_value array, struct kc_buf *buf)
{
    kc_buf_char(buf, '[');
    for (uint32_t i = 0; i < array.len; i++) {
        if (i)
            kc_buf_char(buf, ',');
        kc_plain_json_write(array.u.items[i], buf);
    }
    kc_buf_char(buf, ']');
}

/* JSON has no NaN and no infinities: they become strings. */
static void write_real(struct kc_value value, struct kc_buf *buf)
{
    bool finite = value.kind == KC_FLOAT32 ? isfinite(value.u.f32) : isfinite(value.u.f64);
    kc_buf_str(buf, finite ? "" : "\"");
    if (value.kind == KC_FLOAT32)
        kc_float_text(value.u.f32, buf);
    else
        kc_double_text(value.u.f64, buf);
    kc_buf_str(buf, finite ? "" : "\"");
}

void kc_plain_json_write(struct kc_value value, struct kc_buf *buf)
{
    switch ((enum kc_kind)value.kind) {
    case KC_NULL:
        kc_buf_str(buf, "null");
        break;
    case KC_INT8:
    case KC_INT16:
    case KC_INT32:
    case KC_INT64:
    case KC_INSTANT:
        kc_buf_int(buf, value.u.i);
        break;
    case KC_FLOAT32:
    case KC_FLOAT64:
        write_real(value, buf);
        break;
    case KC_BOOLEAN:
        kc_buf_str(buf, value.u.i ? "true" : "false");
        break;
    case KC_STRING:
        kc_json_escape(buf, kc_value_text(value));
        break;
    case KC_BYTES:
        kc_buf_char(buf, '"');
        kc_buf_base64(buf, value.u.bytes, value.len);
        kc_buf_char(buf, '"');
        break;
    case KC_ARRAY:
        write_array(value, buf);
        break;
    case KC_MAP:
        write_map(value, buf);
        break;
    case KC_STRUCT:
        write_struct(value.u.structure, buf);
        break;
    case KC_DECIMAL:
        kc_decimal_text(value, buf);
        break;
    }
}

static struct kc_value object_value(const struct kc_json *json, struct kc_arena *arena)
{
    struct kc_entry *entries;
    struct kc_value map = kc_map_value_new(arena, (uint32_t)kc_json_count(json), &entries);
    void *at = NULL;
    const char *name;
    struct kc_json *value;
    for (uint32_t i = 0; kc_json_next(json, &at, &name, &value); i++) {
        size_t len = strlen(name);
        entries[i].key = kc_string(kc_arena_text(arena, name, len), len);
        entries[i].value = kc_plain_json_value(value, arena);
    }
    return map;
}

struct kc_value kc_plain_json_value(const struct kc_json *json, struct kc_arena *arena)
{
    struct kc_value *items;
    switch (kc_json_type(json)) {
    case KC_JSON_BOOL:
        return kc_bool(kc_json_bool(json));
    case KC_JSON_INT:
        return kc_integer(KC_INT64, kc_json_int(json));
    case KC_JSON_REAL:
        return kc_double(kc_json_real(json));
    case KC_JSON_STRING: {
        struct kc_text text = kc_text(kc_json_string(json));
        return kc_string(kc_arena_text(arena, text.ptr, text.len), text.len);
    }
    case KC_JSON_ARRAY: {
        struct kc_value array = kc_array_new(arena, (uint32_t)kc_json_count(json), &items);
        for (uint32_t i = 0; i < array.len; i++)
            items[i] = kc_plain_json_value(kc_json_at(json, i), arena);
        return array;
    }
    case KC_JSON_OBJECT:
        return object_value(json, arena);
    default:
        return kc_null();
    }
}

struct kc_error *kc_plain_json_read(struct kc_text text, struct kc_arena *arena,
                                    struct kc_value *value)
{
    struct kc_json *json;
    struct kc_error *err = kc_json_parse(text, &json);
    if (err)
        return err;
    *value = kc_plain_json_value(json, arena);
    kc_json_free(json);
    return NULL;
}
