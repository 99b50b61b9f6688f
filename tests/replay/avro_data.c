/* Connect's data as Avro and back: schemas, texts, bytes. The forms of schemas and values are those
 * of the recordings of the Avro converter. */
#include <stdio.h>
#include <stdlib.h>

#include "data/logical.h"
#include "schemas/avro_codec.h"
#include "schemas/avro_from_connect.h"
#include "schemas/avro_parse.h"
#include "schemas/avro_print.h"
#include "schemas/avro_to_connect.h"
#include "tests/replay/replay.h"

struct check {
    const struct replay_case *replay;
    struct kc_arena *arena;
    const char **why;
    struct avro_settings settings;
};

static void differ(const struct check *check, const char *what, const char *expected,
                   const char *got)
{
    if (!*check->why)
        *check->why = kc_arena_printf(check->arena, "%s:\n  expected %s\n  got      %s", what,
                                      expected ? expected : "nothing", got ? got : "nothing");
}

static const char *line_of(const struct check *check, struct kc_error *err)
{
    char *line = kc_error_line(err);
    const char *copy = kc_arena_text(check->arena, line, strlen(line));
    free(line);
    kc_error_free(err);
    return copy;
}

static void set_config(struct check *check)
{
    const char *config = replay_text(check->replay->whole, "config", check->arena);
    struct avro_settings *settings = &check->settings;
    *settings = (struct avro_settings){.meta = true, .flatten = true};
    if (!config)
        return;
    settings->enhanced = strcmp(config, "enhanced") == 0;
    settings->meta = strcmp(config, "nometa") != 0;
    settings->scrub = strcmp(config, "scrub") == 0;
    settings->generalized = strcmp(config, "generalized") == 0;
    settings->discard = strcmp(config, "discard") == 0;
    settings->ignore_default = strcmp(config, "ignoredefault") == 0;
    settings->optional_keys = strcmp(config, "optkeys") == 0;
    settings->flatten = strcmp(config, "noflatten") != 0;
}

/* ---- forms into our data model ---- */

static struct kc_value value_of(struct kc_value form, const struct kc_schema *schema,
                                struct kc_arena *arena);

static const char *const kind_names[] = {
    [KC_INT8] = "int8",       [KC_INT16] = "int16",     [KC_INT32] = "int32",
    [KC_INT64] = "int64",     [KC_FLOAT32] = "float32", [KC_FLOAT64] = "float64",
    [KC_BOOLEAN] = "boolean", [KC_STRING] = "string",   [KC_BYTES] = "bytes",
    [KC_ARRAY] = "array",     [KC_MAP] = "map",         [KC_STRUCT] = "struct",
};

static const struct kc_schema *schema_of(struct kc_value form, struct kc_arena *arena);

/* Gives the one reference to the arena. */
static struct kc_schema *kept(struct kc_arena *arena, struct kc_schema *schema)
{
    kc_schema_keep(arena, schema);
    kc_schema_unref(schema);
    return schema;
}

static void add_fields(struct kc_schema *schema, struct kc_value fields, struct kc_arena *arena)
{
    for (uint32_t i = 0; i < fields.len; i++)
        kc_schema_field(schema, replay_text(fields.u.items[i], "name", arena),
                        schema_of(kc_map_value_get(fields.u.items[i], "schema"), arena));
}

