/* The PostgreSQL source: rows and changes of a database as Debezium's connector sends them. */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "sources/postgres/listed.h"
#include "sources/postgres/signals.h"
#include "sources/postgres/slot.h"
#include "sources/postgres/slot_state.h"
#include "sources/postgres/source.h"

/* How long poll waits when there is nothing. */
#define POLL_MS 500
/* How long a batch gathers changes at most, and in which steps. */
#define GATHER_US 5000
#define PAUSE_US  200
/* When the position of a database moves where nothing is captured: after a minute, or a second once
 * the slot holds back more than a segment of WAL. */
#define IDLE_MS     60000
#define IDLE_FAR_MS 1000
#define IDLE_BYTES  (16 << 20)

static const struct pg_config *config_of(const struct pg_source *source)
{
    return source->base.config;
}

/* internal.custom.retriable.exception: errors whose text matches may pass, says the user. */
static bool is_excused(const struct pg_config *config, const struct kc_error *err)
{
    const char *pattern = config->retriable;
    struct kc_regex *regex = NULL;
    if (!pattern || !*pattern || strcmp(pattern, "false") == 0)
        return false;
    struct kc_error *bad = kc_regex_new(pattern, false, &regex);
    bool found = false;
    for (; !bad && err && !found; err = err->cause)
        found = kc_regex_matches(regex, kc_text(err->text));
    kc_error_free(bad);
    kc_regex_free(regex);
    return found;
}

/* Errors that may pass are tried again errors.max.retries times in a row. */
static struct kc_error *judge(struct pg_source *source, struct kc_error *err)
{
    int most = config_of(source)->max_retries;
    source->base.retry_in_ms = (int)config_of(source)->retry_ms;
    if (err->fault == KC_FATAL && is_excused(config_of(source), err))
        err->fault = KC_RETRY;
    if (err->fault == KC_RETRY && most >= 0 && source->failures++ >= most)
        err->fault = KC_FATAL;
    return err;
}

/* The placeholder's bytes, and the same as text: what is no UTF-8 in them becomes U+FFFD. */
static void set_placeholder(struct pg_source *source)
{
    const char *given = config_of(source)->placeholder;
    size_t len = strlen(given);
    KC_AUTO_BUF buf = KC_BUF(0);
    if (strncmp(given, "hex:", 4) == 0) {
        for (size_t i = 4; i + 1 < len; i += 2) {
            int high = kc_hex_digit(given[i]), low = kc_hex_digit(given[i + 1]);
            kc_buf_char(&buf, high < 0 || low < 0 ? '?' : (char)(high << 4 | low));
        }
    } else {
        kc_buf_str(&buf, given);
    }
    size_t n_bytes = buf.len;
    KC_AUTO_BUF text = KC_BUF(0);
    for (struct kc_text rest = {buf.data, buf.len}; rest.len;) {
        size_t good = kc_text_utf8(rest), passed = good + (good < rest.len);
        kc_buf_put(&text, rest.ptr, good);
        if (passed > good)
            kc_buf_str(&text, "\xef\xbf\xbd");
        rest = (struct kc_text){rest.ptr + passed, rest.len - passed};
    }
    kc_buf_put(&buf, text.data, text.len);
    free(source->placeholder);
    source->placeholder = kc_buf_take(&buf);
    source->maker.placeholder = (struct placeholder){
        .bytes = {source->placeholder, n_bytes},
        .text = {source->placeholder + n_bytes, text.len},
    };
}

/* When WAL is let go without a stored position, one must be stored now and then all the same. */
#define FORCED_HEARTBEAT_MS 600000

static int heartbeat_ms(const struct pg_config *config)
{
    bool forced = slot_flush_mode(config) == FLUSH_CONNECTOR_AND_DRIVER && !config->transactions;
    return forced && config->heartbeat_ms <= 0 ? FORCED_HEARTBEAT_MS : config->heartbeat_ms;
}

/* What signals ask for could begin now. */
static bool listens(const struct pg_source *source)
{
    return (source->phase == PHASE_STREAM || source->phase == PHASE_IDLE) &&
           !source->stream.in_transaction && !pg_blocking_due(&source->blocking);
}

