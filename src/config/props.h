/* Settings as text: name -> value in the order they came. What .properties files,
 * JSON configs and REST bodies become before an option table reads them.
 * Layer: config. One thread owns a set; constant sets may be shared. */
#ifndef KC_CONFIG_PROPS_H
#define KC_CONFIG_PROPS_H

#include "base/error.h"
#include "base/json.h"
#include "base/map.h"
#include "base/text.h"

/* Values are owned C strings. A setting given as JSON null is there with value NULL. */
struct kc_props {
    struct kc_map map;
};

void kc_props_clear(struct kc_props *props);
/* Adds or replaces; both are copied. */
void kc_props_set(struct kc_props *props, const char *name, const char *value);
const char *kc_props_get(const struct kc_props *props, const char *name); /* NULL if missing */
bool kc_props_has(const struct kc_props *props, const char *name);
void kc_props_remove(struct kc_props *props, const char *name);
void kc_props_copy(struct kc_props *to, const struct kc_props *from); /* adds to what is there */
/* Adds to `to` every setting whose name starts with prefix, without the prefix. */
void kc_props_with_prefix(const struct kc_props *props, const char *prefix, struct kc_props *to);
/* Walk: const char *name = NULL, *value; while (kc_props_next(props, &at, &name, &value)),
 * with struct kc_map_entry *at = NULL. */
bool kc_props_next(const struct kc_props *props, struct kc_map_entry **at, const char **name,
                   const char **value);
bool kc_props_equal(const struct kc_props *a, const struct kc_props *b); /* in any order */

/* Java's .properties (java.util.Properties.load): comments, continuation lines, `=`, `:` or
 * white space as separator, \uXXXX; the bytes are UTF-8 (or Latin-1 where they aren't valid
 * UTF-8). KC_BAD_CONFIG with the line. */
struct kc_error *kc_props_parse(struct kc_text text, struct kc_props *props) KC_MUST_CHECK;
/* A flat JSON object; numbers and booleans become their text, as Jackson does it. Nested
 * values are KC_BAD_CONFIG. */
struct kc_error *kc_props_from_json(const struct kc_json *object, struct kc_props *props)
    KC_MUST_CHECK;
struct kc_json *kc_props_to_json(const struct kc_props *props); /* to be freed */
/* Reads a file whole (limit 16 MiB). KC_BAD_CONFIG. */
struct kc_error *kc_props_read_file(const char *path, struct kc_buf *text) KC_MUST_CHECK;

#endif