static const struct kc_schema *schema_of(struct kc_value form, struct kc_arena *arena)
{
    const char *type = form.kind == KC_MAP ? replay_text(form, "type", arena) : NULL;
    enum kc_kind kind = KC_INT8;
    if (!type)
        return NULL;
    while (kind < KC_STRUCT && strcmp(kind_names[kind], type) != 0)
        kind++;
    struct kc_schema *schema = kept(arena, kc_schema_new(kind));
    struct kc_value params = kc_map_value_get(form, "parameters");
    struct kc_value version = kc_map_value_get(form, "version");
    kc_schema_optional(schema, kc_map_value_get(form, "optional").u.i);
    if (replay_text(form, "name", arena))
        kc_schema_name(schema, replay_text(form, "name", arena));
    if (replay_text(form, "doc", arena))
        kc_schema_doc(schema, replay_text(form, "doc", arena));
    if (version.kind != KC_NULL)
        kc_schema_version(schema, (int32_t)version.u.i);
    for (uint32_t i = 0; i < params.len; i++) {
        const struct kc_entry *entry = &params.u.entries[i];
        kc_schema_param(schema, kc_arena_text(arena, entry->key.u.text, entry->key.len),
                        kc_arena_text(arena, entry->value.u.text, entry->value.len));
    }
    if (kind == KC_MAP)
        kc_schema_key(schema, schema_of(kc_map_value_get(form, "keys"), arena));
    if (kind == KC_MAP || kind == KC_ARRAY)
        kc_schema_element(schema, schema_of(kc_map_value_get(form, "values"), arena));
    if (kind == KC_STRUCT)
        add_fields(schema, kc_map_value_get(form, "fields"), arena);
    struct kc_value given = kc_map_value_get(form, "default");
    if (given.kind != KC_NULL)
        kc_schema_default(schema, value_of(given, kept(arena, kc_schema_copy(schema)), arena));
    return schema;
}

static double real_of(struct kc_value form)
{
    if (form.kind == KC_STRING)
        return strtod(form.u.text, NULL);
    return form.kind == KC_FLOAT64 ? form.u.f64 : (double)form.u.i;
}

static struct kc_value hex_of(struct kc_value form, struct kc_arena *arena)
{
    uint8_t *bytes = kc_alloc(arena, form.len / 2 + 1);
    for (uint32_t i = 0; i + 1 < form.len; i += 2)
        bytes[i / 2] =
            (uint8_t)(kc_hex_digit(form.u.text[i]) << 4 | kc_hex_digit(form.u.text[i + 1]));
    return kc_bytes(bytes, form.len / 2);
}

static struct kc_value decimal_of(struct kc_value form, struct kc_arena *arena)
{
    struct kc_value unscaled = kc_map_value_get(form, "unscaled"), whole;
    int32_t scale = (int32_t)kc_map_value_get(form, "scale").u.i;
    kc_decimal_from_text(arena, kc_value_text(unscaled), &whole);
    return kc_decimal_from_bytes(arena, whole.u.decimal->unscaled, whole.u.decimal->len, scale);
}

static struct kc_value struct_of(struct kc_value form, const struct kc_schema *schema,
                                 struct kc_arena *arena)
{
    struct kc_value made = kc_struct_new(arena, schema);
    for (uint32_t i = 0; i < schema->n_fields; i++)
        made.u.structure->field[i] = value_of(kc_map_value_get(form, schema->fields[i].name),
                                              schema->fields[i].schema, arena);
    return made;
}

static struct kc_value items_of(struct kc_value form, const struct kc_schema *element,
                                struct kc_arena *arena)
{
    struct kc_value *items;
    struct kc_value made = kc_array_new(arena, form.len, &items);
    for (uint32_t i = 0; i < form.len; i++)
        items[i] = value_of(form.u.items[i], element, arena);
    return made;
}

static struct kc_value entries_of(struct kc_value form, const struct kc_schema *key,
                                  const struct kc_schema *element, struct kc_arena *arena)
{
    struct kc_entry *entries;
    struct kc_value made = kc_map_value_new(arena, form.len, &entries);
    for (uint32_t i = 0; i < form.len; i++) {
        entries[i].key = value_of(form.u.items[i].u.items[0], key, arena);
        entries[i].value = value_of(form.u.items[i].u.items[1], element, arena);
    }
    return made;
}

