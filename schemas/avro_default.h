/* Defaults of Avro schemas as values of Connect.
 * Layer: schemas. Any thread. */
#ifndef SCHEMAS_AVRO_DEFAULT_H
#define SCHEMAS_AVRO_DEFAULT_H

#include "schemas/avro_data.h"
#include "schemas/json_read.h"

/* The value that the JSON stands for, of a schema that avro_to_connect made of avro; structs are of
 * that very schema. A union's is of its first branch. False: it is none; *value may be KC_NULL. */
bool avro_default_value(const struct kc_schema *schema, const struct avro_schema *avro,
                        const struct json_doc *doc, const struct json_node *node,
                        struct kc_arena *arena, struct kc_value *value);

#endif
