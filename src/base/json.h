/* JSON of the control plane: REST bodies, connector config files, offsets. The
 * only file that includes jansson.h. Members keep their order. Record data
 * never comes here (schemas/json.h does that: exact numbers, speed).
 * Layer: base. A value is used by one thread at a time. */
#ifndef KC_BASE_JSON_H
#define KC_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

enum kc_json_type {
    KC_JSON_NULL,
    KC_JSON_BOOL,
    KC_JSON_INT,
    KC_JSON_REAL,
    KC_JSON_STRING,
    KC_JSON_ARRAY,
    KC_JSON_OBJECT,
};

struct kc_json; /* opaque; NULL is "not there" in every getter */

/* One whole JSON text (any value at the top; nesting up to 100). KC_BAD_DATA with line and
 * column. */
struct kc_error *kc_json_parse(struct kc_text text, struct kc_json **json) KC_MUST_CHECK;
/* Compact text, appended. */
void kc_json_write(const struct kc_json *json, struct kc_buf *buf);
/* Appends text as a JSON string with its quotes, escaped as Jackson does. */
void kc_json_escape(struct kc_buf *buf, struct kc_text text);
void kc_json_free(struct kc_json *json); /* frees what it holds as well */
struct kc_json *kc_json_copy(const struct kc_json *json); /* deep */

enum kc_json_type kc_json_type(const struct kc_json *json); /* NULL gives KC_JSON_NULL */
struct kc_json *kc_json_get(const struct kc_json *object, const char *name); /* borrowed */
const char *kc_json_string(const struct kc_json *json);                      /* NULL if none */
int64_t kc_json_int(const struct kc_json *json);
bool kc_json_bool(const struct kc_json *json);
double kc_json_real(const struct kc_json *json); /* of an int as well */
size_t kc_json_count(const struct kc_json *json); /* of an array or object, else 0 */
struct kc_json *kc_json_at(const struct kc_json *array, size_t index); /* borrowed */
/* Walk of an object: void *at = NULL; while (kc_json_next(o, &at, &name, &value)) */
bool kc_json_next(const struct kc_json *object, void **at, const char **name,
                  struct kc_json **value);

/* Makers; what is put in or added belongs to the container from then on. */
struct kc_json *kc_json_new_object(void);
struct kc_json *kc_json_new_array(void);
struct kc_json *kc_json_new_string(const char *text); /* NULL gives null */
struct kc_json *kc_json_new_text(struct kc_text text);
struct kc_json *kc_json_new_int(int64_t number);
struct kc_json *kc_json_new_null(void);
void kc_json_put(struct kc_json *object, const char *name, struct kc_json *value);
void kc_json_put_string(struct kc_json *object, const char *name, const char *text);
void kc_json_put_int(struct kc_json *object, const char *name, int64_t number);
void kc_json_put_bool(struct kc_json *object, const char *name, bool value);
void kc_json_add(struct kc_json *array, struct kc_json *value);

#endif
