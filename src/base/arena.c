#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 16 << 10, LARGEST_BLOCK = 8 << 20, RECENT_CLEANUPS = 8 };

struct kc_arena_block {
    struct kc_arena_block *next; /* older */
    size_t size;
    char data[];
};

struct kc_arena_cleanup {
    struct kc_arena_cleanup *next; /* older */
    void (*run)(void *object);
    void *object;
};

/* Where an arena without memory points to, so that no arithmetic meets NULL. */
static _Alignas(8) char nothing[8];

void kc_arena_init(struct kc_arena *arena, size_t cap)
{
    *arena = (struct kc_arena){ .next = nothing, .end = nothing, .cap = cap };
}

static void enter_block(struct kc_arena *arena, struct kc_arena_block *block)
{
    arena->blocks = block;
    arena->next = block ? block->data : nothing;
    arena->end = block ? block->data + block->size : nothing;
}

static struct kc_arena_block *free_blocks(struct kc_arena *arena, bool keep_one)
{
    struct kc_arena_block *kept = NULL, *next;
    for (struct kc_arena_block *block = arena->blocks; block; block = next) {
        next = block->next;
        if (keep_one && block->size <= LARGEST_BLOCK && (!kept || block->size > kept->size)) {
            free(kept);
            kept = block;
        } else {
            free(block);
        }
    }
    if (kept)
        kept->next = NULL;
    return kept;
}

static void arena_empty(struct kc_arena *arena, bool keep_one)
{
    while (arena->cleanups) {
        struct kc_arena_cleanup *cleanup = arena->cleanups;
        arena->cleanups = cleanup->next;
        cleanup->run(cleanup->object);
    }
    enter_block(arena, free_blocks(arena, keep_one));
    arena->last_kept = NULL;
    arena->used = 0;
}

void kc_arena_reset(struct kc_arena *arena)
{
#ifdef __SANITIZE_ADDRESS__
    /* So that the sanitizer sees a use after the reset. */
    arena_empty(arena, false);
#else
    arena_empty(arena, true);
#endif
}

void kc_arena_clear(struct kc_arena *arena)
{
    arena_empty(arena, false);
}

void *kc_arena_grow(struct kc_arena *arena, size_t size)
{
    size_t wanted = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    if (wanted > LARGEST_BLOCK)
        wanted = LARGEST_BLOCK;
    bool alone = size > wanted / 2;
    size_t room = alone ? size : wanted;
    struct kc_arena_block *block = kc_realloc(NULL, sizeof(*block) + room);
    block->size = room;
    arena->used += size;
    if (alone && arena->blocks) {
        /* A large piece gets a block of its own; the current one stays in use. */
        block->next = arena->blocks->next;
        arena->blocks->next = block;
        return block->data;
    }
    block->next = arena->blocks;
    enter_block(arena, block);
    arena->next += size;
    return block->data;
}

void *kc_alloc0(struct kc_arena *arena, size_t size)
{
    return memset(kc_alloc(arena, size), 0, size);
}

void *kc_arena_copy(struct kc_arena *arena, const void *data, size_t len)
{
    void *copy = kc_alloc(arena, len);
    if (len)
        memcpy(copy, data, len);
    return copy;
}

char *kc_arena_text(struct kc_arena *arena, const char *text, size_t len)
{
    char *copy = kc_alloc(arena, len + 1);
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *kc_arena_printf(struct kc_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        len = 0;
    char *text = kc_alloc(arena, (size_t)len + 1);
    text[0] = '\0';
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

void kc_arena_defer(struct kc_arena *arena, void (*run)(void *object), void *object)
{
    struct kc_arena_cleanup *cleanup = kc_alloc(arena, sizeof(*cleanup));
    *cleanup = (struct kc_arena_cleanup){ arena->cleanups, run, object };
    arena->cleanups = cleanup;
}

bool kc_arena_defers(const struct kc_arena *arena, void (*run)(void *object), const void *object)
{
    const struct kc_arena_cleanup *cleanup = arena->cleanups;
    for (int i = 0; cleanup && i < RECENT_CLEANUPS; i++, cleanup = cleanup->next)
        if (cleanup->object == object && cleanup->run == run)
            return true;
    return false;
}
