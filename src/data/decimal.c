/* Exact decimals of any size. Numbers of up to 18 digits take a short way through int64; larger
 * ones are worked on as words of 32 bits, least significant first. */
#include "data/value.h"

#include <stdlib.h>

enum {
    MOST_WHOLE = 131072, /* digits before the point */
    MOST_SCALE = 16383,  /* digits behind it */
    CHUNK_DIGITS = 9,
    CHUNK = 1000000000, /* 10^CHUNK_DIGITS, fits a word */
    SMALL_WORDS = 16,
};

struct big {
    uint32_t *words; /* without leading zeros: len 0 is zero */
    size_t len, cap;
    bool negative;
    uint32_t small[SMALL_WORDS];
};

#define AUTO_BIG __attribute__((cleanup(big_clear))) struct big

static void big_clear(struct big *big)
{
    if (big->words != big->small)
        free(big->words);
}

static void big_init(struct big *big, size_t words)
{
    big->len = 0;
    big->negative = false;
    big->cap = words > SMALL_WORDS ? words : SMALL_WORDS;
    big->words = words > SMALL_WORDS ? kc_calloc(words, sizeof(*big->words)) : big->small;
}

static void big_multiply_add(struct big *big, uint32_t factor, uint32_t carry)
{
    for (size_t i = 0; i < big->len; i++) {
        uint64_t product = (uint64_t)big->words[i] * factor + carry;
        big->words[i] = (uint32_t)product;
        carry = (uint32_t)(product >> 32);
    }
    if (carry)
        big->words[big->len++] = carry;
}

