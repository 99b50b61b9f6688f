/* What the rows of options.c refer to: names of values, checks of single settings.
 * Layer: source. Constant. */
#ifndef PG_ENUMS_H
#define PG_ENUMS_H

#include "sources/postgres/config.h"

extern const struct kc_enum_name pg_snapshot_modes[], pg_publication_modes[], pg_decimal_modes[],
    pg_time_modes[], pg_binary_modes[], pg_interval_modes[], pg_hstore_modes[], pg_failure_modes[],
    pg_flush_modes[], pg_isolations[], pg_lockings[], pg_adjustments[], pg_orders[], pg_plugins[],
    pg_ssl_modes[], pg_refresh_modes[], pg_query_modes[], pg_watermarkings[], pg_mismatches[],
    pg_timeout_actions[], pg_guardrail_actions[];

/* For .check. */
char *pg_check_slot(const struct kc_option *option, const char *text);
char *pg_check_skipped(const struct kc_option *option, const char *text);
/* For .check_with. */
char *pg_check_identities(const struct kc_option *option, const char *text,
                          const struct kc_props *props);

#endif
