/* Records and batches. A batch is the unit of work, of memory, of retry and of
 * acknowledgement; its arena holds whatever its records refer to. Records form a
 * list that each step walks front to back, so their order is kept.
 * Layer: data. One thread owns a batch. */
#ifndef KC_DATA_RECORD_H
#define KC_DATA_RECORD_H

#include "base/error.h"
#include "data/schema.h"

struct kc_header {
    const char *name;
    const struct kc_schema *schema; /* NULL: none */
    struct kc_value value;
};

/* Bytes on the wire; data NULL is Kafka's null (a tombstone, a missing key). */
struct kc_wire {
    const void *data;
    size_t len;
};

enum kc_timestamp_type { KC_NO_TIMESTAMP, KC_CREATE_TIME, KC_LOG_APPEND_TIME };

struct kc_record {
    struct kc_record *next;
    const char *topic;
    int32_t partition; /* source: -1: the partitioner decides */
    uint8_t timestamp_type;
    bool dropped;      /* a transform filtered it out, or its fault was tolerated */
    int64_t timestamp; /* ms; -1: none */
    /* Sink: where it was consumed; transforms may change topic and partition, not these. In a
     * source: NULL, -1, -1. */
    const char *origin_topic;
    int32_t origin_partition;
    int64_t offset;
    const struct kc_schema *key_schema;
    const struct kc_schema *value_schema;
    struct kc_value key;
    struct kc_value value;
    struct kc_header *headers;
    uint32_t n_headers;
    uint32_t n_wire_headers;
    /* What a step found wrong with it; the runtime's to handle. A reset of the batch frees it: set
     * it to NULL when it is taken out. */
    struct kc_error *fault;
    /* The same on the wire: source, after conversion; sink, before it. */
    struct kc_wire key_wire;
    struct kc_wire value_wire;
    struct kc_wire_header *wire_headers;
};

struct kc_wire_header {
    const char *name;
    struct kc_wire value;
};

/* A place in a source: which part of the system (its map of strings and numbers is
 * Connect's "source partition", such as {"server":"inventory"}) and how far it was
 * read there ("source offset"). Both schemaless maps of primitive values; offset
 * KC_NULL: nothing is known. */
struct kc_position {
    struct kc_value partition;
    struct kc_value offset;
};

struct kc_batch {
    struct kc_arena arena;
    struct kc_record *first, *last;
    size_t count;
    size_t max_count; /* a source stops filling here; 0 for no limit */
    /* Source: once all records of this batch are safe in Kafka, the source has been read
     * up to these positions. One for each partition that moved. */
    struct kc_position *positions;
    size_t n_positions, positions_cap;
};

/* max_bytes caps the arena. */
void kc_batch_init(struct kc_batch *batch, size_t max_count, size_t max_bytes);
void kc_batch_reset(struct kc_batch *batch);
void kc_batch_clear(struct kc_batch *batch);
/* A new record at the end: topic as given (borrowed: it must live as long as the
 * batch), no partition, no timestamp, null key and value. */
struct kc_record *kc_batch_add(struct kc_batch *batch, const char *topic);
static inline bool kc_batch_full(const struct kc_batch *batch)
{
    return (batch->max_count && batch->count >= batch->max_count) || kc_arena_over(&batch->arena);
}
/* Says how far this batch reads; the last call for a partition wins. The values must be in the
 * batch's arena or live longer. */
void kc_batch_position(struct kc_batch *batch, struct kc_value partition, struct kc_value offset);
/* The offset of that partition in a list, the last if it is there twice; KC_NULL if it is not. */
struct kc_value kc_position_find(const struct kc_position *positions, size_t count,
                                 struct kc_value partition);

#endif
