#include "data/value.h"

#include "data/schema.h"

struct kc_value kc_struct_new(struct kc_arena *arena, const struct kc_schema *schema)
{
    size_t size = sizeof(struct kc_struct) + schema->n_fields * sizeof(struct kc_value);
    struct kc_struct *structure = kc_alloc0(arena, size);
    structure->schema = schema;
    struct kc_value value = { .kind = KC_STRUCT, .len = schema->n_fields };
    value.u.structure = structure;
    return value;
}

struct kc_value kc_struct_get(struct kc_value value, const char *name)
{
    if (value.kind != KC_STRUCT)
        return kc_null();
    int i = kc_schema_find(value.u.structure->schema, kc_text(name));
    return i < 0 ? kc_null() : value.u.structure->field[i];
}

struct kc_value kc_array_new(struct kc_arena *arena, uint32_t len, struct kc_value **items)
{
    *items = kc_alloc0(arena, len * sizeof(**items));
    return (struct kc_value){ .kind = KC_ARRAY, .len = len, .u.items = *items };
}

struct kc_value kc_map_value_new(struct kc_arena *arena, uint32_t len, struct kc_entry **entries)
{
    *entries = kc_alloc0(arena, len * sizeof(**entries));
    return (struct kc_value){ .kind = KC_MAP, .len = len, .u.entries = *entries };
}

struct kc_value kc_map_of_one(struct kc_arena *arena, const char *key, struct kc_value value)
{
    struct kc_entry *entry;
    struct kc_value map = kc_map_value_new(arena, 1, &entry);
    entry[0] = (struct kc_entry){ kc_cstring(key), value };
    return map;
}

struct kc_value kc_map_value_get(struct kc_value map, const char *key)
{
    if (map.kind != KC_MAP)
        return kc_null();
    for (uint32_t i = 0; i < map.len; i++) {
        struct kc_value name = map.u.entries[i].key;
        if (name.kind == KC_STRING && kc_text_is(kc_value_text(name), key))
            return map.u.entries[i].value;
    }
    return kc_null();
}

static struct kc_value copy_struct(struct kc_arena *arena, struct kc_value value)
{
    const struct kc_struct *from = value.u.structure;
    struct kc_value copy = kc_struct_new(arena, kc_schema_keep(arena, from->schema));
    for (uint32_t i = 0; i < from->schema->n_fields; i++)
        copy.u.structure->field[i] = kc_value_copy(arena, from->field[i]);
    return copy;
}

struct kc_value kc_value_copy(struct kc_arena *arena, struct kc_value value)
{
    struct kc_value *items;
    struct kc_entry *entries;
    switch (value.kind) {
    case KC_STRING:
        value.u.text = kc_arena_text(arena, value.u.text, value.len);
        return value;
    case KC_BYTES:
        value.u.bytes = kc_arena_copy(arena, value.u.bytes, value.len);
        return value;
    case KC_DECIMAL:
        value.u.decimal = kc_arena_copy(arena, value.u.decimal,
                                        sizeof(struct kc_decimal) + value.u.decimal->len);
        return value;
    case KC_ARRAY: {
        struct kc_value copy = kc_array_new(arena, value.len, &items);
        for (uint32_t i = 0; i < value.len; i++)
            items[i] = kc_value_copy(arena, value.u.items[i]);
        return copy;
    }
    case KC_MAP: {
        struct kc_value copy = kc_map_value_new(arena, value.len, &entries);
        for (uint32_t i = 0; i < value.len; i++) {
            entries[i].key = kc_value_copy(arena, value.u.entries[i].key);
            entries[i].value = kc_value_copy(arena, value.u.entries[i].value);
        }
        return copy;
    }
    case KC_STRUCT:
        return copy_struct(arena, value);
    default:
        return value;
    }
}

static bool maps_equal(struct kc_value a, struct kc_value b)
{
    for (uint32_t i = 0; i < a.len; i++) {
        const struct kc_entry *wanted = &a.u.entries[i];
        /* Mostly both were written in the same order. */
        uint32_t j = i, tried = 0;
        while (tried < b.len && !kc_value_equal(wanted->key, b.u.entries[j].key)) {
            j = j + 1 == b.len ? 0 : j + 1;
            tried++;
        }
        if (tried == b.len || !kc_value_equal(wanted->value, b.u.entries[j].value))
            return false;
    }
    return true;
}

static bool structs_equal(const struct kc_struct *a, const struct kc_struct *b)
{
    if (a == b)
        return true;
    if (!kc_schema_equal(a->schema, b->schema))
        return false;
    for (uint32_t i = 0; i < a->schema->n_fields; i++)
        if (!kc_value_equal(a->field[i], b->field[i]))
            return false;
    return true;
}

bool kc_value_equal(struct kc_value a, struct kc_value b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case KC_NULL:
        return true;
    case KC_FLOAT32:
        return memcmp(&a.u.f32, &b.u.f32, sizeof(a.u.f32)) == 0;
    case KC_STRING:
    case KC_BYTES:
        return kc_text_equal(kc_value_text(a), kc_value_text(b));
    case KC_DECIMAL:
        return a.u.decimal->scale == b.u.decimal->scale && a.u.decimal->len == b.u.decimal->len &&
               memcmp(a.u.decimal->unscaled, b.u.decimal->unscaled, a.u.decimal->len) == 0;
    case KC_ARRAY:
        if (a.len != b.len)
            return false;
        for (uint32_t i = 0; i < a.len; i++)
            if (!kc_value_equal(a.u.items[i], b.u.items[i]))
                return false;
        return true;
    case KC_MAP:
        return a.len == b.len && maps_equal(a, b);
    case KC_STRUCT:
        return structs_equal(a.u.structure, b.u.structure);
    default: /* integers, and doubles by their bits */
        return a.u.i == b.u.i;
    }
}

static const struct {
    const char *name, *java_class;
} kinds[] = {
    [KC_NULL] = { "NULL", "null" },
    [KC_INT8] = { "INT8", "java.lang.Byte" },
    [KC_INT16] = { "INT16", "java.lang.Short" },
    [KC_INT32] = { "INT32", "java.lang.Integer" },
    [KC_INT64] = { "INT64", "java.lang.Long" },
    [KC_FLOAT32] = { "FLOAT32", "java.lang.Float" },
    [KC_FLOAT64] = { "FLOAT64", "java.lang.Double" },
    [KC_BOOLEAN] = { "BOOLEAN", "java.lang.Boolean" },
    [KC_STRING] = { "STRING", "java.lang.String" },
    [KC_BYTES] = { "BYTES", "[B" },
    [KC_ARRAY] = { "ARRAY", "java.util.ArrayList" },
    [KC_MAP] = { "MAP", "java.util.HashMap" },
    [KC_STRUCT] = { "STRUCT", "org.apache.kafka.connect.data.Struct" },
    [KC_DECIMAL] = { "DECIMAL", "java.math.BigDecimal" },
    [KC_INSTANT] = { "INSTANT", "java.util.Date" },
};

const char *kc_kind_name(enum kc_kind kind)
{
    return kind < KC_COUNT(kinds) ? kinds[kind].name : "?";
}

const char *kc_kind_java_class(enum kc_kind kind)
{
    return kind < KC_COUNT(kinds) ? kinds[kind].java_class : "?";
}
