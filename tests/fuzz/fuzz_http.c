/* The HTTP layer without its sockets: a method and a request target, then a body, through the router. */
#include "rest/router.h"
#include "tests/fuzz/fuzz.h"

static char *take_line(struct kc_text *rest, char separator)
{
    struct kc_text piece = { "", 0 };
    if (rest->ptr)
        kc_text_split(rest, separator, &piece);
    return kc_strndup(piece.ptr, piece.len);
}

static void check_target(const struct http_target *target)
{
    for (size_t i = 0; i < target->n_segments; i++)
        FUZZ_MUST(*target->segments[i] && strcmp(target->segments[i], "..") != 0 &&
                  !strpbrk(target->segments[i], "\\\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kc_text rest = fuzz_text(data, size);
    struct kc_buf escaped = { 0 };
    char *method = take_line(&rest, ' '), *raw = take_line(&rest, '\n');
    struct rest_call call = { .method = method };
    call.accept = take_line(&rest, '\n');
    if (rest.ptr)
        kc_buf_text(&call.body, rest);
    router_serve(&call, raw);
    check_target(&call.target);
    FUZZ_MUST(call.request || (call.code >= 200 && call.code < 600));
    http_escape_path(raw, &escaped);
    rest_call_clear(&call);
    kc_buf_clear(&escaped);
    free(method);
    free(raw);
    return 0;
}
