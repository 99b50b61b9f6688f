#include "sources/common/filter.h"

#include <stdlib.h>

/* The next entry of the list, unescaped and trimmed; NULL at the end. The caller frees it. */
static char *next_entry(const char **at)
{
    if (!*at)
        return NULL;
    char *entry = kc_calloc(1, strlen(*at) + 1), *out = entry;
    const char *p = *at;
    for (; *p && *p != ','; p++) {
        if (p[0] == '\\' && p[1] == ',')
            p++;
        *out++ = *p;
    }
    *at = *p ? p + 1 : NULL;
    struct kc_text trimmed = kc_text_trim(kc_text(entry));
    memmove(entry, trimmed.ptr, trimmed.len);
    entry[trimmed.len] = '\0';
    return entry;
}

struct kc_error *filter_init(struct filter *filter, const char *list)
{
    *filter = (struct filter){0};
    size_t cap = 0, texts_cap = 0;
    char *entry;
    while ((entry = next_entry(&list))) {
        struct kc_error *err = NULL;
        if (*entry) {
            filter->patterns =
                kc_grow(filter->patterns, filter->count, &cap, sizeof(*filter->patterns));
            filter->texts = kc_grow(filter->texts, filter->count, &texts_cap, sizeof(*filter->texts));
            err = kc_regex_new(entry, true, &filter->patterns[filter->count]);
        }
        if (*entry && !err)
            filter->texts[filter->count++] = entry;
        else
            free(entry);
        if (err) {
            filter_clear(filter);
            return err;
        }
    }
    return NULL;
}

void filter_clear(struct filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        kc_regex_free(filter->patterns[i]);
        free(filter->texts[i]);
    }
    free(filter->patterns);
    free(filter->texts);
    *filter = (struct filter){0};
}

int filter_which(const struct filter *filter, struct kc_text name)
{
    for (size_t i = 0; i < filter->count; i++)
        if (kc_regex_matches(filter->patterns[i], name))
            return (int)i;
    return -1;
}

bool filter_matches(const struct filter *filter, struct kc_text name)
{
    return filter_which(filter, name) >= 0;
}

bool filter_allows(const struct filter *include, const struct filter *exclude, struct kc_text name)
{
    return (!include->count || filter_matches(include, name)) && !filter_matches(exclude, name);
}
