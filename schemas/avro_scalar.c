#include "schemas/avro_plan.h"

/* ---- what a value must be ---- */

struct kc_error *avro_wrong_kind(const struct avro_plan *plan, struct kc_value value)
{
    return kc_fail(KC_BAD_DATA, "Invalid type for %s: class %s",
                   kc_kind_name((enum kc_kind)plan->connect->kind),
                   kc_kind_java_class((enum kc_kind)value.kind));
}

static struct kc_error *wrong_class(const struct avro_plan *plan, const char *expected,
                                    struct kc_value value)
{
    const char *name = strrchr(plan->connect->name, '.') + 1;
    return kc_fail(KC_BAD_DATA, "Invalid type for %s, expected %s but was class %s", name, expected,
                   kc_kind_java_class((enum kc_kind)value.kind));
}

/* ---- one pair of functions for each kind of value ---- */

static struct kc_error *write_null(const struct avro_plan *plan, struct kc_value value,
                                   struct kc_buf *buf)
{
    (void)plan;
    (void)value;
    (void)buf;
    return NULL;
}

static struct kc_error *read_null(const struct avro_plan *plan, struct avro_input *input,
                                  struct kc_value *value)
{
    (void)plan;
    (void)input;
    *value = kc_null();
    return NULL;
}

static struct kc_error *write_boolean(const struct avro_plan *plan, struct kc_value value,
                                      struct kc_buf *buf)
{
    if (value.kind != KC_BOOLEAN)
        return avro_wrong_kind(plan, value);
    kc_buf_char(buf, (char)value.u.i);
    return NULL;
}

static struct kc_error *read_boolean(const struct avro_plan *plan, struct avro_input *input,
                                     struct kc_value *value)
{
    (void)plan;
    const uint8_t *byte = NULL;
    struct kc_error *err = avro_get_block(input, 1, "a boolean", &byte);
    if (!err)
        *value = kc_bool(*byte == 1);
    return err;
}

static struct kc_error *write_integer(const struct avro_plan *plan, struct kc_value value,
                                      struct kc_buf *buf)
{
    if (value.kind != plan->connect->kind)
        return avro_wrong_kind(plan, value);
    avro_put_long(buf, value.u.i);
    return NULL;
}

static struct kc_error *read_integer(const struct avro_plan *plan, struct avro_input *input,
                                     struct kc_value *value)
{
    int64_t number = 0;
    struct kc_error *err = avro_get_long(input, &number);
    enum kc_kind kind = (enum kc_kind)plan->connect->kind;
    if (!err && plan->avro->type == AVRO_INT && number != (int32_t)number)
        return kc_fail(KC_BAD_DATA, "Invalid Avro data: %lld is no int", (long long)number);
    if (kind == KC_INT8)
        number = (int8_t)number;
    if (kind == KC_INT16)
        number = (int16_t)number;
    *value = kc_integer(kind, number);
    return err;
}

static struct kc_error *write_float(const struct avro_plan *plan, struct kc_value value,
                                    struct kc_buf *buf)
{
    if (value.kind != KC_FLOAT32)
        return avro_wrong_kind(plan, value);
    uint32_t bits;
    /* Java's floatToIntBits has one NaN. */
    float number = value.u.f32 != value.u.f32 ? __builtin_nanf("") : value.u.f32;
    memcpy(&bits, &number, sizeof(bits));
    bits = __builtin_bswap32(bits);
    kc_buf_be32(buf, bits);
    return NULL;
}

static struct kc_error *read_float(const struct avro_plan *plan, struct avro_input *input,
                                   struct kc_value *value)
{
    (void)plan;
    const uint8_t *bytes = NULL;
    struct kc_error *err = avro_get_block(input, 4, "a float", &bytes);
    if (err)
        return err;
    uint32_t bits =
        bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    float number;
    memcpy(&number, &bits, sizeof(number));
    *value = kc_float(number);
    return NULL;
}

static struct kc_error *write_double(const struct avro_plan *plan, struct kc_value value,
                                     struct kc_buf *buf)
{
    if (value.kind != KC_FLOAT64)
        return avro_wrong_kind(plan, value);
    uint64_t bits;
    double number = value.u.f64 != value.u.f64 ? __builtin_nan("") : value.u.f64;
    memcpy(&bits, &number, sizeof(bits));
    kc_buf_be64(buf, __builtin_bswap64(bits));
    return NULL;
}

