#include "sources/postgres/recent.h"

#include <stdlib.h>
#include <string.h>

void recent_clear(struct recent *recent)
{
    free(recent->changes);
    visible_clear(&recent->seen);
    *recent = (struct recent){0};
}

void recent_add(struct recent *recent, uint32_t xid, uint32_t table)
{
    /* A transaction's changes come one after the other, and are of few tables. */
    for (size_t i = recent->count; i-- > 0 && recent->changes[i].xid == xid;)
        if (recent->changes[i].table == table)
            return;
    if (recent->seen.xmax && visible_has(&recent->seen, xid))
        return;
    recent->changes =
        kc_grow(recent->changes, recent->count, &recent->cap, sizeof(*recent->changes));
    recent->changes[recent->count++] = (struct recent_change){xid, table};
}

static void keep(struct recent *recent, const struct visible *seen)
{
    visible_clear(&recent->seen);
    recent->seen = *seen;
    recent->seen.running = kc_calloc(seen->n_running + 1, sizeof(*seen->running));
    if (seen->n_running)
        memcpy(recent->seen.running, seen->running, seen->n_running * sizeof(*seen->running));
}

bool recent_all_seen(struct recent *recent, const struct visible *seen, uint32_t table)
{
    bool all = true;
    size_t kept = 0;
    for (size_t i = 0; i < recent->count; i++) {
        struct recent_change change = recent->changes[i];
        if (visible_has(seen, change.xid))
            continue;
        recent->changes[kept++] = change;
        all &= change.table && change.table != table;
    }
    recent->count = kept;
    keep(recent, seen);
    return all;
}
