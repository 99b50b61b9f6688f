/* Connect schemas as JSON text and back, in the form that stands in the "schema" member
 * of what JsonConverter writes.
 * Layer: schemas. */
#ifndef SCHEMAS_JSON_SCHEMA_H
#define SCHEMAS_JSON_SCHEMA_H

#include "schemas/json_decode.h"
#include "schemas/json_encode.h"

/* Appends the schema (NULL: null), with `field` (NULL: none) as its last member. */
struct kc_error *json_write_schema(struct json_encoder *encoder, const struct kc_schema *schema,
                                   const char *field, struct kc_buf *buf) KC_MUST_CHECK;
/* The twin; a new reference (NULL for null). KC_BAD_DATA with the text of the original. */
struct kc_error *json_read_schema(struct json_decoder *decoder, const struct json_node *node,
                                  struct kc_arena *arena, const struct kc_schema **schema)
    KC_MUST_CHECK;

#endif
