/* Java regular expressions as far as PCRE2 speaks them; the only file that
 * includes pcre2.h. Layer: base. A compiled pattern may be used by any thread,
 * one at a time. */
#ifndef KC_BASE_REGEX_H
#define KC_BASE_REGEX_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct kc_regex;

/* pattern must match as Java's Pattern would; `ignore_case` for the many settings
 * whose patterns are compiled so. KC_BAD_CONFIG with the place of the mistake. */
struct kc_error *kc_regex_new(const char *pattern, bool ignore_case, struct kc_regex **regex)
    KC_MUST_CHECK;
void kc_regex_free(struct kc_regex *regex);
/* The whole text (Matcher.matches). */
bool kc_regex_matches(const struct kc_regex *regex, struct kc_text text);
/* Matcher.replaceFirst / replaceAll with Java's replacement syntax ($1, ${name},
 * \$). The result is in the arena, NUL-terminated. Unknown groups: KC_BAD_CONFIG.
 * A text without a match gives itself. */
struct kc_error *kc_regex_replace(const struct kc_regex *regex, struct kc_text text,
                                  const char *replacement, bool all, struct kc_arena *arena,
                                  struct kc_text *result) KC_MUST_CHECK;

#endif
