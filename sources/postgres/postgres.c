/* The PostgreSQL source: rows and changes of a database as Debezium's connector sends them. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "sources/postgres/source.h"

/* How long poll waits when there is nothing. */
#define POLL_MS 500

static const struct pg_config *config_of(const struct pg_source *source)
{
    return source->base.config;
}

static struct kc_error *pg_open(struct kc_source *base)
{
    struct pg_source *source = (struct pg_source *)base;
    const struct pg_config *config = base->config;
    envelope_init(&source->envelope, config->prefix, "postgresql", base->task,
                  config->extended_headers, config->tombstones);
    source->source_schema = block_schema();
    source->maker = (struct relation_maker){
        .catalog = &source->catalog,
        .captures = &source->captures,
        .config = config,
        .source_schema = source->source_schema,
    };
    return start_source(source);
}

static void say_position(struct pg_source *source, struct kc_batch *batch,
                         const struct position *position)
{
    kc_batch_position(batch, position_partition(&batch->arena, config_of(source)->prefix),
                      position_write(position, &batch->arena));
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
    source->phase = PHASE_IDLE;
    return source->wal.conn ? start_stream(source, &position) : NULL;
}

static struct kc_error *poll_stream(struct pg_source *source, struct kc_batch *batch)
{
    size_t most = (size_t)config_of(source)->max_batch;
    int64_t deadline = kc_monotonic_ms() + POLL_MS;
    struct kc_error *err = wal_status(&source->wal);
    while (!err && batch->count < most && !kc_batch_full(batch)) {
        struct wal_message message;
        bool got;
        err = wal_read(&source->wal, &message, &got);
        if (!err && got) {
            err = stream_handle(&source->stream, &message, batch, source->batches);
            continue;
        }
        int64_t left = deadline - kc_monotonic_ms();
        if (err || batch->count || left <= 0 || kc_wait_stop(source->base.stop_fd, 0))
            break;
        err = wal_wait(&source->wal, source->base.stop_fd, (int)left);
    }
    if (!err && batch->count)
        say_position(source, batch, &source->stream.position);
    return err;
}

static struct kc_error *pg_poll(struct kc_source *base, struct kc_batch *batch)
{
    struct pg_source *source = (struct pg_source *)base;
    struct kc_error *err = NULL;
    source->batches++;
    if (source->phase == PHASE_SNAPSHOT)
        err = poll_snapshot(source, batch);
    else if (source->phase == PHASE_STREAM)
        err = poll_stream(source, batch);
    else
        kc_wait_stop(base->stop_fd, POLL_MS);
    if (!err)
        return NULL;
    base->retry_in_ms = (int)config_of(source)->retry_ms;
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
    position_read(kc_position_find(positions, count,
                                   position_partition(&arena, config_of(source)->prefix)),
                  &stored);
    kc_arena_clear(&arena);
    if (source->phase != PHASE_STREAM || config_of(source)->flush_mode == FLUSH_MANUAL)
        return NULL;
    if (stored.known)
        wal_confirm(&source->wal, position_flushable(&stored));
    return wal_status(&source->wal);
}

static struct kc_error *pg_idle(struct kc_source *base)
{
    struct pg_source *source = (struct pg_source *)base;
    return source->phase == PHASE_STREAM ? wal_status(&source->wal) : NULL;
}

static void pg_close(struct kc_source *base)
{
    struct pg_source *source = (struct pg_source *)base;
    snapshot_end(&source->snapshot);
    stream_clear(&source->stream);
    wal_close(&source->wal);
    catalog_close(&source->catalog);
    captures_clear(&source->captures);
    kc_schema_unref(source->source_schema);
    source->source_schema = NULL;
    source->phase = PHASE_CLOSED;
}

static const struct kc_source_ops pg_ops = {
    .size = sizeof(struct pg_source),
    .open = pg_open,
    .poll = pg_poll,
    .commit = pg_commit,
    .idle = pg_idle,
    .close = pg_close,
};

static const char *const java_classes[] = { "io.debezium.connector.postgresql.PostgresConnector",
                                            NULL };
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
    .source = &pg_ops,
};
KC_PLUGIN_EXPORT(kc_plugin_postgres_source);
