/* Incremental snapshots: tables read in chunks beside the stream, on a connection of their own, at
 * the users' request and while changes go on coming. Each chunk is read between two marks that the
 * stream shows as well (rows of the signal table; with read.only a place in the WAL): what the
 * stream changes between them is taken out of the chunk, and the rest sent once it shows the second.
 * So no row is lost and none goes back in time, and no lock is taken ("DBLog: A Watermark Based
 * Change-Data-Capture Framework", 2020). The stream never waits for a chunk.
 * Layer: source. Task thread; only the requests and the begin of a chunk wait for the catalog. */
#ifndef PG_INCREMENTAL_H
#define PG_INCREMENTAL_H

#include "sources/common/agenda.h"
#include "sources/common/envelope.h"
#include "sources/common/signals.h"
#include "sources/common/window.h"
#include "sources/postgres/block.h"
#include "sources/postgres/chunk.h"

enum increment_state {
    INCREMENT_IDLE,     /* nothing to read, or paused */
    INCREMENT_DUE,      /* a chunk is to begin, perhaps at a later time */
    INCREMENT_MARKING,  /* the first mark is being written */
    INCREMENT_LAST,     /* the last row of the table is looked for */
    INCREMENT_READING,  /* rows of the chunk arrive */
    INCREMENT_CLOSING,  /* the second mark is being written */
    INCREMENT_WAITING,  /* until the stream shows it */
    INCREMENT_SENDING,  /* rows go out, as batches have room */
};

struct incremental {
    const struct relation_maker *maker;
    const struct envelope *envelope;
    int stop_fd;
    PGconn *conn;
    struct agenda agenda;
    enum increment_state state;
    int64_t due_ms; /* monotonic; DUE: when */
    int failures;   /* in a row */
    /* The chunk. */
    char id[37], *open_time, *told_table, *told_correlation; /* as its marks tell it */
    struct window window;
    bool spoiled; /* it must be read again */
    bool full;    /* the window has all it may hold, what comes still is left for the next chunk */
    size_t rows;
    uint64_t until; /* read.only: where in the WAL it ends */
    struct chunk_reader reader;
    PGresult *result;
    /* The table at hand: how it was when the chunk was read. */
    struct relation *relation; /* NULL: none yet */
    struct chunk_order order;
    struct chunk_place sent, end, maximum; /* of the last row sent, read, and there at first */
    int64_t total, scanned, chunks;        /* rows sent, rows and chunks read */
    bool pause_due;                        /* to be told once the chunk at hand is read */
    struct position position;              /* of the stream when the second mark came */
    struct block block;
    struct pgoutput_tuple cells;
};

/* Borrowed things live as long as it does. */
void incremental_init(struct incremental *increment, const struct relation_maker *maker,
                      const struct envelope *envelope, int stop_fd);
void incremental_clear(struct incremental *increment);
/* Takes up where the stored offset stands. */
struct kc_error *incremental_load(struct incremental *increment,
                                  struct kc_value offset) KC_MUST_CHECK;
/* The offset (a map in the arena) with where it stands now. */
struct kc_value incremental_state(struct incremental *increment, struct kc_value offset,
                                  struct kc_arena *arena);

/* ---- requests; what can't be done is told in the log ---- */

struct kc_error *incremental_execute(struct incremental *increment, const char *signal,
                                     const struct snapshot_request *request) KC_MUST_CHECK;
void incremental_stop(struct incremental *increment, const struct snapshot_request *request);
void incremental_pause(struct incremental *increment);
void incremental_resume(struct incremental *increment);

/* ---- what the stream shows ---- */

/* A mark by its id, "<chunk>-open" or "<chunk>-close"; marks of other chunks are passed over. */
void incremental_open(struct incremental *increment, const char *id);
void incremental_close(struct incremental *increment, const char *id,
                       const struct position *position);
/* A changed row; a new structure of a table; a table emptied. */
void incremental_row(struct incremental *increment, const struct relation *relation,
                     const struct pgoutput_change *change, const struct pgoutput *decoder);
void incremental_structure(struct incremental *increment, const struct relation *relation);
void incremental_truncate(struct incremental *increment, const struct relation *relation);

/* ---- steps ---- */

/* Does what can be done without waiting. position: of the stream; decoded: all before it in the WAL has
 * come, 0 inside of a transaction. Rows go into the batch as long as it has room. */
struct kc_error *incremental_step(struct incremental *increment, const struct position *position,
                                  uint64_t decoded, struct kc_batch *batch,
                                  uint64_t number) KC_MUST_CHECK;
/* Rows wait for room in a batch: the stream's next message comes after them. */
static inline bool incremental_sends(const struct incremental *increment)
{
    return increment->state == INCREMENT_SENDING;
}
/* The socket on which an answer is awaited; -1: none. */
int incremental_socket(const struct incremental *increment);

#endif
