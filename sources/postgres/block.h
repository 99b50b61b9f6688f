/* The source block: where in the database an event comes from.
 * Layer: source. Task thread. */
#ifndef PG_BLOCK_H
#define PG_BLOCK_H

#include "sources/postgres/config.h"
#include "sources/postgres/position.h"

/* Fields in the order of the original. */
enum block_field {
    BLOCK_VERSION,
    BLOCK_CONNECTOR,
    BLOCK_NAME,
    BLOCK_TS_MS,
    BLOCK_SNAPSHOT,
    BLOCK_DB,
    BLOCK_SEQUENCE,
    BLOCK_TS_US,
    BLOCK_TS_NS,
    BLOCK_SCHEMA,
    BLOCK_TABLE,
    BLOCK_TX_ID,
    BLOCK_LSN,
    BLOCK_XMIN,
    BLOCK_ORIGIN,
    BLOCK_ORIGIN_LSN,
    BLOCK_FIELDS,
};

/* The schema; a new reference. */
const struct kc_schema *block_schema(void);

/* What changes from event to event. */
struct block {
    const struct kc_schema *schema;
    const struct pg_config *config;
    const char *snapshot; /* marker; NULL in the stream, where the schema's default stands for it */
    int64_t ts_us;
    const char *origin; /* NULL: none */
    uint64_t origin_lsn;
};

/* A block in the arena. table: schema and table name, borrowed. */
struct kc_value block_new(const struct block *block, const struct position *position,
                          struct kc_text schema, struct kc_text table, struct kc_arena *arena);

#endif
