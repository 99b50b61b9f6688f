#include "schemas/json_encode.h"

#include <stdlib.h>

#include "data/logical.h"
#include "schemas/json_schema.h"

typedef struct kc_error *(*json_writer)(struct json_encoder *encoder, const struct json_plan *plan,
                                        struct kc_value value, struct kc_buf *buf);

/* How to write the values of one schema. A struct's plan holds those of its fields, an array's that
 * of its elements, a map's those of key and value. */
struct json_plan {
    json_writer write;
    const struct kc_schema *schema; /* NULL: without one */
    struct json_lead lead;          /* of a field: what stands before its value: ,"name": */
    const struct json_plan *parts;
    uint32_t n_parts;
    bool scale_known; /* of a decimal */
    int32_t scale;
    /* Of the outermost plan only: */
    struct kc_text envelope; /* {"schema":{...},"payload": */
    struct kc_arena arena;
    uint64_t used; /* encoder->clock at the last use */
};

static struct kc_error *invalid_type(const char *type, struct kc_value value)
{
    return kc_fail(KC_BAD_DATA, "Invalid type for %s: class %s", type,
                   kc_kind_java_class(value.kind));
}

static struct kc_error *wrong_kind(const struct json_plan *plan, struct kc_value value)
{
    return invalid_type(kc_kind_name(plan->schema->kind), value);
}

static struct kc_error *write_null(struct json_encoder *encoder, const struct json_plan *plan,
                                   struct kc_buf *buf)
{
    const struct kc_schema *schema = plan->schema;
    if (schema && schema->has_default && schema->default_value.kind != KC_NULL &&
        encoder->settings.defaults)
        return plan->write(encoder, plan, schema->default_value, buf);
    if (schema && !schema->optional)
        return kc_fail(KC_BAD_DATA,
                       "Conversion error: null value for field that is required and has no "
                       "default value");
    kc_buf_put(buf, "null", 4);
    return NULL;
}

static inline struct kc_error *write_planned(struct json_encoder *encoder,
                                             const struct json_plan *plan, struct kc_value value,
                                             struct kc_buf *buf)
{
    if (value.kind == KC_NULL)
        return write_null(encoder, plan, buf);
    return plan->write(encoder, plan, value, buf);
}

/* ---- the kinds ---- */

static struct kc_error *write_integer(struct json_encoder *encoder, const struct json_plan *plan,
                                      struct kc_value value, struct kc_buf *buf)
{
    (void)encoder;
    if (value.kind != plan->schema->kind)
        return wrong_kind(plan, value);
    json_write_int(buf, value.u.i);
    return NULL;
}

static struct kc_error *write_float(struct json_encoder *encoder, const struct json_plan *plan,
                                    struct kc_value value, struct kc_buf *buf)
{
    (void)encoder;
    if (value.kind != plan->schema->kind)
        return wrong_kind(plan, value);
    if (value.kind == KC_FLOAT32)
        json_write_float(buf, value.u.f32);
    else
        json_write_double(buf, value.u.f64);
    return NULL;
}

static struct kc_error *write_boolean(struct json_encoder *encoder, const struct json_plan *plan,
                                      struct kc_value value, struct kc_buf *buf)
{
    (void)encoder;
    if (value.kind != KC_BOOLEAN)
        return wrong_kind(plan, value);
    kc_buf_str(buf, value.u.i ? "true" : "false");
    return NULL;
}

static struct kc_error *write_string(struct json_encoder *encoder, const struct json_plan *plan,
                                     struct kc_value value, struct kc_buf *buf)
{
    (void)encoder;
    if (value.kind != KC_STRING)
        return wrong_kind(plan, value);
    json_write_text(buf, kc_value_text(value));
    return NULL;
}

static struct kc_error *write_bytes(struct json_encoder *encoder, const struct json_plan *plan,
                                    struct kc_value value, struct kc_buf *buf)
{
    (void)encoder;
    (void)plan;
    if (value.kind != KC_BYTES)
        return invalid_type("bytes type", value);
    json_write_bytes(buf, value.u.bytes, value.len);
    return NULL;
}

static struct kc_error *write_array(struct json_encoder *encoder, const struct json_plan *plan,
                                    struct kc_value value, struct kc_buf *buf)
{
    if (value.kind != KC_ARRAY)
        return wrong_kind(plan, value);
    kc_buf_char(buf, '[');
    for (uint32_t i = 0; i < value.len; i++) {
        if (i)
            kc_buf_char(buf, ',');
        struct kc_error *err = write_planned(encoder, &plan->parts[0], value.u.items[i], buf);
        if (err)
            return err;
    }
    kc_buf_char(buf, ']');
    return NULL;
}

