/* Text as pointer and length: a slice of something else, not NUL-terminated.
 * Layer: base. Any thread. */
#ifndef KC_BASE_TEXT_H
#define KC_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct kc_text {
    const char *ptr;
    size_t len;
};

#define KC_TEXT(literal) ((struct kc_text){ (literal), sizeof(literal) - 1 })
/* For printf: "%.*s", KC_FMT(text) */
#define KC_FMT(text) (int)(text).len, (text).ptr

static inline struct kc_text kc_text(const char *c_string)
{
    return (struct kc_text){ c_string, c_string ? strlen(c_string) : 0 };
}
static inline bool kc_text_is(struct kc_text text, const char *c_string)
{
    return strlen(c_string) == text.len && memcmp(text.ptr, c_string, text.len) == 0;
}
static inline bool kc_text_equal(struct kc_text a, struct kc_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
/* Byte order, shorter first. */
int kc_text_compare(struct kc_text a, struct kc_text b);
/* Without white space at both ends (as Java's String.trim: all <= ' '). */
struct kc_text kc_text_trim(struct kc_text text);
/* Takes what stands before the next `separator` off *rest; false at the end.
 * "a,,b" gives "a", "", "b"; an empty text gives one empty piece. Start with
 * *rest = text; when done rest->ptr is NULL. */
bool kc_text_split(struct kc_text *rest, char separator, struct kc_text *piece);
bool kc_text_starts(struct kc_text text, const char *prefix);
/* A whole decimal integer with optional sign; false on anything else or when
 * it does not fit. */
bool kc_text_int64(struct kc_text text, int64_t *number);
/* A whole decimal or scientific number; false on anything else. */
bool kc_text_double(struct kc_text text, double *number);
/* Levenshtein distance, for "did you mean"; capped at `most` + 1. */
unsigned kc_text_distance(struct kc_text a, struct kc_text b, unsigned most);
/* Length of the valid UTF-8 at the start (RFC 3629: no surrogates, no
 * overlong forms); text.len if all of it is. */
size_t kc_text_utf8(struct kc_text text);
/* Writes one character, 1 to 4 bytes, and gives their number. Half of a
 * surrogate pair becomes three bytes, which are no UTF-8. */
size_t kc_utf8_put(char *out, uint32_t c);
/* What the digit counts, -1 if it is none. Hexadecimal in either case. */
int kc_hex_digit(char c);
int kc_base64_digit(char c);

#endif