static struct kc_error *read_double(const struct avro_plan *plan, struct avro_input *input,
                                    struct kc_value *value)
{
    (void)plan;
    const uint8_t *bytes = NULL;
    struct kc_error *err = avro_get_block(input, 8, "a double", &bytes);
    if (err)
        return err;
    uint64_t bits = 0;
    for (int i = 7; i >= 0; i--)
        bits = bits << 8 | bytes[i];
    double number;
    memcpy(&number, &bits, sizeof(number));
    *value = kc_double(number);
    return NULL;
}

static struct kc_error *write_text(const struct avro_plan *plan, struct kc_value value,
                                   struct kc_buf *buf)
{
    if (value.kind != KC_STRING)
        return avro_wrong_kind(plan, value);
    struct kc_text text = kc_value_text(value);
    if (kc_text_utf8(text) < text.len) {
        KC_AUTO_BUF clean = KC_BUF(0);
        kc_buf_utf8(&clean, text);
        avro_put_long(buf, (int64_t)clean.len);
        kc_buf_put(buf, clean.data, clean.len);
        return NULL;
    }
    avro_put_long(buf, value.len);
    kc_buf_put(buf, text.ptr, text.len);
    return NULL;
}

/* What is no UTF-8 becomes U+FFFD, as in Java. */
static struct kc_value text_value(const uint8_t *bytes, uint32_t len, struct kc_arena *arena)
{
    struct kc_text text = {(const char *)bytes, len};
    if (kc_text_utf8(text) == len)
        return kc_string(text.ptr, len);
    KC_AUTO_BUF clean = KC_BUF(0);
    kc_buf_utf8(&clean, text);
    return kc_string(kc_arena_text(arena, clean.data, clean.len), clean.len);
}

static struct kc_error *read_text(const struct avro_plan *plan, struct avro_input *input,
                                  struct kc_value *value)
{
    (void)plan;
    const uint8_t *bytes = NULL;
    uint32_t len = 0;
    struct kc_error *err = avro_get_bytes(input, "a string", &bytes, &len);
    if (!err)
        *value = text_value(bytes, len, input->arena);
    return err;
}

static struct kc_error *write_bytes(const struct avro_plan *plan, struct kc_value value,
                                    struct kc_buf *buf)
{
    if (value.kind != KC_BYTES)
        return avro_wrong_kind(plan, value);
    avro_put_long(buf, value.len);
    kc_buf_put(buf, value.u.bytes, value.len);
    return NULL;
}

static struct kc_error *read_bytes(const struct avro_plan *plan, struct avro_input *input,
                                   struct kc_value *value)
{
    (void)plan;
    const uint8_t *bytes = NULL;
    uint32_t len = 0;
    struct kc_error *err = avro_get_bytes(input, "bytes", &bytes, &len);
    if (!err)
        *value = kc_bytes(bytes, len);
    return err;
}

static struct kc_error *write_fixed(const struct avro_plan *plan, struct kc_value value,
                                    struct kc_buf *buf)
{
    if (value.kind != KC_BYTES)
        return avro_wrong_kind(plan, value);
    if (value.len != (uint32_t)plan->avro->size)
        return kc_fail(KC_BAD_DATA, "%u bytes do not fit the fixed type %s of %d bytes", value.len,
                       plan->avro->full, plan->avro->size);
    kc_buf_put(buf, value.u.bytes, value.len);
    return NULL;
}

static struct kc_error *read_fixed(const struct avro_plan *plan, struct avro_input *input,
                                   struct kc_value *value)
{
    const uint8_t *bytes = NULL;
    struct kc_error *err = avro_get_block(input, (size_t)plan->avro->size, "a fixed", &bytes);
    if (!err)
        *value = kc_bytes(bytes, (size_t)plan->avro->size);
    return err;
}

