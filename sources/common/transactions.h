/* Transaction metadata: BEGIN and END records on a topic of their own, and in each event the place
 * it has in its transaction. Layer: source. Task thread. */
#ifndef CDC_TRANSACTIONS_H
#define CDC_TRANSACTIONS_H

#include "base/map.h"
#include "data/record.h"

struct transactions {
    bool on; /* false: every function does nothing */
    char *topic;
    const struct kc_schema *key, *value;
    char *id;             /* of the transaction at hand, as positions have it; NULL: none */
    int64_t total;        /* events so far */
    struct kc_map counts; /* of each table: int64_t */
};

void transactions_init(struct transactions *transactions, bool on, const char *topic);
void transactions_clear(struct transactions *transactions);
/* A new transaction: `id` names it in positions, `label` in records. ts_ms: of its commit. */
void transactions_begin(struct transactions *transactions, struct kc_batch *batch, const char *id,
                        const char *label, int64_t ts_ms);
/* The block of its next event, of schema block; KC_NULL if off. */
struct kc_value transactions_event(struct transactions *transactions, struct kc_arena *arena,
                                   const struct kc_schema *block, const char *label,
                                   const char *collection);
void transactions_end(struct transactions *transactions, struct kc_batch *batch, const char *label,
                      int64_t ts_ms);
/* The entries that a stored offset has for it: how many there are, writing them, reading them. */
uint32_t transactions_entries(const struct transactions *transactions);
void transactions_write(const struct transactions *transactions, struct kc_arena *arena,
                        struct kc_entry *entries);
void transactions_read(struct transactions *transactions, struct kc_value offset);

#endif
