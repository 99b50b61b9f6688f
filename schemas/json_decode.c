#include "schemas/json_decode.h"

#include <stdlib.h>

#include "data/logical.h"
#include "data/map_build.h"
#include "schemas/json_schema.h"

struct json_known {
    struct kc_text text; /* the schema as it stood in a document */
    const struct kc_schema *schema;
    uint64_t used;
};

/* ---- numbers, texts, bytes ---- */

typedef struct kc_error *(*node_reader)(struct json_decoder *decoder,
                                        const struct kc_schema *schema,
                                        const struct json_node *node, struct kc_arena *arena,
                                        struct kc_value *value);
#define READER(name) \
    static struct kc_error *name(struct json_decoder *decoder, const struct kc_schema *schema, \
                                 const struct json_node *node, struct kc_arena *arena, \
                                 struct kc_value *value)
#define UNUSED_BUT_NODE ((void)decoder, (void)schema, (void)arena)

READER(read_int8)
{
    UNUSED_BUT_NODE;
    *value = kc_integer(KC_INT8, (int8_t)json_long(node));
    return NULL;
}

READER(read_int16)
{
    UNUSED_BUT_NODE;
    *value = kc_integer(KC_INT16, (int16_t)json_long(node));
    return NULL;
}

READER(read_int32)
{
    UNUSED_BUT_NODE;
    *value = kc_integer(KC_INT32, (int32_t)json_long(node));
    return NULL;
}

READER(read_int64)
{
    UNUSED_BUT_NODE;
    *value = kc_integer(KC_INT64, json_long(node));
    return NULL;
}

READER(read_float32)
{
    UNUSED_BUT_NODE;
    *value = kc_float(json_float(node));
    return NULL;
}

READER(read_float64)
{
    UNUSED_BUT_NODE;
    *value = kc_double(json_double(node));
    return NULL;
}

READER(read_boolean)
{
    UNUSED_BUT_NODE;
    *value = kc_bool(node->type == JSON_TRUE);
    return NULL;
}

/* What has no text gives null, whatever the schema says: nobody looks until the null is put into a
 * struct. */
static void make_null(struct json_decoder *decoder, const struct kc_schema *schema,
                      struct kc_value *value)
{
    *value = kc_null();
    if (schema && !schema->optional)
        decoder->doubtful = true;
}

READER(read_string)
{
    (void)arena;
    if (node->type == JSON_STRING)
        *value = kc_string(node->text, node->len);
    else
        make_null(decoder, schema, value);
    return NULL;
}

READER(read_bytes)
{
    if (node->type != JSON_STRING)
        make_null(decoder, schema, value);
    else if (!json_base64(node, arena, value))
        return kc_fail(KC_BAD_DATA, "Invalid bytes field");
    return NULL;
}

/* ---- logical types ---- */

static struct kc_error *not_integer(const char *type, const char *wanted,
                                    const struct json_node *node)
{
    return kc_fail(KC_BAD_DATA,
                   "Invalid type for %s, underlying representation should be %s but was %s", type,
                   wanted, json_type_name(node));
}

READER(read_decimal)
{
    (void)decoder;
    struct kc_value bytes;
    struct kc_error *err;
    if (json_is_number(node)) {
        if (kc_decimal_from_text(arena, json_text(node), value))
            return NULL;
        return kc_fail(KC_BAD_DATA, "Invalid number for Decimal field: it has more than 131072 "
                                    "digits before or 16383 behind the point");
    }
    if (node->type != JSON_STRING)
        return not_integer("Decimal", "numeric or bytes", node);
    err = json_base64(node, arena, &bytes) ? kc_decimal_decode(schema, bytes, arena, value)
                                           : kc_fail(KC_BAD_DATA, "broken base64");
    return err ? kc_while(err, "Invalid bytes for Decimal field") : NULL;
}

READER(read_date)
{
    UNUSED_BUT_NODE;
    if (!json_fits_int(node))
        return not_integer("Date", "integer", node);
    *value = kc_date_decode((int32_t)json_long(node));
    return NULL;
}

