/* Connections of the PostgreSQL driver: from JDBC parameters to libpq's, and no wait that a stop
 * does not end. Layer: sinks. One thread uses a connection. */
#ifndef SINKS_POSTGRES_CONNECT_H
#define SINKS_POSTGRES_CONNECT_H

#include <libpq-fe.h>

#include "sinks/common/driver.h"

struct pg_conn {
    struct jdbc_conn base;
    PGconn *pg;
    int timeout_ms;   /* socketTimeout; -1: none */
    int64_t give_up;  /* once a stop was seen: when to stop waiting, monotonic ms; else 0 */
    char column[256]; /* that the last failed result named, or "" */
};

/* The driver's operations of these names. */
void pg_check_target(const struct jdbc_target *target, struct kc_findings *findings);
struct kc_error *pg_connect(const struct jdbc_target *target, const struct jdbc_settings *settings,
                            int stop_fd, struct jdbc_conn **conn) KC_MUST_CHECK;
void pg_disconnect(struct jdbc_conn *conn);

/* Sends what libpq holds back; reads what comes meanwhile. KC_RETRY (and base.broken) when the
 * connection is lost, KC_STOPPED a moment after the stop. */
struct kc_error *pg_flush(struct pg_conn *conn) KC_MUST_CHECK;
/* The next result, as PQgetResult. *result NULL: this statement has no more. */
struct kc_error *pg_result(struct pg_conn *conn, PGresult **result) KC_MUST_CHECK;
/* Says why libpq can't go on; sets base.broken. */
struct kc_error *pg_lost(struct pg_conn *conn) KC_MUST_CHECK;
/* One statement with text parameters outside of a pipeline; *result may be NULL. An error of the
 * server is returned as pg_fault says. */
struct kc_error *pg_query(struct pg_conn *conn, const char *sql, int n_params,
                          const char *const *values, PGresult **result) KC_MUST_CHECK;
/* What a failed result means: the class by its SQLSTATE, the text by its fields. Sets base.stale
 * and base.broken. */
struct kc_error *pg_fault(struct pg_conn *conn, const PGresult *result) KC_MUST_CHECK;

#endif
