/* What the database's catalogs say: tables, columns, types, slots, publications.
 * Layer: source. One thread owns a catalog and its connection. */
#ifndef PG_CATALOG_H
#define PG_CATALOG_H

#include "base/map.h"
#include "sources/postgres/link.h"
#include "sources/postgres/types.h"

struct catalog {
    struct type_catalog types; /* first: see types_resolve */
    const struct pg_config *config;
    PGconn *conn;
    int stop_fd;
    struct kc_map known;     /* type_info by oid as text */
    struct kc_map said;      /* what the log was told, see catalog_first */
    struct kc_error *failed; /* of the last look-up of a type */
};

/* Logs in; the catalog zeroed before. */
struct kc_error *catalog_open(struct catalog *catalog, const struct pg_config *config,
                              int stop_fd) KC_MUST_CHECK;
/* database.initial.statements, the first words of any connection for SQL. */
struct kc_error *catalog_greet(const struct pg_config *config, PGconn *conn,
                               int stop_fd) KC_MUST_CHECK;
void catalog_close(struct catalog *catalog);
/* Forgets the types looked up: after DDL they may be others. */
void catalog_forget(struct catalog *catalog);
/* Is it the first time that this is asked of that text? For what the log is to say but once. */
bool catalog_first(struct catalog *catalog, const char *text);
/* The error of type look-ups since the last call, or NULL. */
struct kc_error *catalog_failure(struct catalog *catalog) KC_MUST_CHECK;

/* Columns of a table that exist now, in order: name, type oid, typmod, required, default
 * expression, generated ('s', else empty), dimensions of an array as declared. Empty if the table is
 * gone. */
enum {
    COLUMN_NAME,
    COLUMN_TYPE,
    COLUMN_TYPMOD,
    COLUMN_REQUIRED,
    COLUMN_DEFAULT,
    COLUMN_GENERATED,
    COLUMN_DIMENSIONS,
};
struct kc_error *catalog_columns(struct catalog *catalog, uint32_t table,
                                 PGresult **columns) KC_MUST_CHECK;
/* Names of the columns of its primary key, else of the first unique index (by name) over
 * plain columns; no rows: none. */
struct kc_error *catalog_key(struct catalog *catalog, uint32_t table, PGresult **key) KC_MUST_CHECK;
/* Every table a publication could hold, in order of schema and name: oid, schema, name, kind ('r'
 * or 'p'), is a partition, rows by estimate. */
enum { TABLE_OID, TABLE_SCHEMA, TABLE_NAME, TABLE_KIND, TABLE_IS_PARTITION, TABLE_ROWS };
struct kc_error *catalog_tables(struct catalog *catalog, PGresult **tables) KC_MUST_CHECK;

struct catalog_slot {
    bool exists, active;
    char plugin[64], database[64];
    uint64_t restart_lsn, confirmed_lsn;
    int64_t xmin; /* the catalog's; 0: none */
};
struct kc_error *catalog_slot(struct catalog *catalog, struct catalog_slot *slot) KC_MUST_CHECK;

#endif