READER(read_time)
{
    UNUSED_BUT_NODE;
    if (!json_fits_int(node))
        return not_integer("Time", "integer", node);
    return kc_time_decode((int32_t)json_long(node), value);
}

READER(read_timestamp)
{
    UNUSED_BUT_NODE;
    if (node->type != JSON_INTEGER)
        return not_integer("Timestamp", "integral", node);
    *value = kc_instant(json_long(node));
    return NULL;
}

/* ---- arrays ---- */

/* An object gives its values, anything else nothing. */
READER(read_array)
{
    struct kc_value *items;
    bool object = node->type == JSON_OBJECT;
    *value = kc_array_new(arena, node->count, &items);
    const struct json_node *at = node + 1 + object;
    for (uint32_t i = 0; i < node->count; i++) {
        struct kc_error *err =
            json_decode_node(decoder, schema ? schema->element : NULL, at, arena, &items[i]);
        if (err)
            return err;
        if (i + 1 < node->count)
            at = &decoder->doc.nodes[at->next] + object;
    }
    return NULL;
}

/* ---- maps ---- */

/* Members of an object; of two with the same name the last one counts, at the place of the first.
 */
static struct kc_error *read_members(struct json_decoder *decoder, const struct kc_schema *element,
                                     const struct json_node *node, struct kc_arena *arena,
                                     struct kc_value *value)
{
    struct kc_map_build build = kc_map_build(arena, node->count);
    uint32_t at = (uint32_t)(node + 1 - decoder->doc.nodes);
    for (uint32_t i = 0; i < node->count; i++) {
        const struct json_node *name = &decoder->doc.nodes[at];
        struct kc_value *slot = kc_map_build_slot(&build, kc_string(name->text, name->len));
        struct kc_error *err = json_decode_node(decoder, element, name + 1, arena, slot);
        if (err)
            return err;
        at = name[1].next;
    }
    *value = kc_map_build_done(&build);
    return NULL;
}

static struct kc_error *read_pair(struct json_decoder *decoder, const struct kc_schema *schema,
                                  const struct json_node *node, struct kc_arena *arena,
                                  struct kc_entry *entry)
{
    if (node->type != JSON_ARRAY)
        return kc_fail(KC_BAD_DATA, "Found invalid map entry instead of array tuple: %s",
                       json_type_name(node));
    if (node->count != 2)
        return kc_fail(KC_BAD_DATA, "Found invalid map entry, expected length 2 but found :%u",
                       node->count);
    struct kc_error *err = json_decode_node(decoder, schema->key, node + 1, arena, &entry->key);
    if (err)
        return err;
    return json_decode_node(decoder, schema->element, &decoder->doc.nodes[node[1].next], arena,
                            &entry->value);
}

static struct kc_error *read_pairs(struct json_decoder *decoder, const struct kc_schema *schema,
                                   const struct json_node *node, struct kc_arena *arena,
                                   struct kc_value *value)
{
    struct kc_map_build build = kc_map_build(arena, node->count);
    uint32_t at = (uint32_t)(node + 1 - decoder->doc.nodes);
    for (uint32_t i = 0; i < node->count; i++) {
        struct kc_entry entry;
        struct kc_error *err = read_pair(decoder, schema, &decoder->doc.nodes[at], arena, &entry);
        if (err)
            return err;
        *kc_map_build_slot(&build, entry.key) = entry.value;
        at = decoder->doc.nodes[at].next;
    }
    *value = kc_map_build_done(&build);
    return NULL;
}