static struct kc_error *pg_open(struct kc_source *base)
{
    struct pg_source *source = (struct pg_source *)base;
    const struct pg_config *config = base->config;
    envelope_init(&source->envelope, config->prefix, "postgresql", base->task,
                  config->extended_headers, config->tombstones);
    source->envelope.counts = source->measure.events.of;
    source->source_schema = block_schema();
    source->maker = (struct relation_maker){
        .catalog = &source->catalog,
        .captures = &source->captures,
        .config = config,
        .topics = &source->topics,
        .source_schema = source->source_schema,
        .notifications = &source->notifications,
    };
    set_placeholder(source);
    heartbeat_init(&source->heartbeat, heartbeat_ms(config), config->heartbeat_name,
                   config->heartbeat_prefix, config->delimiter, config->prefix);
    char *topic = kc_printf("%s%s%s", config->prefix, config->delimiter, config->topic_transaction);
    transactions_init(&source->transactions, config->transactions, topic);
    free(topic);
    source->idle_since = kc_monotonic_ms();
    incremental_init(&source->incremental, &source->maker, &source->envelope, base->stop_fd);
    channels_init(&source->channels, &config->channels, config->prefix, base);
    notifications_init(&source->notifications, &config->notifications, config->prefix);
    struct kc_error *err = relation_topics(config, &source->topics);
    if (!err)
        err = messages_init(&source->messages, config, source->source_schema);
    if (!err)
        err = start_source(source);
    base->listens = listens(source);
    return err ? judge(source, err) : NULL;
}

static void say_position(struct pg_source *source, struct kc_batch *batch,
                         const struct position *position)
{
    struct position said = source->said = *position;
    said.wishes = source->blocking.wishes.text;
    if (source->resumable.on)
        said.resume = resumable_text(&source->resumable, &batch->arena);
    struct kc_value offset = position_write(&said, &source->transactions, &batch->arena);
    kc_batch_position(batch, position_partition(&batch->arena, config_of(source)->prefix),
                      incremental_state(&source->incremental, offset, &batch->arena));
}

static struct kc_error *beat(struct pg_source *source, struct kc_batch *batch,
                             const struct position *position)
{
    const char *query = config_of(source)->heartbeat_query;
    struct kc_error *err = NULL;
    if (query && *query)
        err = link_query(source->catalog.conn, source->base.stop_fd, query, NULL);
    if (err) {
        /* The original tries again whatever the server says: a table may be there later. */
        if (err->fault == KC_FATAL)
            err->fault = KC_RETRY;
        return kc_while(err, "while running heartbeat.action.query");
    }
    heartbeat_add(&source->heartbeat, batch);
    say_position(source, batch, position);
    return NULL;
}

static struct kc_error *poll_snapshot(struct pg_source *source, struct kc_batch *batch)
{
    bool done;
    struct kc_error *err = snapshot_poll(&source->snapshot, batch, source->batches,
                                         (size_t)config_of(source)->max_batch, POLL_MS, &done);
    if (err)
        return err;
    struct position position = source->snapshot.position;
    if (batch->count || done)
        say_position(source, batch, &position);
    if (!done)
        return NULL;
    snapshot_end(&source->snapshot);
    source->phase = source->wal.conn ? PHASE_JOINT : PHASE_IDLE;
    source->joint = position;
    if (!source->wal.conn && source->heartbeat.interval_ms > 0)
        heartbeat_add(&source->heartbeat, batch);
    return NULL;
}

/* What goes wrong here takes no row of the snapshot with it: those are in Kafka. */
static struct kc_error *poll_joint(struct pg_source *source)
{
    if (kc_wait_stop(source->base.stop_fd, (int)config_of(source)->stream_delay_ms))
        return kc_fail(KC_STOPPED, "stopped before the stream");
    heartbeat_now(&source->heartbeat);
    return start_stream(source, &source->joint);
}

/* Outside of a transaction all that the server has decoded is behind us, though none of it made a
 * record: the position may say so. */
static struct position idle_position(const struct pg_source *source)
{
    struct position position = source->stream.position;
    if (source->wal.decoded > position.lsn_commit && source->wal.decoded > position.lsn) {
        position.lsn = position.lsn_proc = position.lsn_commit = source->wal.decoded;
        position.message = "COMMIT";
        position.events = 0;
        position.ts_us = kc_now_us();
    }
    return position;
}

/* A database where nothing captured happens: without a record the slot would hold WAL for ever. */
static void move_when_idle(struct pg_source *source, struct kc_batch *batch)
{
    const struct stream *stream = &source->stream;
    int64_t now = kc_monotonic_ms();
    bool far = source->wal.decoded > source->wal.held + IDLE_BYTES;
    if (stream->in_transaction || now - source->idle_since < (far ? IDLE_FAR_MS : IDLE_MS))
        return;
    struct position position = idle_position(source);
    if (position.lsn_commit <= source->wal.confirmed)
        return;
    source->idle_since = now;
    say_position(source, batch, &position);
}

