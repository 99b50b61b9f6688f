/* The initial snapshot: every captured table through COPY TO STDOUT, inside one
 * transaction that sees the database as of the slot's consistent point, so that the
 * stream joins it without gap or overlap.
 * Layer: source. Task thread. */
#ifndef PG_SNAPSHOT_H
#define PG_SNAPSHOT_H

#include "sources/common/envelope.h"
#include "sources/postgres/block.h"
#include "sources/postgres/relation.h"

struct snapshot_table {
    uint32_t oid;
    char *schema, *name;
    bool partitioned;
    int rank; /* place of its pattern in table.include.list */
};

struct snapshot {
    const struct relation_maker *maker;
    const struct envelope *envelope;
    struct block block;
    struct position position;
    struct snapshot_table *tables;
    size_t n_tables, at;
    struct relation *relation; /* of the table being read */
    bool copying;
    int64_t rows; /* so far */
    /* One row is held back, since only the row after it tells whether it was the last. */
    char *held;
    int held_len;
    bool held_first;
    struct relation *held_relation;
    struct pgoutput_tuple cells;
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
/* Forgets everything; the connection is the catalog's. */
void snapshot_end(struct snapshot *snapshot);

#endif
