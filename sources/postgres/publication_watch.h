/* Does the publication still hold the captured tables? The stream just lacks what is not in it, and says
 * nothing; the log tells.
 * Layer: source. Task thread. */
#ifndef PG_PUBLICATION_WATCH_H
#define PG_PUBLICATION_WATCH_H

#include "base/map.h"
#include "sources/postgres/relation.h"

struct publication_watch {
    struct kc_map tables; /* captured and published when last looked: "schema.name" */
    int64_t looked;       /* monotonic ms; 0: not yet */
    bool gone;            /* the publication: told */
    bool refused;         /* the server does not let us look: told */
};

/* Looks when it is time: at first, about once a minute, and soon after the server told tables anew
 * (`again`, which is reset then), as it does when a publication was changed. Without an include list only
 * what leaves the publication is told: there it is the list. */
struct kc_error *publication_watch_serve(struct publication_watch *watch, struct catalog *catalog,
                                         const struct captures *captures,
                                         bool *again) KC_MUST_CHECK;
void publication_watch_clear(struct publication_watch *watch);

#endif
