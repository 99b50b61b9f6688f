/* The statements: each writes many rows, which come as one array for each column (UNNEST).
 * Layer: sinks. One thread uses a connection. */
#ifndef SINKS_POSTGRES_UNNEST_H
#define SINKS_POSTGRES_UNNEST_H

#include "sinks/postgres/bind.h"
#include "sinks/postgres/connect.h"

/* What the driver keeps with a layout (layout->compiled). */
struct unnest {
    size_t n; /* parameters, one for each column */
    struct pg_bind *binds;
    Oid *types;
    char *sql;
};

/* The driver's operation of this name. */
struct kc_error *pg_compile(struct jdbc_conn *conn, struct jdbc_layout *layout) KC_MUST_CHECK;

#endif
