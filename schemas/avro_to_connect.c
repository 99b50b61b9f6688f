#include "schemas/avro_to_connect.h"

#include <stdlib.h>
#include <stdio.h>
#include <strings.h>

#include "schemas/avro_default.h"
#include "schemas/avro_equal.h"
#include "schemas/avro_json.h"
#include "schemas/avro_parse.h"

struct inside {
    const struct avro_schema *record;
    const struct inside *outer;
};

struct reader {
    const struct avro_settings *settings;
    const struct inside *inside; /* the records around */
    unsigned unions;             /* numbers generalized ones */
};

/* What the place gives to the schema that stands there. */
struct place {
    bool optional;
    struct kc_text default_json; /* of the field; ptr NULL: none */
    const char *doc;             /* of the field */
    int32_t version;             /* 0: none */
};

static struct kc_error *read(struct reader *reader, const struct avro_schema *avro,
                             const struct place *place, const struct kc_schema **made);

/* ---- what a schema is ---- */

bool avro_is_map_entry(const struct avro_schema *schema)
{
    if (schema->type != AVRO_RECORD)
        return false;
    const struct kc_text *type = avro_get_prop(&schema->props, AVRO_INTERNAL_TYPE);
    return strcmp(schema->full, AVRO_SPACE "." AVRO_MAP_ENTRY) == 0 ||
           (type && kc_text_is(*type, "\"" AVRO_MAP_ENTRY "\""));
}

bool avro_is_anything(const struct avro_schema *schema)
{
    if (schema->type != AVRO_RECORD || strcmp(schema->full, AVRO_SPACE ".Anything") != 0)
        return false;
    struct kc_arena arena;
    struct avro_schema *anything;
    kc_arena_init(&arena, 0);
    struct kc_error *err = avro_parse_alone(&arena, kc_text(avro_anything), false, &anything);
    bool is = !err && avro_equal(schema, anything);
    kc_error_free(err);
    kc_arena_clear(&arena);
    return is;
}

const struct avro_schema *avro_nullable(const struct avro_schema *schema)
{
    if (schema->type != AVRO_UNION || schema->n_branches != 2)
        return NULL;
    for (int i = 0; i < 2; i++)
        if (schema->branches[i]->type == AVRO_NULL)
            return schema->branches[!i];
    return NULL;
}

/* ---- properties ---- */

/* A property read as JSON; the caller clears doc. NULL: there is none. */
static const struct json_node *prop_node(const struct avro_schema *avro, const char *name,
                                         struct json_doc *doc, struct kc_arena *arena)
{
    const struct kc_text *json = avro_get_prop(&avro->props, name);
    if (!json)
        return NULL;
    struct kc_error *err = avro_json_read(doc, *json, arena);
    kc_error_free(err);
    return err ? NULL : &doc->nodes[0];
}

/* One property at a time, with what it needs to live. */
struct prop {
    struct json_doc doc;
    struct kc_arena arena;
    const struct json_node *node;
};

static void prop_open(struct prop *prop, const struct avro_schema *avro, const char *name)
{
    *prop = (struct prop){.node = NULL};
    kc_arena_init(&prop->arena, 0);
    prop->node = prop_node(avro, name, &prop->doc, &prop->arena);
}

static void prop_close(struct prop *prop)
{
    json_doc_clear(&prop->doc);
    kc_arena_clear(&prop->arena);
}

/* Is the property that text? */
static bool prop_is(const struct avro_schema *avro, const char *name, const char *text)
{
    struct prop prop;
    prop_open(&prop, avro, name);
    bool is = prop.node && prop.node->type == JSON_STRING && prop.node->len == strlen(text) &&
              strncasecmp(prop.node->text, text, prop.node->len) == 0;
    prop_close(&prop);
    return is;
}

static bool has_text(const struct avro_schema *avro, const char *name)
{
    const struct kc_text *json = avro_get_prop(&avro->props, name);
    return json && json->len && json->ptr[0] == '"';
}

static int64_t prop_number(const struct avro_schema *avro, const char *name, int64_t otherwise)
{
    struct prop prop;
    prop_open(&prop, avro, name);
    int64_t number = prop.node && json_is_number(prop.node) ? json_long(prop.node) : otherwise;
    prop_close(&prop);
    return number;
}

