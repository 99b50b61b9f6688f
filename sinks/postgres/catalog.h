/* What PostgreSQL's catalog says of a table.
 * Layer: sinks. One thread uses a connection. */
#ifndef SINKS_POSTGRES_CATALOG_H
#define SINKS_POSTGRES_CATALOG_H

#include "sinks/postgres/connect.h"

/* The driver's operations of these names. */
struct kc_error *pg_describe(struct jdbc_conn *conn, struct jdbc_table *table,
                             struct kc_list *related) KC_MUST_CHECK;
struct kc_error *pg_run(struct jdbc_conn *conn, const char *sql) KC_MUST_CHECK;

#endif