/* lsn.flush.mode=connector_and_driver: with all of ours stored, WAL that has nothing of ours goes
 * at once, before a position says so. */
static void let_go(struct pg_source *source)
{
    const struct position *sent = &source->stream.sent, *acked = &source->acked;
    bool pending = sent->known && (acked->lsn < sent->lsn ||
                                   (acked->lsn == sent->lsn && acked->events < sent->events));
    if (slot_flush_mode(config_of(source)) == FLUSH_CONNECTOR_AND_DRIVER && !pending &&
        !source->stream.in_transaction)
        wal_confirm(&source->wal, source->wal.decoded);
}

/* A server that shuts down waits until we have confirmed all that it sent, which we do for what is
 * stored only: so that is not put off. */
static void hurry(struct pg_source *source, struct kc_batch *batch)
{
    if (!source->wal.urged || source->stream.in_transaction)
        return;
    struct position position = idle_position(source);
    source->wal.urged = batch->count > 0; /* then what follows it comes at the next call */
    if (!batch->count && position.lsn_commit > source->wal.confirmed)
        say_position(source, batch, &position);
    source->base.want_commit = true;
}

/* What may be stored once the records so far are in Kafka. Chunks are sent between transactions, where all
 * before is done; rows of an incremental snapshot can come before the first event of the stream. */
static struct position safe_position(const struct pg_source *source)
{
    const struct stream *stream = &source->stream;
    if (source->follows_chunks && !stream->in_transaction)
        return idle_position(source);
    return stream->sent.lsn ? stream->sent : stream->stored;
}

struct kc_error *source_after_messages(struct pg_source *source, struct kc_batch *batch)
{
    const struct stream *stream = &source->stream;
    bool finished = source->follows_chunks && !source->resumable.on;
    if (batch->count || finished) {
        struct position position = safe_position(source);
        source->idle_since = kc_monotonic_ms();
        say_position(source, batch, &position);
    }
    source->follows_chunks = source->resumable.on;
    hurry(source, batch);
    if (heartbeat_due(&source->heartbeat) && !stream->in_transaction) {
        struct position position = idle_position(source);
        return position.lsn ? beat(source, batch, &position) : NULL;
    }
    if (!batch->count) {
        move_when_idle(source, batch);
        let_go(source);
    }
    return NULL;
}

/* The server sends each change by itself: a batch that has some waits a moment for more, so that
 * one step of ours handles many. False once it is time to go. */
static bool gather(struct pg_source *source, int64_t *until)
{
    int64_t now = kc_monotonic_us(), dispatch_ms = config_of(source)->dispatch_ms;
    if (!*until)
        *until = now + (dispatch_ms > 0 ? dispatch_ms * 1000 : GATHER_US);
    if (now >= *until)
        return false;
    if (dispatch_ms > 0) {
        int64_t left = (*until - now) / 1000 + 1;
        wal_wait(&source->wal, source->base.stop_fd, left < POLL_MS ? (int)left : POLL_MS);
        return true;
    }
    struct timespec pause = {0, PAUSE_US * 1000};
    nanosleep(&pause, NULL);
    return wal_wait(&source->wal, source->base.stop_fd, 0);
}

/* The slot's xmin, for source.xmin of what comes next. */
static struct kc_error *fetch_xmin(struct pg_source *source)
{
    int64_t now, every = config_of(source)->xmin_ms;
    if (every <= 0 || (now = kc_monotonic_ms()) < source->next_xmin)
        return NULL;
    struct catalog_slot slot;
    struct kc_error *err = catalog_slot(&source->catalog, &slot);
    if (err)
        return kc_while(err, "while looking up the slot's xmin");
    source->next_xmin = now + every;
    source->stream.position.xmin = slot.xmin;
    return NULL;
}

/* All before it is done: to be said when nothing new is, but other things that the offset holds changed. */
static struct position present_position(const struct pg_source *source)
{
    struct position position = source->said;
    if (source->phase == PHASE_STREAM)
        position = source->stream.in_transaction ? source->stream.position : idle_position(source);
    if (position.lsn)
        return position;
    return source->said.lsn ? source->said : source->stream.stored;
}

/* Signals of all channels but the table, whose rows the stream takes when it comes to them. */
static struct kc_error *take_signals(struct pg_source *source, struct kc_batch *batch)
{
    struct signal signal;
    if (source->stream.in_transaction)
        return NULL;
    while (channels_take(&source->channels, &signal)) {
        struct kc_error *err = signals_handle(source, &signal, batch, source->batches);
        signal_clear(&signal);
        if (err)
            return err;
        struct position position = present_position(source);
        say_position(source, batch, &position);
    }
    return NULL;
}

