/* Filling a map value entry by entry. A key that is there already gets its new value at
 * the old place, as Java's LinkedHashMap.put does it. Few keys are compared one by one,
 * many are found by hash, so that hostile input costs no more than its length.
 * Layer: data. One thread owns a builder. */
#ifndef KC_DATA_MAP_BUILD_H
#define KC_DATA_MAP_BUILD_H

#include "data/value.h"

struct kc_map_build {
    struct kc_arena *arena;
    struct kc_entry *entries;
    uint32_t count, cap;
    uint32_t *slots; /* entry + 1; NULL while there are few */
    uint32_t mask;
};

/* expected: how many there will be, 0 if that is not known. */
struct kc_map_build kc_map_build(struct kc_arena *arena, uint32_t expected);
/* The place for the value of that key, until the next call. */
struct kc_value *kc_map_build_slot(struct kc_map_build *build, struct kc_value key);
struct kc_value kc_map_build_done(const struct kc_map_build *build);

#endif
