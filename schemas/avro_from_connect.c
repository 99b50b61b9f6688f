#include "schemas/avro_from_connect.h"

#include <stdlib.h>
#include <strings.h>

#include "data/logical.h"
#include "schemas/avro_check.h"
#include "schemas/avro_parse.h"
#include "schemas/json_write.h"

struct seen {
    const struct kc_schema *from;
    struct avro_schema *made;
    struct seen *next;
};

struct builder {
    const struct avro_settings *settings;
    struct kc_arena *arena;
    unsigned unnamed;  /* records and fixed without a name so far */
    struct seen *seen; /* required schemas made before: the same again gives the same */
};

static struct kc_error *build(struct builder *builder, const struct kc_schema *schema,
                              bool ignore_optional, struct avro_schema **made);

/* ---- defaults as JSON ---- */

struct default_writer {
    const struct avro_settings *settings;
    struct kc_arena *arena;
    struct kc_buf *buf;
    bool as_double; /* float32 with the digits of a double, as fields have it */
};

static void write_default(const struct default_writer *writer, const struct kc_schema *schema,
                          struct kc_value value);

/* One character for each byte. */
static void write_bytes(const struct default_writer *writer, const uint8_t *bytes, size_t len)
{
    char *text = kc_alloc(writer->arena, len * 2 + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++)
        used += kc_utf8_put(text + used, bytes[i]);
    json_write_text(writer->buf, (struct kc_text){text, used});
}

static void write_real(const struct default_writer *writer, double number, bool single)
{
    bool finite = __builtin_isfinite(number);
    if (!finite)
        kc_buf_char(writer->buf, '"');
    if (single && !writer->as_double)
        kc_float_text((float)number, writer->buf);
    else
        kc_double_text(number, writer->buf);
    if (!finite)
        kc_buf_char(writer->buf, '"');
}

static void write_items(const struct default_writer *writer, const struct kc_schema *schema,
                        struct kc_value value)
{
    kc_buf_char(writer->buf, '[');
    for (uint32_t i = 0; i < value.len; i++) {
        if (i)
            kc_buf_char(writer->buf, ',');
        write_default(writer, schema->element, value.u.items[i]);
    }
    kc_buf_char(writer->buf, ']');
}

static void write_entries(const struct default_writer *writer, const struct kc_schema *schema,
                          struct kc_value value)
{
    bool names = schema->key->kind == KC_STRING && !schema->key->optional;
    kc_buf_char(writer->buf, names ? '{' : '[');
    for (uint32_t i = 0; i < value.len; i++) {
        if (i)
            kc_buf_char(writer->buf, ',');
        if (!names)
            kc_buf_char(writer->buf, '[');
        write_default(writer, schema->key, value.u.entries[i].key);
        kc_buf_char(writer->buf, names ? ':' : ',');
        write_default(writer, schema->element, value.u.entries[i].value);
        if (!names)
            kc_buf_char(writer->buf, ']');
    }
    kc_buf_char(writer->buf, names ? '}' : ']');
}

static void write_fields(const struct default_writer *writer, const struct kc_schema *schema,
                         struct kc_value value)
{
    const struct kc_struct *structure = value.u.structure;
    bool is_union = avro_is_union(schema, writer->settings);
    if (is_union && schema->n_fields) {
        write_default(writer, schema->fields[0].schema, structure->field[0]);
        return;
    }
    kc_buf_char(writer->buf, '{');
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (i)
            kc_buf_char(writer->buf, ',');
        json_write_text(writer->buf, kc_text(avro_scrub(writer->settings, schema->fields[i].name,
                                                        writer->arena)));
        kc_buf_char(writer->buf, ':');
        write_default(writer, schema->fields[i].schema, structure->field[i]);
    }
    kc_buf_char(writer->buf, '}');
}

