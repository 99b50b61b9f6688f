/* Rows of an incremental snapshot while they wait: packed into bytes and back, the key by which
 * the stream's changes find them, and places in the order of a table as Java's values and back.
 * Layer: source. No I/O. */
#ifndef PG_INCREMENT_ROWS_H
#define PG_INCREMENT_ROWS_H

#include "sources/common/java_array.h"
#include "sources/postgres/chunk.h"

/* All cells of a row; malloc'd. */
char *increment_pack(const struct pgoutput_tuple *row, size_t *len);
/* The cells point into `bytes`. False if they are not what increment_pack made of that many. */
bool increment_unpack(const char *bytes, size_t len, size_t n_columns, struct pgoutput_tuple *row);

/* Appends what identifies a row: its key, or of a table without a key the whole row, since an old row
 * that the stream tells is whole then. key_only: the tuple holds nothing but the replica identity.
 * False if the tuple does not say it. */
bool increment_key(const struct relation *relation, const struct pgoutput_tuple *row, bool key_only,
                   struct kc_buf *key);

/* Are the columns of a table as pgoutput tells them those that were read from the catalog? Generated
 * columns are in the catalog only. */
bool increment_same_structure(const struct relation *read, const struct relation *streamed);

/* Values in the arena, NULL for no place. */
struct java_value *increment_place_to_java(const struct relation *relation,
                                           const struct chunk_order *order,
                                           const struct chunk_place *place,
                                           struct kc_arena *arena);
/* No place if values is NULL. */
void increment_place_from_java(struct chunk_place *place, const struct java_value *values,
                               size_t count);

#endif
