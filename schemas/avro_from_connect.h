/* The Avro schema of a Connect schema: AvroData.fromConnectSchema, with every property in its
 * order, for the text is what a registry knows a schema by. Layer: schemas. Any thread. */
#ifndef SCHEMAS_AVRO_FROM_CONNECT_H
#define SCHEMAS_AVRO_FROM_CONNECT_H

#include "schemas/avro_data.h"

/* schema NULL: that of values without one. The result lives in the arena. KC_BAD_DATA for what has
 * no Avro schema: a name that Avro forbids (and scrub.invalid.names is off), two types of one name
 * are found when it is printed. */
struct kc_error *avro_from_connect(const struct avro_settings *settings,
                                   const struct kc_schema *schema, struct kc_arena *arena,
                                   struct avro_schema **made) KC_MUST_CHECK;

#endif