static void write_default(const struct default_writer *writer, const struct kc_schema *schema,
                          struct kc_value value)
{
    struct kc_buf *buf = writer->buf;
    int32_t number = 0;
    switch (value.kind) {
    case KC_INT8:
    case KC_INT16:
    case KC_INT32:
    case KC_INT64:
        kc_buf_int(buf, value.u.i);
        return;
    case KC_FLOAT32:
        write_real(writer, (double)value.u.f32, true);
        return;
    case KC_FLOAT64:
        write_real(writer, value.u.f64, false);
        return;
    case KC_BOOLEAN:
        kc_buf_str(buf, value.u.i ? "true" : "false");
        return;
    case KC_STRING:
        json_write_text(buf, kc_value_text(value));
        return;
    case KC_BYTES:
        write_bytes(writer, value.u.bytes, value.len);
        return;
    case KC_DECIMAL:
        write_bytes(writer, value.u.decimal->unscaled, value.u.decimal->len);
        return;
    case KC_INSTANT:
        if (kc_logical_of(schema) == KC_LOGICAL_DATE)
            kc_error_free(kc_date_encode(value.u.i, &number));
        else if (kc_logical_of(schema) == KC_LOGICAL_TIME)
            kc_error_free(kc_time_encode(value.u.i, &number));
        kc_buf_int(buf, schema->kind == KC_INT64 ? value.u.i : number);
        return;
    case KC_ARRAY:
        write_items(writer, schema, value);
        return;
    case KC_MAP:
        write_entries(writer, schema, value);
        return;
    case KC_STRUCT:
        write_fields(writer, schema, value);
        return;
    default:
        kc_buf_str(buf, "null");
    }
}

static struct kc_text default_text(const struct builder *builder, const struct kc_schema *schema,
                                   bool as_double)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    struct default_writer writer = {builder->settings, builder->arena, &buf, as_double};
    write_default(&writer, schema, schema->default_value);
    return (struct kc_text){kc_arena_text(builder->arena, buf.data, buf.len), buf.len};
}

static bool has_default(const struct kc_schema *schema)
{
    return schema->has_default && schema->default_value.kind != KC_NULL;
}

/* ---- names ---- */

static const char *scrub_space(const struct builder *builder, struct kc_text space)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    struct kc_text piece;
    bool first = true;
    while (kc_text_split(&space, '.', &piece)) {
        char *part = kc_arena_text(builder->arena, piece.ptr, piece.len);
        if (!first)
            kc_buf_char(&buf, '.');
        kc_buf_str(&buf, avro_scrub(builder->settings, part, builder->arena));
        first = false;
    }
    return kc_arena_text(builder->arena, buf.data, buf.len);
}

/* Names a type by its Connect name; one without gets the next made-up name. */
static struct kc_error *name_type(struct builder *builder, const char *full,
                                  struct avro_schema *schema)
{
    if (!full) {
        builder->unnamed++;
        const char *name =
            builder->unnamed == 1
                ? AVRO_DEFAULT_NAME
                : kc_arena_printf(builder->arena, "%s%u", AVRO_DEFAULT_NAME, builder->unnamed);
        return avro_set_name(builder->arena, schema, kc_text(name), KC_TEXT(AVRO_SPACE));
    }
    const char *dot = strrchr(full, '.');
    const char *space = "";
    if (dot)
        space = scrub_space(builder, (struct kc_text){full, (size_t)(dot - full)});
    const char *name = avro_scrub(builder->settings, dot ? dot + 1 : full, builder->arena);
    return avro_set_name(builder->arena, schema, kc_text(name), kc_text(space));
}

/* ---- properties ---- */

static void set_number(const struct builder *builder, struct avro_schema *schema, const char *name,
                       int64_t number)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    kc_buf_int(&buf, number);
    avro_set_prop(builder->arena, &schema->props, name, (struct kc_text){buf.data, buf.len});
}

