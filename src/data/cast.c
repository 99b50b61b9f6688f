#include "data/cast.h"

#include <stdlib.h>

#include "data/java_text.h"
#include "data/literal.h"
#include "data/logical.h"
#include "data/number_read.h"

/* ---- messages ---- */

/* "Unable to convert 1.5 (class java.lang.Double) to " + what */
static struct kc_error *unable(struct kc_value value, const char *what)
{
    KC_AUTO_BUF text = KC_BUF(0);
    kc_java_text(value, &text);
    return kc_fail(KC_BAD_DATA, "Unable to convert %s (class %s) to %s", text.data ? text.data : "",
                   kc_kind_java_class(value.kind), what);
}

/* The schema is shown as "Schema{STRING}" or "Schema{name:STRING}". */
static struct kc_error *unable_to(struct kc_value value, const struct kc_schema *schema)
{
    char *shown = kc_printf("Schema{%s%s%s}", schema->name ? schema->name : "",
                            schema->name ? ":" : "", kc_kind_name(schema->kind));
    struct kc_error *err = unable(value, shown);
    free(shown);
    return err;
}

/* ---- numbers out of anything ---- */

/* Java's (long) of a double: towards zero, at most the bounds. */
static int64_t long_of_double(double number)
{
    if (number != number)
        return 0;
    if (number >= 0x1p63)
        return INT64_MAX;
    return number < -0x1p63 ? INT64_MIN : (int64_t)number;
}

static int64_t long_of_decimal(struct kc_value value)
{
    KC_AUTO_BUF text = KC_BUF(0);
    struct kc_number number;
    kc_decimal_text(value, &text);
    return kc_number_parse((struct kc_text){ text.data, text.len }, &number)
               ? kc_number_long(&number)
               : 0;
}

/* Instants count days or milliseconds, as their schema says. */
static struct kc_error *long_of_instant(const struct kc_schema *from, struct kc_value value,
                                        int64_t *number)
{
    int32_t small = 0;
    struct kc_error *err = NULL;
    switch (kc_logical_of(from)) {
    case KC_LOGICAL_DATE:
        err = kc_date_encode(value.u.i, &small);
        break;
    case KC_LOGICAL_TIME:
        err = kc_time_encode(value.u.i, &small);
        break;
    case KC_LOGICAL_TIMESTAMP:
        *number = value.u.i;
        return NULL;
    default:
        return from ? unable_to(value, from) : unable(value, "a number");
    }
    *number = small;
    return err;
}

static struct kc_error *as_long(const struct kc_schema *from, struct kc_value value,
                                struct kc_arena *arena, int64_t *number)
{
    struct kc_number read;
    switch ((enum kc_kind)value.kind) {
    case KC_INT8:
    case KC_INT16:
    case KC_INT32:
    case KC_INT64:
        *number = value.u.i;
        return NULL;
    case KC_FLOAT32:
        *number = long_of_double((double)value.u.f32);
        return NULL;
    case KC_FLOAT64:
        *number = long_of_double(value.u.f64);
        return NULL;
    case KC_DECIMAL:
        *number = long_of_decimal(value);
        return NULL;
    case KC_INSTANT:
        return long_of_instant(from, value, number);
    case KC_STRING:
        if (kc_number_parse(kc_ascii_digits(kc_value_text(value), arena), &read)) {
            *number = kc_number_long(&read);
            return NULL;
        }
        break;
    default:
        break;
    }
    return from ? unable_to(value, from) : unable(value, "a number");
}

static struct kc_error *as_double(const struct kc_schema *from, struct kc_value value,
                                  struct kc_arena *arena, double *number)
{
    struct kc_number read;
    int64_t whole = 0;
    if (value.kind == KC_FLOAT32) {
        *number = (double)value.u.f32;
    } else if (value.kind == KC_FLOAT64) {
        *number = value.u.f64;
    } else if (value.kind == KC_DECIMAL) {
        *number = kc_decimal_double(value);
    } else if (value.kind == KC_STRING &&
               kc_number_parse(kc_ascii_digits(kc_value_text(value), arena), &read)) {
        *number = kc_number_double(&read);
    } else {
        struct kc_error *err = as_long(from, value, arena, &whole);
        if (err)
            return err;
        *number = (double)whole;
    }
    return NULL;
}

