/* Checks of the server, the session and the user. */
#include "sources/postgres/check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/amount.h"

#define CONNECTIONS 2 /* beside those that read rows side by side */

/* ---- logging in ---- */

const char *check_login_advice(const char *error)
{
    static const struct {
        const char *words, *advice;
    } known[] = {
        {"unsupported startup parameter",
         "That is pgbouncer, not PostgreSQL: it does not pass on what a session needs, nor the "
         "replication protocol. Give the server's own host and port."},
        {"replication connections are not", "That is a pooler: give the server's own host and port."},
        {"pgbouncer", "Give the server's own host and port."},
        {"no pg_hba.conf entry",
         "Add a line to pg_hba.conf for this user, database and address (logical replication needs "
         "none for \"replication\"), and run: SELECT pg_reload_conf();"},
        {"password authentication failed", "Look at database.user and database.password."},
        {"does not exist", "Look at database.dbname and database.user."},
        {"permission denied to start WAL sender", "Run as a superuser: ALTER ROLE ... REPLICATION;"},
        {"must be superuser or replication role",
         "Run as a superuser: ALTER ROLE ... REPLICATION;"},
        {"max_wal_senders", "Raise max_wal_senders and restart the server."},
        {"too many connections", "Raise the limit, or end what is not needed."},
        {"remaining connection slots", "Raise max_connections, or end what is not needed."},
        {"SSL", "Look at database.sslmode and the certificates."},
        {"Connection refused", "Look at database.hostname and database.port, and at the server's "
                               "listen_addresses."},
        {"could not translate host name", "Look at database.hostname."},
    };
    for (size_t i = 0; i < KC_COUNT(known); i++)
        if (strstr(error, known[i].words))
            return known[i].advice;
    return NULL;
}

static void check_version(struct probe *probe)
{
    const char *text = PQparameterStatus(probe->catalog.conn, "server_version");
    if (probe->version < 100000)
        probe_say(probe, KC_ERROR, "database.hostname",
                  "The server is PostgreSQL %s, which has no logical replication. Version 10 is the "
                  "least, 14 and later are tested.",
                  text);
    else
        probe_say(probe, KC_OK, "database.hostname", "Logged in to PostgreSQL %s.", text);
}

/* A pooler stands between when the process that answers is not the one that greeted. */
static void check_pooler(struct probe *probe)
{
    AUTO_RESULT *pid = probe_ask(probe, "The session", "SELECT pg_catalog.pg_backend_pid()", NULL);
    if (pid && atoi(PQgetvalue(pid, 0, 0)) != PQbackendPID(probe->catalog.conn))
        probe_say(probe, probe->streams ? KC_ERROR : KC_WARN, "database.hostname",
                  "A pooler such as pgbouncer stands between: the replication protocol does not go "
                  "through it, nor do transactions that share a snapshot. Give the server's own host "
                  "and port.");
}

/* What the login asked for (link.c) must hold, or values would be read wrongly. */
static void check_session(struct probe *probe)
{
    static const struct {
        const char *setting, *wanted;
    } session[] = {
        {"DateStyle", "ISO, MDY"},
        {"IntervalStyle", "postgres"},
        {"TimeZone", "UTC"},
        {"bytea_output", "hex"},
    };
    for (size_t i = 0; i < KC_COUNT(session); i++) {
        const char *value = probe_text(probe, session[i].setting);
        if (value && strcmp(value, session[i].wanted) != 0)
            probe_say(probe, KC_ERROR, NULL,
                      "The session has %s = %s, though the login asked for %s: a pooler drops it, or "
                      "database.initial.statements sets it. Values would be read wrongly.",
                      session[i].setting, value, session[i].wanted);
    }
}

static void check_encoding(struct probe *probe)
{
    const char *encoding = probe_text(probe, "server_encoding");
    if (encoding && strcmp(encoding, "SQL_ASCII") == 0)
        probe_say(probe, KC_WARN, NULL,
                  "The database has the encoding SQL_ASCII: its texts come as the bytes they are, "
                  "which other systems refuse where they are no UTF-8.");
}

