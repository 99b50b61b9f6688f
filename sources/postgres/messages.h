/* Logical decoding messages (pg_logical_emit_message) as records of their own topic.
 * Layer: source. Task thread. */
#ifndef PG_MESSAGES_H
#define PG_MESSAGES_H

#include "sources/common/filter.h"
#include "sources/postgres/block.h"
#include "sources/postgres/pgoutput.h"

struct messages {
    char *topic;
    const struct kc_schema *key, *value;
    struct filter include, exclude;
    int binary; /* binary.handling.mode */
};

/* source: schema of the source block. KC_BAD_CONFIG for a malformed filter. */
struct kc_error *messages_init(struct messages *messages, const struct pg_config *config,
                               const struct kc_schema *source) KC_MUST_CHECK;
void messages_clear(struct messages *messages);
bool messages_wants(const struct messages *messages, struct kc_text prefix);
const struct kc_schema *messages_transaction_schema(const struct messages *messages);
/* Texts of the message must live as long as the batch. */
void messages_add(const struct messages *messages, struct kc_batch *batch,
                  const struct pgoutput_change *message, struct kc_value source,
                  struct kc_value transaction);

#endif
