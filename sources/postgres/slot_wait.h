/* Making a slot, which waits until every transaction of that moment has ended: the wait is told in the log,
 * with those it is for, and leaves nothing behind on the server when it is cut short.
 * Layer: source. Task thread. */
#ifndef PG_SLOT_WAIT_H
#define PG_SLOT_WAIT_H

#include "sources/postgres/link.h"

/* Runs `sql`, which makes that slot, on a replication connection. side: a connection for plain SQL, to look
 * with, and to end the command by when the task stops, or to cancel it when limit_ms (0: none) are over,
 * which gives the server's error for that with SLOT_TOO_LONG before it. */
#define SLOT_TOO_LONG "the server did not make the slot within"
struct kc_error *slot_wait_make(PGconn *conn, PGconn *side, int stop_fd, int64_t limit_ms,
                                const char *slot, const char *sql,
                                PGresult **result) KC_MUST_CHECK;

#endif
