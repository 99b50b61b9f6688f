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
    OPTIONAL = 128, /* the schema is, even where the column can't be null */
    REQUIRED = 64,  /* elements of its arrays can't be null */
    RANGE = NO_DEFAULT,
};

struct type_row {
    uint32_t oid;      /* 0: an extension's, found by name */
    uint32_t array;    /* oid of its array type; 0: by name */
    const char *name;
    const struct type_form *form;
    type_pick *pick;   /* where the form depends on settings */
    unsigned flags;
};

static const struct type_row rows[] = {
    { 16, 1000, "bool", .form = &form_bool },
    { 17, 1001, "bytea", .pick = forms_bytea, .flags = NO_DEFAULT },
    { 18, 1002, "char", .form = &form_text },
    { 19, 1003, "name", .form = &form_text, .flags = NO_DEFAULT | NO_ARRAY },
    { 20, 1016, "int8", .form = &form_int8 },
    { 21, 1005, "int2", .form = &form_int2 },
    { 22, 1006, "int2vector", .form = &form_int2vector, .flags = NO_DEFAULT | NO_ARRAY },
    { 23, 1007, "int4", .form = &form_int4 },
    { 25, 1009, "text", .form = &form_text },
    { 26, 1028, "oid", .form = &form_int8, .flags = NO_DEFAULT },
    { 30, 1013, "oidvector", .form = &form_oidvector, .flags = NO_DEFAULT | NO_ARRAY },
    { 114, 199, "json", .form = &form_json },
    { 142, 143, "xml", .form = &form_xml, .flags = NO_ARRAY },
    { 600, 1017, "point", .form = &form_point, .flags = NO_DEFAULT | NO_ARRAY },
    { 601, 1018, "lseg", .form = &form_lseg, .flags = NO_DEFAULT | OPTIONAL },
    { 602, 1019, "path", .form = &form_path, .flags = NO_DEFAULT | OPTIONAL },
    { 603, 1020, "box", .form = &form_box, .flags = NO_DEFAULT | OPTIONAL },
    { 604, 1027, "polygon", .form = &form_polygon, .flags = NO_DEFAULT | OPTIONAL },
    { 628, 629, "line", .form = &form_line, .flags = NO_DEFAULT | OPTIONAL },
    { 650, 651, "cidr", .form = &form_text, .flags = NO_DEFAULT },
    { 700, 1021, "float4", .form = &form_float4 },
    { 701, 1022, "float8", .form = &form_float8 },
    { 718, 719, "circle", .form = &form_circle, .flags = NO_DEFAULT | OPTIONAL },
    { 774, 775, "macaddr8", .form = &form_text, .flags = NO_DEFAULT },
    { 790, 791, "money", .pick = forms_money, .flags = NO_DEFAULT | NO_ARRAY },
    { 829, 1040, "macaddr", .form = &form_text, .flags = NO_DEFAULT },
    { 869, 1041, "inet", .form = &form_text, .flags = NO_DEFAULT },
    { 1042, 1014, "bpchar", .form = &form_text, .flags = LENGTH },
    { 1043, 1015, "varchar", .form = &form_text, .flags = LENGTH },
    { 1082, 1182, "date", .pick = forms_date },
    { 1083, 1183, "time", .pick = forms_time, .flags = FRACTION },
    { 1114, 1115, "timestamp", .pick = forms_timestamp, .flags = FRACTION },
    { 1184, 1185, "timestamptz", .form = &form_timestamptz, .flags = FRACTION },
    { 1186, 1187, "interval", .pick = forms_interval, .flags = NO_ARRAY },
    { 1266, 1270, "timetz", .form = &form_timetz, .flags = NO_DEFAULT | FRACTION },
    { 1560, 1561, "bit", .pick = forms_bit, .flags = BITS | NO_ARRAY },
    { 1562, 1563, "varbit", .pick = forms_bit, .flags = BITS | NO_ARRAY },
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
    set_modifiers(use, row->flags, typmod);
}

static void use_array(struct type_use *use, const char *name)
{
    use->form = use->element->form ? &form_array : NULL;
    use->type_name = name;
    use->no_default = true;
    use->length = use->scale = -1;
}

/* Domains and arrays lead to other types. */
static void resolve(struct type_catalog *catalog, const struct pg_type_modes *modes, uint32_t oid,
                    int32_t typmod, struct type_use *use);

static void use_info(struct type_catalog *catalog, const struct type_info *info, int32_t typmod,
                     struct type_use *use)
{
    const struct type_row *row = row_by_name(info->name);
    use->type_name = info->name;
    if (info->kind == 'd' && info->base) {
        resolve(catalog, use->modes, info->base,
                      info->base_typmod >= 0 ? info->base_typmod : typmod, use);
    } else if (info->kind == 'e') {
        use->form = &form_enum;
        use->labels = info->labels;
    } else if (info->element) {
        const struct type_info *element = catalog->find(catalog, info->element);
        use->element = kc_calloc(1, sizeof(*use->element));
        if (element)
            resolve(catalog, use->modes, info->element, typmod, use->element);
        /* As in the original, arrays of domains are left out, but not those over an enum. */
        if (element && element->kind == 'd' && use->element->form != &form_enum)
            use->element->form = NULL;
        use_array(use, info->name);
    } else if (row) {
        use_row(row, typmod, use);
    }
}

