#include "schemas/avro_plan.h"

void avro_put_long(struct kc_buf *buf, int64_t number)
{
    uint64_t bits = ((uint64_t)number << 1) ^ (uint64_t)(number >> 63);
    uint8_t bytes[10];
    size_t len = 0;
    while (bits >= 0x80) {
        bytes[len++] = (uint8_t)(bits | 0x80);
        bits >>= 7;
    }
    bytes[len++] = (uint8_t)bits;
    kc_buf_put(buf, bytes, len);
}

static struct kc_error *torn(const char *what)
{
    return kc_fail(KC_BAD_DATA, "the Avro data ends in the middle of %s", what);
}

struct kc_error *avro_get_long(struct avro_input *input, int64_t *number)
{
    uint64_t bits = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (input->at == input->end)
            return torn("a number");
        uint8_t byte = *input->at++;
        bits |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (byte < 0x80) {
            *number = (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
            return NULL;
        }
    }
    return kc_fail(KC_BAD_DATA, "Invalid Avro data: a number is longer than ten bytes");
}

struct kc_error *avro_get_block(struct avro_input *input, size_t len, const char *what,
                                const uint8_t **bytes)
{
    if ((size_t)(input->end - input->at) < len)
        return torn(what);
    *bytes = input->at;
    input->at += len;
    return NULL;
}

struct kc_error *avro_get_bytes(struct avro_input *input, const char *what, const uint8_t **bytes,
                                uint32_t *len)
{
    int64_t number;
    struct kc_error *err = avro_get_long(input, &number);
    if (err)
        return err;
    if (number < 0)
        return kc_fail(KC_BAD_DATA, "Malformed data. Length is negative: %lld", (long long)number);
    if (number > input->end - input->at)
        return torn(what);
    *len = (uint32_t)number;
    return avro_get_block(input, (size_t)number, what, bytes);
}