static void set_params(const struct builder *builder, const struct kc_schema *from,
                       struct avro_schema *schema)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    for (uint32_t i = 0; i < from->n_params; i++) {
        if (!builder->settings->discard && strcmp(from->params[i].key, AVRO_FIELD_DEFAULT) == 0)
            continue;
        kc_buf_char(&buf, buf.len ? ',' : '{');
        json_write_text(&buf, kc_text(from->params[i].key));
        kc_buf_char(&buf, ':');
        json_write_text(&buf, kc_text(from->params[i].value));
    }
    if (!buf.len)
        return;
    kc_buf_char(&buf, '}');
    avro_set_prop(builder->arena, &schema->props, "connect.parameters",
                  (struct kc_text){buf.data, buf.len});
}

static void set_meta(const struct builder *builder, const struct kc_schema *from,
                     const char *connect_type, struct avro_schema *schema)
{
    struct avro_props *props = &schema->props;
    if (!builder->settings->meta)
        return;
    if (from->doc)
        avro_set_prop_text(builder->arena, props, "connect.doc", kc_text(from->doc));
    if (from->has_version)
        set_number(builder, schema, "connect.version", from->version);
    set_params(builder, from, schema);
    if (has_default(from) &&
        (builder->settings->discard || !kc_schema_get_param(from, AVRO_FIELD_DEFAULT)))
        avro_set_prop(builder->arena, props, "connect.default", default_text(builder, from, false));
    if (from->name)
        avro_set_prop_text(builder->arena, props, "connect.name", kc_text(from->name));
    if (connect_type)
        avro_set_prop_text(builder->arena, props, "connect.type", kc_text(connect_type));
}

static const struct {
    const char *name, *logical;
} logicals[] = {
    {KC_DECIMAL_NAME, "decimal"},
    {KC_DATE_NAME, "date"},
    {KC_TIME_NAME, "time-millis"},
    {KC_TIMESTAMP_NAME, "timestamp-millis"},
};

static void set_props(const struct builder *builder, const struct kc_schema *from,
                      const char *connect_type, struct avro_schema *schema)
{
    set_meta(builder, from, connect_type, schema);
    for (size_t i = 0; from->name && i < KC_COUNT(logicals); i++)
        if (strcasecmp(from->name, logicals[i].name) == 0)
            avro_set_prop_text(builder->arena, &schema->props, "logicalType",
                               kc_text(logicals[i].logical));
    for (uint32_t i = 0; i < from->n_params; i++)
        if (strncmp(from->params[i].key, "avro", 4) == 0)
            avro_set_prop_text(builder->arena, &schema->props, from->params[i].key,
                               kc_text(from->params[i].value));
}

/* ---- types ---- */

static struct kc_error *build_enum(struct builder *builder, const struct kc_schema *from,
                                   const char *param, struct avro_schema **made)
{
    size_t len = strlen(param);
    struct avro_schema *schema = *made = avro_new(builder->arena, AVRO_ENUM);
    struct kc_error *err = avro_set_name(builder->arena, schema,
                                         kc_text(kc_schema_get_param(from, param)), KC_TEXT(""));
    schema->symbols = kc_alloc(builder->arena, (from->n_params + 1) * sizeof(*schema->symbols));
    for (uint32_t i = 0; i < from->n_params && !err; i++) {
        const char *key = from->params[i].key;
        if (strncmp(key, param, len) != 0 || key[len] != '.')
            continue;
        err = avro_check_name(kc_text(key + len + 1));
        schema->symbols[schema->n_symbols++] =
            kc_arena_text(builder->arena, key + len + 1, strlen(key + len + 1));
    }
    if (err)
        return err;
    if (builder->settings->discard) {
        schema->doc = kc_schema_get_param(from, AVRO_DISCARD_ENUM);
    } else {
        char *key = kc_arena_printf(builder->arena, AVRO_ENUM_DOC "%s", schema->name);
        schema->doc = kc_schema_get_param(from, key);
        key = kc_arena_printf(builder->arena, AVRO_ENUM_DEFAULT "%s", schema->name);
        schema->symbol_default = kc_schema_get_param(from, key);
    }
    if (schema->doc)
        schema->doc = kc_arena_text(builder->arena, schema->doc, strlen(schema->doc));
    if (schema->symbol_default)
        schema->symbol_default =
            kc_arena_text(builder->arena, schema->symbol_default, strlen(schema->symbol_default));
    return NULL;
}