static struct kc_error *bad_prop(const struct prop *prop, const char *what)
{
    struct kc_text json = prop->node ? json_text(prop->node) : (struct kc_text){"null", 4};
    return kc_fail(KC_BAD_DATA, "%s%.*s", what, (int)(json.len < 500 ? json.len : 500), json.ptr);
}

/* ---- defaults ---- */

/* An invalid default is left out. */
static void set_default(const struct reader *reader, struct kc_schema *schema,
                        const struct avro_schema *avro, const struct place *place)
{
    const struct kc_text *own = avro_get_prop(&avro->props, "connect.default");
    struct kc_text json = place->default_json;
    if (json.ptr && !own && reader->settings->meta && !reader->settings->discard)
        kc_schema_param(schema, AVRO_FIELD_DEFAULT, "true");
    if (!json.ptr && own)
        json = *own;
    if (!json.ptr)
        return;
    struct json_doc doc = {0};
    struct kc_arena arena;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    /* A struct is of the schema without the default that it is. */
    struct kc_schema *bare = kc_schema_copy(schema);
    struct kc_error *err = avro_json_read(&doc, json, &arena);
    if (!err && avro_default_value(bare, avro, &doc, &doc.nodes[0], &arena, &value) &&
        value.kind != KC_NULL) {
        err = kc_schema_check(bare, value);
        if (!err)
            kc_schema_default(schema, value);
    }
    kc_schema_unref(bare);
    kc_error_free(err);
    json_doc_clear(&doc);
    kc_arena_clear(&arena);
}

/* ---- types ---- */

static struct kc_error *read_bytes(struct reader *reader, const struct avro_schema *avro,
                                   struct kc_schema **made)
{
    (void)reader;
    char text[24];
    *made = NULL;
    if (prop_is(avro, "logicalType", "decimal")) {
        *made = kc_schema_decimal((int32_t)prop_number(avro, "scale", 0));
        const struct kc_text *precision = avro_get_prop(&avro->props, "precision");
        int64_t number = prop_number(avro, "precision", INT64_MIN);
        if (precision && number == INT64_MIN)
            return kc_fail(KC_BAD_DATA, "precision property must be a JSON Integer. "
                                        "https://avro.apache.org/docs/1.9.1/spec.html#Decimal");
        snprintf(text, sizeof(text), "%lld", (long long)number);
        if (precision && number != AVRO_DEFAULT_PRECISION)
            kc_schema_param(*made, AVRO_PRECISION, text);
    } else {
        *made = kc_schema_new(KC_BYTES);
    }
    snprintf(text, sizeof(text), "%d", avro->size);
    if (avro->type == AVRO_FIXED)
        kc_schema_param(*made, AVRO_FIXED_SIZE, text);
    return NULL;
}

static struct kc_error *read_int(struct reader *reader, const struct avro_schema *avro,
                                 struct kc_schema **made)
{
    (void)reader;
    bool logical = has_text(avro, "logicalType");
    bool typed = has_text(avro, "connect.type");
    if (prop_is(avro, "logicalType", "date"))
        *made = kc_schema_logical(KC_DATE_NAME);
    else if (prop_is(avro, "logicalType", "time-millis"))
        *made = kc_schema_logical(KC_TIME_NAME);
    else if (logical || !typed)
        *made = kc_schema_new(KC_INT32);
    else if (prop_is(avro, "connect.type", "int8"))
        *made = kc_schema_new(KC_INT8);
    else if (prop_is(avro, "connect.type", "int16"))
        *made = kc_schema_new(KC_INT16);
    else
        return kc_fail(KC_BAD_DATA, "Connect type annotation for Avro int field is null");
    return NULL;
}

static struct kc_error *read_array(struct reader *reader, const struct avro_schema *avro,
                                   struct kc_schema **made)
{
    const struct avro_schema *element = avro->element;
    const struct kc_schema *key = NULL, *value = NULL;
    bool entries = avro_is_map_entry(element);
    *made = kc_schema_new(entries ? KC_MAP : KC_ARRAY);
    if (entries && (element->n_fields != 2 || strcmp(element->fields[0].name, "key") != 0 ||
                    strcmp(element->fields[1].name, "value") != 0))
        return kc_fail(KC_BAD_DATA,
                       "Found map encoded as array of key-value pairs, but array elements do not "
                       "match the expected format.");
    struct kc_error *err =
        entries ? read(reader, element->fields[0].type, &(struct place){0}, &key) : NULL;
    if (!err)
        err = read(reader, entries ? element->fields[1].type : element, &(struct place){0}, &value);
    if (entries)
        kc_schema_key(*made, key);
    kc_schema_element(*made, value);
    kc_schema_unref(key);
    kc_schema_unref(value);
    return err;
}

