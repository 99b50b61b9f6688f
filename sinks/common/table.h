/* A table that rows go to: its name, and its columns as the database has them. Read once and kept;
 * read again when a statement shows that it changed.
 * Layer: sinks. One thread (the task's). */
#ifndef SINKS_COMMON_TABLE_H
#define SINKS_COMMON_TABLE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

struct jdbc_table_column {
    char *name;
    char *type;       /* as the database prints it, for error texts: "character varying(10)" */
    char *cast;       /* a type name that a text can be cast to without losing anything */
    uint32_t type_id; /* the driver's number of the type, domains resolved */
    bool not_null;
    bool has_default;
    bool computed; /* the database works it out and takes no value */
    bool identity; /* the database numbers it, and takes a value only when told to */
};

struct jdbc_table {
    char *catalog, *schema; /* NULL: not named */
    char *name;
    char *full;       /* as error texts have it: schema.name */
    char *sql;        /* quoted, for statements */
    unsigned version; /* counts up each time the rest is forgotten */
    bool known;       /* the rest has been read */
    bool exists;
    const char *kind; /* "TABLE", "VIEW", "PARTITIONED TABLE", ...; static */
    struct jdbc_table_column *columns;
    size_t n_columns;
    /* Foreign keys bind it to these tables (both ways), itself perhaps: rows of such tables must be
     * written in the order they came. */
    struct jdbc_table **related;
    size_t n_related;
    bool self_related;
    int open; /* the writer's: number of the group that takes further rows; -1: none */
};

/* text is [catalog.][schema.]name, parts perhaps in double quotes (or in the dialect's quote).
 * Parts are folded to lower case where they are not quoted and `fold` is set. KC_BAD_CONFIG for an
 * empty name. */
struct kc_error *jdbc_table_new(const char *text, char quote, bool fold,
                                struct jdbc_table **table) KC_MUST_CHECK;
/* Forgets what was read of the database. */
void jdbc_table_forget(struct jdbc_table *table);
void jdbc_table_free(struct jdbc_table *table);
/* The column of that name, or the only one of it in another case; NULL if there is none. */
const struct jdbc_table_column *jdbc_table_find(const struct jdbc_table *table, const char *name);
/* Appends a name in quotes, those inside doubled. */
void jdbc_quote(struct kc_buf *buf, char quote, const char *name);

#endif
