#include "sources/postgres/types.h"

#include <stdlib.h>
#include <strings.h>

#define VARHDRSZ 4

enum row_flags {
    NO_DEFAULT = 1, /* its defaults don't show in the schema */
    NO_ARRAY = 2,   /* its arrays are left out */
    LENGTH = 4,     /* typmod is VARHDRSZ + the length in characters */
    BITS = 8,       /* typmod is the length in bits */
    NUMERIC = 16,   /* typmod packs precision and scale */
    FRACTION = 32,  /* typmod is the digits of the fraction of a second */
    SPAN = 64,      /* the same in its lower half; all ones: none was given */
    OPTIONAL = 128, /* the schema is, even where the column can't be null */
    REQUIRED = 256, /* elements of its arrays can't be null */
    CHARACTERS = 512, /* masks can hide its values */
    RANGE = NO_DEFAULT,
    SHAPE = NO_DEFAULT | OPTIONAL,
};

struct type_row {
    uint32_t oid;      /* 0: an extension's, found by name */
    uint32_t array;    /* oid of its array type; 0: by name */
    const char *name;
    const struct type_form *form;
    type_pick *pick;   /* where the form depends on settings */
    unsigned flags;
    char delimiter;    /* between elements of its arrays; 0: a comma */
};

static const struct type_row rows[] = {
    { 16, 1000, "bool", .form = &form_bool },
    { 17, 1001, "bytea", .pick = forms_bytea, .flags = NO_DEFAULT },
    { 18, 1002, "char", .form = &form_text, .flags = NO_DEFAULT | CHARACTERS },
    { 19, 1003, "name", .form = &form_text, .flags = NO_DEFAULT | NO_ARRAY | CHARACTERS },
    { 20, 1016, "int8", .form = &form_int8 },
    { 21, 1005, "int2", .form = &form_int2 },
    { 22, 1006, "int2vector", .form = &form_int2vector, .flags = NO_DEFAULT | NO_ARRAY },
    { 23, 1007, "int4", .form = &form_int4 },
    { 25, 1009, "text", .form = &form_text, .flags = CHARACTERS },
    { 26, 1028, "oid", .form = &form_int8, .flags = NO_DEFAULT },
    { 30, 1013, "oidvector", .form = &form_oidvector, .flags = NO_DEFAULT | NO_ARRAY },
    { 114, 199, "json", .form = &form_json },
    { 142, 143, "xml", .form = &form_xml, .flags = NO_ARRAY },
    { 600, 1017, "point", .form = &form_point, .flags = NO_DEFAULT | NO_ARRAY },
    { 601, 1018, "lseg", .form = &form_lseg, .flags = SHAPE },
    { 602, 1019, "path", .form = &form_path, .flags = SHAPE },
    { 603, 1020, "box", .form = &form_box, .flags = SHAPE, .delimiter = ';' },
    { 604, 1027, "polygon", .form = &form_polygon, .flags = SHAPE },
    { 628, 629, "line", .form = &form_line, .flags = SHAPE },
    { 650, 651, "cidr", .form = &form_text, .flags = NO_DEFAULT },
    { 700, 1021, "float4", .form = &form_float4 },
    { 701, 1022, "float8", .form = &form_float8 },
    { 718, 719, "circle", .form = &form_circle, .flags = SHAPE },
    { 774, 775, "macaddr8", .form = &form_text, .flags = NO_DEFAULT },
    { 790, 791, "money", .pick = forms_money, .flags = NO_DEFAULT | NO_ARRAY },
    { 829, 1040, "macaddr", .form = &form_text, .flags = NO_DEFAULT },
    { 869, 1041, "inet", .form = &form_text, .flags = NO_DEFAULT },
    { 1042, 1014, "bpchar", .form = &form_text, .flags = LENGTH | CHARACTERS },
    { 1043, 1015, "varchar", .form = &form_text, .flags = LENGTH | CHARACTERS },
    { 1082, 1182, "date", .pick = forms_date },
    { 1083, 1183, "time", .pick = forms_time, .flags = FRACTION },
    { 1114, 1115, "timestamp", .pick = forms_timestamp, .flags = FRACTION },
    { 1184, 1185, "timestamptz", .pick = forms_timestamptz, .flags = FRACTION },
    { 1186, 1187, "interval", .pick = forms_interval, .flags = SPAN | NO_ARRAY },
    { 1266, 1270, "timetz", .pick = forms_timetz, .flags = NO_DEFAULT | FRACTION },
    { 1560, 1561, "bit", .pick = forms_bit, .flags = BITS },
    { 1562, 1563, "varbit", .pick = forms_varbit, .flags = BITS | NO_ARRAY },
    { 1700, 1231, "numeric", .pick = forms_numeric, .flags = NUMERIC },
    { 2950, 2951, "uuid", .form = &form_uuid },
    { 3614, 3643, "tsvector", .form = &form_tsvector, .flags = NO_DEFAULT | REQUIRED },
    { 3802, 3807, "jsonb", .form = &form_json },
    { 3904, 3905, "int4range", .form = &form_text, .flags = RANGE },
    { 3906, 3907, "numrange", .form = &form_text, .flags = RANGE },
    { 3908, 3909, "tsrange", .form = &form_text, .flags = RANGE },
    { 3910, 3911, "tstzrange", .form = &form_text, .flags = RANGE },
    { 3912, 3913, "daterange", .form = &form_text, .flags = RANGE },
    { 3926, 3927, "int8range", .form = &form_text, .flags = RANGE },
    { 0, 0, "hstore", .pick = forms_hstore, .flags = NO_DEFAULT },
    { 0, 0, "citext", .form = &form_text, .flags = NO_DEFAULT },
    { 0, 0, "ltree", .form = &form_ltree, .flags = NO_DEFAULT },
    { 0, 0, "isbn", .form = &form_text, .flags = NO_DEFAULT | REQUIRED },
    { 0, 0, "geometry", .form = &form_geometry, .flags = SHAPE },
    { 0, 0, "geography", .form = &form_geography, .flags = SHAPE },
    { 0, 0, "vector", .form = &form_vector, .flags = NO_DEFAULT | REQUIRED },
    { 0, 0, "halfvec", .form = &form_halfvec, .flags = NO_DEFAULT | REQUIRED },
    { 0, 0, "sparsevec", .form = &form_sparsevec, .flags = NO_DEFAULT | REQUIRED },
};

