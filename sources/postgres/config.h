/* The settings of the PostgreSQL source as its option table (options.c) reads
 * them, and the values that its enumerations take.
 * Layer: source. Constant once read. */
#ifndef PG_CONFIG_H
#define PG_CONFIG_H

#include "config/option.h"
#include "sources/common/channels.h"
#include "sources/common/notifications.h"

enum pg_snapshot_mode {
    SNAPSHOT_INITIAL,
    SNAPSHOT_ALWAYS,
    SNAPSHOT_INITIAL_ONLY,
    SNAPSHOT_NO_DATA,
    SNAPSHOT_WHEN_NEEDED,
    SNAPSHOT_CONFIGURATION_BASED,
    SNAPSHOT_CUSTOM,
};
enum pg_publication_mode {
    PUBLICATION_ALL_TABLES,
    PUBLICATION_FILTERED,
    PUBLICATION_NO_TABLES,
    PUBLICATION_DISABLED
};
enum pg_decimal_mode { DECIMAL_PRECISE, DECIMAL_DOUBLE, DECIMAL_STRING };
enum pg_time_mode {
    TIME_ADAPTIVE,
    TIME_ADAPTIVE_MICROSECONDS,
    TIME_CONNECT,
    TIME_ISOSTRING,
    TIME_MICROSECONDS,
    TIME_NANOSECONDS,
    TIME_STRUCTURED,
};
enum pg_binary_mode { BINARY_BYTES, BINARY_BASE64, BINARY_BASE64_URL_SAFE, BINARY_HEX };
enum pg_interval_mode { INTERVAL_NUMERIC, INTERVAL_STRING };
enum pg_hstore_mode { HSTORE_JSON, HSTORE_MAP };
enum pg_failure_mode { FAILURE_FAIL, FAILURE_WARN, FAILURE_SKIP, FAILURE_IGNORE };
enum pg_flush_mode { FLUSH_UNSET, FLUSH_CONNECTOR, FLUSH_MANUAL, FLUSH_CONNECTOR_AND_DRIVER };
enum pg_mismatch {
    MISMATCH_NO_VALIDATION,
    MISMATCH_TRUST_OFFSET,
    MISMATCH_TRUST_SLOT,
    MISMATCH_TRUST_GREATER
};
enum pg_guardrail { GUARDRAIL_WARN, GUARDRAIL_FAIL };
enum pg_isolation {
    ISOLATION_SERIALIZABLE,
    ISOLATION_REPEATABLE_READ,
    ISOLATION_READ_COMMITTED,
    ISOLATION_READ_UNCOMMITTED
};
enum pg_locking { LOCKING_NONE, LOCKING_SHARED, LOCKING_CUSTOM };
enum pg_adjustment { ADJUST_NONE, ADJUST_AVRO, ADJUST_AVRO_UNICODE };
enum pg_ssl { SSL_DISABLE, SSL_ALLOW, SSL_PREFER, SSL_REQUIRE, SSL_VERIFY_CA, SSL_VERIFY_FULL };
enum pg_watermarks { WATERMARK_INSERT_INSERT, WATERMARK_INSERT_DELETE };
enum pg_order { ORDER_DISABLED, ORDER_ASCENDING, ORDER_DESCENDING };

/* How database values become Connect values: what the type table looks at. */
struct pg_type_modes {
    int decimal, time, binary, interval, hstore;
    int money_digits;
    bool unknown; /* include.unknown.datatypes */
};

struct pg_config {
    /* connection */
    char *host, *user, *password, *dbname;
    int port;
    int sslmode;
    char *sslcert, *sslkey, *sslpassword, *sslrootcert;
    bool keepalive;
    char *initial_statements;
    int64_t connect_timeout_ms;
    int query_timeout_ms;

    /* stream */
    int plugin;
    char *slot, *publication, *stream_params;
    int publication_mode;
    bool via_root, drop_slot, failover;
    char *replica_identities;
    int slot_retries;
    int64_t slot_retry_ms;
    int status_ms;
    int flush_mode;
    bool flush_source;
    int refresh_mode;
    int mismatch;   /* offset.mismatch.strategy */
    bool seek_slot; /* its older form */
    bool check_position;
    int64_t create_slot_s;
    int64_t xmin_ms;
    int64_t flush_timeout_ms;
    int flush_timeout_action; /* enum pg_failure_mode */

    /* snapshot */
    int snapshot_mode, isolation, locking, order, query_mode;
    int fetch_size, snapshot_threads, snapshot_multiplier;
    bool legacy_threads, resumable;
    struct kc_props table_multipliers; /* by schema.table */
    char *snapshot_tables;
    struct kc_list overrides;
    struct kc_props override_statements;
    int64_t snapshot_delay_ms, stream_delay_ms;
    int64_t lock_timeout_ms;
    bool based_data, based_schema, based_stream, based_schema_error, based_data_error;

    /* signals and incremental snapshots */
    char *signal_table; /* NULL: none */
    struct channels_config channels;
    struct notifications_config notifications;
    int emit_retries;
    int64_t emit_backoff_ms;
    int chunk_size;
    int watermarks;
    bool read_only, allow_schema_changes;

    /* filters */
    char *schema_include, *schema_exclude, *table_include, *table_exclude;
    char *column_include, *column_exclude;
    bool ignore_builtin;
    int guardrail, guardrail_action;
    char *skipped_operations; /* NULL: truncates, but the publication has them */
    bool transactions;        /* provide.transaction.metadata */
    char *topic_transaction;
    char *message_include, *message_exclude;
    char *key_columns;
    struct kc_props truncate, mask, hash; /* see mapper.h */
    char *propagate_columns, *propagate_types;
    bool schema_comments;

    /* events */
    char *prefix, *delimiter;
    struct pg_topics {
        char *strategy, *regex, *replacement, *key_field, *key_regex, *key_replacement;
        bool key_unique;
    } topics; /* see topic_strategy.h */
    int topic_cache;
    char *heartbeat_prefix, *heartbeat_name, *heartbeat_query;
    int heartbeat_ms;
    bool tombstones, extended_headers, skip_unchanged;
    int schema_adjustment, field_adjustment;
    char *placeholder;
    struct kc_named post_processors;
    int convert_failure, process_failure;
    struct pg_type_modes modes;

    /* task */
    int max_batch, max_queue;
    int64_t max_queue_bytes;
    int64_t poll_ms, dispatch_ms, shutdown_ms, activity_ms;
    int query_fetch;
    bool statistics, advanced_metrics, scan_all, schema_changes;
    bool old_legacy_threads;
    int signal_batch;
    int64_t signal_wait_ms;
    char *metric_tags, *sanitize, *retriable, *old_heartbeat_prefix, *database_include, *database_exclude;
    int max_retries;
    int64_t retry_ms;
    int64_t lag_log_ms; /* 0: never */
};

extern const struct kc_option pg_options[];

#endif