static void check_replication_login(struct probe *probe)
{
    PGconn *conn = NULL;
    struct kc_error *err =
        link_open(probe->config, LINK_REPLICATION, probe->check->stop_fd, &conn);
    link_close(&conn);
    if (!err) {
        probe_say(probe, KC_OK, "database.user", "A login for replication works.");
        return;
    }
    char *line = kc_error_line(err);
    const char *advice = check_login_advice(line);
    probe_say(probe, KC_ERROR, "database.user", "A login for replication fails: %s%s%s", line,
              advice ? ". " : "", advice ? advice : "");
    free(line);
    kc_error_free(err);
}

/* ---- the user ---- */

static void check_replication_right(struct probe *probe)
{
    if (probe->replication)
        probe_say(probe, KC_OK, "database.user", "The user may replicate.");
    else
        probe_say(probe, KC_ERROR, "database.user",
                  "The user %s may not replicate. Run: ALTER ROLE \"%s\" REPLICATION;",
                  probe->config->user, probe->config->user);
}

static void check_connections(struct probe *probe)
{
    int threads = probe->config->snapshot_threads;
    int needed = CONNECTIONS + (probe->reads_rows && threads > 1 ? threads : 0);
    if (probe->connections >= 0 && probe->connections < needed)
        probe_say(probe, KC_ERROR, "database.user",
                  "The user %s may have %d connections at a time, but %d are needed. Run: ALTER ROLE "
                  "\"%s\" CONNECTION LIMIT %d;",
                  probe->config->user, probe->connections, needed, probe->config->user, needed + 1);
}

/* ---- the server ---- */

static void check_wal_level(struct probe *probe)
{
    const char *value = probe_text(probe, "wal_level");
    if (value && strcmp(value, "logical") == 0)
        probe_say(probe, KC_OK, NULL, "wal_level is logical.");
    else
        probe_say(
            probe, KC_ERROR, NULL,
            "wal_level is %s. Set wal_level = logical in postgresql.conf and restart the server.",
            value ? value : "not known");
}

static void check_room(struct probe *probe)
{
    static const char used_sql[] =
        "SELECT (SELECT count(*) FROM pg_catalog.pg_replication_slots), (SELECT count(*)"
        " FROM pg_catalog.pg_stat_activity WHERE backend_type = 'walsender')";
    AUTO_RESULT *room = probe_ask(probe, "Slots and senders", used_sql, NULL);
    if (!room)
        return;
    /* A slot that is there needs no place; but a snapshot beside it borrows one for a moment. */
    bool slot_is_there = PQntuples(probe->slot) > 0;
    const struct {
        const char *limit, *things;
        bool needed;
    } kinds[] = {
        {"max_replication_slots", "replication slots", !slot_is_there},
        {"max_wal_senders", "WAL senders", true},
    };
    for (int i = 0; i < (int)KC_COUNT(kinds); i++) {
        int64_t most = probe_number(probe, kinds[i].limit);
        int used = atoi(PQgetvalue(room, 0, i));
        if (most - used > 0 || !kinds[i].needed)
            probe_say(probe, KC_OK, NULL, "%d of %" PRId64 " %s are in use.", used, most,
                      kinds[i].things);
        else
            probe_say(probe, KC_ERROR, NULL,
                      "All %" PRId64 " %s are in use. Raise %s and restart the server, or drop what "
                      "is not needed any more.",
                      most, kinds[i].things, kinds[i].limit);
    }
}

