/* The JSON around Avro schemas: their texts, their defaults and properties, written as Java's
 * object mapper (Jackson) writes a tree that it has read.
 * Layer: schemas. */
#ifndef SCHEMAS_AVRO_JSON_H
#define SCHEMAS_AVRO_JSON_H

#include "schemas/json_read.h"

/* One whole text; comments are passed over. KC_BAD_DATA (SchemaParseException) with its place. */
struct kc_error *avro_json_read(struct json_doc *doc, struct kc_text text,
                                struct kc_arena *arena) KC_MUST_CHECK;
/* The value compact; numbers as Java has them ("1e3" is 1000.0). sorted: members of objects by
 * name. */
void avro_json_write(const struct json_doc *doc, const struct json_node *node, bool sorted,
                     struct kc_buf *buf);
/* The same, into the arena. */
struct kc_text avro_json_text(const struct json_doc *doc, const struct json_node *node,
                              struct kc_arena *arena);

#endif
