/* Texts, enums, bytes and bits. */
#include <stdio.h>
#include <stdlib.h>

#include "sources/common/digest.h"
#include "sources/postgres/types.h"

static const char *read_text(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    *value = kc_string(text.ptr, text.len);
    return NULL;
}

struct kc_value form_text_gone(const struct type_use *use, const struct placeholder *placeholder,
                               struct kc_arena *arena)
{
    (void)use, (void)arena;
    return kc_string(placeholder->text.ptr, placeholder->text.len);
}

/* The name-based UUID of the placeholder (RFC 4122, version 3, as Java makes it). */
static struct kc_value uuid_gone(const struct type_use *use, const struct placeholder *placeholder,
                                 struct kc_arena *arena)
{
    (void)use;
    uint8_t b[DIGEST_MAX];
    digest_bytes(digest_find("MD5"), placeholder->bytes.ptr, placeholder->bytes.len, b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x30);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    char text[37];
    snprintf(text, sizeof(text),
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
    return kc_string(kc_arena_text(arena, text, 36), 36);
}

const struct type_form form_text = {KC_STRING, .read = read_text, .zero = "",
                                    .gone = form_text_gone},
                       form_json = {KC_STRING, "io.debezium.data.Json", .read = read_text,
                                    .zero = "{}", .gone = form_text_gone},
                       form_xml = {KC_STRING, "io.debezium.data.Xml", .read = read_text, .zero = "",
                                   .gone = form_text_gone},
                       form_uuid = {KC_STRING, "io.debezium.data.Uuid", .read = read_text,
                                    .zero = "00000000-0000-0000-0000-000000000000",
                                    .gone = uuid_gone},
                       form_ltree = {KC_STRING, "io.debezium.data.Ltree", .read = read_text,
                                     .zero = "", .gone = form_text_gone},
                       form_tsvector = {KC_STRING, "io.debezium.data.Tsvector", .read = read_text,
                                        .zero = "", .gone = form_text_gone};

/* ---- enums ---- */

static struct kc_schema *enum_schema(const struct type_use *use)
{
    struct kc_schema *schema = kc_schema_new(KC_STRING);
    kc_schema_name(schema, "io.debezium.data.Enum");
    kc_schema_version(schema, 1);
    return kc_schema_param(schema, "allowed", use->labels ? use->labels : "");
}

const struct type_form form_enum = {KC_STRING, "io.debezium.data.Enum", .schema = enum_schema,
                                    .read = read_text, .gone = form_text_gone};

/* ---- bytea: "\x01ff" ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

const char *forms_hex(struct kc_text digits, struct kc_arena *arena, struct kc_text *bytes)
{
    static const char no_hex[] = "is not in hexadecimal form";
    if (digits.len % 2)
        return no_hex;
    size_t len = digits.len / 2;
    char *out = kc_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(digits.ptr[2 * i]), low = hex_digit(digits.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return no_hex;
        out[i] = (char)(high << 4 | low);
    }
    *bytes = (struct kc_text){out, len};
    return NULL;
}

static const char *read_hex(struct kc_text text, struct kc_arena *arena, struct kc_text *bytes)
{
    if (!kc_text_starts(text, "\\x"))
        return "is no bytea in hexadecimal form";
    return forms_hex((struct kc_text){text.ptr + 2, text.len - 2}, arena, bytes);
}

static const char *read_bytes(const struct type_use *use, struct kc_text text,
                              struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    struct kc_text bytes;
    const char *problem = read_hex(text, arena, &bytes);
    if (!problem)
        *value = kc_bytes(bytes.ptr, bytes.len);
    return problem;
}

/* The three text forms of binary.handling.mode. */
static struct kc_value encode_hex(struct kc_text bytes, struct kc_arena *arena)
{
    static const char digit[] = "0123456789abcdef";
    char *out = kc_alloc(arena, bytes.len * 2 + 1);
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digit[(uint8_t)bytes.ptr[i] >> 4];
        out[2 * i + 1] = digit[bytes.ptr[i] & 15];
    }
    return kc_string(out, bytes.len * 2);
}

static struct kc_value encode_base64(struct kc_text bytes, struct kc_arena *arena, bool url_safe)
{
    KC_AUTO_BUF out = KC_BUF(0);
    kc_buf_base64(&out, bytes.ptr, bytes.len);
    char *text = kc_arena_text(arena, out.data ? out.data : "", out.len);
    for (size_t i = 0; url_safe && i < out.len; i++)
        text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
    return kc_string(text, out.len);
}

