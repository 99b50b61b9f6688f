#include "schemas/json_schema.h"

#include "data/logical.h"

#define BUILDER_EXCEPTION "org.apache.kafka.connect.errors.SchemaBuilderException"

static const char *const type_names[] = {
    [KC_INT8] = "int8",       [KC_INT16] = "int16",   [KC_INT32] = "int32",
    [KC_INT64] = "int64",     [KC_FLOAT32] = "float", [KC_FLOAT64] = "double",
    [KC_BOOLEAN] = "boolean", [KC_STRING] = "string", [KC_BYTES] = "bytes",
    [KC_ARRAY] = "array",     [KC_MAP] = "map",       [KC_STRUCT] = "struct",
};

/* ---- writing ---- */

static void write_member(struct kc_buf *buf, const char *name, const char *text)
{
    kc_buf_printf(buf, ",\"%s\":", name);
    json_write_text(buf, kc_text(text));
}

static struct kc_error *write_part(struct json_encoder *encoder, const char *name,
                                   const struct kc_schema *part, struct kc_buf *buf)
{
    kc_buf_printf(buf, ",\"%s\":", name);
    return json_write_schema(encoder, part, NULL, buf);
}

static struct kc_error *write_fields(struct json_encoder *encoder, const struct kc_schema *schema,
                                     struct kc_buf *buf)
{
    kc_buf_str(buf, ",\"fields\":[");
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const struct kc_field *field = &schema->fields[i];
        if (i)
            kc_buf_char(buf, ',');
        struct kc_error *err = json_write_schema(encoder, field->schema, field->name, buf);
        if (err)
            return err;
    }
    kc_buf_char(buf, ']');
    return NULL;
}

static struct kc_error *write_parts(struct json_encoder *encoder, const struct kc_schema *schema,
                                    struct kc_buf *buf)
{
    if (schema->kind == KC_STRUCT)
        return write_fields(encoder, schema, buf);
    if (schema->kind == KC_ARRAY)
        return write_part(encoder, "items", schema->element, buf);
    if (schema->kind != KC_MAP)
        return NULL;
    struct kc_error *err = write_part(encoder, "keys", schema->key, buf);
    return err ? err : write_part(encoder, "values", schema->element, buf);
}

static void write_params(const struct kc_schema *schema, struct kc_buf *buf)
{
    for (uint32_t i = 0; i < schema->n_params; i++) {
        kc_buf_str(buf, i ? "," : ",\"parameters\":{");
        json_write_text(buf, kc_text(schema->params[i].key));
        kc_buf_char(buf, ':');
        json_write_text(buf, kc_text(schema->params[i].value));
    }
    if (schema->n_params)
        kc_buf_char(buf, '}');
}

struct kc_error *json_write_schema(struct json_encoder *encoder, const struct kc_schema *schema,
                                   const char *field, struct kc_buf *buf)
{
    if (!schema) {
        kc_buf_str(buf, "null");
        return NULL;
    }
    kc_buf_printf(buf, "{\"type\":\"%s\"", type_names[schema->kind]);
    struct kc_error *err = write_parts(encoder, schema, buf);
    if (err)
        return err;
    kc_buf_str(buf, schema->optional ? ",\"optional\":true" : ",\"optional\":false");
    if (schema->name)
        write_member(buf, "name", schema->name);
    if (schema->has_version)
        kc_buf_printf(buf, ",\"version\":%d", schema->version);
    if (schema->doc)
        write_member(buf, "doc", schema->doc);
    write_params(schema, buf);
    if (schema->has_default && schema->default_value.kind != KC_NULL) {
        kc_buf_str(buf, ",\"default\":");
        err = json_encode_once(encoder, schema, schema->default_value, buf);
    }
    if (field)
        write_member(buf, "field", field);
    kc_buf_char(buf, '}');
    return err;
}

/* ---- reading ---- */

