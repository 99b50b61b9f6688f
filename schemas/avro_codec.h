/* Connect values to Avro's binary form and back, straight from and into an arena. What depends on
 * the two schemas alone is worked out once for them, as a plan.
 * https://avro.apache.org/docs/1.11.4/specification/#binary-encoding
 * Layer: schemas. One thread uses a plan at a time. */
#ifndef SCHEMAS_AVRO_CODEC_H
#define SCHEMAS_AVRO_CODEC_H

#include "schemas/avro_data.h"

struct avro_plan;

/* connect NULL: values without a schema. Both schemas must outlive the plan, which lives in the
 * arena; connect is one that avro_from_connect made avro of, or avro_to_connect of avro. */
struct avro_plan *avro_plan_new(struct kc_arena *arena, const struct avro_settings *settings,
                                const struct kc_schema *connect, const struct avro_schema *avro);
/* Appends. KC_BAD_DATA (DataException) names the fields around what does not fit. A value of a
 * top-level bytes schema goes as it is, without its length, as Confluent's serializer does it. */
struct kc_error *avro_encode(const struct avro_plan *plan, struct kc_value value,
                             struct kc_buf *buf) KC_MUST_CHECK;
/* Text and bytes of the value point into data. KC_BAD_DATA on a torn or hostile body; memory stays
 * within a small multiple of its length. What follows the value is passed over. */
struct kc_error *avro_decode(const struct avro_plan *plan, struct kc_text data,
                             struct kc_arena *arena, struct kc_value *value) KC_MUST_CHECK;

#endif
