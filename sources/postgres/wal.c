#include "sources/postgres/wal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "sources/postgres/slot_wait.h"

/* Sizes of frames inside CopyData (PostgreSQL manual, "Streaming Replication Protocol"). */
#define DATA_HEAD      25 /* 'w', start, end of WAL, time */
#define KEEPALIVE_SIZE 18 /* 'k', end of WAL, time, reply asked */
#define STATUS_SIZE    34 /* 'r', written, flushed, applied, time, reply asked */
#define HEARD_MS       500 /* so old may `heard` be */
#define EPOCH_US       946684800000000LL

static uint64_t be64(const char *p)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n = n << 8 | (uint8_t)p[i];
    return n;
}

static void put64(char *p, uint64_t n)
{
    for (int i = 7; i >= 0; i--, n >>= 8)
        p[i] = (char)n;
}

struct kc_error *wal_open(struct wal *wal, const struct pg_config *config, int stop_fd)
{
    wal->config = config;
    wal->status_ms = config->status_ms;
    return link_open(config, LINK_REPLICATION, stop_fd, &wal->conn);
}

struct kc_error *wal_create_slot(struct wal *wal, const struct pg_config *config, const char *slot,
                                 bool temporary, int stop_fd, char **consistent_point,
                                 char **snapshot)
{
    bool new_syntax = PQserverVersion(wal->conn) >= 150000;
    bool failover = config->failover && !temporary;
    if (failover && PQserverVersion(wal->conn) < 170000)
        kc_log_warn("postgres",
                    "slot.failover: PostgreSQL %s has no failover slots, 17 is the first; "
                    "slot \"%s\" is lost when the server is",
                    PQparameterStatus(wal->conn, "server_version"), slot);
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, "CREATE_REPLICATION_SLOT ");
    link_put_identifier(&sql, slot);
    kc_buf_str(&sql, temporary ? " TEMPORARY LOGICAL pgoutput" : " LOGICAL pgoutput");
    if (failover && PQserverVersion(wal->conn) >= 170000)
        kc_buf_str(&sql, " (SNAPSHOT 'export', FAILOVER)");
    else
        kc_buf_str(&sql, new_syntax ? " (SNAPSHOT 'export')" : " EXPORT_SNAPSHOT");
    AUTO_RESULT *result = NULL;
    struct kc_error *err =
        slot_wait_make(wal->conn, wal->side, stop_fd, config->create_slot_s * 1000, slot, sql.data,
                       &result);
    if (err)
        return err;
    *consistent_point = kc_strdup(PQgetvalue(result, 0, 1));
    if (snapshot)
        *snapshot = kc_strdup(link_text(result, 0, 2));
    kc_log_info("postgres", "Made %sreplication slot \"%s\", consistent at %s",
                temporary ? "temporary " : "", slot, *consistent_point);
    return NULL;
}

/* slot.stream.params: "name=value;name=value". */
static void put_params(struct kc_buf *sql, const char *params)
{
    struct kc_text rest = kc_text(params), piece;
    while (rest.ptr && kc_text_split(&rest, ';', &piece)) {
        struct kc_text value = piece, name;
        if (!piece.len || !kc_text_split(&value, '=', &name) || !value.ptr)
            continue;
        char *key = kc_strndup(name.ptr, name.len), *text = kc_strndup(value.ptr, value.len);
        kc_buf_str(sql, ", ");
        link_put_identifier(sql, key);
        kc_buf_char(sql, ' ');
        link_put_literal(sql, text);
        free(key);
        free(text);
    }
}

/* link_query on this connection, where no server works long on an answer. */
static struct kc_error *ask(struct wal *wal, const struct pg_config *config, int stop_fd,
                            const char *sql, PGresult **result)
{
    int64_t until = kc_monotonic_ms() + config->connect_timeout_ms;
    struct kc_error *err = link_settle(wal->conn, stop_fd);
    if (!err)
        err = link_send(wal->conn, sql);
    for (bool done = false; !err && !done;) {
        int64_t left = until - kc_monotonic_ms();
        enum kc_wait got = left <= 0
                               ? KC_WAIT_TIMEOUT
                               : kc_wait_fd(PQsocket(wal->conn), false, stop_fd, (int)left);
        if (got == KC_WAIT_READY)
            err = link_receive(wal->conn, result, &done);
        else if (got == KC_WAIT_STOP)
            err = kc_fail(KC_STOPPED, "stopped while starting to stream");
        else
            err = kc_fail(KC_RETRY, "the server does not answer within %lld ms",
                          (long long)config->connect_timeout_ms);
    }
    return err;
}