static struct kc_error *write_decimal(const struct avro_plan *plan, struct kc_value value,
                                      struct kc_buf *buf)
{
    if (value.kind != KC_DECIMAL)
        return wrong_class(plan, "BigDecimal", value);
    struct kc_error *err = kc_decimal_check(plan->connect, value);
    if (err)
        return err;
    const struct kc_decimal *decimal = value.u.decimal;
    if (plan->avro->type == AVRO_BYTES) {
        avro_put_long(buf, decimal->len);
        kc_buf_put(buf, decimal->unscaled, decimal->len);
        return NULL;
    }
    if (decimal->len > (uint32_t)plan->avro->size)
        return kc_fail(KC_BAD_DATA,
                       "a decimal of %u bytes does not fit the fixed type %s of %d bytes",
                       decimal->len, plan->avro->full, plan->avro->size);
    for (uint32_t i = decimal->len; i < (uint32_t)plan->avro->size; i++)
        kc_buf_char(buf, decimal->unscaled[0] & 0x80 ? '\xff' : '\0');
    kc_buf_put(buf, decimal->unscaled, decimal->len);
    return NULL;
}

static struct kc_error *read_decimal(const struct avro_plan *plan, struct avro_input *input,
                                     struct kc_value *value)
{
    const uint8_t *bytes = NULL;
    uint32_t len = (uint32_t)plan->avro->size;
    struct kc_error *err = plan->avro->type == AVRO_FIXED
                               ? avro_get_block(input, len, "a decimal", &bytes)
                               : avro_get_bytes(input, "a decimal", &bytes, &len);
    if (err)
        return err;
    if (!len)
        return kc_fail(KC_BAD_DATA, "Zero length BigInteger");
    *value = kc_decimal_from_bytes(input->arena, bytes, len, plan->scale);
    return NULL;
}

static struct kc_error *write_instant(const struct avro_plan *plan, struct kc_value value,
                                      struct kc_buf *buf)
{
    int32_t number = 0;
    struct kc_error *err = NULL;
    if (value.kind != KC_INSTANT)
        return wrong_class(plan, "Date", value);
    if (plan->logical == KC_LOGICAL_DATE)
        err = kc_date_encode(value.u.i, &number);
    else if (plan->logical == KC_LOGICAL_TIME)
        err = kc_time_encode(value.u.i, &number);
    avro_put_long(buf, plan->logical == KC_LOGICAL_TIMESTAMP ? value.u.i : number);
    return err;
}

static struct kc_error *read_instant(const struct avro_plan *plan, struct avro_input *input,
                                     struct kc_value *value)
{
    int64_t number = 0;
    struct kc_error *err = avro_get_long(input, &number);
    if (plan->logical == KC_LOGICAL_DATE)
        number = (int64_t)(int32_t)number * KC_MS_PER_DAY;
    *value = kc_instant(number);
    return err;
}

static struct kc_error *write_enum(const struct avro_plan *plan, struct kc_value value,
                                   struct kc_buf *buf)
{
    if (value.kind != KC_STRING)
        return avro_wrong_kind(plan, value);
    for (uint32_t i = 0; i < plan->avro->n_symbols; i++)
        if (kc_text_is(kc_value_text(value), plan->avro->symbols[i])) {
            avro_put_long(buf, i);
            return NULL;
        }
    return kc_fail(KC_BAD_DATA, "\"%.*s\" is no symbol of the enum %s",
                   (int)(value.len < 100 ? value.len : 100), value.u.text, plan->avro->full);
}

static struct kc_error *read_enum(const struct avro_plan *plan, struct avro_input *input,
                                  struct kc_value *value)
{
    int64_t number;
    struct kc_error *err = avro_get_long(input, &number);
    if (err)
        return err;
    if (number < 0 || number >= plan->avro->n_symbols)
        return kc_fail(KC_BAD_DATA, "the enum %s has no symbol number %lld", plan->avro->full,
                       (long long)number);
    *value = kc_cstring(plan->avro->symbols[number]);
    return NULL;
}

const struct avro_pair avro_scalars[AVRO_UNION + 1] = {
    [AVRO_NULL] = {write_null, read_null},      [AVRO_BOOLEAN] = {write_boolean, read_boolean},
    [AVRO_INT] = {write_integer, read_integer}, [AVRO_LONG] = {write_integer, read_integer},
    [AVRO_FLOAT] = {write_float, read_float},   [AVRO_DOUBLE] = {write_double, read_double},
    [AVRO_BYTES] = {write_bytes, read_bytes},   [AVRO_STRING] = {write_text, read_text},
    [AVRO_ENUM] = {write_enum, read_enum},      [AVRO_FIXED] = {write_fixed, read_fixed},
};
const struct avro_pair avro_decimal = {write_decimal, read_decimal};
const struct avro_pair avro_instant = {write_instant, read_instant};
