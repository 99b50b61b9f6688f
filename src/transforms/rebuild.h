/* "The same with changes": what every transform of values needs. A transform works out once what
 * becomes of a schema, and keeps that here; records of the same schema then cost a look-up by
 * pointer. Layer: transforms. One thread owns a cache. */
#ifndef TRANSFORMS_REBUILD_H
#define TRANSFORMS_REBUILD_H

#include "data/schema.h"

#define REBUILD_ENTRIES 16 /* the original keeps as many */

struct rebuild_entry {
    const struct kc_schema *from; /* counted */
    uint64_t variant;             /* what else the result depends on */
    const struct kc_schema *to;   /* counted; may be NULL */
    void *plan;                   /* the transform's own notes, or NULL */
};

/* A zeroed struct is an empty cache. */
struct rebuild {
    struct rebuild_entry entries[REBUILD_ENTRIES]; /* the one used last comes first */
    size_t len;
    void (*free_plan)(void *plan); /* MAY be NULL */
};

/* NULL if there is none; valid until the next rebuild_add. */
const struct rebuild_entry *rebuild_find(struct rebuild *rebuild, const struct kc_schema *from,
                                         uint64_t variant);
/* Takes `to` and plan; the entry used longest ago makes room. */
const struct rebuild_entry *rebuild_add(struct rebuild *rebuild, const struct kc_schema *from,
                                        uint64_t variant, const struct kc_schema *to, void *plan);
void rebuild_clear(struct rebuild *rebuild);

/* A new schema with the name, version, doc and parameters of `from`, required, without fields or
 * default. */
struct kc_schema *rebuild_shell(const struct kc_schema *from);
/* A new schema like `from`, optional and without a default. */
struct kc_schema *rebuild_optional(const struct kc_schema *from);

#endif
