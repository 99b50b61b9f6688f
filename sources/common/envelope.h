/* Change events: rows before and after, what happened and where, as the records that
 * Debezium's users know (Envelope, tombstones, the three records of a changed key).
 * Layer: source. Task thread. */
#ifndef CDC_ENVELOPE_H
#define CDC_ENVELOPE_H

#include "sources/common/table.h"

/* What all records of a connector have in common. */
struct envelope {
    struct kc_header context[4];
    uint32_t n_context;
    bool tombstones;
    char run_id[37];
    char task[12];
    int64_t *counts; /* events by kind (enum change_op) are counted in it; NULL: nobody counts */
};

/* connector: "postgresql"; prefix is borrowed. A new run id is made. */
void envelope_init(struct envelope *envelope, const char *prefix, const char *connector, int task,
                   bool headers, bool tombstones);

enum change_op { OP_CREATE, OP_UPDATE, OP_DELETE, OP_READ, OP_TRUNCATE };

struct change {
    enum change_op op;
    struct table *table;
    struct kc_value source;        /* the source block */
    struct kc_value transaction;   /* the transaction block; KC_NULL: none */
    struct kc_value transaction2;  /* of the create that a changed key makes, see envelope_splits */
    struct kc_value key;           /* of the row after; of a DELETE: before */
    struct kc_value old_key;       /* of an UPDATE whose old key is known; else KC_NULL */
    struct kc_value before, after; /* KC_NULL: none */
    bool no_delete, no_create;     /* halves of a changed key that are left out */
};

/* The schema of transaction blocks in envelopes of this table. */
const struct kc_schema *envelope_transaction_schema(const struct table *table);
/* Is it a change of the key, which becomes a delete and a create? */
bool envelope_splits(const struct change *change);
/* Adds its record or records to the batch. The table must be kept by the batch. */
void envelope_add(const struct envelope *envelope, struct kc_batch *batch,
                  const struct change *change);

#endif
