#include "sources/common/java_array.h"

#include <stdlib.h>

#include "base/clock.h"
#include "data/value.h"
#include "sources/common/java_stream.h"

#define MOST_HEX ((size_t)1 << 20)

/* ---- classes ---- */

struct class_field {
    char type; /* I J S B F D Z, L and [ for objects */
    const char *name, *object; /* object: its type, as "Ljava/math/BigInteger;" */
};

static const struct known_class {
    const char *name;
    uint64_t version; /* serialVersionUID */
    uint8_t flags;
    const struct known_class *super;
    struct class_field fields[7];
} number_class = {"java.lang.Number", 0x86ac951d0b94e08b, JAVA_SERIALIZABLE, NULL, {{0}}},
  util_date_class = {"java.util.Date", 0x686a81014b597419, JAVA_SERIALIZABLE | JAVA_WRITE_METHOD,
                     NULL, {{0}}},
  array_class = {"[Ljava.lang.Object;", 0x90ce589f1073296c, JAVA_SERIALIZABLE, NULL, {{0}}},
  bytes_class = {"[B", 0xacf317f8060854e0, JAVA_SERIALIZABLE, NULL, {{0}}},
  integer_class = {"java.math.BigInteger", 0x8cfc9f1fa93bfb1d,
                   JAVA_SERIALIZABLE | JAVA_WRITE_METHOD, &number_class,
                   {{'I', "bitCount", NULL}, {'I', "bitLength", NULL},
                    {'I', "firstNonzeroByteNum", NULL}, {'I', "lowestSetBit", NULL},
                    {'I', "signum", NULL}, {'[', "magnitude", "[B"}}},
  classes[] = {
    [JAVA_BOOLEAN] = {"java.lang.Boolean", 0xcd207280d59cfaee, JAVA_SERIALIZABLE, NULL,
                      {{'Z', "value", NULL}}},
    [JAVA_BYTE] = {"java.lang.Byte", 0x9c4e6084ee50f51c, JAVA_SERIALIZABLE, &number_class,
                   {{'B', "value", NULL}}},
    [JAVA_SHORT] = {"java.lang.Short", 0x684d37133460da52, JAVA_SERIALIZABLE, &number_class,
                    {{'S', "value", NULL}}},
    [JAVA_INTEGER] = {"java.lang.Integer", 0x12e2a0a4f7818738, JAVA_SERIALIZABLE, &number_class,
                      {{'I', "value", NULL}}},
    [JAVA_LONG] = {"java.lang.Long", 0x3b8be490cc8f23df, JAVA_SERIALIZABLE, &number_class,
                   {{'J', "value", NULL}}},
    [JAVA_FLOAT] = {"java.lang.Float", 0xdaedc9a2db3cf0ec, JAVA_SERIALIZABLE, &number_class,
                    {{'F', "value", NULL}}},
    [JAVA_DOUBLE] = {"java.lang.Double", 0x80b3c24a296bfb04, JAVA_SERIALIZABLE, &number_class,
                     {{'D', "value", NULL}}},
    [JAVA_DECIMAL] = {"java.math.BigDecimal", 0x54c71557f981284f,
                      JAVA_SERIALIZABLE | JAVA_WRITE_METHOD, &number_class,
                      {{'I', "scale", NULL}, {'L', "intVal", "Ljava/math/BigInteger;"}}},
    [JAVA_UUID] = {"java.util.UUID", 0xbc9903f7986d852f, JAVA_SERIALIZABLE, NULL,
                   {{'J', "leastSigBits", NULL}, {'J', "mostSigBits", NULL}}},
    [JAVA_DATE] = {"java.sql.Date", 0x14fa46683f356697, JAVA_SERIALIZABLE, &util_date_class, {{0}}},
};

/* ---- writing ---- */

/* Classes and names of types are written once, and referred to by number after that. */
struct writer {
    struct kc_buf bytes;
    uint32_t next;
    const void *written[32]; /* by number of the handle; only the first ones are looked for */
};

