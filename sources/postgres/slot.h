/* The replication slot at a start: made in time or tried again, and brought in line with the stored
 * position as offset.mismatch.strategy says.
 * Layer: source. Task thread. */
#ifndef PG_SLOT_H
#define PG_SLOT_H

#include "sources/postgres/source.h"

/* wal_create_slot, tried again slot.max.retries times when the server can't make it within
 * internal.create.slot.command.timeout: it waits for all transactions of that moment to end. */
struct kc_error *slot_create(struct pg_source *source, const char *name, bool temporary,
                             char **point, char **exported) KC_MUST_CHECK;
/* A slot that is there and a position that is known: moves either, or fails, as the strategy says.
 */
struct kc_error *slot_reconcile(struct pg_source *source, const struct catalog_slot *slot,
                                struct position *stored) KC_MUST_CHECK;
/* lsn.flush.mode, which goes before the older flush.lsn.source. */
enum pg_flush_mode slot_flush_mode(const struct pg_config *config);
/* Does the strategy take the slot's position where that is ahead? Then none is lost. */
bool slot_is_trusted(const struct pg_config *config);

#endif
