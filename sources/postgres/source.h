/* The state of a running PostgreSQL source.
 * Layer: source. Task thread. */
#ifndef PG_SOURCE_H
#define PG_SOURCE_H

#include "plugin/source.h"
#include "sources/common/heartbeat.h"
#include "sources/postgres/identity.h"
#include "sources/postgres/blocking.h"
#include "sources/postgres/incremental.h"
#include "sources/postgres/measure.h"
#include "sources/postgres/publication_watch.h"
#include "sources/postgres/resumable.h"
#include "sources/postgres/snapshot.h"
#include "sources/postgres/stream.h"

/* JOINT: the snapshot is over and on its way to Kafka, the stream begins with the next poll. */
enum phase { PHASE_CLOSED, PHASE_SNAPSHOT, PHASE_JOINT, PHASE_STREAM, PHASE_IDLE };

struct pg_source {
    struct kc_source base;
    enum phase phase;
    int failures;     /* in a row, across opens: see errors.max.retries */
    struct identity identity; /* of the server; across opens */
    uint64_t began;   /* where the first stream of this task did, 0: none has */
    uint64_t batches; /* numbers them, for table_keep */
    struct captures captures;
    struct catalog catalog;
    struct wal wal;
    struct envelope envelope;
    struct heartbeat heartbeat;
    int64_t next_xmin; /* monotonic; see xmin.fetch.interval.ms */
    struct transactions transactions;
    struct messages messages;
    struct position said;  /* last, or by an earlier run */
    struct position joint; /* where stream follows snapshot */
    struct position acked; /* stored, and behind us */
    int64_t idle_since; /* monotonic; when the stored position last moved */
    const struct kc_schema *source_schema;
    struct topic_strategy topics;
    struct relation_maker maker;
    char *placeholder; /* owns the maker's */
    struct channels channels;
    struct notifications notifications;
    struct pg_blocking blocking;
    struct kc_error *failure; /* to be returned by the next poll: this one's batch tells of it */
    struct snapshot snapshot;
    struct resumable resumable;
    struct held_begin { /* a BEGIN that waits for chunks to be sent before it */
        bool is;
        struct wal_message message;
        uint32_t xid;
        uint64_t commit_lsn;
    } held;
    bool follows_chunks; /* as of the last poll */
    struct stream stream;
    struct incremental incremental;
    struct publication_watch published;
    struct measure measure;
};

/* How far the snapshot of this run is or was, of either kind. */
static inline const struct snapshot_progress *source_progress(const struct pg_source *source)
{
    return source->resumable.progress.started_ms ? &source->resumable.progress
                                                 : &source->snapshot.progress;
}
/* At the end of a poll of the stream: positions and heartbeats. */
struct kc_error *source_after_messages(struct pg_source *source, struct kc_batch *batch) KC_MUST_CHECK;
/* The poll while source->resumable.on. */
struct kc_error *poll_resumable(struct pg_source *source, struct kc_batch *batch) KC_MUST_CHECK;
/* What starting needs to know and do, from connections to the first byte of the stream. */
struct kc_error *start_source(struct pg_source *source) KC_MUST_CHECK;
/* The same when rows are read by a resumable snapshot. lost: the stored position is no longer on the
 * server. */
struct kc_error *start_resumable(struct pg_source *source, const struct catalog_slot *slot,
                                 struct position *stored, bool lost) KC_MUST_CHECK;
/* From the end of the snapshot into the stream. */
struct kc_error *start_stream(struct pg_source *source, const struct position *from) KC_MUST_CHECK;

/* Has the server forgotten what comes after the stored position, and do the settings care? */
bool source_lost(const struct pg_config *config, const struct catalog_slot *slot,
                 const struct position *stored);

/* The check of kc_source_ops. */
void check_source(const struct kc_check *check);

#endif
