/* Values as Java's String.valueOf() prints them: what StringConverter writes, file sinks,
 * casts to strings, and texts of messages.
 * Layer: data. Any thread. */
#ifndef KC_DATA_JAVA_TEXT_H
#define KC_DATA_JAVA_TEXT_H

#include "data/value.h"

/* Appends "null", "1.0E10", "[a, null]", "{k=v}", "Struct{a=1}" (without its null fields),
 * "Tue Nov 14 22:13:20 UTC 2023" (in the zone of the process). Bytes come as base64: Java would
 * print the array's address, and the value would be lost. */
void kc_java_text(struct kc_value value, struct kc_buf *buf);

#endif
