#include "sinks/common/config.h"

#include <string.h>

#define OPTIONS_OF struct jdbc_config

static const struct kc_enum_name config_insert_modes[] = {
    { "insert", JDBC_INSERT }, { "upsert", JDBC_UPSERT }, { "update", JDBC_UPDATE }, { 0 }
};
static const struct kc_enum_name config_aiven_insert_modes[] = {
    { "insert", JDBC_INSERT },
    { "multi", JDBC_INSERT },
    { "upsert", JDBC_UPSERT },
    { "update", JDBC_UPDATE },
    { 0 }
};
static const struct kc_enum_name config_pk_modes[] = { { "none", JDBC_PK_NONE },
                                                       { "kafka", JDBC_PK_KAFKA },
                                                       { "record_key", JDBC_PK_KEY },
                                                       { "record_value", JDBC_PK_VALUE },
                                                       { 0 } };
static const struct kc_enum_name config_debezium_pk_modes[] = { { "none", JDBC_PK_NONE },
                                                                { "kafka", JDBC_PK_KAFKA },
                                                                { "record_key", JDBC_PK_KEY },
                                                                { "record_value", JDBC_PK_VALUE },
                                                                { "record_header", JDBC_PK_HEADER },
                                                                { 0 } };
static const struct kc_enum_name config_quote_modes[] = { { "always", 1 }, { "never", 0 }, { 0 } };
static const struct kc_enum_name config_evolutions[] = { { "none", 0 }, { "basic", 1 }, { 0 } };
static const struct kc_enum_name config_units[] = { { "microseconds", 1000000 },
                                                    { "nanoseconds", 1000000000 },
                                                    { 0 } };

static char *config_filled(const struct kc_option *option, const char *text)
{
    return *text ? NULL
                 : kc_printf("Invalid value %s for configuration %s: String must be non-empty", text,
                             option->name);
}

static char *config_zones(const struct kc_option *option, const char *text)
{
    return strcmp(text, "db_timezone") == 0 || strcmp(text, "utc") == 0
               ? NULL
               : kc_printf("Invalid value %s for configuration %s: must be db_timezone or utc", text,
                           option->name);
}

#define DOC_URL \
    "Where the database is, in JDBC form: `jdbc:postgresql://host:5432/database?name=value`. Several " \
    "hosts, split by commas, are tried in order. Parameters that have no meaning here are refused by name."
#define DOC_RETRIES \
    "How often in a row the same records are tried again after the connection was lost, the server " \
    "was busy, or a transaction had to give way to another, before the task fails."
#define DOC_KEYS \
    "Which fields make the key. Empty: all fields of the key or value that the mode names. For " \
    "records whose key is a single value, the name of the column it goes to. For `kafka`: the three " \
    "names of the columns for topic, partition and offset."
#define DOC_PK_MODE \
    "Where the key columns come from: nowhere, from topic, partition and offset (`kafka`), from the " \
    "record's key, or from fields of its value."
#define DOC_INSERT_MODE \
    "`insert` only adds rows; `upsert` adds a row or changes the one that has its key; `update` " \
    "changes rows that are there and adds none."
#define DOC_DELETE "A record with a null value deletes the row of its key. Needs keys from the record's key."
#define DOC_ZONE \
    "The time zone in which moments are written to columns that know no zone: an IANA name, or UTC."
#define DOC_BATCH "At most so many rows go to a table in one statement."

#define GROUP_CONNECTION .group = "Connection"
#define GROUP_WRITES .group = "Writes"
#define GROUP_MAPPING .group = "Data Mapping"
#define GROUP_DDL .group = "DDL Support"
#define GROUP_RETRIES .group = "Retries"

/* What all three families have under the same name with the same default. */
#define CONFIG_COMMON \
    OPT_STRING("connection.url", url, .required = true, .importance = KC_HIGH, GROUP_CONNECTION, \
               .width = KC_WIDTH_LONG, .doc = DOC_URL), \
    OPT_PASSWORD("connection.password", password, .importance = KC_HIGH, GROUP_CONNECTION, \
                 .doc = "The password of the user."), \
    OPT_INT("connection.attempts", attempts, .def = "3", AT_LEAST(1), .importance = KC_LOW, \
            GROUP_CONNECTION, .doc = "How often to try to connect before giving up."), \
    OPT_LONG("connection.backoff.ms", backoff_ms, .def = "10000", AT_LEAST(0), .importance = KC_LOW, \
             GROUP_CONNECTION, .doc = "How long to wait between two attempts to connect."), \
    OPT_BOOL("delete.enabled", delete_enabled, .def = "false", GROUP_WRITES, .doc = DOC_DELETE)