static struct kc_error *build_string(struct builder *builder, const struct kc_schema *from,
                                     struct avro_schema **made)
{
    bool enums = builder->settings->generalized || builder->settings->enhanced;
    const char *param = AVRO_ENUM_PARAM;
    if (builder->settings->generalized && kc_schema_get_param(from, AVRO_GENERAL_ENUM))
        param = AVRO_GENERAL_ENUM;
    if (enums && kc_schema_get_param(from, param))
        return build_enum(builder, from, param, made);
    *made = avro_new(builder->arena, AVRO_STRING);
    return NULL;
}

static struct kc_error *number_param(const struct kc_schema *from, const char *name,
                                     int64_t otherwise, int64_t *number)
{
    const char *text = kc_schema_get_param(from, name);
    *number = otherwise;
    if (text && !kc_text_int64(kc_text(text), number))
        return kc_fail_as(KC_BAD_DATA, "java.lang.NumberFormatException",
                          "For input string: \"%s\"", text);
    return NULL;
}

static struct kc_error *build_bytes(struct builder *builder, const struct kc_schema *from,
                                    struct avro_schema **made)
{
    int64_t size, scale, precision;
    bool fixed = from->name && kc_schema_get_param(from, AVRO_FIXED_SIZE);
    struct kc_error *err = NULL;
    *made = avro_new(builder->arena, fixed ? AVRO_FIXED : AVRO_BYTES);
    if (fixed) {
        err = number_param(from, AVRO_FIXED_SIZE, 0, &size);
        (*made)->size = err ? 0 : (int32_t)size;
        if (!err)
            err = name_type(builder, from->name, *made);
    }
    if (err || !from->name || strcasecmp(from->name, KC_DECIMAL_NAME) != 0)
        return err;
    err = number_param(from, "scale", 0, &scale);
    if (!err)
        err = number_param(from, AVRO_PRECISION, AVRO_DEFAULT_PRECISION, &precision);
    if (err)
        return err;
    set_number(builder, *made, "scale", scale);
    set_number(builder, *made, "precision", precision);
    return NULL;
}

/* A default that does not fit is left out. */
static void set_field_default(const struct builder *builder, const struct kc_schema *from,
                              struct avro_field *field)
{
    struct kc_text json = {NULL, 0};
    if (has_default(from))
        json = default_text(builder, from, true);
    else if (from->optional)
        json = KC_TEXT("null");
    if (!json.ptr)
        return;
    struct json_doc doc = {0};
    struct kc_text rest;
    struct kc_error *err = json_read(&doc, json, builder->arena, &rest);
    /* NaN and infinities are numbers, though they are written as texts. */
    bool real = has_default(from) && (from->kind == KC_FLOAT32 || from->kind == KC_FLOAT64);
    if (!err && (real || avro_default_fits(field->type, &doc, &doc.nodes[0])))
        field->default_json = json;
    kc_error_free(err);
    json_doc_clear(&doc);
}

static struct kc_error *build_field(struct builder *builder, const char *name,
                                    const struct kc_schema *from, const char *doc,
                                    struct avro_field *field)
{
    struct kc_error *err = build(builder, from, false, &field->type);
    if (!err)
        err = avro_check_name(kc_text(name));
    if (err)
        return err;
    field->name = kc_arena_text(builder->arena, name, strlen(name));
    if (builder->settings->discard)
        doc = from->doc;
    field->doc = doc ? kc_arena_text(builder->arena, doc, strlen(doc)) : NULL;
    set_field_default(builder, from, field);
    return NULL;
}

