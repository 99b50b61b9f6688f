#include "sources/postgres/link.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "sources/postgres/address.h"

#define MOST_PARAMS 8

/* Values look the same whatever the server's defaults are. */
static const char session_options[] =
    "-c datestyle=ISO,MDY -c intervalstyle=postgres -c timezone=UTC -c bytea_output=hex "
    "-c extra_float_digits=1 -c lc_monetary=C -c idle_in_transaction_session_timeout=0 "
    "-c statement_timeout=";

void link_result_clear(PGresult **result)
{
    PQclear(*result);
    *result = NULL;
}

/* ---- errors ---- */

/* Beginnings of SQLSTATEs that no waiting mends; all others may pass. */
static const char *const lasting_states[] = {
    "0A",       /* feature not supported */
    "22",       /* data exception */
    "23",       /* integrity constraint */
    "26", "28", /* authorization */
    "3D", "3F", /* no such database, schema */
    "42",       /* syntax error, access rule, undefined object */
    "F0",       /* configuration file */
    "534",      /* a limit of the configuration, such as max_replication_slots */
};

static enum kc_fault state_fault(const char *state)
{
    if (strcmp(state, "55000") == 0 || strcmp(state, "42710") == 0)
        return KC_FATAL;
    /* A table or column that was renamed or dropped since we looked: another look finds what there is. */
    if (strcmp(state, "42P01") == 0 || strcmp(state, "42703") == 0)
        return KC_RETRY;
    for (size_t i = 0; i < KC_COUNT(lasting_states); i++)
        if (strncmp(state, lasting_states[i], strlen(lasting_states[i])) == 0)
            return KC_FATAL;
    return KC_RETRY;
}

static int text_end(const char *text)
{
    int len = (int)strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
        len--;
    return len;
}

struct kc_error *link_error(const PGconn *conn, const PGresult *result)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    if (!state) {
        const char *text = PQerrorMessage(conn);
        return kc_fail_as(KC_RETRY, "org.postgresql.util.PSQLException", "%.*s", text_end(text),
                          *text ? text : "the server closed the connection");
    }
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    return kc_fail_as(state_fault(state), "org.postgresql.util.PSQLException", "%s: %s%s%s%s%s",
                      severity ? severity : "ERROR", primary ? primary : "unknown error",
                      detail ? " Detail: " : "", detail ? detail : "", hint ? " Hint: " : "",
                      hint ? hint : "");
}

/* ---- login ---- */

#define KEY_ADVICE                                                                                 \
    ". A key that has a password must be PEM: openssl pkcs8 -topk8 -inform DER -in KEY -out KEY.pem"

/* The SQLSTATE in a verbose text of libpq, "...FATAL:  28P01: password...": there is no other way to it
 * for a login, and the words may be of any language. NULL: the text is not the server's. */
static const char *find_state(const char *text)
{
    for (const char *p = text; (p = strstr(p, ":  ")); p++)
        if (strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && p[8] == ':' && p[9] == ' ')
            return p + 3;
    return NULL;
}

static struct kc_error *login_error(const PGconn *conn)
{
    const char *text = PQerrorMessage(conn), *found = find_state(text);
    if (!found)
        return kc_fail(KC_RETRY, "%.*s%s", text_end(text), text,
                       strstr(text, "could not load private key file") ? KEY_ADVICE : "");
    char state[6];
    snprintf(state, sizeof(state), "%.5s", found);
    const char *words = found + 7, *place = strstr(words, "\nLOCATION:");
    int len = place ? (int)(place - words) : text_end(words);
    return kc_fail_as(state_fault(state), "org.postgresql.util.PSQLException", "FATAL: %.*s", len,
                      words);
}

/* connection.validation.timeout.ms as far as libpq and poll can count. */
static int patience(const struct pg_config *config)
{
    return config->connect_timeout_ms < INT32_MAX ? (int)config->connect_timeout_ms : INT32_MAX;
}

