/* Numbers: boolean, integers, floats, numeric, money. */
#include <stdio.h>
#include <stdlib.h>

#include "sources/postgres/types.h"

static const char out_of_range[] = "is out of range";
static const char not_a_number[] = "is not a number";
static const char only_15[] = "keeps some 15 digits (decimal.handling.mode precise or string keeps "
                              "all)";

static const char *read_integer(const struct type_use *use, struct kc_text text,
                                struct kc_arena *arena, struct kc_value *value)
{
    (void)arena;
    const char *at = text.ptr, *end = text.ptr + text.len;
    bool minus = at < end && *at == '-';
    at += minus;
    if (at == end || end - at > 19)
        return not_a_number;
    uint64_t number = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return not_a_number;
        number = number * 10 + (uint64_t)(*at - '0');
    }
    if (number > (uint64_t)INT64_MAX + minus)
        return out_of_range;
    *value = kc_integer(use->form->kind, (int64_t)(minus ? 0 - number : number));
    return NULL;
}

static const char *read_bool(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    /* Output says t or f; expressions of defaults say true or false. */
    if (text.len == 0 || (text.ptr[0] != 't' && text.ptr[0] != 'f'))
        return "is no boolean";
    *value = kc_bool(text.ptr[0] == 't');
    return NULL;
}

static const char *read_float4(const struct type_use *use, struct kc_text text,
                               struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    /* strtof needs a NUL behind the text. */
    char *end, *copy = kc_arena_text(arena, text.ptr, text.len);
    *value = kc_float(strtof(copy, &end));
    return text.len == 0 || *end ? not_a_number : NULL;
}

static const char *read_float8(const struct type_use *use, struct kc_text text,
                               struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    char *end, *copy = kc_arena_text(arena, text.ptr, text.len);
    *value = kc_double(strtod(copy, &end));
    return text.len == 0 || *end ? not_a_number : NULL;
}

const struct type_form form_bool = {KC_BOOLEAN, .read = read_bool, .zero = "false"};
const struct type_form form_int2 = {KC_INT16, .read = read_integer, .zero = "0"};
const struct type_form form_int4 = {KC_INT32, .read = read_integer, .zero = "0"};
const struct type_form form_int8 = {KC_INT64, .read = read_integer, .zero = "0"};
const struct type_form form_float4 = {KC_FLOAT32, .read = read_float4, .zero = "0"};
const struct type_form form_float8 = {KC_FLOAT64, .read = read_float8, .zero = "0"};

/* ---- numeric ---- */

static struct kc_schema *decimal_schema(const struct type_use *use)
{
    char precision[16];
    struct kc_schema *schema = kc_schema_decimal(use->scale);
    snprintf(precision, sizeof(precision), "%d", use->length);
    return kc_schema_param(schema, "connect.decimal.precision", precision);
}

static const char *read_decimal(const struct type_use *use, struct kc_text text,
                                struct kc_arena *arena, struct kc_value *value)
{
    struct kc_value number;
    if (!kc_decimal_from_text(arena, text, &number))
        return "has no place in a Decimal (NaN and infinities need decimal.handling.mode double "
               "or string)";
    if (number.u.decimal->scale == use->scale)
        *value = number;
    else if (!kc_decimal_rescale(arena, number, use->scale, value))
        return "has more digits than its column";
    return NULL;
}

static struct kc_value decimal_missing(const struct type_use *use, struct kc_arena *arena)
{
    return kc_decimal_from_int(arena, 0, use->scale);
}

static struct kc_schema *variable_schema(const struct type_use *use)
{
    (void)use;
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_name(schema, "io.debezium.data.VariableScaleDecimal");
    kc_schema_version(schema, 1);
    kc_schema_doc(schema, "Variable scaled decimal");
    kc_schema_field(schema, "scale", kc_schema_of(KC_INT32, false));
    return kc_schema_field(schema, "value", kc_schema_of(KC_BYTES, false));
}

static const char *read_variable(const struct type_use *use, struct kc_text text,
                                 struct kc_arena *arena, struct kc_value *value)
{
    /* Trailing zeros of the fraction don't count. */
    if (memchr(text.ptr, '.', text.len)) {
        while (text.ptr[text.len - 1] == '0')
            text.len--;
        if (text.ptr[text.len - 1] == '.')
            text.len--;
    }
    struct kc_value number;
    if (!kc_decimal_from_text(arena, text, &number))
        return "has no place in a VariableScaleDecimal (NaN and infinities need "
               "decimal.handling.mode double or string)";
    *value = kc_struct_new(arena, use->inner);
    value->u.structure->field[0] = kc_integer(KC_INT32, number.u.decimal->scale);
    value->u.structure->field[1] = kc_bytes(number.u.decimal->unscaled, number.u.decimal->len);
    return NULL;
}

