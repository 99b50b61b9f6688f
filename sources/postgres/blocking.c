#include "sources/postgres/blocking.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "sources/postgres/source.h"

#define POLL_MS 500
/* The server hears of us at least so often while we don't read what it sends. */
#define ALIVE_MS 5000

static struct kc_error *begin(struct pg_source *source)
{
    struct pg_blocking *blocking = &source->blocking;
    const struct blocking_wish *wish = blocking->wishes.first;
    kc_log_info("postgres", "Signal %s: the stream pauses for a blocking snapshot", wish->id);
    blocking->maker = source->maker;
    blocking->maker.catalog = &blocking->catalog;
    blocking->maker.request = &wish->request;
    blocking->running = true;
    snapshot_end(&source->snapshot);
    struct kc_error *err =
        catalog_open(&blocking->catalog, source->base.config, source->base.stop_fd);
    return err ? err
               : snapshot_begin(&source->snapshot, &blocking->maker, &source->envelope, NULL, 0);
}

static void end(struct pg_source *source)
{
    snapshot_end(&source->snapshot);
    catalog_close(&source->blocking.catalog);
    source->blocking.running = false;
}

/* What would fail again and again must not hold up the stream. Takes the error. */
static void give_up(struct pg_source *source, struct kc_batch *batch, struct kc_error *err)
{
    char *line = kc_error_line(err);
    kc_error_free(err);
    kc_log_error("postgres", "Signal %s: the blocking snapshot is given up, the stream goes on: %s",
                 source->blocking.wishes.first->id, line);
    free(line);
    notify_snapshot(&source->notifications, "ABORTED");
    kc_batch_reset(batch);
    end(source);
    blocking_drop(&source->blocking.wishes);
}

static struct kc_error *keep_alive(struct wal *wal)
{
    int64_t latest = kc_monotonic_ms() + ALIVE_MS;
    if (wal->next_status > latest)
        wal->next_status = latest;
    return wal_status(wal);
}

/* A lost connection may come back; what a server that is there refuses, it refuses again. */
static bool passes(const struct pg_source *source, const struct kc_error *err)
{
    const PGconn *conn = source->blocking.catalog.conn;
    return err->fault == KC_STOPPED ||
           (err->fault == KC_RETRY && (!conn || PQstatus(conn) != CONNECTION_OK));
}

struct kc_error *pg_blocking_poll(struct pg_source *source, struct kc_batch *batch,
                                  struct position *position)
{
    const struct pg_config *config = source->base.config;
    bool done = false;
    struct kc_error *err = source->wal.conn ? keep_alive(&source->wal) : NULL;
    if (err)
        return err;
    if (!source->blocking.running)
        err = begin(source);
    if (!err)
        err = snapshot_poll(&source->snapshot, batch, source->batches, (size_t)config->max_batch,
                            POLL_MS, &done);
    if (err && passes(source, err)) {
        if (err->fault != KC_STOPPED)
            notify_snapshot(&source->notifications, "ABORTED");
        return err;
    }
    if (err) {
        give_up(source, batch, err);
        position->blocking = false;
        return NULL;
    }
    position->in_snapshot = false;
    position->blocking = true;
    position->last_row = position->completed = done;
    if (done) {
        end(source);
        blocking_drop(&source->blocking.wishes);
    }
    return NULL;
}

void pg_blocking_clear(struct pg_source *source)
{
    if (source->blocking.running)
        end(source);
    blocking_clear(&source->blocking.wishes);
}