static struct kc_error *build_entry(struct builder *builder, const struct kc_schema *from,
                                    struct avro_schema *entry)
{
    struct kc_error *err = from->name ? name_type(builder, from->name, entry)
                                      : avro_set_name(builder->arena, entry,
                                                      KC_TEXT(AVRO_MAP_ENTRY), KC_TEXT(AVRO_SPACE));
    if (from->name)
        avro_set_prop_text(builder->arena, &entry->props, AVRO_INTERNAL_TYPE,
                           KC_TEXT(AVRO_MAP_ENTRY));
    entry->fields = kc_alloc0(builder->arena, 2 * sizeof(*entry->fields));
    entry->n_fields = 2;
    if (!err)
        err = build_field(builder, "key", from->key, NULL, &entry->fields[0]);
    return err ? err : build_field(builder, "value", from->element, NULL, &entry->fields[1]);
}

static struct kc_error *build_map(struct builder *builder, const struct kc_schema *from,
                                  struct avro_schema **made)
{
    bool names = from->key && from->key->kind == KC_STRING &&
                 (!from->key->optional || builder->settings->optional_keys);
    *made = avro_new(builder->arena, names ? AVRO_MAP : AVRO_ARRAY);
    if (names)
        return build(builder, from->element, false, &(*made)->element);
    (*made)->element = avro_new(builder->arena, AVRO_RECORD);
    return build_entry(builder, from, (*made)->element);
}

static struct kc_error *build_array(struct builder *builder, const struct kc_schema *from,
                                    struct avro_schema **made)
{
    *made = avro_new(builder->arena, AVRO_ARRAY);
    return build(builder, from->element, false, &(*made)->element);
}

static struct kc_error *build_union(struct builder *builder, const struct kc_schema *from,
                                    struct avro_schema **made)
{
    struct kc_error *err = NULL;
    struct avro_schema *schema = *made = avro_new(builder->arena, AVRO_UNION);
    schema->branches = kc_alloc(builder->arena, (from->n_fields + 1) * sizeof(*schema->branches));
    if (from->optional)
        schema->branches[schema->n_branches++] = avro_new(builder->arena, AVRO_NULL);
    for (uint32_t i = 0; i < from->n_fields && !err; i++)
        err = build(builder, from->fields[i].schema, true, &schema->branches[schema->n_branches++]);
    return err ? err : avro_check_union(schema);
}

static struct kc_error *build_fields(struct builder *builder, const struct kc_schema *from,
                                     struct avro_schema *schema)
{
    struct kc_error *err = NULL;
    struct kc_map seen = {0};
    schema->fields = kc_alloc0(builder->arena, (from->n_fields + 1) * sizeof(*schema->fields));
    schema->n_fields = from->n_fields;
    for (uint32_t i = 0; i < from->n_fields && !err; i++) {
        const char *given = from->fields[i].name;
        const char *name = avro_scrub(builder->settings, given, builder->arena);
        char *key = kc_arena_printf(builder->arena, AVRO_FIELD_DOC "%s", given);
        err = build_field(builder, name, from->fields[i].schema, kc_schema_get_param(from, key),
                          &schema->fields[i]);
        if (!err && kc_map_set(&seen, kc_text(name), schema))
            err = kc_fail_as(KC_BAD_DATA, "org.apache.avro.AvroRuntimeException",
                             "Duplicate field %s in record %s", name, schema->full);
    }
    kc_map_clear(&seen, NULL);
    return err;
}

static struct kc_error *build_struct(struct builder *builder, const struct kc_schema *from,
                                     struct avro_schema **made)
{
    if (avro_is_union(from, builder->settings))
        return build_union(builder, from, made);
    struct avro_schema *schema = *made = avro_new(builder->arena, AVRO_RECORD);
    const char *doc = kc_schema_get_param(from, builder->settings->discard ? AVRO_DISCARD_RECORD
                                                                           : AVRO_RECORD_DOC);
    schema->doc = doc ? kc_arena_text(builder->arena, doc, strlen(doc)) : NULL;
    struct kc_error *err = name_type(builder, from->name, schema);
    return err ? err : build_fields(builder, from, schema);
}

