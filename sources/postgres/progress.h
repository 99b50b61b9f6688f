/* How far a snapshot is, for whoever shows it: status, log, metrics. Kept up to date by the two kinds
 * of snapshots (snapshot.h, resumable.h); plain numbers, to be read between two polls of the source.
 * Layer: source. Task thread. */
#ifndef PG_PROGRESS_H
#define PG_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot_progress {
    bool running, completed; /* neither: none was taken in this run */
    int64_t started_ms;      /* monotonic; when this run of it began */
    int64_t ended_ms;        /* monotonic; 0: runs still */
    size_t tables, tables_left;
    /* Chunks that are known by now: a table is cut when its turn comes, and a resumable one goes on with
     * the next when one is done, so the total grows. */
    size_t chunks, chunks_done;
    size_t chunks_again; /* thrown away and read again, since their table was changed just then */
    int64_t rows; /* sent, by earlier runs of a resumed one too */
    /* Rows of all tables: counted where they were (several connections), else the server's estimate
     * (pg_class.reltuples, as of the last ANALYZE); of a table never analyzed nothing. */
    int64_t rows_estimated;
};

#endif
