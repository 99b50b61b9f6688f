/* Canonical forms of schemas and values: into our data model and out of it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/replay/replay.h"

static struct kc_value text_value(struct kc_arena *arena, const char *text)
{
    size_t len = strlen(text);
    return kc_string(kc_arena_text(arena, text, len), len);
}

const char *replay_text(struct kc_value object, const char *name, struct kc_arena *arena)
{
    struct kc_value member = object.kind == KC_MAP ? kc_map_value_get(object, name) : kc_null();
    return member.kind == KC_STRING ? kc_arena_text(arena, member.u.text, member.len) : NULL;
}

struct kc_value replay_object(struct kc_arena *arena, uint32_t members, ...)
{
    struct kc_entry *entries;
    struct kc_value object = kc_map_value_new(arena, members, &entries);
    va_list args;
    va_start(args, members);
    for (uint32_t i = 0; i < members; i++) {
        entries[i].key = text_value(arena, va_arg(args, const char *));
        entries[i].value = va_arg(args, struct kc_value);
    }
    va_end(args);
    return object;
}

/* ---- schemas in ---- */

static const char *const type_names[] = {
    [KC_INT8] = "int8",       [KC_INT16] = "int16",     [KC_INT32] = "int32",
    [KC_INT64] = "int64",     [KC_FLOAT32] = "float32", [KC_FLOAT64] = "float64",
    [KC_BOOLEAN] = "boolean", [KC_STRING] = "string",   [KC_BYTES] = "bytes",
    [KC_ARRAY] = "array",     [KC_MAP] = "map",         [KC_STRUCT] = "struct",
};

static enum kc_kind kind_of(const char *type)
{
    for (size_t i = KC_INT8; i < KC_COUNT(type_names); i++)
        if (type && strcmp(type, type_names[i]) == 0)
            return (enum kc_kind)i;
    fprintf(stderr, "golden: unknown schema type %s\n", type ? type : "null");
    exit(2);
}

static struct kc_error *add_parts(struct kc_value form, struct kc_arena *arena,
                                  struct kc_schema *made)
{
    const struct kc_schema *part = NULL;
    struct kc_value fields = kc_map_value_get(form, "fields");
    struct kc_error *err = replay_schema(kc_map_value_get(form, "items"), arena, &part);
    if (!err && part)
        kc_schema_element(made, part);
    if (!err)
        err = replay_schema(kc_map_value_get(form, "keys"), arena, &part);
    if (!err && part)
        kc_schema_key(made, part);
    if (!err)
        err = replay_schema(kc_map_value_get(form, "values"), arena, &part);
    if (!err && part)
        kc_schema_element(made, part);
    for (uint32_t i = 0; !err && i < fields.len && fields.kind == KC_ARRAY; i++) {
        err = replay_schema(kc_map_value_get(fields.u.items[i], "schema"), arena, &part);
        if (!err)
            kc_schema_field(made, replay_text(fields.u.items[i], "name", arena), part);
    }
    return err;
}

static void add_attributes(struct kc_value form, struct kc_arena *arena, struct kc_schema *made)
{
    struct kc_value version = kc_map_value_get(form, "version");
    struct kc_value params = kc_map_value_get(form, "params");
    const char *name = replay_text(form, "name", arena), *doc = replay_text(form, "doc", arena);
    kc_schema_optional(made, kc_map_value_get(form, "optional").u.i);
    if (name)
        kc_schema_name(made, name);
    if (doc)
        kc_schema_doc(made, doc);
    if (version.kind == KC_INT64)
        kc_schema_version(made, (int32_t)version.u.i);
    for (uint32_t i = 0; params.kind == KC_MAP && i < params.len; i++) {
        struct kc_text key = kc_value_text(params.u.entries[i].key);
        struct kc_text value = kc_value_text(params.u.entries[i].value);
        kc_schema_param(made, kc_arena_text(arena, key.ptr, key.len),
                        kc_arena_text(arena, value.ptr, value.len));
    }
}