static uint32_t take_handle(struct writer *writer, const void *what)
{
    if (writer->next < KC_COUNT(writer->written))
        writer->written[writer->next] = what;
    return writer->next++;
}

static bool refer(struct writer *writer, const void *what)
{
    for (uint32_t i = 0; what && i < writer->next && i < KC_COUNT(writer->written); i++) {
        if (writer->written[i] != what)
            continue;
        kc_buf_char(&writer->bytes, JAVA_TOKEN_REFERENCE);
        kc_buf_be32(&writer->bytes, JAVA_FIRST_HANDLE + i);
        return true;
    }
    return false;
}

static void put_name(struct kc_buf *bytes, const char *name)
{
    kc_buf_be16(bytes, (uint16_t)strlen(name));
    kc_buf_str(bytes, name);
}

static void put_class(struct writer *writer, const struct known_class *class)
{
    struct kc_buf *bytes = &writer->bytes;
    if (!class) {
        kc_buf_char(bytes, JAVA_TOKEN_NULL);
        return;
    }
    if (refer(writer, class))
        return;
    uint16_t count = 0;
    while (class->fields[count].type)
        count++;
    kc_buf_char(bytes, JAVA_TOKEN_CLASS);
    put_name(bytes, class->name);
    kc_buf_be64(bytes, class->version);
    take_handle(writer, class);
    kc_buf_char(bytes, (char)class->flags);
    kc_buf_be16(bytes, count);
    for (const struct class_field *field = class->fields; field->type; field++) {
        kc_buf_char(bytes, field->type);
        put_name(bytes, field->name);
        if (!field->object || refer(writer, field->object))
            continue;
        kc_buf_char(bytes, JAVA_TOKEN_STRING);
        take_handle(writer, field->object);
        put_name(bytes, field->object);
    }
    kc_buf_char(bytes, JAVA_TOKEN_END);
    put_class(writer, class->super);
}

static void begin_object(struct writer *writer, enum java_token token, const struct known_class *class)
{
    kc_buf_char(&writer->bytes, (char)token);
    put_class(writer, class);
    take_handle(writer, NULL);
}

static void put_byte_array(struct writer *writer, const void *data, size_t len)
{
    begin_object(writer, JAVA_TOKEN_ARRAY, &bytes_class);
    kc_buf_be32(&writer->bytes, (uint32_t)len);
    kc_buf_put(&writer->bytes, data, len);
}

/* Java's own UTF-8: NUL takes two bytes, characters beyond the first plane are two halves of three. */
static void put_java_text(struct kc_buf *out, struct kc_text text)
{
    for (size_t i = 0; i < text.len;) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c == 0) {
            kc_buf_put(out, "\xc0\x80", 2);
            i++;
        } else if (c >= 0xf0 && i + 4 <= text.len) {
            const uint8_t *p = (const uint8_t *)text.ptr + i;
            uint32_t code = (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 63) << 12 |
                            (uint32_t)(p[2] & 63) << 6 | (p[3] & 63);
            char half[4];
            code -= 0x10000;
            kc_buf_put(out, half, kc_utf8_put(half, 0xd800 | (code >> 10 & 0x3ff)));
            kc_buf_put(out, half, kc_utf8_put(half, 0xdc00 | (code & 0x3ff)));
            i += 4;
        } else {
            kc_buf_char(out, (char)c);
            i++;
        }
    }
}

static void put_string(struct writer *writer, struct kc_text text)
{
    KC_AUTO_BUF java = KC_BUF(0);
    put_java_text(&java, text);
    bool long_one = java.len > UINT16_MAX;
    kc_buf_char(&writer->bytes, long_one ? JAVA_TOKEN_LONG_STRING : JAVA_TOKEN_STRING);
    take_handle(writer, NULL);
    if (long_one)
        kc_buf_be64(&writer->bytes, java.len);
    else
        kc_buf_be16(&writer->bytes, (uint16_t)java.len);
    kc_buf_put(&writer->bytes, java.data ? java.data : "", java.len);
}

