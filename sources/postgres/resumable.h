/* The resumable snapshot (snapshot.resumable): tables are read in chunks of their keys over several
 * connections while the change stream is followed from before the first of them. How far it is stands in
 * the connector's offset beside the position in the stream, and is gone on with after any end.
 *
 * Why its records are right. A chunk is read as of a moment, and has a place: the end of the WAL just after
 * that moment (lane.h). It is sent when the stream has come to its place and before it goes on, between two
 * transactions. So what a consumer has of a row before the chunk is no newer than the chunk's, and all that
 * changes it later comes later: applied in order, no row goes back, and none is missing. One kind of
 * transaction is in the way: those that the chunk does not show, though they committed before its place, in
 * the moment between snapshot and look at the WAL, or that the stream has shown before others could see
 * them (recent.h). If one of them has a row of the chunk's table, the chunk, of which nothing was sent, is
 * thrown away and read again.
 *
 * A table without a usable key, or read by a query of the user, is one chunk: the stream stands still while
 * it is sent, and after a crash in the middle of it all of it is read again.
 * Layer: source. Task thread; waits for the server only where it answers at once. */
#ifndef PG_RESUMABLE_H
#define PG_RESUMABLE_H

#include "sources/common/envelope.h"
#include "sources/postgres/block.h"
#include "sources/postgres/lane.h"
#include "sources/postgres/progress.h"
#include "sources/postgres/recent.h"

struct resumable {
    bool on; /* false: none is taken, nothing else is set but the progress of one that is done */
    const struct relation_maker *maker;
    const struct envelope *envelope;
    struct block block;
    struct ranges ranges;
    struct lane *lanes;
    size_t n_lanes;
    struct pgoutput_tuple cells;
    struct recent recent;
    uint32_t xid;      /* of the last transaction that began in the stream; 0: none yet */
    int64_t wait_until; /* monotonic; no chunk is begun before */
    int64_t nudge_at; /* monotonic; when the server is made to write its WAL out */
    struct snapshot_progress progress;
};

/* Opens snapshot.max.threads connections. text: the stored progress (ranges.h); NULL: from the
 * beginning. Borrowed things live as long as the snapshot. */
struct kc_error *resumable_begin(struct resumable *snapshot, const struct relation_maker *maker,
                                 const struct envelope *envelope,
                                 const char *text) KC_MUST_CHECK;
void resumable_end(struct resumable *snapshot);

/* Lets the connections go on. *moved: something came of it. */
struct kc_error *resumable_step(struct resumable *snapshot, bool *moved) KC_MUST_CHECK;
/* The lowest place of a chunk that is not sent: the stream must not go on to a transaction that
 * committed there or later. UINT64_MAX: none. */
uint64_t resumable_place(struct resumable *snapshot);
/* Adds rows of chunks to the batch for which the stream, between two transactions, is far enough; sets
 * snapshot->on to false after the last of all. commit_lsn: of the last transaction, for the records. */
struct kc_error *resumable_send(struct resumable *snapshot, struct kc_batch *batch, uint64_t number,
                                size_t most, uint64_t stream, uint64_t commit_lsn) KC_MUST_CHECK;
/* A transaction begins in the stream: chunks whose place lies behind it, and which do not show it, are
 * contested while it lasts. */
void resumable_begins(struct resumable *snapshot, uint32_t xid, uint64_t commit_lsn);
/* It has changed rows of that table, of which an earlier run may have sent the events: contested chunks of
 * it are read again. oid 0: of some tables. */
struct kc_error *resumable_changed(struct resumable *snapshot, uint32_t oid) KC_MUST_CHECK;
/* The progress for the offset, in the arena. */
const char *resumable_text(const struct resumable *snapshot, struct kc_arena *arena);
/* The stream has been waited for too long: a server that is idle may not have written out the WAL up to
 * some chunk's place. Makes it, now and then. */
struct kc_error *resumable_nudge(struct resumable *snapshot) KC_MUST_CHECK;
/* Waits until a connection, or that of the stream, has something, stop_fd is readable, or ms went by. */
void resumable_wait(struct resumable *snapshot, int stream_fd, int stop_fd, int ms);

#endif
