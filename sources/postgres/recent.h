/* Transactions that the change stream has shown, and which a snapshot of the database may yet not see: the
 * server writes a commit to the WAL before it lets others see it (and waits for standbys in between, if it
 * is to be synchronous).
 * Layer: source. Task thread. */
#ifndef PG_RECENT_H
#define PG_RECENT_H

#include <stddef.h>

#include "sources/postgres/visible.h"

struct recent {
    struct recent_change {
        uint32_t xid, table; /* table 0: some */
    } * changes;
    size_t count, cap;
    struct visible seen; /* by the latest snapshot: of its transactions none is kept */
};

void recent_clear(struct recent *recent);
/* The stream has shown a row of the table. */
void recent_add(struct recent *recent, uint32_t xid, uint32_t table);
/* A new snapshot was taken. False: it does not see a change of the table that the stream has shown. */
bool recent_all_seen(struct recent *recent, const struct visible *seen, uint32_t table);

#endif
