#include "sinks/postgres/connect.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "sinks/postgres/params.h"

#define GRACE_MS 400 /* what is under way may end within this once a stop is seen */

/* ---- waiting ---- */

/* libpq's own words, on one line. */
static void pg_message(const struct pg_conn *conn, struct kc_buf *text)
{
    for (const char *c = PQerrorMessage(conn->pg); *c; c++)
        if (*c != '\n' && *c != '\t')
            kc_buf_char(text, *c);
        else if (text->len && text->data[text->len - 1] != ' ')
            kc_buf_char(text, ' ');
    while (text->len && text->data[text->len - 1] == ' ')
        text->data[--text->len] = '\0';
}

struct kc_error *pg_lost(struct pg_conn *conn)
{
    KC_AUTO_BUF text = KC_BUF(4096);

    pg_message(conn, &text);
    conn->base.broken = true;
    return kc_fail(KC_RETRY, "the connection to PostgreSQL was lost: %s",
                   text.len ? text.data : "");
}

static void *pg_cancel_run(void *arg)
{
    char text[256];

    PQcancel(arg, text, sizeof(text));
    PQfreeCancel(arg);
    return NULL;
}

/* The server may hang, and libpq's cancel waits for it: a thread of its own does, and is forgotten.
 */
static void pg_cancel(struct pg_conn *conn)
{
    PGcancel *cancel = PQgetCancel(conn->pg);
    pthread_t thread;

    if (!cancel)
        return;
    kc_thread_start(&thread, "pg-cancel", pg_cancel_run, cancel);
    pthread_detach(thread);
}

/* Until the socket can be used or it is time to give up. */
static struct kc_error *pg_wait(struct pg_conn *conn, bool for_write, int64_t deadline)
{
    for (;;) {
        int64_t now = kc_monotonic_ms(), until = conn->give_up ? conn->give_up : deadline;
        int left = until ? (until > now ? (int)(until - now) : 0) : -1;
        enum kc_wait end = kc_wait_fd(PQsocket(conn->pg), for_write,
                                      conn->give_up ? -1 : conn->base.stop_fd, left);
        if (end == KC_WAIT_READY)
            return NULL;
        if (end == KC_WAIT_STOP) {
            conn->give_up = kc_monotonic_ms() + GRACE_MS;
            continue;
        }
        conn->base.broken = true;
        if (conn->give_up) {
            pg_cancel(conn);
            return kc_fail(KC_STOPPED, "the task is stopping");
        }
        return kc_fail(KC_RETRY, "PostgreSQL did not answer in time");
    }
}

static int64_t pg_deadline(const struct pg_conn *conn)
{
    return conn->timeout_ms >= 0 ? kc_monotonic_ms() + conn->timeout_ms : 0;
}

struct kc_error *pg_flush(struct pg_conn *conn)
{
    int64_t deadline = pg_deadline(conn);

    for (;;) {
        int left = PQflush(conn->pg);
        if (left < 0)
            return pg_lost(conn);
        if (left == 0)
            return NULL;
        /* The server may wait for us to read before it reads on. */
        if (!PQconsumeInput(conn->pg))
            return pg_lost(conn);
        struct kc_error *err = pg_wait(conn, true, deadline);
        if (err)
            return err;
    }
}

struct kc_error *pg_result(struct pg_conn *conn, PGresult **result)
{
    int64_t deadline = pg_deadline(conn);

    while (PQisBusy(conn->pg)) {
        struct kc_error *err = pg_wait(conn, false, deadline);
        if (err)
            return err;
        if (!PQconsumeInput(conn->pg))
            return pg_lost(conn);
    }
    *result = PQgetResult(conn->pg);
    if (*result && PQresultStatus(*result) == PGRES_FATAL_ERROR &&
        PQstatus(conn->pg) == CONNECTION_BAD) {
        struct kc_error *err = pg_fault(conn, *result);
        PQclear(*result);
        *result = NULL;
        return err;
    }
    return NULL;
}

/* ---- errors of the server ---- */

