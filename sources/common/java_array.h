/* Arrays of values as Java serialises an Object[], in hexadecimal: the form in which the original
 * keeps the place of an incremental snapshot in its stored offset (Java Object Serialization
 * Specification, chapter 6). Read and written, so that either can go on where the other was.
 * Layer: source. Any thread. */
#ifndef CDC_JAVA_ARRAY_H
#define CDC_JAVA_ARRAY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/* Java's class of a value, and how its text looks here. */
enum java_kind {
    JAVA_NULL,
    JAVA_STRING,
    JAVA_BOOLEAN, /* true, false */
    JAVA_BYTE,
    JAVA_SHORT,
    JAVA_INTEGER,
    JAVA_LONG,
    JAVA_FLOAT,   /* as strtod reads it: 1.5, NaN, -Infinity */
    JAVA_DOUBLE,
    JAVA_DECIMAL, /* BigDecimal: 12.50 */
    JAVA_UUID,    /* c0a80101-1234-4abc-8def-0123456789ab */
    JAVA_DATE,    /* java.sql.Date: 2024-02-29, days of UTC */
    JAVA_BYTES,   /* \x01ff */
};

struct java_value {
    enum java_kind kind;
    struct kc_text text;
};

/* Appends hexadecimal text; values NULL: Java's null. A text that is none of its kind is written as
 * a String. */
void java_array_write(struct kc_buf *hex, const struct java_value *values, size_t count);
/* *values is NULL for Java's null, else an array in the arena. KC_BAD_DATA for anything else: what
 * is malformed, holds objects of other classes, or is longer than a megabyte. */
struct kc_error *java_array_read(struct kc_text hex, struct kc_arena *arena,
                                 struct java_value **values, size_t *count) KC_MUST_CHECK;

#endif