static struct kc_error *read_map(struct reader *reader, const struct avro_schema *avro,
                                 struct kc_schema **made)
{
    const struct kc_schema *value = NULL;
    *made = kc_schema_new(KC_MAP);
    struct kc_error *err = read(reader, avro->element, &(struct place){0}, &value);
    kc_schema_key(*made, kc_schema_of(KC_STRING, false));
    kc_schema_element(*made, value);
    kc_schema_unref(value);
    return err;
}

static struct kc_error *read_field(struct reader *reader, const struct avro_field *field,
                                   struct kc_schema *record)
{
    const struct kc_schema *schema = NULL;
    if (field->doc && reader->settings->meta && !reader->settings->discard) {
        char *key = kc_printf(AVRO_FIELD_DOC "%s", field->name);
        kc_schema_param(record, key, field->doc);
        free(key);
    }
    struct kc_error *err =
        read(reader, field->type,
             &(struct place){.default_json = field->default_json, .doc = field->doc}, &schema);
    if (err)
        return err;
    kc_schema_field(record, field->name, schema);
    kc_schema_unref(schema);
    return NULL;
}

static struct kc_error *read_record(struct reader *reader, const struct avro_schema *avro,
                                    struct kc_schema **made)
{
    struct inside inside = {avro, reader->inside};
    for (const struct inside *outer = reader->inside; outer; outer = outer->outer)
        if (outer->record == avro)
            return kc_fail(KC_BAD_DATA,
                           "The schema %s contains itself. Connect's schemas are finite: give the "
                           "inner one a type of its own",
                           avro->full);
    *made = kc_schema_new(KC_STRUCT);
    if (avro->doc && reader->settings->meta)
        kc_schema_param(*made, reader->settings->discard ? AVRO_DISCARD_RECORD : AVRO_RECORD_DOC,
                        avro->doc);
    struct kc_error *err = NULL;
    reader->inside = &inside;
    for (uint32_t i = 0; i < avro->n_fields && !err; i++)
        err = read_field(reader, &avro->fields[i], *made);
    reader->inside = inside.outer;
    return err;
}

static void set_enum_doc(const struct reader *reader, const struct avro_schema *avro,
                         struct kc_schema *schema)
{
    char *doc = kc_printf(AVRO_ENUM_DOC "%s", avro->name);
    char *symbol = kc_printf(AVRO_ENUM_DEFAULT "%s", avro->name);
    if (avro->doc && reader->settings->meta)
        kc_schema_param(schema, reader->settings->discard ? AVRO_DISCARD_ENUM : doc, avro->doc);
    if (avro->symbol_default && reader->settings->meta && !reader->settings->discard)
        kc_schema_param(schema, symbol, avro->symbol_default);
    free(doc);
    free(symbol);
}

static struct kc_error *read_enum(struct reader *reader, const struct avro_schema *avro,
                                  struct kc_schema **made)
{
    const char *param = reader->settings->generalized ? AVRO_GENERAL_ENUM : AVRO_ENUM_PARAM;
    *made = kc_schema_new(KC_STRING);
    set_enum_doc(reader, avro, *made);
    kc_schema_param(*made, param, avro->full);
    for (uint32_t i = 0; i < avro->n_symbols; i++) {
        char number[12], *key = kc_printf("%s.%s", param, avro->symbols[i]);
        snprintf(number, sizeof(number), "%u", i);
        kc_schema_param(*made, key, reader->settings->generalized ? number : avro->symbols[i]);
        free(key);
    }
    return NULL;
}

static const char *member_name(const struct reader *reader, const struct avro_schema *branch)
{
    if (!branch->full)
        return avro_type_name(branch->type);
    return reader->settings->enhanced ? branch->full : branch->name;
}

static struct kc_error *read_branch(struct reader *reader, const struct avro_schema *branch,
                                    uint32_t number, struct kc_schema *schema)
{
    const struct kc_schema *made = NULL;
    char general[48];
    snprintf(general, sizeof(general), "connect_union_field_%u", number);
    const char *name = reader->settings->generalized ? general : member_name(reader, branch);
    if (kc_schema_find(schema, kc_text(name)) >= 0)
        return kc_fail(KC_BAD_DATA, "Multiple union schemas map to the Connect union field name");
    struct kc_error *err = read(reader, branch, &(struct place){.optional = true}, &made);
    if (err)
        return err;
    kc_schema_field(schema, name, made);
    kc_schema_unref(made);
    return NULL;
}

