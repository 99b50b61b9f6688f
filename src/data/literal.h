/* Values as people write them in a text, and back: the rules of the original's class
 * Values (convertToString and parseString), which header converters and casts share.
 *
 *     1 2.5 true null 2024-05-01 14:30:00.000Z [1,2] {"a":1} anything else
 *
 * Layer: data. Any thread; dates are in the zone of the process. */
#ifndef KC_DATA_LITERAL_H
#define KC_DATA_LITERAL_H

#include "data/schema.h"

/* Appends. A text stands alone as it is, within an array, map or struct in quotes; a null field of
 * a struct is its default; bytes are base64. */
void kc_literal_write(struct kc_value value, struct kc_buf *buf);

/* The twin. What it is decides the schema (NULL for null), which is kept by the arena; what is
 * nothing else is a string. The type of elements is the widest of all, or none. False: nested more
 * than 500 deep. Texts may point into the input. */
bool kc_literal_read(struct kc_text text, struct kc_arena *arena, const struct kc_schema **schema,
                     struct kc_value *value);

#endif