/* {"$int32": 5} */
static struct kc_value tagged_of(struct kc_value form, struct kc_arena *arena)
{
    struct kc_value tag = form.u.entries[0].key, content = form.u.entries[0].value;
    struct kc_text name = {tag.u.text + 1, tag.len - 1};
    if (kc_text_is(name, "decimal"))
        return decimal_of(content, arena);
    if (kc_text_is(name, "date"))
        return kc_instant(content.u.i);
    if (kc_text_is(name, "array"))
        return items_of(content, NULL, arena);
    if (kc_text_is(name, "map"))
        return entries_of(content, NULL, NULL, arena);
    if (kc_text_is(name, "struct"))
        return struct_of(kc_map_value_get(content, "value"),
                         schema_of(kc_map_value_get(content, "schema"), arena), arena);
    for (int kind = KC_INT8; kind <= KC_BYTES; kind++)
        if (kc_text_is(name, kind_names[kind]))
            return value_of(content, kc_schema_of((enum kc_kind)kind, true), arena);
    return kc_null();
}

static struct kc_value value_of(struct kc_value form, const struct kc_schema *schema,
                                struct kc_arena *arena)
{
    bool tagged = form.kind == KC_MAP && form.len == 1 && form.u.entries[0].key.u.text[0] == '$';
    if (form.kind == KC_NULL)
        return kc_null();
    if (!schema || tagged)
        return tagged ? tagged_of(form, arena) : kc_null();
    enum kc_logical logical = kc_logical_of(schema);
    if (logical == KC_LOGICAL_DECIMAL)
        return decimal_of(form, arena);
    if (logical)
        return kc_instant(form.u.i);
    switch (schema->kind) {
    case KC_FLOAT32:
        return kc_float((float)real_of(form));
    case KC_FLOAT64:
        return kc_double(real_of(form));
    case KC_BOOLEAN:
        return kc_bool(form.u.i);
    case KC_STRING:
        return form;
    case KC_BYTES:
        return hex_of(form, arena);
    case KC_ARRAY:
        return items_of(form, schema->element, arena);
    case KC_MAP:
        return entries_of(form, schema->key, schema->element, arena);
    case KC_STRUCT:
        return struct_of(form, schema, arena);
    default:
        return kc_integer((enum kc_kind)schema->kind, form.u.i);
    }
}

/* ---- comparing ---- */

static const char *shown(const struct check *check, const struct kc_schema *schema)
{
    return replay_print(replay_show_schema(schema, check->arena), check->arena);
}

static void compare_schema(const struct check *check, const char *what, struct kc_value form,
                           const struct kc_schema *got)
{
    const struct kc_schema *expected = schema_of(form, check->arena);
    if (!kc_schema_equal(expected, got))
        differ(check, what, shown(check, expected), shown(check, got));
}

static const char *shown_value(const struct check *check, struct kc_value value)
{
    return replay_print(replay_show_value(value, NULL, check->arena), check->arena);
}

/* Structs by their fields: their schemas may differ in a version. */
static bool same_value(struct kc_value a, struct kc_value b)
{
    if (a.kind == KC_STRUCT && b.kind == KC_STRUCT) {
        if (a.u.structure->schema->n_fields != b.u.structure->schema->n_fields)
            return false;
        for (uint32_t i = 0; i < a.u.structure->schema->n_fields; i++)
            if (!same_value(a.u.structure->field[i], b.u.structure->field[i]))
                return false;
        return true;
    }
    if (a.kind == KC_ARRAY && b.kind == KC_ARRAY && a.len == b.len) {
        for (uint32_t i = 0; i < a.len; i++)
            if (!same_value(a.u.items[i], b.u.items[i]))
                return false;
        return true;
    }
    if (a.kind == KC_FLOAT64 && b.kind == KC_FLOAT64)
        return a.u.f64 == b.u.f64 || (a.u.f64 != a.u.f64 && b.u.f64 != b.u.f64);
    if (a.kind == KC_FLOAT32 && b.kind == KC_FLOAT32)
        return a.u.f32 == b.u.f32 || (a.u.f32 != a.u.f32 && b.u.f32 != b.u.f32);
    return kc_value_equal(a, b);
}

static void compare_value(const struct check *check, const char *what, struct kc_value form,
                          const struct kc_schema *schema, struct kc_value got)
{
    struct kc_value expected = value_of(form, schema, check->arena);
    if (!same_value(expected, got))
        differ(check, what, shown_value(check, expected), shown_value(check, got));
}

