#include "schemas/avro_check.h"

#include "base/map.h"
#include "schemas/avro_print.h"

#define RUNTIME_EXCEPTION "org.apache.avro.AvroRuntimeException"

static bool fits(const struct json_doc *doc, const struct avro_schema *schema,
                 const struct json_node *value, int depth);

static bool all_fit(const struct json_doc *doc, const struct avro_schema *element,
                    const struct json_node *value, int step, int depth)
{
    uint32_t at = (uint32_t)(value - doc->nodes) + (uint32_t)step;
    for (uint32_t i = 0; i < value->count; i++) {
        if (!fits(doc, element, &doc->nodes[at], depth))
            return false;
        at = doc->nodes[at].next + (uint32_t)step - 1;
    }
    return true;
}

/* A member that is missing needs a default of its own, which was looked at when it was read. */
static bool fields_fit(const struct json_doc *doc, const struct avro_schema *schema,
                       const struct json_node *value, int depth)
{
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const struct avro_field *field = &schema->fields[i];
        const struct json_node *given = json_member(doc, value, field->name);
        if (given ? !fits(doc, field->type, given, depth) : !field->default_json.ptr)
            return false;
    }
    return true;
}

static bool is_long(const struct json_node *value)
{
    int64_t number;
    return value->type == JSON_INTEGER && kc_text_int64(json_text(value), &number);
}

static bool fits(const struct json_doc *doc, const struct avro_schema *schema,
                 const struct json_node *value, int depth)
{
    if (depth > JSON_MAX_DEPTH)
        return false;
    switch (schema->type) {
    case AVRO_NULL:
        return value->type == JSON_NULL;
    case AVRO_BOOLEAN:
        return value->type == JSON_TRUE || value->type == JSON_FALSE;
    case AVRO_INT:
        return json_fits_int(value);
    case AVRO_LONG:
        return is_long(value);
    case AVRO_FLOAT:
    case AVRO_DOUBLE:
        return json_is_number(value);
    case AVRO_STRING:
    case AVRO_BYTES:
    case AVRO_ENUM:
    case AVRO_FIXED:
        return value->type == JSON_STRING;
    case AVRO_ARRAY:
        return value->type == JSON_ARRAY && all_fit(doc, schema->element, value, 1, depth + 1);
    case AVRO_MAP:
        return value->type == JSON_OBJECT && all_fit(doc, schema->element, value, 2, depth + 1);
    case AVRO_UNION: /* the first branch, as the specification has it */
        return schema->n_branches && fits(doc, schema->branches[0], value, depth + 1);
    case AVRO_RECORD:
        return value->type == JSON_OBJECT && fields_fit(doc, schema, value, depth + 1);
    }
    return false;
}

bool avro_default_fits(const struct avro_schema *schema, const struct json_doc *doc,
                       const struct json_node *value)
{
    return fits(doc, schema, value, 0);
}

static struct kc_error *nested(const struct avro_schema *schema)
{
    KC_AUTO_BUF text = KC_BUF(0);
    struct kc_error *err = avro_print(schema, NULL, &text);
    return err ? err
               : kc_fail_as(KC_BAD_DATA, RUNTIME_EXCEPTION, "Nested union: %.*s",
                            (int)(text.len < 1000 ? text.len : 1000), text.data);
}

struct kc_error *avro_check_union(const struct avro_schema *schema)
{
    struct kc_map seen = {0};
    struct kc_error *err = NULL;
    for (uint32_t i = 0; i < schema->n_branches && !err; i++) {
        const struct avro_schema *branch = schema->branches[i];
        const char *name = branch->full ? branch->full : avro_type_name(branch->type);
        if (branch->type == AVRO_UNION)
            err = nested(schema);
        else if (kc_map_set(&seen, kc_text(name), (void *)branch))
            err = kc_fail_as(KC_BAD_DATA, RUNTIME_EXCEPTION, "Duplicate in union:%s", name);
    }
    kc_map_clear(&seen, NULL);
    return err;
}
