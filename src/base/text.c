#include "base/text.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

int kc_text_compare(struct kc_text a, struct kc_text b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

struct kc_text kc_text_trim(struct kc_text text)
{
    while (text.len && (unsigned char)text.ptr[0] <= ' ') {
        text.ptr++;
        text.len--;
    }
    while (text.len && (unsigned char)text.ptr[text.len - 1] <= ' ')
        text.len--;
    return text;
}

bool kc_text_split(struct kc_text *rest, char separator, struct kc_text *piece)
{
    if (!rest->ptr)
        return false;
    const char *at = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
    if (!at) {
        *piece = *rest;
        *rest = (struct kc_text){ NULL, 0 };
        return true;
    }
    size_t len = (size_t)(at - rest->ptr);
    *piece = (struct kc_text){ rest->ptr, len };
    *rest = (struct kc_text){ at + 1, rest->len - len - 1 };
    return true;
}

bool kc_text_starts(struct kc_text text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.ptr, prefix, len) == 0;
}

bool kc_text_int64(struct kc_text text, int64_t *number)
{
    size_t i = 0;
    bool negative = text.len && text.ptr[0] == '-';
    if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+'))
        i++;
    if (i == text.len)
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t sum = 0;
    for (; i < text.len; i++) {
        unsigned digit = (unsigned)((unsigned char)text.ptr[i] - '0');
        if (digit > 9 || sum > (limit - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = (int64_t)(negative ? 0 - sum : sum);
    return true;
}

/* Where the digits at i end. */
static size_t skip_digits(struct kc_text text, size_t i)
{
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9')
        i++;
    return i;
}

static size_t skip_sign(struct kc_text text, size_t i)
{
    return i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+') ? i + 1 : i;
}

static bool looks_like_number(struct kc_text text)
{
    size_t start = skip_sign(text, 0);
    size_t i = skip_digits(text, start);
    size_t digits = i - start;
    if (i < text.len && text.ptr[i] == '.') {
        size_t fraction = i + 1;
        i = skip_digits(text, fraction);
        digits += i - fraction;
    }
    if (!digits)
        return false;
    if (i < text.len && (text.ptr[i] | 32) == 'e') {
        size_t exponent = skip_sign(text, i + 1);
        i = skip_digits(text, exponent);
        if (i == exponent)
            return false;
    }
    return i == text.len;
}

bool kc_text_double(struct kc_text text, double *number)
{
    if (!looks_like_number(text))
        return false;
    char small[128];
    char *copy = text.len < sizeof(small) ? small : kc_realloc(NULL, text.len + 1);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *number = strtod(copy, NULL);
    if (copy != small)
        free(copy);
    return true;
}

unsigned kc_text_distance(struct kc_text a, struct kc_text b, unsigned most)
{
    enum { LONGEST = 255 };
    unsigned row[LONGEST + 1];
    size_t difference = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (difference > most || a.len > LONGEST || b.len > LONGEST)
        return most + 1;
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned change = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
            unsigned add = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < add ? change : add;
        }
    }
    return row[b.len] > most ? most + 1 : row[b.len];
}

/* Length of the one valid UTF-8 sequence at p, 0 if there is none. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t len;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        len = 2;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        len = 3;
        low = p[0] == 0xE0 ? 0xA0 : 0x80;  /* no overlong forms */
        high = p[0] == 0xED ? 0x9F : 0xBF; /* no surrogates */
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        len = 4;
        low = p[0] == 0xF0 ? 0x90 : 0x80;
        high = p[0] == 0xF4 ? 0x8F : 0xBF; /* up to U+10FFFF */
    } else {
        return 0;
    }
    if (left < len || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

size_t kc_text_utf8(struct kc_text text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t i = 0;
    while (i < text.len) {
        uint64_t word;
        while (i + 8 <= text.len && (memcpy(&word, p + i, 8), !(word & 0x8080808080808080u)))
            i += 8;
        if (i == text.len)
            break;
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        size_t len = utf8_sequence(p + i, text.len - i);
        if (!len)
            return i;
        i += len;
    }
    return i;
}

size_t kc_utf8_put(char *out, uint32_t c)
{
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = len; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 63));
    out[0] = (char)(lead[len] | c);
    return len;
}

int kc_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

int kc_base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}
