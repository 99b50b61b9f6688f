/* The change stream: messages of pgoutput to change events, with the position of each,
 * and what was sent before a restart left out.
 * Layer: source. Task thread. */
#ifndef PG_STREAM_H
#define PG_STREAM_H

#include "base/map.h"
#include "sources/common/envelope.h"
#include "sources/postgres/block.h"
#include "sources/postgres/messages.h"
#include "sources/postgres/relation.h"
#include "sources/postgres/wal.h"

enum skip_flags { SKIP_CREATE = 1, SKIP_UPDATE = 2, SKIP_DELETE = 4, SKIP_TRUNCATE = 8 };

struct pg_source;
struct events;

struct stream {
    struct pg_source *source; /* for the signals that come as rows; NULL: they are just rows */
    struct events *events;    /* to be counted in; NULL: nobody counts */
    const struct relation_maker *maker;
    const struct envelope *envelope;
    struct transactions *transactions;
    const struct messages *messages;
    struct pgoutput decoder;
    struct kc_map relations; /* by the bytes of their oid */
    struct relation *last;   /* of the last look-up */
    bool told_again;         /* the server told a table that it had told before */
    struct block block;
    struct position stored;   /* where earlier runs got to */
    struct position position; /* of the last event */
    struct position sent;     /* of the last event that made a record */
    unsigned skipped;         /* operations left out */
    /* The transaction at hand. */
    bool in_transaction;
    uint64_t commit_lsn; /* where its commit stands in the WAL */
    bool done;         /* all of it was sent by an earlier run */
    bool begun;        /* some of it may have been */
    uint64_t seen_lsn; /* for `begun`: events counted at this LSN */
    int64_t seen;
    char *origin; /* NULL: none */
    /* The last message was of a row, or a truncate: of this table, 0: of several. */
    bool touched;
    uint32_t touched_table;
};

/* stored: where to go on; borrowed things live as long as the stream. */
void stream_init(struct stream *stream, const struct relation_maker *maker,
                 const struct envelope *envelope, struct transactions *transactions,
                 const struct messages *messages, const struct position *stored);
void stream_clear(struct stream *stream);
/* Adds the events of one message. number: of the batch. */
struct kc_error *stream_handle(struct stream *stream, const struct wal_message *message,
                               struct kc_batch *batch, uint64_t number) KC_MUST_CHECK;

#endif
