/* Connect's logical types: the value that means something (a decimal, an instant) and
 * the base value that formats store (bytes, a number of days or milliseconds). Encode
 * and decode are twins; both are strict as the original is.
 * Layer: data. Any thread. */
#ifndef KC_DATA_LOGICAL_H
#define KC_DATA_LOGICAL_H

#include "base/error.h"
#include "data/schema.h"

enum kc_logical {
    KC_NOT_LOGICAL,
    KC_LOGICAL_DECIMAL,
    KC_LOGICAL_DATE,
    KC_LOGICAL_TIME,
    KC_LOGICAL_TIMESTAMP
};

/* By the schema's name alone; NULL is KC_NOT_LOGICAL. */
enum kc_logical kc_logical_of(const struct kc_schema *schema);

/* Errors are KC_BAD_DATA (DataException) with the texts of the original. */

/* Of a Decimal schema: its parameter "scale". */
struct kc_error *kc_decimal_scale(const struct kc_schema *schema, int32_t *scale) KC_MUST_CHECK;
/* A KC_DECIMAL must have the scale of its schema; its unscaled bytes are what is stored. */
struct kc_error *kc_decimal_check(const struct kc_schema *schema,
                                  struct kc_value decimal) KC_MUST_CHECK;
struct kc_error *kc_decimal_decode(const struct kc_schema *schema, struct kc_value bytes,
                                   struct kc_arena *arena, struct kc_value *decimal) KC_MUST_CHECK;

/* Days since 1970; ms must be at midnight UTC. */
struct kc_error *kc_date_encode(int64_t ms, int32_t *days) KC_MUST_CHECK;
struct kc_value kc_date_decode(int32_t days);
/* Milliseconds of the day, 0 to 86,400,000. */
struct kc_error *kc_time_encode(int64_t ms, int32_t *of_day) KC_MUST_CHECK;
struct kc_error *kc_time_decode(int32_t of_day, struct kc_value *time) KC_MUST_CHECK;

#define KC_MS_PER_DAY INT64_C(86400000)

#endif
