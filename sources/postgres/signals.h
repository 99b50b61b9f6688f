/* Signals to the PostgreSQL source: the table from their types to what is done about them, and the
 * channel that is a table of the database, whose inserted rows are signals.
 * Layer: source. Task thread. */
#ifndef PG_SIGNALS_H
#define PG_SIGNALS_H

#include "data/record.h"
#include "sources/common/signals.h"
#include "sources/postgres/config.h"

struct pg_source;

/* What signals_handle knows, ended by NULL: the signal_types of kc_source_ops. */
extern const char *const signals_types[];

/* Is it the table of signal.data.collection? */
bool signals_is_table(const struct pg_config *config, struct kc_text schema, struct kc_text name);

/* Does what a signal of any channel says. What can't be done about it is told in the log; an error is
 * one of the task. Records that it makes go into the batch, whose number is that of table_keep. */
struct kc_error *signals_handle(struct pg_source *source, const struct signal *signal,
                                struct kc_batch *batch, uint64_t number) KC_MUST_CHECK;
/* A row of the signal table as its event shows it (a struct): one that was inserted, or one that was
 * deleted, which closes a window of the strategy insert_delete. */
struct kc_error *signals_row(struct pg_source *source, struct kc_value row, bool deleted,
                             struct kc_batch *batch, uint64_t number) KC_MUST_CHECK;

#endif
