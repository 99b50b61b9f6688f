/* Growing bytes with a hard cap and a sticky failure: encoders append freely
 * and whoever uses the result looks once at `failed`. data is NUL-terminated
 * after every call (the NUL is not counted).
 * Layer: base. One thread owns a buffer. */
#ifndef KC_BASE_BUF_H
#define KC_BASE_BUF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

struct kc_buf {
    char *data; /* NULL until the first byte */
    size_t len;
    size_t size; /* allocated */
    size_t max;  /* appending beyond this fails; 0 for 1 GiB */
    bool failed; /* something did not fit; len is what was there before */
};

#define KC_BUF(maximum) ((struct kc_buf){ .max = (maximum) })
#define KC_AUTO_BUF __attribute__((cleanup(kc_buf_clear))) struct kc_buf

void kc_buf_clear(struct kc_buf *buf);
/* len 0, not failed; memory is kept. */
void kc_buf_reset(struct kc_buf *buf);
/* Makes room for `more` bytes and a NUL; false (and failed) when over max. */
bool kc_buf_room(struct kc_buf *buf, size_t more);

static inline void kc_buf_put(struct kc_buf *buf, const void *data, size_t len)
{
    if (buf->len + len >= buf->size && !kc_buf_room(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}
static inline void kc_buf_char(struct kc_buf *buf, char c)
{
    kc_buf_put(buf, &c, 1);
}
static inline void kc_buf_str(struct kc_buf *buf, const char *text)
{
    kc_buf_put(buf, text, strlen(text));
}
static inline void kc_buf_text(struct kc_buf *buf, struct kc_text text)
{
    kc_buf_put(buf, text.ptr, text.len);
}
void kc_buf_printf(struct kc_buf *buf, const char *format, ...) KC_PRINTF(2, 3);
void kc_buf_int(struct kc_buf *buf, int64_t number); /* decimal digits */
/* The fewest digits that read back, in C's layout ("0.1", "1.0", "1e+20"). For records, which
 * want Java's layout: kc_double_text. */
void kc_buf_double(struct kc_buf *buf, double number);
/* Network byte order, as Kafka, PostgreSQL and Java write it. */
void kc_buf_be16(struct kc_buf *buf, uint16_t v);
void kc_buf_be32(struct kc_buf *buf, uint32_t v);
void kc_buf_be64(struct kc_buf *buf, uint64_t v);
/* Text, with U+FFFD in place of each byte that is not UTF-8. */
void kc_buf_utf8(struct kc_buf *buf, struct kc_text text);
/* RFC 4648 base64 with padding. */
void kc_buf_base64(struct kc_buf *buf, const void *data, size_t len);
/* The bytes as a malloc'd C string, the buffer is empty afterwards. */
char *kc_buf_take(struct kc_buf *buf);

#endif