/* The text of a member as a C string in the arena; NULL if it is missing or no string. */
static const char *text_member(struct json_decoder *decoder, const struct json_node *node,
                               const char *name, struct kc_arena *arena)
{
    const struct json_node *member = json_member(&decoder->doc, node, name);
    if (!member || member->type != JSON_STRING)
        return NULL;
    return kc_arena_text(arena, member->text, member->len);
}

static struct kc_error *wrong(const char *text)
{
    return kc_fail(KC_BAD_DATA, "%s", text);
}

/* A schema that must be there, of elements, keys or values. */
static struct kc_error *read_part(struct json_decoder *decoder, const struct json_node *node,
                                  const char *name, const char *missing, const char *null,
                                  struct kc_arena *arena, const struct kc_schema **part)
{
    const struct json_node *member = json_member(&decoder->doc, node, name);
    if (!member)
        return wrong(missing);
    struct kc_error *err = json_read_schema(decoder, member, arena, part);
    if (!err && !*part)
        err = kc_fail_as(KC_BAD_DATA, BUILDER_EXCEPTION, "%s", null);
    return err;
}

static struct kc_error *read_array(struct json_decoder *decoder, const struct json_node *node,
                                   struct kc_arena *arena, struct kc_schema *schema)
{
    const struct json_node *items = json_member(&decoder->doc, node, "items");
    const struct kc_schema *element = NULL;
    if (!items || items->type == JSON_NULL)
        return wrong("Array schema did not specify the element type");
    struct kc_error *err = json_read_schema(decoder, items, arena, &element);
    if (!err)
        kc_schema_element(schema, element);
    kc_schema_unref(element);
    return err;
}

static struct kc_error *read_map(struct json_decoder *decoder, const struct json_node *node,
                                 struct kc_arena *arena, struct kc_schema *schema)
{
    const struct kc_schema *key = NULL, *element = NULL;
    struct kc_error *err = NULL;
    if (json_member(&decoder->doc, node, "keys") && !json_member(&decoder->doc, node, "values"))
        return wrong("Map schema did not specify the value type");
    err = read_part(decoder, node, "keys", "Map schema did not specify the key type",
                    "keySchema cannot be null.", arena, &key);
    if (!err)
        err = read_part(decoder, node, "values", "Map schema did not specify the value type",
                        "valueSchema cannot be null.", arena, &element);
    if (!err) {
        kc_schema_key(schema, key);
        kc_schema_element(schema, element);
    }
    kc_schema_unref(key);
    kc_schema_unref(element);
    return err;
}

static struct kc_error *read_field(struct json_decoder *decoder, const struct json_node *node,
                                   struct kc_arena *arena, struct kc_schema *schema)
{
    const struct kc_schema *field = NULL;
    const char *name = text_member(decoder, node, "field", arena);
    if (!name)
        return wrong("Struct schema's field name not specified properly");
    struct kc_error *err = json_read_schema(decoder, node, arena, &field);
    if (err)
        return err;
    if (!*name)
        err = kc_fail_as(KC_BAD_DATA, BUILDER_EXCEPTION, "fieldName cannot be null.");
    else if (kc_schema_find(schema, kc_text(name)) >= 0)
        err = kc_fail_as(KC_BAD_DATA, BUILDER_EXCEPTION,
                         "Cannot create field because of field name duplication %s", name);
    else
        kc_schema_field(schema, name, field);
    kc_schema_unref(field);
    return err;
}

static struct kc_error *read_struct(struct json_decoder *decoder, const struct json_node *node,
                                    struct kc_arena *arena, struct kc_schema *schema)
{
    const struct json_node *fields = json_member(&decoder->doc, node, "fields");
    if (!fields || fields->type != JSON_ARRAY)
        return wrong("Struct schema's \"fields\" argument is not an array.");
    const struct json_node *at = fields + 1;
    for (uint32_t i = 0; i < fields->count; i++) {
        struct kc_error *err = read_field(decoder, at, arena, schema);
        if (err)
            return err;
        at = &decoder->doc.nodes[at->next];
    }
    return NULL;
}