/* A key as the name of a member: JsonNode.asText of what it would be as a value. */
static struct kc_error *write_key(struct json_encoder *encoder, const struct json_plan *plan,
                                  struct kc_value key, struct kc_buf *buf)
{
    size_t before = buf->len;
    if (key.kind == KC_STRING)
        return plan->write(encoder, plan, key, buf);
    kc_buf_char(buf, '"');
    struct kc_error *err = write_planned(encoder, plan, key, buf);
    if (err || buf->failed)
        return err;
    if (buf->data[before + 1] == '"') {
        /* It came out as a text by itself. */
        memmove(buf->data + before, buf->data + before + 1, buf->len - before - 1);
        buf->len--;
    } else {
        kc_buf_char(buf, '"');
    }
    return NULL;
}

static struct kc_error *write_entries(struct json_encoder *encoder, const struct json_plan *plan,
                                      struct kc_value map, bool names, struct kc_buf *buf)
{
    struct kc_error *err = NULL;
    kc_buf_char(buf, names ? '{' : '[');
    for (uint32_t i = 0; i < map.len && !err; i++) {
        const struct kc_entry *entry = &map.u.entries[i];
        if (i)
            kc_buf_char(buf, ',');
        if (!names)
            kc_buf_char(buf, '[');
        err = names ? write_key(encoder, &plan->parts[0], entry->key, buf)
                    : write_planned(encoder, &plan->parts[0], entry->key, buf);
        if (err)
            break;
        kc_buf_char(buf, names ? ':' : ',');
        err = write_planned(encoder, &plan->parts[1], entry->value, buf);
        if (!names)
            kc_buf_char(buf, ']');
    }
    kc_buf_char(buf, names ? '}' : ']');
    return err;
}

static struct kc_error *write_map(struct json_encoder *encoder, const struct json_plan *plan,
                                  struct kc_value value, struct kc_buf *buf)
{
    if (value.kind != KC_MAP)
        return wrong_kind(plan, value);
    const struct kc_schema *key = plan->schema->key;
    return write_entries(encoder, plan, value, key && key->kind == KC_STRING, buf);
}

static struct kc_error *write_struct(struct json_encoder *encoder, const struct json_plan *plan,
                                     struct kc_value value, struct kc_buf *buf)
{
    if (value.kind != KC_STRUCT)
        return wrong_kind(plan, value);
    const struct kc_struct *structure = value.u.structure;
    if (structure->schema != plan->schema && !kc_schema_equal(structure->schema, plan->schema))
        return kc_fail(KC_BAD_DATA, "Mismatching schema.");
    if (!plan->n_parts)
        kc_buf_char(buf, '{');
    for (uint32_t i = 0; i < plan->n_parts; i++) {
        const struct json_plan *part = &plan->parts[i];
        if (!json_room(buf, part->lead.len))
            return NULL;
        json_put_lead(buf, part->lead);
        struct kc_error *err = write_planned(encoder, part, structure->field[i], buf);
        if (err)
            return kc_error_place(err, "in field %s", plan->schema->fields[i].name);
    }
    kc_buf_char(buf, '}');
    return NULL;
}

/* ---- the logical types ---- */

static struct kc_error *expected(const char *type, const char *class, struct kc_value value)
{
    return kc_fail(KC_BAD_DATA, "Invalid type for %s, expected %s but was class %s", type, class,
                   kc_kind_java_class(value.kind));
}

static struct kc_error *write_decimal(struct json_encoder *encoder, const struct json_plan *plan,
                                      struct kc_value value, struct kc_buf *buf)
{
    if (value.kind != KC_DECIMAL)
        return expected("Decimal", "BigDecimal", value);
    if (encoder->settings.numeric) {
        kc_decimal_text(value, buf);
        return NULL;
    }
    if (!plan->scale_known || plan->scale != value.u.decimal->scale) {
        struct kc_error *err = kc_decimal_check(plan->schema, value);
        if (err)
            return err;
    }
    json_write_bytes(buf, value.u.decimal->unscaled, value.u.decimal->len);
    return NULL;
}