/* What the server expects of us in this session, and we of it. */
static struct kc_error *agree_on_times(struct wal *wal, const struct pg_config *config, int stop_fd)
{
    AUTO_RESULT *result = NULL;
    struct kc_error *err = ask(wal, config, stop_fd,
                               "SELECT setting FROM pg_catalog.pg_settings"
                               " WHERE name = 'wal_sender_timeout'",
                               &result);
    if (err)
        return kc_while(err, "while asking for wal_sender_timeout");
    int timeout_ms = PQntuples(result) ? atoi(PQgetvalue(result, 0, 0)) : 0;
    wal->heard = kc_monotonic_ms();
    wal->asked = wal->silence_ms = 0;
    if (timeout_ms <= 0)
        return NULL;
    if (wal->status_ms > timeout_ms / 3)
        wal->status_ms = timeout_ms / 3 + 1;
    wal->silence_ms = 2 * (int64_t)timeout_ms;
    if (wal->silence_ms < config->connect_timeout_ms)
        wal->silence_ms = config->connect_timeout_ms;
    return NULL;
}

struct kc_error *wal_start(struct wal *wal, const struct pg_config *config, uint64_t lsn,
                           int stop_fd)
{
    struct kc_error *err = agree_on_times(wal, config, stop_fd);
    if (err)
        return err;
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, "START_REPLICATION SLOT ");
    link_put_identifier(&sql, config->slot);
    kc_buf_printf(&sql, " LOGICAL %X/%X (proto_version '1', publication_names ",
                  (unsigned)(lsn >> 32), (unsigned)lsn);
    KC_AUTO_BUF name = KC_BUF(0);
    link_put_identifier(&name, config->publication);
    link_put_literal(&sql, name.data);
    if (PQserverVersion(wal->conn) >= 140000)
        kc_buf_str(&sql, ", messages 'true'");
    put_params(&sql, config->stream_params);
    kc_buf_char(&sql, ')');
    AUTO_RESULT *result = NULL;
    err = ask(wal, config, stop_fd, sql.data, &result);
    if (err)
        return err;
    if (PQresultStatus(result) != PGRES_COPY_BOTH)
        return kc_fail(KC_RETRY, "the server did not start to stream");
    wal->received = wal->confirmed = 0;
    wal->held = lsn;
    wal->next_status = kc_monotonic_ms() + wal->status_ms;
    return NULL;
}

/* The connection does not take what we say: for too long? */
static struct kc_error *check_stuck(struct wal *wal, int64_t now)
{
    if (!wal->stuck_since)
        wal->stuck_since = now;
    if (now - wal->stuck_since < wal->config->flush_timeout_ms)
        return NULL;
    wal->stuck_since = now;
    static const char format[] =
        "LSN flush operation timed out for LSN '%X/%X': the server has not "
        "taken it for %lld ms";
    unsigned high = (unsigned)(wal->confirmed >> 32), low = (unsigned)wal->confirmed;
    long long ms = wal->config->flush_timeout_ms;
    if (wal->config->flush_timeout_action == FAILURE_FAIL)
        return kc_fail_as(KC_FATAL, "org.apache.kafka.connect.errors.ConnectException", format,
                          high, low, ms);
    if (wal->config->flush_timeout_action == FAILURE_WARN)
        kc_log_warn("postgres", format, high, low, ms);
    return NULL;
}

struct kc_error *wal_status(struct wal *wal)
{
    int64_t now = kc_monotonic_ms();
    if (!wal->conn || (!wal->reply_due && now < wal->next_status && !wal->stuck_since))
        return NULL;
    if (wal->reply_due || now >= wal->next_status) {
        char frame[STATUS_SIZE] = {'r'};
        put64(frame + 1, wal->received > wal->confirmed ? wal->received : wal->confirmed);
        put64(frame + 9, wal->confirmed);
        put64(frame + 17, wal->confirmed);
        put64(frame + 25, (uint64_t)(kc_now_us() - EPOCH_US));
        frame[33] = wal->asked != 0 || wal->asks;
        int sent = PQputCopyData(wal->conn, frame, sizeof(frame));
        if (sent < 0)
            return link_error(wal->conn, NULL);
        if (!sent)
            return check_stuck(wal, now);
        wal->reply_due = wal->asks = false;
        wal->next_status = now + wal->status_ms;
    }
    int left = PQflush(wal->conn);
    if (left < 0)
        return link_error(wal->conn, NULL);
    if (left)
        return check_stuck(wal, now);
    wal->stuck_since = 0;
    return NULL;
}

struct kc_error *wal_ask(struct wal *wal)
{
    wal->asks = wal->reply_due = true;
    return wal_status(wal);
}

