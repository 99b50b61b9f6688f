/* A value of Connect's data model: 16 bytes, passed by value. The kind says
 * what it is by itself, as the class of a Java object does; the schema beside
 * it (if there is one) says what it means. What it points to lives in the
 * arena of its batch, or longer.
 * Layer: data. Any thread, constant once made. */
#ifndef KC_DATA_VALUE_H
#define KC_DATA_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

enum kc_kind {
    KC_NULL, /* no value; never the kind of a schema */
    KC_INT8,
    KC_INT16,
    KC_INT32,
    KC_INT64,
    KC_FLOAT32,
    KC_FLOAT64,
    KC_BOOLEAN,
    KC_STRING, /* UTF-8; half of a surrogate pair, as JSON and Java can have it, is three bytes */
    KC_BYTES,
    KC_ARRAY,
    KC_MAP,
    KC_STRUCT,
    /* Kinds of values only. Their schema is KC_BYTES named Decimal, and KC_INT32 or
     * KC_INT64 named Date, Time or Timestamp. */
    KC_DECIMAL, /* Java's BigDecimal (a BigInteger is one of scale 0) */
    KC_INSTANT, /* Java's Date: u.i is ms since 1970-01-01T00:00:00Z */
};

struct kc_schema;
struct kc_struct;
struct kc_entry;

/* unscaled * 10^-scale; unscaled in two's complement, big-endian, at least one
 * byte, as few as hold the sign (BigInteger.toByteArray). */
struct kc_decimal {
    int32_t scale;
    uint32_t len;
    uint8_t unscaled[];
};

struct kc_value {
    uint8_t kind;
    uint8_t spare[3];
    uint32_t len; /* bytes of text or bytes, elements of an array or map */
    union {
        int64_t i; /* INT8..INT64, BOOLEAN (0 or 1), INSTANT */
        double f64;
        float f32;
        const char *text;
        const uint8_t *bytes;
        const struct kc_decimal *decimal;
        const struct kc_value *items;
        const struct kc_entry *entries;
        struct kc_struct *structure;
    } u;
};
_Static_assert(sizeof(struct kc_value) == 16, "a value is two registers");

struct kc_entry {
    struct kc_value key, value;
};

/* The schema sits in the struct, not in each of its values; field[i] belongs to
 * schema->fields[i]. An unset field is KC_NULL. */
struct kc_struct {
    const struct kc_schema *schema;
    struct kc_value field[];
};

static inline struct kc_value kc_null(void)
{
    return (struct kc_value){ .kind = KC_NULL };
}
static inline struct kc_value kc_integer(enum kc_kind kind, int64_t number)
{
    return (struct kc_value){ .kind = (uint8_t)kind, .u.i = number };
}
static inline struct kc_value kc_bool(bool value)
{
    return (struct kc_value){ .kind = KC_BOOLEAN, .u.i = value };
}
static inline struct kc_value kc_float(float number)
{
    return (struct kc_value){ .kind = KC_FLOAT32, .u.f32 = number };
}
static inline struct kc_value kc_double(double number)
{
    return (struct kc_value){ .kind = KC_FLOAT64, .u.f64 = number };
}
/* These refer to the caller's bytes: no copy. */
static inline struct kc_value kc_string(const char *text, size_t len)
{
    return (struct kc_value){ .kind = KC_STRING, .len = (uint32_t)len, .u.text = text };
}
static inline struct kc_value kc_cstring(const char *text)
{
    return kc_string(text, strlen(text));
}
static inline struct kc_value kc_bytes(const void *bytes, size_t len)
{
    return (struct kc_value){ .kind = KC_BYTES, .len = (uint32_t)len, .u.bytes = bytes };
}
static inline struct kc_value kc_instant(int64_t ms)
{
    return (struct kc_value){ .kind = KC_INSTANT, .u.i = ms };
}
static inline struct kc_text kc_value_text(struct kc_value value)
{
    return (struct kc_text){ value.u.text, value.len };
}

/* An all-null struct of that schema. It borrows the schema: see kc_schema_keep. */
struct kc_value kc_struct_new(struct kc_arena *arena, const struct kc_schema *schema);
/* A field by name; KC_NULL when there is none, or value is no struct. */
struct kc_value kc_struct_get(struct kc_value value, const char *name);
/* Room for len items or entries; the caller fills in *items. */
struct kc_value kc_array_new(struct kc_arena *arena, uint32_t len, struct kc_value **items);
struct kc_value kc_map_value_new(struct kc_arena *arena, uint32_t len, struct kc_entry **entries);
/* A map of one entry, as most source partitions and offsets are; the key is borrowed. */
struct kc_value kc_map_of_one(struct kc_arena *arena, const char *key, struct kc_value value);
/* The value of a string key in a map value; KC_NULL when there is none. */
struct kc_value kc_map_value_get(struct kc_value map, const char *key);

/* Deep copy; schemas of structs are kept by the target arena. */
struct kc_value kc_value_copy(struct kc_arena *arena, struct kc_value value);
/* Same kind and content (floats by bits); structs need equal schemas; maps in
 * any order. */
bool kc_value_equal(struct kc_value a, struct kc_value b);
/* "INT32", "STRING" ... as Java's Schema.Type prints; NULL gives "NULL". */
const char *kc_kind_name(enum kc_kind kind);
/* Java's class name of a value of that kind: "java.lang.Integer" ... */
const char *kc_kind_java_class(enum kc_kind kind);

/* ---- decimals ---- */

/* From "-12.50", "1e-7", any length; scale as BigDecimal(String) has it. False on
 * anything else, NaN and infinities too. Limit: 131072 digits before and 16383
 * after the point (PostgreSQL's), exponents that keep within it. */
bool kc_decimal_from_text(struct kc_arena *arena, struct kc_text text, struct kc_value *value);
/* From the unscaled number's bytes (copied, made minimal). */
struct kc_value kc_decimal_from_bytes(struct kc_arena *arena, const void *bytes, size_t len,
                                      int32_t scale);
struct kc_value kc_decimal_from_int(struct kc_arena *arena, int64_t unscaled, int32_t scale);
/* The same number with another scale. False if digits would be lost. */
bool kc_decimal_rescale(struct kc_arena *arena, struct kc_value value, int32_t scale,
                        struct kc_value *result);
/* BigDecimal.toPlainString ("12.50") and BigDecimal.toString ("1E-7", "1.2E+5"). */
void kc_decimal_plain(struct kc_value value, struct kc_buf *buf);
void kc_decimal_text(struct kc_value value, struct kc_buf *buf);
/* As good as a double can hold it. */
double kc_decimal_double(struct kc_value value);

/* ---- numbers as Java prints them ---- */

/* Double.toString / Float.toString of JDK 17 ("1.0E10", "NaN", "-Infinity"): the
 * shortest digits that read back, but some more for large whole floats
 * ("5.02598592E8") and powers of two. JDK 19 and later print those shorter. */
void kc_double_text(double number, struct kc_buf *buf);
void kc_float_text(float number, struct kc_buf *buf);

#endif