/* Goes on with a login that was begun, until it is done or failed. */
static struct kc_error *log_in(PGconn *conn, const struct pg_config *config, int stop_fd)
{
    int64_t deadline = kc_monotonic_ms() + patience(config);
    PostgresPollingStatusType want =
        PQstatus(conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (want == PGRES_POLLING_READING || want == PGRES_POLLING_WRITING) {
        int64_t left = deadline - kc_monotonic_ms();
        enum kc_wait got = left <= 0 ? KC_WAIT_TIMEOUT
                                     : kc_wait_fd(PQsocket(conn), want == PGRES_POLLING_WRITING,
                                                  stop_fd, (int)left);
        if (got == KC_WAIT_STOP)
            return kc_fail(KC_STOPPED, "stopped while connecting to %s:%d", config->host,
                           config->port);
        if (got == KC_WAIT_TIMEOUT)
            return kc_fail(KC_RETRY, "connecting to %s:%d: no answer within %lld ms", config->host,
                           config->port, (long long)config->connect_timeout_ms);
        want = PQconnectPoll(conn);
    }
    return want == PGRES_POLLING_OK ? NULL : login_error(conn);
}

/* What the server remarks on a statement. */
static void log_notice(void *unused, const char *text)
{
    (void)unused;
    kc_log_info("postgres", "The server says: %.*s", text_end(text), text);
}

struct kc_error *link_open(const struct pg_config *config, enum link_kind kind, int stop_fd,
                           PGconn **conn)
{
    static const char *const ssl_modes[] = {
        [SSL_DISABLE] = "disable", [SSL_ALLOW] = "allow",         [SSL_PREFER] = "prefer",
        [SSL_REQUIRE] = "require", [SSL_VERIFY_CA] = "verify-ca", [SSL_VERIFY_FULL] = "verify-full",
    };
    char port[16], unacked[24];
    snprintf(port, sizeof(port), "%d", config->port);
    snprintf(unacked, sizeof(unacked), "%lld", (long long)patience(config));
    char options[sizeof(session_options) + 32];
    snprintf(options, sizeof(options), "%s%d", session_options,
             kind == LINK_SQL && config->query_timeout_ms > 0 ? config->query_timeout_ms : 0);
    KC_AUTO_BUF hosts = KC_BUF(0);
    KC_AUTO_BUF addresses = KC_BUF(0);
    int n_addresses;
    struct kc_error *err = address_find(config->host, stop_fd, config->connect_timeout_ms,
                                        &addresses, &n_addresses);
    if (err)
        return err;
    kc_buf_str(&hosts, config->host);
    for (int i = 1; i < n_addresses; i++)
        kc_buf_printf(&hosts, ",%s", config->host);
    const char *const pairs[][2] = {
        {"host", hosts.data},
        {"hostaddr", n_addresses ? addresses.data : NULL},
        {"port", port},
        {"user", config->user},
        {"password", config->password},
        {"dbname", config->dbname},
        {"sslmode", ssl_modes[config->sslmode]},
        {"sslcert", config->sslcert},
        {"sslkey", config->sslkey},
        {"sslpassword", config->sslpassword},
        {"sslrootcert", config->sslrootcert},
        {"keepalives", config->keepalive ? "1" : "0"},
        /* The system's two hours are too long to wait for a server that vanished. */
        {"keepalives_idle", "60"},
        {"keepalives_interval", "10"},
        {"keepalives_count", "6"},
        {"tcp_user_timeout", unacked},
        {"client_encoding", "UTF8"},
        {"application_name", kind == LINK_REPLICATION ? "Penstock Streaming" : "Penstock General"},
        {"options", options},
        {"replication", kind == LINK_REPLICATION ? "database" : NULL},
    };
    const char *names[KC_COUNT(pairs) + 1], *values[KC_COUNT(pairs) + 1];
    size_t n = 0;
    for (size_t i = 0; i < KC_COUNT(pairs); i++)
        if (pairs[i][1]) {
            names[n] = pairs[i][0];
            values[n++] = pairs[i][1];
        }
    names[n] = values[n] = NULL;

    *conn = PQconnectStartParams(names, values, 0);
    if (!*conn)
        return kc_fail(KC_FATAL, "out of memory");
    PQsetNoticeProcessor(*conn, log_notice, NULL);
    PQsetErrorVerbosity(*conn, PQERRORS_VERBOSE);
    err = log_in(*conn, config, stop_fd);
    PQsetErrorVerbosity(*conn, PQERRORS_DEFAULT);
    if (!err)
        PQsetnonblocking(*conn, 1);
    return err;
}

void link_close(PGconn **conn)
{
    if (*conn)
        PQfinish(*conn);
    *conn = NULL;
}

/* ---- queries ---- */

/* Sends what is queued, then waits until a result can be had without blocking. */
static struct kc_error *await(PGconn *conn, int stop_fd)
{
    for (;;) {
        int unsent = PQflush(conn);
        if (unsent < 0)
            return link_error(conn, NULL);
        if (!unsent && !PQisBusy(conn))
            return NULL;
        enum kc_wait got = kc_wait_fd(PQsocket(conn), unsent > 0, stop_fd, 1000);
        if (got == KC_WAIT_STOP)
            return kc_fail(KC_STOPPED, "stopped while waiting for the server");
        if (got == KC_WAIT_READY && !PQconsumeInput(conn))
            return link_error(conn, NULL);
    }
}

static bool is_error(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY &&
           status != PGRES_COPY_OUT && status != PGRES_COPY_BOTH;
}

static struct kc_error *collect(PGconn *conn, int stop_fd, PGresult **result)
{
    PGresult *last = NULL;
    for (;;) {
        struct kc_error *err = await(conn, stop_fd);
        if (err) {
            PQclear(last);
            return err;
        }
        PGresult *next = PQgetResult(conn);
        if (!next)
            break;
        PQclear(last);
        last = next;
        ExecStatusType status = PQresultStatus(last);
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            break;
        if (is_error(last)) {
            err = link_error(conn, last);
            PQclear(last);
            /* What follows an error is of no use; the connection is clean after it. */
            while (PQstatus(conn) == CONNECTION_OK && (next = PQgetResult(conn)))
                PQclear(next);
            return err;
        }
    }
    if (!last)
        return link_error(conn, NULL);
    if (result)
        *result = last;
    else
        PQclear(last);
    return NULL;
}

struct kc_error *link_settle(PGconn *conn, int stop_fd)
{
    while (PQtransactionStatus(conn) == PQTRANS_ACTIVE) {
        struct kc_error *err = await(conn, stop_fd);
        if (err)
            return err;
        PGresult *result = PQgetResult(conn);
        ExecStatusType status = PQresultStatus(result);
        PQclear(result);
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            break;
    }
    return NULL;
}

struct kc_error *link_query(PGconn *conn, int stop_fd, const char *sql, PGresult **result)
{
    kc_log_debug("postgres", "%s", sql);
    struct kc_error *err = link_settle(conn, stop_fd);
    if (err)
        return err;
    if (!PQsendQuery(conn, sql))
        return link_error(conn, NULL);
    return collect(conn, stop_fd, result);
}

struct kc_error *link_ask(PGconn *conn, int stop_fd, PGresult **result, const char *sql, ...)
{
    const char *params[MOST_PARAMS];
    int count = 0;
    va_list args;
    va_start(args, sql);
    const char *param;
    while (count < MOST_PARAMS && (param = va_arg(args, const char *)))
        params[count++] = param;
    va_end(args);
    kc_log_debug("postgres", "%s", sql);
    struct kc_error *err = link_settle(conn, stop_fd);
    if (err)
        return err;
    if (!PQsendQueryParams(conn, sql, count, NULL, params, NULL, NULL, 0))
        return link_error(conn, NULL);
    return collect(conn, stop_fd, result);
}

struct kc_error *link_finish(PGconn *conn, int stop_fd)
{
    return collect(conn, stop_fd, NULL);
}

struct kc_error *link_send(PGconn *conn, const char *sql)
{
    kc_log_debug("postgres", "%s", sql);
    return PQsendQuery(conn, sql) && PQflush(conn) >= 0 ? NULL : link_error(conn, NULL);
}

struct kc_error *link_receive(PGconn *conn, PGresult **result, bool *done)
{
    *done = false;
    if (PQflush(conn) < 0 || !PQconsumeInput(conn))
        return link_error(conn, NULL);
    while (!PQisBusy(conn)) {
        PGresult *next = PQgetResult(conn);
        if (!next) {
            *done = true;
            return *result && !is_error(*result) ? NULL : link_error(conn, *result);
        }
        /* The first error is the one to tell. */
        if (*result && is_error(*result)) {
            PQclear(next);
            continue;
        }
        PQclear(*result);
        *result = next;
        if (PQresultStatus(next) == PGRES_COPY_OUT || PQresultStatus(next) == PGRES_COPY_BOTH) {
            *done = true;
            return NULL;
        }
    }
    return NULL;
}

const char *link_text(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

bool link_true(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column)[0] == 't';
}

uint64_t link_lsn(const char *text)
{
    unsigned high = 0, low = 0;
    if (!text || sscanf(text, "%X/%X", &high, &low) != 2)
        return 0;
    return (uint64_t)high << 32 | low;
}

static void put_quoted(struct kc_buf *sql, const char *text, char quote)
{
    kc_buf_char(sql, quote);
    for (; *text; text++) {
        if (*text == quote)
            kc_buf_char(sql, quote);
        kc_buf_char(sql, *text);
    }
    kc_buf_char(sql, quote);
}

void link_put_identifier(struct kc_buf *sql, const char *name)
{
    put_quoted(sql, name, '"');
}

void link_put_literal(struct kc_buf *sql, const char *text)
{
    /* standard_conforming_strings is on by default; E'' keeps us independent of it. */
    bool plain = !strchr(text, '\\');
    if (plain) {
        put_quoted(sql, text, '\'');
        return;
    }
    kc_buf_str(sql, "E'");
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            kc_buf_char(sql, *text);
        kc_buf_char(sql, *text);
    }
    kc_buf_char(sql, '\'');
}
