/* The publication: made and kept as publication.autocreate.mode says.
 * Layer: source. Task thread. */
#ifndef PG_PUBLICATION_H
#define PG_PUBLICATION_H

#include "sources/postgres/relation.h"

struct kc_error *publication_ensure(struct catalog *catalog,
                                    const struct captures *captures) KC_MUST_CHECK;
/* Sets replica identities as replica.identity.autoset.values says. */
struct kc_error *publication_identities(struct catalog *catalog,
                                        const struct captures *captures) KC_MUST_CHECK;

#endif
