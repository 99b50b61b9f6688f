/* Values to JSON. What depends on the schema alone is worked out once per schema, as a
 * plan: names escaped, the writer of each field chosen, the text of the schema itself.
 * Plans are kept by the schema's pointer, with a reference to the schema.
 * Layer: schemas. One thread owns an encoder. */
#ifndef SCHEMAS_JSON_ENCODE_H
#define SCHEMAS_JSON_ENCODE_H

#include "base/map.h"
#include "data/schema.h"
#include "schemas/json_write.h"

struct json_settings {
    bool schemas;  /* {"schema":..,"payload":..} */
    bool numeric;  /* decimals as numbers; otherwise base64 of the unscaled value */
    bool defaults; /* a null is replaced by the default of its schema */
    size_t cache;  /* schemas to remember, at least 1 */
};

struct json_plan;

struct json_encoder {
    struct json_settings settings;
    struct kc_map plans; /* by pointer */
    const struct json_plan *last;
    uint64_t clock;
};

void json_encoder_clear(struct json_encoder *encoder);
/* The value, with its schema around it if the settings say so; schema NULL: none. Appended.
 * KC_BAD_DATA (DataException) with the text of the original. */
struct kc_error *json_encode(struct json_encoder *encoder, const struct kc_schema *schema,
                             struct kc_value value, struct kc_buf *buf) KC_MUST_CHECK;
/* The same, never with its schema, and without remembering a plan: for defaults. */
struct kc_error *json_encode_once(struct json_encoder *encoder, const struct kc_schema *schema,
                                  struct kc_value value, struct kc_buf *buf) KC_MUST_CHECK;

#endif
