/* Numbers and bytes of JSON nodes, with the rules of Java's JsonNode accessors. */
#include <stdlib.h>

#include "schemas/json_read.h"

/* A number taken apart: digits are those of the text without the point. */
struct parts {
    bool negative;
    const char *whole, *fraction; /* fraction: behind the point, NULL if there is none */
    size_t n_whole, n_fraction;
    int64_t exponent;
};

static struct parts take_apart(const struct json_node *node)
{
    struct parts parts = { 0 };
    const char *at = node->text, *end = at + node->len;
    if (*at == '-') {
        parts.negative = true;
        at++;
    }
    parts.whole = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    parts.n_whole = (size_t)(at - parts.whole);
    if (at < end && *at == '.') {
        parts.fraction = ++at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        parts.n_fraction = (size_t)(at - parts.fraction);
    }
    if (at < end)
        kc_text_int64((struct kc_text){ at + 1, (size_t)(end - at) - 1 }, &parts.exponent);
    return parts;
}

static uint64_t add_digits(uint64_t sum, const char *digits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum = sum * 10 + (uint64_t)(digits[i] - '0');
    return sum;
}

int64_t json_long(const struct json_node *node)
{
    if (!json_is_number(node))
        return 0;
    struct parts parts = take_apart(node);
    uint64_t sum = 0;
    int64_t digits = (int64_t)parts.n_whole + parts.exponent; /* before the point */
    if (digits > 0) {
        size_t from_whole = (uint64_t)digits < parts.n_whole ? (size_t)digits : parts.n_whole;
        sum = add_digits(0, parts.whole, from_whole);
        int64_t left = digits - (int64_t)from_whole;
        size_t from_fraction =
            (uint64_t)left < parts.n_fraction ? (size_t)left : parts.n_fraction;
        sum = add_digits(sum, parts.fraction, from_fraction);
        left -= (int64_t)from_fraction;
        /* 10^64 is a multiple of 2^64 */
        if (left >= 64)
            sum = 0;
        while (left-- > 0 && sum)
            sum *= 10;
    }
    return (int64_t)(parts.negative ? 0 - sum : sum);
}

bool json_fits_int(const struct json_node *node)
{
    int64_t number;
    return node->type == JSON_INTEGER && kc_text_int64(json_text(node), &number) &&
           number >= INT32_MIN && number <= INT32_MAX;
}

/* Up to 2^53 and 10^22 both operands are exact, so that one operation rounds right. */
static bool small_double(const struct json_node *node, double *number)
{
    static const double powers[] = { 1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    struct parts parts = take_apart(node);
    int64_t exponent = parts.exponent - (int64_t)parts.n_fraction;
    if (parts.n_whole + parts.n_fraction > 15 || exponent < -22 || exponent > 22)
        return false;
    uint64_t sum = add_digits(0, parts.whole, parts.n_whole);
    sum = add_digits(sum, parts.fraction, parts.n_fraction);
    double whole = parts.negative ? -(double)sum : (double)sum;
    *number = exponent < 0 ? whole / powers[-exponent] : whole * powers[exponent];
    return true;
}

double json_double(const struct json_node *node)
{
    double number = 0;
    if (!json_is_number(node))
        return 0;
    if (!small_double(node, &number))
        kc_text_double(json_text(node), &number);
    return number == 0 ? 0.0 : number;
}

float json_float(const struct json_node *node)
{
    char small[64];
    if (!json_is_number(node))
        return 0;
    char *copy = node->len < sizeof(small) ? small : kc_realloc(NULL, (size_t)node->len + 1);
    memcpy(copy, node->text, node->len);
    copy[node->len] = '\0';
    float number = strtof(copy, NULL); /* not by way of a double, which would round twice */
    if (copy != small)
        free(copy);
    return number == 0 ? 0.0f : number;
}

static int base64_digit(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Stricter than kc_text_base64 in that the padding must be there, laxer in that white space may
 * stand before each group and padded groups may follow one another. */
bool json_base64(const struct json_node *node, struct kc_arena *arena, struct kc_value *bytes)
{
    struct kc_text text = kc_text_trim(json_text(node));
    uint8_t *out = kc_alloc(arena, text.len / 4 * 3 + 3);
    size_t len = 0, at = 0;
    for (;;) {
        while (at < text.len && (unsigned char)text.ptr[at] <= ' ')
            at++;
        if (at == text.len)
            break;
        if (text.len - at < 4)
            return false;
        const unsigned char *group = (const unsigned char *)text.ptr + at;
        int a = base64_digit(group[0]), b = base64_digit(group[1]);
        int c = base64_digit(group[2]), d = base64_digit(group[3]);
        at += 4;
        if (a < 0 || b < 0 || (c < 0 && (group[2] != '=' || group[3] != '=')) ||
            (c >= 0 && d < 0 && group[3] != '='))
            return false;
        out[len++] = (uint8_t)(a << 2 | b >> 4);
        if (c >= 0)
            out[len++] = (uint8_t)(b << 4 | c >> 2);
        if (d >= 0 && c >= 0)
            out[len++] = (uint8_t)(c << 6 | d);
    }
    *bytes = kc_bytes(out, len);
    return true;
}