READER(read_map)
{
    if (!schema || !schema->key || schema->key->kind == KC_STRING) {
        if (node->type != JSON_OBJECT)
            return kc_fail(
                KC_BAD_DATA,
                "Maps with string fields should be encoded as JSON objects, but found %s",
                json_type_name(node));
        if (schema && kc_logical_of(schema->key))
            decoder->doubtful = true; /* names are texts whatever the schema of keys is called */
        return read_members(decoder, schema ? schema->element : NULL, node, arena, value);
    }
    if (node->type != JSON_ARRAY)
        return kc_fail(KC_BAD_DATA,
                       "Maps with non-string fields should be encoded as JSON array of tuples, but "
                       "found %s",
                       json_type_name(node));
    return read_pairs(decoder, schema, node, arena, value);
}

/* ---- structs ---- */

/* Which node each field has; 0: none. Members mostly come in the order of the fields. */
static void find_fields(const struct json_decoder *decoder, const struct kc_schema *schema,
                        const struct json_node *node, uint32_t *places)
{
    uint32_t at = (uint32_t)(node + 1 - decoder->doc.nodes), guess = 0;
    for (uint32_t i = 0; i < node->count; i++) {
        const struct json_node *name = &decoder->doc.nodes[at];
        const struct kc_field *field = guess < schema->n_fields ? &schema->fields[guess] : NULL;
        int found =
            field && field->name_len == name->len && memcmp(field->name, name->text, name->len) == 0
                ? (int)guess
                : kc_schema_find(schema, json_text(name));
        if (found >= 0) {
            places[found] = at + 1;
            guess = (uint32_t)found + 1;
        }
        at = name[1].next;
    }
}

static struct kc_error *read_field(struct json_decoder *decoder, const struct kc_field *field,
                                   uint32_t place, struct kc_arena *arena, struct kc_value *value)
{
    static const struct json_node missing = { .type = JSON_NULL };
    const struct json_node *node = place ? &decoder->doc.nodes[place] : &missing;
    bool before = decoder->doubtful;
    decoder->doubtful = false;
    struct kc_error *err = json_decode_node(decoder, field->schema, node, arena, value);
    if (!err && decoder->doubtful)
        err = kc_schema_check_field(field, *value);
    decoder->doubtful = before;
    return err ? kc_error_place(err, "in field %s", field->name) : NULL;
}

READER(read_struct)
{
    enum { FEW_FIELDS = 64 };
    uint32_t few[FEW_FIELDS] = { 0 }, *places = few;
    if (node->type != JSON_OBJECT)
        return kc_fail(KC_BAD_DATA, "Structs should be encoded as JSON objects, but found %s",
                       json_type_name(node));
    if (schema->n_fields > FEW_FIELDS)
        places = kc_alloc0(arena, schema->n_fields * sizeof(*places));
    find_fields(decoder, schema, node, places);
    *value = kc_struct_new(arena, schema);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        struct kc_error *err = read_field(decoder, &schema->fields[i], places[i], arena,
                                          &value->u.structure->field[i]);
        if (err)
            return err;
    }
    return NULL;
}

/* ---- any value ---- */

static struct kc_error *decode_null(struct json_decoder *decoder, const struct kc_schema *schema,
                                    struct kc_value *value)
{
    *value = kc_null();
    if (!schema)
        return NULL;
    if (decoder->defaults && schema->has_default && schema->default_value.kind != KC_NULL)
        *value = schema->default_value;
    else if (!schema->optional)
        return kc_fail(KC_BAD_DATA, "Invalid null value for required %s field",
                       kc_kind_name(schema->kind));
    return NULL;
}

static const node_reader plain_readers[] = {
    [JSON_FALSE] = read_boolean,   [JSON_TRUE] = read_boolean,  [JSON_INTEGER] = read_int64,
    [JSON_DECIMAL] = read_float64, [JSON_STRING] = read_string, [JSON_ARRAY] = read_array,
    [JSON_OBJECT] = read_map,
};
static const node_reader kind_readers[] = {
    [KC_INT8] = read_int8,       [KC_INT16] = read_int16,     [KC_INT32] = read_int32,
    [KC_INT64] = read_int64,     [KC_FLOAT32] = read_float32, [KC_FLOAT64] = read_float64,
    [KC_BOOLEAN] = read_boolean, [KC_STRING] = read_string,   [KC_BYTES] = read_bytes,
    [KC_ARRAY] = read_array,     [KC_MAP] = read_map,         [KC_STRUCT] = read_struct,
};
static const node_reader logical_readers[] = {
    [KC_LOGICAL_DECIMAL] = read_decimal,
    [KC_LOGICAL_DATE] = read_date,
    [KC_LOGICAL_TIME] = read_time,
    [KC_LOGICAL_TIMESTAMP] = read_timestamp,
};

