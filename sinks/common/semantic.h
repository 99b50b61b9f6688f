/* What a field means, beyond its kind: the semantic types of Connect (Decimal, Date, Time,
 * Timestamp) and of Debezium (io.debezium.time.*, io.debezium.data.*), by the schema's name. Each
 * dialect maps these to column types, and binds values by them. Layer: sinks. Constant. */
#ifndef SINKS_COMMON_SEMANTIC_H
#define SINKS_COMMON_SEMANTIC_H

#include "data/schema.h"

enum semantic {
    SEM_NONE, /* a STRUCT of no known name; a schema without a kind */
    SEM_INT8,
    SEM_INT16,
    SEM_INT32,
    SEM_INT64,
    SEM_FLOAT32,
    SEM_FLOAT64,
    SEM_BOOLEAN,
    SEM_STRING,
    SEM_BYTES,
    SEM_ARRAY,
    SEM_MAP,
    SEM_DECIMAL,
    SEM_VARIABLE_DECIMAL, /* struct {scale, value} */
    SEM_DATE,             /* days, or an instant at midnight */
    SEM_TIME,             /* of the day, in units */
    SEM_TIMESTAMP,        /* wall clock, in units since 1970 */
    SEM_INSTANT,          /* Connect's Timestamp: a moment */
    SEM_ZONED_TIMESTAMP,  /* text with offset */
    SEM_ZONED_TIME,       /* text with offset */
    SEM_ISO,              /* date, time or timestamp as text with a Z behind */
    SEM_YEAR,
    SEM_DURATION, /* in units */
    SEM_INTERVAL, /* ISO text */
    SEM_UUID,
    SEM_JSON,
    SEM_XML,
    SEM_LTREE,
    SEM_TSVECTOR,
    SEM_ENUM,
    SEM_ENUM_SET,
    SEM_BITS, /* bytes, little end first */
    SEM_POINT,
    SEM_CIRCLE,
    SEM_LINE,
    SEM_GEOMETRY,
    SEM_GEOGRAPHY,
    SEM_COUNT
};

struct semantic_type {
    enum semantic semantic;
    int32_t per_second; /* ticks of its unit in a second; 0 where there are none */
};

/* schema may be NULL. */
struct semantic_type semantic_of(const struct kc_schema *schema);
/* The value of a SEM_TIME, SEM_TIMESTAMP, SEM_INSTANT or SEM_DURATION in microseconds (nanoseconds
 * are rounded). False when that does not fit. */
bool semantic_micros(struct semantic_type type, struct kc_value value, int64_t *micros);
/* The value of a SEM_DATE in days since 1970. */
int64_t semantic_days(struct kc_value value);

#endif
