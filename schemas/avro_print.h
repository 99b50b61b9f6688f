/* Avro schemas as text, byte for byte as Apache Avro 1.11 and Confluent's registry print them, for
 * the text is what a schema is known by. Layer: schemas. Any thread. */
#ifndef SCHEMAS_AVRO_PRINT_H
#define SCHEMAS_AVRO_PRINT_H

#include "base/map.h"
#include "schemas/avro_schema.h"

/* Schema.toString: appended. known: full name -> struct avro_schema *, types that are only referred
 * to; may be NULL. KC_BAD_DATA (SchemaParseException) when two types have one name. */
struct kc_error *avro_print(const struct avro_schema *schema, const struct kc_map *known,
                            struct kc_buf *buf) KC_MUST_CHECK;
/* The text that normalize=true stands for: properties and aliases sorted, defaults in the form of
 * their types. */
struct kc_error *avro_print_normal(const struct avro_schema *schema, const struct kc_map *known,
                                   struct kc_buf *buf) KC_MUST_CHECK;
/* Parsing Canonical Form: what matters for reading data. */
struct kc_error *avro_print_canonical(const struct avro_schema *schema,
                                      struct kc_buf *buf) KC_MUST_CHECK;
/* CRC-64-AVRO of a canonical form. */
uint64_t avro_fingerprint(struct kc_text canonical);

#endif