/* Did the original fall over its own feet? Then anything sensible is right. */
static bool is_accident(const struct check *check, struct kc_value error)
{
    for (; error.kind == KC_MAP; error = kc_map_value_get(error, "cause")) {
        const char *class = replay_text(error, "class", check->arena);
        if (class && strncmp(class, "java.lang.", 10) == 0)
            return true;
    }
    return false;
}

/* An error of the original's own, with its text; any other is only an error. */
static void compare_error(const struct check *check, const char *what, struct kc_value error,
                          struct kc_error *err)
{
    const char *class = replay_text(error, "class", check->arena);
    const char *message = replay_text(error, "message", check->arena);
    if (is_accident(check, error)) {
        kc_error_free(err);
        return;
    }
    if (!err) {
        differ(check, what, replay_print(error, check->arena), "no error");
        return;
    }
    bool own = class && strcmp(class, "org.apache.kafka.connect.errors.DataException") == 0 &&
               message && !strstr(message, "Avro data") && !strstr(message, "class [");
    const char *at = own ? strstr(message, " for field") : NULL;
    if (own && strncmp(message, err->text, at ? (size_t)(at - message) : strlen(message)) != 0)
        differ(check, what, message, err->text);
    kc_error_free(err);
}

/* ---- Connect to Avro ---- */

static const char *hex_text(const struct check *check, struct kc_text data)
{
    char *text = kc_alloc(check->arena, data.len * 2 + 12);
    memcpy(text, "0000000001", 10);
    for (size_t i = 0; i < data.len; i++)
        snprintf(text + 10 + i * 2, 3, "%02x", (unsigned char)data.ptr[i]);
    text[10 + data.len * 2] = '\0';
    return text;
}

static void check_back(const struct check *check, struct kc_value back, const char *text,
                       struct kc_text data)
{
    struct avro_schema *avro;
    const struct kc_schema *schema = NULL;
    struct kc_value value = kc_null();
    struct kc_error *err = avro_parse_alone(check->arena, kc_text(text), false, &avro);
    if (!err)
        err = avro_to_connect(&check->settings, avro, 1, &schema);
    if (!err) {
        kc_schema_keep(check->arena, schema);
        struct avro_plan *plan = avro_plan_new(check->arena, &check->settings, schema, avro);
        err = avro_decode(plan, data, check->arena, &value);
    }
    kc_schema_unref(schema);
    if (err) {
        differ(check, "back", replay_print(back, check->arena), line_of(check, err));
        return;
    }
    compare_schema(check, "schema back", kc_map_value_get(back, "schema"), schema);
    compare_value(check, "value back", kc_map_value_get(back, "value"), schema, value);
}

static void check_write(const struct check *check, const struct avro_plan *plan,
                        const struct kc_schema *schema, const char *text, struct kc_value form)
{
    struct kc_value value = value_of(kc_map_value_get(form, "in"), schema, check->arena);
    struct kc_value error = kc_map_value_get(form, "error");
    struct kc_value back = kc_map_value_get(form, "back");
    const char *hex = replay_text(form, "hex", check->arena);
    KC_AUTO_BUF buf = KC_BUF(0);
    bool null = value.kind == KC_NULL && (!schema || schema->optional);
    struct kc_error *err = null ? NULL : avro_encode(plan, value, &buf);
    if (error.kind == KC_MAP) {
        compare_error(check, "writing", error, err);
        return;
    }
    struct kc_text data = {kc_arena_text(check->arena, buf.data, buf.len), buf.len};
    const char *got = err ? line_of(check, err) : null ? NULL : hex_text(check, data);
    if (hex ? !got || strcmp(hex, got) != 0 : got != NULL)
        differ(check, "bytes", hex, got);
    else if (hex && back.kind == KC_MAP)
        check_back(check, back, text, data);
}

