#include "sinks/common/url.h"

#include <stdlib.h>

#include "base/buf.h"

static char *url_decode(struct kc_text text, bool plus)
{
    char *out = kc_strndup(text.ptr, text.len), *to = out;

    for (size_t i = 0; i < text.len; i++) {
        int high, low;
        if (text.ptr[i] == '%' && i + 2 < text.len && (high = kc_hex_digit(text.ptr[i + 1])) >= 0 &&
            (low = kc_hex_digit(text.ptr[i + 2])) >= 0) {
            *to++ = (char)(high << 4 | low);
            i += 2;
        } else {
            *to++ = plus && text.ptr[i] == '+' ? ' ' : text.ptr[i];
        }
    }
    *to = '\0';
    return out;
}

/* One "host:port" of the list; an IPv6 address stands in brackets. */
static struct kc_error *url_host(struct kc_text piece, struct kc_buf *hosts, struct kc_buf *ports)
{
    struct kc_text host = piece, port = { "", 0 };
    const char *colon;
    int64_t number;

    /* Not shown: it is `user:password@host`. */
    if (piece.len && memchr(piece.ptr, '@', piece.len))
        return kc_fail(KC_BAD_CONFIG, "Not a valid JDBC URL: user and password can't stand before the host; "
                                      "they have settings of their own");
    if (piece.len && piece.ptr[0] == '[') {
        const char *end = memchr(piece.ptr, ']', piece.len);
        if (!end)
            return kc_fail(KC_BAD_CONFIG,
                           "Not a valid JDBC URL: a host that starts with [ needs its ]");
        host = (struct kc_text){ piece.ptr + 1, (size_t)(end - piece.ptr) - 1 };
        size_t rest = piece.len - host.len - 2;
        if (rest && end[1] != ':')
            return kc_fail(KC_BAD_CONFIG,
                           "Not a valid JDBC URL: only :PORT can follow a host in brackets");
        if (rest)
            port = (struct kc_text){ end + 2, rest - 1 };
    } else if ((colon = memrchr(piece.ptr, ':', piece.len))) {
        host.len = (size_t)(colon - piece.ptr);
        port = (struct kc_text){ colon + 1, piece.len - host.len - 1 };
    }
    if (port.len && (!kc_text_int64(port, &number) || number < 1 || number > 65535))
        return kc_fail(KC_BAD_CONFIG,
                       "Not a valid JDBC URL: the port '%.*s' is no number from 1 to 65535",
                       KC_FMT(port));
    if (hosts->len || ports->len) {
        kc_buf_char(hosts, ',');
        kc_buf_char(ports, ',');
    }
    if (!host.len)
        host = KC_TEXT("localhost");
    char *plain = url_decode(host, false);
    kc_buf_str(hosts, plain);
    free(plain);
    kc_buf_text(ports, port);
    return NULL;
}

static struct kc_error *url_hosts(struct kc_text text, struct jdbc_url *url)
{
    KC_AUTO_BUF hosts = KC_BUF(0), ports = KC_BUF(0);
    struct kc_text rest = text, piece;
    struct kc_error *err = NULL;

    if (!text.len)
        return NULL;
    while (!err && kc_text_split(&rest, ',', &piece))
        err = url_host(piece, &hosts, &ports);
    if (!err) {
        kc_buf_put(&ports, "", 0);
        url->hosts = kc_buf_take(&hosts);
        url->ports = kc_buf_take(&ports);
    }
    return err;
}

static void url_params(struct kc_text text, struct kc_props *params)
{
    struct kc_text rest = text, piece;

    while (kc_text_split(&rest, '&', &piece)) {
        const char *equals = memchr(piece.ptr, '=', piece.len);
        struct kc_text name = { piece.ptr, equals ? (size_t)(equals - piece.ptr) : piece.len };
        struct kc_text value = { equals ? equals + 1 : "", equals ? piece.len - name.len - 1 : 0 };
        if (!name.len)
            continue;
        char *plain_name = url_decode(name, true), *plain_value = url_decode(value, true);
        kc_props_set(params, plain_name, plain_value);
        free(plain_name);
        free(plain_value);
    }
}

/* How much of a URL may be shown: a password can stand behind a question mark, or before an @. */
static size_t url_shown(struct kc_text url)
{
    const char *question = url.len ? memchr(url.ptr, '?', url.len) : NULL;

    if (!url.len || memchr(url.ptr, '@', url.len))
        return 0;
    return question ? (size_t)(question - url.ptr) : url.len;
}

struct kc_error *jdbc_url_parse(const char *text, struct jdbc_url *url)
{
    struct kc_text rest = kc_text_trim(kc_text(text)), query = { NULL, 0 };
    const char *colon = rest.len > 5 ? memchr(rest.ptr + 5, ':', rest.len - 5) : NULL;
    const char *question = rest.len ? memchr(rest.ptr, '?', rest.len) : NULL;
    struct kc_error *err = NULL;

    if (!kc_text_starts(rest, "jdbc:") || !colon || colon == rest.ptr + 5)
        return kc_fail(KC_BAD_CONFIG, "Not a valid JDBC URL: %.*s (expected jdbc:SUBPROTOCOL:...)",
                       (int)url_shown(rest), rest.ptr);
    if (question && question > colon) {
        query = (struct kc_text){ question + 1, rest.len - (size_t)(question - rest.ptr) - 1 };
        rest.len = (size_t)(question - rest.ptr);
    }
    url->subprotocol = kc_strndup(rest.ptr + 5, (size_t)(colon - rest.ptr) - 5);
    struct kc_text name = { colon + 1, rest.len - (size_t)(colon - rest.ptr) - 1 };
    if (kc_text_starts(name, "//")) {
        name = (struct kc_text){ name.ptr + 2, name.len - 2 };
        const char *slash = name.len ? memchr(name.ptr, '/', name.len) : NULL;
        struct kc_text hosts = { name.ptr, slash ? (size_t)(slash - name.ptr) : name.len };
        name = slash ? (struct kc_text){ slash + 1, name.len - hosts.len - 1 } : KC_TEXT("");
        err = url_hosts(hosts, url);
    }
    if (name.len)
        url->database = url_decode(name, false);
    if (query.len)
        url_params(query, &url->params);
    return err;
}

void jdbc_url_clear(struct jdbc_url *url)
{
    free(url->subprotocol);
    free(url->hosts);
    free(url->ports);
    free(url->database);
    kc_props_clear(&url->params);
    *url = (struct jdbc_url){ 0 };
}
