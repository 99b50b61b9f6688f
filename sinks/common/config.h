/* The settings of the JDBC sink. Three families of connectors name and default them differently
 * (Confluent's, Debezium's, Aiven's); each has an option table of its own over the same struct, and
 * jdbc_settings says what they come to.
 * Layer: sinks. Constant once read. */
#ifndef SINKS_COMMON_CONFIG_H
#define SINKS_COMMON_CONFIG_H

#include "config/option.h"

enum jdbc_flavour { JDBC_CONFLUENT, JDBC_DEBEZIUM, JDBC_AIVEN };
enum jdbc_insert_mode { JDBC_INSERT, JDBC_UPSERT, JDBC_UPDATE };
enum jdbc_pk_mode { JDBC_PK_NONE, JDBC_PK_KAFKA, JDBC_PK_KEY, JDBC_PK_VALUE, JDBC_PK_HEADER };

struct jdbc_config {
    char *url, *user, *password;
    struct kc_props driver_params; /* connection.* beside these */
    int attempts;
    int64_t backoff_ms;
    char *dialect;
    int insert_mode, pk_mode;
    struct kc_list pk_fields, fields, exclude_fields, table_types, topic_tables;
    bool delete_enabled, truncate_enabled;
    bool auto_create, auto_evolve;
    int evolution; /* Debezium's word for the two: 0 none, 1 basic */
    char *table_format;
    bool normalize_name;
    int quote_mode; /* Confluent: 1 always, 0 never */
    bool quote;     /* the others */
    bool null_to_default;
    char *timezone;
    char *date_timezone;
    struct kc_list timestamp_fields;
    int timestamp_unit; /* ticks per second of timestamp_fields */
    char *string_column;
    int batch_size, max_retries, retry_ms;
    int64_t flush_retry_ms;
    bool redact;
};

/* What differs between the families, made one. */
struct jdbc_settings {
    const struct jdbc_config *config;
    enum jdbc_flavour flavour;
    bool quote, create, evolve;
    int64_t retry_ms;
    char quote_char; /* of the dialect */
    bool fold;       /* names without quotes become lower case */
    const char *pk_mode_key, *pk_mode_name; /* as the user writes them */
    const char *create_key, *evolve_key;    /* "auto.create", "schema.evolution" */
};

extern const struct kc_option jdbc_confluent_options[], jdbc_debezium_options[],
    jdbc_aiven_options[];

struct jdbc_settings jdbc_settings_of(const struct jdbc_config *config, enum jdbc_flavour flavour);
/* Settings that are right alone and wrong together, found without a database. */
void jdbc_settings_check(const struct jdbc_settings *settings, struct kc_findings *findings);

#endif