/* ---- one function for each kind ---- */

typedef struct kc_error *(*caster)(const struct kc_schema *to, const struct kc_schema *from,
                                   struct kc_value value, struct kc_arena *arena,
                                   struct kc_value *result);
#define CASTER(name) \
    static struct kc_error *name(const struct kc_schema *to, const struct kc_schema *from, \
                                 struct kc_value value, struct kc_arena *arena, \
                                 struct kc_value *result)

static bool is_temporal(enum kc_logical logical)
{
    return logical == KC_LOGICAL_DATE || logical == KC_LOGICAL_TIME ||
           logical == KC_LOGICAL_TIMESTAMP;
}

/* A text that says what it is; the text itself if it is nested too deeply. */
static struct kc_value read_text(struct kc_value value, struct kc_arena *arena)
{
    const struct kc_schema *schema;
    struct kc_value read;
    if (value.kind != KC_STRING)
        return value;
    return kc_literal_read(kc_value_text(value), arena, &schema, &read) ? read : value;
}

/* Between instants that have schemas; false: count on as a number. Time of day and date are parts
 * of a timestamp. */
static bool between_instants(enum kc_logical to, const struct kc_schema *from, int64_t ms,
                             struct kc_value *result, struct kc_error **err)
{
    enum kc_logical is = kc_logical_of(from);
    int64_t of_day = ms % KC_MS_PER_DAY;
    if (!from || is == to) {
        *result = kc_instant(ms);
    } else if (to == KC_LOGICAL_DATE && is == KC_LOGICAL_TIMESTAMP) {
        *result = kc_date_decode((int32_t)(ms / KC_MS_PER_DAY));
    } else if (to == KC_LOGICAL_TIME && is == KC_LOGICAL_TIMESTAMP) {
        *result = kc_instant(of_day < 0 ? of_day + KC_MS_PER_DAY : of_day);
    } else if (to == KC_LOGICAL_TIMESTAMP && is_temporal(is)) {
        int32_t small;
        *err = is == KC_LOGICAL_DATE ? kc_date_encode(ms, &small) : kc_time_encode(ms, &small);
        *result = kc_instant(ms);
    } else {
        return false;
    }
    return true;
}

CASTER(to_instant)
{
    enum kc_logical logical = kc_logical_of(to);
    struct kc_error *err = NULL;
    int64_t number = 0;
    value = read_text(value, arena);
    if (value.kind == KC_INSTANT && between_instants(logical, from, value.u.i, result, &err))
        return err;
    if (value.kind == KC_NULL) /* the text was "null" */
        return kc_fail(KC_BAD_DATA, "Unable to convert the text null to a date or time");
    err = as_long(from, value, arena, &number);
    if (err)
        return err;
    if (logical == KC_LOGICAL_TIME)
        return kc_time_decode((int32_t)number, result);
    *result = logical == KC_LOGICAL_DATE ? kc_date_decode((int32_t)number) : kc_instant(number);
    return NULL;
}

CASTER(to_integer)
{
    int64_t number = 0;
    struct kc_error *err = as_long(from, value, arena, &number);
    if (err)
        return err;
    int64_t cut = to->kind == KC_INT8    ? (int8_t)number
                  : to->kind == KC_INT16 ? (int16_t)number
                  : to->kind == KC_INT32 ? (int32_t)number
                                         : number;
    *result = kc_integer((enum kc_kind)to->kind, cut);
    return NULL;
}

CASTER(to_float)
{
    double number = 0;
    struct kc_error *err = as_double(from, value, arena, &number);
    *result = to->kind == KC_FLOAT32 ? kc_float((float)number) : kc_double(number);
    return err;
}

CASTER(to_boolean)
{
    int64_t number = 0;
    struct kc_value read = read_text(value, arena);
    (void)to;
    if (read.kind == KC_BOOLEAN) {
        *result = read;
        return NULL;
    }
    struct kc_error *err = as_long(from, value, arena, &number);
    *result = kc_bool(number != 0);
    return err;
}

