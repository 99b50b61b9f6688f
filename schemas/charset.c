#include "schemas/charset.h"

#include <iconv.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
enum { REPLACEMENT = 0xFFFD };

struct charset {
    struct kc_text (*encode)(const struct charset *charset, struct kc_text text,
                             struct kc_arena *arena);
    struct kc_text (*decode)(const struct charset *charset, struct kc_text bytes,
                             struct kc_arena *arena);
    uint32_t last;       /* of one byte: the last character */
    bool little, marked; /* UTF-16: the order of bytes; with a mark in front */
    iconv_t from, to;    /* all others */
};

/* ---- UTF-8 ---- */

static bool goes_on(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* How many bytes of a sequence that is no character Java replaces together. */
static size_t bad_sequence(const unsigned char *at, size_t left)
{
    if (at[0] >= 0xE0 && at[0] <= 0xEF) {
        if (left == 1)
            return 1;
        if (!goes_on(at[1]) || (at[0] == 0xE0 && at[1] < 0xA0))
            return 1;
        if (left == 2 || !goes_on(at[2]))
            return 2;
        return 3; /* half of a surrogate pair */
    }
    if (at[0] >= 0xF0 && at[0] <= 0xF4) {
        if (left == 1)
            return 1;
        if (!goes_on(at[1]) || (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
            return 1;
        return left == 2 || !goes_on(at[2]) ? 2 : 3;
    }
    return 1;
}

struct kc_text charset_decode_utf8(struct kc_text bytes, struct kc_arena *arena)
{
    size_t good = kc_text_utf8(bytes);
    if (good == bytes.len)
        return bytes;
    char *out = kc_alloc(arena, bytes.len * 3 + 1);
    size_t len = 0;
    for (;;) {
        memcpy(out + len, bytes.ptr, good);
        len += good;
        bytes.ptr += good;
        bytes.len -= good;
        if (!bytes.len)
            break;
        size_t bad = bad_sequence((const unsigned char *)bytes.ptr, bytes.len);
        memcpy(out + len, replacement, 3);
        len += 3;
        bytes.ptr += bad;
        bytes.len -= bad;
        good = kc_text_utf8(bytes);
    }
    return (struct kc_text){ out, len };
}

static struct kc_text decode_utf8(const struct charset *charset, struct kc_text bytes,
                                  struct kc_arena *arena)
{
    (void)charset;
    return charset_decode_utf8(bytes, arena);
}

/* A text is UTF-8 but for surrogates without their other half. */
struct kc_text charset_encode_utf8(struct kc_text text, struct kc_arena *arena)
{
    size_t good = kc_text_utf8(text);
    if (good == text.len)
        return text;
    char *out = kc_alloc(arena, text.len + 1);
    size_t len = 0;
    for (;;) {
        memcpy(out + len, text.ptr, good);
        len += good;
        text.ptr += good;
        text.len -= good;
        if (!text.len)
            break;
        size_t bad = bad_sequence((const unsigned char *)text.ptr, text.len);
        out[len++] = '?';
        text.ptr += bad;
        text.len -= bad;
        good = kc_text_utf8(text);
    }
    return (struct kc_text){ out, len };
}

static struct kc_text encode_utf8(const struct charset *charset, struct kc_text text,
                                  struct kc_arena *arena)
{
    (void)charset;
    return charset_encode_utf8(text, arena);
}

/* The next character; a byte that belongs to none, or half of a surrogate pair, is REPLACEMENT
 * and *bad. */
static uint32_t take_char(struct kc_text *text, bool *bad)
{
    const unsigned char *at = (const unsigned char *)text->ptr;
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    uint32_t c = at[0];
    *bad = len > text->len || kc_text_utf8((struct kc_text){ text->ptr, len }) != len;
    if (*bad) {
        len = bad_sequence(at, text->len);
        c = REPLACEMENT;
    } else if (len > 1) {
        c = at[0] & (0x7Fu >> len);
        for (size_t i = 1; i < len; i++)
            c = c << 6 | (at[i] & 63u);
    }
    text->ptr += len;
    text->len -= len;
    return c;
}

/* ---- one byte for a character: ASCII and Latin-1 ---- */

static struct kc_text encode_bytes(const struct charset *charset, struct kc_text text,
                                   struct kc_arena *arena)
{
    char *start = kc_alloc(arena, text.len + 1), *out = start;
    while (text.len) {
        bool bad;
        uint32_t c = take_char(&text, &bad);
        *out++ = c <= charset->last ? (char)c : '?';
    }
    return (struct kc_text){ start, (size_t)(out - start) };
}

static struct kc_text decode_bytes(const struct charset *charset, struct kc_text bytes,
                                   struct kc_arena *arena)
{
    char *start = kc_alloc(arena, bytes.len * 3 + 1), *out = start;
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        out += kc_utf8_put(out, c <= charset->last ? c : REPLACEMENT);
    }
    return (struct kc_text){ start, (size_t)(out - start) };
}

/* ---- UTF-16 ---- */

static char *put_unit(char *out, uint32_t unit, bool little)
{
    out[little] = (char)(unit >> 8);
    out[!little] = (char)unit;
    return out + 2;
}

static struct kc_text encode_utf16(const struct charset *charset, struct kc_text text,
                                   struct kc_arena *arena)
{
    char *start = kc_alloc(arena, text.len * 2 + 2), *out = start;
    if (charset->marked && text.len)
        out = put_unit(out, 0xFEFF, charset->little);
    while (text.len) {
        bool bad;
        uint32_t c = take_char(&text, &bad);
        if (c >= 0x10000) {
            out = put_unit(out, 0xD800 + ((c - 0x10000) >> 10), charset->little);
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        out = put_unit(out, c, charset->little);
    }
    return (struct kc_text){ start, (size_t)(out - start) };
}

static uint32_t unit_at(struct kc_text bytes, size_t at, bool little)
{
    const unsigned char *unit = (const unsigned char *)bytes.ptr + at;
    return (uint32_t)unit[little] << 8 | unit[!little];
}

static struct kc_text decode_utf16(const struct charset *charset, struct kc_text bytes,
                                   struct kc_arena *arena)
{
    char *start = kc_alloc(arena, bytes.len * 2 + 4), *out = start;
    bool little = charset->little;
    size_t at = 0;
    if (charset->marked && bytes.len >= 2 &&
        (unit_at(bytes, 0, false) == 0xFEFF || unit_at(bytes, 0, true) == 0xFEFF)) {
        little = unit_at(bytes, 0, true) == 0xFEFF;
        at = 2;
    }
    while (at + 1 < bytes.len) {
        uint32_t c = unit_at(bytes, at, little), low;
        at += 2;
        if (c >= 0xD800 && c < 0xDC00) {
            /* With the wrong second half, or without one, all of it is replaced together. */
            low = at + 1 < bytes.len ? unit_at(bytes, at, little) : 0;
            at = at + 1 < bytes.len ? at + 2 : bytes.len;
            c = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00)
                                              : REPLACEMENT;
        } else if (c >= 0xDC00 && c < 0xE000) {
            c = REPLACEMENT;
        }
        out += kc_utf8_put(out, c);
    }
    if (at < bytes.len)
        out += kc_utf8_put(out, REPLACEMENT);
    return (struct kc_text){ start, (size_t)(out - start) };
}

/* ---- all that the C library knows ---- */

/* Converts as far as it goes; what stops it is `skip` bytes long and becomes `instead`. */
static struct kc_text convert(iconv_t descriptor, struct kc_text from,
                              size_t (*skip)(const unsigned char *at, size_t left),
                              const char *instead, struct kc_arena *arena)
{
    KC_AUTO_BUF out = KC_BUF(0);
    char *in = (char *)from.ptr;
    size_t left = from.len;
    iconv(descriptor, NULL, NULL, NULL, NULL);
    for (bool last = false; !last;) {
        char piece[256], *at = piece;
        size_t room = sizeof(piece);
        size_t done = left ? iconv(descriptor, &in, &left, &at, &room)
                           : iconv(descriptor, NULL, NULL, &at, &room);
        last = !left && done != (size_t)-1 && at == piece;
        kc_buf_put(&out, piece, (size_t)(at - piece));
        if (done != (size_t)-1 || room < sizeof(piece) || !left)
            continue;
        size_t bad = skip((const unsigned char *)in, left);
        in += bad;
        left -= bad;
        kc_buf_str(&out, instead);
    }
    return (struct kc_text){ kc_arena_text(arena, out.data ? out.data : "", out.len), out.len };
}

static size_t one_char(const unsigned char *at, size_t left)
{
    struct kc_text text = { (const char *)at, left };
    bool bad;
    take_char(&text, &bad);
    return left - text.len;
}

static size_t one_byte(const unsigned char *at, size_t left)
{
    (void)at;
    (void)left;
    return 1;
}

static struct kc_text encode_other(const struct charset *charset, struct kc_text text,
                                   struct kc_arena *arena)
{
    return convert(charset->to, text, one_char, "?", arena);
}

static struct kc_text decode_other(const struct charset *charset, struct kc_text bytes,
                                   struct kc_arena *arena)
{
    return convert(charset->from, bytes, one_byte, replacement, arena);
}

/* ---- finding one ---- */

static const struct {
    const char *names; /* split by spaces */
    struct charset charset;
} built_in[] = {
    { " utf-8 utf8 unicode-1-1-utf-8 ", { .encode = encode_utf8, .decode = decode_utf8 } },
    { " us-ascii ascii ascii7 iso646-us iso_646.irv:1991 iso-ir-6 646 cp367 ibm367 us "
      "ansi_x3.4-1968 ansi_x3.4-1986 csascii ",
      { .encode = encode_bytes, .decode = decode_bytes, .last = 0x7F } },
    { " iso-8859-1 iso8859_1 iso8859-1 iso_8859-1 iso_8859_1 8859_1 latin1 l1 iso-ir-100 cp819 "
      "ibm819 "
      "ibm-819 819 csisolatin1 ",
      { .encode = encode_bytes, .decode = decode_bytes, .last = 0xFF } },
    { " utf-16 utf_16 utf16 unicode unicodebig ",
      { .encode = encode_utf16, .decode = decode_utf16, .marked = true } },
    { " utf-16be utf_16be x-utf-16be iso-10646-ucs-2 unicodebigunmarked ",
      { .encode = encode_utf16, .decode = decode_utf16 } },
    { " utf-16le utf_16le x-utf-16le unicodelittleunmarked ",
      { .encode = encode_utf16, .decode = decode_utf16, .little = true } },
};

static bool open_other(const char *name, struct charset *charset)
{
    /* A slash would start instructions to iconv. */
    if (!*name || strchr(name, '/'))
        return false;
    charset->to = iconv_open(name, "UTF-8");
    if (charset->to == (iconv_t)-1)
        return false;
    charset->from = iconv_open("UTF-8", name);
    if (charset->from == (iconv_t)-1) {
        iconv_close(charset->to);
        return false;
    }
    charset->encode = encode_other;
    charset->decode = decode_other;
    return true;
}

struct charset *charset_new(const char *name)
{
    struct charset *charset = kc_calloc(1, sizeof(*charset));
    char *wanted = kc_printf(" %s ", name);
    bool found = false;
    for (size_t i = 0; !found && i < KC_COUNT(built_in); i++) {
        found = !strchr(name, ' ') && strcasestr(built_in[i].names, wanted);
        if (found)
            *charset = built_in[i].charset;
    }
    free(wanted);
    if (!found && !open_other(name, charset)) {
        free(charset);
        return NULL;
    }
    return charset;
}

void charset_free(struct charset *charset)
{
    if (charset && charset->encode == encode_other) {
        iconv_close(charset->from);
        iconv_close(charset->to);
    }
    free(charset);
}

struct kc_text charset_encode(const struct charset *charset, struct kc_text text,
                              struct kc_arena *arena)
{
    return charset->encode(charset, text, arena);
}

struct kc_text charset_decode(const struct charset *charset, struct kc_text bytes,
                              struct kc_arena *arena)
{
    return charset->decode(charset, bytes, arena);
}