static struct kc_error *read_union(struct reader *reader, const struct avro_schema *avro,
                                   struct kc_schema **made)
{
    struct kc_error *err = NULL;
    *made = kc_schema_new(KC_STRUCT);
    if (reader->settings->generalized) {
        char *name = kc_printf("connect_union_%u", reader->unions++);
        kc_schema_name(*made, name);
        kc_schema_param(*made, AVRO_GENERAL_UNION, name);
        free(name);
    } else {
        kc_schema_name(*made, AVRO_UNION_NAME);
    }
    for (uint32_t i = 0; i < avro->n_branches && !err; i++) {
        if (avro->branches[i]->type == AVRO_NULL)
            kc_schema_optional(*made, true);
        else
            err = read_branch(reader, avro->branches[i], i, *made);
    }
    return err;
}

static struct kc_error *read_null(struct reader *reader, const struct avro_schema *avro,
                                  struct kc_schema **made)
{
    (void)reader;
    (void)avro;
    *made = NULL;
    return kc_fail(KC_BAD_DATA, "Standalone null schemas are not supported by this converter");
}

static struct kc_error *read_long(struct reader *reader, const struct avro_schema *avro,
                                  struct kc_schema **made)
{
    (void)reader;
    *made = prop_is(avro, "logicalType", "timestamp-millis") ? kc_schema_logical(KC_TIMESTAMP_NAME)
                                                             : kc_schema_new(KC_INT64);
    return NULL;
}

static const struct {
    enum kc_kind kind;
    struct kc_error *(*read)(struct reader *reader, const struct avro_schema *avro,
                             struct kc_schema **made);
} types[] = {
    [AVRO_NULL] = {KC_NULL, read_null},       [AVRO_BOOLEAN] = {KC_BOOLEAN, NULL},
    [AVRO_INT] = {KC_INT32, read_int},        [AVRO_LONG] = {KC_INT64, read_long},
    [AVRO_FLOAT] = {KC_FLOAT32, NULL},        [AVRO_DOUBLE] = {KC_FLOAT64, NULL},
    [AVRO_BYTES] = {KC_BYTES, read_bytes},    [AVRO_STRING] = {KC_STRING, NULL},
    [AVRO_RECORD] = {KC_STRUCT, read_record}, [AVRO_ENUM] = {KC_STRING, read_enum},
    [AVRO_FIXED] = {KC_BYTES, read_bytes},    [AVRO_ARRAY] = {KC_ARRAY, read_array},
    [AVRO_MAP] = {KC_MAP, read_map},          [AVRO_UNION] = {KC_STRUCT, read_union},
};

/* ---- what all types have ---- */

static void set_doc(const struct reader *reader, const struct avro_schema *avro,
                    const struct place *place, struct kc_schema *schema)
{
    struct prop prop;
    prop_open(&prop, avro, "connect.doc");
    const char *doc = prop.node && prop.node->type == JSON_STRING
                          ? kc_arena_text(&prop.arena, prop.node->text, prop.node->len)
                          : NULL;
    if (reader->settings->discard)
        doc = place->doc ? place->doc : avro->doc ? avro->doc : doc;
    if (doc && reader->settings->meta)
        kc_schema_doc(schema, doc);
    if (reader->settings->discard && reader->settings->meta && avro->doc &&
        avro->type != AVRO_RECORD)
        kc_schema_param(schema, AVRO_DISCARD_RECORD, avro->doc);
    prop_close(&prop);
}

static struct kc_error *set_version(const struct avro_schema *avro, const struct place *place,
                                    struct kc_schema *schema)
{
    struct prop prop;
    prop_open(&prop, avro, "connect.version");
    struct kc_error *err = NULL;
    int64_t version = place->version > 0 ? place->version : -1;
    if (prop.node && !json_is_number(prop.node))
        err = bad_prop(&prop, "Invalid Connect version found: ");
    else if (prop.node)
        version = (int32_t)json_long(prop.node);
    prop_close(&prop);
    if (err || version < 0)
        return err;
    if (schema->has_version && schema->version != version)
        return kc_fail(KC_BAD_DATA,
                       "Mismatched versions: version already added to SchemaBuilder (%d) differs "
                       "from version in source schema (%d)",
                       schema->version, (int32_t)version);
    kc_schema_version(schema, (int32_t)version);
    return NULL;
}

