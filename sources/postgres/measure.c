#include "sources/postgres/measure.h"

#include <inttypes.h>

#include "base/amount.h"
#include "base/clock.h"
#include "base/log.h"
#include "sources/postgres/source.h"

enum {
    EVENTS_SEEN,
    CREATES,
    UPDATES,
    DELETES,
    TRUNCATES,
    MESSAGES,
    READS,
    FILTERED,
    TRANSACTIONS,
    SINCE_EVENT,
    CONNECTED,
    BEHIND_MS,
    BEHIND_BYTES,
    SLOT_HOLDS,
    SLOT_UNCONFIRMED,
    SLOT_SAFE,
    SLOT_HEALTH,
    SNAPSHOT_RUNS,
    SNAPSHOT_COMPLETED,
    SNAPSHOT_SECONDS,
    SNAPSHOT_TABLES,
    SNAPSHOT_TABLES_LEFT,
    SNAPSHOT_CHUNKS,
    SNAPSHOT_CHUNKS_DONE,
    SNAPSHOT_ROWS,
    SNAPSHOT_ROWS_ESTIMATED,
    SNAPSHOT_LEFT,
    INCREMENTAL_TABLES,
    INCREMENTAL_PAUSED,
    INCREMENTAL_ROWS,
    INCREMENTAL_ROWS_ESTIMATED,
    INCREMENTAL_CHUNKS,
    INCREMENTAL_LEFT,
};

