#include "data/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"

#define CONSTANT(kind_) \
    { \
        { .kind = (kind_), .refs = -1 }, { .kind = (kind_), .optional = true, .refs = -1 } \
    }
static struct kc_schema constants[][2] = {
    CONSTANT(KC_NULL),    CONSTANT(KC_INT8),    CONSTANT(KC_INT16),   CONSTANT(KC_INT32),
    CONSTANT(KC_INT64),   CONSTANT(KC_FLOAT32), CONSTANT(KC_FLOAT64), CONSTANT(KC_BOOLEAN),
    CONSTANT(KC_STRING),  CONSTANT(KC_BYTES),
};
_Static_assert(KC_COUNT(constants) == KC_BYTES + 1, "one for each primitive kind");

const struct kc_schema *kc_schema_of(enum kc_kind kind, bool optional)
{
    return &constants[kind][optional];
}

struct kc_schema *kc_schema_new(enum kc_kind kind)
{
    struct kc_schema *schema = kc_calloc(1, sizeof(*schema));
    schema->kind = (uint8_t)kind;
    schema->refs = 1;
    return schema;
}

struct kc_schema *kc_schema_optional(struct kc_schema *schema, bool optional)
{
    schema->optional = optional;
    return schema;
}

static void set_text(char **field, const char *text)
{
    char *copy = kc_strdup(text);
    free(*field);
    *field = copy;
}

struct kc_schema *kc_schema_name(struct kc_schema *schema, const char *name)
{
    set_text(&schema->name, name);
    return schema;
}

struct kc_schema *kc_schema_version(struct kc_schema *schema, int32_t version)
{
    schema->has_version = true;
    schema->version = version;
    return schema;
}

struct kc_schema *kc_schema_doc(struct kc_schema *schema, const char *doc)
{
    set_text(&schema->doc, doc);
    return schema;
}

/* Arrays that are built once and then constant grow by powers of two of their own length. */
static void *one_more(void *array, uint32_t len, size_t size)
{
    return len & (len - 1) ? array : kc_realloc(array, (len ? 2 * (size_t)len : 1) * size);
}

struct kc_schema *kc_schema_param(struct kc_schema *schema, const char *key, const char *value)
{
    for (uint32_t i = 0; i < schema->n_params; i++) {
        if (strcmp(schema->params[i].key, key) == 0) {
            set_text(&schema->params[i].value, value);
            return schema;
        }
    }
    schema->params = one_more(schema->params, schema->n_params, sizeof(*schema->params));
    schema->params[schema->n_params++] =
        (struct kc_schema_param){ kc_strdup(key), kc_strdup(value) };
    return schema;
}

static void drop_default(struct kc_schema *schema)
{
    if (schema->arena) {
        kc_arena_clear(schema->arena);
        free(schema->arena);
        schema->arena = NULL;
    }
    schema->has_default = false;
}

struct kc_schema *kc_schema_default(struct kc_schema *schema, struct kc_value value)
{
    struct kc_arena *arena = kc_calloc(1, sizeof(*arena));
    kc_arena_init(arena, 0);
    struct kc_value copy = kc_value_copy(arena, value);
    drop_default(schema);
    schema->arena = arena;
    schema->default_value = copy;
    schema->has_default = true;
    return schema;
}

struct kc_schema *kc_schema_field(struct kc_schema *schema, const char *name,
                                  const struct kc_schema *field)
{
    schema->fields = one_more(schema->fields, schema->n_fields, sizeof(*schema->fields));
    schema->fields[schema->n_fields++] = (struct kc_field){
        kc_strdup(name), (uint32_t)strlen(name), kc_schema_ref(field)
    };
    return schema;
}

static void set_schema(const struct kc_schema **place, const struct kc_schema *schema)
{
    const struct kc_schema *old = *place;
    *place = kc_schema_ref(schema);
    kc_schema_unref(old);
}

struct kc_schema *kc_schema_key(struct kc_schema *schema, const struct kc_schema *key)
{
    set_schema(&schema->key, key);
    return schema;
}

struct kc_schema *kc_schema_element(struct kc_schema *schema, const struct kc_schema *element)
{
    set_schema(&schema->element, element);
    return schema;
}

struct kc_schema *kc_schema_copy(const struct kc_schema *schema)
{
    struct kc_schema *copy = kc_schema_new(schema->kind);
    copy->optional = schema->optional;
    copy->has_version = schema->has_version;
    copy->version = schema->version;
    copy->name = kc_strdup(schema->name);
    copy->doc = kc_strdup(schema->doc);
    for (uint32_t i = 0; i < schema->n_params; i++)
        kc_schema_param(copy, schema->params[i].key, schema->params[i].value);
    for (uint32_t i = 0; i < schema->n_fields; i++)
        kc_schema_field(copy, schema->fields[i].name, schema->fields[i].schema);
    kc_schema_key(copy, schema->key);
    kc_schema_element(copy, schema->element);
    if (schema->has_default)
        kc_schema_default(copy, schema->default_value);
    return copy;
}

