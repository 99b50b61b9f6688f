/* A connection to a PostgreSQL server: libpq without its blocking calls, so that
 * every wait ends when the task must stop, and its errors sorted into ours.
 * Layer: source. One thread owns a connection. */
#ifndef PG_LINK_H
#define PG_LINK_H

#include <libpq-fe.h>

#include "base/error.h"
#include "sources/postgres/config.h"

/* What a connection is for: plain SQL, or the replication protocol (which takes SQL too). */
enum link_kind { LINK_SQL, LINK_REPLICATION };

#define AUTO_RESULT __attribute__((cleanup(link_result_clear))) PGresult

/* Logs in. Text output of values is
 * fixed for both kinds (ISO dates, UTC, hexadecimal bytea, shortest floats), so that a value reads
 * the same in snapshot and stream. KC_STOPPED, KC_RETRY (server away), KC_FATAL (login refused). */
struct kc_error *link_open(const struct pg_config *config, enum link_kind kind, int stop_fd,
                           PGconn **conn) KC_MUST_CHECK;
/* NULL is fine; *conn becomes NULL. */
void link_close(PGconn **conn);

/* Runs SQL (one or several statements) and gives the last result, which the caller clears;
 * result may be NULL. A result that is COPY is given at once. */
struct kc_error *link_query(PGconn *conn, int stop_fd, const char *sql,
                            PGresult **result) KC_MUST_CHECK;
/* The same with up to 8 text parameters, ended by NULL. */
struct kc_error *link_ask(PGconn *conn, int stop_fd, PGresult **result, const char *sql,
                          ...) KC_MUST_CHECK __attribute__((sentinel));
/* A question that somebody else asked and does not wait for (slot_watch.h) goes first, its answer is
 * dropped: link_query and link_ask see to it themselves. */
struct kc_error *link_settle(PGconn *conn, int stop_fd) KC_MUST_CHECK;
/* The same in two steps that never wait. Sends SQL; then link_receive is called, whenever the socket
 * is readable, until *done. It keeps what came so far in *result, NULL at first, which the caller
 * clears in any case. A result that is COPY is given at once. */
struct kc_error *link_send(PGconn *conn, const char *sql) KC_MUST_CHECK;
struct kc_error *link_receive(PGconn *conn, PGresult **result, bool *done) KC_MUST_CHECK;
/* After COPY: the results that are left; the error among them, if there is one. */
struct kc_error *link_finish(PGconn *conn, int stop_fd) KC_MUST_CHECK;
/* An error of this connection, classed by its SQLSTATE: `state` may be NULL (no result). */
struct kc_error *link_error(const PGconn *conn, const PGresult *result) KC_MUST_CHECK;
/* "X/Y" as a number; 0 for text that is none. */
uint64_t link_lsn(const char *text);

void link_result_clear(PGresult **result);
/* Text of a field, NULL for SQL's null. */
const char *link_text(const PGresult *result, int row, int column);
bool link_true(const PGresult *result, int row, int column);
/* Quotes for SQL, appended. */
void link_put_identifier(struct kc_buf *sql, const char *name);
void link_put_literal(struct kc_buf *sql, const char *text);

#endif
