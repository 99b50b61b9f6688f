#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

enum { DEFAULT_MAX = 1 << 30 };

void kc_buf_clear(struct kc_buf *buf)
{
    free(buf->data);
    *buf = (struct kc_buf){ .max = buf->max };
}

void kc_buf_reset(struct kc_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

bool kc_buf_room(struct kc_buf *buf, size_t more)
{
    size_t max = buf->max ? buf->max : DEFAULT_MAX;
    if (buf->failed || more > max || buf->len > max - more) {
        /* From here on nothing is added: a size of 0 sends every append here. */
        buf->failed = true;
        buf->size = 0;
        return false;
    }
    size_t wanted = buf->len + more + 1;
    if (wanted <= buf->size)
        return true;
    size_t size = buf->size ? buf->size * 2 : 64;
    if (size < wanted)
        size = wanted;
    if (size > max + 1)
        size = max + 1;
    buf->data = kc_realloc(buf->data, size);
    buf->size = size;
    buf->data[buf->len] = '\0';
    return true;
}

void kc_buf_printf(struct kc_buf *buf, const char *format, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = true;
    } else if ((size_t)len < sizeof(small)) {
        kc_buf_put(buf, small, (size_t)len);
    } else if (kc_buf_room(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void kc_buf_int(struct kc_buf *buf, int64_t number)
{
    char digits[24], *end = digits + sizeof(digits), *at = end;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        *--at = '-';
    kc_buf_put(buf, at, (size_t)(end - at));
}

void kc_buf_double(struct kc_buf *buf, double number)
{
    char text[40];
    int digits = 15;
    do
        snprintf(text, sizeof(text), "%.*g", digits, number);
    while (strtod(text, NULL) != number && ++digits <= 17);
    kc_buf_str(buf, text);
    if (!strpbrk(text, ".en"))
        kc_buf_str(buf, ".0");
}

void kc_buf_be16(struct kc_buf *buf, uint16_t v)
{
    uint16_t wire = __builtin_bswap16(v);
    kc_buf_put(buf, &wire, sizeof(wire));
}

void kc_buf_be32(struct kc_buf *buf, uint32_t v)
{
    uint32_t wire = __builtin_bswap32(v);
    kc_buf_put(buf, &wire, sizeof(wire));
}

void kc_buf_be64(struct kc_buf *buf, uint64_t v)
{
    uint64_t wire = __builtin_bswap64(v);
    kc_buf_put(buf, &wire, sizeof(wire));
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the swaps above are for little endian");

void kc_buf_utf8(struct kc_buf *buf, struct kc_text text)
{
    while (text.len) {
        size_t good = kc_text_utf8(text);
        kc_buf_put(buf, text.ptr, good);
        if (good < text.len) {
            kc_buf_str(buf, "\xEF\xBF\xBD");
            good++;
        }
        text = (struct kc_text){ text.ptr + good, text.len - good };
    }
}

void kc_buf_base64(struct kc_buf *buf, const void *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = data;
    size_t out_len = (len + 2) / 3 * 4;
    if (!kc_buf_room(buf, out_len))
        return;
    char *out = buf->data + buf->len;
    for (; len >= 3; len -= 3, in += 3) {
        uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = digits[group >> 6 & 63];
        *out++ = digits[group & 63];
    }
    if (len) {
        uint32_t group = (uint32_t)in[0] << 16 | (len == 2 ? (uint32_t)in[1] << 8 : 0);
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = len == 2 ? digits[group >> 6 & 63] : '=';
        *out++ = '=';
    }
    buf->len += out_len;
    buf->data[buf->len] = '\0';
}

char *kc_buf_take(struct kc_buf *buf)
{
    char *data = buf->data ? buf->data : kc_strdup("");
    *buf = (struct kc_buf){ .max = buf->max };
    return data;
}
