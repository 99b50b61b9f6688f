/* The chunk of an incremental snapshot, from its first mark to its last row: statements on a connection
 * of its own, and what becomes of their answers (see incremental.h). An error that any of these
 * gives is the task's; what goes wrong on the own connection they take care of.
 * Layer: source. Task thread. */
#ifndef PG_INCREMENT_CHUNK_H
#define PG_INCREMENT_CHUNK_H

#include "sources/postgres/incremental.h"

/* Forget the chunk at hand, what is known of the table, the places in it. */
void increment_drop_chunk(struct incremental *increment);
void increment_drop_table(struct incremental *increment);
void increment_drop_places(struct incremental *increment);
/* The first table is done or given up. */
void increment_next_table(struct incremental *increment);
/* The next chunk is to begin after a wait. */
void increment_due(struct incremental *increment, int64_t wait_ms);
/* What went wrong on the own connection (taken): the chunk is tried again later, or the table passed over,
 * with a word in the log. KC_STOPPED comes back. */
struct kc_error *increment_fail(struct incremental *increment, struct kc_error *err,
                                const char *what) KC_MUST_CHECK;

/* Begins a chunk of the first table. */
struct kc_error *increment_begin(struct incremental *increment) KC_MUST_CHECK;
/* MARKING, LAST, CLOSING: looks for the answer. *more: there is something to do at once. */
struct kc_error *increment_answer(struct incremental *increment, bool *more) KC_MUST_CHECK;
/* READING: takes the rows that have arrived. */
struct kc_error *increment_read(struct incremental *increment, bool *more) KC_MUST_CHECK;
/* The stream is where the chunk ends: WAITING becomes SENDING. */
void increment_finish(struct incremental *increment, const struct position *position);
/* SENDING: rows into the batch. */
struct kc_error *increment_send(struct incremental *increment, struct kc_batch *batch,
                                uint64_t number, bool *more) KC_MUST_CHECK;

#endif
