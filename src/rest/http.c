#include "rest/http.h"

#include <stdlib.h>
#include <strings.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of an escape at text, -1 if it is none. */
static int escape_at(struct kc_text text, size_t at)
{
    if (at + 2 >= text.len)
        return -1;
    int high = hex(text.ptr[at + 1]), low = hex(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static const char *decode_segment(struct kc_text raw, char **decoded)
{
    struct kc_buf buf = KC_BUF(0);
    const char *fault = NULL;
    for (size_t i = 0; i < raw.len && !fault; i++) {
        int byte = (unsigned char)raw.ptr[i];
        bool escaped = byte == '%';
        if (escaped) {
            byte = escape_at(raw, i);
            i += 2;
        }
        if (byte < 0x20 || byte == 0x7f)
            fault = byte < 0 ? "Bad escape in the URI" : "Control character in the URI";
        else if (escaped && (byte == '/' || byte == '%'))
            fault = byte == '/' ? "Ambiguous URI path separator" : "Ambiguous URI path encoding";
        else if (byte == '\\')
            fault = "Suspicious Path Character";
        else
            kc_buf_char(&buf, (char)byte);
    }
    if (!fault && kc_text_utf8((struct kc_text){ buf.data, buf.len }) != buf.len)
        fault = "The URI is not UTF-8";
    if (!fault && (strcmp(buf.data, ".") == 0 || strcmp(buf.data, "..") == 0))
        fault = "Ambiguous URI path segment";
    if (fault)
        kc_buf_clear(&buf);
    else
        *decoded = kc_buf_take(&buf);
    return fault;
}

static const char *parse_path(struct kc_text path, struct http_target *target)
{
    size_t cap = 0;
    struct kc_text rest = { path.ptr + 1, path.len - 1 }, piece;
    while (kc_text_split(&rest, '/', &piece)) {
        if (piece.len == 0 && !rest.ptr)
            return NULL; /* the root, or a slash at the end */
        if (piece.len == 0)
            return "Ambiguous URI empty segment";
        target->segments = kc_grow(target->segments, target->n_segments, &cap, sizeof(char *));
        const char *fault = decode_segment(piece, &target->segments[target->n_segments]);
        if (fault)
            return fault;
        target->n_segments++;
    }
    return NULL;
}

/* Lenient, as forms are: what is no escape stands for itself. */
static char *decode_argument(struct kc_text raw)
{
    struct kc_buf buf = KC_BUF(0);
    kc_buf_room(&buf, raw.len);
    for (size_t i = 0; i < raw.len; i++) {
        int byte = raw.ptr[i] == '%' ? escape_at(raw, i) : -1;
        if (byte > 0) {
            kc_buf_char(&buf, (char)byte);
            i += 2;
        } else {
            kc_buf_char(&buf, raw.ptr[i] == '+' ? ' ' : raw.ptr[i]);
        }
    }
    char *text = kc_buf_take(&buf);
    return text ? text : kc_strdup("");
}

static void parse_query(struct kc_text query, struct http_target *target)
{
    size_t cap = 0;
    struct kc_text piece;
    while (kc_text_split(&query, '&', &piece)) {
        if (piece.len == 0)
            continue;
        struct kc_text value = piece, name;
        kc_text_split(&value, '=', &name);
        target->arguments =
            kc_grow(target->arguments, target->n_arguments, &cap, sizeof *target->arguments);
        target->arguments[target->n_arguments++] = (struct http_argument){
            decode_argument(name), decode_argument(value.ptr ? value : (struct kc_text){ "", 0 })
        };
    }
}

const char *http_target_parse(const char *raw, struct http_target *target)
{
    *target = (struct http_target){ .segments = NULL };
    struct kc_text rest = kc_text(raw), path;
    kc_text_split(&rest, '?', &path);
    if (path.len == 0 || path.ptr[0] != '/')
        return "The URI must begin with a slash";
    if (rest.ptr)
        parse_query(rest, target);
    return parse_path(path, target);
}

void http_target_clear(struct http_target *target)
{
    for (size_t i = 0; i < target->n_segments; i++)
        free(target->segments[i]);
    for (size_t i = 0; i < target->n_arguments; i++) {
        free(target->arguments[i].name);
        free(target->arguments[i].value);
    }
    free(target->segments);
    free(target->arguments);
    *target = (struct http_target){ .segments = NULL };
}

const char *http_argument(const struct http_target *target, const char *name)
{
    for (size_t i = 0; i < target->n_arguments; i++)
        if (strcmp(target->arguments[i].name, name) == 0)
            return target->arguments[i].value;
    return NULL;
}

/* ---- media types ---- */

static bool type_is(struct kc_text type, const char *wanted)
{
    struct kc_text rest = type, name;
    kc_text_split(&rest, ';', &name);
    name = kc_text_trim(name);
    return name.len == strlen(wanted) && strncasecmp(name.ptr, wanted, name.len) == 0;
}

bool http_is_json(const char *content_type)
{
    return type_is(kc_text(content_type), "application/json");
}

bool http_accepts_json(const char *accept)
{
    struct kc_text rest = kc_text(accept), range;
    if (!accept || kc_text_trim(rest).len == 0)
        return true;
    while (kc_text_split(&rest, ',', &range))
        if (type_is(range, "application/json") || type_is(range, "application/*") ||
            type_is(range, "*/*") || type_is(range, "*"))
            return true;
    return false;
}

void http_escape_path(const char *text, struct kc_buf *buf)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~!$&'()*+,;=:@/";
    struct kc_text whole = kc_text(text);
    for (size_t i = 0; i < whole.len; i++) {
        unsigned char c = (unsigned char)text[i];
        /* The original takes what looks like an escape for one. */
        if (strchr(plain, c) || (c == '%' && escape_at(whole, i) >= 0))
            kc_buf_char(buf, (char)c);
        else
            kc_buf_printf(buf, "%%%02X", c);
    }
}
