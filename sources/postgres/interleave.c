/* The poll of a source that takes a resumable snapshot: chunks and the change stream, each in its
 * turn. */
#include "base/clock.h"
#include "base/mailbox.h"
#include "sources/postgres/slot_state.h"
#include "sources/postgres/source.h"

#define POLL_MS   500
#define GATHER_MS 5
/* How often the server is asked how far it has decoded, while a chunk waits for that. */
#define ASK_MS 10
/* Messages of the stream before the connections of the snapshot have their turn. */
#define MOST_MESSAGES 200

/* All transactions that committed before are through. */
static uint64_t stream_place(const struct pg_source *source)
{
    const struct held_begin *held = &source->held;
    return held->is && held->commit_lsn > source->wal.decoded ? held->commit_lsn
                                                              : source->wal.decoded;
}

/* The next message, a BEGIN only when all chunks before it are sent. */
static struct kc_error *next_message(struct pg_source *source, bool *got)
{
    struct held_begin *held = &source->held;
    struct kc_error *err = NULL;
    *got = held->is;
    if (!held->is) {
        err = wal_read(&source->wal, &held->message, got);
        if (err)
            return slot_state_explain(source->base.config, err, source->wal.state);
        held->is = !err && *got &&
                   pgoutput_begins(held->message.body, &held->xid, &held->commit_lsn);
    }
    if (err || !held->is)
        return err;
    *got = resumable_place(&source->resumable) > held->commit_lsn;
    if (!*got)
        return NULL;
    held->is = false;
    resumable_begins(&source->resumable, held->xid, held->commit_lsn);
    return NULL;
}

static struct kc_error *follow_stream(struct pg_source *source, struct kc_batch *batch, size_t most,
                                      bool *moved)
{
    struct stream *stream = &source->stream;
    struct kc_error *err = NULL;
    for (int i = 0; i < MOST_MESSAGES && batch->count < most && !kc_batch_full(batch); i++) {
        bool got;
        err = next_message(source, &got);
        if (err || !got)
            return err;
        *moved = true;
        err = stream_handle(stream, &source->held.message, batch, source->batches);
        if (!err && stream->touched)
            err = resumable_changed(&source->resumable, stream->touched_table);
        if (err)
            return err;
    }
    return NULL;
}

/* A server with nothing to send does not say by itself that it is beyond a chunk's place. */
static struct kc_error *ask_for_place(struct pg_source *source, int64_t *asked)
{
    uint64_t place = resumable_place(&source->resumable);
    int64_t now = kc_monotonic_ms();
    if (place == UINT64_MAX || place <= stream_place(source) || now - *asked < ASK_MS)
        return NULL;
    *asked = now;
    struct kc_error *err = wal_ask(&source->wal);
    return err ? err : resumable_nudge(&source->resumable);
}

/* False: the batch goes out as it is. */
static bool wait_for_more(struct pg_source *source, const struct kc_batch *batch, int64_t *until)
{
    int64_t now = kc_monotonic_ms();
    if (batch->count && *until > now + GATHER_MS)
        *until = now + GATHER_MS;
    int64_t left = *until - now;
    if (left <= 0 || kc_wait_stop(source->base.stop_fd, 0) || heartbeat_due(&source->heartbeat) ||
        (source->wal.urged && !source->stream.in_transaction))
        return false;
    resumable_wait(&source->resumable, source->held.is ? -1 : PQsocket(source->wal.conn),
                   source->base.stop_fd, (int)(left < ASK_MS ? left : ASK_MS));
    return true;
}

struct kc_error *poll_resumable(struct pg_source *source, struct kc_batch *batch)
{
    const struct pg_config *config = source->base.config;
    struct resumable *snapshot = &source->resumable;
    size_t most = (size_t)config->max_batch;
    int64_t until = kc_monotonic_ms() + POLL_MS, asked = 0;
    size_t done = snapshot->progress.chunks_done;
    struct kc_error *err = wal_status(&source->wal);
    while (!err && snapshot->on && batch->count < most && !kc_batch_full(batch)) {
        size_t before = batch->count;
        bool moved = false;
        err = resumable_step(snapshot, &moved);
        if (!err && !source->stream.in_transaction)
            err = resumable_send(snapshot, batch, source->batches, most, stream_place(source),
                                 source->stream.position.lsn_commit);
        if (!err && snapshot->on)
            err = follow_stream(source, batch, most, &moved);
        if (err || moved || batch->count > before)
            continue;
        err = snapshot->on ? ask_for_place(source, &asked) : NULL;
        if (!err)
            err = wal_status(&source->wal);
        if (!err && snapshot->on && !wait_for_more(source, batch, &until))
            break;
    }
    /* What is sent and not stored comes again after a crash. */
    if (snapshot->progress.chunks_done != done)
        source->base.want_commit = true;
    return err ? err : source_after_messages(source, batch);
}
