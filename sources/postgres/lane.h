/* A connection of a resumable snapshot: it reads one chunk after the other, each as of a moment of its
 * own, and keeps their rows until they are sent.
 *
 * How a chunk is read, in one transaction: the table is locked against DDL (ACCESS SHARE); then one
 * statement takes the transaction's snapshot and after it the end of the WAL, so that all that the snapshot
 * sees lies before that end; then come the rows. A chunk is sent when the stream has come to that end: it
 * holds every change that went before. What it does not hold, and yet stands before that end (a
 * transaction that committed in the microseconds between), see resumable.h.
 * Layer: source. Task thread; waits for no rows and no lock. */
#ifndef PG_LANE_H
#define PG_LANE_H

#include "sources/postgres/ranges.h"
#include "sources/postgres/reader.h"
#include "sources/postgres/visible.h"

#define LANE_AHEAD 2 /* chunks: one is sent while the next is read */

struct chunk_rows {
    struct range *range;
    struct chunk_place from;   /* where in the range it begins */
    struct relation *relation; /* counted */
    struct chunk_order order;  /* its own: the table may have got another since */
    struct visible seen;
    uint64_t place;            /* the end of the WAL as it was */
    int64_t ts_us;
    struct row *rows;
    size_t n_rows, cap, at; /* at: the first that is not sent */
    int64_t total;          /* rows read */
    size_t bytes;           /* of those not sent */
    bool over;              /* all of its rows are here */
    bool last;              /* and they are the last of its range */
    bool begun;             /* some have been sent */
    bool checked;           /* against what the stream has shown */
    bool contested;         /* see resumable_begins */
};

struct lane {
    const struct relation_maker *maker;
    PGconn *conn;
    int stop_fd;
    enum { LANE_REST, LANE_LOCKING, LANE_STARTING, LANE_READING } state;
    PGresult *answer;
    struct chunk_rows chunks[LANE_AHEAD];
    size_t first, count; /* of the chunks, those in use; the last is the one being read */
    struct range *range; /* of which it reads chunks; NULL: it needs another */
    int64_t chunk;       /* rows of a chunk with an order */
    size_t most_bytes;   /* of a chunk, before reading waits for sending */
    int tries;           /* of a chunk in a row that was spoilt */
};

struct kc_error *lane_open(struct lane *lane, const struct relation_maker *maker) KC_MUST_CHECK;
void lane_close(struct lane *lane);

static inline struct chunk_rows *lane_chunk(struct lane *lane, size_t i)
{
    return &lane->chunks[(lane->first + i) % LANE_AHEAD];
}
/* The chunk that is being read, or locked for; NULL: none. */
static inline struct chunk_rows *lane_reading(struct lane *lane)
{
    return lane->state == LANE_REST ? NULL : lane_chunk(lane, lane->count - 1);
}
/* Is there room for another chunk? */
static inline bool lane_is_free(const struct lane *lane)
{
    return lane->state == LANE_REST && lane->count < LANE_AHEAD;
}
/* Has the chunk a place in the stream by now? */
static inline bool chunk_is_placed(const struct chunk_rows *chunk)
{
    return chunk->place != 0;
}
/* May it be sent once the stream is there? Its rows go on coming where they are many bytes. */
static inline bool chunk_is_ready(const struct lane *lane, const struct chunk_rows *chunk)
{
    return chunk->over || chunk->bytes >= lane->most_bytes;
}

/* Begins to read the next chunk of its range; the lane is free. */
struct kc_error *lane_start(struct lane *lane) KC_MUST_CHECK;
/* Goes on as far as the server's answers allow. *moved: something came of it. KC_BAD_DATA: the table of
 * the chunk at hand is not what it was: gone, renamed, or of another structure. */
struct kc_error *lane_step(struct lane *lane, bool *moved) KC_MUST_CHECK;
/* The row at hand of a chunk is sent: its memory goes. */
void chunk_sent(struct chunk_rows *chunk);
/* Forgets the first chunk, which is not being read: all of it is sent. */
void lane_shift(struct lane *lane);
/* Forgets all chunks from that one on, of which nothing is sent, and goes back to where it began; later
 * ranges are there for others to take again. */
struct kc_error *lane_rewind(struct lane *lane, size_t i) KC_MUST_CHECK;
/* For poll: does the lane wait for its server? */
bool lane_waits(struct lane *lane);

#endif
