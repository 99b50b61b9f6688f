/* A table as pgoutput or the catalog describes it, with all that is needed to read its
 * rows: which columns are captured, how each is read, where it goes in key and value.
 * Layer: source. Task thread. */
#ifndef PG_RELATION_H
#define PG_RELATION_H

#include "sources/common/table.h"
#include "sources/common/topic_strategy.h"
#include "sources/postgres/captures.h"
#include "sources/postgres/catalog.h"
#include "sources/postgres/pgoutput.h"

struct relation_column {
    char *name;
    struct type_use use;
    int value_field, key_field; /* -1: not there */
    bool required;
    bool generated; /* as the catalog says; the stream has no such columns */
    bool primary;                /* of the primary key, or what stands for it */
    unsigned reselects;          /* post processors that may read it again, as bits */
    const struct mapper *mapper; /* of its value; NULL: none */
    int32_t source_length;       /* for the mapper, see types_source */
    bool copied;                 /* a snapshot's SELECT gives it */
    struct kc_value fallback;    /* what stands for a missing value of a required column */
};

struct relation {
    int refs; /* beyond the first */
    uint32_t oid;
    bool captured; /* false: nothing below but the oid and the names is set */
    bool signals;  /* its rows are signals */
    char *schema, *name;
    struct table *table;
    struct relation_column *columns; /* as they stand in tuples */
    size_t n_columns;
    uint32_t n_key;            /* of its columns; a naming strategy may add one more field */
    struct kc_value key_extra; /* that field's; KC_NULL: none */
};

struct relation_maker {
    struct catalog *catalog;
    const struct captures *captures;
    const struct pg_config *config;
    const struct topic_strategy *topics;
    const struct kc_schema *source_schema;
    struct placeholder placeholder;
    /* For snapshots. */
    struct notifications *notifications;    /* NULL: nobody is told */
    const struct snapshot_request *request; /* whose tables and queries count; NULL: the settings' */
};
/* The naming strategy of the settings; see topic_strategy_init. */
struct kc_error *relation_topics(const struct pg_config *config,
                                 struct topic_strategy *topics) KC_MUST_CHECK;

/* From a RELATION message: its columns, completed by what the catalog knows now. */
struct kc_error *relation_from_stream(const struct relation_maker *maker,
                                      const struct pgoutput_change *message,
                                      const struct pgoutput_column *columns, size_t n_columns,
                                      struct relation **relation) KC_MUST_CHECK;
/* From the catalog alone: all columns that the table has. */
struct kc_error *relation_from_catalog(const struct relation_maker *maker, uint32_t oid,
                                       const char *schema, const char *name,
                                       struct relation **relation) KC_MUST_CHECK;
struct relation *relation_ref(struct relation *relation);
/* Drops one reference; NULL is fine. */
void relation_free(struct relation *relation);

/* ---- row.c ---- */

/* A line of COPY of the columns that are copied, cut in place into cells for all columns (null for
 * those that were not asked for). KC_FATAL if it has another number of columns. */
struct kc_error *relation_split(const struct relation *relation, char *line, size_t len,
                                struct pgoutput_tuple *tuple) KC_MUST_CHECK;
/* Rows: cells in the order of the columns; texts live as long as the arena. `old` (may be NULL)
 * gives unchanged values. *key is KC_NULL where the table has none. */
struct kc_error *relation_read(const struct relation *relation, const struct relation_maker *maker,
                               const struct pgoutput_tuple *tuple, const struct pgoutput_tuple *old,
                               struct kc_arena *arena, struct kc_value *value,
                               struct kc_value *key) KC_MUST_CHECK;
/* The same for a line of COPY, which is copied into the arena first; `cells` is scratch that is
 * kept from row to row. */
struct kc_error *relation_read_line(const struct relation *relation,
                                    const struct relation_maker *maker, struct kc_text line,
                                    struct pgoutput_tuple *cells, struct kc_arena *arena,
                                    struct kc_value *value, struct kc_value *key) KC_MUST_CHECK;

#endif
