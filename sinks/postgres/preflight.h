/* What `penstock check` asks a PostgreSQL that is to be written to.
 * Layer: sinks. One thread uses a connection. */
#ifndef SINKS_POSTGRES_PREFLIGHT_H
#define SINKS_POSTGRES_PREFLIGHT_H

#include "sinks/common/driver.h"

/* The driver's operations of these names. */
void pg_check_server(struct jdbc_conn *conn, struct kc_findings *findings);
void pg_check_table(struct jdbc_conn *conn, const struct jdbc_table *table, const char *const *keys,
                    size_t n_keys, struct kc_findings *findings);

#endif
