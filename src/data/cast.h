/* Any value as one of another type, by the rules of the original's class Values
 * (convertToInteger, convertToDate ...): numbers are cut off and wrap, texts are read as
 * literals or numbers, instants count in the unit of their schema.
 * Layer: data. Any thread. */
#ifndef KC_DATA_CAST_H
#define KC_DATA_CAST_H

#include "base/error.h"
#include "data/schema.h"

/* `to` must not be NULL; `from` is the schema of the value, NULL if it has none. Null becomes null
 * where `to` is optional. Arrays, maps and structs are not looked into. KC_BAD_DATA with the text
 * of the original. */
struct kc_error *kc_cast(const struct kc_schema *to, const struct kc_schema *from,
                         struct kc_value value, struct kc_arena *arena,
                         struct kc_value *result) KC_MUST_CHECK;

#endif
