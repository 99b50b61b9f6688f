#include "data/record.h"

#include <stdlib.h>

void kc_batch_init(struct kc_batch *batch, size_t max_count, size_t max_bytes)
{
    *batch = (struct kc_batch){ .max_count = max_count };
    kc_arena_init(&batch->arena, max_bytes);
}

static void forget_records(struct kc_batch *batch)
{
    for (struct kc_record *record = batch->first; record; record = record->next)
        kc_error_free(record->fault);
    batch->first = batch->last = NULL;
    batch->count = 0;
    batch->n_positions = 0;
}

void kc_batch_reset(struct kc_batch *batch)
{
    forget_records(batch);
    kc_arena_reset(&batch->arena);
}

void kc_batch_clear(struct kc_batch *batch)
{
    forget_records(batch);
    kc_arena_clear(&batch->arena);
    free(batch->positions);
    batch->positions = NULL;
    batch->positions_cap = 0;
}

struct kc_record *kc_batch_add(struct kc_batch *batch, const char *topic)
{
    struct kc_record *record = kc_alloc(&batch->arena, sizeof(*record));
    *record = (struct kc_record){ .topic = topic, .partition = -1, .timestamp = -1, .offset = -1 };
    if (batch->last)
        batch->last->next = record;
    else
        batch->first = record;
    batch->last = record;
    batch->count++;
    return record;
}

static bool is_integer(struct kc_value value)
{
    return value.kind >= KC_INT8 && value.kind <= KC_INT64;
}

static bool same_scalar(struct kc_value a, struct kc_value b)
{
    return is_integer(a) && is_integer(b) ? a.u.i == b.u.i : kc_value_equal(a, b);
}

/* Source partitions come from plug-ins and out of JSON, where an integer has no width, and maps
 * no order. */
static bool same_partition(struct kc_value a, struct kc_value b)
{
    if (a.kind != KC_MAP || b.kind != KC_MAP)
        return same_scalar(a, b);
    if (a.len != b.len)
        return false;
    for (uint32_t i = 0; i < a.len; i++) {
        uint32_t j = 0;
        while (j < b.len && !kc_value_equal(a.u.entries[i].key, b.u.entries[j].key))
            j++;
        if (j == b.len || !same_scalar(a.u.entries[i].value, b.u.entries[j].value))
            return false;
    }
    return true;
}

static struct kc_position *find(struct kc_position *positions, size_t count,
                                struct kc_value partition)
{
    /* Newest first: batches mostly move one partition, or the same one again. */
    for (size_t i = count; i-- > 0;)
        if (same_partition(positions[i].partition, partition))
            return &positions[i];
    return NULL;
}

void kc_batch_position(struct kc_batch *batch, struct kc_value partition, struct kc_value offset)
{
    struct kc_position *known = find(batch->positions, batch->n_positions, partition);
    if (known) {
        known->offset = offset;
        return;
    }
    batch->positions = kc_grow(batch->positions, batch->n_positions, &batch->positions_cap,
                               sizeof(*batch->positions));
    batch->positions[batch->n_positions++] = (struct kc_position){ partition, offset };
}

struct kc_value kc_position_find(const struct kc_position *positions, size_t count,
                                 struct kc_value partition)
{
    const struct kc_position *known = find((struct kc_position *)positions, count, partition);
    return known ? known->offset : kc_null();
}