struct kc_error *json_decode_node(struct json_decoder *decoder, const struct kc_schema *schema,
                                  const struct json_node *node, struct kc_arena *arena,
                                  struct kc_value *value)
{
    if (node->type == JSON_NULL)
        return decode_null(decoder, schema, value);
    if (!schema)
        return plain_readers[node->type](decoder, NULL, node, arena, value);
    enum kc_logical logical = schema->name ? kc_logical_of(schema) : KC_NOT_LOGICAL;
    node_reader read = logical ? logical_readers[logical] : kind_readers[schema->kind];
    return read(decoder, schema, node, arena, value);
}

/* ---- the schemas that are known ---- */

static void free_known(void *object)
{
    struct json_known *known = object;
    kc_schema_unref(known->schema);
    free((char *)known->text.ptr);
    free(known);
}

static void touch(struct json_decoder *decoder, struct json_known *known)
{
    struct json_known *moved = known;
    known->used = ++decoder->clock;
    for (int i = 0; i < JSON_RECENT; i++) {
        struct json_known *here = decoder->recent[i];
        decoder->recent[i] = moved;
        if (here == known || !here)
            return;
        moved = here;
    }
}

static void forget_one(struct json_decoder *decoder)
{
    struct json_known *oldest = NULL;
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&decoder->known, at));) {
        struct json_known *known = at->value;
        if (!oldest || known->used < oldest->used)
            oldest = known;
    }
    memset(decoder->recent, 0, sizeof(decoder->recent));
    if (oldest) {
        kc_map_remove(&decoder->known, oldest->text);
        free_known(oldest);
    }
}

static const struct kc_schema *find_equal(const struct json_decoder *decoder,
                                          const struct kc_schema *schema)
{
    uint64_t hash = kc_schema_hash(schema);
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&decoder->known, at));) {
        const struct json_known *known = at->value;
        if (kc_schema_hash(known->schema) == hash && kc_schema_equal(known->schema, schema))
            return known->schema;
    }
    return NULL;
}

/* Takes the reference to schema. Its text is kept when it is not out of all proportion. */
static const struct kc_schema *remember(struct json_decoder *decoder, struct kc_text text,
                                        const struct kc_schema *schema, struct kc_arena *arena)
{
    enum { LONGEST = 1 << 20 };
    const struct kc_schema *equal = find_equal(decoder, schema);
    if (equal) {
        kc_schema_ref(equal);
        kc_schema_unref(schema);
        schema = equal;
    }
    kc_schema_keep(arena, schema);
    if (text.len > LONGEST) {
        kc_schema_unref(schema);
        return schema;
    }
    if (decoder->known.count >= decoder->cache)
        forget_one(decoder);
    struct json_known *known = kc_calloc(1, sizeof(*known));
    known->text = (struct kc_text){ kc_strndup(text.ptr, text.len), text.len };
    known->schema = schema;
    kc_map_set(&decoder->known, text, known);
    touch(decoder, known);
    return schema;
}

static struct kc_error *find_schema(struct json_decoder *decoder, const struct json_node *node,
                                    struct kc_arena *arena, const struct kc_schema **schema)
{
    *schema = NULL;
    if (node->type == JSON_NULL)
        return NULL;
    struct json_known *known =
        node->type == JSON_OBJECT ? kc_map_get(&decoder->known, json_text(node)) : NULL;
    if (known) {
        touch(decoder, known);
        *schema = kc_schema_keep(arena, known->schema);
        return NULL;
    }
    struct kc_error *err = json_read_schema(decoder, node, arena, schema);
    decoder->doubtful = false;
    if (!err)
        *schema = remember(decoder, json_text(node), *schema, arena);
    return err;
}

