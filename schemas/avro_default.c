#include "schemas/avro_default.h"

#include <stdlib.h>

#include "data/logical.h"
#include "schemas/avro_to_connect.h"

/* Each character is a byte. */
static struct kc_value bytes_value(const struct kc_schema *schema, struct kc_text text,
                                   struct kc_arena *arena)
{
    uint8_t *bytes = kc_alloc(arena, text.len + 1);
    uint32_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= 0xC0 && c < 0xC4 && i + 1 < text.len)
            bytes[len++] = (uint8_t)((c & 3) << 6 | ((unsigned char)text.ptr[++i] & 63));
        else if (c < 0x80)
            bytes[len++] = c;
        else if (c >= 0xC0)
            bytes[len++] = '?';
    }
    if (!kc_schema_is(schema, KC_DECIMAL_NAME))
        return kc_bytes(bytes, len);
    const char *scale = kc_schema_get_param(schema, "scale");
    return kc_decimal_from_bytes(arena, bytes, len, scale ? atoi(scale) : 0);
}

static struct kc_value number_value(const struct kc_schema *schema, const struct json_node *node)
{
    int64_t number = json_long(node);
    if (kc_schema_is(schema, KC_DATE_NAME))
        return kc_instant((int32_t)number * (int64_t)86400000);
    if (kc_schema_is(schema, KC_TIME_NAME) || kc_schema_is(schema, KC_TIMESTAMP_NAME))
        return kc_instant(number);
    if (schema->kind == KC_INT8)
        number = (int8_t)number;
    if (schema->kind == KC_INT16)
        number = (int16_t)number;
    if (schema->kind == KC_INT32)
        number = (int32_t)number;
    return kc_integer((enum kc_kind)schema->kind, number);
}

static bool items_value(const struct kc_schema *schema, const struct avro_schema *avro,
                        const struct json_doc *doc, const struct json_node *node,
                        struct kc_arena *arena, struct kc_value *value)
{
    struct kc_value *items;
    if (node->type != JSON_ARRAY)
        return false;
    *value = kc_array_new(arena, node->count, &items);
    uint32_t at = (uint32_t)(node - doc->nodes) + 1;
    for (uint32_t i = 0; i < node->count; i++, at = doc->nodes[at].next)
        if (!avro_default_value(schema->element, avro->element, doc, &doc->nodes[at], arena,
                                &items[i]))
            return false;
    return true;
}

static bool members_value(const struct kc_schema *schema, const struct avro_schema *avro,
                          const struct json_doc *doc, const struct json_node *node,
                          struct kc_arena *arena, struct kc_value *value)
{
    struct kc_entry *entries;
    if (node->type != JSON_OBJECT)
        return false;
    *value = kc_map_value_new(arena, node->count, &entries);
    uint32_t at = (uint32_t)(node - doc->nodes) + 1;
    for (uint32_t i = 0; i < node->count; i++, at = doc->nodes[at + 1].next) {
        struct kc_text name = json_text(&doc->nodes[at]);
        entries[i].key = kc_string(kc_arena_text(arena, name.ptr, name.len), name.len);
        if (!avro_default_value(schema->element, avro->element, doc, &doc->nodes[at + 1], arena,
                                &entries[i].value))
            return false;
    }
    return true;
}

static bool fields_value(const struct kc_schema *schema, const struct avro_schema *avro,
                         const struct json_doc *doc, const struct json_node *node,
                         struct kc_arena *arena, struct kc_value *value)
{
    if (node->type != JSON_OBJECT)
        return false;
    *value = kc_struct_new(arena, schema);
    for (uint32_t i = 0; i < avro->n_fields; i++) {
        const struct json_node *given = json_member(doc, node, avro->fields[i].name);
        struct kc_value *field = &value->u.structure->field[i];
        if (given && !avro_default_value(schema->fields[i].schema, avro->fields[i].type, doc, given,
                                         arena, field))
            return false;
        if (!given && schema->fields[i].schema->has_default)
            *field = schema->fields[i].schema->default_value;
    }
    return true;
}

/* The first branch's, in its field. */
static bool union_value(const struct kc_schema *schema, const struct avro_schema *avro,
                        const struct json_doc *doc, const struct json_node *node,
                        struct kc_arena *arena, struct kc_value *value)
{
    if (!avro->n_branches || avro->branches[0]->type == AVRO_NULL)
        return true;
    if (avro_nullable(avro) || avro->n_branches == 1)
        return avro_default_value(schema, avro->branches[0], doc, node, arena, value);
    *value = kc_struct_new(arena, schema);
    return avro_default_value(schema->fields[0].schema, avro->branches[0], doc, node, arena,
                              &value->u.structure->field[0]);
}

bool avro_default_value(const struct kc_schema *schema, const struct avro_schema *avro,
                        const struct json_doc *doc, const struct json_node *node,
                        struct kc_arena *arena, struct kc_value *value)
{
    *value = kc_null();
    if (node->type == JSON_NULL)
        return true;
    switch (avro->type) {
    case AVRO_NULL:
        return true;
    case AVRO_BOOLEAN:
        *value = kc_bool(node->type == JSON_TRUE);
        return true;
    case AVRO_INT:
    case AVRO_LONG:
        *value = number_value(schema, node);
        return true;
    case AVRO_FLOAT:
        *value = kc_float((float)json_double(node));
        return true;
    case AVRO_DOUBLE:
        *value = kc_double(json_double(node));
        return true;
    case AVRO_STRING:
    case AVRO_ENUM:
        *value = kc_string(kc_arena_text(arena, node->text, node->len), node->len);
        return true;
    case AVRO_BYTES:
    case AVRO_FIXED:
        *value = bytes_value(schema, json_text(node), arena);
        return node->type == JSON_STRING;
    case AVRO_ARRAY:
        return schema->kind == KC_ARRAY && items_value(schema, avro, doc, node, arena, value);
    case AVRO_MAP:
        return members_value(schema, avro, doc, node, arena, value);
    case AVRO_RECORD:
        return fields_value(schema, avro, doc, node, arena, value);
    case AVRO_UNION:
        return union_value(schema, avro, doc, node, arena, value);
    }
    return false;
}
