#include "sinks/common/slots.h"

#include <stdlib.h>

#include "base/map.h"

/* ---- keys ---- */

static uint64_t slots_mix(uint64_t hash, uint64_t more)
{
    hash ^= more;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

static uint64_t slots_hash_value(struct kc_value value, uint64_t hash)
{
    switch (value.kind) {
    case KC_STRING:
    case KC_BYTES:
        return kc_hash(value.u.bytes, value.len, hash);
    case KC_DECIMAL:
        return kc_hash(value.u.decimal->unscaled, value.u.decimal->len, hash);
    case KC_FLOAT32:
        return kc_hash(&value.u.f32, sizeof(value.u.f32), hash);
    case KC_NULL:
    case KC_ARRAY:
    case KC_MAP:
    case KC_STRUCT:
        return slots_mix(hash, value.kind);
    default:
        return slots_mix(hash, (uint64_t)value.u.i);
    }
}

static uint64_t slots_hash(const struct jdbc_layout *layout, const struct jdbc_row *row)
{
    uint64_t hash = 1;

    for (size_t i = 0; i < layout->n_keys; i++)
        hash = slots_hash_value(jdbc_row_value(row, &layout->columns[i]), hash);
    return slots_mix(hash, layout->n_keys);
}

static bool slots_same_key(const struct jdbc_layout *a, const struct jdbc_row *x,
                           const struct jdbc_layout *b, const struct jdbc_row *y)
{
    for (size_t i = 0; i < a->n_keys; i++)
        if (!kc_value_equal(jdbc_row_value(x, &a->columns[i]), jdbc_row_value(y, &b->columns[i])))
            return false;
    return true;
}

/* ---- the index of a slot ---- */

static struct jdbc_row *slots_entry(struct jdbc_slot *slot, uint32_t entry,
                                    const struct jdbc_layout **layout)
{
    bool deletion = (entry - 1) & 1;

    *layout = deletion ? slot->deletes_layout : slot->writes_layout;
    return &(deletion ? &slot->deletes : &slot->writes)->items[(entry - 1) >> 1];
}

static void slots_index_grow(struct jdbc_slot *slot)
{
    size_t old_cap = slot->index_cap;
    uint32_t *old = slot->index;

    slot->index_cap = old_cap ? old_cap * 2 : 1024;
    slot->index = kc_calloc(slot->index_cap, sizeof(*slot->index));
    for (size_t i = 0; i < old_cap; i++) {
        const struct jdbc_layout *layout;
        if (!old[i])
            continue;
        struct jdbc_row *row = slots_entry(slot, old[i], &layout);
        size_t at = slots_hash(layout, row) & (slot->index_cap - 1);
        while (slot->index[at])
            at = (at + 1) & (slot->index_cap - 1);
        slot->index[at] = old[i];
    }
    free(old);
}

/* Where the key of the row is in the index, or the free place for it. */
static uint32_t *slots_place(struct jdbc_slot *slot, const struct jdbc_layout *layout,
                             const struct jdbc_row *row)
{
    if (slot->index_len * 2 >= slot->index_cap)
        slots_index_grow(slot);
    for (size_t at = slots_hash(layout, row) & (slot->index_cap - 1);;
         at = (at + 1) & (slot->index_cap - 1)) {
        const struct jdbc_layout *other_layout;
        if (!slot->index[at])
            return &slot->index[at];
        struct jdbc_row *other = slots_entry(slot, slot->index[at], &other_layout);
        if (slots_same_key(layout, row, other_layout, other))
            return &slot->index[at];
    }
}

/* ---- slots ---- */

static void slots_rows_clear(struct jdbc_rows *rows)
{
    free(rows->items);
    *rows = (struct jdbc_rows){ 0 };
}

static void slots_rows_add(struct jdbc_rows *rows, const struct jdbc_row *row)
{
    rows->items = kc_grow(rows->items, rows->len, &rows->cap, sizeof(*rows->items));
    rows->items[rows->len++] = *row;
}

void jdbc_slots_clear(struct jdbc_slots *slots)
{
    for (size_t i = 0; i < slots->cap; i++) {
        slots_rows_clear(&slots->slots[i].writes);
        slots_rows_clear(&slots->slots[i].deletes);
        free(slots->slots[i].index);
    }
    free(slots->slots);
    free(slots->groups);
    *slots = (struct jdbc_slots){ .settings = slots->settings };
}

void jdbc_slots_reset(struct jdbc_slots *slots)
{
    for (size_t i = 0; i < slots->len; i++)
        slots->slots[i].table->open = -1;
    slots->len = 0;
}

/* Memory of earlier rounds is used again. */
static struct jdbc_slot *slots_open(struct jdbc_slots *slots, struct jdbc_table *table)
{
    if (slots->len == slots->cap) {
        size_t cap = slots->cap;
        slots->slots = kc_grow(slots->slots, slots->len, &slots->cap, sizeof(*slots->slots));
        memset(slots->slots + cap, 0, (slots->cap - cap) * sizeof(*slots->slots));
    }
    struct jdbc_slot *slot = &slots->slots[slots->len];
    struct jdbc_slot fresh = { .table = table,
                               .writes = { slot->writes.items, 0, slot->writes.cap },
                               .deletes = { slot->deletes.items, 0, slot->deletes.cap },
                               .index = slot->index,
                               .index_cap = slot->index_cap };
    *slot = fresh;
    if (slot->index)
        memset(slot->index, 0, slot->index_cap * sizeof(*slot->index));
    table->open = (int)slots->len++;
    for (size_t i = 0; i < table->n_related; i++)
        table->related[i]->open = -1;
    return slot;
}

/* May the row go into the slot, beside what is there? */
static bool slots_takes(const struct jdbc_slots *slots, const struct jdbc_slot *slot,
                        const struct jdbc_layout *layout, enum jdbc_op op)
{
    const struct jdbc_config *config = slots->settings->config;
    const struct jdbc_layout *same = op == JDBC_WRITE ? slot->writes_layout : slot->deletes_layout;
    const struct jdbc_layout *other = op == JDBC_WRITE ? slot->deletes_layout : slot->writes_layout;
    size_t rows = op == JDBC_WRITE ? slot->writes.len : slot->deletes.len;

    if (slot->truncate || op == JDBC_TRUNCATE || rows >= (size_t)config->batch_size)
        return false;
    if (same && same != layout)
        return false;
    if (!other)
        return true;
    /* Deletions run before writes, which only an upsert of another key does not notice. */
    return config->insert_mode == JDBC_UPSERT && !slot->table->self_related &&
           kc_schema_equal(other->key_schema, layout->key_schema);
}

void jdbc_slots_add(struct jdbc_slots *slots, struct jdbc_layout *layout,
                    const struct jdbc_row *row)
{
    struct jdbc_table *table = layout->table;
    struct jdbc_slot *slot = table->open >= 0 ? &slots->slots[table->open] : NULL;
    bool deletion = row->op == JDBC_DELETE;
    bool keyed = row->op != JDBC_TRUNCATE && layout->n_keys &&
                 (deletion || slots->settings->config->insert_mode != JDBC_INSERT);

    /* Within a table whose rows refer to one another, a row keeps its place even if it comes again.
     */
    if (!slot || !slots_takes(slots, slot, layout, row->op) ||
        (keyed && table->self_related && *slots_place(slot, layout, row)))
        slot = slots_open(slots, table);
    if (row->op == JDBC_TRUNCATE) {
        slot->truncate = true;
        slot->writes_layout = layout;
        return;
    }
    struct jdbc_rows *rows = deletion ? &slot->deletes : &slot->writes;
    *(deletion ? &slot->deletes_layout : &slot->writes_layout) = layout;
    slots_rows_add(rows, row);
    if (!keyed)
        return;
    uint32_t *place = slots_place(slot, layout, row);
    if (*place) {
        const struct jdbc_layout *unused;
        slots_entry(slot, *place, &unused)->op = JDBC_SKIP;
    } else {
        slot->index_len++;
    }
    *place = (uint32_t)(rows->len - 1) * 2 + deletion + 1;
}

static void slots_group(struct jdbc_slots *slots, struct jdbc_layout *layout, enum jdbc_op op,
                        struct jdbc_rows *rows)
{
    size_t live = 0;

    for (size_t i = 0; i < rows->len; i++)
        if (rows->items[i].op != JDBC_SKIP)
            rows->items[live++] = rows->items[i];
    rows->len = live;
    if (!live && op != JDBC_TRUNCATE)
        return;
    slots->groups =
        kc_grow(slots->groups, slots->n_groups, &slots->groups_cap, sizeof(*slots->groups));
    slots->groups[slots->n_groups++] =
        (struct jdbc_group){ .layout = layout, .op = op, .rows = rows->items, .n_rows = live };
}

const struct jdbc_group *jdbc_slots_groups(struct jdbc_slots *slots, size_t *count)
{
    slots->n_groups = 0;
    for (size_t i = 0; i < slots->len; i++) {
        struct jdbc_slot *slot = &slots->slots[i];
        if (slot->truncate) {
            slots_group(slots, slot->writes_layout, JDBC_TRUNCATE, &slot->writes);
            continue;
        }
        if (slot->deletes_layout)
            slots_group(slots, slot->deletes_layout, JDBC_DELETE, &slot->deletes);
        if (slot->writes_layout)
            slots_group(slots, slot->writes_layout, JDBC_WRITE, &slot->writes);
    }
    *count = slots->n_groups;
    return slots->groups;
}