static void resolve(struct type_catalog *catalog, const struct pg_type_modes *modes, uint32_t oid,
                    int32_t typmod, struct type_use *use)
{
    bool array;
    const struct type_row *row = row_by_oid(oid, &array);
    *use = (struct type_use){ .modes = modes, .length = -1, .scale = -1, .type_name = "unknown" };
    if (row && array) {
        use->element = kc_calloc(1, sizeof(*use->element));
        use->element->modes = modes;
        if (!(row->flags & NO_ARRAY))
            use_row(row, typmod, use->element);
        use_array(use, row->name);
    } else if (row) {
        use_row(row, typmod, use);
    } else {
        const struct type_info *info = catalog->find(catalog, oid);
        if (info)
            use_info(catalog, info, typmod, use);
    }
}

void types_resolve(struct type_catalog *catalog, const struct pg_type_modes *modes, uint32_t oid,
                   int32_t typmod, struct type_use *use)
{
    resolve(catalog, modes, oid, typmod, use);
    if (use->form || !modes->unknown)
        return;
    use->form = forms_unknown(modes, typmod);
    use->no_default = true;
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

/* ---- defaults ---- */

/* "nextval('a_id_seq'::regclass)", "(md5('x'::text))::uuid" */
static bool is_function(const char *text)
{
    if (*text == '(')
        text++;
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    return len > 0 && text[len] == '(' && strchr(text, ')');
}

/* A cast and nothing else: "::character varying", "::numeric(5,2)", or the end. */
static bool is_cast(const char *text)
{
    while (text[0] == ':' && text[1] == ':') {
        text += 2;
        if (*text == '"') {
            const char *end = strchr(text + 1, '"');
            if (!end)
                return false;
            text = end + 1;
        }
        while (*text && *text != ':' && !strchr("+-*/|<>=", *text))
            text++;
    }
    return *text == '\0';
}

/* 'it''s'::text, E'a\\b'::text, B'101'::"bit" */
static bool quoted_literal(const char *text, struct kc_arena *arena, struct kc_text *literal)
{
    bool escapes = *text == 'E';
    if (*text == 'E' || *text == 'B')
        text++;
    if (*text++ != '\'')
        return false;
    char *out = kc_alloc(arena, strlen(text) + 1), *at = out;
    for (;; text++) {
        if (*text == '\0')
            return false;
        if (*text == '\'' && *++text != '\'')
            break;
        if (escapes && *text == '\\')
            text++;
        *at++ = *text;
    }
    *literal = (struct kc_text){ out, (size_t)(at - out) };
    return is_cast(text);
}

/* 5, '-7'::integer, (-7), 1.5, true, NULL::x is none */
static bool bare_literal(const char *text, struct kc_arena *arena, struct kc_text *literal)
{
    bool bracket = *text == '(';
    text += bracket;
    size_t len = strspn(text, "-+.0123456789eE");
    if (len == 0 && (strncmp(text, "true", 4) == 0 || strncmp(text, "false", 5) == 0))
        len = *text == 't' ? 4 : 5;
    if (len == 0)
        return false;
    const char *rest = text + len;
    if (bracket && *rest++ != ')')
        return false;
    *literal = (struct kc_text){ kc_arena_text(arena, text, len), len };
    return is_cast(rest);
}

/* A numeric's default as the column would print it: 1.5 in numeric(5,2) is 1.50. */
static struct kc_text with_scale(struct kc_text literal, int32_t scale, struct kc_arena *arena)
{
    struct kc_value number;
    KC_AUTO_BUF plain = KC_BUF(0);
    if (!kc_decimal_from_text(arena, literal, &number) ||
        !kc_decimal_rescale(arena, number, scale, &number))
        return literal;
    kc_decimal_plain(number, &plain);
    return (struct kc_text){ kc_arena_text(arena, plain.data, plain.len), plain.len };
}

bool types_default(const struct type_use *use, const char *expression, bool required,
                   struct kc_arena *arena, struct kc_value *value)
{
    const struct type_form *form = use->form;
    struct kc_text literal;
    if (use->no_default || form->kind == KC_STRUCT || form->kind == KC_MAP)
        return false;
    if (quoted_literal(expression, arena, &literal) || bare_literal(expression, arena, &literal)) {
        /* A default of char(5) is shown without its blanks, and "epoch" means 1970. */
        bool epoch = form != &form_text && kc_text_is(literal, "epoch");
        if (epoch && form->zero)
            literal = kc_text(form->zero);
        if (form->kind == KC_STRING && use->scale > 0 && use->length > 0)
            literal = with_scale(literal, use->scale, arena);
        return form->read(use, literal, arena, value) == NULL && value->kind != KC_NULL;
    }
    if (!required || !form->zero || !is_function(expression))
        return false;
    return form->read(use, kc_text(form->zero), arena, value) == NULL;
}