struct kc_value forms_encode(int mode, struct kc_text bytes, struct kc_arena *arena)
{
    return mode == BINARY_HEX     ? encode_hex(bytes, arena)
           : mode == BINARY_BYTES ? kc_bytes(bytes.ptr, bytes.len)
                                  : encode_base64(bytes, arena, mode == BINARY_BASE64_URL_SAFE);
}

static const char *read_encoded(const struct type_use *use, struct kc_text text,
                                struct kc_arena *arena, struct kc_value *value)
{
    struct kc_text bytes;
    const char *problem = read_hex(text, arena, &bytes);
    if (!problem)
        *value = forms_encode(use->modes->binary, bytes, arena);
    return problem;
}

static struct kc_value bytes_gone(const struct type_use *use, const struct placeholder *placeholder,
                                  struct kc_arena *arena)
{
    (void)use, (void)arena;
    return kc_bytes(placeholder->bytes.ptr, placeholder->bytes.len);
}

/* As in the original: hexadecimal digits have the placeholder as it is, base64 has none. */
static struct kc_value encoded_gone(const struct type_use *use,
                                    const struct placeholder *placeholder, struct kc_arena *arena)
{
    return use->modes->binary == BINARY_HEX ? form_text_gone(use, placeholder, arena) : kc_null();
}

static const struct type_form form_bytes = {KC_BYTES, .read = read_bytes, .zero = "\\x",
                                            .gone = bytes_gone},
                              form_encoded = {KC_STRING, .read = read_encoded, .zero = "\\x",
                                              .gone = encoded_gone};

const struct type_form *forms_bytea(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)typmod;
    return modes->binary == BINARY_BYTES ? &form_bytes : &form_encoded;
}

/* ---- types that have no form of their own, as the bytes of their text ---- */

static const char *read_unknown(const struct type_use *use, struct kc_text text,
                                struct kc_arena *arena, struct kc_value *value)
{
    *value = forms_encode(use->modes->binary, text, arena);
    return NULL;
}

static const char as_text[] = "has no Connect type: it comes as the bytes of its text";
static const struct type_form form_unknown_bytes = {KC_BYTES, .read = read_unknown,
                                                    .gone = bytes_gone, .loses = as_text},
                              form_unknown_text = {KC_STRING, .read = read_unknown,
                                                   .gone = encoded_gone, .loses = as_text};

const struct type_form *forms_unknown(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)typmod;
    return modes->binary == BINARY_BYTES ? &form_unknown_bytes : &form_unknown_text;
}

/* ---- bit strings: "101" ---- */

static struct kc_schema *bits_schema(const struct type_use *use)
{
    char length[16];
    struct kc_schema *schema = kc_schema_new(KC_BYTES);
    snprintf(length, sizeof(length), "%d", use->length < 0 ? INT32_MAX : use->length);
    kc_schema_name(schema, "io.debezium.data.Bits");
    kc_schema_version(schema, 1);
    return kc_schema_param(schema, "length", length);
}

/* The last bit is bit 0 of the first byte; zero bytes at the end are left out. */
static const char *read_bits(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    size_t len = (text.len + 7) / 8;
    uint8_t *out = kc_alloc0(arena, len ? len : 1);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[text.len - 1 - i];
        if (c != '0' && c != '1')
            return "is no bit string";
        out[i / 8] |= (uint8_t)((c - '0') << i % 8);
    }
    while (len && !out[len - 1])
        len--;
    *value = kc_bytes(out, len);
    return NULL;
}

static const char *read_bit(const struct type_use *use, struct kc_text text, struct kc_arena *arena,
                            struct kc_value *value)
{
    (void)use, (void)arena;
    if (text.len > 1)
        return "is more than one bit";
    *value = text.len ? kc_bool(text.ptr[0] == '1') : kc_null();
    return NULL;
}

static const struct type_form form_bits = {KC_BYTES, "io.debezium.data.Bits", bits_schema,
                                           read_bits, .zero = ""},
                              form_varbits = {KC_BYTES,
                                              "io.debezium.data.Bits",
                                              bits_schema,
                                              read_bits,
                                              .zero = "",
                                              .loses = "keeps no zeros at the front of a bit "
                                                       "string of varying length"},
                              form_bit = {KC_BOOLEAN, .read = read_bit, .zero = "0"};

const struct type_form *forms_bit(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)modes;
    return typmod == 1 ? &form_bit : &form_bits;
}

const struct type_form *forms_varbit(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)modes;
    return typmod == 1 ? &form_bit : &form_varbits;
}
