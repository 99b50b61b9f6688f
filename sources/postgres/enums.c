/* The names of the values that enumerations among the settings take, and checks of single values that
 * no other source has. */
#include "sources/postgres/enums.h"

#include <stdlib.h>
#include <string.h>

#include "base/regex.h"
#include "sources/common/settings.h"

const struct kc_enum_name pg_snapshot_modes[] = {
    { "initial", SNAPSHOT_INITIAL },
    { "always", SNAPSHOT_ALWAYS },
    { "initial_only", SNAPSHOT_INITIAL_ONLY },
    { "no_data", SNAPSHOT_NO_DATA },
    { "when_needed", SNAPSHOT_WHEN_NEEDED },
    { "configuration_based", SNAPSHOT_CONFIGURATION_BASED },
    { "custom", SNAPSHOT_CUSTOM },
    { 0 },
};
const struct kc_enum_name pg_publication_modes[] = {
    { "all_tables", PUBLICATION_ALL_TABLES },
    { "filtered", PUBLICATION_FILTERED },
    { "no_tables", PUBLICATION_NO_TABLES },
    { "disabled", PUBLICATION_DISABLED },
    { 0 },
};
const struct kc_enum_name pg_decimal_modes[] = {
    { "precise", DECIMAL_PRECISE }, { "double", DECIMAL_DOUBLE }, { "string", DECIMAL_STRING }, { 0 },
};
const struct kc_enum_name pg_time_modes[] = {
    { "adaptive", TIME_ADAPTIVE },
    { "adaptive_time_microseconds", TIME_ADAPTIVE_MICROSECONDS },
    { "connect", TIME_CONNECT },
    { "isostring", TIME_ISOSTRING },
    { "microseconds", TIME_MICROSECONDS },
    { "nanoseconds", TIME_NANOSECONDS },
    { "structured", TIME_STRUCTURED },
    { 0 },
};
const struct kc_enum_name pg_binary_modes[] = {
    { "bytes", BINARY_BYTES },
    { "base64", BINARY_BASE64 },
    { "base64-url-safe", BINARY_BASE64_URL_SAFE },
    { "hex", BINARY_HEX },
    { 0 },
};
const struct kc_enum_name pg_interval_modes[] = {
    { "numeric", INTERVAL_NUMERIC }, { "string", INTERVAL_STRING }, { 0 },
};
const struct kc_enum_name pg_hstore_modes[] = {
    { "json", HSTORE_JSON }, { "map", HSTORE_MAP }, { 0 },
};
const struct kc_enum_name pg_failure_modes[] = {
    { "fail", FAILURE_FAIL }, { "warn", FAILURE_WARN }, { "skip", FAILURE_SKIP },
    { "ignore", FAILURE_IGNORE }, { 0 },
};
const struct kc_enum_name pg_flush_modes[] = {
    { "connector", FLUSH_CONNECTOR }, { "manual", FLUSH_MANUAL },
    { "connector_and_driver", FLUSH_CONNECTOR_AND_DRIVER }, { 0 },
};
const struct kc_enum_name pg_mismatches[] = {
    { "no_validation", MISMATCH_NO_VALIDATION },
    { "trust_offset", MISMATCH_TRUST_OFFSET },
    { "trust_slot", MISMATCH_TRUST_SLOT },
    { "trust_greater_lsn", MISMATCH_TRUST_GREATER },
    { 0 },
};
const struct kc_enum_name pg_timeout_actions[] = {
    { "fail", FAILURE_FAIL }, { "warn", FAILURE_WARN }, { "ignore", FAILURE_IGNORE }, { 0 },
};
const struct kc_enum_name pg_guardrail_actions[] = {
    { "warn", GUARDRAIL_WARN }, { "fail", GUARDRAIL_FAIL }, { 0 },
};
const struct kc_enum_name pg_isolations[] = {
    { "serializable", ISOLATION_SERIALIZABLE },
    { "repeatable_read", ISOLATION_REPEATABLE_READ },
    { "read_committed", ISOLATION_READ_COMMITTED },
    { "read_uncommitted", ISOLATION_READ_UNCOMMITTED },
    { 0 },
};
const struct kc_enum_name pg_lockings[] = {
    { "none", LOCKING_NONE }, { "shared", LOCKING_SHARED }, { "custom", LOCKING_CUSTOM }, { 0 },
};
const struct kc_enum_name pg_adjustments[] = {
    { "none", ADJUST_NONE }, { "avro", ADJUST_AVRO }, { "avro_unicode", ADJUST_AVRO_UNICODE }, { 0 },
};
const struct kc_enum_name pg_orders[] = {
    { "disabled", ORDER_DISABLED }, { "ascending", ORDER_ASCENDING },
    { "descending", ORDER_DESCENDING }, { 0 },
};
const struct kc_enum_name pg_plugins[] = { { "pgoutput", 0 }, { "decoderbufs", 1 }, { 0 } };
const struct kc_enum_name pg_ssl_modes[] = {
    { "disable", SSL_DISABLE }, { "allow", SSL_ALLOW }, { "prefer", SSL_PREFER },
    { "require", SSL_REQUIRE }, { "verify-ca", SSL_VERIFY_CA }, { "verify-full", SSL_VERIFY_FULL },
    { 0 },
};
const struct kc_enum_name pg_refresh_modes[] = {
    { "columns_diff", 0 }, { "columns_diff_exclude_unchanged_toast", 1 }, { 0 },
};
const struct kc_enum_name pg_watermarkings[] = {
    { "INSERT_INSERT", WATERMARK_INSERT_INSERT }, { "INSERT_DELETE", WATERMARK_INSERT_DELETE }, { 0 },
};
const struct kc_enum_name pg_query_modes[] = { { "select_all", 0 }, { "custom", 1 }, { 0 } };

/* ---- checks of single values ---- */

char *pg_check_slot(const struct kc_option *option, const char *text)
{
    size_t len = strlen(text);
    if (len > 0 && len <= 63 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == len)
        return NULL;
    return settings_invalid(option, "Valid replication slot name must contain only digits, lowercase "
                                    "characters and underscores with length <= 63");
}

char *pg_check_skipped(const struct kc_option *option, const char *text)
{
    struct kc_text rest = kc_text(text), piece;
    bool none = false, some = false;
    while (rest.ptr && kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        bool letter = piece.len == 1 && strchr("cudtr", piece.ptr[0]);
        if (!letter && !kc_text_is(piece, "none"))
            return settings_invalid(option, "Invalid operation");
        some |= letter;
        none |= !letter;
    }
    return none && some ? settings_invalid(option, "'none' cannot be specified with other skipped "
                                                   "operation types")
                        : NULL;
}

char *pg_check_identities(const struct kc_option *option, const char *text,
                          const struct kc_props *props)
{
    (void)props;
    struct kc_text rest = kc_text(text), piece;
    struct kc_regex *regex = NULL;
    static const char form[] = "^\\s*(?<tablepredicate>[^\\s:]+):(?<replicaidentity>DEFAULT|(INDEX) "
                               "(?<indexname>.\\w*)|FULL|NOTHING)\\s*$";
    struct kc_error *err = kc_regex_new(form, true, &regex);
    char *message = NULL;
    while (!err && !message && rest.ptr && kc_text_split(&rest, ',', &piece)) {
        if (kc_regex_matches(regex, piece))
            continue;
        char *why = kc_printf("%.*s has an invalid format (expecting '(?i)%s')", KC_FMT(piece), form);
        message = settings_invalid(option, why);
        free(why);
    }
    kc_error_free(err);
    kc_regex_free(regex);
    return message;
}
