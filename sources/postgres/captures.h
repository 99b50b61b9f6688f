/* Which tables and columns a source reads, and what it does to them: the lists of the settings.
 * Layer: source. Constant once read. */
#ifndef PG_CAPTURES_H
#define PG_CAPTURES_H

#include "sources/common/filter.h"
#include "sources/common/key_columns.h"
#include "sources/common/mapper.h"
#include "sources/common/reselect.h"
#include "sources/postgres/config.h"

/* The filters of the settings, compiled. */
struct captures {
    struct filter schema_include, schema_exclude, table_include, table_exclude;
    struct filter column_include, column_exclude;
    struct key_columns keys;
    struct mappers mappers;
    struct reselects reselects;
};
struct kc_error *captures_init(struct captures *captures,
                               const struct pg_config *config) KC_MUST_CHECK;
void captures_clear(struct captures *captures);
bool captures_table(const struct captures *captures, const struct pg_config *config,
                    struct kc_text schema, struct kc_text table);
bool captures_column(const struct captures *captures, const char *schema, const char *table,
                     const char *column);

#endif
