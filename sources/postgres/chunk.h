/* Chunks: the rows of a table between two places in the order of its key, and the last place there
 * is. Whoever reads a table piece by piece (incremental snapshots, a snapshot that resumes) remembers
 * the place of the last row and goes on behind it. Nothing here waits: statements are sent, and
 * their answers looked for, on any SQL connection that does nothing else meanwhile.
 *
 *     struct chunk_order order;
 *     chunk_order_init(&order, maker, relation, NULL);           the columns that order the table
 *     struct chunk chunk = {.relation = relation, .order = &order, .after = &last, .limit = 1024};
 *     struct chunk_reader reader = {0};
 *     chunk_start(&reader, conn, &chunk);
 *     for (;;) {
 *         chunk_next(&reader, &got);
 *         CHUNK_ROW:  relation_read(relation, maker, &reader.cells, ...); chunk_place_set(&last, ...)
 *         CHUNK_WAIT: chunk_wait(&reader, stop_fd, ms)
 *         CHUNK_END:  ready for the next chunk_start
 *     }
 *
 * Layer: source. One thread owns a reader and its connection. */
#ifndef PG_CHUNK_H
#define PG_CHUNK_H

#include "sources/postgres/link.h"
#include "sources/postgres/relation.h"

/* The columns that order a table. */
struct chunk_column {
    size_t index;  /* in the relation */
    bool nullable; /* nulls come last, as ORDER BY has it */
};
struct chunk_order {
    struct chunk_column *columns;
    size_t count; /* 0: the table has no key */
    bool unique;  /* no two rows share a place */
};

/* By the column `surrogate`, else by the columns of the relation's key (message.key.columns, the
 * primary key, a unique index). Also notes in the relation which columns a chunk reads
 * (relation_column.copied): the captured ones and these. KC_BAD_DATA: there is no column of that
 * name. Asks the catalog. */
struct kc_error *chunk_order_init(struct chunk_order *order, const struct relation_maker *maker,
                                  struct relation *relation,
                                  const char *surrogate) KC_MUST_CHECK;
void chunk_order_clear(struct chunk_order *order);

/* A place in the order: the values of its columns in a row, as the server prints them; NULL is
 * SQL's null. A zeroed one is no place. */
struct chunk_place {
    char **texts;
    size_t count;
};
void chunk_place_clear(struct chunk_place *place);
/* To that of a row; its tuple has all columns of the relation. */
void chunk_place_set(struct chunk_place *place, const struct chunk_order *order,
                     const struct pgoutput_tuple *row);
/* To another; no place gives none. */
void chunk_place_copy(struct chunk_place *place, const struct chunk_place *from);
bool chunk_place_equal(const struct chunk_place *a, const struct chunk_place *b);

struct chunk {
    const struct relation *relation;
    const struct chunk_order *order;
    const char *condition;           /* SQL that rows must meet as well; NULL: none */
    const struct chunk_place *after; /* rows behind this place; NULL or no place: from the first */
    const struct chunk_place *to;    /* up to and with this one; NULL or no place: to the last */
    /* Most rows, 0 for all. Where rows may share a place, all that share the last one come too, so
     * that none falls between two chunks. */
    int64_t limit;
};

/* SELECT of the rows in order: of the columns that are copied, in the order of the relation. */
void chunk_put_select(struct kc_buf *sql, const struct chunk *chunk);
/* SELECT of the order's columns of the last row that meets the condition: no row for an empty
 * table. */
void chunk_put_last(struct kc_buf *sql, const struct chunk *chunk);

struct chunk_reader {
    PGconn *conn;
    const struct relation *relation;
    enum { READER_IDLE, READER_STARTING, READER_COPYING, READER_ENDING } state;
    PGresult *result;
    char *line; /* of the row at hand, libpq's; the cells point into it */
    size_t line_len;
    struct pgoutput_tuple cells; /* all columns of the relation */
};

/* Sends the SELECT of a chunk as COPY; the connection is idle before. Relation and connection are
 * borrowed until the end. */
struct kc_error *chunk_start(struct chunk_reader *reader, PGconn *conn,
                             const struct chunk *chunk) KC_MUST_CHECK;
enum chunk_got { CHUNK_WAIT, CHUNK_ROW, CHUNK_END };
/* The next row, if it has arrived; its cells hold until the next call. After an error other than of
 * the connection the reader can start again. */
struct kc_error *chunk_next(struct chunk_reader *reader, enum chunk_got *got) KC_MUST_CHECK;
/* Waits until something arrives, stop_fd is readable (KC_WAIT_STOP), or ms went by. */
enum kc_wait chunk_wait(const struct chunk_reader *reader, int stop_fd, int ms);
/* Forgets everything; the connection may be in the middle of an answer, and is then of no use. */
void chunk_reader_clear(struct chunk_reader *reader);

#endif