static const struct type_row *row_by_oid(uint32_t oid, bool *array)
{
    *array = false;
    for (size_t i = 0; i < KC_COUNT(rows) && rows[i].oid; i++)
        if (rows[i].oid == oid || rows[i].array == oid) {
            *array = rows[i].array == oid;
            return &rows[i];
        }
    return NULL;
}

static const struct type_row *row_by_name(const char *name)
{
    for (size_t i = 0; i < KC_COUNT(rows); i++)
        if (!rows[i].oid && strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* ---- from a column's type to how it is read ---- */

static void set_modifiers(struct type_use *use, unsigned flags, int32_t typmod)
{
    use->length = use->scale = -1;
    if (typmod < 0)
        return;
    if (flags & LENGTH)
        use->length = typmod - VARHDRSZ;
    if (flags & BITS)
        use->length = typmod;
    if (flags & FRACTION)
        use->scale = typmod > 6 ? 6 : typmod;
    if (flags & SPAN)
        use->scale = typmod & 0xffff;
    if (flags & NUMERIC) {
        use->length = (typmod - VARHDRSZ) >> 16 & 0xffff;
        /* 11 bits with sign. */
        use->scale = (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
    }
}

static void use_row(const struct type_row *row, int32_t typmod, struct type_use *use)
{
    use->form = row->pick ? row->pick(use->modes, typmod) : row->form;
    use->type_name = row->name;
    use->no_default = row->flags & NO_DEFAULT;
    use->required = row->flags & REQUIRED;
    use->optional = row->flags & OPTIONAL;
    use->characters = row->flags & CHARACTERS;
    set_modifiers(use, row->flags, typmod);
}

/* A type without a form is left out, or comes as bytes if include.unknown.datatypes says so. */
static void use_unknown(struct type_use *use)
{
    if (use->form || !use->modes->unknown)
        return;
    use->form = forms_unknown(use->modes, use->typmod);
    use->no_default = use->required = true;
}

static void use_array(struct type_use *use, const char *name)
{
    use_unknown(use->element);
    use->form = use->element->form ? &form_array : NULL;
    use->type_name = name;
    use->no_default = true;
    use->length = use->scale = -1;
}

/* Domains and arrays lead to other types. */
static void resolve(struct type_catalog *catalog, const struct pg_type_modes *modes, uint32_t oid,
                    int32_t typmod, struct type_use *use);

static void use_element(struct type_catalog *catalog, const struct type_info *info, int32_t typmod,
                        struct type_use *use)
{
    const struct type_info *element = catalog->find(catalog, info->element);
    use->element = kc_calloc(1, sizeof(*use->element));
    use->element->modes = use->modes;
    if (element) {
        resolve(catalog, use->modes, info->element, typmod, use->element);
        use->delimiter = element->delimiter;
    }
    /* As in the original, arrays of domains are left out, but not those over an enum. */
    if (element && element->kind == 'd' && use->element->form != &form_enum)
        use->element->form = NULL;
    use_array(use, info->name);
}

static void use_info(struct type_catalog *catalog, const struct type_info *info, int32_t typmod,
                     struct type_use *use)
{
    const struct type_row *row = info->kind == 'b' ? row_by_name(info->name) : NULL;
    use->type_name = info->name;
    if (info->kind == 'd' && info->base) {
        resolve(catalog, use->modes, info->base,
                info->base_typmod >= 0 ? info->base_typmod : typmod, use);
        use->domain = true;
    } else if (info->kind == 'e') {
        use->form = &form_enum;
        use->labels = info->labels;
    } else if (info->element) {
        use_element(catalog, info, typmod, use);
    } else if (row) {
        use_row(row, typmod, use);
    }
    use->declared = info->name;
}

static void resolve(struct type_catalog *catalog, const struct pg_type_modes *modes, uint32_t oid,
                    int32_t typmod, struct type_use *use)
{
    bool array;
    const struct type_row *row = row_by_oid(oid, &array);
    *use = (struct type_use){.modes = modes, .length = -1, .scale = -1, .type_name = "unknown",
                             .root = oid, .typmod = typmod, .delimiter = ','};
    if (row && array) {
        use->element = kc_calloc(1, sizeof(*use->element));
        *use->element = (struct type_use){.modes = modes, .length = -1, .scale = -1,
                                          .root = row->oid, .typmod = typmod,
                                          .type_name = row->name};
        if (!(row->flags & NO_ARRAY))
            use_row(row, typmod, use->element);
        if (row->delimiter)
            use->delimiter = row->delimiter;
        use_array(use, row->name);
    } else if (row) {
        use_row(row, typmod, use);
    } else {
        const struct type_info *info = catalog->find(catalog, oid);
        if (info)
            use_info(catalog, info, typmod, use);
    }
    if (row)
        use->declared = row->name;
}

void types_resolve(struct type_catalog *catalog, const struct pg_type_modes *modes, uint32_t oid,
                   int32_t typmod, struct type_use *use)
{
    resolve(catalog, modes, oid, typmod, use);
    use_unknown(use);
}

void types_clear(struct type_use *use)
{
    if (use->element) {
        types_clear(use->element);
        free(use->element);
    }
    *use = (struct type_use){ 0 };
}

/* ---- schemas and stand-ins ---- */

struct kc_schema *types_schema(const struct type_use *use)
{
    const struct type_form *form = use->form;
    if (form->schema)
        return form->schema(use);
    struct kc_schema *schema = kc_schema_new(form->kind);
    if (!form->name)
        return schema;
    kc_schema_name(schema, form->name);
    return kc_schema_version(schema, 1);
}

void types_bind(struct type_use *use, const struct kc_schema *schema)
{
    use->inner = schema;
    if (use->element)
        types_bind(use->element, schema->element);
}

struct kc_value types_missing(const struct type_use *use, struct kc_arena *arena)
{
    struct kc_value *items;
    if (use->form->missing)
        return use->form->missing(use, arena);
    switch (use->form->kind) {
    case KC_FLOAT32:
        return kc_float(0);
    case KC_FLOAT64:
        return kc_double(0);
    case KC_STRING:
        return kc_string("", 0);
    case KC_BYTES:
        return kc_bytes("", 0);
    case KC_ARRAY:
        return kc_array_new(arena, 0, &items);
    case KC_STRUCT:
    case KC_MAP:
        return kc_null();
    default:
        return kc_integer(use->form->kind, 0);
    }
}

struct kc_value types_gone(const struct type_use *use, const struct placeholder *placeholder,
                           struct kc_arena *arena)
{
    return use->form->gone ? use->form->gone(use, placeholder, arena) : kc_null();
}

const char *types_loss(const struct type_use *use)
{
    if (!use->form)
        return "is left out: there is no Connect type for it (include.unknown.datatypes sends it as "
               "bytes)";
    if (use->element)
        return types_loss(use->element);
    bool fits = use->form->whole_ms && use->scale >= 0 && use->scale <= 3;
    return fits ? NULL : use->form->loses;
}

bool types_unknown(const struct type_use *use)
{
    const struct type_use *element = use->element ? use->element : use;
    return !use->form || element->form == forms_unknown(use->modes, -1);
}

bool types_characters(const struct type_use *use)
{
    return use->form == &form_enum || use->characters;
}
