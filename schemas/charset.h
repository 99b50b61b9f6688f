/* Texts in other encodings than UTF-8, with Java's ways: what can't be encoded becomes a
 * question mark, what can't be decoded U+FFFD, as many of them as Java makes.
 * Layer: schemas. A charset belongs to one thread. */
#ifndef SCHEMAS_CHARSET_H
#define SCHEMAS_CHARSET_H

#include "base/arena.h"
#include "base/text.h"

struct charset; /* opaque */

/* By Java's name or alias, in any case; NULL if it is not known. To be freed. */
struct charset *charset_new(const char *name);
void charset_free(struct charset *charset);
/* Between UTF-8 and the charset. The result is in the arena, or the input itself. */
struct kc_text charset_encode(const struct charset *charset, struct kc_text text,
                              struct kc_arena *arena);
struct kc_text charset_decode(const struct charset *charset, struct kc_text bytes,
                              struct kc_arena *arena);
/* The same for UTF-8, without a charset. */
struct kc_text charset_encode_utf8(struct kc_text text, struct kc_arena *arena);
struct kc_text charset_decode_utf8(struct kc_text bytes, struct kc_arena *arena);

#endif