/* ---- documents ---- */

static struct kc_error *not_json(struct kc_error *cause)
{
    return kc_while(cause, "Converting byte[] to Kafka Connect data failed due to serialization "
                           "error: ");
}

static bool take(struct kc_text *text, struct kc_text start)
{
    if (text->len < start.len || memcmp(text->ptr, start.ptr, start.len) != 0)
        return false;
    text->ptr += start.len;
    text->len -= start.len;
    return true;
}

/* A document that starts with one of the last schemas, in the very form that we and the original
 * write: only the payload is parsed. False: it is not one of these. */
static bool decode_recent(struct json_decoder *decoder, struct kc_text text, struct kc_arena *arena,
                          const struct kc_schema **schema)
{
    if (!take(&text, KC_TEXT("{\"schema\":")))
        return false;
    for (int i = 0; i < JSON_RECENT && decoder->recent[i]; i++) {
        struct json_known *known = decoder->recent[i];
        struct kc_text rest = text;
        if (!take(&rest, known->text) || !take(&rest, KC_TEXT(",\"payload\":")))
            continue;
        struct kc_error *err = json_read_member(&decoder->doc, rest, arena, &rest);
        kc_error_free(err); /* the whole document gives a better one */
        if (err || !rest.len || rest.ptr[0] != '}')
            return false;
        touch(decoder, known);
        *schema = kc_schema_keep(arena, known->schema);
        return true;
    }
    return false;
}

static struct kc_error *no_envelope(void)
{
    return kc_fail(KC_BAD_DATA,
                   "JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields "
                   "and may not contain additional fields. If you are trying to deserialize plain "
                   "JSON data, set schemas.enable=false in your converter configuration.");
}

/* Nothing but these two members, each perhaps more than once. */
static bool is_envelope(const struct json_decoder *decoder)
{
    const struct json_node *node = decoder->doc.nodes, *at;
    if (!decoder->doc.len || node->type != JSON_OBJECT)
        return false;
    at = node + 1;
    for (uint32_t i = 0; i < node->count; i++) {
        if (!kc_text_is(json_text(at), "schema") && !kc_text_is(json_text(at), "payload"))
            return false;
        if (i + 1 < node->count)
            at = &decoder->doc.nodes[at[1].next];
    }
    return json_member(&decoder->doc, node, "schema") &&
           json_member(&decoder->doc, node, "payload");
}

struct kc_error *json_decode(struct json_decoder *decoder, struct kc_text text,
                             struct kc_arena *arena, const struct kc_schema **schema,
                             struct kc_value *value)
{
    struct kc_text rest;
    *schema = NULL;
    *value = kc_null();
    decoder->doubtful = false;
    if (decoder->schemas && decode_recent(decoder, text, arena, schema))
        return json_decode_node(decoder, *schema, decoder->doc.nodes, arena, value);
    struct kc_error *err = json_read(&decoder->doc, text, arena, &rest);
    if (err)
        return not_json(err);
    if (!decoder->schemas)
        return decoder->doc.len ? json_decode_node(decoder, NULL, decoder->doc.nodes, arena, value)
                                : NULL;
    if (!is_envelope(decoder))
        return no_envelope();
    const struct json_node *node = decoder->doc.nodes;
    err = find_schema(decoder, json_member(&decoder->doc, node, "schema"), arena, schema);
    if (!err)
        err = json_decode_node(decoder, *schema, json_member(&decoder->doc, node, "payload"), arena,
                               value);
    return err;
}

void json_decoder_clear(struct json_decoder *decoder)
{
    memset(decoder->recent, 0, sizeof(decoder->recent));
    kc_map_clear(&decoder->known, free_known);
    json_doc_clear(&decoder->doc);
}
