/* Texts, bytes, bits and arrays. */
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

const struct type_form form_enum = {
    KC_STRING, "io.debezium.data.Enum", enum_schema, read_text, NULL, NULL, form_text_gone};

/* ---- bytea: "\x01ff" ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *read_hex(struct kc_text text, struct kc_arena *arena, struct kc_text *bytes)
{
    static const char no_hex[] = "is no bytea in hexadecimal form";
    if (text.len < 2 || text.len % 2 || text.ptr[0] != '\\' || text.ptr[1] != 'x')
        return no_hex;
    size_t len = (text.len - 2) / 2;
    char *out = kc_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text.ptr[2 + 2 * i]), low = hex_digit(text.ptr[3 + 2 * i]);
        if (high < 0 || low < 0)
            return no_hex;
        out[i] = (char)(high << 4 | low);
    }
    *bytes = (struct kc_text){out, len};
    return NULL;
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

static const struct type_form form_bytes = {KC_BYTES, .read = read_bytes, .zero = "\\x",
                                            .gone = bytes_gone},
                              form_encoded = {KC_STRING, .read = read_encoded, .zero = "\\x",
                                              .gone = form_text_gone};

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

static const struct type_form form_unknown_bytes = {KC_BYTES, .read = read_unknown,
                                                    .gone = bytes_gone},
                              form_unknown_text = {KC_STRING, .read = read_unknown,
                                                   .gone = form_text_gone};

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

static const struct type_form form_bits = {KC_BYTES,    "io.debezium.data.Bits",
                                           bits_schema, read_bits,
                                           "",          NULL,
                                           NULL},
                              form_bit = {KC_BOOLEAN, .read = read_bit, .zero = "0"};

const struct type_form *forms_bit(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)modes;
    return typmod == 1 ? &form_bit : &form_bits;
}

/* ---- arrays: {1,NULL,"a \"b\""} ---- */

static struct kc_schema *array_schema(const struct type_use *use)
{
    struct kc_schema *element = types_schema(use->element);
    kc_schema_optional(element, !use->element->required);
    struct kc_schema *schema = kc_schema_element(kc_schema_new(KC_ARRAY), element);
    kc_schema_unref(element);
    return schema;
}

/* One element from *at on, unescaped in the arena; false at a malformed one. */
static bool next_element(const char **at, const char *end, struct kc_arena *arena,
                         struct kc_text *element, bool *is_null)
{
    const char *p = *at;
    *is_null = false;
    if (p < end && *p == '"') {
        char *out = kc_alloc(arena, (size_t)(end - p)), *o = out;
        for (p++; p < end && *p != '"'; p++) {
            if (*p == '\\' && ++p == end)
                return false;
            *o++ = *p;
        }
        if (p == end)
            return false;
        *element = (struct kc_text){out, (size_t)(o - out)};
        p++;
    } else {
        const char *start = p;
        while (p < end && *p != ',' && *p != '}')
            p++;
        *element = (struct kc_text){start, (size_t)(p - start)};
        *is_null = kc_text_is(*element, "NULL");
    }
    *at = p;
    return p < end;
}

static uint32_t count_elements(struct kc_text text)
{
    uint32_t count = 1;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            i++;
        else if (text.ptr[i] == '"')
            quoted = !quoted;
        else if (text.ptr[i] == ',' && !quoted)
            count++;
    }
    return count;
}

static const char *read_array(const struct type_use *use, struct kc_text text,
                              struct kc_arena *arena, struct kc_value *value)
{
    static const char malformed[] = "is no array in text form";
    const char *at = text.ptr, *end = text.ptr + text.len;
    struct kc_value *items;
    /* Bounds other than 1 stand before: [0:2]={...} */
    if (at < end && *at == '[') {
        at = memchr(at, '=', text.len);
        if (!at)
            return malformed;
        at++;
    }
    if (end - at < 2 || *at != '{' || end[-1] != '}')
        return malformed;
    at++;
    if (*at == '}') {
        *value = kc_array_new(arena, 0, &items);
        return NULL;
    }
    if (*at == '{')
        return "has more than one dimension, which a Connect array can't say";
    uint32_t count = count_elements((struct kc_text){at, (size_t)(end - at) - 1});
    *value = kc_array_new(arena, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        struct kc_text element;
        bool is_null;
        if (!next_element(&at, end, arena, &element, &is_null))
            return malformed;
        if (*at != (i + 1 < count ? ',' : '}'))
            return malformed;
        at++;
        items[i] = kc_null();
        if (is_null)
            continue;
        const char *problem = use->element->form->read(use->element, element, arena, &items[i]);
        if (problem)
            return problem;
    }
    return at == end ? NULL : malformed;
}

/* The original makes an array of the placeholder's bytes for numbers, of the placeholder itself
 * for what is text, and null for all else. */
static struct kc_value array_gone(const struct type_use *use, const struct placeholder *placeholder,
                                  struct kc_arena *arena)
{
    const struct type_use *element = use->element;
    struct kc_value *items, value;
    if (element->form == &form_encoded)
        return kc_null();
    if (element->form->gone) {
        value = kc_array_new(arena, 1, &items);
        items[0] = element->form->gone(element, placeholder, arena);
        return value;
    }
    bool number = element->form == &form_int4 || element->form == &form_int8 ||
                  kc_text_is(kc_text(element->type_name), "date");
    if (!number)
        return kc_null();
    value = kc_array_new(arena, (uint32_t)placeholder->bytes.len, &items);
    for (size_t i = 0; i < placeholder->bytes.len; i++)
        items[i] = kc_integer(element->form->kind, (int8_t)placeholder->bytes.ptr[i]);
    return value;
}

const struct type_form form_array = {KC_ARRAY, NULL, array_schema, read_array,
                                     NULL,     NULL, array_gone};

/* ---- int2vector and oidvector: "1 2" ---- */

static struct kc_schema *vector_schema(const struct type_use *use)
{
    (void)use;
    return kc_schema_element(kc_schema_new(KC_ARRAY), kc_schema_of(KC_INT16, false));
}

static struct kc_schema *oidvector_schema(const struct type_use *use)
{
    (void)use;
    return kc_schema_element(kc_schema_new(KC_ARRAY), kc_schema_of(KC_INT64, false));
}

static const char *read_vector(const struct type_use *use, struct kc_text text,
                               struct kc_arena *arena, struct kc_value *value)
{
    uint32_t count = text.len > 0, at = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == ' ';
    struct kc_value *items;
    *value = kc_array_new(arena, count, &items);
    struct kc_text rest = text, piece;
    if (!text.len)
        rest.ptr = NULL;
    while (rest.ptr && kc_text_split(&rest, ' ', &piece)) {
        int64_t number;
        if (!kc_text_int64(piece, &number))
            return "is no list of numbers";
        items[at++] = kc_integer(use->form == &form_int2vector ? KC_INT16 : KC_INT64, number);
    }
    return NULL;
}

const struct type_form form_int2vector = {KC_ARRAY, NULL, vector_schema, read_vector,
                                          NULL,     NULL, NULL};
const struct type_form form_oidvector = {KC_ARRAY, NULL, oidvector_schema, read_vector, NULL,
                                         NULL,     NULL};