#define STREAMING "streaming"
#define SNAPSHOT  "snapshot"
const struct kc_metric measure_metrics[] = {
    [EVENTS_SEEN] = {"debezium_metrics_TotalNumberOfEventsSeen", STREAMING, KC_COUNTER,
                     "Events of captured tables, and messages, from the stream."},
    [CREATES] = {"debezium_metrics_NumberOfCreateEventsSeen", STREAMING, KC_COUNTER, "Inserts."},
    [UPDATES] = {"debezium_metrics_NumberOfUpdateEventsSeen", STREAMING, KC_COUNTER, "Updates."},
    [DELETES] = {"debezium_metrics_NumberOfDeleteEventsSeen", STREAMING, KC_COUNTER, "Deletes."},
    [TRUNCATES] = {"penstock_source_truncates_total", STREAMING, KC_COUNTER, "Truncates of tables."},
    [MESSAGES] = {"penstock_source_messages_total", STREAMING, KC_COUNTER,
                  "Messages of pg_logical_emit_message."},
    [READS] = {"debezium_metrics_RowsScanned", SNAPSHOT, KC_COUNTER, "Rows that snapshots read."},
    [FILTERED] = {"debezium_metrics_NumberOfEventsFiltered", STREAMING, KC_COUNTER,
                  "Changes in the stream that are not captured."},
    [TRANSACTIONS] = {"debezium_metrics_NumberOfCommittedTransactions", STREAMING, KC_COUNTER,
                      "Transactions seen to their end."},
    [SINCE_EVENT] = {"debezium_metrics_MilliSecondsSinceLastEvent", STREAMING, KC_GAUGE,
                     "Milliseconds since the last event."},
    [CONNECTED] = {"debezium_metrics_Connected", STREAMING, KC_GAUGE,
                   "1 while the change stream is open, else 0."},
    [BEHIND_MS] = {"debezium_metrics_MilliSecondsBehindSource", STREAMING, KC_GAUGE,
                   "How long ago the server's WAL went beyond what has been read; 0: it has not."},
    [BEHIND_BYTES] = {"penstock_source_lag_bytes", STREAMING, KC_GAUGE,
                      "Bytes of the server's WAL that have not been read."},
    [SLOT_HOLDS] = {"penstock_slot_wal_bytes", STREAMING, KC_GAUGE,
                    "Bytes of WAL that the server keeps for the slot."},
    [SLOT_UNCONFIRMED] = {"penstock_slot_unconfirmed_bytes", STREAMING, KC_GAUGE,
                          "Bytes of WAL beyond what was confirmed to be in Kafka, its offset stored."},
    [SLOT_SAFE] = {"penstock_slot_safe_wal_bytes", STREAMING, KC_GAUGE,
                   "Bytes of WAL until the server may give the slot up; missing without a limit."},
    [SLOT_HEALTH] = {"penstock_slot_wal_status", STREAMING, KC_GAUGE,
                     "wal_status of the slot: 1 reserved, 2 extended, 3 unreserved, 4 lost."},
    [SNAPSHOT_RUNS] = {"debezium_metrics_SnapshotRunning", SNAPSHOT, KC_GAUGE,
                       "1 while the initial snapshot runs, else 0."},
    [SNAPSHOT_COMPLETED] = {"debezium_metrics_SnapshotCompleted", SNAPSHOT, KC_GAUGE,
                            "1 once it was read to its end in this run of the task, else 0."},
    [SNAPSHOT_SECONDS] = {"debezium_metrics_SnapshotDurationInSeconds", SNAPSHOT, KC_GAUGE,
                          "How long it has run, or took."},
    [SNAPSHOT_TABLES] = {"debezium_metrics_TotalTableCount", SNAPSHOT, KC_GAUGE,
                         "Tables of the snapshot."},
    [SNAPSHOT_TABLES_LEFT] = {"debezium_metrics_RemainingTableCount", SNAPSHOT, KC_GAUGE,
                              "Those of them that are not read to their end."},
    [SNAPSHOT_CHUNKS] = {"penstock_snapshot_chunks", SNAPSHOT, KC_GAUGE,
                         "Chunks that are known by now: a table is cut when its turn comes."},
    [SNAPSHOT_CHUNKS_DONE] = {"penstock_snapshot_chunks_done", SNAPSHOT, KC_GAUGE,
                              "Those of them that are read to their end."},
    [SNAPSHOT_ROWS] = {"penstock_snapshot_rows", SNAPSHOT, KC_GAUGE, "Rows of the snapshot so far."},
    [SNAPSHOT_ROWS_ESTIMATED] = {"penstock_snapshot_rows_estimated", SNAPSHOT, KC_GAUGE,
                                 "Rows of all its tables, as the server estimates them."},
    [SNAPSHOT_LEFT] = {"penstock_snapshot_left_ms", SNAPSHOT, KC_GAUGE,
                       "Milliseconds that the rest of it will take, at the rate so far."},
    [INCREMENTAL_TABLES] = {"penstock_incremental_tables", SNAPSHOT, KC_GAUGE,
                            "Tables that incremental snapshots have still to read."},
    [INCREMENTAL_PAUSED] = {"debezium_metrics_SnapshotPaused", SNAPSHOT, KC_GAUGE,
                            "1 while they are paused, else 0."},
    [INCREMENTAL_ROWS] = {"penstock_incremental_rows", SNAPSHOT, KC_GAUGE,
                          "Rows sent of the table at hand."},
    [INCREMENTAL_ROWS_ESTIMATED] = {"penstock_incremental_rows_estimated", SNAPSHOT, KC_GAUGE,
                                    "All rows of it, as the server estimates them."},
    [INCREMENTAL_CHUNKS] = {"penstock_incremental_chunks", SNAPSHOT, KC_GAUGE,
                            "Chunks read of it."},
    [INCREMENTAL_LEFT] = {"penstock_incremental_left_ms", SNAPSHOT, KC_GAUGE,
                          "Milliseconds that the rest of it will take, at the rate so far."},
    {.name = NULL},
};

/* ---- the stream ---- */

/* All before it has been read. The server tells how far it has decoded, but of a transaction that is
 * coming in we have nothing beyond its commit. */
static uint64_t read_so_far(const struct pg_source *source)
{
    uint64_t read = source->wal.received;
    if (source->stream.in_transaction && source->stream.commit_lsn < read)
        read = source->stream.commit_lsn;
    return read > source->wal.held ? read : source->wal.held;
}

/* The server said where its WAL ends some seconds ago; what has come since lies beyond. */
static uint64_t end_at_least(const struct pg_source *source)
{
    uint64_t end = source->measure.watch.end;
    if (source->wal.received > end)
        end = source->wal.received;
    return source->stream.in_transaction && source->stream.commit_lsn > end
               ? source->stream.commit_lsn
               : end;
}

/* A backlog from before the samples is as old as the transaction that we are at; of none it is only known
 * that it is older than they are. */
static int64_t behind_ms(const struct pg_source *source, uint64_t read, int64_t now)
{
    int64_t ms = lag_ms(&source->measure.lag, now, read);
    if (ms >= 0)
        return ms;
    int64_t committed = source->stream.block.ts_us / 1000;
    ms = committed ? kc_now_ms() - committed : now - source->measure.lag.samples[0].at;
    return ms > 0 ? ms : 0;
}

