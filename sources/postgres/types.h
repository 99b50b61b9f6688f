/* The types of PostgreSQL as Connect sees them: one row of one table per type, used
 * by the change stream and the snapshot alike, since both hand over the text that
 * the server prints. A row names one or several forms, picked by the settings
 * (decimal.handling.mode, time.precision.mode, ...); a form is a schema and the
 * function that reads a value.
 * Layer: source. Tables are constant; a use belongs to the relation that made it. */
#ifndef PG_TYPES_H
#define PG_TYPES_H

#include "data/schema.h"
#include "sources/postgres/config.h"

struct type_form;

/* unavailable.value.placeholder: as text, and as bytes ("hex:00ff" gives any). */
struct placeholder {
    struct kc_text text, bytes;
};

/* What the catalog says about a type that is not built in. */
struct type_info {
    uint32_t oid;
    char *schema, *name;
    char kind;        /* pg_type.typtype: b, c, d, e, p, r, m */
    uint32_t element; /* of an array, else 0 */
    char delimiter;   /* between the elements of its arrays */
    uint32_t base;    /* of a domain, else 0 */
    int32_t base_typmod;
    char *labels; /* of an enum, in order, joined by commas */
};

/* Looks a type up that no row names by its oid; NULL if the database doesn't know it. */
struct type_catalog {
    const struct type_info *(*find)(struct type_catalog *catalog, uint32_t oid);
};

/* How the values of one column are read. */
struct type_use {
    const struct type_form *form; /* NULL: the type has no form, the column is left out */
    const struct pg_type_modes *modes;
    const char *declared;     /* the column's type as the catalog names it, see types_source */
    const char *type_name;    /* the same, or of a domain's root; for messages */
    uint32_t root;            /* the type's oid, of a domain its root's */
    int32_t typmod;           /* of the column, or of the domain that sets one; -1: none */
    bool domain;
    char delimiter;           /* between elements of its arrays */
    int32_t length, scale;    /* declared; -1: none */
    struct type_use *element; /* arrays */
    const char *labels;       /* enums; the catalog's */
    const struct kc_schema
        *inner;      /* forms with a struct of their own: its schema, see types_bind */
    bool no_default; /* its defaults don't show in the schema */
    bool characters; /* see types_characters */
    bool required;   /* as an element of an array */
    bool optional;   /* its schema is, even where the column can't be null */
};

struct type_form {
    enum kc_kind kind;
    const char *name; /* semantic name; NULL: none */
    /* Kind and name say all, if NULL. One reference, still to be built on. */
    struct kc_schema *(*schema)(const struct type_use *use);
    /* Reads the server's text, which lives as long as the arena. NULL, or in a few words
     * what is wrong with it. */
    const char *(*read)(const struct type_use *use, struct kc_text text, struct kc_arena *arena,
                        struct kc_value *value);
    /* The value (as text to be read) that a schema shows when the default is a function; NULL: none. */
    const char *zero;
    /* The value that stands for a missing one in a required column; NULL: zero of its kind. */
    struct kc_value (*missing)(const struct type_use *use, struct kc_arena *arena);
    /* What stands for an unchanged TOAST value, made of the placeholder setting; NULL: null. */
    struct kc_value (*gone)(const struct type_use *use, const struct placeholder *placeholder,
                            struct kc_arena *arena);
    /* What a value may lose in this form, as the end of a sentence ("the form keeps ..."); NULL:
     * nothing. */
    const char *loses;
    bool whole_ms;  /* nothing of what has whole milliseconds */
    unsigned parts; /* of structured times: which, see forms_structured.c */
};

/* Fills *use for a column's type; a use that was filled must be cleared. */
void types_resolve(struct type_catalog *catalog, const struct pg_type_modes *modes, uint32_t oid,
                   int32_t typmod, struct type_use *use);
void types_clear(struct type_use *use);
/* A new schema of the column's values, still to be built on. */
struct kc_schema *types_schema(const struct type_use *use);
/* Tells which schema its values have, which must outlive them (it is borrowed). */
void types_bind(struct type_use *use, const struct kc_schema *schema);
struct kc_value types_missing(const struct type_use *use, struct kc_arena *arena);
struct kc_value types_gone(const struct type_use *use, const struct placeholder *placeholder,
                           struct kc_arena *arena);
/* Why values of the column may come out as less than they are, in the modes that it was resolved
 * with, or why none come at all: a sentence about it without its subject, for users ("is left out:
 * there is no Connect type for it"). NULL: nothing is lost. The text is constant. */
const char *types_loss(const struct type_use *use);

/* A type of characters, or an enum: what masks can hide. */
bool types_characters(const struct type_use *use);
/* No row speaks of the type, or of an array's elements: it is left out or comes as bytes. */
bool types_unknown(const struct type_use *use);

/* types_default.c: the value of a default expression as pg_get_expr prints it. False if the schema
 * shows none. */
bool types_default(const struct type_use *use, const char *expression, struct kc_arena *arena,
                   struct kc_value *value);

/* types_source.c: what column.propagate.source.type puts into a schema: the name that the column
 * was declared with, and the numbers that the JDBC driver gives for it. */
struct type_source {
    char name[72];         /* int4, _int4 for an array of it, a domain's own; case as declared */
    int32_t length, scale; /* -1: not said */
};
void types_source(const struct type_use *use, struct type_source *source);
/* Integers whose default takes from a sequence are named serial. expression: the default, or NULL. */
void types_source_serial(struct type_source *source, const char *expression);

/* ---- families of forms in files of their own (forms_*.c), for the table in types.c ---- */

typedef const struct type_form *type_pick(const struct pg_type_modes *modes, int32_t typmod);
type_pick forms_date, forms_time, forms_timestamp, forms_timestamptz, forms_timetz; /* forms_time.c */
type_pick forms_interval; /* forms_interval.c */
extern const struct type_form form_structured_date, form_structured_time, form_structured_timestamp,
    form_structured_timetz, form_structured_timestamptz,
    form_structured_interval; /* forms_structured.c */
type_pick forms_numeric, forms_money; /* forms_number.c */
extern const struct type_form form_bool, form_int2, form_int4, form_int8, form_float4, form_float8;
type_pick forms_bytea, forms_bit, forms_varbit, forms_unknown; /* forms_text.c */
extern const struct type_form form_text, form_json, form_xml, form_uuid, form_ltree, form_tsvector,
    form_enum;
extern const struct type_form form_array, form_int2vector, form_oidvector; /* forms_array.c */
extern const struct type_form form_geometry, form_geography, form_vector, form_halfvec,
    form_sparsevec; /* forms_extension.c */
extern const struct type_form form_point, form_line, form_lseg, form_box, form_path, form_polygon,
    form_circle;        /* forms_shape.c */
type_pick forms_hstore; /* forms_hstore.c */
/* The schema and the value of Debezium's Geometry; closed: of a path, else NULL. */
struct kc_schema *forms_geometry_schema(const struct type_use *use);
/* "\x01ff" or, of PostGIS, "01FF" to bytes; NULL or what is wrong. */
const char *forms_hex(struct kc_text digits, struct kc_arena *arena, struct kc_text *bytes);
/* Bytes in the form of binary.handling.mode; `bytes` themselves are borrowed. */
struct kc_value forms_encode(int mode, struct kc_text bytes, struct kc_arena *arena);
struct kc_value form_text_gone(const struct type_use *use, const struct placeholder *placeholder,
                               struct kc_arena *arena);

#endif
