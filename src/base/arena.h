/* A bump allocator: many small allocations, one reset. A batch owns one; what
 * a record refers to lives there until the batch is reset. Cleanups run at
 * reset, so that an arena may also hold references to counted or foreign
 * objects (schemas, Kafka messages).
 * Layer: base. One thread owns an arena. */
#ifndef KC_BASE_ARENA_H
#define KC_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct kc_arena_block;
struct kc_arena_cleanup;

struct kc_arena {
    char *next; /* free space of the current block, 8-aligned */
    char *end;
    struct kc_arena_block *blocks; /* newest first */
    struct kc_arena_cleanup *cleanups;
    const void *last_kept; /* see kc_schema_keep */
    size_t used;           /* bytes handed out since the last reset */
    size_t cap;            /* soft limit, see kc_arena_over */
};

/* Embedded; cap in bytes, 0 for none. No memory is taken before the first use. An arena
 * must be initialised: a zeroed one is not. */
void kc_arena_init(struct kc_arena *arena, size_t cap);
/* Runs the cleanups (newest first), keeps one block for the next round. */
void kc_arena_reset(struct kc_arena *arena);
/* Reset, and all memory is given back. */
void kc_arena_clear(struct kc_arena *arena);
/* Passing the cap does not fail the allocation at hand; whoever fills the
 * arena from outside input looks here between records and stops, or makes a
 * KC_BAD_DATA fault of the record that is too large. */
static inline bool kc_arena_over(const struct kc_arena *arena)
{
    return arena->cap != 0 && arena->used > arena->cap;
}

void *kc_arena_grow(struct kc_arena *arena, size_t size);
/* size bytes, aligned to 8, not zeroed. */
static inline void *kc_alloc(struct kc_arena *arena, size_t size)
{
    size_t rounded = (size + 7) & ~(size_t)7;
    if ((size_t)(arena->end - arena->next) < rounded)
        return kc_arena_grow(arena, rounded);
    void *ptr = arena->next;
    arena->next += rounded;
    arena->used += rounded;
    return ptr;
}
/* The same, zeroed. */
void *kc_alloc0(struct kc_arena *arena, size_t size);
/* Copies; the text copies end with a NUL. */
void *kc_arena_copy(struct kc_arena *arena, const void *data, size_t len);
char *kc_arena_text(struct kc_arena *arena, const char *text, size_t len);
char *kc_arena_printf(struct kc_arena *arena, const char *format, ...) KC_PRINTF(2, 3);
/* At the next reset or clear call run(object). */
void kc_arena_defer(struct kc_arena *arena, void (*run)(void *object), void *object);
/* Is that among the newest few that were deferred? */
bool kc_arena_defers(const struct kc_arena *arena, void (*run)(void *object), const void *object);

#endif