static struct kc_error *write_date(struct json_encoder *encoder, const struct json_plan *plan,
                                   struct kc_value value, struct kc_buf *buf)
{
    (void)encoder;
    (void)plan;
    int32_t days = 0;
    if (value.kind != KC_INSTANT)
        return expected("Date", "Date", value);
    struct kc_error *err = kc_date_encode(value.u.i, &days);
    json_write_int(buf, days);
    return err;
}

static struct kc_error *write_time(struct json_encoder *encoder, const struct json_plan *plan,
                                   struct kc_value value, struct kc_buf *buf)
{
    (void)encoder;
    (void)plan;
    int32_t of_day = 0;
    if (value.kind != KC_INSTANT)
        return expected("Time", "Date", value);
    struct kc_error *err = kc_time_encode(value.u.i, &of_day);
    json_write_int(buf, of_day);
    return err;
}

static struct kc_error *write_timestamp(struct json_encoder *encoder, const struct json_plan *plan,
                                        struct kc_value value, struct kc_buf *buf)
{
    (void)encoder;
    (void)plan;
    if (value.kind != KC_INSTANT)
        return expected("Timestamp", "Date", value);
    json_write_int(buf, value.u.i);
    return NULL;
}

/* ---- values without a schema: the kind says what they are ---- */

static struct kc_error *write_plain(struct json_encoder *encoder, const struct json_plan *plan,
                                    struct kc_value value, struct kc_buf *buf);

static const json_writer kind_writers[] = {
    [KC_INT8] = write_integer,    [KC_INT16] = write_integer, [KC_INT32] = write_integer,
    [KC_INT64] = write_integer,   [KC_FLOAT32] = write_float, [KC_FLOAT64] = write_float,
    [KC_BOOLEAN] = write_boolean, [KC_STRING] = write_string, [KC_BYTES] = write_bytes,
    [KC_ARRAY] = write_array,     [KC_MAP] = write_map,       [KC_STRUCT] = write_struct,
};
static const json_writer logical_writers[] = {
    [KC_LOGICAL_DECIMAL] = write_decimal,
    [KC_LOGICAL_DATE] = write_date,
    [KC_LOGICAL_TIME] = write_time,
    [KC_LOGICAL_TIMESTAMP] = write_timestamp,
};
/* What a value without a schema holds has none either. */
static const struct json_plan plain_parts[2] = { { .write = write_plain },
                                                 { .write = write_plain } };

static bool all_strings(struct kc_value map)
{
    for (uint32_t i = 0; i < map.len; i++)
        if (map.u.entries[i].key.kind != KC_STRING)
            return false;
    return true;
}

static struct kc_error *write_plain(struct json_encoder *encoder, const struct json_plan *plan,
                                    struct kc_value value, struct kc_buf *buf)
{
    (void)plan;
    const struct kc_schema schema = { .kind = value.kind };
    const struct json_plan one = { .schema = &schema, .parts = plain_parts };
    if (value.kind == KC_STRUCT)
        return kc_fail(KC_BAD_DATA, "Mismatching schema.");
    if (value.kind > KC_STRUCT)
        return kc_fail(KC_BAD_DATA, "Java class class %s does not have corresponding schema type.",
                       kc_kind_java_class(value.kind));
    if (value.kind == KC_MAP)
        return write_entries(encoder, &one, value, all_strings(value), buf);
    return kind_writers[value.kind](encoder, &one, value, buf);
}

/* ---- making plans ---- */

static struct json_lead make_lead(struct kc_arena *arena, bool first, struct kc_text name)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    kc_buf_char(&buf, first ? '{' : ',');
    json_write_text(&buf, name);
    kc_buf_char(&buf, ':');
    char *bytes = kc_alloc0(arena, (buf.len + JSON_BLOCK) / JSON_BLOCK * JSON_BLOCK);
    memcpy(bytes, buf.data, buf.len);
    return (struct json_lead){ bytes, (uint32_t)buf.len };
}