/* By SQLSTATE, or its class (two letters); the longest match counts. */
static const struct {
    const char *state;
    enum kc_fault fault;
    bool stale;
} pg_states[] = {
    { "08", KC_RETRY, false },       /* connection */
    { "40", KC_RETRY, false },       /* deadlock, serialization */
    { "53", KC_RETRY, false },       /* disk full, out of memory, too many connections */
    { "57P", KC_RETRY, false },      /* shutdown, crash, starting up */
    { "57014", KC_RETRY, false },    /* cancelled: statement_timeout */
    { "55P03", KC_RETRY, false },    /* lock_timeout */
    { "55006", KC_RETRY, false },    /* object in use */
    { "25006", KC_RETRY, false },    /* read only: a standby that is being promoted */
    { "58", KC_RETRY, false },       /* I/O of the server */
    { "22", KC_BAD_DATA, false },    /* a value */
    { "23", KC_BAD_DATA, false },    /* a constraint */
    { "21", KC_BAD_DATA, false },    /* a key twice, by the database's notion of equal */
    { "44", KC_BAD_DATA, false },    /* check option of a view */
    { "P0001", KC_BAD_DATA, false }, /* raised by a trigger */
    { "54", KC_BAD_DATA, false },    /* too large */
    { "2200", KC_BAD_DATA, false },  { "42P01", KC_BAD_DATA, true }, /* no such table */
    { "42703", KC_BAD_DATA, true },                                  /* no such column */
    { "42704", KC_BAD_DATA, true },                                  /* no such type */
    { "42804", KC_BAD_DATA, true },                                  /* types differ */
    { "42846", KC_BAD_DATA, true },                                  /* can't be cast */
    { "42883", KC_BAD_DATA, true },  { "42809", KC_BAD_DATA, true },
    { "428C9", KC_BAD_DATA, true }, /* generated column */
    { "0A000", KC_BAD_DATA, true }, /* cached plan must not change result type */
};

static void pg_describe_fault(const PGresult *result, bool redact, struct kc_buf *text)
{
    static const struct {
        int field;
        const char *before, *after;
    } parts[] = { { PG_DIAG_MESSAGE_PRIMARY, "ERROR: ", "" },
                  { PG_DIAG_MESSAGE_DETAIL, "; ", "" },
                  { PG_DIAG_CONSTRAINT_NAME, "; constraint \"", "\"" },
                  { PG_DIAG_MESSAGE_HINT, "; hint: ", "" },
                  { PG_DIAG_SQLSTATE, " (SQLSTATE ", ")" } };

    for (size_t i = 0; i < KC_COUNT(parts); i++) {
        const char *value = PQresultErrorField(result, parts[i].field);
        /* The detail shows keys and rows. */
        if (value && !(redact && parts[i].field == PG_DIAG_MESSAGE_DETAIL))
            kc_buf_printf(text, "%s%s%s", parts[i].before, value, parts[i].after);
    }
    if (!text->len)
        kc_buf_str(text, PQresultErrorMessage(result));
    while (text->len && text->data[text->len - 1] == '\n')
        text->data[--text->len] = '\0';
}

struct kc_error *pg_fault(struct pg_conn *conn, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    enum kc_fault fault = KC_FATAL;
    size_t matched = 0;
    KC_AUTO_BUF text = KC_BUF(16384);

    if (PQstatus(conn->pg) == CONNECTION_BAD) {
        conn->base.broken = true;
        fault = KC_RETRY;
    }
    for (size_t i = 0; state && i < KC_COUNT(pg_states); i++) {
        size_t len = strlen(pg_states[i].state);
        if (len <= matched || strncmp(state, pg_states[i].state, len) != 0)
            continue;
        matched = len;
        if (fault != KC_RETRY || !conn->base.broken)
            fault = pg_states[i].fault;
        conn->base.stale = pg_states[i].stale;
    }
    const char *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
    snprintf(conn->column, sizeof(conn->column), "%s", column ? column : "");
    pg_describe_fault(result, conn->base.settings->config->redact, &text);
    return kc_fail_as(fault, "org.postgresql.util.PSQLException", "%s", text.data ? text.data : "");
}

/* ---- connecting ---- */

void pg_check_target(const struct jdbc_target *target, struct kc_findings *findings)
{
    struct pg_params params;

    pg_params_of(target, NULL, &params, findings);
    if (!target->user && !kc_props_has(target->params, "user"))
        kc_find(findings, KC_WARN, "connection.user",
                "No user is given: the name of the system user counts");
    pg_params_clear(&params);
}

