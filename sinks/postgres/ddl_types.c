/* The types of new columns, and literals. */
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "sinks/postgres/bind.h"
#include "sinks/postgres/text.h"

/* NULL: worked out below, or none. */
static const char *const type_names[SEM_COUNT] = {
    [SEM_INT8] = "smallint",
    [SEM_INT16] = "smallint",
    [SEM_INT32] = "integer",
    [SEM_INT64] = "bigint",
    [SEM_FLOAT32] = "real",
    [SEM_FLOAT64] = "double precision",
    [SEM_BOOLEAN] = "boolean",
    [SEM_STRING] = "text",
    [SEM_BYTES] = "bytea",
    [SEM_MAP] = "hstore",
    [SEM_VARIABLE_DECIMAL] = "numeric",
    [SEM_DATE] = "date",
    [SEM_TIME] = "time(6)",
    [SEM_TIMESTAMP] = "timestamp(6)",
    [SEM_INSTANT] = "timestamp(6)",
    [SEM_ZONED_TIMESTAMP] = "timestamptz(6)",
    [SEM_ZONED_TIME] = "timetz(6)",
    [SEM_ISO] = "text",
    [SEM_YEAR] = "integer",
    [SEM_DURATION] = "interval",
    [SEM_INTERVAL] = "interval",
    [SEM_UUID] = "uuid",
    [SEM_JSON] = "json",
    [SEM_XML] = "xml",
    [SEM_LTREE] = "ltree",
    [SEM_TSVECTOR] = "tsvector",
    [SEM_ENUM] = "text",
    [SEM_ENUM_SET] = "text",
    [SEM_POINT] = "point",
    [SEM_CIRCLE] = "circle",
    [SEM_LINE] = "line",
};

/* Source types (as Debezium's column.propagate.source.type notes them) that a field's schema alone
 * does not tell. */
static const struct {
    const char *source, *type;
    bool sized;
} type_propagated[] = {
    { "JSONB", "jsonb", false },         { "BPCHAR", "char", true },
    { "VARCHAR", "varchar", true },      { "OID", "oid", false },
    { "MACADDR", "macaddr", false },     { "MACADDR8", "macaddr8", false },
    { "INET", "inet", false },           { "CIDR", "cidr", false },
    { "INT4RANGE", "int4range", false }, { "INT8RANGE", "int8range", false },
    { "NUMRANGE", "numrange", false },   { "TSRANGE", "tsrange", false },
    { "TSTZRANGE", "tstzrange", false }, { "DATERANGE", "daterange", false },
};

static long type_number(const struct kc_schema *schema, const char *name)
{
    const char *text = kc_schema_get_param(schema, name);
    return text ? strtol(text, NULL, 10) : 0;
}

static void type_decimal(const struct jdbc_settings *settings, const struct kc_schema *schema,
                         struct kc_buf *sql)
{
    long scale = type_number(schema, "scale"),
         precision = type_number(schema, "connect.decimal.precision");

    /* Confluent's sink sets no bounds; Debezium's takes the source's, and 38 digits without them.
     */
    if (settings->flavour != JDBC_DEBEZIUM || (precision <= 0 && scale == 0))
        kc_buf_str(sql, "numeric");
    else
        kc_buf_printf(sql, "numeric(%ld,%ld)", precision > 0 && precision <= 1000 ? precision : 38,
                      scale);
}

static bool type_from_source(const struct kc_schema *schema, struct kc_buf *sql)
{
    const char *source = kc_schema_get_param(schema, "__debezium.source.column.type");
    long length = type_number(schema, "__debezium.source.column.length");

    for (size_t i = 0; source && i < KC_COUNT(type_propagated); i++) {
        if (strcasecmp(source, type_propagated[i].source) != 0)
            continue;
        if (type_propagated[i].sized && (length <= 0 || length > 10485760))
            return false;
        kc_buf_str(sql, type_propagated[i].type);
        if (type_propagated[i].sized)
            kc_buf_printf(sql, "(%ld)", length);
        return true;
    }
    return false;
}

bool pg_column_type(const struct jdbc_settings *settings, const struct kc_schema *schema, bool key,
                    struct kc_buf *sql)
{
    enum semantic semantic = semantic_of(schema).semantic;
    long length;

    if (type_from_source(schema, sql))
        return true;
    switch (semantic) {
    case SEM_DECIMAL:
        type_decimal(settings, schema, sql);
        return true;
    case SEM_BITS:
        length = type_number(schema, "length");
        if (length > 0 && length < INT32_MAX)
            kc_buf_printf(sql, "bit(%ld)", length);
        else
            kc_buf_str(sql, "bit varying");
        return true;
    case SEM_ARRAY:
        if (!schema->element || !pg_column_type(settings, schema->element, key, sql))
            return false;
        kc_buf_str(sql, "[]");
        return true;
    default:
        if (!type_names[semantic])
            return false;
        kc_buf_str(sql, type_names[semantic]);
        return true;
    }
}

bool pg_literal(const struct kc_schema *schema, struct kc_value value, struct kc_buf *sql)
{
    KC_AUTO_BUF text = KC_BUF(1 << 20);
    bool number = value.kind == KC_DECIMAL || value.kind == KC_BOOLEAN ||
                  (value.kind >= KC_INT8 && value.kind <= KC_INT64 && !schema->name) ||
                  ((value.kind == KC_FLOAT32 || value.kind == KC_FLOAT64) &&
                   isfinite(value.kind == KC_FLOAT32 ? value.u.f32 : value.u.f64));

    if (!pg_text(schema, semantic_of(schema), value, &text) || text.failed)
        return false;
    if (number) {
        kc_buf_put(sql, text.data, text.len);
        return true;
    }
    pg_text_literal((struct kc_text){ text.data ? text.data : "", text.len }, sql);
    return true;
}
