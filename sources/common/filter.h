/* Include and exclude lists: comma-separated Java regular expressions that must
 * match a whole name, in any case (a comma inside one is written as "\,").
 * Layer: source. One thread owns a filter. */
#ifndef CDC_FILTER_H
#define CDC_FILTER_H

#include "base/regex.h"

struct filter {
    struct kc_regex **patterns;
    char **texts; /* of the patterns */
    size_t count;
};

/* NULL or empty text: a filter without patterns. KC_BAD_CONFIG with the message of the pattern. */
struct kc_error *filter_init(struct filter *filter, const char *list) KC_MUST_CHECK;
void filter_clear(struct filter *filter);
bool filter_matches(const struct filter *filter, struct kc_text name);
/* Which pattern it is, or -1. */
int filter_which(const struct filter *filter, struct kc_text name);
/* In the include list (or that is empty), and not in the exclude list. */
bool filter_allows(const struct filter *include, const struct filter *exclude, struct kc_text name);

#endif