void replay_avro_write(const struct replay_case *replay, const char **why)
{
    struct check check = {.replay = replay, .arena = replay->arena, .why = why};
    set_config(&check);
    const struct kc_schema *schema =
        schema_of(kc_map_value_get(replay->whole, "schema"), check.arena);
    struct kc_value error = kc_map_value_get(replay->whole, "avro_error");
    struct kc_value values = kc_map_value_get(replay->whole, "values");
    const char *text = replay_text(replay->whole, "avro", check.arena);
    struct avro_schema *avro;
    KC_AUTO_BUF buf = KC_BUF(0);
    struct kc_error *err = avro_from_connect(&check.settings, schema, check.arena, &avro);
    if (!err)
        err = avro_print(avro, NULL, &buf);
    if (!text) {
        compare_error(&check, "schema", error, err);
        return;
    }
    const char *got = err ? line_of(&check, err) : buf.data;
    if (strcmp(text, got) != 0) {
        differ(&check, "text", text, kc_arena_text(check.arena, got, strlen(got)));
        return;
    }
    struct avro_plan *plan = avro_plan_new(check.arena, &check.settings, schema, avro);
    for (uint32_t i = 0; i < values.len; i++)
        check_write(&check, plan, schema, text, values.u.items[i]);
}

/* ---- Avro to Connect ---- */

static void check_read(const struct check *check, const struct avro_plan *plan,
                       const struct kc_schema *schema, struct kc_value form)
{
    struct kc_value data = hex_of(kc_map_value_get(form, "hex"), check->arena), value = kc_null();
    struct kc_value error = kc_map_value_get(form, "error");
    struct kc_text body = {(const char *)data.u.bytes + 5, data.len < 5 ? 0 : data.len - 5};
    if (data.len < 5)
        return;
    struct kc_error *err = avro_decode(plan, body, check->arena, &value);
    if (error.kind == KC_MAP) {
        compare_error(check, "reading", error, err);
        return;
    }
    if (err) {
        differ(check, "reading", replay_print(form, check->arena), line_of(check, err));
        return;
    }
    compare_value(check, "value", kc_map_value_get(form, "value"), schema, value);
}

void replay_avro_read(const struct replay_case *replay, const char **why)
{
    struct check check = {.replay = replay, .arena = replay->arena, .why = why};
    set_config(&check);
    struct kc_value values = kc_map_value_get(replay->whole, "values");
    struct kc_value error = kc_map_value_get(replay->whole, "schema_error");
    const char *again = replay_text(replay->whole, "avro_again", check.arena);
    struct avro_schema *avro, *back;
    const struct kc_schema *schema = NULL;
    KC_AUTO_BUF buf = KC_BUF(0);
    struct kc_error *err = avro_parse_alone(
        check.arena, kc_text(replay_text(replay->whole, "avro", check.arena)), false, &avro);
    if (err) {
        if (!replay_text(kc_map_value_get(replay->whole, "parse_error"), "class", check.arena))
            differ(&check, "parsing", "a schema", err->text);
        kc_error_free(err);
        return;
    }
    err = avro_to_connect(&check.settings, avro, 0, &schema);
    if (error.kind == KC_MAP) {
        compare_error(&check, "schema", error, err);
        kc_schema_unref(schema);
        return;
    }
    if (err) {
        differ(&check, "schema", "a schema", line_of(&check, err));
        return;
    }
    kc_schema_keep(check.arena, schema);
    kc_schema_unref(schema);
    compare_schema(&check, "schema", kc_map_value_get(replay->whole, "schema"), schema);
    struct avro_plan *plan = avro_plan_new(check.arena, &check.settings, schema, avro);
    for (uint32_t i = 0; i < values.len; i++)
        check_read(&check, plan, schema, values.u.items[i]);
    err = avro_from_connect(&check.settings, schema, check.arena, &back);
    if (!err)
        err = avro_print(back, NULL, &buf);
    const char *got = err ? line_of(&check, err) : buf.data;
    if (again && strcmp(again, got) != 0)
        differ(&check, "text again", again, kc_arena_text(check.arena, got, strlen(got)));
}
