/* What was sent, what Kafka has, and which positions may therefore be committed. Batches are
 * acknowledged as wholes, in order: the positions of a batch count once all its records and all
 * batches before it are safe.
 * Layer: flow. Task thread; no I/O. */
#ifndef FLOW_ACKS_H
#define FLOW_ACKS_H

#include "base/map.h"
#include "data/record.h"
#include "flow/task_report.h"

struct acks_batch;

/* The newest safe offset of one source partition. */
struct acks_position {
    struct kc_arena arena; /* of the values */
    struct kc_position position;
    bool changed; /* since the last acks_take */
};

struct acks {
    struct acks_batch *ring; /* batches in flight, oldest first */
    size_t first, count, cap;
    uint64_t next_tag;
    struct kc_map positions; /* JSON of the partition -> struct acks_position */
    struct kc_error *failed; /* the first failed delivery; owned */
};

void acks_init(struct acks *acks);
void acks_clear(struct acks *acks);
/* A batch is about to be sent; its tag goes with each message. */
uint64_t acks_begin(struct acks *acks);
/* One more message of the newest batch is under way. */
void acks_sent(struct acks *acks);
/* The newest batch is handed over whole: these are its positions (copied). A batch that is never
 * ended never counts. */
void acks_end(struct acks *acks, const struct kc_position *positions, size_t count);
/* A delivery report. error NULL: Kafka has it. */
void acks_done(struct acks *acks, uint64_t tag, const struct kc_error *error);
/* Moves the positions of finished batches to the safe ones; true if any batch moved. */
bool acks_advance(struct acks *acks);
/* All batches with a lower tag are finished. */
uint64_t acks_finished(const struct acks *acks);
/* Batches whose messages are not all answered. */
size_t acks_in_flight(const struct acks *acks);
/* The safe positions that changed since the last call, as entries of the offset store of that
 * connector; the caller owns them. */
struct task_offset *acks_take(struct acks *acks, const char *connector, size_t *count);
/* Storing what was taken failed: take it again next time. */
void acks_untake(struct acks *acks);
/* All safe positions; the values stay valid until the next acks_advance. The caller frees the array. */
struct kc_position *acks_positions(const struct acks *acks, size_t *count);

#endif