static void put_big_integer(struct writer *writer, const uint8_t *twos, size_t len)
{
    bool negative = len && twos[0] & 0x80;
    uint8_t *magnitude = kc_calloc(len + 1, 1);
    unsigned carry = 1;
    for (size_t i = len; i-- > 0;) {
        unsigned byte = negative ? (uint8_t)~twos[i] + carry : twos[i];
        carry = negative && byte > 0xff;
        magnitude[i] = (uint8_t)byte;
    }
    size_t zeros = 0;
    while (zeros < len && !magnitude[zeros])
        zeros++;
    struct kc_buf *bytes = &writer->bytes;
    begin_object(writer, JAVA_TOKEN_OBJECT, &integer_class);
    kc_buf_be32(bytes, UINT32_MAX);     /* bitCount, bitLength: to be computed */
    kc_buf_be32(bytes, UINT32_MAX);
    kc_buf_be32(bytes, UINT32_MAX - 1); /* firstNonzeroByteNum, lowestSetBit */
    kc_buf_be32(bytes, UINT32_MAX - 1);
    kc_buf_be32(bytes, zeros == len ? 0 : negative ? UINT32_MAX : 1);
    put_byte_array(writer, magnitude + zeros, len - zeros);
    kc_buf_char(bytes, JAVA_TOKEN_END);
    free(magnitude);
}

static bool put_decimal(struct writer *writer, struct kc_text text)
{
    struct kc_arena arena;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    bool good = kc_decimal_from_text(&arena, text, &value);
    if (good) {
        begin_object(writer, JAVA_TOKEN_OBJECT, &classes[JAVA_DECIMAL]);
        kc_buf_be32(&writer->bytes, (uint32_t)value.u.decimal->scale);
        put_big_integer(writer, value.u.decimal->unscaled, value.u.decimal->len);
        kc_buf_char(&writer->bytes, JAVA_TOKEN_END);
    }
    kc_arena_clear(&arena);
    return good;
}

static bool put_integer(struct writer *writer, enum java_kind kind, struct kc_text text)
{
    static const int widths[] = {[JAVA_BYTE] = 1, [JAVA_SHORT] = 2, [JAVA_INTEGER] = 4, [JAVA_LONG] = 8};
    int64_t number;
    int bits = 8 * widths[kind];
    if (!kc_text_int64(text, &number) ||
        (bits < 64 && (number < -(INT64_C(1) << (bits - 1)) || number >= INT64_C(1) << (bits - 1))))
        return false;
    begin_object(writer, JAVA_TOKEN_OBJECT, &classes[kind]);
    for (int shift = bits - 8; shift >= 0; shift -= 8)
        kc_buf_char(&writer->bytes, (char)((uint64_t)number >> shift));
    return true;
}

static bool put_floating(struct writer *writer, enum java_kind kind, struct kc_text text)
{
    char *copy = kc_strndup(text.ptr, text.len), *end;
    double number = strtod(copy, &end);
    bool good = end != copy && !*end;
    free(copy);
    if (!good)
        return false;
    begin_object(writer, JAVA_TOKEN_OBJECT, &classes[kind]);
    float narrow = (float)number;
    uint32_t bits32;
    uint64_t bits64;
    memcpy(&bits32, &narrow, sizeof(bits32));
    memcpy(&bits64, &number, sizeof(bits64));
    if (kind == JAVA_FLOAT)
        kc_buf_be32(&writer->bytes, bits32);
    else
        kc_buf_be64(&writer->bytes, number != number ? 0x7ff8000000000000 : bits64);
    return true;
}

