/* Values as PostgreSQL reads them in text: for columns without a binary form of ours, elements of
 * arrays, and defaults.
 * Layer: sinks. Any thread. */
#ifndef SINKS_POSTGRES_TEXT_H
#define SINKS_POSTGRES_TEXT_H

#include "base/buf.h"
#include "sinks/common/semantic.h"

/* Appends the input text of the type that fits the schema. False for what has none (a struct of no
 * known name), or when the value is out of any range. */
bool pg_text(const struct kc_schema *schema, struct semantic_type type, struct kc_value value,
             struct kc_buf *buf);
/* Appends text as a literal, quotes and backslashes escaped. */
void pg_text_literal(struct kc_text text, struct kc_buf *buf);

/* The numbers by which Debezium's source tells of PostgreSQL's infinities, all beyond what a date
 * or timestamp can be: +1, -1, or 0 for an ordinary one. */
int pg_infinite(struct semantic_type type, struct kc_value value);

#endif
