/* Tables as snapshots read them: which ones, in which order, and cut by their keys into pieces
 * that several connections read at a time.
 * Layer: source. Task thread. */
#ifndef PG_PIECES_H
#define PG_PIECES_H

#include "sources/postgres/chunk.h"

struct snapshot_table {
    uint32_t oid;
    char *schema, *name;
    bool partitioned;
    int rank;                  /* place of its pattern in table.include.list */
    int64_t rows;              /* counted where it is cut or ordered by size, else the server's estimate */
    bool counted;
    const char *query;         /* the user's instead of the table; NULL: none */
    struct relation *relation; /* once it is being read */
    struct chunk_order order;  /* without columns: the table is not cut */
    struct piece *pieces;
    size_t n_pieces, left; /* left: not read to their end */
    bool begun;            /* its first row is out, or there is none */
    int64_t read;          /* rows so far */
    char *shape;           /* see ranges_put_shape_sql */
};

/* after < key <= to; no place: open. */
struct piece {
    struct snapshot_table *table;
    size_t index;
    struct chunk_place after, to;
};

/* The captured tables whose rows a snapshot reads, in its order; to be freed with tables_free. */
struct kc_error *tables_list(const struct relation_maker *maker, struct snapshot_table **tables,
                             size_t *count) KC_MUST_CHECK;
void tables_free(struct snapshot_table *tables, size_t count);
/* snapshot.tables.order.by.row.count: counts all of them first. */
struct kc_error *tables_sort(struct catalog *catalog, struct snapshot_table *tables,
                             size_t count) KC_MUST_CHECK;
/* snapshot.locking.mode=shared, until the end of the transaction. */
struct kc_error *tables_lock(struct catalog *catalog, const struct snapshot_table *tables,
                             size_t count) KC_MUST_CHECK;

/* Looks up structure and columns. ordered: order and cut its rows by its key, if it has one and no
 * query stands for the table. */
struct kc_error *table_prepare(const struct relation_maker *maker, struct snapshot_table *table,
                               bool ordered) KC_MUST_CHECK;
/* Do settings ask for more pieces of a table than there are connections? */
bool pieces_multiplied(const struct pg_config *config);
/* How many pieces of the table settings ask for. */
int64_t pieces_wanted(const struct pg_config *config, const struct snapshot_table *table);
/* Fills in the pieces: up to `most` of about the same number of rows, whose bounds the server looks
 * up in an ordered pass over the key; one of a table without order. */
struct kc_error *table_cut(struct catalog *catalog, struct snapshot_table *table,
                           int64_t most) KC_MUST_CHECK;
/* Forgets structure and pieces; the name stays. */
void table_done(struct snapshot_table *table);

/* "COPY (SELECT ...) TO STDOUT" of a piece, in the order of the key. */
void piece_put_sql(struct kc_buf *sql, const struct piece *piece);

#endif
