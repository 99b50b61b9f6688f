/* Rules of Avro schemas that hold however one was made.
 * Layer: schemas. Any thread. */
#ifndef SCHEMAS_AVRO_CHECK_H
#define SCHEMAS_AVRO_CHECK_H

#include "schemas/avro_schema.h"
#include "schemas/json_read.h"

/* Is the JSON a default for a field of that type? For a union: for its first branch. Lengths of
 * fixed and symbols of enums are not looked at, as in the original. */
bool avro_default_fits(const struct avro_schema *schema, const struct json_doc *doc,
                       const struct json_node *value);
/* No union in a union, each type once. KC_BAD_DATA (AvroRuntimeException). */
struct kc_error *avro_check_union(const struct avro_schema *schema) KC_MUST_CHECK;

#endif
