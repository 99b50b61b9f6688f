/* The rows of a chunk that wait until the stream has come as far as they were read: what the stream
 * changes meanwhile is taken out, since the stream tells it better.
 * Layer: source. One thread owns a window. */
#ifndef CDC_WINDOW_H
#define CDC_WINDOW_H

#include "base/map.h"

struct window_row {
    char *row;   /* the caller's bytes; NULL: taken out */
    size_t len;
    size_t next; /* another row of the same key: its number + 1; 0: none */
};

/* A zeroed struct is an empty window. */
struct window {
    struct window_row *rows; /* in the order of the chunk */
    size_t count, cap;
    size_t at;    /* the next one to be sent */
    size_t bytes; /* of all rows */
    bool open;    /* changes count */
    bool filling; /* rows may still come: keys of changes are remembered */
    struct kc_map keys, changed;
};

/* Empties it for the next chunk, whose rows come until window_filled. */
void window_begin(struct window *window);
/* A row, whose bytes (malloc'd) the window owns from now on. Left out if its key was changed. */
void window_put(struct window *window, struct kc_text key, char *row, size_t len);
/* No more rows come. */
void window_filled(struct window *window);
/* The stream changed the row of that key. Does nothing while the window is not open. */
void window_change(struct window *window, struct kc_text key);
/* The next row to send, once; NULL at the end. It is valid until window_begin or window_clear. */
const struct window_row *window_next(struct window *window);
void window_clear(struct window *window);

#endif
