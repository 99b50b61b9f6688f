/* Connect's data as Avro and back: what AvroConverter's settings change, and the names by
 * which one world's schemas carry what only the other one knows.
 * Layer: schemas. Constant. */
#ifndef SCHEMAS_AVRO_DATA_H
#define SCHEMAS_AVRO_DATA_H

#include "data/schema.h"
#include "schemas/avro_schema.h"

struct avro_settings {
    bool enhanced; /* enhanced.avro.schema.support: enums stay enums, members of unions have full
                      names */
    bool meta;     /* connect.meta.data: connect.* properties are written and read */
    bool scrub;    /* scrub.invalid.names */
    bool optional_keys;  /* allow.optional.map.keys */
    bool flatten;        /* flatten.singleton.unions */
    bool discard;        /* discard.type.doc.default */
    bool generalized;    /* generalized.sum.type.support */
    bool ignore_default; /* ignore.default.for.nullables */
};

#define AVRO_SPACE          "io.confluent.connect.avro"
#define AVRO_DEFAULT_NAME   "ConnectDefault"
#define AVRO_DEFAULT_FULL   AVRO_SPACE "." AVRO_DEFAULT_NAME
#define AVRO_MAP_ENTRY      "MapEntry"
#define AVRO_UNION_NAME     AVRO_SPACE ".Union"
#define AVRO_ENUM_PARAM     AVRO_SPACE ".Enum"
#define AVRO_RECORD_DOC     AVRO_SPACE ".record.doc"
#define AVRO_ENUM_DOC       AVRO_SPACE ".enum.doc."
#define AVRO_ENUM_DEFAULT   AVRO_SPACE ".enum.default."
#define AVRO_FIELD_DOC      AVRO_SPACE ".field.doc."
#define AVRO_FIELD_DEFAULT  AVRO_SPACE ".field.default"
#define AVRO_DISCARD_RECORD "connect.record.doc"
#define AVRO_DISCARD_ENUM   "connect.enum.doc"
#define AVRO_GENERAL_UNION  "org.apache.kafka.connect.data.Union"
#define AVRO_GENERAL_ENUM   "org.apache.kafka.connect.data.Enum"
#define AVRO_FIXED_SIZE     "connect.fixed.size"
#define AVRO_PRECISION      "connect.decimal.precision"
#define AVRO_INTERNAL_TYPE  "connect.internal.type"
enum { AVRO_DEFAULT_PRECISION = 64 };

/* The schema of values without a schema. */
extern const char avro_anything[];

/* Is it a union, which Connect knows as a struct of optional fields? */
bool avro_is_union(const struct kc_schema *schema, const struct avro_settings *settings);
/* A name as Avro takes it, if the settings ask for that; else as it is. In the arena. */
const char *avro_scrub(const struct avro_settings *settings, const char *name,
                       struct kc_arena *arena);

#endif
