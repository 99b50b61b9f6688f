/* A hash map from text to a pointer that keeps the order of insertion.
 * Layer: base. One thread owns a map. */
#ifndef KC_BASE_MAP_H
#define KC_BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct kc_map_entry {
    struct kc_text key; /* owned copy, NUL-terminated */
    void *value;        /* the caller's */
    uint64_t hash;
};

struct kc_map {
    struct kc_map_entry *entries; /* insertion order; removed ones have key.ptr NULL */
    size_t len;                   /* slots of entries in use, removed ones too */
    size_t count;                 /* without the removed ones */
    size_t cap;
    uint32_t *index; /* open addressing: entry number + 1 */
    size_t index_cap;
};

/* A zeroed struct is an empty map. */
void kc_map_clear(struct kc_map *map, void (*free_value)(void *value));
/* NULL if it is not there. */
void *kc_map_get(const struct kc_map *map, struct kc_text key);
bool kc_map_has(const struct kc_map *map, struct kc_text key);
/* Adds or replaces; gives the old value back (NULL if new). */
void *kc_map_set(struct kc_map *map, struct kc_text key, void *value);
/* Takes it out and gives the value back. */
void *kc_map_remove(struct kc_map *map, struct kc_text key);
/* Walk: for (struct kc_map_entry *e = NULL; (e = kc_map_next(map, e));) */
struct kc_map_entry *kc_map_next(const struct kc_map *map, const struct kc_map_entry *entry);
uint64_t kc_hash(const void *data, size_t len, uint64_t seed);

#endif
