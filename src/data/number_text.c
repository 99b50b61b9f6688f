/* Floating-point numbers as Java prints them: the shortest digits that read back, with the
 * peculiarities of JDK 17. */
#include "data/value.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* 0.d1d2d3... * 10^point */
struct digits {
    char text[24];
    int len;
    int point;
};

static void digits_of(struct digits *digits, uint64_t number, int exponent)
{
    char *end = digits->text + sizeof(digits->text), *at = end;
    while (number) {
        *--at = (char)('0' + number % 10);
        number /= 10;
    }
    digits->len = (int)(end - at);
    digits->point = digits->len + exponent;
    memmove(digits->text, at, (size_t)digits->len);
}

static const double powers[] = { 1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };

/* Whole numbers below 2^63 are printed by their own digits, but for those at the end that say less
 * than the last bit of the mantissa does: they are rounded away. */
static bool whole_number(struct digits *digits, double number, int mantissa_bits)
{
    if (!(number >= 1 && number < 0x1p63) || number != floor(number))
        return false;
    uint64_t whole = (uint64_t)number;
    int idle_bits = ilogb(number) - mantissa_bits - 1, idle_digits = 0;
    if (idle_bits > 0) {
        idle_digits = (int)(idle_bits * 0.30103); /* of 2^idle_bits */
        uint64_t power = (uint64_t)powers[idle_digits];
        whole = whole / power + (whole % power >= power / 2 && power > 1);
    }
    digits_of(digits, whole, idle_digits);
    return true;
}

/* Most numbers in tables are short decimals. number * 10^places rounds to an integer below 10^15;
 * if that integer divided by 10^places (both exact, so the division is rounded once) is the number
 * again, then these are its shortest digits, as fewer places were tried before. */
static bool short_double(struct digits *digits, double number)
{
    for (size_t places = 0; places < KC_COUNT(powers); places++) {
        double scaled = number * powers[places];
        if (!(scaled < 1e15))
            return false;
        uint64_t rounded = (uint64_t)(scaled + 0.5);
        if (rounded && (double)rounded / powers[places] == number) {
            digits_of(digits, rounded, -(int)places);
            return true;
        }
    }
    return false;
}

/* The same for a float. The quotient is rounded twice, to a double and then to a float; that gives
 * the right float up to 8 places: a decimal is not so near the middle between two floats. */
static bool short_float(struct digits *digits, float number)
{
    for (size_t places = 0; places <= 8; places++) {
        double scaled = (double)number * powers[places];
        if (!(scaled < 1e8))
            return false;
        uint64_t rounded = (uint64_t)nearbyint(scaled); /* of two that are as near, the even one */
        if (rounded && (float)((double)rounded / powers[places]) == number) {
            digits_of(digits, rounded, -(int)places);
            return true;
        }
    }
    return false;
}

/* The numbers below a power of two lie half as far apart as those above. JDK 17 keeps within half
 * of the smaller distance on both sides. */
static bool near_enough(const char *printed, double number, double above)
{
    int exponent;
    if (frexp(number, &exponent) != 0.5)
        return true;
    return fabsl(strtold(printed, NULL) - (long double)number) < (long double)above / 4;
}

/* Java always prints two digits, so that it takes the nearest of those (4.9E-324, not 5.0E-324).
 * %.Ne of a number gives d.ddde+xx */
static void read_printed(struct digits *digits, const char *printed)
{
    const char *exponent = strchr(printed, 'e');
    digits->len = 0;
    for (const char *at = printed; at < exponent; at++)
        if (*at != '.')
            digits->text[digits->len++] = *at;
    digits->point = atoi(exponent + 1) + 1;
}

/* "d.dddde+xx" with one digit less, rounded. The last digit is not 5: a half could be the end of
 * either side. False when the exponent would change too. */
static bool drop_digit(char *printed)
{
    char *last = strchr(printed, 'e') - 1, *at = last;
    bool up = *last > '5';
    while (up) {
        if (at == printed)
            return false;
        at -= at[-1] == '.' ? 2 : 1;
        up = *at == '9';
        *at = up ? '0' : (char)(*at + 1);
    }
    memmove(last, last + 1, strlen(last));
    return true;
}

