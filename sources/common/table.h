/* A captured table as its records need it: topic and schemas, made once per version
 * of its structure and kept for as long as a batch refers to it.
 * Layer: source. Counted; one thread. */
#ifndef CDC_TABLE_H
#define CDC_TABLE_H

#include "data/record.h"

struct table {
    int refs;
    uint64_t kept_in; /* number of the batch that keeps it last; see table_keep */
    char *topic;
    char *schema, *name;         /* of the database */
    const struct kc_schema *key; /* NULL: no key */
    const struct kc_schema *value;
    const struct kc_schema *envelope;
    struct kc_arena arena; /* for what lives as long as the table: stand-ins of missing values */
};

/* One reference. Takes the references to key (or NULL) and value; source is the schema of the
 * source block. Texts are copied. */
struct table *table_new(const char *topic, const char *schema, const char *name,
                        const struct kc_schema *key, const struct kc_schema *value,
                        const struct kc_schema *source, const char *envelope_name);
void table_unref(struct table *table);
/* The schema of transaction blocks, which envelopes and messages carry; a new reference. */
const struct kc_schema *table_transaction_schema(void);
/* The batch holds a reference until its reset. `number` differs from batch to batch. */
void table_keep(struct table *table, struct kc_batch *batch, uint64_t number);

#endif
