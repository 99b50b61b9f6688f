/* Blocking snapshots: the stream pauses where it is, the named tables are read on a connection of their own,
 * and the stream goes on. Positions stay those of the stream, so that nothing of it is lost whatever
 * happens; a snapshot that was cut short is taken again.
 * Layer: source. Task thread. */
#ifndef PG_BLOCKING_H
#define PG_BLOCKING_H

#include "sources/common/blocking.h"
#include "sources/postgres/position.h"
#include "sources/postgres/snapshot.h"

struct pg_source;

struct pg_blocking {
    struct blocking wishes;
    bool running; /* the first of them, as pg_source.snapshot */
    struct catalog catalog;
    struct relation_maker maker;
};

/* Is the stream to pause? */
static inline bool pg_blocking_due(const struct pg_blocking *blocking)
{
    return blocking->wishes.first != NULL;
}
/* The poll while the stream pauses. position: of the stream, changed to what holds of the batch. A snapshot
 * that can't be taken is told in the log and by notifications, and forgotten; what is returned may pass
 * (KC_RETRY), or the task stops. */
struct kc_error *pg_blocking_poll(struct pg_source *source, struct kc_batch *batch,
                                  struct position *position) KC_MUST_CHECK;
void pg_blocking_clear(struct pg_source *source);

#endif
