/* Writing JSON as the original's generator (Jackson) does, byte for byte: what is
 * escaped and how, numbers, base64. Failure (the cap of the buffer) is sticky in it.
 * Layer: schemas. One thread owns a buffer. */
#ifndef SCHEMAS_JSON_WRITE_H
#define SCHEMAS_JSON_WRITE_H

#include "base/buf.h"

/* A text in quotes. Control characters, quote and backslash are escaped, with capital
 * hexadecimal digits; so are characters beyond U+FFFF, as two \u. */
void json_write_text(struct kc_buf *buf, struct kc_text text);
void json_write_int(struct kc_buf *buf, int64_t number);
/* NaN and infinities in quotes. */
void json_write_double(struct kc_buf *buf, double number);
void json_write_float(struct kc_buf *buf, float number);
/* Base64 in quotes. */
void json_write_bytes(struct kc_buf *buf, const void *data, size_t len);

/* Bytes to be copied often and in small pieces: padded, so that whole blocks are moved. */
struct json_lead {
    const char *bytes; /* readable up to the next multiple of JSON_BLOCK */
    uint32_t len;
};
enum { JSON_BLOCK = 16 };

/* Room for `more` bytes and a block; the caller then writes at buf->data + buf->len. */
static inline bool json_room(struct kc_buf *buf, size_t more)
{
    return buf->size > buf->len + more + JSON_BLOCK || kc_buf_room(buf, more + JSON_BLOCK);
}
/* There must be room (json_room). */
static inline void json_put_lead(struct kc_buf *buf, struct json_lead lead)
{
    char *out = buf->data + buf->len;
    for (uint32_t i = 0; i < lead.len; i += JSON_BLOCK)
        memcpy(out + i, lead.bytes + i, JSON_BLOCK);
    buf->len += lead.len;
}

#endif