static struct kc_error *poll_stream(struct pg_source *source, struct kc_batch *batch)
{
    size_t most = (size_t)config_of(source)->max_batch;
    int64_t deadline = kc_monotonic_ms() + POLL_MS, gather_until = 0;
    struct kc_error *err = wal_status(&source->wal);
    if (!err)
        err = take_signals(source, batch);
    while (!err && batch->count < most && !kc_batch_full(batch) &&
           !pg_blocking_due(&source->blocking)) {
        struct wal_message message;
        bool got;
        err = incremental_step(&source->incremental, &source->stream.position,
                               source->stream.in_transaction ? 0 : source->wal.decoded, batch,
                               source->batches);
        if (err || incremental_sends(&source->incremental))
            break;
        err = wal_read(&source->wal, &message, &got);
        if (err)
            return slot_state_explain(config_of(source), err, source->wal.state);
        if (!err && got)
            err = fetch_xmin(source);
        if (!err && got) {
            err = stream_handle(&source->stream, &message, batch, source->batches);
            continue;
        }
        if (err || heartbeat_due(&source->heartbeat) || kc_wait_stop(source->base.stop_fd, 0) ||
            (source->wal.urged && !source->stream.in_transaction))
            break;
        if (batch->count ? !gather(source, &gather_until) : deadline - kc_monotonic_ms() <= 0)
            break;
        if (!batch->count)
            wal_wait_either(&source->wal, incremental_socket(&source->incremental),
                            source->base.stop_fd, (int)(deadline - kc_monotonic_ms()));
    }
    if (!err)
        err = publication_watch_serve(&source->published, &source->catalog, &source->captures,
                                      &source->stream.told_again);
    return err ? err : source_after_messages(source, batch);
}

static struct kc_error *poll_blocking(struct pg_source *source, struct kc_batch *batch)
{
    struct position position = present_position(source);
    struct kc_error *err = pg_blocking_poll(source, batch, &position);
    if (!err)
        say_position(source, batch, &position);
    return err;
}

/* What waits to be told goes with the batch; of a failed poll, in its stead, and the error comes next. */
static struct kc_error *tell(struct pg_source *source, struct kc_batch *batch, struct kc_error *err)
{
    if (err && source->phase == PHASE_SNAPSHOT && err->fault != KC_STOPPED)
        notify_snapshot(&source->notifications, "ABORTED");
    if (err && notifications_wait(&source->notifications)) {
        kc_batch_reset(batch);
        source->failure = err;
        err = NULL;
    }
    if (err)
        return err;
    if (batch->count)
        source->failures = 0;
    notifications_add(&source->notifications, batch);
    return NULL;
}

/* Rows were read and there is no stream; signals are taken all the same. */
static struct kc_error *poll_idle(struct pg_source *source, struct kc_batch *batch)
{
    struct kc_error *err = take_signals(source, batch);
    if (!err && !batch->n_positions && !notifications_wait(&source->notifications))
        kc_wait_stop(source->base.stop_fd, POLL_MS);
    return err;
}

static struct kc_error *poll_phase(struct pg_source *source, struct kc_batch *batch)
{
    if (source->phase == PHASE_SNAPSHOT)
        return poll_snapshot(source, batch);
    if (source->phase == PHASE_JOINT)
        return poll_joint(source);
    if (source->resumable.on)
        return poll_resumable(source, batch);
    if (pg_blocking_due(&source->blocking))
        return poll_blocking(source, batch);
    return source->phase == PHASE_STREAM ? poll_stream(source, batch) : poll_idle(source, batch);
}

static struct kc_error *pg_poll(struct kc_source *base, struct kc_batch *batch)
{
    struct pg_source *source = (struct pg_source *)base;
    struct kc_error *err = source->failure;
    source->failure = NULL;
    source->batches++;
    if (!err) {
        err = poll_phase(source, batch);
        err = tell(source, batch, err);
    }
    base->listens = listens(source);
    if (!err)
        return NULL;
    err = judge(source, err);
    return err->fault == KC_FATAL
               ? kc_while_as(err, "org.apache.kafka.connect.errors.ConnectException",
                             "An exception occurred in the change event producer. This connector "
                             "will be stopped.")
               : err;
}