/* The default of a struct has a schema that is the same but for the default. */
static struct kc_error *add_default(struct kc_value form, struct kc_arena *arena,
                                    struct kc_schema **made)
{
    struct kc_value value;
    const char *skip = NULL;
    struct kc_schema *plain = *made;
    struct kc_error *err = replay_value(form, plain, arena, &value, &skip);
    if (err || skip)
        return err;
    if (plain->kind == KC_STRUCT) {
        *made = kc_schema_copy(plain);
        kc_schema_keep(arena, plain);
        kc_schema_unref(plain);
    } else if ((err = kc_schema_check(plain, value))) {
        return kc_while_as(err, "org.apache.kafka.connect.errors.SchemaBuilderException",
                           "Invalid default value");
    }
    kc_schema_default(*made, value);
    return NULL;
}

struct kc_error *replay_schema(struct kc_value form, struct kc_arena *arena,
                               const struct kc_schema **schema)
{
    *schema = NULL;
    if (form.kind != KC_MAP)
        return NULL;
    struct kc_schema *made = kc_schema_new(kind_of(replay_text(form, "type", arena)));
    struct kc_error *err = add_parts(form, arena, made);
    if (!err) {
        add_attributes(form, arena, made);
        struct kc_value value = kc_map_value_get(form, "default");
        if (value.kind != KC_NULL)
            err = add_default(value, arena, &made);
    }
    if (!err)
        *schema = kc_schema_keep(arena, made);
    kc_schema_unref(made);
    return err;
}