struct kc_schema *kc_schema_decimal(int32_t scale)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", (int)scale);
    struct kc_schema *schema = kc_schema_name(kc_schema_new(KC_BYTES), KC_DECIMAL_NAME);
    return kc_schema_param(kc_schema_version(schema, 1), "scale", text);
}

struct kc_schema *kc_schema_logical(const char *name)
{
    enum kc_kind kind = strcmp(name, KC_TIMESTAMP_NAME) == 0 ? KC_INT64 : KC_INT32;
    return kc_schema_version(kc_schema_name(kc_schema_new(kind), name), 1);
}

const struct kc_schema *kc_schema_ref(const struct kc_schema *schema)
{
    struct kc_schema *counted = (struct kc_schema *)schema;
    if (counted && __atomic_load_n(&counted->refs, __ATOMIC_RELAXED) > 0)
        __atomic_add_fetch(&counted->refs, 1, __ATOMIC_RELAXED);
    return schema;
}

static void schema_free(struct kc_schema *schema)
{
    for (uint32_t i = 0; i < schema->n_params; i++) {
        free(schema->params[i].key);
        free(schema->params[i].value);
    }
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        free(schema->fields[i].name);
        kc_schema_unref(schema->fields[i].schema);
    }
    kc_schema_unref(schema->key);
    kc_schema_unref(schema->element);
    drop_default(schema);
    free(schema->params);
    free(schema->fields);
    free(schema->name);
    free(schema->doc);
    free(schema);
}

void kc_schema_unref(const struct kc_schema *schema)
{
    struct kc_schema *counted = (struct kc_schema *)schema;
    if (!counted || __atomic_load_n(&counted->refs, __ATOMIC_RELAXED) < 0)
        return;
    if (__atomic_sub_fetch(&counted->refs, 1, __ATOMIC_ACQ_REL) == 0)
        schema_free(counted);
}

static void unref_object(void *object)
{
    kc_schema_unref(object);
}

const struct kc_schema *kc_schema_keep(struct kc_arena *arena, const struct kc_schema *schema)
{
    if (!schema || schema == arena->last_kept ||
        __atomic_load_n(&schema->refs, __ATOMIC_RELAXED) < 0)
        return schema;
    if (!kc_arena_defers(arena, unref_object, schema))
        kc_arena_defer(arena, unref_object, (struct kc_schema *)kc_schema_ref(schema));
    arena->last_kept = schema;
    return schema;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_params(const struct kc_schema *a, const struct kc_schema *b)
{
    if (a->n_params != b->n_params)
        return false;
    for (uint32_t i = 0; i < a->n_params; i++)
        if (!same_text(a->params[i].value, kc_schema_get_param(b, a->params[i].key)))
            return false;
    return true;
}

static bool same_fields(const struct kc_schema *a, const struct kc_schema *b)
{
    if (a->n_fields != b->n_fields)
        return false;
    for (uint32_t i = 0; i < a->n_fields; i++)
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0 ||
            !kc_schema_equal(a->fields[i].schema, b->fields[i].schema))
            return false;
    return true;
}

bool kc_schema_equal(const struct kc_schema *a, const struct kc_schema *b)
{
    if (a == b)
        return true;
    if (!a || !b)
        return false;
    return a->kind == b->kind && a->optional == b->optional && a->has_version == b->has_version &&
           a->version == b->version && a->has_default == b->has_default &&
           same_text(a->name, b->name) && same_text(a->doc, b->doc) && same_params(a, b) &&
           same_fields(a, b) && kc_schema_equal(a->key, b->key) &&
           kc_schema_equal(a->element, b->element) &&
           (!a->has_default || kc_value_equal(a->default_value, b->default_value));
}

uint64_t kc_schema_hash(const struct kc_schema *schema)
{
    struct kc_schema *shared = (struct kc_schema *)schema;
    if (!schema)
        return 1;
    uint64_t hash = __atomic_load_n(&shared->hash, __ATOMIC_RELAXED);
    if (hash)
        return hash;
    hash = kc_hash(&schema->kind, 1, schema->optional + 2u * (uint32_t)schema->version);
    if (schema->name)
        hash = kc_hash(schema->name, strlen(schema->name), hash);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        hash = kc_hash(schema->fields[i].name, schema->fields[i].name_len, hash);
        hash = hash * 31 + kc_schema_hash(schema->fields[i].schema);
    }
    if (schema->kind == KC_ARRAY || schema->kind == KC_MAP)
        hash = (hash * 31 + kc_schema_hash(schema->key)) * 31 + kc_schema_hash(schema->element);
    if (!hash)
        hash = 1;
    __atomic_store_n(&shared->hash, hash, __ATOMIC_RELAXED);
    return hash;
}