/* Hexadecimal digits to bytes, `skip` left out; false if there are other characters. */
static bool read_hex(struct kc_text text, char skip, uint8_t *out, size_t most, size_t *len)
{
    *len = 0;
    int high = -1;
    for (size_t i = 0; i < text.len; i++) {
        int digit = kc_hex_digit(text.ptr[i]);
        if (skip && text.ptr[i] == skip)
            continue;
        if (digit < 0 || *len == most)
            return false;
        if (high >= 0)
            out[(*len)++] = (uint8_t)(high << 4 | digit);
        high = high < 0 ? digit : -1;
    }
    return high < 0;
}

static bool put_uuid(struct writer *writer, struct kc_text text)
{
    uint8_t bytes[16];
    size_t len;
    if (!read_hex(text, '-', bytes, sizeof(bytes), &len) || len != sizeof(bytes))
        return false;
    begin_object(writer, JAVA_TOKEN_OBJECT, &classes[JAVA_UUID]);
    kc_buf_put(&writer->bytes, bytes + 8, 8);
    kc_buf_put(&writer->bytes, bytes, 8);
    return true;
}

static bool put_date(struct writer *writer, struct kc_text text)
{
    int64_t year, month, day;
    struct kc_text rest = text, piece[3];
    for (int i = 0; i < 3; i++)
        if (!rest.ptr || !kc_text_split(&rest, '-', &piece[i]))
            return false;
    if (rest.ptr || !kc_text_int64(piece[0], &year) || !kc_text_int64(piece[1], &month) ||
        !kc_text_int64(piece[2], &day) || month < 1 || month > 12 || day < 1 || day > 31 ||
        year < 1 || year > 9999999)
        return false;
    begin_object(writer, JAVA_TOKEN_OBJECT, &classes[JAVA_DATE]);
    kc_buf_char(&writer->bytes, JAVA_TOKEN_BLOCK);
    kc_buf_char(&writer->bytes, 8);
    kc_buf_be64(&writer->bytes,
                (uint64_t)(kc_days_from_date(year, (unsigned)month, (unsigned)day) * 86400000));
    kc_buf_char(&writer->bytes, JAVA_TOKEN_END);
    return true;
}

static bool put_bytes(struct writer *writer, struct kc_text text)
{
    if (!kc_text_starts(text, "\\x"))
        return false;
    uint8_t *bytes = kc_calloc(text.len, 1);
    size_t len;
    bool good = read_hex((struct kc_text){text.ptr + 2, text.len - 2}, 0, bytes, text.len, &len);
    if (good)
        put_byte_array(writer, bytes, len);
    free(bytes);
    return good;
}

static bool put_boolean(struct writer *writer, struct kc_text text)
{
    bool yes = kc_text_is(text, "true");
    if (!yes && !kc_text_is(text, "false"))
        return false;
    begin_object(writer, JAVA_TOKEN_OBJECT, &classes[JAVA_BOOLEAN]);
    kc_buf_char(&writer->bytes, yes);
    return true;
}

static void put_value(struct writer *writer, const struct java_value *value)
{
    static bool (*const puts[])(struct writer *, struct kc_text) = {
        [JAVA_BOOLEAN] = put_boolean, [JAVA_DECIMAL] = put_decimal, [JAVA_UUID] = put_uuid,
        [JAVA_DATE] = put_date,       [JAVA_BYTES] = put_bytes,
    };
    enum java_kind kind = value->kind;
    bool done = true;
    if (kind == JAVA_NULL)
        kc_buf_char(&writer->bytes, JAVA_TOKEN_NULL);
    else if (kind >= JAVA_BYTE && kind <= JAVA_LONG)
        done = put_integer(writer, kind, value->text);
    else if (kind == JAVA_FLOAT || kind == JAVA_DOUBLE)
        done = put_floating(writer, kind, value->text);
    else
        done = puts[kind] && puts[kind](writer, value->text);
    if (!done)
        put_string(writer, value->text);
}

