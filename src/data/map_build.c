#include "data/map_build.h"

#include "base/map.h"
#include "data/schema.h"

enum { FEW = 16 };

/* Equal values have equal hashes. */
static uint64_t hash_value(struct kc_value value)
{
    uint64_t hash = kc_hash(&value.kind, 1, value.len);
    switch ((enum kc_kind)value.kind) {
    case KC_STRING:
    case KC_BYTES:
        return kc_hash(value.u.bytes, value.len, hash);
    case KC_DECIMAL:
        return kc_hash(value.u.decimal->unscaled, value.u.decimal->len, hash);
    case KC_ARRAY:
        for (uint32_t i = 0; i < value.len; i++)
            hash = hash * 31 + hash_value(value.u.items[i]);
        return hash;
    case KC_STRUCT:
        for (uint32_t i = 0; i < value.u.structure->schema->n_fields; i++)
            hash = hash * 31 + hash_value(value.u.structure->field[i]);
        return hash;
    case KC_NULL:
    case KC_MAP: /* equal in any order: only the number counts */
        return hash;
    case KC_FLOAT32:
        return kc_hash(&value.u.f32, sizeof(value.u.f32), hash);
    default:
        return kc_hash(&value.u.i, sizeof(value.u.i), hash);
    }
}

static bool same_key(struct kc_value a, struct kc_value b)
{
    if (a.kind == KC_STRING && b.kind == KC_STRING)
        return a.len == b.len && memcmp(a.u.text, b.u.text, a.len) == 0;
    return a.kind != KC_BYTES &&
           kc_value_equal(a, b); /* in Java no two arrays of bytes are equal */
}

static void fill_slots(struct kc_map_build *build)
{
    uint32_t size = UINT32_C(2) << (32 - __builtin_clz(build->cap));
    build->mask = size - 1;
    build->slots = kc_alloc0(build->arena, size * sizeof(*build->slots));
    for (uint32_t i = 0; i < build->count; i++) {
        uint32_t slot = (uint32_t)hash_value(build->entries[i].key) & build->mask;
        while (build->slots[slot])
            slot = (slot + 1) & build->mask;
        build->slots[slot] = i + 1;
    }
}

static void grow(struct kc_map_build *build)
{
    uint32_t cap = build->cap ? build->cap * 2 : 8;
    struct kc_entry *entries = kc_alloc(build->arena, cap * sizeof(*entries));
    if (build->count)
        memcpy(entries, build->entries, build->count * sizeof(*entries));
    build->entries = entries;
    build->cap = cap;
    if (cap > FEW)
        fill_slots(build);
}

struct kc_map_build kc_map_build(struct kc_arena *arena, uint32_t expected)
{
    struct kc_map_build build = { .arena = arena, .cap = expected };
    if (expected)
        build.entries = kc_alloc(arena, expected * sizeof(*build.entries));
    if (expected > FEW)
        fill_slots(&build);
    return build;
}

static struct kc_value *add(struct kc_map_build *build, struct kc_value key)
{
    struct kc_entry *entry = &build->entries[build->count++];
    *entry = (struct kc_entry){ .key = key };
    return &entry->value;
}

struct kc_value *kc_map_build_slot(struct kc_map_build *build, struct kc_value key)
{
    if (build->count == build->cap)
        grow(build);
    if (!build->slots) {
        for (uint32_t i = 0; i < build->count; i++)
            if (same_key(build->entries[i].key, key))
                return &build->entries[i].value;
        return add(build, key);
    }
    uint32_t slot = (uint32_t)hash_value(key) & build->mask;
    for (; build->slots[slot]; slot = (slot + 1) & build->mask)
        if (same_key(build->entries[build->slots[slot] - 1].key, key))
            return &build->entries[build->slots[slot] - 1].value;
    build->slots[slot] = build->count + 1;
    return add(build, key);
}

struct kc_value kc_map_build_done(const struct kc_map_build *build)
{
    return (struct kc_value){ .kind = KC_MAP, .len = build->count, .u.entries = build->entries };
}
