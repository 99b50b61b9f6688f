#include "sources/postgres/slot_watch.h"

#include <stdlib.h>

#include "base/amount.h"
#include "base/clock.h"
#include "base/log.h"

#define INTERVAL_MS 2000

/* to_jsonb: servers before 13 lack the last columns. */
static const char watch_sql[] =
    "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()"
    " ELSE pg_catalog.pg_current_wal_lsn() END, s.slot_name, s.restart_lsn, s.confirmed_flush_lsn,"
    " to_jsonb(s) ->> 'wal_status', to_jsonb(s) ->> 'safe_wal_size',"
    " pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_slot_wal_keep_size', true))"
    " FROM (VALUES (1)) one LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = ";
enum { WATCH_END, WATCH_SLOT, WATCH_RESTART, WATCH_CONFIRMED, WATCH_STATUS, WATCH_SAFE, WATCH_KEEP };

/* ---- the warning ---- */

static void warn(const struct slot_watch *watch, const char *slot, enum slot_danger danger)
{
    static const char let_catch_up[] =
        "See whether the connector keeps up (penstock status), and mind the server's disk.";
    static const char raise[] = "Raise it now: ALTER SYSTEM SET max_slot_wal_keep_size = '...'; SELECT "
                                "pg_reload_conf(); and see why the connector does not keep up.";
    const struct kc_amount held = kc_bytes_text(lag_bytes(watch->restart, watch->end));
    const struct kc_amount keep = kc_bytes_text(watch->keep);
    char *text = NULL;

    switch (danger) {
    case SLOT_PILES_UP:
        text = watch->keep > 0 ? kc_printf("holds back %s of WAL, more than max_wal_size; at %s the "
                                           "server gives it up (max_slot_wal_keep_size). %s",
                                           held.text, keep.text, let_catch_up)
                               : kc_printf("holds back %s of WAL, more than max_wal_size, and nothing "
                                           "limits it (max_slot_wal_keep_size is -1). %s",
                                           held.text, let_catch_up);
        break;
    case SLOT_NEAR:
        text = kc_printf("holds back %s of WAL; %s more, and the server gives it up "
                         "(max_slot_wal_keep_size is %s). %s",
                         held.text, kc_bytes_text(watch->safe).text, keep.text, raise);
        break;
    case SLOT_AT_RISK:
        text = kc_printf("holds back more WAL than max_slot_wal_keep_size (%s): the server may give it "
                         "up at its next checkpoint. %s",
                         keep.text, raise);
        break;
    case SLOT_GONE:
        text = kc_printf("is lost: the server has removed WAL that it needs. Changes are missing from "
                         "here on: drop it, remove the connector's offsets, and let it take a snapshot. "
                         "Raise max_slot_wal_keep_size before that.");
        break;
    case SLOT_FINE:
        return;
    }
    kc_log_warn("postgres", "Slot \"%s\" %s", slot, text);
    free(text);
}

/* ---- asking ---- */

static void complain(struct slot_watch *watch, const char *text)
{
    if (!watch->complained)
        kc_log_warn("postgres", "The lag is not known, for the server did not say: %s", text);
    watch->complained = true;
}

static int64_t number(const PGresult *result, int column)
{
    const char *text = link_text(result, 0, column);
    return text ? strtoll(text, NULL, 10) : -1;
}

static bool take(struct slot_watch *watch, const char *slot)
{
    const PGresult *answer = watch->answer;
    if (PQresultStatus(answer) != PGRES_TUPLES_OK || PQntuples(answer) != 1) {
        complain(watch, PQresultErrorMessage(answer));
        return false;
    }
    watch->complained = false;
    watch->known = true;
    watch->end = link_lsn(link_text(answer, 0, WATCH_END));
    watch->exists = link_text(answer, 0, WATCH_SLOT) != NULL;
    watch->restart = link_lsn(link_text(answer, 0, WATCH_RESTART));
    watch->confirmed = link_lsn(link_text(answer, 0, WATCH_CONFIRMED));
    watch->health = slot_health_of(link_text(answer, 0, WATCH_STATUS));
    watch->safe = number(answer, WATCH_SAFE);
    watch->keep = number(answer, WATCH_KEEP);
    enum slot_danger danger = slot_danger_of(watch->health, watch->safe, watch->keep);
    if (slot_alarm_rings(&watch->alarm, danger, kc_monotonic_ms()))
        warn(watch, slot, danger);
    return true;
}

static bool is_free(const PGconn *conn)
{
    PGTransactionStatusType status = PQtransactionStatus(conn);
    return status == PQTRANS_IDLE || status == PQTRANS_INTRANS;
}

/* A replication connection takes no parameters. */
static void ask(struct slot_watch *watch, PGconn *conn, const char *slot)
{
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, watch_sql);
    link_put_literal(&sql, slot);
    watch->due = kc_monotonic_ms() + INTERVAL_MS;
    if (PQsendQuery(conn, sql.data) && PQflush(conn) >= 0)
        watch->asked = conn;
    else
        complain(watch, PQerrorMessage(conn));
}

/* Is the answer whole? Others that use the connection may have thrown it away before. */
static bool arrived(struct slot_watch *watch, PGconn *conn)
{
    while (PQtransactionStatus(conn) == PQTRANS_ACTIVE) {
        if (PQflush(conn) < 0 || !PQconsumeInput(conn))
            return true;
        if (PQisBusy(conn))
            return false;
        PGresult *result = PQgetResult(conn);
        if (!result)
            break;
        ExecStatusType status = PQresultStatus(result);
        PQclear(watch->answer);
        watch->answer = result;
        /* It streams or copies by now: such a result comes for ever. */
        if (status == PGRES_COPY_BOTH || status == PGRES_COPY_OUT) {
            PQclear(watch->answer);
            watch->answer = NULL;
            break;
        }
    }
    return true;
}

void slot_watch_stop(struct slot_watch *watch)
{
    PQclear(watch->answer);
    watch->answer = NULL;
    watch->asked = NULL;
}

bool slot_watch_serve(struct slot_watch *watch, PGconn *const conns[2], const char *slot)
{
    bool got = false;
    if (watch->asked) {
        if (!arrived(watch, watch->asked))
            return false;
        got = watch->answer && take(watch, slot);
        slot_watch_stop(watch);
    }
    if (kc_monotonic_ms() < watch->due)
        return got;
    for (int i = 0; i < 2 && !watch->asked; i++)
        if (conns[i] && is_free(conns[i]))
            ask(watch, conns[i], slot);
    return got;
}