void java_array_write(struct kc_buf *hex, const struct java_value *values, size_t count)
{
    struct writer writer = {.bytes = KC_BUF(0)};
    kc_buf_be32(&writer.bytes, JAVA_MAGIC);
    if (values) {
        begin_object(&writer, JAVA_TOKEN_ARRAY, &array_class);
        kc_buf_be32(&writer.bytes, (uint32_t)count);
        for (size_t i = 0; i < count; i++)
            put_value(&writer, &values[i]);
    } else {
        kc_buf_char(&writer.bytes, JAVA_TOKEN_NULL);
    }
    for (size_t i = 0; i < writer.bytes.len; i++)
        kc_buf_printf(hex, "%02x", (uint8_t)writer.bytes.data[i]);
    kc_buf_clear(&writer.bytes);
}

/* ---- reading ---- */

static struct kc_text hex_text(struct kc_arena *arena, const char *prefix, struct kc_text bytes)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    kc_buf_str(&buf, prefix);
    for (size_t i = 0; i < bytes.len; i++)
        kc_buf_printf(&buf, "%02x", (uint8_t)bytes.ptr[i]);
    return (struct kc_text){kc_arena_text(arena, buf.data, buf.len), buf.len};
}

static bool simple_text(struct kc_arena *arena, const struct java_node *node, struct kc_text *text)
{
    const struct java_slot *slot = java_slot(node, "value");
    if (!slot)
        return false;
    KC_AUTO_BUF buf = KC_BUF(0);
    float narrow;
    double wide;
    uint32_t bits = (uint32_t)slot->bits;
    memcpy(&narrow, &bits, sizeof(narrow));
    memcpy(&wide, &slot->bits, sizeof(wide));
    if (slot->type == 'Z')
        kc_buf_str(&buf, slot->bits ? "true" : "false");
    else if (slot->type == 'F')
        kc_float_text(narrow, &buf);
    else if (slot->type == 'D')
        kc_double_text(wide, &buf);
    else
        kc_buf_int(&buf, (int64_t)slot->bits);
    *text = (struct kc_text){kc_arena_text(arena, buf.data, buf.len), buf.len};
    return true;
}

static bool decimal_text(struct kc_arena *arena, const struct java_node *node, struct kc_text *text)
{
    const struct java_slot *scale = java_slot(node, "scale"), *integer = java_slot(node, "intVal");
    const struct java_slot *sign = integer ? java_slot(integer->object, "signum") : NULL;
    const struct java_slot *magnitude = integer ? java_slot(integer->object, "magnitude") : NULL;
    if (!scale || !sign || !magnitude || !magnitude->object ||
        magnitude->object->kind != JAVA_NODE_ARRAY || (int64_t)scale->bits > 20000 ||
        (int64_t)scale->bits < -20000)
        return false;
    struct kc_text bytes = magnitude->object->text;
    uint8_t *positive = kc_alloc0(arena, bytes.len + 1);
    if (bytes.len)
        memcpy(positive + 1, bytes.ptr, bytes.len);
    KC_AUTO_BUF buf = KC_BUF(0);
    if ((int64_t)sign->bits < 0)
        kc_buf_char(&buf, '-');
    kc_decimal_plain(
        kc_decimal_from_bytes(arena, positive, bytes.len + 1, (int32_t)scale->bits), &buf);
    *text = (struct kc_text){kc_arena_text(arena, buf.data, buf.len), buf.len};
    return true;
}

static bool uuid_text(struct kc_arena *arena, const struct java_node *node, struct kc_text *text)
{
    const struct java_slot *low = java_slot(node, "leastSigBits"), *high = java_slot(node, "mostSigBits");
    if (!low || !high)
        return false;
    const char *made =
        kc_arena_printf(arena, "%08llx-%04llx-%04llx-%04llx-%012llx",
                        (unsigned long long)(high->bits >> 32),
                        (unsigned long long)(high->bits >> 16 & 0xffff),
                        (unsigned long long)(high->bits & 0xffff),
                        (unsigned long long)(low->bits >> 48),
                        (unsigned long long)(low->bits & 0xffffffffffff));
    *text = kc_text(made);
    return true;
}