static struct kc_value variable_missing(const struct type_use *use, struct kc_arena *arena)
{
    struct kc_value value;
    return read_variable(use, KC_TEXT("0"), arena, &value) ? kc_null() : value;
}

static const char *read_plain(const struct type_use *use, struct kc_text text,
                              struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    if (kc_text_is(text, "NaN"))
        *value = kc_string("NAN", 3);
    else if (kc_text_is(text, "Infinity"))
        *value = kc_string("POSITIVE_INFINITY", 17);
    else if (kc_text_is(text, "-Infinity"))
        *value = kc_string("NEGATIVE_INFINITY", 17);
    else
        *value = kc_string(text.ptr, text.len);
    return NULL;
}

static const struct type_form form_decimal = {KC_BYTES,
                                              KC_DECIMAL_NAME,
                                              .schema = decimal_schema,
                                              .read = read_decimal,
                                              .zero = "0",
                                              .missing = decimal_missing},
                              form_variable = {KC_STRUCT, "io.debezium.data.VariableScaleDecimal",
                                               .schema = variable_schema, .read = read_variable,
                                               .missing = variable_missing},
                              form_numeric_double = {KC_FLOAT64, .read = read_float8, .zero = "0",
                                                     .loses = only_15},
                              form_plain = {KC_STRING, .read = read_plain, .zero = "0",
                                            .gone = form_text_gone};

const struct type_form *forms_numeric(const struct pg_type_modes *modes, int32_t typmod)
{
    if (modes->decimal == DECIMAL_DOUBLE)
        return &form_numeric_double;
    if (modes->decimal == DECIMAL_STRING)
        return &form_plain;
    return typmod < 0 ? &form_variable : &form_decimal;
}

/* ---- money, printed as lc_monetary=C prints it: "-$1,234.56" ---- */

static bool money_cents(struct kc_text text, int64_t *cents)
{
    bool minus = false;
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= '0' && c <= '9') {
            if (__builtin_mul_overflow(number, 10, &number) ||
                __builtin_add_overflow(number, (uint64_t)(c - '0'), &number))
                return false;
        } else if (c == '-' || c == '(') {
            minus = true;
        }
    }
    if (number > (uint64_t)INT64_MAX + minus)
        return false;
    *cents = (int64_t)(minus ? 0 - number : number);
    return true;
}

static struct kc_schema *money_schema(const struct type_use *use)
{
    return kc_schema_decimal(use->modes->money_digits);
}

static const char *read_money(const struct type_use *use, struct kc_text text,
                              struct kc_arena *arena, struct kc_value *value)
{
    int64_t cents;
    int digits = use->modes->money_digits;
    if (!money_cents(text, &cents))
        return out_of_range;
    if (digits >= 2)
        return kc_decimal_rescale(arena, kc_decimal_from_int(arena, cents, 2), digits, value)
                   ? NULL
                   : out_of_range;
    /* Half up, away from zero. */
    int64_t unit = digits == 1 ? 10 : 100, rest = cents % unit;
    cents /= unit;
    if (rest >= unit / 2)
        cents++;
    else if (-rest >= unit / 2)
        cents--;
    *value = kc_decimal_from_int(arena, cents, digits);
    return NULL;
}

static struct kc_value money_missing(const struct type_use *use, struct kc_arena *arena)
{
    return kc_decimal_from_int(arena, 0, use->modes->money_digits);
}

static const char *read_money_float(const struct type_use *use, struct kc_text text,
                                    struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    int64_t cents;
    if (!money_cents(text, &cents))
        return out_of_range;
    *value = kc_double((double)cents / 100);
    return NULL;
}

static const char *read_money_text(const struct type_use *use, struct kc_text text,
                                   struct kc_arena *arena, struct kc_value *value)
{
    struct kc_value number;
    const char *problem = read_money(use, text, arena, &number);
    if (problem)
        return problem;
    KC_AUTO_BUF plain = KC_BUF(0);
    kc_decimal_plain(number, &plain);
    *value = kc_string(kc_arena_text(arena, plain.data, plain.len), plain.len);
    return NULL;
}

static const struct type_form form_money = {KC_BYTES,
                                            KC_DECIMAL_NAME,
                                            .schema = money_schema,
                                            .read = read_money,
                                            .zero = "0",
                                            .missing = money_missing},
                              form_money_float = {KC_FLOAT64, .read = read_money_float, .zero = "0",
                                                  .loses = only_15},
                              form_money_text = {KC_STRING, .read = read_money_text, .zero = "0"};

const struct type_form *forms_money(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)typmod;
    return modes->decimal == DECIMAL_DOUBLE   ? &form_money_float
           : modes->decimal == DECIMAL_STRING ? &form_money_text
                                              : &form_money;
}
