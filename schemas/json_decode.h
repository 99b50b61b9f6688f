/* JSON to values, with the schema that stands beside them in the document, or without
 * one. Schemas are kept by their text, so that the same text gives the same pointer, and
 * equal schemas do too; the last ones are recognised at the start of a document without
 * being parsed.
 * Layer: schemas. One thread owns a decoder. */
#ifndef SCHEMAS_JSON_DECODE_H
#define SCHEMAS_JSON_DECODE_H

#include "base/map.h"
#include "data/schema.h"
#include "schemas/json_read.h"

struct json_known;

enum { JSON_RECENT = 8 };

struct json_decoder {
    bool schemas;  /* documents are {"schema":..,"payload":..} */
    bool defaults; /* a null is replaced by the default of its schema */
    size_t cache;  /* schemas to remember, at least 1 */
    struct json_doc doc;
    struct kc_map known; /* by the text of the schema: struct json_known */
    struct json_known *recent[JSON_RECENT]; /* newest first */
    uint64_t clock;
    bool doubtful; /* a value was made that its schema may not allow: look before it is put */
};

void json_decoder_clear(struct json_decoder *decoder);
/* One document; the schema (NULL: none) is kept by the arena. KC_BAD_DATA (DataException) with the
 * text of the original. */
struct kc_error *json_decode(struct json_decoder *decoder, struct kc_text text,
                             struct kc_arena *arena, const struct kc_schema **schema,
                             struct kc_value *value) KC_MUST_CHECK;
/* The value of a node of decoder->doc. */
struct kc_error *json_decode_node(struct json_decoder *decoder, const struct kc_schema *schema,
                                  const struct json_node *node, struct kc_arena *arena,
                                  struct kc_value *value) KC_MUST_CHECK;

#endif