/* ---- values in ---- */

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static uint8_t *unhex(struct kc_arena *arena, const char *hex, size_t *len)
{
    *len = strlen(hex) / 2;
    uint8_t *bytes = kc_alloc(arena, *len + 1);
    for (size_t i = 0; i < *len; i++)
        bytes[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    return bytes;
}

void replay_bytes(struct kc_value form, struct kc_arena *arena, const void **data, size_t *len)
{
    struct kc_value text = form.kind == KC_MAP ? kc_map_value_get(form, "text") : kc_null();
    const char *hex = replay_text(form, "hex", arena);
    *data = NULL;
    *len = 0;
    if (hex) {
        *data = unhex(arena, hex, len);
    } else if (text.kind == KC_STRING) {
        *data = kc_arena_text(arena, text.u.text, text.len);
        *len = text.len;
    }
}

static struct kc_value decimal_in(struct kc_arena *arena, const char *unscaled, int32_t scale)
{
    struct kc_value whole;
    if (!kc_decimal_from_text(arena, kc_text(unscaled), &whole)) {
        fprintf(stderr, "golden: no number: %s\n", unscaled);
        exit(2);
    }
    return kc_decimal_from_bytes(arena, whole.u.decimal->unscaled, whole.u.decimal->len, scale);
}

static struct kc_error *list_in(struct kc_value form, const struct kc_schema *schema,
                                struct kc_arena *arena, struct kc_value *value, const char **skip)
{
    struct kc_value *items;
    struct kc_error *err = NULL;
    const struct kc_schema *element = schema && schema->kind == KC_ARRAY ? schema->element : NULL;
    *value = kc_array_new(arena, form.len, &items);
    for (uint32_t i = 0; !err && i < form.len; i++)
        err = replay_value(form.u.items[i], element, arena, &items[i], skip);
    return err;
}

static struct kc_error *map_in(struct kc_value form, const struct kc_schema *schema,
                               struct kc_arena *arena, struct kc_value *value, const char **skip)
{
    struct kc_entry *entries;
    struct kc_error *err = NULL;
    bool typed = schema && schema->kind == KC_MAP;
    *value = kc_map_value_new(arena, form.len, &entries);
    for (uint32_t i = 0; !err && i < form.len; i++) {
        const struct kc_value *pair = form.u.items[i].u.items;
        err = replay_value(pair[0], typed ? schema->key : NULL, arena, &entries[i].key, skip);
        if (!err)
            err = replay_value(pair[1], typed ? schema->element : NULL, arena, &entries[i].value,
                               skip);
    }
    return err;
}

static struct kc_error *struct_in(struct kc_value form, const struct kc_schema *schema,
                                  struct kc_arena *arena, struct kc_value *value,
                                  const char **skip)
{
    struct kc_error *err = NULL;
    struct kc_value fields = form.u.items[1];
    if (form.len > 2)
        err = replay_schema(form.u.items[2], arena, &schema);
    if (err)
        return err;
    *value = kc_struct_new(arena, kc_schema_keep(arena, schema));
    for (uint32_t i = 0; !err && i < fields.len; i++) {
        const struct kc_value *pair = fields.u.items[i].u.items;
        int at = kc_schema_find(schema, kc_value_text(pair[0]));
        if (at < 0)
            return kc_fail(KC_BAD_DATA, "%.*s is not a valid field name",
                           KC_FMT(kc_value_text(pair[0])));
        struct kc_value *field = &value->u.structure->field[at];
        err = replay_value(pair[1], schema->fields[at].schema, arena, field, skip);
        if (!err && !*skip)
            err = kc_schema_check_field(&schema->fields[at], *field);
    }
    return err;
}

static bool scalar_in(const char *tag, const char *text, struct kc_arena *arena,
                      struct kc_value *value)
{
    static const char *const integers[] = { "i8", "i16", "i32", "i64" };
    size_t len;
    for (int i = 0; i < 4; i++) {
        if (strcmp(tag, integers[i]) == 0) {
            *value = kc_integer((enum kc_kind)(KC_INT8 + i), strtoll(text, NULL, 10));
            return true;
        }
    }
    if (strcmp(tag, "bool") == 0)
        *value = kc_bool(strcmp(text, "true") == 0);
    else if (strcmp(tag, "f32") == 0)
        *value = kc_float(strtof(text, NULL));
    else if (strcmp(tag, "f64") == 0)
        *value = kc_double(strtod(text, NULL));
    else if (strcmp(tag, "date") == 0)
        *value = kc_instant(strtoll(text, NULL, 10));
    else if (strcmp(tag, "bigint") == 0)
        *value = decimal_in(arena, text, 0);
    else if (strncmp(tag, "byte", 4) == 0)
        *value = kc_bytes(unhex(arena, text, &len), strlen(text) / 2);
    else
        return false;
    return true;
}

struct kc_error *replay_value(struct kc_value form, const struct kc_schema *schema,
                              struct kc_arena *arena, struct kc_value *value, const char **skip)
{
    *value = kc_null();
    if (form.kind != KC_ARRAY)
        return NULL;
    const struct kc_value *parts = form.u.items;
    const char *tag = kc_arena_text(arena, parts[0].u.text, parts[0].len);
    if (strcmp(tag, "list") == 0)
        return list_in(parts[1], schema, arena, value, skip);
    if (strcmp(tag, "map") == 0 || strcmp(tag, "omap") == 0)
        return map_in(parts[1], schema, arena, value, skip);
    if (strcmp(tag, "struct") == 0)
        return struct_in(form, schema, arena, value, skip);
    const char *text = kc_arena_text(arena, parts[1].u.text, parts[1].len);
    if (strcmp(tag, "str") == 0)
        *value = kc_string(text, parts[1].len);
    else if (strcmp(tag, "dec") == 0)
        *value = decimal_in(arena, text, (int32_t)strtol(parts[2].u.text, NULL, 10));
    else if (!scalar_in(tag, text, arena, value))
        *skip = "an object that the data model does not know";
    return NULL;
}

/* ---- out ---- */

static struct kc_value list_of(struct kc_arena *arena, uint32_t len, ...)
{
    struct kc_value *items;
    struct kc_value list = kc_array_new(arena, len, &items);
    va_list args;
    va_start(args, len);
    for (uint32_t i = 0; i < len; i++)
        items[i] = va_arg(args, struct kc_value);
    va_end(args);
    return list;
}

static struct kc_value tagged(struct kc_arena *arena, const char *tag, const char *text)
{
    return list_of(arena, 2, text_value(arena, tag), text_value(arena, text));
}

static char *hex_of(struct kc_arena *arena, const void *data, size_t len)
{
    char *hex = kc_alloc0(arena, 2 * len + 1);
    for (size_t i = 0; i < len; i++)
        sprintf(hex + 2 * i, "%02x", ((const uint8_t *)data)[i]);
    return hex;
}

struct kc_value replay_show_bytes(const void *data, size_t len, struct kc_arena *arena)
{
    if (!data)
        return kc_null();
    struct kc_value hex = text_value(arena, hex_of(arena, data, len));
    if (kc_text_utf8((struct kc_text){ data, len }) != len)
        return replay_object(arena, 1, "hex", hex);
    return replay_object(arena, 2, "hex", hex, "text", kc_string(data, len));
}

static struct kc_value show_fields(const struct kc_schema *schema, struct kc_arena *arena)
{
    struct kc_value *items;
    struct kc_value list = kc_array_new(arena, schema->n_fields, &items);
    for (uint32_t i = 0; i < schema->n_fields; i++)
        items[i] = replay_object(arena, 2, "name", text_value(arena, schema->fields[i].name),
                                 "schema", replay_show_schema(schema->fields[i].schema, arena));
    return list;
}

static struct kc_value show_params(const struct kc_schema *schema, struct kc_arena *arena)
{
    struct kc_entry *entries;
    struct kc_value params = kc_map_value_new(arena, schema->n_params, &entries);
    for (uint32_t i = 0; i < schema->n_params; i++) {
        entries[i].key = text_value(arena, schema->params[i].key);
        entries[i].value = text_value(arena, schema->params[i].value);
    }
    return params;
}

struct kc_value replay_show_schema(const struct kc_schema *schema, struct kc_arena *arena)
{
    struct kc_entry *entries;
    uint32_t count = 0;
    if (!schema)
        return kc_null();
    struct kc_value shown = kc_map_value_new(arena, 11, &entries);
#define MEMBER(name_, value_) \
    (entries[count++] = (struct kc_entry){ text_value(arena, name_), (value_) })
    MEMBER("type", text_value(arena, type_names[schema->kind]));
    if (schema->kind == KC_STRUCT)
        MEMBER("fields", show_fields(schema, arena));
    if (schema->kind == KC_ARRAY)
        MEMBER("items", replay_show_schema(schema->element, arena));
    if (schema->kind == KC_MAP) {
        MEMBER("keys", replay_show_schema(schema->key, arena));
        MEMBER("values", replay_show_schema(schema->element, arena));
    }
    if (schema->optional)
        MEMBER("optional", kc_bool(true));
    if (schema->name)
        MEMBER("name", text_value(arena, schema->name));
    if (schema->has_version)
        MEMBER("version", kc_integer(KC_INT64, schema->version));
    if (schema->doc)
        MEMBER("doc", text_value(arena, schema->doc));
    if (schema->n_params)
        MEMBER("params", show_params(schema, arena));
    if (schema->has_default)
        MEMBER("default", replay_show_value(schema->default_value, schema, arena));
#undef MEMBER
    shown.len = count;
    return shown;
}

static struct kc_value show_float(struct kc_value value, struct kc_arena *arena)
{
    KC_AUTO_BUF text = KC_BUF(0);
    bool single = value.kind == KC_FLOAT32;
    uint32_t bits32;
    uint64_t bits64;
    if (single)
        kc_float_text(value.u.f32, &text);
    else
        kc_double_text(value.u.f64, &text);
    /* Of all NaNs one is shown. */
    value.u.f32 = single && value.u.f32 != value.u.f32 ? __builtin_nanf("") : value.u.f32;
    value.u.f64 = !single && value.u.f64 != value.u.f64 ? __builtin_nan("") : value.u.f64;
    memcpy(&bits32, &value.u.f32, sizeof(bits32));
    memcpy(&bits64, &value.u.f64, sizeof(bits64));
    const char *bits = single ? kc_arena_printf(arena, "%08x", bits32)
                              : kc_arena_printf(arena, "%016llx", (unsigned long long)bits64);
    return list_of(arena, 3, text_value(arena, single ? "f32" : "f64"),
                   text_value(arena, text.data), text_value(arena, bits));
}

static struct kc_value show_decimal(struct kc_value value, struct kc_arena *arena)
{
    KC_AUTO_BUF text = KC_BUF(0);
    const struct kc_decimal *decimal = value.u.decimal;
    struct kc_value whole = kc_decimal_from_bytes(arena, decimal->unscaled, decimal->len, 0);
    kc_decimal_plain(whole, &text);
    return list_of(arena, 3, text_value(arena, "dec"), text_value(arena, text.data),
                   text_value(arena, kc_arena_printf(arena, "%d", decimal->scale)));
}

static struct kc_value show_list(struct kc_value value, const struct kc_schema *schema,
                                 struct kc_arena *arena)
{
    struct kc_value *items;
    struct kc_value list = kc_array_new(arena, value.len, &items);
    for (uint32_t i = 0; i < value.len; i++)
        items[i] = replay_show_value(
            value.u.items[i], schema && schema->kind == KC_ARRAY ? schema->element : NULL, arena);
    return list_of(arena, 2, text_value(arena, "list"), list);
}

static struct kc_value show_map(struct kc_value value, const struct kc_schema *schema,
                                struct kc_arena *arena)
{
    struct kc_value *items;
    bool typed = schema && schema->kind == KC_MAP;
    struct kc_value list = kc_array_new(arena, value.len, &items);
    for (uint32_t i = 0; i < value.len; i++) {
        const struct kc_entry *entry = &value.u.entries[i];
        items[i] = list_of(arena, 2,
                           replay_show_value(entry->key, typed ? schema->key : NULL, arena),
                           replay_show_value(entry->value, typed ? schema->element : NULL, arena));
    }
    return list_of(arena, 2, text_value(arena, "omap"), list);
}

static struct kc_value show_struct(const struct kc_struct *value, const struct kc_schema *schema,
                                   struct kc_arena *arena)
{
    struct kc_value *items;
    struct kc_value list = kc_array_new(arena, value->schema->n_fields, &items);
    for (uint32_t i = 0; i < value->schema->n_fields; i++) {
        const struct kc_field *field = &value->schema->fields[i];
        items[i] = list_of(arena, 2, text_value(arena, field->name),
                           replay_show_value(value->field[i], field->schema, arena));
    }
    if (kc_schema_equal(value->schema, schema))
        return list_of(arena, 2, text_value(arena, "struct"), list);
    return list_of(arena, 3, text_value(arena, "struct"), list,
                   replay_show_schema(value->schema, arena));
}

struct kc_value replay_show_value(struct kc_value value, const struct kc_schema *schema,
                                  struct kc_arena *arena)
{
    static const char *const tags[] = { [KC_INT8] = "i8",     [KC_INT16] = "i16",
                                        [KC_INT32] = "i32",   [KC_INT64] = "i64",
                                        [KC_INSTANT] = "date" };
    switch ((enum kc_kind)value.kind) {
    case KC_NULL:
        return kc_null();
    case KC_INT8:
    case KC_INT16:
    case KC_INT32:
    case KC_INT64:
    case KC_INSTANT:
        return tagged(arena, tags[value.kind],
                      kc_arena_printf(arena, "%lld", (long long)value.u.i));
    case KC_FLOAT32:
    case KC_FLOAT64:
        return show_float(value, arena);
    case KC_BOOLEAN:
        return tagged(arena, "bool", value.u.i ? "true" : "false");
    case KC_STRING:
        return list_of(arena, 2, text_value(arena, "str"), value);
    case KC_BYTES:
        return tagged(arena, "bytes", hex_of(arena, value.u.bytes, value.len));
    case KC_ARRAY:
        return show_list(value, schema, arena);
    case KC_MAP:
        return show_map(value, schema, arena);
    case KC_STRUCT:
        return show_struct(value.u.structure, schema, arena);
    case KC_DECIMAL:
        return show_decimal(value, arena);
    }
    return kc_null();
}

struct kc_value replay_show_both(const struct kc_schema *schema, struct kc_value value,
                                 struct kc_arena *arena)
{
    return replay_object(arena, 2, "schema", replay_show_schema(schema, arena), "value",
                         replay_show_value(value, schema, arena));
}
