#include "data/number_read.h"

#include <stdlib.h>

static struct kc_text take_digits(struct kc_text *rest)
{
    struct kc_text digits = { rest->ptr, 0 };
    while (rest->len && (unsigned char)(*rest->ptr - '0') <= 9) {
        rest->ptr++;
        rest->len--;
        digits.len++;
    }
    return digits;
}

static void skip_sign(struct kc_text *rest)
{
    if (rest->len && (*rest->ptr == '-' || *rest->ptr == '+')) {
        rest->ptr++;
        rest->len--;
    }
}

bool kc_number_parse(struct kc_text text, struct kc_number *number)
{
    struct kc_text rest = text;
    int64_t exponent = 0;
    *number = (struct kc_number){ .text = text, .negative = text.len && text.ptr[0] == '-' };
    skip_sign(&rest);
    number->whole = take_digits(&rest);
    if (rest.len && *rest.ptr == '.') {
        rest.ptr++;
        rest.len--;
        number->fraction = take_digits(&rest);
    }
    if (number->whole.len + number->fraction.len == 0)
        return false;
    if (rest.len && (*rest.ptr | 32) == 'e') {
        struct kc_text digits = { rest.ptr + 1, rest.len - 1 };
        if (!kc_text_int64(digits, &exponent) || exponent < -INT64_C(0xFFFFFFFF) ||
            exponent > INT64_C(0xFFFFFFFF))
            return false;
        rest.len = 0;
    }
    int64_t scale = (int64_t)number->fraction.len - exponent;
    if (rest.len || scale < INT32_MIN || scale > INT32_MAX)
        return false;
    number->scale = (int32_t)scale;
    return true;
}

/* The zeros of the scripts whose digits stand in a row from there on. */
static const uint16_t zeros[] = {
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
};

static int other_digit(const unsigned char *at, size_t left, size_t *len)
{
    uint32_t c;
    if (left >= 2 && (at[0] & 0xE0) == 0xC0) {
        c = (at[0] & 31u) << 6 | (at[1] & 63u);
        *len = 2;
    } else if (left >= 3 && (at[0] & 0xF0) == 0xE0) {
        c = (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
        *len = 3;
    } else {
        return -1;
    }
    for (size_t i = 0; i < KC_COUNT(zeros); i++)
        if (c >= zeros[i] && c < zeros[i] + 10u)
            return (int)(c - zeros[i]);
    return -1;
}

struct kc_text kc_ascii_digits(struct kc_text text, struct kc_arena *arena)
{
    size_t i = 0;
    while (i < text.len && (unsigned char)text.ptr[i] < 0x80)
        i++;
    if (i == text.len)
        return text;
    char *copy = kc_arena_text(arena, text.ptr, text.len);
    size_t out = i;
    while (i < text.len) {
        size_t len = 1;
        int digit = other_digit((const unsigned char *)text.ptr + i, text.len - i, &len);
        if (digit >= 0) {
            copy[out++] = (char)('0' + digit);
            i += len;
        } else {
            copy[out++] = text.ptr[i++];
        }
    }
    return (struct kc_text){ copy, out };
}

static uint64_t add_digits(uint64_t sum, struct kc_text digits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum = sum * 10 + (uint64_t)(digits.ptr[i] - '0');
    return sum;
}

static size_t least(int64_t a, size_t b)
{
    return (uint64_t)a < b ? (size_t)a : b;
}

int64_t kc_number_long(const struct kc_number *number)
{
    uint64_t sum = 0;
    /* how many digits stand before the point */
    int64_t left = (int64_t)number->whole.len + (int64_t)number->fraction.len - number->scale;
    if (left > 0) {
        size_t count = least(left, number->whole.len);
        sum = add_digits(sum, number->whole, count);
        left -= (int64_t)count;
        count = least(left, number->fraction.len);
        sum = add_digits(sum, number->fraction, count);
        left -= (int64_t)count;
        if (left >= 64)
            return 0; /* 10^64 is a multiple of 2^64 */
        while (left-- > 0)
            sum *= 10;
    }
    return (int64_t)(number->negative ? 0 - sum : sum);
}

/* Up to 2^53 and 10^22 both operands are exact, so that one operation rounds right. */
static bool small_double(const struct kc_number *number, double *result)
{
    static const double powers[] = { 1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (number->whole.len + number->fraction.len > 15 || number->scale < -22 || number->scale > 22)
        return false;
    uint64_t sum = add_digits(0, number->whole, number->whole.len);
    sum = add_digits(sum, number->fraction, number->fraction.len);
    double whole = number->negative ? -(double)sum : (double)sum;
    *result = number->scale < 0 ? whole * powers[-number->scale] : whole / powers[number->scale];
    return true;
}

/* A zero has no sign; what became zero for being too small keeps its own. */
static bool is_zero(const struct kc_number *number)
{
    struct kc_text digits[] = { number->whole, number->fraction };
    for (int i = 0; i < 2; i++)
        for (size_t j = 0; j < digits[i].len; j++)
            if (digits[i].ptr[j] != '0')
                return false;
    return true;
}

double kc_number_double(const struct kc_number *number)
{
    double result = 0;
    if (!small_double(number, &result))
        kc_text_double(number->text, &result);
    return result == 0 && is_zero(number) ? 0.0 : result;
}

float kc_number_float(const struct kc_number *number)
{
    char small[64];
    struct kc_text text = number->text;
    char *copy = text.len < sizeof(small) ? small : kc_realloc(NULL, text.len + 1);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    float result = strtof(copy, NULL); /* not by way of a double, which would round twice */
    if (copy != small)
        free(copy);
    return result == 0 && is_zero(number) ? 0.0f : result;
}

bool kc_number_whole(const struct kc_number *number)
{
    int64_t behind = number->scale; /* digits behind the point */
    for (size_t i = number->fraction.len; i > 0 && behind > 0; i--, behind--)
        if (number->fraction.ptr[i - 1] != '0')
            return false;
    for (size_t i = number->whole.len; i > 0 && behind > 0; i--, behind--)
        if (number->whole.ptr[i - 1] != '0')
            return false;
    return true;
}

bool kc_number_decimal(const struct kc_number *number, struct kc_arena *arena,
                       struct kc_value *value)
{
    enum { MOST_DIGITS = 131072 };
    struct kc_value unscaled;
    size_t len = number->whole.len + number->fraction.len;
    if (len > MOST_DIGITS)
        return false;
    char *digits = kc_alloc(arena, len + 2);
    digits[0] = number->negative ? '-' : '0';
    memcpy(digits + 1, number->whole.ptr, number->whole.len);
    if (number->fraction.len)
        memcpy(digits + 1 + number->whole.len, number->fraction.ptr, number->fraction.len);
    if (!kc_decimal_from_text(arena, (struct kc_text){ digits, len + 1 }, &unscaled))
        return false;
    *value = kc_decimal_from_bytes(arena, unscaled.u.decimal->unscaled, unscaled.u.decimal->len,
                                   number->scale);
    return true;
}
