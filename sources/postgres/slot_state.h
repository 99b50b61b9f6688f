/* What can be wrong with a slot and a stored position before the stream starts, told with what to do.
 * Layer: source. Task thread. */
#ifndef PG_SLOT_STATE_H
#define PG_SLOT_STATE_H

#include "sources/postgres/catalog.h"
#include "sources/postgres/position.h"

/* Has the server given the slot up (max_slot_wal_keep_size and the like), or is the stored position one
 * that this server never had? An error that says so; or, where `start_over` says that a new snapshot
 * is wanted then, *lost, with a slot that is of no use any more dropped and slot->exists false. */
struct kc_error *slot_state_check(struct catalog *catalog, struct catalog_slot *slot,
                                  const struct position *stored, bool start_over,
                                  bool *lost) KC_MUST_CHECK;
/* Who streams from the slot now: "process 4711 (application ..., user ..., from ...)", to be freed; NULL:
 * nobody, or it can't be said. */
char *slot_state_user(struct catalog *catalog);
/* The stream ended with this error and SQLSTATE ("" if none): adds what to do about it. */
struct kc_error *slot_state_explain(const struct pg_config *config, struct kc_error *err,
                                    const char *state) KC_MUST_CHECK;

#endif