static struct kc_error *set_params(const struct reader *reader, const struct avro_schema *avro,
                                   struct kc_schema *schema)
{
    struct prop prop;
    struct kc_error *err = NULL;
    prop_open(&prop, avro, "connect.parameters");
    if (prop.node && reader->settings->meta) {
        if (prop.node->type != JSON_OBJECT)
            err = bad_prop(&prop, "Expected JSON object for schema parameters but found: ");
        for (uint32_t i = 0, at = 1; i < prop.node->count && !err; i++) {
            const struct json_node *name = &prop.doc.nodes[at], *value = name + 1;
            at = value->next;
            if (value->type != JSON_STRING) {
                err = kc_fail(KC_BAD_DATA,
                              "Expected schema parameter values to be strings but found: %.*s",
                              KC_FMT(json_text(value)));
                break;
            }
            kc_schema_param(schema, kc_arena_text(&prop.arena, name->text, name->len),
                            kc_arena_text(&prop.arena, value->text, value->len));
        }
    }
    prop_close(&prop);
    for (uint32_t i = 0; i < avro->props.count && !err; i++) {
        const char *name = avro->props.items[i].name;
        if (strncmp(name, "avro", 4) != 0)
            continue;
        prop_open(&prop, avro, name);
        struct kc_text text = prop.node ? json_text(prop.node) : avro->props.items[i].json;
        kc_schema_param(schema, name, kc_arena_text(&prop.arena, text.ptr, text.len));
        prop_close(&prop);
    }
    return err;
}

static struct kc_error *set_name(const struct avro_schema *avro, struct kc_schema *schema)
{
    struct prop prop;
    const char *name = avro->full;
    struct kc_error *err = NULL;
    prop_open(&prop, avro, "connect.name");
    if (prop.node && prop.node->type != JSON_STRING)
        err = bad_prop(&prop, "Invalid schema name: ");
    else if (prop.node)
        name = kc_arena_text(&prop.arena, prop.node->text, prop.node->len);
    if (!err && name && strncmp(name, AVRO_DEFAULT_FULL, strlen(AVRO_DEFAULT_FULL)) != 0) {
        if (schema->name && strcmp(schema->name, name) != 0)
            err = kc_fail(KC_BAD_DATA,
                          "Mismatched names: name already added to SchemaBuilder (%s) differs from "
                          "name in source schema (%s)",
                          schema->name, name);
        else if (!schema->name)
            kc_schema_name(schema, name);
    }
    prop_close(&prop);
    return err;
}

static struct kc_error *read_type(struct reader *reader, const struct avro_schema *avro,
                                  const struct place *place, struct kc_schema **made)
{
    struct kc_error *err = NULL;
    if (types[avro->type].read)
        err = types[avro->type].read(reader, avro, made);
    else
        *made = kc_schema_new(types[avro->type].kind);
    if (err)
        return err;
    set_doc(reader, avro, place, *made);
    err = set_version(avro, place, *made);
    if (!err)
        err = set_params(reader, avro, *made);
    if (!err)
        err = set_name(avro, *made);
    if (!err)
        set_default(reader, *made, avro, place);
    return err;
}

static struct kc_error *read(struct reader *reader, const struct avro_schema *avro,
                             const struct place *place, const struct kc_schema **made)
{
    const struct avro_schema *only = avro_nullable(avro);
    struct kc_schema *schema = NULL;
    if (only)
        return read(reader, only, &(struct place){.optional = true, .doc = place->doc}, made);
    if (avro->type == AVRO_UNION && avro->n_branches == 1 && reader->settings->flatten)
        return read(reader, avro->branches[0], &(struct place){.doc = place->doc}, made);
    if (avro_is_anything(avro)) {
        *made = NULL;
        return NULL;
    }
    struct kc_error *err = read_type(reader, avro, place, &schema);
    if (err) {
        kc_schema_unref(schema);
        return err;
    }
    if (place->optional)
        kc_schema_optional(schema, true);
    *made = schema;
    return NULL;
}

struct kc_error *avro_to_connect(const struct avro_settings *settings,
                                 const struct avro_schema *avro, int32_t version,
                                 const struct kc_schema **made)
{
    struct reader reader = {.settings = settings};
    return read(&reader, avro, &(struct place){.version = version}, made);
}
