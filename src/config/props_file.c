/* The .properties format of java.util.Properties.load. */
#include "config/props.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_FILE = 16 << 20 };

/* The text, and the logical line at hand: natural lines joined where they ended in a backslash,
 * escapes still in it. */
struct reader {
    const char *at, *end;
    unsigned line; /* of `at`, from 1 */
    unsigned first_line; /* where the logical line began */
    struct kc_buf logical;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

/* The next natural line, without its end. */
static bool natural_line(struct reader *reader, struct kc_text *line)
{
    if (reader->at == reader->end)
        return false;
    const char *start = reader->at;
    while (reader->at < reader->end && *reader->at != '\n' && *reader->at != '\r')
        reader->at++;
    *line = (struct kc_text){ start, (size_t)(reader->at - start) };
    if (reader->at < reader->end && *reader->at++ == '\r' && reader->at < reader->end &&
        *reader->at == '\n')
        reader->at++;
    reader->line++;
    while (line->len && is_blank(line->ptr[0])) {
        line->ptr++;
        line->len--;
    }
    return true;
}

static bool is_continued(struct kc_text line)
{
    size_t backslashes = 0;
    while (backslashes < line.len && line.ptr[line.len - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2;
}

static bool logical_line(struct reader *reader)
{
    struct kc_text line;
    kc_buf_reset(&reader->logical);
    do {
        reader->first_line = reader->line;
        if (!natural_line(reader, &line))
            return false;
    } while (!line.len || line.ptr[0] == '#' || line.ptr[0] == '!');
    while (is_continued(line)) {
        kc_buf_put(&reader->logical, line.ptr, line.len - 1);
        if (!natural_line(reader, &line))
            return true;
    }
    kc_buf_text(&reader->logical, line);
    return true;
}

static void put_utf8(struct kc_buf *out, uint32_t c)
{
    char bytes[4];
    kc_buf_put(out, bytes, kc_utf8_put(bytes, c));
}

/* XXXX of \uXXXX; -1 if it isn't. */
static int32_t hex4(const char *at, const char *end)
{
    int32_t number = 0;
    for (int i = 0; i < 4; i++, at++) {
        int digit = at == end ? -1
                    : *at >= '0' && *at <= '9' ? *at - '0'
                    : (*at | 32) >= 'a' && (*at | 32) <= 'f' ? (*at | 32) - 'a' + 10
                                                             : -1;
        if (digit < 0)
            return -1;
        number = number << 4 | digit;
    }
    return number;
}

/* \uXXXX, *at behind the u; two surrogates make one character, one alone makes U+FFFD. */
static bool put_unicode(const char **at, const char *end, struct kc_buf *out)
{
    int32_t c = hex4(*at, end);
    if (c <= 0)
        return false;
    *at += 4;
    if (c < 0xD800 || c > 0xDFFF) {
        put_utf8(out, (uint32_t)c);
        return true;
    }
    int32_t low = c < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u'
                      ? hex4(*at + 2, end)
                      : -1;
    if (low >= 0xDC00 && low <= 0xDFFF) {
        *at += 6;
        put_utf8(out, 0x10000 + ((uint32_t)(c - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
    } else {
        put_utf8(out, 0xFFFD);
    }
    return true;
}

/* False: malformed. */
static bool unescape(struct kc_text text, struct kc_buf *out)
{
    static const char from[] = "tnrf", to[] = "\t\n\r\f";
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        size_t good = kc_text_utf8((struct kc_text){ at, (size_t)(end - at) });
        const char *escape = good ? memchr(at, '\\', good) : NULL;
        size_t plain = escape ? (size_t)(escape - at) : good;
        kc_buf_put(out, at, plain);
        at += plain;
        if (at == end)
            break;
        if (!escape) {
            put_utf8(out, (unsigned char)*at++); /* not UTF-8: Latin-1, as Java reads it */
            continue;
        }
        if (++at == end)
            break;
        const char *known = strchr(from, *at);
        if (*at == 'u') {
            at++;
            if (!put_unicode(&at, end, out))
                return false;
        } else if (known && *known) {
            kc_buf_char(out, to[known - from]);
            at++;
        } else if ((unsigned char)*at < 0x80) {
            kc_buf_char(out, *at++);
        } /* else: the next round copies the character */
    }
    return true;
}

/* Splits at the first separator that no backslash stands before. */
static void split(struct kc_text line, struct kc_text *name, struct kc_text *value)
{
    size_t i = 0;
    while (i < line.len && line.ptr[i] != '=' && line.ptr[i] != ':' && !is_blank(line.ptr[i]))
        i += line.ptr[i] == '\\' ? 2 : 1;
    if (i > line.len)
        i = line.len;
    *name = (struct kc_text){ line.ptr, i };
    while (i < line.len && is_blank(line.ptr[i]))
        i++;
    if (i < line.len && (line.ptr[i] == '=' || line.ptr[i] == ':'))
        i++;
    while (i < line.len && is_blank(line.ptr[i]))
        i++;
    *value = (struct kc_text){ line.ptr + i, line.len - i };
}

struct kc_error *kc_props_parse(struct kc_text text, struct kc_props *props)
{
    const char *start = text.len ? text.ptr : "";
    struct reader reader = { .at = start, .end = start + text.len, .line = 1 };
    KC_AUTO_BUF name = { 0 };
    KC_AUTO_BUF value = { 0 };
    struct kc_error *err = NULL;
    while (!err && logical_line(&reader)) {
        struct kc_text raw_name, raw_value;
        struct kc_text line = { reader.logical.data, reader.logical.len };
        kc_buf_reset(&name);
        kc_buf_reset(&value);
        split(line, &raw_name, &raw_value);
        if (line.len && memchr(line.ptr, 0, line.len))
            err = kc_fail(KC_BAD_CONFIG, "line %u holds a NUL character", reader.first_line);
        else if (!unescape(raw_name, &name) || !unescape(raw_value, &value))
            err = kc_fail(KC_BAD_CONFIG, "line %u: \\u must be followed by four hexadecimal digits",
                          reader.first_line);
        else
            kc_props_set(props, name.len ? name.data : "", value.len ? value.data : "");
    }
    kc_buf_clear(&reader.logical);
    return err;
}

struct kc_error *kc_props_read_file(const char *path, struct kc_buf *text)
{
    char chunk[16384];
    struct kc_error *err = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return kc_fail(KC_BAD_CONFIG, "cannot read %s: %s", path, strerror(errno));
    for (;;) {
        ssize_t len = read(fd, chunk, sizeof(chunk));
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            err = kc_fail(KC_BAD_CONFIG, "cannot read %s: %s", path, strerror(errno));
        if (len <= 0)
            break;
        kc_buf_put(text, chunk, (size_t)len);
        if (text->failed || text->len > LARGEST_FILE) {
            err = kc_fail(KC_BAD_CONFIG, "%s is larger than %d MiB", path, LARGEST_FILE >> 20);
            break;
        }
    }
    close(fd);
    return err;
}