int kc_schema_find(const struct kc_schema *schema, struct kc_text name)
{
    for (uint32_t i = 0; i < schema->n_fields; i++)
        if (schema->fields[i].name_len == name.len &&
            memcmp(schema->fields[i].name, name.ptr, name.len) == 0)
            return (int)i;
    return -1;
}

const char *kc_schema_get_param(const struct kc_schema *schema, const char *key)
{
    for (uint32_t i = 0; i < schema->n_params; i++)
        if (strcmp(schema->params[i].key, key) == 0)
            return schema->params[i].value;
    return NULL;
}

/* ---- kc_schema_check ---- */

/* Where in a value the check is; made text only for an error. */
struct place {
    const char *what; /* before the outer place */
    const struct place *outer;
    const char *field;
};

static void put_place(const struct place *place, struct kc_buf *buf)
{
    for (; place->outer; place = place->outer)
        kc_buf_str(buf, place->what);
    if (place->field)
        kc_buf_printf(buf, "field: \"%s\"", place->field);
    else
        kc_buf_str(buf, "value");
}

static struct kc_error *null_error(const struct kc_schema *schema, const struct place *place)
{
    KC_AUTO_BUF where = { 0 };
    put_place(place, &where);
    return kc_fail(KC_BAD_DATA, "Invalid value: null used for required %s, schema type: %s",
                   where.data, kc_kind_name(schema->kind));
}

static struct kc_error *type_error(const struct kc_schema *schema, struct kc_value value,
                                   const struct place *place)
{
    KC_AUTO_BUF text = { 0 };
    kc_buf_str(&text, "Invalid Java object for schema");
    if (schema->name)
        kc_buf_printf(&text, " \"%s\"", schema->name);
    kc_buf_printf(&text, " with type %s: class %s for ", kc_kind_name(schema->kind),
                  kc_kind_java_class(value.kind));
    put_place(place, &text);
    return kc_fail(KC_BAD_DATA, "%s", text.data);
}

/* The kind of value that a schema asks for. */
static enum kc_kind wanted_kind(const struct kc_schema *schema)
{
    if (!schema->name || strncmp(schema->name, "org.apache.kafka.connect.data.", 30) != 0)
        return schema->kind;
    if (kc_schema_is(schema, KC_DECIMAL_NAME))
        return KC_DECIMAL;
    if (kc_schema_is(schema, KC_DATE_NAME) || kc_schema_is(schema, KC_TIME_NAME) ||
        kc_schema_is(schema, KC_TIMESTAMP_NAME))
        return KC_INSTANT;
    return schema->kind;
}

static struct kc_error *check(const struct kc_schema *schema, struct kc_value value,
                              const struct place *place);

static struct kc_error *check_struct(const struct kc_schema *schema, const struct kc_struct *value)
{
    if (!kc_schema_equal(value->schema, schema))
        return kc_fail(KC_BAD_DATA, "Struct schemas do not match.");
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const struct kc_field *field = &schema->fields[i];
        if (value->field[i].kind == KC_NULL && field->schema->has_default)
            continue;
        struct place place = { .field = field->name };
        struct kc_error *err = check(field->schema, value->field[i], &place);
        if (err)
            return err;
    }
    return NULL;
}

static struct kc_error *check_items(const struct kc_schema *schema, struct kc_value value,
                                    const struct place *place)
{
    struct place item = { "element of array ", place, NULL };
    struct kc_error *err = NULL;
    for (uint32_t i = 0; !err && i < value.len; i++)
        err = check(schema->element, value.u.items[i], &item);
    return err;
}

static struct kc_error *check_entries(const struct kc_schema *schema, struct kc_value value,
                                      const struct place *place)
{
    struct place key = { "key of map ", place, NULL }, element = { "value of map ", place, NULL };
    struct kc_error *err = NULL;
    for (uint32_t i = 0; !err && i < value.len; i++) {
        err = check(schema->key, value.u.entries[i].key, &key);
        if (!err)
            err = check(schema->element, value.u.entries[i].value, &element);
    }
    return err;
}

static struct kc_error *check(const struct kc_schema *schema, struct kc_value value,
                              const struct place *place)
{
    if (!schema)
        return NULL;
    if (value.kind == KC_NULL)
        return schema->optional ? NULL : null_error(schema, place);
    if (value.kind != wanted_kind(schema))
        return type_error(schema, value, place);
    switch (value.kind) {
    case KC_STRUCT:
        return check_struct(schema, value.u.structure);
    case KC_ARRAY:
        return check_items(schema, value, place);
    case KC_MAP:
        return check_entries(schema, value, place);
    default:
        return NULL;
    }
}

struct kc_error *kc_schema_check(const struct kc_schema *schema, struct kc_value value)
{
    struct place top = { 0 };
    return check(schema, value, &top);
}

struct kc_error *kc_schema_check_field(const struct kc_field *field, struct kc_value value)
{
    struct place place = { .field = field->name };
    return check(field->schema, value, &place);
}
