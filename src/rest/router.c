#include "rest/router.h"

#include <stdlib.h>

#define TARGET_MAX 8192

static const struct route *const tables[] = { connector_routes, plugin_routes, logger_routes,
                                              admin_routes };

static bool is_int(const char *text, int *number)
{
    int64_t wide;
    if (!kc_text_int64(kc_text(text), &wide) || wide != (int32_t)wide)
        return false;
    *number = (int)wide;
    return true;
}

/* Takes the path apart by the pattern; false if it does not fit. */
static bool fits(const char *pattern, struct rest_call *call)
{
    size_t i = 0;
    struct kc_text rest = kc_text(pattern + 1), piece;
    const char *name = NULL;
    while (*(pattern + 1) && kc_text_split(&rest, '/', &piece)) {
        if (i == call->target.n_segments)
            return false;
        const char *segment = call->target.segments[i++];
        if (kc_text_is(piece, "{c}"))
            name = segment;
        else if (kc_text_is(piece, "{i}") ? !is_int(segment, &call->task)
                                          : !kc_text_is(piece, segment))
            return false;
    }
    call->connector = name;
    return i == call->target.n_segments;
}

static bool takes(const char *row_method, const char *method)
{
    return strcmp(row_method, method) == 0 ||
           (strcmp(row_method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* The row of the call; without one, *allow says which methods the path has (empty: there is no
 * such path). */
static const struct route *find(struct rest_call *call, struct kc_buf *allow)
{
    for (size_t i = 0; i < KC_COUNT(tables); i++)
        for (const struct route *route = tables[i]; route->method; route++) {
            if (!fits(route->pattern, call))
                continue;
            if (takes(route->method, call->method))
                return route;
            kc_buf_printf(allow, "%s%s", allow->len ? ", " : "", route->method);
            if (strcmp(route->method, "GET") == 0)
                kc_buf_str(allow, ", HEAD");
        }
    return NULL;
}

static void answer_options(struct rest_call *call)
{
    call->code = 200;
    call->out_type = "text/plain";
    kc_buf_str(&call->out, call->allow);
}

static void serve_route(struct rest_call *call, const struct route *route)
{
    if (route->consumes && call->content_type && !http_is_json(call->content_type))
        rest_error(call, 415, "HTTP 415 Unsupported Media Type");
    else if (!http_accepts_json(call->accept))
        rest_error(call, 406, "HTTP 406 Not Acceptable");
    else
        route->handler(call);
}

/* As the original's server does it: only calls that read get told why. */
static void refuse_target(struct rest_call *call, const char *fault)
{
    bool reads = strcmp(call->method, "GET") == 0 || strcmp(call->method, "POST") == 0;
    int code = *fault ? 400 : 414;
    if (reads)
        rest_error(call, code, "%s", *fault ? fault : "URI Too Long");
    else
        rest_json(call, code, NULL);
}

void router_serve(struct rest_call *call, const char *raw)
{
    KC_AUTO_BUF allow = KC_BUF(0);
    const char *fault = strlen(raw) > TARGET_MAX ? "" : http_target_parse(raw, &call->target);
    if (fault) {
        refuse_target(call, fault);
        return;
    }
    const struct route *route = find(call, &allow);
    if (route) {
        serve_route(call, route);
    } else if (!allow.len) {
        rest_error(call, 404, "HTTP 404 Not Found");
    } else {
        kc_buf_str(&allow, ", OPTIONS");
        call->allow = kc_buf_take(&allow);
        if (strcmp(call->method, "OPTIONS") == 0)
            answer_options(call);
        else
            rest_error(call, 405, "HTTP 405 Method Not Allowed");
    }
}

void router_markdown(struct kc_buf *buf)
{
    kc_buf_str(buf, "| Call | What it does |\n|---|---|\n");
    for (size_t i = 0; i < KC_COUNT(tables); i++)
        for (const struct route *route = tables[i]; route->method; route++)
            kc_buf_printf(buf, "| `%s %s` | %s |\n", route->method, route->pattern, route->summary);
}
