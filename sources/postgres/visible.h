/* What a query saw of the database: the server's pg_current_snapshot(), against which committed
 * transactions of the change stream are held.
 * Layer: source. One thread owns it. */
#ifndef PG_VISIBLE_H
#define PG_VISIBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct visible {
    uint64_t xmin; /* all before it were over */
    uint64_t xmax; /* none from here on had begun to be seen */
    uint64_t *running; /* those between that were not over, in order */
    size_t n_running;
};

/* "xmin:xmax:xid,xid,..." (PostgreSQL manual, "Transaction ID and Snapshot Information Functions").
 * KC_FATAL on any other text. *visible is to be cleared in any case. */
struct kc_error *visible_parse(struct visible *visible, const char *text) KC_MUST_CHECK;
void visible_clear(struct visible *visible);
/* Did it see the transaction, which has committed? The stream names transactions by the lower half of
 * their numbers; those meant are at most 2^31 away. */
bool visible_has(const struct visible *visible, uint32_t xid);

#endif
