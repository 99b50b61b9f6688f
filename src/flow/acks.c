#include "flow/acks.h"

#include <stdlib.h>

#include "data/plain_json.h"

struct acks_batch {
    struct kc_arena arena; /* of the positions */
    struct kc_position *positions;
    size_t n_positions;
    uint32_t outstanding;
    bool ended;
};

void acks_init(struct acks *acks)
{
    *acks = (struct acks){ .next_tag = 1 };
}

static void free_position(void *value)
{
    struct acks_position *position = value;
    kc_arena_clear(&position->arena);
    free(position);
}

void acks_clear(struct acks *acks)
{
    for (size_t i = 0; i < acks->cap; i++)
        kc_arena_clear(&acks->ring[i].arena);
    free(acks->ring);
    kc_map_clear(&acks->positions, free_position);
    kc_error_free(acks->failed);
    *acks = (struct acks){ .next_tag = 1 };
}

static struct acks_batch *at(struct acks *acks, size_t index)
{
    return &acks->ring[(acks->first + index) % acks->cap];
}

static void grow_ring(struct acks *acks)
{
    size_t cap = acks->cap ? acks->cap * 2 : 16;
    struct acks_batch *ring = kc_calloc(cap, sizeof(*ring));

    for (size_t i = 0; i < acks->count; i++)
        ring[i] = *at(acks, i);
    for (size_t i = acks->count; i < cap; i++)
        kc_arena_init(&ring[i].arena, 0);
    free(acks->ring);
    acks->ring = ring;
    acks->cap = cap;
    acks->first = 0;
}

uint64_t acks_begin(struct acks *acks)
{
    if (acks->count == acks->cap)
        grow_ring(acks);
    struct acks_batch *batch = at(acks, acks->count++);
    kc_arena_reset(&batch->arena);
    batch->positions = NULL;
    batch->n_positions = 0;
    batch->outstanding = 0;
    batch->ended = false;
    return acks->next_tag++;
}

void acks_sent(struct acks *acks)
{
    at(acks, acks->count - 1)->outstanding++;
}

void acks_end(struct acks *acks, const struct kc_position *positions, size_t count)
{
    struct acks_batch *batch = at(acks, acks->count - 1);

    batch->positions = kc_alloc(&batch->arena, count * sizeof(*positions));
    batch->n_positions = count;
    for (size_t i = 0; i < count; i++)
        batch->positions[i] = (struct kc_position){
            .partition = kc_value_copy(&batch->arena, positions[i].partition),
            .offset = kc_value_copy(&batch->arena, positions[i].offset),
        };
    batch->ended = true;
}

void acks_done(struct acks *acks, uint64_t tag, const struct kc_error *error)
{
    uint64_t oldest = acks->next_tag - acks->count;

    if (tag < oldest || tag >= acks->next_tag)
        return;
    if (!error) {
        at(acks, tag - oldest)->outstanding--;
        return;
    }
    if (acks->failed)
        return;
    char *text = kc_error_line(error);
    acks->failed = kc_fail_as(error->fault, error->java_class, "%s", text);
    free(text);
}

static void keep_position(struct acks *acks, const struct kc_position *position)
{
    KC_AUTO_BUF key = KC_BUF(0);

    kc_plain_json_write(position->partition, &key);
    struct kc_text text = { key.data, key.len };
    struct acks_position *kept = kc_map_get(&acks->positions, text);
    if (!kept) {
        kept = kc_calloc(1, sizeof(*kept));
        kc_arena_init(&kept->arena, 0);
        kc_map_set(&acks->positions, text, kept);
    }
    kc_arena_reset(&kept->arena);
    kept->position.partition = kc_value_copy(&kept->arena, position->partition);
    kept->position.offset = kc_value_copy(&kept->arena, position->offset);
    kept->changed = true;
}

bool acks_advance(struct acks *acks)
{
    bool moved = false;

    while (acks->count > 0) {
        struct acks_batch *batch = at(acks, 0);
        if (!batch->ended || batch->outstanding > 0)
            break;
        for (size_t i = 0; i < batch->n_positions; i++)
            keep_position(acks, &batch->positions[i]);
        moved = true;
        acks->first = (acks->first + 1) % acks->cap;
        acks->count--;
    }
    return moved;
}

uint64_t acks_finished(const struct acks *acks)
{
    return acks->next_tag - acks->count;
}

size_t acks_in_flight(const struct acks *acks)
{
    return acks->count;
}

static struct task_offset offset_entry(const char *connector, const struct kc_position *position)
{
    struct kc_value name[2] = { kc_string(connector, strlen(connector)), position->partition };
    struct kc_value pair = { .kind = KC_ARRAY, .len = 2, .u.items = name };
    struct kc_buf key = KC_BUF(0), value = KC_BUF(0);

    kc_plain_json_write(pair, &key);
    if (position->offset.kind == KC_NULL)
        return (struct task_offset){ .key = kc_buf_take(&key), .value = NULL };
    kc_plain_json_write(position->offset, &value);
    return (struct task_offset){ .key = kc_buf_take(&key), .value = kc_buf_take(&value) };
}

struct task_offset *acks_take(struct acks *acks, const char *connector, size_t *count)
{
    struct task_offset *offsets = kc_calloc(acks->positions.count + 1, sizeof(*offsets));

    *count = 0;
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&acks->positions, e));) {
        struct acks_position *kept = e->value;
        if (!kept->changed)
            continue;
        kept->changed = false;
        offsets[(*count)++] = offset_entry(connector, &kept->position);
    }
    return offsets;
}

void acks_untake(struct acks *acks)
{
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&acks->positions, e));)
        ((struct acks_position *)e->value)->changed = true;
}

struct kc_position *acks_positions(const struct acks *acks, size_t *count)
{
    struct kc_position *positions = kc_calloc(acks->positions.count + 1, sizeof(*positions));

    *count = 0;
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&acks->positions, e));)
        positions[(*count)++] = ((struct acks_position *)e->value)->position;
    return positions;
}
