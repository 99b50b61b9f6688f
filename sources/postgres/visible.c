#include "sources/postgres/visible.h"

#include <stdlib.h>

#include "base/text.h"

static bool read_number(struct kc_text *rest, char separator, uint64_t *number)
{
    struct kc_text piece;
    int64_t n;
    if (!rest->ptr || !kc_text_split(rest, separator, &piece) || !kc_text_int64(piece, &n) || n < 0)
        return false;
    *number = (uint64_t)n;
    return true;
}

struct kc_error *visible_parse(struct visible *visible, const char *text)
{
    struct kc_text rest = kc_text(text);
    size_t cap = 0;
    *visible = (struct visible){0};
    bool good = text && read_number(&rest, ':', &visible->xmin) &&
                read_number(&rest, ':', &visible->xmax) && rest.ptr;
    while (good && rest.ptr && rest.len) {
        visible->running = kc_grow(visible->running, visible->n_running, &cap,
                                   sizeof(*visible->running));
        good = read_number(&rest, ',', &visible->running[visible->n_running]);
        visible->n_running += good;
    }
    return good ? NULL : kc_fail(KC_FATAL, "the server's snapshot \"%s\" can't be read", text);
}

void visible_clear(struct visible *visible)
{
    free(visible->running);
    *visible = (struct visible){0};
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

bool visible_has(const struct visible *visible, uint32_t xid)
{
    uint64_t whole = visible->xmax + (uint64_t)(int64_t)(int32_t)(xid - (uint32_t)visible->xmax);
    if (whole < visible->xmin)
        return true;
    return whole < visible->xmax && !(visible->n_running &&
                                      bsearch(&whole, visible->running, visible->n_running,
                                              sizeof(*visible->running), compare));
}