CASTER(to_string)
{
    KC_AUTO_BUF text = KC_BUF(0);
    (void)to;
    (void)from;
    kc_literal_write(value, &text);
    *result = kc_string(kc_arena_text(arena, text.data ? text.data : "", text.len), text.len);
    return NULL;
}

CASTER(to_decimal)
{
    KC_AUTO_BUF text = KC_BUF(0);
    struct kc_number number;
    double floating = 0;
    (void)from;
    if (value.kind == KC_DECIMAL) {
        *result = value;
        return NULL;
    }
    if (value.kind == KC_BYTES)
        return kc_decimal_decode(to, value, arena, result);
    struct kc_text digits = kc_value_text(value);
    if (value.kind != KC_STRING) {
        if (value.kind < KC_INT8 || value.kind > KC_FLOAT64)
            return unable_to(value, to);
        struct kc_error *err = as_double(NULL, value, arena, &floating);
        if (err)
            return err;
        kc_double_text(floating, &text); /* the original's way: by what the double prints as */
        digits = (struct kc_text){ text.data, text.len };
    }
    if (!kc_number_parse(kc_ascii_digits(digits, arena), &number) ||
        !kc_number_decimal(&number, arena, result))
        return kc_fail_as(KC_BAD_DATA, "java.lang.NumberFormatException",
                          "%.*s is not a decimal number", KC_FMT(digits));
    return NULL;
}

CASTER(to_bytes)
{
    if (kc_logical_of(to) == KC_LOGICAL_DECIMAL)
        return to_decimal(to, from, value, arena, result);
    if (value.kind == KC_DECIMAL) {
        struct kc_error *err = kc_decimal_check(to, value);
        if (!err)
            *result = kc_bytes(value.u.decimal->unscaled, value.u.decimal->len);
        return err;
    }
    return unable_to(value, to);
}

/* INT32 and INT64, which may be dates. */
CASTER(to_whole)
{
    enum kc_logical logical = kc_logical_of(to);
    bool small = logical == KC_LOGICAL_DATE || logical == KC_LOGICAL_TIME;
    bool instant = to->kind == KC_INT32 ? small : logical == KC_LOGICAL_TIMESTAMP;
    return instant ? to_instant(to, from, value, arena, result)
                   : to_integer(to, from, value, arena, result);
}

/* Arrays and maps can be read out of a text. */
CASTER(to_container)
{
    (void)from;
    struct kc_value read = read_text(value, arena);
    if (read.kind == KC_NULL)
        return kc_fail(KC_BAD_DATA, "Unable to convert the text null to %s",
                       kc_kind_name(to->kind));
    if (read.kind != to->kind)
        return unable_to(read, to);
    *result = read;
    return NULL;
}

CASTER(to_struct)
{
    (void)from;
    (void)arena;
    (void)result;
    return unable_to(value, to);
}

static const caster casters[] = {
    [KC_INT8] = to_integer,    [KC_INT16] = to_integer, [KC_INT32] = to_whole,
    [KC_INT64] = to_whole,     [KC_FLOAT32] = to_float, [KC_FLOAT64] = to_float,
    [KC_BOOLEAN] = to_boolean, [KC_STRING] = to_string, [KC_BYTES] = to_bytes,
    [KC_ARRAY] = to_container, [KC_MAP] = to_container, [KC_STRUCT] = to_struct,
};

struct kc_error *kc_cast(const struct kc_schema *to, const struct kc_schema *from,
                         struct kc_value value, struct kc_arena *arena, struct kc_value *result)
{
    *result = value;
    if (value.kind == KC_NULL && to->optional)
        return NULL;
    if (value.kind == KC_NULL)
        return kc_fail(KC_BAD_DATA,
                       "Unable to convert a null value to a schema that requires a value");
    if (value.kind == to->kind && (!to->name || kc_logical_of(to) == KC_NOT_LOGICAL))
        return NULL;
    return casters[to->kind](to, from, value, arena, result);
}