/* What Confluent's and its fork have in common. */
#define CONFIG_CLASSIC \
    OPT_STRING("connection.user", user, .importance = KC_HIGH, GROUP_CONNECTION, \
               .doc = "The user to connect as."), \
    OPT_STRING("dialect.name", dialect, .def = "", .importance = KC_LOW, GROUP_CONNECTION, \
               .doc = "Names the dialect (`PostgreSqlDatabaseDialect`); empty: the URL says it."), \
    OPT_ENUM("pk.mode", pk_mode, config_pk_modes, .def = "none", .any_case = true, \
             .importance = KC_HIGH, GROUP_MAPPING, .doc = DOC_PK_MODE), \
    OPT_LIST("pk.fields", pk_fields, .def = "", GROUP_MAPPING, .doc = DOC_KEYS), \
    OPT_LIST("fields.whitelist", fields, .def = "", GROUP_MAPPING, \
             .doc = "The fields of the value to write; empty: all. Keys are always written."), \
    OPT_STRING("table.name.format", table_format, .def = "${topic}", .check = config_filled, \
               GROUP_MAPPING, \
               .doc = "The table of a topic, `${topic}` standing for its name; may name a schema " \
                      "before it (`sales.${topic}`)."), \
    OPT_BOOL("auto.create", auto_create, .def = "false", GROUP_DDL, \
             .doc = "Create a table that is not there, from the first record's schema."), \
    OPT_BOOL("auto.evolve", auto_evolve, .def = "false", GROUP_DDL, \
             .doc = "Add a column that is not there, if its field is optional or has a default."), \
    OPT_INT("batch.size", batch_size, .def = "3000", AT_LEAST(0), GROUP_WRITES, .doc = DOC_BATCH), \
    OPT_INT("max.retries", max_retries, .def = "10", AT_LEAST(0), GROUP_RETRIES, .doc = DOC_RETRIES), \
    OPT_INT("retry.backoff.ms", retry_ms, .def = "3000", AT_LEAST(0), GROUP_RETRIES, \
            .doc = "How long to wait before each of these tries.")

const struct kc_option jdbc_confluent_options[] = {
    CONFIG_COMMON,
    CONFIG_CLASSIC,
    OPT_ENUM("insert.mode", insert_mode, config_insert_modes, .def = "insert", .any_case = true,
             .importance = KC_HIGH, GROUP_WRITES, .doc = DOC_INSERT_MODE),
    OPT_STRING("db.timezone", timezone, .def = "UTC", GROUP_MAPPING, .doc = DOC_ZONE),
    OPT_STRING("date.timezone", date_timezone, .def = "db_timezone", .check = config_zones,
               GROUP_MAPPING, .valid = "[db_timezone, utc]",
               .no_effect = "a date is always written as the day it is, and no zone can move it to the "
                            "day before",
               .doc = "The time zone in which dates are written."),
    OPT_ENUM("quote.sql.identifiers", quote_mode, config_quote_modes, .def = "always",
             .any_case = true, GROUP_DDL,
             .doc = "`always` takes the names of tables and columns as they are; `never` folds them as "
                    "the database folds names without quotes."),
    OPT_BOOL("replace.null.with.default", null_to_default, .def = "true", GROUP_MAPPING,
             .doc = "Write the default of its schema for a null field of the value."),
    OPT_LIST("table.types", table_types, .def = "TABLE", GROUP_WRITES,
             .valid = "[TABLE, PARTITIONED TABLE, VIEW]",
             .doc = "Which kinds of relations count as tables: TABLE, PARTITIONED TABLE, VIEW."),
    OPT_LIST("timestamp.fields.list", timestamp_fields, .def = "", GROUP_MAPPING,
             .doc = "Integer or text fields that hold the time since 1970 and are to be written as "
                    "timestamps."),
    OPT_ENUM("timestamp.precision.mode", timestamp_unit, config_units, .def = "microseconds",
             GROUP_MAPPING, .doc = "The unit of these fields."),
    OPT_STRING("string.output.value.column.name", string_column, .def = "record_value",
               .check = config_filled, GROUP_MAPPING,
               .doc = "The column for values that are text as a whole."),
    OPT_BOOL("trim.sensitive.log.enabled", redact, .def = "false", .hidden = true, GROUP_WRITES,
             .doc = "Leave the values of rows out of error texts."),
    OPT_REFUSED("date.calendar.system", "Dates are written in the Gregorian calendar in use since 1582, "
                                        "as PostgreSQL has it; leave the setting out.",
                .def = "LEGACY", .refuse_values = "PROLEPTIC_GREGORIAN"),
    OPT_REFUSED("jdbc.credentials.provider.class",
                "Give connection.user and connection.password."),
    OPT_PREFIX("connection.", driver_params, GROUP_CONNECTION, .importance = KC_LOW,
               .doc = "Anything else under this prefix counts as a parameter of the URL."),
    OPT_END
};

