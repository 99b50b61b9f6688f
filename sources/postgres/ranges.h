/* What a resumable snapshot has still to send: tables in the order of their oids, for later ones have
 * higher ones; of those that are begun, ranges of their keys. And its form in the stored offset:
 *
 *     {"v":1,"done":16402,"rows":51200,"open":[[16390,"8f03b2c4",["20480"],["40001"]],[16402,"",null,null]]}
 *
 * Tables up to `done` are finished but for the ranges in `open`: oid, what the key looked like, the place
 * of the last row sent and that of the range's last row (null: its end is open).
 * Layer: source. Task thread. */
#ifndef PG_RANGES_H
#define PG_RANGES_H

#include "sources/postgres/pieces.h"

struct range {
    struct range *next;
    struct snapshot_table *table;
    struct chunk_place after, to; /* sent so far; its end */
    struct chunk_place read;      /* read so far: where the next chunk begins */
    bool taken;                   /* somebody reads it */
    bool read_all;                /* its last chunk is read or being read */
};

struct ranges {
    const struct relation_maker *maker;
    struct snapshot_table *tables;
    size_t n_tables, next; /* next: the first that is not begun */
    struct range *first;
    uint32_t done; /* see above */
    int64_t rows;  /* sent by all runs */
};

/* Lists the tables. text: the stored progress; NULL: from the beginning. KC_FATAL: it can't be read. */
struct kc_error *ranges_init(struct ranges *ranges, const struct relation_maker *maker,
                             const char *text) KC_MUST_CHECK;
void ranges_clear(struct ranges *ranges);
/* A range that nobody reads, of a table that is prepared; the next table is cut into up to `most` ranges
 * by a sample of its keys if it has many times `chunk` rows. *range NULL: nothing is left to take. */
struct kc_error *ranges_take(struct ranges *ranges, size_t most, int64_t chunk,
                             struct range **range) KC_MUST_CHECK;
/* All of it is sent. */
void ranges_end(struct ranges *ranges, struct range *range);
/* The table is no more: neither are its ranges. Returns how many that were. */
size_t ranges_drop_table(struct ranges *ranges, struct snapshot_table *table);
/* Looks its structure up anew. *same: the key is what it was; else the table has to be read again from
 * its first row, and of its ranges one is left, for that. Nobody may be reading the others. */
struct kc_error *ranges_reshape(struct ranges *ranges, struct snapshot_table *table,
                                bool *same) KC_MUST_CHECK;
bool ranges_empty(const struct ranges *ranges);
void ranges_put_text(const struct ranges *ranges, struct kc_buf *text);

/* SQL of a text that changes with the table's columns and keys; $oid stands for its oid. */
void ranges_put_shape_sql(struct kc_buf *sql, uint32_t oid);

#endif