static uint32_t big_divide(struct big *big, uint32_t divisor)
{
    uint64_t rest = 0;
    for (size_t i = big->len; i-- > 0;) {
        rest = rest << 32 | big->words[i];
        big->words[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    while (big->len && !big->words[big->len - 1])
        big->len--;
    return (uint32_t)rest;
}

static uint32_t power_of_ten(unsigned exponent)
{
    static const uint32_t powers[] = { 1,      10,      100,      1000,      10000,
                                       100000, 1000000, 10000000, 100000000, CHUNK };
    return powers[exponent];
}

/* `extra` words of room beyond what the number needs. */
static void big_from_decimal(struct big *big, const struct kc_decimal *decimal, size_t extra)
{
    big_init(big, decimal->len / 4 + 2 + extra);
    big->negative = decimal->unscaled[0] & 0x80;
    uint32_t carry = big->negative; /* two's complement: invert and add one */
    uint8_t flip = big->negative ? 0xFF : 0;
    size_t words = (decimal->len + 3) / 4;
    for (size_t i = 0; i < words; i++) {
        uint64_t word = 0;
        for (size_t b = 0; b < 4 && i * 4 + b < decimal->len; b++)
            word |= (uint64_t)(uint8_t)(decimal->unscaled[decimal->len - 1 - i * 4 - b] ^ flip)
                    << (8 * b);
        word += carry;
        big->words[i] = (uint32_t)word;
        carry = (uint32_t)(word >> 32);
    }
    big->len = words;
    if (carry)
        big->words[big->len++] = carry;
    while (big->len && !big->words[big->len - 1])
        big->len--;
}

static struct kc_value decimal_value(const struct kc_decimal *decimal)
{
    return (struct kc_value){ .kind = KC_DECIMAL, .u.decimal = decimal };
}

/* bytes: big-endian two's complement, copied without what only repeats the sign. */
struct kc_value kc_decimal_from_bytes(struct kc_arena *arena, const void *bytes, size_t len,
                                      int32_t scale)
{
    static const uint8_t zero[1];
    const uint8_t *from = len ? bytes : zero;
    if (!len)
        len = 1;
    while (len > 1 && ((from[0] == 0 && from[1] < 0x80) || (from[0] == 0xFF && from[1] >= 0x80))) {
        from++;
        len--;
    }
    struct kc_decimal *decimal = kc_alloc(arena, sizeof(*decimal) + len);
    decimal->scale = scale;
    decimal->len = (uint32_t)len;
    memcpy(decimal->unscaled, from, len);
    return decimal_value(decimal);
}

struct kc_value kc_decimal_from_int(struct kc_arena *arena, int64_t unscaled, int32_t scale)
{
    uint64_t wire = __builtin_bswap64((uint64_t)unscaled);
    return kc_decimal_from_bytes(arena, &wire, sizeof(wire), scale);
}

static struct kc_value big_to_decimal(struct kc_arena *arena, const struct big *big, int32_t scale)
{
    size_t len = big->len * 4 + 1; /* one more for the sign */
    uint8_t *bytes = kc_calloc(1, len);
    uint32_t carry = big->negative;
    uint32_t flip = big->negative ? UINT32_MAX : 0;
    for (size_t i = 0; i < big->len; i++) {
        uint64_t word = (uint64_t)(big->words[i] ^ flip) + carry;
        uint32_t wire = __builtin_bswap32((uint32_t)word);
        memcpy(bytes + len - 4 * (i + 1), &wire, 4);
        carry = (uint32_t)(word >> 32);
    }
    bytes[0] = (uint8_t)((flip & 0xFF) + carry);
    struct kc_value value = kc_decimal_from_bytes(arena, bytes, len, scale);
    free(bytes);
    return value;
}

/* ---- from text ---- */

/* "-12.50e3" taken apart. */
struct parts {
    bool negative;
    struct kc_text number; /* digits and at most one point */
    size_t digits;         /* without leading zeros */
    int64_t scale;
};

static bool read_exponent(const char *at, const char *end, int64_t *exponent)
{
    return end - at <= 8 && kc_text_int64((struct kc_text){ at, (size_t)(end - at) }, exponent);
}

static bool take_apart(struct kc_text text, struct parts *parts)
{
    const char *at = text.ptr, *end = text.ptr + text.len, *point = NULL;
    size_t all = 0;
    *parts = (struct parts){ .negative = text.len && *at == '-' };
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    parts->number.ptr = at;
    for (; at < end; at++) {
        if (*at >= '0' && *at <= '9') {
            all++;
            parts->digits += parts->digits || *at != '0';
        } else if (*at == '.' && !point) {
            point = at;
        } else {
            break;
        }
    }
    parts->number.len = (size_t)(at - parts->number.ptr);
    int64_t exponent = 0;
    if (!all || (at < end && ((*at | 32) != 'e' || !read_exponent(at + 1, end, &exponent))))
        return false;
    parts->scale = (point ? at - point - 1 : 0) - exponent;
    return parts->scale <= MOST_SCALE && (int64_t)parts->digits - parts->scale <= MOST_WHOLE;
}

static struct kc_value large_from_parts(struct kc_arena *arena, const struct parts *parts)
{
    AUTO_BIG big;
    big_init(&big, parts->digits / CHUNK_DIGITS + 3);
    big.negative = parts->negative;
    uint32_t chunk = 0;
    unsigned pending = 0;
    for (size_t i = 0; i < parts->number.len; i++) {
        if (parts->number.ptr[i] == '.')
            continue;
        chunk = chunk * 10 + (uint32_t)(parts->number.ptr[i] - '0');
        if (++pending == CHUNK_DIGITS) {
            big_multiply_add(&big, CHUNK, chunk);
            chunk = pending = 0;
        }
    }
    if (pending)
        big_multiply_add(&big, power_of_ten(pending), chunk);
    return big_to_decimal(arena, &big, (int32_t)parts->scale);
}

bool kc_decimal_from_text(struct kc_arena *arena, struct kc_text text, struct kc_value *value)
{
    struct parts parts;
    if (!take_apart(text, &parts))
        return false;
    if (parts.digits > 18) {
        *value = large_from_parts(arena, &parts);
        return true;
    }
    int64_t number = 0;
    for (size_t i = 0; i < parts.number.len; i++)
        if (parts.number.ptr[i] != '.')
            number = number * 10 + (parts.number.ptr[i] - '0');
    *value = kc_decimal_from_int(arena, parts.negative ? -number : number, (int32_t)parts.scale);
    return true;
}

/* ---- rescale ---- */

static bool as_int64(const struct kc_decimal *decimal, int64_t *number)
{
    if (decimal->len > 8)
        return false;
    uint64_t sum = decimal->unscaled[0] & 0x80 ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < decimal->len; i++)
        sum = sum << 8 | decimal->unscaled[i];
    *number = (int64_t)sum;
    return true;
}

static bool small_rescale(int64_t number, int64_t shift, int64_t *result)
{
    for (; shift > 0; shift--)
        if (__builtin_mul_overflow(number, 10, &number))
            return false;
    for (; shift < 0; shift++) {
        if (number % 10)
            return false;
        number /= 10;
    }
    *result = number;
    return true;
}

static bool big_rescale(struct big *big, int64_t shift)
{
    while (shift) {
        unsigned left = (unsigned)llabs(shift);
        unsigned step = left < CHUNK_DIGITS ? left : CHUNK_DIGITS;
        if (shift > 0)
            big_multiply_add(big, power_of_ten(step), 0);
        else if (big_divide(big, power_of_ten(step)))
            return false;
        shift += shift > 0 ? -(int64_t)step : (int64_t)step;
    }
    return true;
}

bool kc_decimal_rescale(struct kc_arena *arena, struct kc_value value, int32_t scale,
                        struct kc_value *result)
{
    const struct kc_decimal *decimal = value.u.decimal;
    int64_t shift = (int64_t)scale - decimal->scale;
    int64_t number;
    if (shift == 0) {
        *result = value;
        return true;
    }
    bool small = as_int64(decimal, &number);
    if (small && number == 0)
        shift = 0;
    if (llabs(shift) > MOST_WHOLE + MOST_SCALE)
        return false;
    if (small && small_rescale(number, shift, &number)) {
        *result = kc_decimal_from_int(arena, number, scale);
        return true;
    }
    AUTO_BIG big;
    big_from_decimal(&big, decimal, shift > 0 ? (size_t)shift / CHUNK_DIGITS + 2 : 0);
    if (!big_rescale(&big, shift))
        return false;
    *result = big_to_decimal(arena, &big, scale);
    return true;
}

/* ---- to text ---- */

struct digits {
    char *text; /* of the absolute value, no leading zeros but for "0" */
    size_t len;
    bool negative;
    char *heap; /* to be freed */
    char small[24];
};

#define AUTO_DIGITS __attribute__((cleanup(digits_clear))) struct digits

static void digits_clear(struct digits *digits)
{
    free(digits->heap);
}

static char *put_chunk(char *at, uint64_t number, int least)
{
    for (int i = 0; i < least || number; i++, number /= 10)
        *--at = (char)('0' + number % 10);
    return at;
}

static void large_digits(struct digits *digits, const struct kc_decimal *decimal)
{
    AUTO_BIG big;
    big_from_decimal(&big, decimal, 0);
    digits->negative = big.negative;
    size_t room = big.len * 10 + 2;
    digits->heap = kc_realloc(NULL, room);
    char *end = digits->heap + room, *at = end;
    while (big.len) {
        uint32_t chunk = big_divide(&big, CHUNK);
        at = put_chunk(at, chunk, big.len ? CHUNK_DIGITS : 1);
    }
    digits->text = at;
    digits->len = (size_t)(end - at);
}

static void digits_init(struct digits *digits, const struct kc_decimal *decimal)
{
    int64_t number;
    digits->heap = NULL;
    if (!as_int64(decimal, &number)) {
        large_digits(digits, decimal);
        return;
    }
    char *end = digits->small + sizeof(digits->small);
    digits->negative = number < 0;
    digits->text = put_chunk(end, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 1);
    digits->len = (size_t)(end - digits->text);
}

static void put_zeros(struct kc_buf *buf, size_t count)
{
    if (!kc_buf_room(buf, count))
        return;
    memset(buf->data + buf->len, '0', count);
    buf->len += count;
    buf->data[buf->len] = '\0';
}

static void put_plain(const struct digits *digits, int32_t scale, struct kc_buf *buf)
{
    if (digits->negative)
        kc_buf_char(buf, '-');
    if (scale <= 0) {
        kc_buf_put(buf, digits->text, digits->len);
        if (digits->text[0] != '0')
            put_zeros(buf, (size_t) - (int64_t)scale);
    } else if (digits->len > (size_t)scale) {
        size_t whole = digits->len - (size_t)scale;
        kc_buf_put(buf, digits->text, whole);
        kc_buf_char(buf, '.');
        kc_buf_put(buf, digits->text + whole, (size_t)scale);
    } else {
        kc_buf_str(buf, "0.");
        put_zeros(buf, (size_t)scale - digits->len);
        kc_buf_put(buf, digits->text, digits->len);
    }
}

void kc_decimal_plain(struct kc_value value, struct kc_buf *buf)
{
    AUTO_DIGITS digits;
    digits_init(&digits, value.u.decimal);
    put_plain(&digits, value.u.decimal->scale, buf);
}

void kc_decimal_text(struct kc_value value, struct kc_buf *buf)
{
    AUTO_DIGITS digits;
    int32_t scale = value.u.decimal->scale;
    digits_init(&digits, value.u.decimal);
    int64_t exponent = (int64_t)digits.len - 1 - scale;
    if (scale >= 0 && exponent >= -6) {
        put_plain(&digits, scale, buf);
        return;
    }
    if (digits.negative)
        kc_buf_char(buf, '-');
    kc_buf_char(buf, digits.text[0]);
    if (digits.len > 1) {
        kc_buf_char(buf, '.');
        kc_buf_put(buf, digits.text + 1, digits.len - 1);
    }
    if (exponent) {
        kc_buf_str(buf, exponent > 0 ? "E+" : "E");
        kc_buf_int(buf, exponent);
    }
}

double kc_decimal_double(struct kc_value value)
{
    static const double powers[] = { 1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    const struct kc_decimal *decimal = value.u.decimal;
    int64_t number;
    /* Both exact, so that the division rounds once. */
    if (decimal->scale >= 0 && decimal->scale < (int32_t)KC_COUNT(powers) &&
        as_int64(decimal, &number) && number < (int64_t)1 << 53 && number > -((int64_t)1 << 53))
        return (double)number / powers[decimal->scale];
    KC_AUTO_BUF text = { 0 };
    kc_decimal_text(value, &text);
    return strtod(text.data, NULL);
}