static struct kc_error *pg_commit(struct kc_source *base, const struct kc_position *positions,
                                  size_t count)
{
    struct pg_source *source = (struct pg_source *)base;
    struct position stored;
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    position_read(
        kc_position_find(positions, count, position_partition(&arena, config_of(source)->prefix)),
        &stored);
    kc_arena_clear(&arena);
    if (stored.known)
        source->acked = stored;
    if (source->phase != PHASE_STREAM || slot_flush_mode(config_of(source)) == FLUSH_MANUAL)
        return NULL;
    if (stored.known)
        wal_confirm(&source->wal, position_flushable(&stored));
    return wal_status(&source->wal);
}

static struct kc_error *pg_signal(struct kc_source *base, const struct kc_source_signal *signal)
{
    struct pg_source *source = (struct pg_source *)base;
    channels_put(&source->channels, signal);
    return NULL;
}

static struct kc_error *pg_idle(struct kc_source *base)
{
    struct pg_source *source = (struct pg_source *)base;
    if (source->phase != PHASE_STREAM)
        return NULL;
    /* A sender that can't get rid of what it has does not end when it is told to, and the checkpoint that
     * wants to give up its slot waits for it: the whole server would stand still. */
    if (source->measure.watch.health >= SLOT_UNRESERVED) {
        wal_hang_up(&source->wal);
        return kc_fail(KC_RETRY,
                       "the stream was closed, for nothing reads it and the server is about to give slot "
                       "\"%s\" up",
                       config_of(source)->slot);
    }
    return wal_status(&source->wal);
}

/* slot.drop.on.stop, at an orderly stop. What fails here only leaves the slot as it is. */
static void drop_slot(struct pg_source *source)
{
    wal_close(&source->wal);
    struct kc_error *err = NULL;
    /* The server needs a moment to notice that the stream is gone. */
    for (int tries = 0; tries < 20; tries++) {
        AUTO_RESULT *result = NULL;
        kc_error_free(err);
        err = link_ask(source->catalog.conn, -1, &result,
                       "SELECT pg_catalog.pg_drop_replication_slot(slot_name)"
                       " FROM pg_catalog.pg_replication_slots WHERE slot_name = $1",
                       config_of(source)->slot, NULL);
        if (!err || kc_wait_stop(-1, 50))
            break;
    }
    if (!err)
        return;
    char *line = kc_error_line(err);
    kc_log_warn("postgres", "The slot \"%s\" was not dropped: %s", config_of(source)->slot, line);
    free(line);
    kc_error_free(err);
}

static void pg_close(struct kc_source *base)
{
    struct pg_source *source = (struct pg_source *)base;
    slot_watch_stop(&source->measure.watch);
    if (config_of(source)->drop_slot && source->phase == PHASE_STREAM &&
        kc_wait_stop(base->stop_fd, 0))
        drop_slot(source);
    heartbeat_clear(&source->heartbeat);
    channels_clear(&source->channels);
    pg_blocking_clear(source);
    kc_error_free(source->failure);
    source->failure = NULL;
    notifications_clear(&source->notifications);
    transactions_clear(&source->transactions);
    messages_clear(&source->messages);
    topic_strategy_clear(&source->topics);
    snapshot_end(&source->snapshot);
    incremental_clear(&source->incremental);
    resumable_end(&source->resumable);
    source->held.is = source->follows_chunks = false;
    stream_clear(&source->stream);
    publication_watch_clear(&source->published);
    wal_close(&source->wal);
    catalog_close(&source->catalog);
    captures_clear(&source->captures);
    kc_schema_unref(source->source_schema);
    source->source_schema = NULL;
    free(source->placeholder);
    source->placeholder = NULL;
    source->phase = PHASE_CLOSED;
}

static const struct kc_source_ops pg_ops = {
    .size = sizeof(struct pg_source),
    .check = check_source,
    .open = pg_open,
    .poll = pg_poll,
    .commit = pg_commit,
    .signal = pg_signal,
    .signal_types = signals_types,
    .idle = pg_idle,
    .measure = measure_source,
    .metrics = measure_metrics,
    .close = pg_close,
};

static const char *const java_classes[] = {"io.debezium.connector.postgresql.PostgresConnector",
                                           NULL};
extern const struct kc_plugin kc_plugin_postgres_source;
const struct kc_plugin kc_plugin_postgres_source = {
    .abi = KC_ABI,
    .kind = KC_SOURCE,
    .name = "postgres",
    .version = PENSTOCK_VERSION,
    .about = "Snapshots and streams a PostgreSQL database through a logical replication slot.",
    .java_classes = java_classes,
    .java_task_class = "io.debezium.connector.postgresql.PostgresConnectorTask",
    .config_size = sizeof(struct pg_config),
    .options = pg_options,
    .listed = pg_listed,
    .source = &pg_ops,
};
KC_PLUGIN_EXPORT(kc_plugin_postgres_source);