/* Remarks of the server, which libpq would print. */
static void pg_notice(void *unused, const PGresult *result)
{
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    (void)unused;
    kc_log_debug("postgres", "%s", text ? text : "");
}

static struct kc_error *pg_start(struct pg_conn *conn, const struct pg_params *params)
{
    int64_t deadline = kc_monotonic_ms() + params->connect_ms;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;

    conn->pg = PQconnectStartParams(params->keywords, params->values, 0);
    if (!conn->pg)
        return kc_fail(KC_RETRY, "connecting to PostgreSQL: out of memory");
    PQsetNoticeReceiver(conn->pg, pg_notice, NULL);
    while (PQstatus(conn->pg) != CONNECTION_BAD && status != PGRES_POLLING_OK) {
        struct kc_error *err = pg_wait(conn, status == PGRES_POLLING_WRITING, deadline);
        if (err)
            return kc_while(err, "connecting to PostgreSQL at %s", PQhost(conn->pg));
        status = PQconnectPoll(conn->pg);
        if (status == PGRES_POLLING_FAILED)
            break;
    }
    if (PQstatus(conn->pg) == CONNECTION_OK)
        return NULL;
    KC_AUTO_BUF text = KC_BUF(4096);
    pg_message(conn, &text);
    return kc_fail(KC_RETRY, "%s", text.len ? text.data : "no reason given");
}

static struct kc_error *pg_session(struct pg_conn *conn, const struct pg_params *params)
{
    static const char sql[] =
        "SELECT set_config('TimeZone', $1, false), set_config('DateStyle', 'ISO, YMD', false), "
        "set_config('search_path', coalesce($2, current_setting('search_path')), false)";
    const char *values[] = { params->time_zone, params->search_path };
    PGresult *result;

    struct kc_error *err = pg_query(conn, sql, 2, values, &result);
    if (err && err->fault == KC_BAD_DATA)
        err->fault = KC_BAD_CONFIG;
    if (!err)
        PQclear(result);
    return err ? kc_while(err, "setting time zone '%s'%s", params->time_zone,
                          params->search_path ? " and search_path" : "")
               : NULL;
}

struct kc_error *pg_connect(const struct jdbc_target *target, const struct jdbc_settings *settings,
                            int stop_fd, struct jdbc_conn **made)
{
    struct pg_params params;
    struct kc_findings findings = { 0 };
    struct pg_conn *conn = kc_calloc(1, sizeof(*conn));

    pg_params_of(target, settings->config->timezone, &params, &findings);
    conn->base = (struct jdbc_conn){ .settings = settings, .stop_fd = stop_fd };
    conn->timeout_ms = params.socket_ms;
    struct kc_error *err = kc_findings_error(&findings);
    kc_findings_clear(&findings);
    if (!err)
        err = pg_start(conn, &params);
    if (!err && PQsetnonblocking(conn->pg, 1) != 0)
        err = pg_lost(conn);
    if (!err)
        err = pg_session(conn, &params);
    pg_params_clear(&params);
    if (err)
        pg_disconnect(&conn->base);
    else
        *made = &conn->base;
    return err;
}

void pg_disconnect(struct jdbc_conn *base)
{
    struct pg_conn *conn = (struct pg_conn *)base;

    if (!conn)
        return;
    PQfinish(conn->pg);
    free(conn);
}

/* ---- one statement ---- */

struct kc_error *pg_query(struct pg_conn *conn, const char *sql, int n_params,
                          const char *const *values, PGresult **result)
{
    PGresult *next, *last = NULL;
    struct kc_error *err;

    *result = NULL;
    if (!PQsendQueryParams(conn->pg, sql, n_params, NULL, values, NULL, NULL, 0))
        return pg_lost(conn);
    err = pg_flush(conn);
    while (!err && !(err = pg_result(conn, &next)) && next) {
        PQclear(last);
        last = next;
    }
    if (!err && last && PQresultStatus(last) == PGRES_FATAL_ERROR)
        err = pg_fault(conn, last);
    if (err) {
        PQclear(last);
        return err;
    }
    *result = last;
    return NULL;
}
