#include "sources/common/window.h"

#include <stdlib.h>

#include "base/mem.h"

void window_begin(struct window *window)
{
    window_clear(window);
    window->filling = true;
}

void window_put(struct window *window, struct kc_text key, char *row, size_t len)
{
    if (kc_map_has(&window->changed, key)) {
        free(row);
        return;
    }
    window->rows = kc_grow(window->rows, window->count, &window->cap, sizeof(*window->rows));
    size_t number = ++window->count;
    size_t before = (size_t)(uintptr_t)kc_map_set(&window->keys, key, (void *)(uintptr_t)number);
    window->rows[number - 1] = (struct window_row){row, len, before};
    window->bytes += len;
}

void window_filled(struct window *window)
{
    window->filling = false;
    kc_map_clear(&window->changed, NULL);
}

void window_change(struct window *window, struct kc_text key)
{
    if (!window->open)
        return;
    if (window->filling)
        kc_map_set(&window->changed, key, window);
    size_t number = (size_t)(uintptr_t)kc_map_remove(&window->keys, key);
    while (number) {
        struct window_row *row = &window->rows[number - 1];
        free(row->row);
        row->row = NULL;
        number = row->next;
    }
}

const struct window_row *window_next(struct window *window)
{
    while (window->at < window->count) {
        const struct window_row *row = &window->rows[window->at++];
        if (row->row)
            return row;
    }
    return NULL;
}

void window_clear(struct window *window)
{
    for (size_t i = 0; i < window->count; i++)
        free(window->rows[i].row);
    free(window->rows);
    kc_map_clear(&window->keys, NULL);
    kc_map_clear(&window->changed, NULL);
    *window = (struct window){0};
}
