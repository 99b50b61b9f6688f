/* Rows into tables: each group is one statement over arrays (UNNEST), all groups of a transaction go down
 * in one pipeline.
 * Layer: sinks. One thread uses a connection. */
#ifndef SINKS_POSTGRES_UNNEST_H
#define SINKS_POSTGRES_UNNEST_H

#include "sinks/postgres/connect.h"

/* The driver's operations of these names. */
struct kc_error *pg_compile(struct jdbc_conn *conn, struct jdbc_layout *layout) KC_MUST_CHECK;
struct kc_error *pg_write(struct jdbc_conn *conn, const struct jdbc_group *groups,
                          size_t count) KC_MUST_CHECK;

#endif