static struct kc_error *read_params(struct json_decoder *decoder, const struct json_node *node,
                                    struct kc_arena *arena, struct kc_schema *schema)
{
    const struct json_node *params = json_member(&decoder->doc, node, "parameters");
    if (!params || params->type != JSON_OBJECT)
        return NULL;
    const struct json_node *at = params + 1;
    for (uint32_t i = 0; i < params->count; i++) {
        if (at[1].type != JSON_STRING)
            return wrong("Schema parameters must have string values.");
        kc_schema_param(schema, kc_arena_text(arena, at->text, at->len),
                        kc_arena_text(arena, at[1].text, at[1].len));
        at = &decoder->doc.nodes[at[1].next];
    }
    return NULL;
}

static struct kc_error *read_default(struct json_decoder *decoder, const struct json_node *node,
                                     struct kc_arena *arena, struct kc_schema *schema)
{
    const struct json_node *member = json_member(&decoder->doc, node, "default");
    struct kc_value value;
    if (!member)
        return NULL;
    struct kc_error *err = json_decode_node(decoder, schema, member, arena, &value);
    if (err)
        return err;
    /* The original compares the schema of a struct with the unfinished one and never finds them
     * equal. */
    err = value.kind == KC_STRUCT ? wrong("Struct schemas do not match.")
                                  : kc_schema_check(schema, value);
    if (err)
        return kc_while_as(err, BUILDER_EXCEPTION, "Invalid default value");
    if (value.kind != KC_NULL)
        kc_schema_default(schema, value);
    return NULL;
}

static struct kc_error *read_attributes(struct json_decoder *decoder, const struct json_node *node,
                                        struct kc_arena *arena, struct kc_schema *schema)
{
    const struct json_node *optional = json_member(&decoder->doc, node, "optional");
    const struct json_node *version = json_member(&decoder->doc, node, "version");
    const char *name = text_member(decoder, node, "name", arena);
    const char *doc = text_member(decoder, node, "doc", arena);
    kc_schema_optional(schema, optional && optional->type == JSON_TRUE);
    if (name)
        kc_schema_name(schema, name);
    if (version && version->type == JSON_INTEGER)
        kc_schema_version(schema, (int32_t)json_long(version));
    if (doc)
        kc_schema_doc(schema, doc);
    struct kc_error *err = read_params(decoder, node, arena, schema);
    return err ? err : read_default(decoder, node, arena, schema);
}

static struct kc_error *read_type(struct json_decoder *decoder, const struct json_node *node,
                                  enum kc_kind *kind)
{
    const struct json_node *type = json_member(&decoder->doc, node, "type");
    if (!type || type->type != JSON_STRING)
        return wrong("Schema must contain 'type' field");
    for (size_t i = KC_INT8; i < KC_COUNT(type_names); i++) {
        if (kc_text_is(json_text(type), type_names[i])) {
            *kind = (enum kc_kind)i;
            return NULL;
        }
    }
    return kc_fail(KC_BAD_DATA, "Unknown schema type: %.*s",
                      KC_FMT(json_text(type)));
}

struct kc_error *json_read_schema(struct json_decoder *decoder, const struct json_node *node,
                                  struct kc_arena *arena, const struct kc_schema **schema)
{
    enum kc_kind kind = KC_NULL;
    *schema = NULL;
    if (node->type == JSON_NULL)
        return NULL;
    struct kc_error *err = read_type(decoder, node, &kind);
    if (err)
        return err;
    struct kc_schema *made = kc_schema_new(kind);
    if (kind == KC_ARRAY)
        err = read_array(decoder, node, arena, made);
    else if (kind == KC_MAP)
        err = read_map(decoder, node, arena, made);
    else if (kind == KC_STRUCT)
        err = read_struct(decoder, node, arena, made);
    if (!err)
        err = read_attributes(decoder, node, arena, made);
    if (err)
        kc_schema_unref(made);
    else
        *schema = made;
    return err;
}
