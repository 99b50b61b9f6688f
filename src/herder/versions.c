#include "herder/versions.h"

#include <stdlib.h>

#include "plugin/converter.h"

/* Numbers by value, anything else by its letters. */
static int compare(struct kc_text a, struct kc_text b)
{
    for (;;) {
        struct kc_text x = { "0", 1 }, y = { "0", 1 };
        int64_t m, n;
        bool more_a = a.ptr && kc_text_split(&a, '.', &x),
             more_b = b.ptr && kc_text_split(&b, '.', &y);
        if (!more_a && !more_b)
            return 0;
        if (kc_text_int64(x, &m) && kc_text_int64(y, &n)) {
            if (m != n)
                return m < n ? -1 : 1;
        } else if (!kc_text_equal(x, y)) {
            return kc_text_compare(x, y);
        }
    }
}

static bool in_range(struct kc_text range, struct kc_text version)
{
    bool from = range.ptr[0] == '[', to = range.ptr[range.len - 1] == ']';
    struct kc_text rest = { range.ptr + 1, range.len - 2 }, low, high;
    kc_text_split(&rest, ',', &low);
    high = rest.ptr ? kc_text_trim(rest) : low;
    low = kc_text_trim(low);
    int above = low.len ? compare(version, low) : 1;
    int below = high.len ? compare(version, high) : -1;
    return (above > 0 || (above == 0 && from)) && (below < 0 || (below == 0 && to));
}

static bool bracketed(struct kc_text range)
{
    return range.len >= 2 && strchr("[(", range.ptr[0]) && strchr("])", range.ptr[range.len - 1]);
}

bool versions_match(const char *text, const char *version)
{
    struct kc_text range = kc_text_trim(kc_text(text));
    return bracketed(range) ? in_range(range, kc_text(version))
                            : compare(range, kc_text(version)) == 0;
}

char *versions_mismatch(const struct kc_plugin *plugin, const char *text)
{
    struct kc_text range = kc_text_trim(kc_text(text));
    const char *open = bracketed(range) ? "" : "[", *close = bracketed(range) ? "" : "]";
    bool both = plugin->kind == KC_CONVERTER && plugin->converter->for_records &&
                plugin->converter->for_headers;
    return kc_printf("Plugin %s not found that matches the version range %s%.*s%s%.*s%s, available "
                     "versions: [%s%s%s]",
                     plugin->java_classes[0], open, KC_FMT(range), bracketed(range) ? "" : ",",
                     bracketed(range) ? 0 : (int)range.len, range.ptr, close, plugin->version,
                     both ? ", " : "", both ? plugin->version : "");
}