static void check_standby(struct probe *probe)
{
    const char *feedback = probe_text(probe, "hot_standby_feedback");
    if (probe->version < 160000) {
        probe_say(probe, KC_ERROR, "database.hostname",
                  "The server is a standby. Before version 16 only the primary has logical "
                  "replication: give its host.");
        return;
    }
    probe_say(probe, KC_WARN, "database.hostname",
              "The server is a standby: publications, replica identities and signals must be written "
              "on the primary, and making a slot waits until the primary has run: SELECT "
              "pg_log_standby_snapshot();");
    if (feedback && strcmp(feedback, "on") != 0)
        probe_say(probe, KC_WARN, NULL,
                  "hot_standby_feedback is off on this standby: the primary may remove rows of its "
                  "catalogs that the slot needs, which invalidates it. Set hot_standby_feedback = on.");
    if (probe->config->failover)
        probe_say(probe, KC_ERROR, "slot.failover",
                  "A slot on a standby can't be a failover slot. Leave slot.failover out, or give the "
                  "primary's host.");
}

/* ---- timeouts ---- */

/* A limit of the session, where the login asked for none. */
static void check_session_timeouts(struct probe *probe)
{
    static const struct {
        const char *setting, *what;
    } timeouts[] = {
        {"idle_in_transaction_session_timeout", "ends the session that reads a snapshot"},
        {"transaction_timeout", "ends a snapshot that takes longer"},
        {"idle_session_timeout", "ends sessions that have nothing to do for so long"},
    };
    for (size_t i = 0; i < KC_COUNT(timeouts); i++) {
        int64_t ms = probe_number(probe, timeouts[i].setting);
        if (ms > 0)
            probe_say(probe, KC_WARN, "database.user",
                      "%s is %s for this user: it %s. Run: ALTER ROLE \"%s\" SET %s = 0;",
                      timeouts[i].setting, kc_time_text(ms).text, timeouts[i].what,
                      probe->config->user, timeouts[i].setting);
    }
}

static void check_statement_timeout(struct probe *probe)
{
    int64_t ms = probe_number(probe, "statement_timeout");
    if (ms >= 0 && ms != probe->config->query_timeout_ms)
        probe_say(probe, KC_WARN, "database.query.timeout.ms",
                  "The session has statement_timeout = %" PRId64 " ms, though the login asked for %d "
                  "ms: a pooler drops it, or database.initial.statements sets it.",
                  ms, probe->config->query_timeout_ms);
}

static void check_sender_timeout(struct probe *probe)
{
    int64_t ms = probe_number(probe, "wal_sender_timeout"), ours = probe->config->status_ms;
    if (ms <= 0 || 2 * ours <= ms)
        return;
    probe_say(probe, ours >= ms ? KC_ERROR : KC_WARN, "status.update.interval.ms",
              "The server ends a stream that it hears nothing of for %s (wal_sender_timeout), and a "
              "sign of life goes out every %s. Set status.update.interval.ms to %" PRId64 " or less.",
              kc_time_text(ms).text, kc_time_text(ours).text, ms / 3);
}

/* ---- how long the slot is kept ---- */

static void check_keep_size(struct probe *probe)
{
    int64_t keep = probe_number(probe, "max_slot_wal_keep_size"); /* both in MB */
    int64_t max = probe_number(probe, "max_wal_size");
    if (keep < 0)
        probe_say(probe, KC_OK, NULL,
                  "max_slot_wal_keep_size is -1: while the connector is stopped, the server keeps WAL "
                  "for its slot until the disk is full.");
    else if (keep < max)
        probe_say(probe, KC_WARN, NULL,
                  "max_slot_wal_keep_size is %s, less than max_wal_size: the server gives the slot up "
                  "soon after the connector stops or falls behind, and a new snapshot is needed then. "
                  "Raise it to what the disk can hold: ALTER SYSTEM SET max_slot_wal_keep_size = '...';",
                  kc_bytes_text(keep << 20).text);
    else
        probe_say(probe, KC_OK, NULL,
                  "The server gives the slot up once it holds back %s of WAL (max_slot_wal_keep_size).",
                  kc_bytes_text(keep << 20).text);
}

