/* Floating-point numbers as Java prints them: the shortest digits that read back. */
#include "data/value.h"

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

/* Most numbers in tables are short decimals. number * 10^places rounds to an integer below 10^15;
 * if that integer divided by 10^places (both exact, so the division is rounded once) is the number
 * again, then these are its shortest digits, as fewer places were tried before. */
static bool short_decimal(struct digits *digits, double number)
{
    static const double powers[] = { 1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
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

static void shortest_double(struct digits *digits, double number)
{
    char printed[40];
    if (short_decimal(digits, number))
        return;
    int precision = number < 1e-300 ? 1 : 14; /* subnormal numbers have few digits */
    do
        snprintf(printed, sizeof(printed), "%.*e", precision, number);
    while (strtod(printed, NULL) != number && ++precision < 17);
    read_printed(digits, printed);
}

static void shortest_float(struct digits *digits, float number)
{
    char printed[40];
    int precision = 1;
    do
        snprintf(printed, sizeof(printed), "%.*e", precision, (double)number);
    while (strtof(printed, NULL) != number && ++precision < 9);
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