static void measure_stream(const struct pg_source *source, int64_t now, int64_t *values)
{
    const struct slot_watch *watch = &source->measure.watch;
    values[CONNECTED] = source->phase == PHASE_STREAM && source->wal.conn;
    if (!watch->known)
        return;
    if (source->phase == PHASE_STREAM) {
        uint64_t read = read_so_far(source);
        values[BEHIND_BYTES] = lag_bytes(read, end_at_least(source));
        values[BEHIND_MS] = behind_ms(source, read, now);
    }
    if (!watch->exists)
        return;
    values[SLOT_HEALTH] = watch->health == SLOT_UNKNOWN ? KC_METRIC_UNKNOWN : (int64_t)watch->health;
    if (watch->safe >= 0)
        values[SLOT_SAFE] = watch->safe;
    if (watch->restart)
        values[SLOT_HOLDS] = lag_bytes(watch->restart, watch->end);
    if (watch->confirmed)
        values[SLOT_UNCONFIRMED] = lag_bytes(watch->confirmed, watch->end);
}

/* ---- the snapshot ---- */

/* By the rate since we look at it. key: another, or less done than before, is another work. */
static int64_t left_ms(struct pace *pace, int64_t key, int64_t done, int64_t all, int64_t now)
{
    if (!pace->since || pace->key != key || done < pace->begin)
        *pace = (struct pace){.key = key, .since = now, .begin = done};
    int64_t left = lag_left_ms(done, all, done - pace->begin, now - pace->since);
    return left < 0 ? KC_METRIC_UNKNOWN : left;
}

/* Where the server has no estimate of rows, by chunks. */
static int64_t snapshot_left(struct measure *measure, const struct snapshot_progress *progress,
                             int64_t now)
{
    int64_t by_rows = left_ms(&measure->snapshot_rows, progress->started_ms, progress->rows,
                              progress->rows_estimated, now);
    int64_t by_chunks = left_ms(&measure->snapshot_chunks, progress->started_ms,
                                (int64_t)progress->chunks_done, (int64_t)progress->chunks, now);
    return by_rows != KC_METRIC_UNKNOWN ? by_rows : by_chunks;
}

/* An incremental snapshot tells of the table at hand. */
static void measure_incremental(struct pg_source *source, int64_t now, int64_t *values)
{
    const struct incremental *increment = &source->incremental;
    struct pace *pace = &source->measure.incremental;
    values[INCREMENTAL_TABLES] = (int64_t)increment->agenda.count;
    values[INCREMENTAL_PAUSED] = increment->agenda.paused;
    if (!agenda_running(&increment->agenda))
        return;
    values[INCREMENTAL_ROWS] = increment->total;
    values[INCREMENTAL_CHUNKS] = increment->chunks;
    if (increment->agenda.rows >= 0)
        values[INCREMENTAL_ROWS_ESTIMATED] = increment->agenda.rows;
    if (increment->agenda.paused)
        pace->since = 0;
    else
        values[INCREMENTAL_LEFT] = left_ms(pace, (int64_t)increment->agenda.count, increment->total,
                                           increment->agenda.rows, now);
}

static void measure_snapshot(struct pg_source *source, int64_t now, int64_t *values)
{
    const struct snapshot_progress *progress = source_progress(source);
    values[SNAPSHOT_RUNS] = progress->running;
    values[SNAPSHOT_COMPLETED] = progress->completed;
    if (!progress->started_ms)
        return;
    values[SNAPSHOT_SECONDS] =
        ((progress->ended_ms ? progress->ended_ms : now) - progress->started_ms) / 1000;
    values[SNAPSHOT_TABLES] = (int64_t)progress->tables;
    values[SNAPSHOT_TABLES_LEFT] = (int64_t)progress->tables_left;
    values[SNAPSHOT_CHUNKS] = (int64_t)progress->chunks;
    values[SNAPSHOT_CHUNKS_DONE] = (int64_t)progress->chunks_done;
    values[SNAPSHOT_ROWS] = progress->rows;
    if (progress->rows_estimated > 0)
        values[SNAPSHOT_ROWS_ESTIMATED] = progress->rows_estimated;
    if (progress->running)
        values[SNAPSHOT_LEFT] = snapshot_left(&source->measure, progress, now);
}

/* ---- events ---- */