void wal_confirm(struct wal *wal, uint64_t lsn)
{
    if (lsn <= wal->confirmed)
        return;
    wal->confirmed = wal->held = lsn;
    wal->reply_due = true;
}

/* The stream ended: what the server says about it. */
static struct kc_error *stream_end(struct wal *wal)
{
    AUTO_RESULT *result = PQgetResult(wal->conn);
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    snprintf(wal->state, sizeof(wal->state), "%s", state ? state : "");
    if (result && PQresultStatus(result) == PGRES_FATAL_ERROR)
        return link_error(wal->conn, result);
    return kc_fail(KC_RETRY, "the server ended the stream");
}

static struct kc_error *handle_keepalive(struct wal *wal, int len)
{
    if (len < KEEPALIVE_SIZE)
        return kc_fail(KC_FATAL, "keepalive frame of %d bytes", len);
    wal->decoded = be64(wal->frame + 1);
    if (!wal->held)
        wal->held = wal->decoded;
    if (wal->decoded > wal->received)
        wal->received = wal->decoded;
    if (wal->frame[17])
        wal->reply_due = wal->urged = true;
    return NULL;
}

/* A server that is mute and does not answer either is gone, though the connection stands: nothing else
 * would tell us so for a long time. Called when all that came is read. */
static struct kc_error *check_silence(struct wal *wal, int64_t now)
{
    if (!wal->silence_ms || now - wal->heard < wal->silence_ms / 2)
        return NULL;
    if (!wal->asked) {
        wal->asked = now;
        wal->reply_due = true;
        return NULL;
    }
    if (now - wal->asked < wal->silence_ms / 2)
        return NULL;
    return kc_fail(KC_RETRY,
                   "the server has said nothing for %lld ms, though asked to: the connection is taken "
                   "for dead",
                   (long long)(now - wal->heard));
}

/* Part of a long frame counts as well, which libpq does not tell. */
static void note_arrival(struct wal *wal, int64_t now)
{
    if (now - wal->heard < HEARD_MS ||
        kc_wait_fd(PQsocket(wal->conn), false, -1, 0) != KC_WAIT_READY)
        return;
    wal->heard = now;
    wal->asked = 0;
}

struct kc_error *wal_read(struct wal *wal, struct wal_message *message, bool *got)
{
    *got = false;
    bool consumed = false;
    int64_t now = 0;
    for (;;) {
        if (wal->frame)
            PQfreemem(wal->frame);
        wal->frame = NULL;
        int len = PQgetCopyData(wal->conn, &wal->frame, 1);
        if (len == 0) {
            if (consumed) {
                struct kc_error *err = check_silence(wal, now);
                return err ? err : wal_status(wal);
            }
            now = kc_monotonic_ms();
            note_arrival(wal, now);
            if (!PQconsumeInput(wal->conn))
                return link_error(wal->conn, NULL);
            consumed = true;
            continue;
        }
        if (len < 0)
            return len == -1 ? stream_end(wal) : link_error(wal->conn, NULL);
        if (wal->frame[0] == 'k') {
            struct kc_error *err = handle_keepalive(wal, len);
            if (!err && wal->reply_due)
                err = wal_status(wal);
            if (err)
                return err;
            continue;
        }
        if (wal->frame[0] != 'w' || len < DATA_HEAD)
            return kc_fail(KC_FATAL,
                           "replication frame of unknown kind 0x%02x, %d bytes, after %X/%X. A restart "
                           "of the task reads it again",
                           (uint8_t)wal->frame[0], len, (unsigned)(wal->received >> 32),
                           (unsigned)wal->received);
        message->lsn = be64(wal->frame + 1);
        message->body = (struct kc_text){wal->frame + DATA_HEAD, (size_t)len - DATA_HEAD};
        if (message->lsn > wal->received)
            wal->received = message->lsn;
        *got = true;
        return NULL;
    }
}

bool wal_wait_either(struct wal *wal, int other_fd, int stop_fd, int ms)
{
    int64_t due = wal->next_status - kc_monotonic_ms();
    if (due < ms)
        ms = due < 0 ? 0 : (int)due;
    return kc_wait_either(PQsocket(wal->conn), other_fd, stop_fd, ms) == KC_WAIT_READY;
}

bool wal_wait(struct wal *wal, int stop_fd, int ms)
{
    return wal_wait_either(wal, -1, stop_fd, ms);
}

void wal_hang_up(struct wal *wal)
{
    link_close(&wal->conn);
}

void wal_close(struct wal *wal)
{
    if (wal->frame)
        PQfreemem(wal->frame);
    link_close(&wal->conn);
    *wal = (struct wal){0};
}
