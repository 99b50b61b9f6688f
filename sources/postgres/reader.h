/* A connection that copies one piece of a table after the other. It never waits for rows: many of them
 * are polled by one thread.
 * Layer: source. Task thread. */
#ifndef PG_READER_H
#define PG_READER_H

#include "sources/postgres/pieces.h"

struct row {
    char *line; /* of COPY, libpq's; NULL: none */
    int len;
};

struct reader {
    PGconn *conn;
    int stop_fd;
    const struct piece *piece; /* NULL: at rest */
    int64_t rows;              /* taken from this piece */
    struct row ahead, next;    /* two, for only the row after it tells whether one is the last */
    bool starting;             /* the server has not begun to send */
    PGresult *answer;          /* while starting */
    bool over;                 /* no more rows come after these */
};

/* Sends the statement, a COPY. The reader must be at rest. */
struct kc_error *reader_start(struct reader *reader, const struct piece *piece,
                              const char *sql) KC_MUST_CHECK;
/* Takes from the connection what is here. After it either reader_has_row, or reader_ended, or the
 * reader waits for the server. */
struct kc_error *reader_fill(struct reader *reader) KC_MUST_CHECK;
static inline bool reader_has_row(const struct reader *reader)
{
    return reader->ahead.line && (reader->next.line || reader->over);
}
/* Is the row at hand the last of the piece? */
static inline bool reader_at_last(const struct reader *reader)
{
    return reader->over && !reader->next.line;
}
static inline bool reader_ended(const struct reader *reader)
{
    return reader->piece && reader->over && !reader->ahead.line;
}
/* The row at hand; freed by the caller with PQfreemem. */
struct row reader_take(struct reader *reader);
/* After the last row: did the statement end well? The reader is at rest then. */
struct kc_error *reader_finish(struct reader *reader) KC_MUST_CHECK;
/* Frees the rows that were not taken; the connection is the caller's. */
void reader_clear(struct reader *reader);
/* Waits until a reader that needs it has something from its server, stop_fd is readable (false), or ms
 * went by (false). */
bool readers_wait(const struct reader *readers, size_t count, int stop_fd, int ms);

#endif
