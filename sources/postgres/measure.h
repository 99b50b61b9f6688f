/* What the source tells of itself: metrics, and a line in the log every so often.
 * Layer: source. Task thread; nothing waits. */
#ifndef PG_MEASURE_H
#define PG_MEASURE_H

#include "plugin/source.h"
#include "sources/postgres/slot_watch.h"

/* Events since the start of the task, by kind. */
struct events {
    int64_t of[5];        /* enum change_op */
    int64_t messages;     /* of pg_logical_emit_message */
    int64_t filtered;     /* rows of the stream that are not captured */
    int64_t transactions; /* seen to their end */
};

/* Some work, as it was when we first looked at it. */
struct pace {
    int64_t key, since, begin; /* since: monotonic ms, 0: not yet; begin: done by then */
};

struct measure {
    struct events events;
    struct lag lag;
    struct slot_watch watch;
    int64_t n_events, last_event; /* as of the last call; when they last grew, monotonic ms */
    struct pace snapshot_rows, snapshot_chunks, incremental;
    int64_t next_line, line_events, line_end; /* of the log: when due, and what the last one told */
};

/* The operation of kc_source_ops and its table. */
void measure_source(struct kc_source *base, int64_t *values);
extern const struct kc_metric measure_metrics[];

#endif
