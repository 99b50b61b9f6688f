/* Blocking snapshots that signals asked for: they wait here until the stream can pause, and stand in the
 * connector's offset until each is done, so that one that was cut short is taken again.
 * Layer: source. Task thread. */
#ifndef CDC_BLOCKING_H
#define CDC_BLOCKING_H

#include "sources/common/signals.h"

/* Our own key of the offset; the original, which forgets a snapshot that was cut short, passes it over. */
#define BLOCKING_KEY "penstock_blocking"

struct blocking_wish {
    struct blocking_wish *next;
    char *id;
    struct kc_json *data;
    struct snapshot_request request;
};

struct blocking {
    struct blocking_wish *first, **last; /* the first is at work or next */
    size_t count;
    char *text; /* all of them, for the offset; NULL: none */
};

/* Takes the request, which was read from the signal. What is too much is told in the log. */
void blocking_add(struct blocking *blocking, const struct signal *signal,
                  struct snapshot_request *request);
/* The first is done with. */
void blocking_drop(struct blocking *blocking);
void blocking_clear(struct blocking *blocking);
/* Adds what the offset's text holds; what is none of ours is told in the log. */
void blocking_read(struct blocking *blocking, struct kc_text text);

/* Which tables it names, and the query for each. */
struct blocking_tables {
    const struct snapshot_request *request;
    struct kc_regex **patterns; /* of its collections; NULL: not a pattern */
};
void blocking_tables_init(struct blocking_tables *tables, const struct snapshot_request *request);
void blocking_tables_clear(struct blocking_tables *tables);
/* By its name, "schema.table": a pattern matches all of it in any case, or is the name. */
bool blocking_tables_have(const struct blocking_tables *tables, const char *name);

#endif
