/* Types of the extensions PostGIS (extended well-known binary in hexadecimal) and pgvector. */
#include <stdlib.h>

#include "sources/postgres/types.h"

/* ---- geometry and geography ---- */

static struct kc_schema *geography_schema(const struct type_use *use)
{
    (void)use;
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_name(schema, "io.debezium.data.geometry.Geography");
    kc_schema_version(schema, 1);
    kc_schema_doc(schema, "Geography");
    kc_schema_field(schema, "wkb", kc_schema_of(KC_BYTES, false));
    return kc_schema_field(schema, "srid", kc_schema_of(KC_INT32, true));
}

static uint32_t number_at(const uint8_t *at, bool little)
{
    return little ? (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
                        (uint32_t)at[3] << 24
                  : (uint32_t)at[3] | (uint32_t)at[2] << 8 | (uint32_t)at[1] << 16 |
                        (uint32_t)at[0] << 24;
}

/* The bytes stay as they are; the reference system, if one stands in them, also stands beside them.
 */
static const char *read_ewkb(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    static const uint32_t has_srid = 0x20000000;
    struct kc_text bytes;
    const char *problem = forms_hex(text, arena, &bytes);
    if (problem)
        return problem;
    const uint8_t *at = (const uint8_t *)bytes.ptr;
    bool little = bytes.len > 0 && at[0] == 1;
    if (bytes.len < 5 || at[0] > 1)
        return "is no well-known binary";
    *value = kc_struct_new(arena, use->inner);
    value->u.structure->field[0] = kc_bytes(bytes.ptr, bytes.len);
    if (!(number_at(at + 1, little) & has_srid))
        return NULL;
    if (bytes.len < 9)
        return "is no well-known binary";
    value->u.structure->field[1] = kc_integer(KC_INT32, (int32_t)number_at(at + 5, little));
    return NULL;
}

static struct kc_value no_shape(const struct type_use *use, struct kc_arena *arena)
{
    struct kc_value value;
    return read_ewkb(use, KC_TEXT("010700000000000000"), arena, &value) ? kc_null() : value;
}

const struct type_form form_geometry = {KC_STRUCT, "io.debezium.data.geometry.Geometry",
                                        forms_geometry_schema, read_ewkb, .missing = no_shape},
                       form_geography = {KC_STRUCT, "io.debezium.data.geometry.Geography",
                                         geography_schema, read_ewkb, .missing = no_shape};

/* ---- vectors: [1,2.5] and {1:1,9:2.5}/3000 ---- */

static struct kc_schema *vector_schema(const struct type_use *use)
{
    struct kc_schema *schema = kc_schema_new(KC_ARRAY);
    bool half = use->form == &form_halfvec;
    kc_schema_element(schema, kc_schema_of(half ? KC_FLOAT32 : KC_FLOAT64, false));
    kc_schema_name(schema, use->form->name);
    return kc_schema_version(schema, 1);
}

/* A number from *at on, which has a NUL behind its end. */
static bool number(const char **at, double *out)
{
    char *end;
    *out = strtod(*at, &end);
    bool any = end != *at;
    *at = end;
    return any;
}

static uint32_t count_commas(struct kc_text text)
{
    uint32_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == ',';
    return count;
}

static const char *read_vector(const struct type_use *use, struct kc_text text,
                               struct kc_arena *arena, struct kc_value *value)
{
    const char *at = kc_arena_text(arena, text.ptr, text.len);
    struct kc_value *items;
    double element;
    uint32_t count = count_commas(text) + 1;
    *value = kc_array_new(arena, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        if (*at++ != (i ? ',' : '[') || !number(&at, &element))
            return "is no vector";
        items[i] = use->form == &form_halfvec ? kc_float((float)element) : kc_double(element);
    }
    return strcmp(at, "]") == 0 ? NULL : "is no vector";
}

static struct kc_schema *sparse_schema(const struct type_use *use)
{
    struct kc_schema *schema = kc_schema_new(KC_STRUCT), *map = kc_schema_new(KC_MAP);
    kc_schema_key(map, kc_schema_of(KC_INT16, false));
    kc_schema_element(map, kc_schema_of(KC_FLOAT64, false));
    kc_schema_name(schema, use->form->name);
    kc_schema_version(schema, 1);
    kc_schema_doc(schema, "Sparse double vector");
    kc_schema_field(schema, "dimensions", kc_schema_of(KC_INT16, false));
    kc_schema_field(schema, "vector", map);
    kc_schema_unref(map);
    return schema;
}

/* A count or an index; the semantic type has 16 bits for it. */
static const char *small_number(const char **at, struct kc_value *out)
{
    double any;
    if (!number(at, &any))
        return "is no sparse vector";
    if (!(any >= 0 && any <= INT16_MAX))
        return "has more than 32767 dimensions, which its semantic type can't say";
    *out = kc_integer(KC_INT16, (int16_t)any);
    return NULL;
}

static const char *read_sparse(const struct type_use *use, struct kc_text text,
                               struct kc_arena *arena, struct kc_value *value)
{
    static const char malformed[] = "is no sparse vector";
    const char *at = kc_arena_text(arena, text.ptr, text.len), *problem;
    struct kc_entry *entries;
    uint32_t count = kc_text_starts(text, "{}") ? 0 : count_commas(text) + 1;
    *value = kc_struct_new(arena, use->inner);
    struct kc_value *field = value->u.structure->field;
    field[1] = kc_map_value_new(arena, count, &entries);
    if (*at++ != '{')
        return malformed;
    for (uint32_t i = 0; i < count; i++) {
        double element;
        if (i && *at++ != ',')
            return malformed;
        problem = small_number(&at, &entries[i].key);
        if (problem)
            return problem;
        if (*at++ != ':' || !number(&at, &element))
            return malformed;
        entries[i].value = kc_double(element);
    }
    if (at[0] != '}' || at[1] != '/')
        return malformed;
    at += 2;
    problem = small_number(&at, &field[0]);
    return problem ? problem : *at ? malformed : NULL;
}

static struct kc_value sparse_missing(const struct type_use *use, struct kc_arena *arena)
{
    struct kc_value value;
    return read_sparse(use, KC_TEXT("{}/0"), arena, &value) ? kc_null() : value;
}

const struct type_form form_vector = {KC_ARRAY, "io.debezium.data.DoubleVector", vector_schema,
                                      .read = read_vector},
                       form_halfvec = {KC_ARRAY, "io.debezium.data.FloatVector", vector_schema,
                                       .read = read_vector},
                       form_sparsevec = {KC_STRUCT, "io.debezium.data.SparseDoubleVector",
                                         sparse_schema, read_sparse, .missing = sparse_missing};