const struct kc_option jdbc_aiven_options[] = {
    CONFIG_COMMON,
    CONFIG_CLASSIC,
    OPT_ENUM("insert.mode", insert_mode, config_aiven_insert_modes, .def = "insert",
             .any_case = true, .importance = KC_HIGH, GROUP_WRITES, .doc = DOC_INSERT_MODE),
    OPT_STRING("db.timezone", timezone, .def = "UTC", GROUP_MAPPING, .doc = DOC_ZONE),
    OPT_BOOL("sql.quote.identifiers", quote, .def = "true", GROUP_DDL,
             .doc = "Take the names of tables and columns as they are."),
    OPT_LIST("topics.to.tables.mapping", topic_tables, .def = "", GROUP_MAPPING,
             .doc = "Pairs `topic:table`; when there are any, a topic that is in none is an error."),
    OPT_BOOL("table.name.normalize", normalize_name, .def = "false", GROUP_MAPPING,
             .doc = "Put `_` for each character of a table's name that is no letter, digit or `_`."),
    OPT_PREFIX("connection.", driver_params, GROUP_CONNECTION, .importance = KC_LOW,
               .doc = "Anything else under this prefix counts as a parameter of the URL."),
    OPT_END
};

const struct kc_option jdbc_debezium_options[] = {
    CONFIG_COMMON,
    OPT_STRING("connection.username", user, .importance = KC_HIGH, GROUP_CONNECTION,
               .doc = "The user to connect as."),
    OPT_ENUM("insert.mode", insert_mode, config_insert_modes, .def = "insert", .any_case = true,
             .importance = KC_HIGH, GROUP_WRITES, .doc = DOC_INSERT_MODE),
    OPT_ENUM("primary.key.mode", pk_mode, config_debezium_pk_modes, .def = "none", .any_case = true,
             .importance = KC_HIGH, GROUP_MAPPING,
             .doc = DOC_PK_MODE " `record_header` takes them from headers."),
    OPT_LIST("primary.key.fields", pk_fields, .def = "", GROUP_MAPPING, .doc = DOC_KEYS),
    OPT_BOOL("truncate.enabled", truncate_enabled, .def = "false", GROUP_WRITES,
             .doc = "Empty the table when its source was truncated."),
    OPT_ENUM("schema.evolution", evolution, config_evolutions, .def = "none", .any_case = true,
             GROUP_DDL,
             .doc = "`basic` creates tables that are not there and adds columns that are missing."),
    OPT_STRING("collection.name.format", table_format, .def = "${topic}", .check = config_filled,
               GROUP_MAPPING,
               .doc = "The table of a topic: `${topic}` stands for its name with `_` for each dot, "
                      "`${source.NAME}` for a field of the event's source block."),
    OPT_BOOL("quote.identifiers", quote, .def = "false", GROUP_DDL,
             .doc = "Take the names of tables and columns as they are, without folding."),
    OPT_LIST("field.include.list", fields, .def = "", GROUP_MAPPING,
             .doc = "The fields of the value to write, `field` or `topic:field`; empty: all."),
    OPT_LIST("field.exclude.list", exclude_fields, .def = "", GROUP_MAPPING,
             .doc = "The fields of the value not to write, `field` or `topic:field`."),
    OPT_STRING("use.time.zone", timezone, .def = "UTC", GROUP_MAPPING, .doc = DOC_ZONE),
    OPT_INT("batch.size", batch_size, .def = "500", AT_LEAST(0), GROUP_WRITES, .doc = DOC_BATCH),
    OPT_INT("flush.max.retries", max_retries, .def = "5", AT_LEAST(0), GROUP_RETRIES,
            .doc = DOC_RETRIES),
    OPT_LONG("flush.retry.delay.ms", flush_retry_ms, .def = "1000", AT_LEAST(0), GROUP_RETRIES,
             .doc = "How long to wait before each of these tries."),
    OPT_REFUSED("table.name.format", "Use collection.name.format."),
    OPT_REFUSED("database.time_zone", "Use use.time.zone."),
    OPT_REFUSED("collection.naming.strategy",
                "Tables are named by collection.name.format; rename topics with a RegexRouter.",
                .def = "io.debezium.connector.jdbc.naming.DefaultCollectionNamingStrategy"),
    OPT_REFUSED("column.naming.strategy", "Columns are named as the fields are.",
                .def = "io.debezium.connector.jdbc.naming.DefaultColumnNamingStrategy"),
    OPT_PREFIX("connection.", driver_params, GROUP_CONNECTION, .importance = KC_LOW,
               .doc = "Anything else under this prefix counts as a parameter of the URL."),
    OPT_END
};