static void plan_schema(struct json_plan *plan, const struct kc_schema *schema,
                        struct kc_arena *arena)
{
    plan->schema = schema;
    plan->write = schema ? kind_writers[schema->kind] : write_plain;
    if (!schema)
        return;
    plan->n_parts = schema->kind == KC_STRUCT  ? schema->n_fields
                    : schema->kind == KC_MAP   ? 2
                    : schema->kind == KC_ARRAY ? 1
                                               : 0;
    struct json_plan *parts = kc_alloc0(arena, plan->n_parts * sizeof(*parts));
    plan->parts = parts;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const struct kc_field *field = &schema->fields[i];
        plan_schema(&parts[i], field->schema, arena);
        parts[i].lead = make_lead(arena, i == 0, (struct kc_text){ field->name, field->name_len });
    }
    if (schema->kind == KC_MAP)
        plan_schema(&parts[0], schema->key, arena);
    if (schema->kind == KC_ARRAY || schema->kind == KC_MAP)
        plan_schema(&parts[plan->n_parts - 1], schema->element, arena);
    enum kc_logical logical = kc_logical_of(schema);
    if (logical)
        plan->write = logical_writers[logical];
    if (logical == KC_LOGICAL_DECIMAL) {
        struct kc_error *err = kc_decimal_scale(schema, &plan->scale);
        plan->scale_known = !err;
        kc_error_free(err); /* comes again with the first value */
    }
}

static void free_plan(void *object)
{
    struct json_plan *plan = object;
    struct kc_arena arena = plan->arena;
    kc_schema_unref(plan->schema);
    kc_arena_clear(&arena);
}

/* Room for one more: the one not used for the longest time goes. */
static void forget_one(struct json_encoder *encoder)
{
    const struct kc_map_entry *oldest = NULL;
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&encoder->plans, at));)
        if (!oldest || ((const struct json_plan *)at->value)->used <
                           ((const struct json_plan *)oldest->value)->used)
            oldest = at;
    encoder->last = NULL;
    if (oldest)
        free_plan(kc_map_remove(&encoder->plans, oldest->key));
}

static struct kc_error *make_envelope(struct json_encoder *encoder, struct json_plan *plan)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    kc_buf_str(&buf, "{\"schema\":");
    struct kc_error *err = json_write_schema(encoder, plan->schema, NULL, &buf);
    if (err)
        return err;
    kc_buf_str(&buf, ",\"payload\":");
    plan->envelope.ptr = kc_arena_copy(&plan->arena, buf.data, buf.len);
    plan->envelope.len = buf.len;
    return NULL;
}

static struct kc_error *new_plan(struct json_encoder *encoder, const struct kc_schema *schema,
                                 struct json_plan **made)
{
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct json_plan *plan = kc_alloc0(&arena, sizeof(*plan));
    plan_schema(plan, kc_schema_ref(schema), &arena);
    plan->arena = arena;
    struct kc_error *err = encoder->settings.schemas ? make_envelope(encoder, plan) : NULL;
    if (err)
        free_plan(plan);
    else
        *made = plan;
    return err;
}

static struct kc_error *find_plan(struct json_encoder *encoder, const struct kc_schema *schema,
                                  const struct json_plan **found)
{
    if (encoder->last && encoder->last->schema == schema) {
        *found = encoder->last;
        return NULL;
    }
    struct kc_text key = { (const char *)&schema, sizeof(schema) };
    struct json_plan *plan = kc_map_get(&encoder->plans, key);
    if (!plan) {
        struct kc_error *err = new_plan(encoder, schema, &plan);
        if (err)
            return err;
        if (encoder->plans.count >= encoder->settings.cache)
            forget_one(encoder);
        kc_map_set(&encoder->plans, key, plan);
    }
    plan->used = ++encoder->clock;
    *found = encoder->last = plan;
    return NULL;
}

void json_encoder_clear(struct json_encoder *encoder)
{
    encoder->last = NULL;
    kc_map_clear(&encoder->plans, free_plan);
}

struct kc_error *json_encode(struct json_encoder *encoder, const struct kc_schema *schema,
                             struct kc_value value, struct kc_buf *buf)
{
    static const struct json_plan plain = { .write = write_plain,
                                            .envelope = { "{\"schema\":null,\"payload\":", 25 } };
    const struct json_plan *plan = &plain;
    struct kc_error *err = schema ? find_plan(encoder, schema, &plan) : NULL;
    if (err)
        return err;
    if (encoder->settings.schemas)
        kc_buf_text(buf, plan->envelope);
    err = write_planned(encoder, plan, value, buf);
    if (encoder->settings.schemas)
        kc_buf_char(buf, '}');
    return err;
}

struct kc_error *json_encode_once(struct json_encoder *encoder, const struct kc_schema *schema,
                                  struct kc_value value, struct kc_buf *buf)
{
    struct kc_arena arena;
    struct json_plan plan = { 0 };
    kc_arena_init(&arena, 0);
    plan_schema(&plan, schema, &arena);
    struct kc_error *err = write_planned(encoder, &plan, value, buf);
    kc_arena_clear(&arena);
    return err;
}
