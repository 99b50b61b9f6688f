#include "sinks/common/semantic.h"

#define MS 1000
#define US 1000000
#define NS 1000000000

static const struct {
    const char *name;
    enum kc_kind kind;
    struct semantic_type type;
} semantic_names[] = {
    { KC_DECIMAL_NAME, KC_BYTES, { SEM_DECIMAL, 0 } },
    { KC_DATE_NAME, KC_INT32, { SEM_DATE, 0 } },
    { KC_TIME_NAME, KC_INT32, { SEM_TIME, MS } },
    { KC_TIMESTAMP_NAME, KC_INT64, { SEM_INSTANT, MS } },
    { "io.debezium.time.Date", KC_INT32, { SEM_DATE, 0 } },
    { "io.debezium.time.Time", KC_INT32, { SEM_TIME, MS } },
    { "io.debezium.time.MicroTime", KC_INT64, { SEM_TIME, US } },
    { "io.debezium.time.NanoTime", KC_INT64, { SEM_TIME, NS } },
    { "io.debezium.time.Timestamp", KC_INT64, { SEM_TIMESTAMP, MS } },
    { "io.debezium.time.MicroTimestamp", KC_INT64, { SEM_TIMESTAMP, US } },
    { "io.debezium.time.NanoTimestamp", KC_INT64, { SEM_TIMESTAMP, NS } },
    { "io.debezium.time.ZonedTimestamp", KC_STRING, { SEM_ZONED_TIMESTAMP, 0 } },
    { "io.debezium.time.ZonedTime", KC_STRING, { SEM_ZONED_TIME, 0 } },
    { "io.debezium.time.IsoDate", KC_STRING, { SEM_ISO, 0 } },
    { "io.debezium.time.IsoTime", KC_STRING, { SEM_ISO, 0 } },
    { "io.debezium.time.IsoTimestamp", KC_STRING, { SEM_ISO, 0 } },
    { "io.debezium.time.Year", KC_INT32, { SEM_YEAR, 0 } },
    { "io.debezium.time.MicroDuration", KC_INT64, { SEM_DURATION, US } },
    { "io.debezium.time.NanoDuration", KC_INT64, { SEM_DURATION, NS } },
    { "io.debezium.time.Interval", KC_STRING, { SEM_INTERVAL, 0 } },
    { "io.debezium.data.VariableScaleDecimal", KC_STRUCT, { SEM_VARIABLE_DECIMAL, 0 } },
    { "io.debezium.data.Uuid", KC_STRING, { SEM_UUID, 0 } },
    { "io.debezium.data.Json", KC_STRING, { SEM_JSON, 0 } },
    { "io.debezium.data.Xml", KC_STRING, { SEM_XML, 0 } },
    { "io.debezium.data.Ltree", KC_STRING, { SEM_LTREE, 0 } },
    { "io.debezium.data.Tsvector", KC_STRING, { SEM_TSVECTOR, 0 } },
    { "io.debezium.data.Enum", KC_STRING, { SEM_ENUM, 0 } },
    { "io.debezium.data.EnumSet", KC_STRING, { SEM_ENUM_SET, 0 } },
    { "io.debezium.data.Bits", KC_BYTES, { SEM_BITS, 0 } },
    { "io.debezium.data.geometry.Point", KC_STRUCT, { SEM_POINT, 0 } },
    { "io.debezium.data.geometry.Circle", KC_STRUCT, { SEM_CIRCLE, 0 } },
    { "io.debezium.data.geometry.Line", KC_STRUCT, { SEM_LINE, 0 } },
    { "io.debezium.data.geometry.Geometry", KC_STRUCT, { SEM_GEOMETRY, 0 } },
    { "io.debezium.data.geometry.Geography", KC_STRUCT, { SEM_GEOGRAPHY, 0 } },
};

static const enum semantic semantic_kinds[] = {
    [KC_INT8] = SEM_INT8,       [KC_INT16] = SEM_INT16,     [KC_INT32] = SEM_INT32,
    [KC_INT64] = SEM_INT64,     [KC_FLOAT32] = SEM_FLOAT32, [KC_FLOAT64] = SEM_FLOAT64,
    [KC_BOOLEAN] = SEM_BOOLEAN, [KC_STRING] = SEM_STRING,   [KC_BYTES] = SEM_BYTES,
    [KC_ARRAY] = SEM_ARRAY,     [KC_MAP] = SEM_MAP,         [KC_STRUCT] = SEM_NONE,
};

struct semantic_type semantic_of(const struct kc_schema *schema)
{
    if (!schema)
        return (struct semantic_type){ SEM_NONE, 0 };
    for (size_t i = 0; schema->name && i < KC_COUNT(semantic_names); i++)
        if (schema->kind == semantic_names[i].kind &&
            strcmp(schema->name, semantic_names[i].name) == 0)
            return semantic_names[i].type;
    if (schema->kind < KC_COUNT(semantic_kinds))
        return (struct semantic_type){ semantic_kinds[schema->kind], 0 };
    return (struct semantic_type){ SEM_NONE, 0 };
}

bool semantic_micros(struct semantic_type type, struct kc_value value, int64_t *micros)
{
    if (type.per_second == NS) {
        int64_t rest = value.u.i % 1000;
        *micros = value.u.i / 1000 + (rest >= 500) - (rest < -500);
        return true;
    }
    return !__builtin_mul_overflow(value.u.i, (int64_t)(US / type.per_second), micros);
}

int64_t semantic_days(struct kc_value value)
{
    const int64_t day = INT64_C(86400) * MS;
    int64_t ms = value.u.i;

    if (value.kind != KC_INSTANT)
        return value.u.i;
    return ms / day - (ms % day < 0);
}