struct jdbc_settings jdbc_settings_of(const struct jdbc_config *config, enum jdbc_flavour flavour)
{
    static const char *const modes[] = { "none", "kafka", "record_key", "record_value",
                                         "record_header" };
    bool debezium = flavour == JDBC_DEBEZIUM;

    return (struct jdbc_settings){
        .config = config,
        .flavour = flavour,
        .quote = flavour == JDBC_CONFLUENT ? config->quote_mode != 0 : config->quote,
        .create = debezium ? config->evolution != 0 : config->auto_create,
        .evolve = debezium ? config->evolution != 0 : config->auto_evolve,
        .retry_ms = debezium ? config->flush_retry_ms : config->retry_ms,
        .pk_mode_key = debezium ? "primary.key.mode" : "pk.mode",
        .pk_mode_name = modes[config->pk_mode],
        .create_key = debezium ? "schema.evolution" : "auto.create",
        .evolve_key = debezium ? "schema.evolution" : "auto.evolve",
    };
}

void jdbc_settings_check(const struct jdbc_settings *settings, struct kc_findings *findings)
{
    const struct jdbc_config *config = settings->config;
    const char *key = settings->pk_mode_key;

    if (config->delete_enabled && config->pk_mode != JDBC_PK_KEY) {
        static const char text[] = "Deletes are only supported for %s record_key";
        kc_find(findings, KC_ERROR, "delete.enabled", text, key);
        kc_find(findings, KC_ERROR, key, text, key);
    }
    if (config->insert_mode != JDBC_INSERT && config->pk_mode == JDBC_PK_NONE)
        kc_find(findings, KC_ERROR, key,
                "insert.mode=%s needs to know which columns are the key: set %s to record_key, "
                "record_value or kafka%s",
                config->insert_mode == JDBC_UPSERT ? "upsert" : "update", key,
                config->insert_mode == JDBC_UPDATE ? "; without a key it would change every row" : "");
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&config->driver_params.map, at));)
        if (kc_text_starts(at->key, "pool.")) {
            kc_find(findings, KC_WARN, NULL,
                    "connection.%s has no effect: each task holds one connection", at->key.ptr);
            break;
        }
    if (config->pk_mode == JDBC_PK_KAFKA && config->pk_fields.len != 0 && config->pk_fields.len != 3)
        kc_find(findings, KC_ERROR, settings->flavour == JDBC_DEBEZIUM ? "primary.key.fields" : "pk.fields",
                "%s=kafka takes three names, for topic, partition and offset, or none", key);
}
