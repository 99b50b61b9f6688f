/* The initial snapshot: every captured table through COPY TO STDOUT, inside transactions that all see
 * the database as of the slot's consistent point, so that the stream joins it without gap or overlap.
 * One connection reads table after table; with snapshot.max.threads above 1 as many connections as that
 * share the exported snapshot and read pieces of tables side by side, polled by the task's one thread.
 * It starts again from nothing when it is interrupted: resumable.h is the one that does not.
 * Layer: source. Task thread. */
#ifndef PG_SNAPSHOT_H
#define PG_SNAPSHOT_H

#include "sources/common/envelope.h"
#include "sources/postgres/block.h"
#include "sources/postgres/progress.h"
#include "sources/postgres/reader.h"

struct snapshot {
    const struct relation_maker *maker;
    const struct envelope *envelope;
    struct block block;
    struct position position;
    struct snapshot_table *tables;
    size_t n_tables, tables_left;
    /* Pieces are given out in the order of tables and keys. */
    size_t table;
    size_t piece;
    struct reader *readers;
    size_t n_readers, turn; /* turn: which is asked first */
    bool own;               /* the readers' connections are not the catalog's */
    bool cut, marks_first;
    bool begun; /* the first row is out, or the first piece had none */
    int64_t rows;   /* sent so far */
    uint64_t steps; /* pieces begun and ended, rows taken */
    /* One row is held back, since it may be the last of all. */
    struct held_row {
        struct row row;
        struct relation *relation;
        bool first, last; /* of its table */
        bool of_first;    /* its table is the first: only that one's first row is marked so */
    } held;
    struct pgoutput_tuple cells;
    char *names; /* of all tables, for notifications */
    struct snapshot_progress progress;
};

/* Begins the transaction on the maker's catalog connection. exported: name of the server's
 * snapshot, or NULL for one of its own, taken by snapshot.isolation.mode. lsn: what the snapshot
 * stands for; 0: the server's position just before it. */
struct kc_error *snapshot_begin(struct snapshot *snapshot, const struct relation_maker *maker,
                                const struct envelope *envelope, const char *exported,
                                uint64_t lsn) KC_MUST_CHECK;
/* Adds rows to the batch until it is full; waits for the server up to wait_ms if there are none.
 * *done: that was the last one, and the transaction is over. */
struct kc_error *snapshot_poll(struct snapshot *snapshot, struct kc_batch *batch, uint64_t number,
                               size_t most, int wait_ms, bool *done) KC_MUST_CHECK;
/* Forgets everything; the catalog's connection stays. */
void snapshot_end(struct snapshot *snapshot);

#endif
