/* The Connect schema of an Avro schema: AvroData.toConnectSchema.
 * Layer: schemas. Any thread. */
#ifndef SCHEMAS_AVRO_TO_CONNECT_H
#define SCHEMAS_AVRO_TO_CONNECT_H

#include "schemas/avro_data.h"

/* version: the registry's, for a schema that names none; 0: none. *made: one reference; NULL for
 * the schema of values without one. KC_BAD_DATA for what Connect can't hold: null alone, a type
 * that contains itself, connect.* properties of a wrong kind, names that contradict one another. */
struct kc_error *avro_to_connect(const struct avro_settings *settings,
                                 const struct avro_schema *avro, int32_t version,
                                 const struct kc_schema **made) KC_MUST_CHECK;

/* Records of two fields that stand for the entries of a map. */
bool avro_is_map_entry(const struct avro_schema *schema);
/* Is it the schema of values without one? */
bool avro_is_anything(const struct avro_schema *schema);
/* The branch of a union of null and one other type; NULL: it is another schema. */
const struct avro_schema *avro_nullable(const struct avro_schema *schema);

#endif
