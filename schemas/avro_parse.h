/* The text of an Avro schema into its model, as strictly as Apache Avro 1.11's parser.
 * Layer: schemas. Any thread. */
#ifndef SCHEMAS_AVRO_PARSE_H
#define SCHEMAS_AVRO_PARSE_H

#include "base/map.h"
#include "schemas/avro_schema.h"

struct avro_parse {
    struct kc_arena *arena; /* the schema lives there */
    /* Named types that the text may refer to without defining them: full name -> struct avro_schema
     * *; those that it defines are added. May hold those of schemas parsed before. */
    struct kc_map *names;
    bool check_defaults; /* refuse a default that does not fit its field, as for new schemas */
};

/* KC_BAD_DATA (SchemaParseException, AvroTypeException ...) in the words of the original. Nesting
 * up to JSON_MAX_DEPTH. */
struct kc_error *avro_parse(const struct avro_parse *parse, struct kc_text text,
                            struct avro_schema **schema) KC_MUST_CHECK;
/* The same for a text that stands alone, with its defaults checked or not. */
struct kc_error *avro_parse_alone(struct kc_arena *arena, struct kc_text text, bool check_defaults,
                                  struct avro_schema **schema) KC_MUST_CHECK;

#endif
