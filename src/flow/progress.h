/* How far a sink task has got in each partition: what is written, and what of that is committed.
 * Layer: flow. Task thread; no I/O. */
#ifndef FLOW_PROGRESS_H
#define FLOW_PROGRESS_H

#include "data/record.h"
#include "kafka/consumer.h"

struct progress {
    struct consumer_offset *offsets; /* topic owned; offset: the next one to be read */
    int64_t *committed;              /* of the same index; -1: nothing yet */
    size_t count, cap;
    size_t last; /* index found last */
};

void progress_clear(struct progress *progress);
/* All records of the batch, the dropped ones too, are dealt with. */
void progress_batch(struct progress *progress, const struct kc_batch *batch);
/* What is not committed yet, as an array to be freed (topics borrowed); NULL if there is nothing. */
struct consumer_offset *progress_take(const struct progress *progress, size_t *count);
void progress_committed(struct progress *progress, const struct consumer_offset *offsets,
                        size_t count);
/* The partitions are gone: others go on from what was committed. */
void progress_forget(struct progress *progress);

#endif
