/* Avro schemas as their text has them: names, docs, aliases, defaults, properties of any kind
 * in their order. The text decides which id a schema has in a registry, so nothing of it may get
 * lost. https://avro.apache.org/docs/1.11.4/specification/ Layer: schemas. A schema lives in an
 * arena with all that it refers to; built by one thread, then constant. */
#ifndef SCHEMAS_AVRO_SCHEMA_H
#define SCHEMAS_AVRO_SCHEMA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

/* The first eight are the primitive types. */
enum avro_type {
    AVRO_NULL,
    AVRO_BOOLEAN,
    AVRO_INT,
    AVRO_LONG,
    AVRO_FLOAT,
    AVRO_DOUBLE,
    AVRO_BYTES,
    AVRO_STRING,
    AVRO_RECORD,
    AVRO_ENUM,
    AVRO_FIXED,
    AVRO_ARRAY,
    AVRO_MAP,
    AVRO_UNION,
};
enum { AVRO_PRIMITIVES = AVRO_STRING + 1 };

enum avro_order { AVRO_ASCENDING, AVRO_DESCENDING, AVRO_IGNORE };

/* A property that the specification does not define; json is its value, compact. */
struct avro_prop {
    const char *name;
    struct kc_text json;
};

struct avro_props {
    struct avro_prop *items;
    uint32_t count, cap;
};

struct avro_schema;

struct avro_field {
    const char *name;
    const char *doc; /* NULL: none */
    struct avro_schema *type;
    struct kc_text default_json; /* ptr NULL: none */
    enum avro_order order;
    const char **aliases;
    uint32_t n_aliases;
    struct avro_props props;
};

struct avro_schema {
    enum avro_type type;
    bool is_error; /* a record that is written as "error" */
    /* of records, enums, fixed: */
    const char *name;     /* without namespace; NULL: not a named type */
    const char *space;    /* NULL: none */
    const char *full;     /* "space.name" */
    const char *doc;      /* NULL: none */
    const char **aliases; /* full names, "name" where there is no namespace */
    uint32_t n_aliases;
    struct avro_field *fields; /* record */
    uint32_t n_fields;
    const char **symbols; /* enum */
    uint32_t n_symbols;
    const char *symbol_default;    /* enum; NULL: none */
    int32_t size;                  /* fixed */
    struct avro_schema *element;   /* array, and the values of a map */
    struct avro_schema **branches; /* union */
    uint32_t n_branches;
    struct avro_props props;
};

/* "int", "record" ... */
const char *avro_type_name(enum avro_type type);
/* The primitive type of that name, or -1. */
int avro_primitive(struct kc_text name);

/* ---- building; texts are copied into the arena ---- */

struct avro_schema *avro_new(struct kc_arena *arena, enum avro_type type);
/* Sets name, namespace and full name: what stands before the last dot of `name` is the namespace,
 * else `space` (NULL or "": none). KC_BAD_DATA (SchemaParseException) when the name is none. */
struct kc_error *avro_set_name(struct kc_arena *arena, struct avro_schema *schema,
                               struct kc_text name, struct kc_text space) KC_MUST_CHECK;
/* Is that a name: of a type without its namespace, a field, or a symbol? */
struct kc_error *avro_check_name(struct kc_text name) KC_MUST_CHECK;
/* Adds, or replaces in its place. json is copied; it must be compact JSON. */
void avro_set_prop(struct kc_arena *arena, struct avro_props *props, const char *name,
                   struct kc_text json);
/* Adds a property whose value is a string. */
void avro_set_prop_text(struct kc_arena *arena, struct avro_props *props, const char *name,
                        struct kc_text text);
/* NULL: not there. */
const struct kc_text *avro_get_prop(const struct avro_props *props, const char *name);

#endif
