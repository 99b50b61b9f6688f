/* How far the source has been read, in the form that Debezium stores it (so that an
 * installation can be taken over, and given back), and what of a resumed stream was
 * sent before.
 * Layer: source. Task thread. */
#ifndef PG_POSITION_H
#define PG_POSITION_H

#include "data/record.h"
#include "sources/common/transactions.h"

struct position {
    bool known; /* false: nothing was ever stored */
    /* Change stream. */
    uint64_t lsn;        /* of the last event */
    uint64_t lsn_proc;   /* of the last event that was processed */
    uint64_t lsn_commit; /* end of the last transaction seen whole; 0: none yet */
    int64_t tx_id;       /* -1: none */
    int64_t ts_us;
    int64_t xmin;        /* 0: not looked up */
    int64_t events;      /* how many at this very LSN */
    const char *message; /* static: "INSERT" ... ; NULL: none, as in a snapshot */
    /* Snapshot. */
    bool in_snapshot;
    /* Of a resumable one that is not complete, beside the position in the stream: its progress
     * (ranges.h), borrowed; NULL: none. To a reader that knows nothing of it, it is just one that is not
     * complete. */
    const char *resume;
    bool last_row, completed;
    /* A blocking one, beside the position in the stream; and all that were not taken yet (see
     * sources/common/blocking.h), borrowed; NULL: none. */
    bool blocking;
    const char *wishes;
};

struct kc_value position_partition(struct kc_arena *arena, const char *prefix);
/* transactions may be NULL. */
struct kc_value position_write(const struct position *position,
                               const struct transactions *transactions, struct kc_arena *arena);
/* A position written during a blocking snapshot reads as one in the stream; `wishes` points into the
 * offset. */
void position_read(struct kc_value offset, struct position *position);
/* Where to start the stream: everything before is behind the position. */
uint64_t position_start(const struct position *position);
/* What the server may forget once the position is stored; 0: nothing yet. */
uint64_t position_flushable(const struct position *position);

/* Is a transaction or an event of a resumed stream behind the stored position? Transactions come
 * in the order of their commits, and whole: those committed before lsn_commit were done; the one
 * with the stored id was in progress, and its events up to the stored one were. */
bool position_transaction_done(const struct position *stored, uint64_t commit_lsn);
bool position_transaction_begun(const struct position *stored, uint32_t xid);
/* `seen`: how many events of this LSN came before in this run. */
bool position_event_done(const struct position *stored, uint64_t lsn, int64_t seen);

#endif
