#include "schemas/json_write.h"

#include <math.h>

#include "data/value.h"

/* What may stand in a string as it is: everything but control characters, quote, backslash, and the
 * lead bytes of what is written as surrogates (0xED: perhaps; 0xF0 and up). */
typedef uint8_t vec16 __attribute__((vector_size(16)));
typedef uint8_t vec8 __attribute__((vector_size(8)));

#define SPECIAL(v) (((v) < 0x20) | ((v) == '"') | ((v) == '\\') | ((v) == 0xED) | ((v) >= 0xF0))

static inline bool special(unsigned char c)
{
    return SPECIAL(c);
}

/* Copies plain bytes up to the first that isn't; there is room for len bytes and a block. */
static inline size_t copy_plain(char *out, const char *in, size_t len)
{
    size_t i = 0;
    for (; i + 16 <= len; i += 16) {
        vec16 v;
        uint64_t half[2];
        memcpy(&v, in + i, 16);
        memcpy(out + i, &v, 16);
        vec16 bad = (vec16)SPECIAL(v);
        memcpy(half, &bad, 16);
        if (half[0])
            return i + (size_t)__builtin_ctzll(half[0]) / 8;
        if (half[1])
            return i + 8 + (size_t)__builtin_ctzll(half[1]) / 8;
    }
    if (i + 8 <= len) {
        vec8 v;
        uint64_t word;
        memcpy(&v, in + i, 8);
        memcpy(out + i, &v, 8);
        vec8 bad = (vec8)SPECIAL(v);
        memcpy(&word, &bad, 8);
        if (word)
            return i + (size_t)__builtin_ctzll(word) / 8;
        i += 8;
    }
    for (; i < len && !special((unsigned char)in[i]); i++)
        out[i] = in[i];
    return i;
}

static char *put_unit(char *out, uint32_t unit)
{
    static const char digits[] = "0123456789ABCDEF";
    *out++ = '\\';
    *out++ = 'u';
    *out++ = digits[unit >> 12 & 15];
    *out++ = digits[unit >> 8 & 15];
    *out++ = digits[unit >> 4 & 15];
    *out++ = digits[unit & 15];
    return out;
}

static const char short_escapes[256] = {
    ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
};

/* One character that isn't plain: 12 bytes at most. Gives the number of bytes read. */
static size_t put_special(struct kc_buf *buf, const unsigned char *in, size_t left)
{
    char *start = buf->data + buf->len, *out = start;
    size_t used = 1;
    if (short_escapes[*in]) {
        *out++ = '\\';
        *out++ = short_escapes[*in];
    } else if (*in < 0x20) {
        out = put_unit(out, *in);
    } else if (*in >= 0xF0 && left >= 4) {
        uint32_t c = (uint32_t)(in[0] & 7) << 18 | (uint32_t)(in[1] & 63) << 12 |
                     (uint32_t)(in[2] & 63) << 6 | (in[3] & 63u);
        c -= 0x10000;
        out = put_unit(out, 0xD800 + (c >> 10 & 0x3FF));
        out = put_unit(out, 0xDC00 + (c & 0x3FF));
        used = 4;
    } else if (*in == 0xED && left >= 3 && in[1] >= 0xA0) {
        out = put_unit(out, 0xD000u | (uint32_t)(in[1] & 63) << 6 | (in[2] & 63u));
        used = 3;
    } else {
        *out++ = (char)*in;
    }
    buf->len += (size_t)(out - start);
    return used;
}

void json_write_text(struct kc_buf *buf, struct kc_text text)
{
    if (!json_room(buf, text.len + 2))
        return;
    buf->data[buf->len++] = '"';
    for (;;) {
        size_t plain = copy_plain(buf->data + buf->len, text.ptr, text.len);
        buf->len += plain;
        if (plain == text.len)
            break;
        text.ptr += plain;
        text.len -= plain;
        if (!json_room(buf, text.len + 14))
            return;
        size_t used = put_special(buf, (const unsigned char *)text.ptr, text.len);
        text.ptr += used;
        text.len -= used;
    }
    buf->data[buf->len++] = '"';
    buf->data[buf->len] = '\0';
}

void json_write_int(struct kc_buf *buf, int64_t number)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233"
        "34353637383940414243444546474849505152535455565758596061626364656667"
        "6869707172737475767778798081828384858687888990919293949596979899";
    char digits[20], *end = digits + sizeof(digits), *at = end;
    if (!json_room(buf, 24))
        return;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    char *out = buf->data + buf->len;
    if (number < 0)
        *out++ = '-';
    while (rest >= 100) {
        at -= 2;
        memcpy(at, pairs + rest % 100 * 2, 2);
        rest /= 100;
    }
    if (rest >= 10) {
        at -= 2;
        memcpy(at, pairs + rest * 2, 2);
    } else {
        *--at = (char)('0' + rest);
    }
    memcpy(out, at, (size_t)(end - at));
    out += end - at;
    *out = '\0';
    buf->len = (size_t)(out - buf->data);
}

void json_write_double(struct kc_buf *buf, double number)
{
    if (isfinite(number)) {
        kc_double_text(number, buf);
        return;
    }
    kc_buf_char(buf, '"');
    kc_double_text(number, buf);
    kc_buf_char(buf, '"');
}

void json_write_float(struct kc_buf *buf, float number)
{
    if (isfinite(number)) {
        kc_float_text(number, buf);
        return;
    }
    kc_buf_char(buf, '"');
    kc_float_text(number, buf);
    kc_buf_char(buf, '"');
}

void json_write_bytes(struct kc_buf *buf, const void *data, size_t len)
{
    kc_buf_char(buf, '"');
    kc_buf_base64(buf, data, len);
    kc_buf_char(buf, '"');
}
