/* A client of HTTP: the only file that includes curl.h.
 * Layer: base. Any thread; a call waits, but not once stop_fd is readable. */
#ifndef KC_BASE_HTTP_H
#define KC_BASE_HTTP_H

#include "base/buf.h"
#include "base/error.h"

struct kc_http_answer {
    int code;
    struct kc_buf body; /* up to 64 MiB; the caller's, in any case */
};

/* GET of an http: or https: URL, without proxies and redirects. An answer of any code is no
 * error. KC_RETRY: there is no answer (the text says why); KC_BAD_DATA: it is too large;
 * KC_BAD_CONFIG: that is no such URL; KC_STOPPED. stop_fd may be -1. */
struct kc_error *kc_http_get(const char *url, int stop_fd, int timeout_ms,
                             struct kc_http_answer *answer) KC_MUST_CHECK;
/* Text as one segment of a URL's path, or as a value of its query. */
void kc_http_escape(struct kc_buf *url, const char *text);

#endif
