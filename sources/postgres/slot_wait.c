#include "sources/postgres/slot_wait.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"

#define LOOK_MS  2000  /* between two looks at what it waits for */
#define AGAIN_MS 60000 /* the same is told again */
#define END_MS   1000  /* what ending the command may take */

/* Whose end the backend $1 waits for: a session's transaction, or one that was prepared. */
static const char wait_sql[] =
    "SELECT CASE WHEN x.gid IS NOT NULL THEN pg_catalog.format('the prepared transaction %L of %s in"
    " database %s, prepared %s: end it (COMMIT PREPARED or ROLLBACK PREPARED)', x.gid, x.owner,"
    " x.database, pg_catalog.date_trunc('second', x.prepared))"
    " WHEN a.pid IS NOT NULL THEN pg_catalog.format('the transaction of process %s (user %s,"
    " application %s, from %s, database %s), which is %s and began %s', a.pid, a.usename,"
    " coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(host(a.client_addr),"
    " 'the server itself'), a.datname, a.state, pg_catalog.date_trunc('second', a.xact_start))"
    " ELSE pg_catalog.format('transaction %s', l.transactionid) END"
    " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_locks h ON h.locktype = 'transactionid'"
    " AND h.transactionid = l.transactionid AND h.granted AND h.pid IS NOT NULL"
    " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid"
    " LEFT JOIN pg_catalog.pg_prepared_xacts x ON x.transaction = l.transactionid"
    " WHERE l.pid = $1::int AND l.locktype = 'transactionid' AND NOT l.granted"
    " UNION ALL SELECT 'the primary to tell its running transactions: run SELECT"
    " pg_log_standby_snapshot() there (PostgreSQL 16)' WHERE pg_catalog.pg_is_in_recovery() LIMIT 1";

struct waiting {
    PGconn *side;
    const char *slot;
    char pid[16]; /* of the backend that makes the slot */
    int64_t next_look, told_at;
    char *told;
};

static void look(struct waiting *waiting, int stop_fd)
{
    AUTO_RESULT *result = NULL;
    int64_t now = kc_monotonic_ms();
    if (!waiting->side || now < waiting->next_look)
        return;
    waiting->next_look = now + LOOK_MS;
    struct kc_error *err =
        link_ask(waiting->side, stop_fd, &result, wait_sql, waiting->pid, NULL);
    bool known = !err && PQntuples(result) > 0;
    kc_error_free(err);
    if (!known)
        return;
    const char *text = PQgetvalue(result, 0, 0);
    bool same = waiting->told && strcmp(text, waiting->told) == 0;
    if (same && now < waiting->told_at + AGAIN_MS)
        return;
    kc_log_info("postgres", "Making slot \"%s\" waits for %s", waiting->slot, text);
    free(waiting->told);
    waiting->told = kc_strdup(text);
    waiting->told_at = now;
}

/* Tells the backend to give up; what comes of it, its own connection tells. */
static void signal_backend(struct waiting *waiting, const char *function)
{
    PGresult *result = NULL;
    char sql[64];
    snprintf(sql, sizeof(sql), "SELECT pg_catalog.%s(%s)", function, waiting->pid);
    struct kc_error *err = link_settle(waiting->side, -1);
    if (!err)
        err = link_send(waiting->side, sql);
    int64_t until = kc_monotonic_ms() + END_MS;
    bool done = false;
    while (!err && !done && kc_monotonic_ms() < until) {
        kc_wait_fd(PQsocket(waiting->side), false, -1, 50);
        err = link_receive(waiting->side, &result, &done);
    }
    PQclear(result);
    kc_error_free(err);
}

struct kc_error *slot_wait_make(PGconn *conn, PGconn *side, int stop_fd, int64_t limit_ms,
                                const char *slot, const char *sql, PGresult **result)
{
    int64_t now = kc_monotonic_ms(), until = limit_ms > 0 ? now + limit_ms : INT64_MAX;
    struct waiting waiting = {.side = side, .slot = slot, .next_look = now + LOOK_MS};
    snprintf(waiting.pid, sizeof(waiting.pid), "%d", PQbackendPID(conn));
    struct kc_error *err = link_send(conn, sql);
    for (bool done = false; !err && !done;) {
        enum kc_wait got = kc_wait_fd(PQsocket(conn), false, stop_fd, 200);
        if (got == KC_WAIT_READY) {
            err = link_receive(conn, result, &done);
        } else if (got == KC_WAIT_STOP) {
            /* A command whose client goes away works on, and would leave the slot behind. */
            signal_backend(&waiting, "pg_terminate_backend");
            err = kc_fail(KC_STOPPED, "stopped while making slot %s", slot);
        } else if (kc_monotonic_ms() >= until) {
            signal_backend(&waiting, "pg_cancel_backend");
            until = INT64_MAX;
        } else {
            look(&waiting, stop_fd);
        }
    }
    free(waiting.told);
    bool too_long = limit_ms > 0 && until == INT64_MAX;
    return err && too_long ? kc_while(err, SLOT_TOO_LONG " %lld ms", (long long)limit_ms) : err;
}
