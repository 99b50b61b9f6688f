/* The parts of HTTP that are text: request targets, media types, escapes. No I/O, so it can be
 * fuzzed. Layer: rest. No state; any thread. */
#ifndef REST_HTTP_H
#define REST_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct http_argument {
    char *name, *value; /* decoded */
};

/* A request target taken apart: "/connectors/a%20b/status?x=1" */
struct http_target {
    char **segments; /* decoded, UTF-8, none of them empty, "." or ".." */
    size_t n_segments;
    struct http_argument *arguments; /* in order; a name may come again */
    size_t n_arguments;
};

/* NULL, or why the target is refused (static text): empty segments, encoded slashes, backslashes
 * and percent signs, dot segments, broken escapes, control characters, not UTF-8. A trailing slash
 * is nothing. The target must be cleared in any case. */
const char *http_target_parse(const char *raw, struct http_target *target);
void http_target_clear(struct http_target *target);
/* The first argument of that name, or NULL. */
const char *http_argument(const struct http_target *target, const char *name);

/* Is it application/json, with whatever parameters? */
bool http_is_json(const char *content_type);
/* Does an Accept header take application/json? NULL takes everything. */
bool http_accepts_json(const char *accept);
/* A connector's name as it stands in the path of a Location header. */
void http_escape_path(const char *text, struct kc_buf *buf);

#endif
