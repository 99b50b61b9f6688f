#include "base/map.h"

#include <stdlib.h>

#include "base/mem.h"

uint64_t kc_hash(const void *data, size_t len, uint64_t seed)
{
    const uint64_t factor = 0x9E3779B97F4A7C15u;
    const char *at = data;
    uint64_t hash = (seed ^ len) * factor;
    uint64_t word;
    for (; len >= 8; len -= 8, at += 8) {
        memcpy(&word, at, 8);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    if (len) {
        word = 0;
        memcpy(&word, at, len);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    hash *= factor;
    return hash ^ hash >> 29;
}

void kc_map_clear(struct kc_map *map, void (*free_value)(void *value))
{
    for (size_t i = 0; i < map->len; i++) {
        struct kc_map_entry *entry = &map->entries[i];
        if (!entry->key.ptr)
            continue;
        if (free_value)
            free_value(entry->value);
        free((char *)entry->key.ptr);
    }
    free(map->entries);
    free(map->index);
    *map = (struct kc_map){ 0 };
}

static struct kc_map_entry *find(const struct kc_map *map, struct kc_text key, uint64_t hash)
{
    if (!map->count)
        return NULL;
    for (size_t slot = hash & (map->index_cap - 1);; slot = (slot + 1) & (map->index_cap - 1)) {
        if (!map->index[slot])
            return NULL;
        struct kc_map_entry *entry = &map->entries[map->index[slot] - 1];
        if (entry->hash == hash && entry->key.ptr && kc_text_equal(entry->key, key))
            return entry;
    }
}

static void index_entry(struct kc_map *map, size_t number)
{
    size_t slot = map->entries[number].hash & (map->index_cap - 1);
    while (map->index[slot])
        slot = (slot + 1) & (map->index_cap - 1);
    map->index[slot] = (uint32_t)number + 1;
}

/* Drops the removed entries and makes the index four times as large as what is left. */
static void rebuild(struct kc_map *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->len; i++)
        if (map->entries[i].key.ptr)
            map->entries[kept++] = map->entries[i];
    map->len = kept;
    size_t cap = 16;
    while (cap < (kept + 1) * 4)
        cap *= 2;
    free(map->index);
    map->index = kc_calloc(cap, sizeof(*map->index));
    map->index_cap = cap;
    for (size_t i = 0; i < kept; i++)
        index_entry(map, i);
}

void *kc_map_get(const struct kc_map *map, struct kc_text key)
{
    struct kc_map_entry *entry = find(map, key, kc_hash(key.ptr, key.len, 0));
    return entry ? entry->value : NULL;
}

bool kc_map_has(const struct kc_map *map, struct kc_text key)
{
    return find(map, key, kc_hash(key.ptr, key.len, 0)) != NULL;
}

void *kc_map_set(struct kc_map *map, struct kc_text key, void *value)
{
    uint64_t hash = kc_hash(key.ptr, key.len, 0);
    struct kc_map_entry *entry = find(map, key, hash);
    if (entry) {
        void *old = entry->value;
        entry->value = value;
        return old;
    }
    if ((map->len + 1) * 2 > map->index_cap)
        rebuild(map);
    map->entries = kc_grow(map->entries, map->len, &map->cap, sizeof(*map->entries));
    struct kc_text copy = { kc_strndup(key.ptr ? key.ptr : "", key.len), key.len };
    map->entries[map->len] = (struct kc_map_entry){ copy, value, hash };
    index_entry(map, map->len);
    map->len++;
    map->count++;
    return NULL;
}

void *kc_map_remove(struct kc_map *map, struct kc_text key)
{
    struct kc_map_entry *entry = find(map, key, kc_hash(key.ptr, key.len, 0));
    if (!entry)
        return NULL;
    void *value = entry->value;
    free((char *)entry->key.ptr);
    entry->key.ptr = NULL; /* its slot in the index stays taken until the next rebuild */
    map->count--;
    return value;
}

struct kc_map_entry *kc_map_next(const struct kc_map *map, const struct kc_map_entry *entry)
{
    size_t i = entry ? (size_t)(entry - map->entries) + 1 : 0;
    while (i < map->len && !map->entries[i].key.ptr)
        i++;
    return i < map->len ? &map->entries[i] : NULL;
}