static bool date_text(struct kc_arena *arena, const struct java_node *node, struct kc_text *text)
{
    if (node->text.len != 8)
        return false;
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++)
        bits = bits << 8 | (uint8_t)node->text.ptr[i];
    /* Midnight where the worker ran: the nearest day of UTC is the one that was meant. */
    int64_t ms = (int64_t)bits, day_ms = 86400000;
    if (ms > INT64_MAX / 4 || ms < -(INT64_MAX / 4))
        return false;
    ms += day_ms / 2;
    int64_t days = ms / day_ms - (ms % day_ms < 0), year;
    unsigned month, day;
    kc_date_from_days(days, &year, &month, &day);
    *text = kc_text(kc_arena_printf(arena, "%04lld-%02u-%02u", (long long)year, month, day));
    return true;
}

static bool read_value(struct kc_arena *arena, const struct java_node *node, struct java_value *value)
{
    static bool (*const reads[])(struct kc_arena *, const struct java_node *, struct kc_text *) = {
        [JAVA_BOOLEAN] = simple_text, [JAVA_BYTE] = simple_text,    [JAVA_SHORT] = simple_text,
        [JAVA_INTEGER] = simple_text, [JAVA_LONG] = simple_text,    [JAVA_FLOAT] = simple_text,
        [JAVA_DOUBLE] = simple_text,  [JAVA_DECIMAL] = decimal_text, [JAVA_UUID] = uuid_text,
        [JAVA_DATE] = date_text,
    };
    *value = (struct java_value){JAVA_NULL, {0}};
    if (!node)
        return true;
    if (node->kind == JAVA_NODE_TEXT) {
        *value = (struct java_value){JAVA_STRING, node->text};
        return true;
    }
    if (node->kind == JAVA_NODE_ARRAY && kc_text_is(node->class->name, "[B")) {
        *value = (struct java_value){JAVA_BYTES, hex_text(arena, "\\x", node->text)};
        return true;
    }
    for (size_t i = 0; node->kind == JAVA_NODE_OBJECT && i < KC_COUNT(reads); i++) {
        if (!reads[i] || !kc_text_is(node->class->name, classes[i].name))
            continue;
        value->kind = (enum java_kind)i;
        return reads[i](arena, node, &value->text);
    }
    return false;
}

static struct kc_error *read_values(struct kc_arena *arena, const struct java_node *node,
                                    struct java_value **values, size_t *count)
{
    if (!node)
        return NULL;
    if (node->kind != JAVA_NODE_ARRAY || kc_text_is(node->class->name, "[B"))
        return kc_fail(KC_BAD_DATA, "it is no array of objects");
    *values = kc_alloc0(arena, (node->n_slots + 1) * sizeof(**values));
    *count = node->n_slots;
    for (size_t i = 0; i < node->n_slots; i++) {
        if (read_value(arena, node->slots[i].object, &(*values)[i]))
            continue;
        const struct java_node *object = node->slots[i].object;
        struct kc_text name = object->class ? object->class->name : KC_TEXT("?");
        *values = NULL;
        return kc_fail(KC_BAD_DATA, "its value %zu is an object of class %.*s", i + 1,
                       (int)(name.len > 100 ? 100 : name.len), name.ptr);
    }
    return NULL;
}

struct kc_error *java_array_read(struct kc_text hex, struct kc_arena *arena,
                                 struct java_value **values, size_t *count)
{
    *values = NULL;
    *count = 0;
    if (hex.len > MOST_HEX)
        return kc_fail(KC_BAD_DATA, "it has %zu digits, too many", hex.len);
    uint8_t *bytes = kc_alloc(arena, hex.len / 2 + 1);
    size_t len;
    if (!read_hex(hex, 0, bytes, hex.len / 2, &len))
        return kc_fail(KC_BAD_DATA, "it is not hexadecimal");
    struct java_node *node;
    struct kc_error *err = java_stream_read((struct kc_text){(const char *)bytes, len}, arena, &node);
    return err ? err : read_values(arena, node, values, count);
}