/* One row for each kind: a primitive type, or a function. */
static const struct {
    enum avro_type type;
    const char *connect_type;
    struct kc_error *(*build)(struct builder *builder, const struct kc_schema *from,
                              struct avro_schema **made);
} kinds[] = {
    [KC_INT8] = {AVRO_INT, "int8", NULL},         [KC_INT16] = {AVRO_INT, "int16", NULL},
    [KC_INT32] = {AVRO_INT, NULL, NULL},          [KC_INT64] = {AVRO_LONG, NULL, NULL},
    [KC_FLOAT32] = {AVRO_FLOAT, NULL, NULL},      [KC_FLOAT64] = {AVRO_DOUBLE, NULL, NULL},
    [KC_BOOLEAN] = {AVRO_BOOLEAN, NULL, NULL},    [KC_STRING] = {AVRO_STRING, NULL, build_string},
    [KC_BYTES] = {AVRO_BYTES, NULL, build_bytes}, [KC_ARRAY] = {AVRO_ARRAY, NULL, build_array},
    [KC_MAP] = {AVRO_MAP, NULL, build_map},       [KC_STRUCT] = {AVRO_RECORD, NULL, build_struct},
};

static struct avro_schema *with_null(const struct builder *builder, struct avro_schema *schema,
                                     bool null_first)
{
    struct avro_schema *made = avro_new(builder->arena, AVRO_UNION);
    made->branches = kc_alloc(builder->arena, 2 * sizeof(*made->branches));
    made->n_branches = 2;
    made->branches[!null_first] = avro_new(builder->arena, AVRO_NULL);
    made->branches[null_first] = schema;
    return made;
}

/* Two schemas that differ in being optional only share a type. */
static struct avro_schema *find_seen(const struct builder *builder, const struct kc_schema *from)
{
    for (const struct seen *seen = builder->seen; seen; seen = seen->next)
        if (kc_schema_equal(seen->from, from))
            return seen->made;
    return NULL;
}

static struct kc_error *build_required(struct builder *builder, const struct kc_schema *from,
                                       struct avro_schema **made)
{
    enum kc_kind kind = from->kind;
    struct kc_error *err = NULL;
    if (kinds[kind].build)
        err = kinds[kind].build(builder, from, made);
    else
        *made = avro_new(builder->arena, kinds[kind].type);
    if (err || (*made)->type == AVRO_UNION)
        return err;
    set_props(builder, from, kinds[kind].connect_type, *made);
    return NULL;
}

static struct kc_error *build_anything(const struct builder *builder, struct avro_schema **made)
{
    return avro_parse_alone(builder->arena, kc_text(avro_anything), false, made);
}

static struct kc_error *build(struct builder *builder, const struct kc_schema *schema,
                              bool ignore_optional, struct avro_schema **made)
{
    if (!schema)
        return build_anything(builder, made);
    struct kc_schema *copy = NULL;
    const struct kc_schema *required = schema;
    bool is_union = avro_is_union(schema, builder->settings);
    if (schema->optional && schema->kind == KC_STRUCT && !is_union) {
        copy = kc_schema_copy(schema);
        required = kc_schema_optional(copy, false);
        kc_schema_keep(builder->arena, required);
    }
    bool shared = !required->optional && !is_union;
    *made = shared ? find_seen(builder, required) : NULL;
    struct kc_error *err = *made ? NULL : build_required(builder, required, made);
    if (!err && shared) {
        struct seen *seen = kc_alloc(builder->arena, sizeof(*seen));
        *seen = (struct seen){kc_schema_keep(builder->arena, required), *made, builder->seen};
        builder->seen = seen;
    }
    kc_schema_unref(copy);
    if (err || ignore_optional || !schema->optional || is_union)
        return err;
    *made = with_null(builder, *made, schema->kind == KC_STRUCT || !has_default(schema));
    return NULL;
}

struct kc_error *avro_from_connect(const struct avro_settings *settings,
                                   const struct kc_schema *schema, struct kc_arena *arena,
                                   struct avro_schema **made)
{
    struct builder builder = {.settings = settings, .arena = arena};
    return build(&builder, schema, false, made);
}
