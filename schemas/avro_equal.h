/* Are two Avro schemas the same to Java's Schema.equals: names, fields with their defaults and
 * order, properties; not docs and aliases. Layer: schemas. Any thread. */
#ifndef SCHEMAS_AVRO_EQUAL_H
#define SCHEMAS_AVRO_EQUAL_H

#include "schemas/avro_schema.h"

bool avro_equal(const struct avro_schema *a, const struct avro_schema *b);

#endif