static void check_idle_slot(struct probe *probe)
{
    int64_t seconds = probe_number(probe, "idle_replication_slot_timeout");
    if (seconds > 0)
        probe_say(probe, KC_WARN, NULL,
                  "idle_replication_slot_timeout is %s: the server gives the slot up when the "
                  "connector is stopped for so long, and a new snapshot is needed then.",
                  kc_time_text(seconds * 1000).text);
}

/* ---- fail-over ---- */

static int count_standbys(struct probe *probe)
{
    AUTO_RESULT *result =
        probe_ask(probe, "The standbys",
                  "SELECT count(*) FROM pg_catalog.pg_stat_replication r WHERE NOT EXISTS (SELECT"
                  " FROM pg_catalog.pg_replication_slots s WHERE s.active_pid = r.pid"
                  " AND s.slot_type = 'logical')",
                  NULL);
    return result ? atoi(PQgetvalue(result, 0, 0)) : 0;
}

static void check_failover_slot(struct probe *probe, int standbys)
{
    const char *named = probe_text(probe, "synchronized_standby_slots");
    if (PQntuples(probe->slot) && strcmp(PQgetvalue(probe->slot, 0, SLOT_FAILOVER), "true") != 0)
        probe_say(probe, KC_WARN, "slot.failover",
                  "Slot \"%s\" was made without FAILOVER. Run, while the connector is stopped: psql "
                  "'dbname=%s replication=database' -c 'ALTER_REPLICATION_SLOT \"%s\" (FAILOVER true)'",
                  probe->config->slot, probe->config->dbname, probe->config->slot);
    if (standbys && named && !*named)
        probe_say(probe, KC_WARN, "slot.failover",
                  "synchronized_standby_slots is empty: a standby that lags behind the stream would go "
                  "on from an older state after a fail-over. Name its physical slot there, and set "
                  "sync_replication_slots = on, hot_standby_feedback = on and a dbname in "
                  "primary_conninfo on the standby.");
    else
        probe_say(probe, KC_OK, "slot.failover",
                  "The slot survives a fail-over to a standby that has sync_replication_slots = on, "
                  "hot_standby_feedback = on and a dbname in primary_conninfo.");
}

static void check_failover(struct probe *probe)
{
    int standbys = count_standbys(probe);
    if (probe->config->failover && probe->version >= 170000)
        check_failover_slot(probe, standbys);
    else if (probe->config->failover)
        probe_say(probe, KC_WARN, "slot.failover",
                  "slot.failover has no effect before version 17: after a fail-over the slot is gone, "
                  "and what the connector had not read with it.");
    else if (standbys && probe->version >= 170000)
        probe_say(probe, KC_OK, "slot.failover",
                  "The server has %d standby%s. slot.failover=true would make a slot that survives a "
                  "fail-over.",
                  standbys, standbys == 1 ? "" : "s");
}

const struct check_row check_server_rows[] = {
    {"The version", 0, 0, check_version},
    {"The pooler", 0, 0, check_pooler},
    {"The session", 0, 0, check_session},
    {"The encoding", 0, 0, check_encoding},
    {"wal_level", STREAM, 0, check_wal_level},
    {"The right to replicate", STREAM, 0, check_replication_right},
    {"The login for replication", STREAM, 0, check_replication_login},
    {"The connections", 0, 0, check_connections},
    {"Slots and senders", STREAM, 0, check_room},
    {"The standby", STREAM | STANDBY, 0, check_standby},
    {"Timeouts of sessions", 0, 0, check_session_timeouts},
    {"statement_timeout", 0, 0, check_statement_timeout},
    {"wal_sender_timeout", STREAM, 0, check_sender_timeout},
    {"max_slot_wal_keep_size", STREAM, 130000, check_keep_size},
    {"idle_replication_slot_timeout", STREAM, 180000, check_idle_slot},
    {"Fail-over", STREAM | PRIMARY, 0, check_failover},
    {.look = NULL},
};
