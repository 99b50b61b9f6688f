/* Numbers as text, with the arithmetic of Java's BigDecimal: any number of digits, and
 * conversions that cut off, wrap and round as longValue, doubleValue and floatValue do.
 * Layer: data. Any thread. */
#ifndef KC_DATA_NUMBER_READ_H
#define KC_DATA_NUMBER_READ_H

#include "data/value.h"

/* A number taken apart: [+-]digits[.digits][e[+-]digits]; one of the digits may be missing. */
struct kc_number {
    struct kc_text text; /* all of it */
    struct kc_text whole, fraction;
    bool negative;
    int32_t scale; /* as of BigDecimal: digits of the fraction less the exponent */
};

/* False if it is no number that BigDecimal takes. Decimal digits of all scripts count, see
 * kc_ascii_digits. */
bool kc_number_parse(struct kc_text text, struct kc_number *number);
/* The text itself, or a copy in which digits of other scripts (Java's Character.isDigit within
 * 16 bits) are replaced by 0 to 9. */
struct kc_text kc_ascii_digits(struct kc_text text, struct kc_arena *arena);

int64_t kc_number_long(const struct kc_number *number); /* fraction cut off, then modulo 2^64 */
/* The nearest; infinite when too large, zero when too small; a zero is never negative. */
double kc_number_double(const struct kc_number *number);
float kc_number_float(const struct kc_number *number);
bool kc_number_whole(const struct kc_number *number); /* no fraction but zeros */
/* A KC_DECIMAL of its own scale. False when it has more than 131072 digits. */
bool kc_number_decimal(const struct kc_number *number, struct kc_arena *arena,
                       struct kc_value *value);

#endif
