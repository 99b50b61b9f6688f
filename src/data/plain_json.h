/* Values without a schema as plain JSON and back: offsets, source partitions,
 * REST, log lines. (Record data goes through schemas/json.h.)
 * Layer: data. Any thread. */
#ifndef KC_DATA_PLAIN_JSON_H
#define KC_DATA_PLAIN_JSON_H

#include "base/error.h"
#include "base/json.h"
#include "data/value.h"

/* Appends compact JSON with the members in their order; int64 exact, bytes as base64,
 * structs as objects. Same layout as Java's JsonConverter without schemas: it is also
 * the form of keys and values in offset stores. */
void kc_plain_json_write(struct kc_value value, struct kc_buf *buf);
/* Objects become maps with string keys, integers INT64, reals FLOAT64. KC_BAD_DATA. */
struct kc_error *kc_plain_json_read(struct kc_text text, struct kc_arena *arena,
                                    struct kc_value *value) KC_MUST_CHECK;
/* The same of JSON that is read already. */
struct kc_value kc_plain_json_value(const struct kc_json *json, struct kc_arena *arena);

#endif