/* The long numbers of measurements and calculations: between these bounds short_double has tried
 * all of up to 15 digits, so that there are 16 or 17, and 17 always read back. */
static bool long_double(struct digits *digits, double number)
{
    char printed[40], shorter[40];
    int exponent;
    if (!(number >= 0.1 && number < 1e15) || frexp(number, &exponent) == 0.5)
        return false;
    snprintf(printed, sizeof(printed), "%.16e", number);
    memcpy(shorter, printed, sizeof(shorter));
    if (printed[17] == '5' || !drop_digit(shorter))
        return false;
    read_printed(digits, strtod(shorter, NULL) == number ? shorter : printed);
    return true;
}

static void shortest_double(struct digits *digits, double number)
{
    char printed[40];
    if (whole_number(digits, number, DBL_MANT_DIG) || short_double(digits, number) ||
        long_double(digits, number))
        return;
    double above = nextafter(number, INFINITY) - number;
    int precision = number < 1e-300 ? 1 : 14; /* subnormal numbers have few digits */
    do
        snprintf(printed, sizeof(printed), "%.*e", precision, number);
    while ((strtod(printed, NULL) != number || !near_enough(printed, number, above)) &&
           ++precision < 17);
    read_printed(digits, printed);
}

static void shortest_float(struct digits *digits, float number)
{
    char printed[40];
    if (whole_number(digits, (double)number, FLT_MANT_DIG) || short_float(digits, number))
        return;
    double above = (double)nextafterf(number, INFINITY) - (double)number;
    int precision = 1;
    do
        snprintf(printed, sizeof(printed), "%.*e", precision, (double)number);
    while ((strtof(printed, NULL) != number || !near_enough(printed, (double)number, above)) &&
           ++precision < 9);
    read_printed(digits, printed);
}

static void put_zeros(struct kc_buf *buf, int count)
{
    while (count-- > 0)
        kc_buf_char(buf, '0');
}

/* Double.toString: plain from 10^-3 to 10^7, else d.dddE±x; always a digit behind the point. */
static void put_java(struct kc_buf *buf, struct digits *digits)
{
    int len = digits->len, point = digits->point;
    while (len > 1 && digits->text[len - 1] == '0')
        len--;
    if (point > -3 && point <= 0) {
        kc_buf_str(buf, "0.");
        put_zeros(buf, -point);
        kc_buf_put(buf, digits->text, (size_t)len);
    } else if (point > 0 && point <= 7) {
        int whole = len < point ? len : point;
        kc_buf_put(buf, digits->text, (size_t)whole);
        put_zeros(buf, point - len);
        kc_buf_char(buf, '.');
        if (len > point)
            kc_buf_put(buf, digits->text + point, (size_t)(len - point));
        else
            kc_buf_char(buf, '0');
    } else {
        kc_buf_char(buf, digits->text[0]);
        kc_buf_char(buf, '.');
        if (len > 1)
            kc_buf_put(buf, digits->text + 1, (size_t)len - 1);
        else
            kc_buf_char(buf, '0');
        kc_buf_char(buf, 'E');
        kc_buf_int(buf, point - 1);
    }
}

/* NaN, infinities and zeros; false: another number, whose sign is written. */
static bool put_special(double number, struct kc_buf *buf)
{
    if (isnan(number)) {
        kc_buf_str(buf, "NaN");
        return true;
    }
    if (signbit(number))
        kc_buf_char(buf, '-');
    if (isinf(number))
        kc_buf_str(buf, "Infinity");
    else if (number == 0)
        kc_buf_str(buf, "0.0");
    else
        return false;
    return true;
}

void kc_double_text(double number, struct kc_buf *buf)
{
    struct digits digits;
    if (put_special(number, buf))
        return;
    shortest_double(&digits, fabs(number));
    put_java(buf, &digits);
}

void kc_float_text(float number, struct kc_buf *buf)
{
    struct digits digits;
    if (put_special((double)number, buf))
        return;
    shortest_float(&digits, fabsf(number));
    put_java(buf, &digits);
}
