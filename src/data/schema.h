/* A schema of Connect's data model. Built field by field by one thread, then
 * constant and shared: references are counted atomically, and comparing starts
 * with the pointer.
 * Layer: data. Any thread once built. */
#ifndef KC_DATA_SCHEMA_H
#define KC_DATA_SCHEMA_H

#include "base/error.h"
#include "data/value.h"

struct kc_schema_param {
    char *key, *value;
};

struct kc_field {
    char *name;
    uint32_t name_len;
    const struct kc_schema *schema;
};

struct kc_schema {
    uint8_t kind; /* KC_INT8 .. KC_STRUCT */
    bool optional;
    bool has_version;
    bool has_default;
    int32_t version;
    int refs; /* atomic; negative: static, never counted */
    char *name; /* NULL if it has none */
    char *doc;
    struct kc_value default_value; /* lives as long as the schema */
    struct kc_schema_param *params; /* in order of setting */
    uint32_t n_params;
    uint32_t n_fields;                /* struct */
    struct kc_field *fields;          /* struct, in order */
    const struct kc_schema *key;      /* map; may be NULL: unknown */
    const struct kc_schema *element;  /* array, and the values of a map; may be NULL */
    struct kc_arena *arena;           /* of the default; NULL if none was set */
    uint64_t hash;                    /* 0 until asked for */
};

/* Names of the logical types. */
#define KC_DECIMAL_NAME "org.apache.kafka.connect.data.Decimal"     /* bytes; parameter "scale" */
#define KC_DATE_NAME "org.apache.kafka.connect.data.Date"           /* int32, days */
#define KC_TIME_NAME "org.apache.kafka.connect.data.Time"           /* int32, ms of the day */
#define KC_TIMESTAMP_NAME "org.apache.kafka.connect.data.Timestamp" /* int64, ms since 1970 */

/* Shared constants without a name: never freed, ref and unref do nothing. kind is
 * KC_INT8 .. KC_BYTES. */
const struct kc_schema *kc_schema_of(enum kc_kind kind, bool optional);

/* A new schema with one reference, to be built by the functions below and shared
 * only then. Strings are copied. Functions that take a schema take a reference of
 * their own. */
struct kc_schema *kc_schema_new(enum kc_kind kind);
struct kc_schema *kc_schema_optional(struct kc_schema *schema, bool optional);
struct kc_schema *kc_schema_name(struct kc_schema *schema, const char *name);
struct kc_schema *kc_schema_version(struct kc_schema *schema, int32_t version);
struct kc_schema *kc_schema_doc(struct kc_schema *schema, const char *doc);
struct kc_schema *kc_schema_param(struct kc_schema *schema, const char *key, const char *value);
/* The value is copied. It must fit the schema (kc_schema_check). */
struct kc_schema *kc_schema_default(struct kc_schema *schema, struct kc_value value);
struct kc_schema *kc_schema_field(struct kc_schema *schema, const char *name,
                                  const struct kc_schema *field);
struct kc_schema *kc_schema_key(struct kc_schema *schema, const struct kc_schema *key);
struct kc_schema *kc_schema_element(struct kc_schema *schema, const struct kc_schema *element);
/* A copy of all of it with one reference, to be changed before it is shared. */
struct kc_schema *kc_schema_copy(const struct kc_schema *schema);
/* Decimal of a scale; Date, Time or Timestamp by its name constant. */
struct kc_schema *kc_schema_decimal(int32_t scale);
struct kc_schema *kc_schema_logical(const char *name);

const struct kc_schema *kc_schema_ref(const struct kc_schema *schema);
void kc_schema_unref(const struct kc_schema *schema); /* NULL is fine */
/* What stands in a batch must outlive it: the arena holds a reference until its
 * reset. Cheap when the same schema comes many times in a row. Returns schema. */
const struct kc_schema *kc_schema_keep(struct kc_arena *arena, const struct kc_schema *schema);

/* The pointer first, then everything: name, version, doc, params, default, fields.
 * Two NULLs are equal. */
bool kc_schema_equal(const struct kc_schema *a, const struct kc_schema *b);
uint64_t kc_schema_hash(const struct kc_schema *schema);
/* Position of a field, -1 if there is none. */
int kc_schema_find(const struct kc_schema *schema, struct kc_text name);
const char *kc_schema_get_param(const struct kc_schema *schema, const char *key); /* or NULL */
static inline bool kc_schema_is(const struct kc_schema *schema, const char *name)
{
    return schema && schema->name && strcmp(schema->name, name) == 0;
}
/* Does the value fit (ConnectSchema.validateValue)? KC_BAD_DATA with the text of the
 * original. NULL schemas fit everything. */
struct kc_error *kc_schema_check(const struct kc_schema *schema, struct kc_value value);
/* The same for a value to be put into a field of a struct: the texts name the field. */
struct kc_error *kc_schema_check_field(const struct kc_field *field, struct kc_value value);

#endif