static void measure_events(struct measure *measure, int64_t now, int64_t *values)
{
    const struct events *events = &measure->events;
    int64_t reads = events->of[OP_READ], seen = events->messages;
    for (size_t i = 0; i < KC_COUNT(events->of); i++)
        seen += i == OP_READ ? 0 : events->of[i];
    values[EVENTS_SEEN] = seen;
    values[CREATES] = events->of[OP_CREATE];
    values[UPDATES] = events->of[OP_UPDATE];
    values[DELETES] = events->of[OP_DELETE];
    values[TRUNCATES] = events->of[OP_TRUNCATE];
    values[MESSAGES] = events->messages;
    values[READS] = reads;
    values[FILTERED] = events->filtered;
    values[TRANSACTIONS] = events->transactions;
    if (seen + reads > measure->n_events)
        measure->last_event = now;
    measure->n_events = seen + reads;
    if (measure->last_event)
        values[SINCE_EVENT] = now - measure->last_event;
}

/* ---- the log ---- */

static void put_stream(struct kc_buf *line, const int64_t *values)
{
    if (values[BEHIND_BYTES] == 0)
        kc_buf_str(line, "Streaming: all is read");
    else
        kc_buf_printf(line, "Streaming: %s behind", kc_bytes_text(values[BEHIND_BYTES]).text);
    if (values[BEHIND_MS] > 0)
        kc_buf_printf(line, ", %s old", kc_time_text(values[BEHIND_MS]).text);
}

static void put_snapshot(struct kc_buf *line, const int64_t *values)
{
    kc_buf_printf(line, "Snapshot: %" PRId64 " of %" PRId64 " tables, %" PRId64 " rows",
                  values[SNAPSHOT_TABLES] - values[SNAPSHOT_TABLES_LEFT], values[SNAPSHOT_TABLES],
                  values[SNAPSHOT_ROWS]);
    if (values[SNAPSHOT_ROWS_ESTIMATED] >= values[SNAPSHOT_ROWS])
        kc_buf_printf(line, " of about %" PRId64, values[SNAPSHOT_ROWS_ESTIMATED]);
    if (values[SNAPSHOT_LEFT] != KC_METRIC_UNKNOWN)
        kc_buf_printf(line, ", about %s left", kc_time_text(values[SNAPSHOT_LEFT]).text);
}

/* Is there something new to tell? Not while nothing happens and the WAL stands still. */
static bool moves(const struct measure *measure)
{
    return measure->n_events != measure->line_events ||
           lag_bytes((uint64_t)measure->line_end, measure->watch.end) > 16 << 20;
}

static void tell(struct pg_source *source, int64_t now, const int64_t *values)
{
    struct measure *measure = &source->measure;
    int64_t interval = ((const struct pg_config *)source->base.config)->lag_log_ms;
    bool snapshot = source->phase == PHASE_SNAPSHOT || source->resumable.on;
    if (!interval || (!snapshot && values[BEHIND_BYTES] == KC_METRIC_UNKNOWN))
        return;
    if (!measure->next_line)
        measure->next_line = now + interval;
    if (now < measure->next_line)
        return;
    measure->next_line = now + interval;
    if (!moves(measure))
        return;
    KC_AUTO_BUF line = KC_BUF(0);
    if (snapshot)
        put_snapshot(&line, values);
    else
        put_stream(&line, values);
    if (values[SLOT_HOLDS] != KC_METRIC_UNKNOWN)
        kc_buf_printf(&line, "; the slot holds back %s of WAL", kc_bytes_text(values[SLOT_HOLDS]).text);
    kc_log_info("postgres", "%s; %" PRId64 " events since the last such line", line.data,
                measure->n_events - measure->line_events);
    measure->line_events = measure->n_events;
    measure->line_end = (int64_t)measure->watch.end;
}

void measure_source(struct kc_source *base, int64_t *values)
{
    struct pg_source *source = (struct pg_source *)base;
    const struct pg_config *config = base->config;
    struct measure *measure = &source->measure;
    int64_t now = kc_monotonic_ms();
    /* A snapshot may read on the first; the second is free until the stream begins. */
    PGconn *const conns[] = {source->catalog.conn, source->wal.conn};
    if (slot_watch_serve(&measure->watch, conns, config->slot))
        lag_note(&measure->lag, now, measure->watch.end);
    measure_events(measure, now, values);
    measure_stream(source, now, values);
    measure_snapshot(source, now, values);
    measure_incremental(source, now, values);
    tell(source, now, values);
}
