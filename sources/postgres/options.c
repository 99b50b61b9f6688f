#include "sources/postgres/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/regex.h"
#include "sources/common/key_columns.h"
#include "sources/common/settings.h"

/* ---- values of enumerations ---- */

static const struct kc_enum_name snapshot_modes[] = {
    { "initial", SNAPSHOT_INITIAL },
    { "always", SNAPSHOT_ALWAYS },
    { "initial_only", SNAPSHOT_INITIAL_ONLY },
    { "no_data", SNAPSHOT_NO_DATA },
    { "when_needed", SNAPSHOT_WHEN_NEEDED },
    { "configuration_based", SNAPSHOT_CONFIGURATION_BASED },
    { "custom", SNAPSHOT_CUSTOM },
    { 0 },
};
static const struct kc_enum_name publication_modes[] = {
    { "all_tables", PUBLICATION_ALL_TABLES },
    { "filtered", PUBLICATION_FILTERED },
    { "no_tables", PUBLICATION_NO_TABLES },
    { "disabled", PUBLICATION_DISABLED },
    { 0 },
};
static const struct kc_enum_name decimal_modes[] = {
    { "precise", DECIMAL_PRECISE }, { "double", DECIMAL_DOUBLE }, { "string", DECIMAL_STRING }, { 0 },
};
static const struct kc_enum_name time_modes[] = {
    { "adaptive", TIME_ADAPTIVE },
    { "adaptive_time_microseconds", TIME_ADAPTIVE_MICROSECONDS },
    { "connect", TIME_CONNECT },
    { "isostring", TIME_ISOSTRING },
    { "microseconds", TIME_MICROSECONDS },
    { "nanoseconds", TIME_NANOSECONDS },
    { "structured", TIME_STRUCTURED },
    { 0 },
};
static const struct kc_enum_name binary_modes[] = {
    { "bytes", BINARY_BYTES },
    { "base64", BINARY_BASE64 },
    { "base64-url-safe", BINARY_BASE64_URL_SAFE },
    { "hex", BINARY_HEX },
    { 0 },
};
static const struct kc_enum_name interval_modes[] = {
    { "numeric", INTERVAL_NUMERIC }, { "string", INTERVAL_STRING }, { 0 },
};
static const struct kc_enum_name hstore_modes[] = {
    { "json", HSTORE_JSON }, { "map", HSTORE_MAP }, { 0 },
};
static const struct kc_enum_name failure_modes[] = {
    { "fail", FAILURE_FAIL }, { "warn", FAILURE_WARN }, { "skip", FAILURE_SKIP },
    { "ignore", FAILURE_IGNORE }, { 0 },
};
static const struct kc_enum_name flush_modes[] = {
    { "connector", FLUSH_CONNECTOR }, { "manual", FLUSH_MANUAL },
    { "connector_and_driver", FLUSH_CONNECTOR_AND_DRIVER }, { 0 },
};
static const struct kc_enum_name isolations[] = {
    { "serializable", ISOLATION_SERIALIZABLE },
    { "repeatable_read", ISOLATION_REPEATABLE_READ },
    { "read_committed", ISOLATION_READ_COMMITTED },
    { "read_uncommitted", ISOLATION_READ_UNCOMMITTED },
    { 0 },
};
static const struct kc_enum_name lockings[] = {
    { "none", LOCKING_NONE }, { "shared", LOCKING_SHARED }, { "custom", LOCKING_CUSTOM }, { 0 },
};
static const struct kc_enum_name adjustments[] = {
    { "none", ADJUST_NONE }, { "avro", ADJUST_AVRO }, { "avro_unicode", ADJUST_AVRO_UNICODE }, { 0 },
};
static const struct kc_enum_name orders[] = {
    { "disabled", ORDER_DISABLED }, { "ascending", ORDER_ASCENDING },
    { "descending", ORDER_DESCENDING }, { 0 },
};
static const struct kc_enum_name plugins[] = { { "pgoutput", 0 }, { "decoderbufs", 1 }, { 0 } };
static const struct kc_enum_name ssl_modes[] = {
    { "disable", SSL_DISABLE }, { "allow", SSL_ALLOW }, { "prefer", SSL_PREFER },
    { "require", SSL_REQUIRE }, { "verify-ca", SSL_VERIFY_CA }, { "verify-full", SSL_VERIFY_FULL },
    { 0 },
};
static const struct kc_enum_name refresh_modes[] = {
    { "columns_diff", 0 }, { "columns_diff_exclude_unchanged_toast", 1 }, { 0 },
};
static const struct kc_enum_name query_modes[] = { { "select_all", 0 }, { "custom", 1 }, { 0 } };

/* ---- checks of single values ---- */

static char *check_slot(const struct kc_option *option, const char *text)
{
    size_t len = strlen(text);
    if (len > 0 && len <= 63 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == len)
        return NULL;
    return settings_invalid(option, "Valid replication slot name must contain only digits, lowercase "
                                    "characters and underscores with length <= 63");
}

static char *check_skipped(const struct kc_option *option, const char *text)
{
    struct kc_text rest = kc_text(text), piece;
    while (rest.ptr && kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        bool letter = piece.len == 1 && strchr("cudtr", piece.ptr[0] | 32);
        if (piece.len && !letter && !kc_text_is(piece, "none"))
            return settings_invalid(option, "Invalid operation");
    }
    return NULL;
}

static char *check_identities(const struct kc_option *option, const char *text)
{
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

#define CONNECTION .group = "Connection"
#define CONNECTOR .group = "Connector"
#define SNAPSHOT .group = "Snapshot"
#define FILTERS .group = "Filters"
#define EVENTS .group = "Events"
#define TYPES .group = "Data types"
#define TASK .group = "Task"
#define NO_CODE "It names Java code, which can't be loaded here. Leave it out."

/* Order and wording of messages follow the original; the advice and the texts are ours. */
#define OPTIONS_OF struct pg_config
const struct kc_option pg_options[] = {
    CDC_STRING("database.hostname", host, .required = true, .importance = KC_HIGH, CONNECTION,
               .doc = "Host of the PostgreSQL server."),
    CDC_INT("database.port", port, .def = "5432", .importance = KC_HIGH, CONNECTION,
            .check = settings_positive, .doc = "Its TCP port."),
    CDC_STRING("database.user", user, .required = true, .importance = KC_HIGH, CONNECTION,
               .doc = "User to log in as. It needs REPLICATION and SELECT on the captured tables."),
    CDC_PASSWORD("database.password", password, .importance = KC_HIGH, CONNECTION,
                 .doc = "Its password."),
    CDC_STRING("database.dbname", dbname, .required = true, .importance = KC_HIGH, CONNECTION,
               .doc = "The one database whose tables are captured."),
    CDC_STRING("topic.prefix", prefix, .required = true, .importance = KC_HIGH, CONNECTOR,
               .check = settings_prefix,
               .doc = "Names this connector: first part of every topic, and of the stored position. "
                      "Another value means a new start."),
    CDC_ENUM("database.sslmode", sslmode, ssl_modes,
             "allow, prefer, disable, verify-ca, require, verify-full", .def = "prefer", CONNECTION,
             .doc = "Whether the connection is encrypted and the server's certificate checked, as "
                    "libpq's sslmode."),
    CDC_STRING("database.sslcert", sslcert, CONNECTION, .doc = "File with the client's certificate."),
    CDC_STRING("database.sslkey", sslkey, CONNECTION,
               .doc = "File with the client's private key (PEM, or DER named *.pk8 or *.der)."),
    CDC_PASSWORD("database.sslpassword", sslpassword, CONNECTION,
                 .doc = "Password of the private key."),
    CDC_STRING("database.sslrootcert", sslrootcert, CONNECTION,
               .doc = "File with the certificates that sign the server's."),
    OPT_REFUSED("database.sslfactory", NO_CODE, CONNECTION,
                .doc = "Java class that makes TLS sockets."),
    CDC_BOOL("database.tcpKeepAlive", keepalive, .def = "true", CONNECTION,
             .doc = "Keep idle connections alive with TCP probes."),
    CDC_STRING("database.initial.statements", initial_statements, .importance = KC_LOW, CONNECTION,
               .doc = "SQL to run first on each connection that is not the replication stream, "
                      "statements separated by semicolons. A failing one stops the task."),
    CDC_INT("database.query.timeout.ms", query_timeout_ms, .def = "600000", .importance = KC_LOW,
            CONNECTION, .check = settings_not_negative,
            .doc = "How long the server may work on one query of ours, rows of the snapshot aside. "
                   "0: no limit."),
    CDC_LONG("connection.validation.timeout.ms", connect_timeout_ms, .def = "60000",
             .importance = KC_LOW, CONNECTION, .check = settings_positive_long,
             .doc = "How long a login may take."),

    CDC_ENUM("plugin.name", plugin, plugins, "decoderbufs, pgoutput", .def = "pgoutput", CONNECTOR,
             .refuse = "Use pgoutput, which every PostgreSQL server has built in.",
             .refuse_values = "decoderbufs",
             .doc = "Logical decoding plug-in of the server."),
    CDC_STRING("slot.name", slot, .def = "debezium", CONNECTOR, .check = check_slot,
               .doc = "Replication slot to stream from; made if it is not there. Each connector "
                      "needs its own."),
    CDC_BOOL("slot.drop.on.stop", drop_slot, .def = "false", CONNECTOR,
             .doc = "Drop the slot when the task stops in good order. Changes made while nothing "
                    "runs are then lost: for tests only."),
    CDC_BOOL("slot.failover", failover, .def = "false", CONNECTOR,
             .doc = "Make the slot as a failover slot, which standbys keep too (PostgreSQL 17)."),
    CDC_STRING("slot.stream.params", stream_params, .importance = KC_LOW, CONNECTOR,
               .doc = "Further options for the decoding plug-in, name=value pairs separated by "
                      "semicolons."),
    CDC_INT("slot.max.retries", slot_retries, .def = "6", .importance = KC_LOW, CONNECTOR,
            .check = settings_not_negative,
            .doc = "How often to try again while another connection holds the slot."),
    CDC_LONG("slot.retry.delay.ms", slot_retry_ms, .def = "10000", .importance = KC_LOW, CONNECTOR,
             .check = settings_positive_long, .doc = "How long to wait between two of these."),
    CDC_STRING("publication.name", publication, .def = "dbz_publication", CONNECTOR,
               .doc = "Publication to stream; made as publication.autocreate.mode says."),
    CDC_ENUM("publication.autocreate.mode", publication_mode, publication_modes,
             "no_tables, filtered, disabled, all_tables", .def = "all_tables", CONNECTOR,
             .doc = "What to do about the publication: make one for all tables (needs a superuser), "
                    "make or change it to hold the captured tables, make an empty one, or nothing."),
    CDC_BOOL("publish.via.partition.root", via_root, .def = "false", CONNECTOR,
             .doc = "Changes of partitions appear as changes of their root table."),
    CDC_STRING("replica.identity.autoset.values", replica_identities, CONNECTOR,
               .check = check_identities,
               .doc = "Replica identities to set at the start: TABLES:IDENTITY entries separated by "
                      "commas, with a regular expression for TABLES and DEFAULT, FULL, NOTHING or "
                      "INDEX name."),
    CDC_INT("status.update.interval.ms", status_ms, .def = "10000", CONNECTOR,
            .check = settings_positive,
            .doc = "How often the server is told how far the stream was read."),
    CDC_ENUM("lsn.flush.mode", flush_mode, flush_modes, "connector_and_driver, connector, manual",
             .def = "connector", CONNECTOR,
             .refuse = "Use connector: with it an idle database's position moves too.",
             .refuse_values = "connector_and_driver",
             .doc = "Who tells the server that it may forget WAL: the connector, once positions "
                    "are stored, or somebody else (manual)."),
    CDC_BOOL("flush.lsn.source", flush_source, .def = "true", .importance = KC_LOW, CONNECTOR,
             .doc = "false is the old way to say lsn.flush.mode=manual."),
    CDC_ENUM("schema.refresh.mode", refresh_mode, refresh_modes,
             "columns_diff, columns_diff_exclude_unchanged_toast", .def = "columns_diff", CONNECTOR,
             .no_effect = "the stream says itself when a table changed",
             .doc = "When a table's structure is read again."),
    OPT_REFUSED("offset.mismatch.strategy", "The stored position is always trusted.", CONNECTOR,
                .def = "no_validation", .doc = "What to do when slot and position disagree."),
    OPT_REFUSED("xmin.fetch.interval.ms", "source.xmin stays null.", CONNECTOR, .def = "0",
                .doc = "How often to look up the slot's xmin."),

    CDC_ENUM("snapshot.mode", snapshot_mode, snapshot_modes,
             "always, initial_only, configuration_based, when_needed, initial, custom, no_data",
             .def = "initial", SNAPSHOT, .refuse = NO_CODE, .refuse_values = "custom",
             .doc = "When the rows that are there already are read: once at first (initial), at "
                    "every start (always), once and then stop (initial_only), or never (no_data)."),
    OPT_REFUSED("snapshot.mode.custom.name", NO_CODE, SNAPSHOT, .doc = "Name of a Java snapshotter."),
    CDC_BOOL("snapshot.mode.configuration.based.snapshot.data", based_data, .def = "false", SNAPSHOT,
             .doc = "With configuration_based: read rows first."),
    CDC_BOOL("snapshot.mode.configuration.based.snapshot.schema", based_schema, .def = "false",
             SNAPSHOT, .no_effect = "the structure of tables comes with the stream",
             .doc = "With configuration_based: read the structure of tables first."),
    CDC_BOOL("snapshot.mode.configuration.based.start.stream", based_stream, .def = "false", SNAPSHOT,
             .doc = "With configuration_based: stream changes."),
    CDC_BOOL("snapshot.mode.configuration.based.snapshot.on.schema.error", based_schema_error,
             .def = "false", SNAPSHOT, .no_effect = "there is no history of structures",
             .doc = "With configuration_based: read structures again when their history is lost."),
    CDC_BOOL("snapshot.mode.configuration.based.snapshot.on.data.error", based_data_error,
             .def = "false", SNAPSHOT,
             .doc = "With configuration_based: read rows again when the position is lost."),
    CDC_ENUM("snapshot.isolation.mode", isolation, isolations,
             "read_uncommitted, repeatable_read, read_committed, serializable",
             .def = "serializable", SNAPSHOT,
             .doc = "Isolation of a snapshot that no slot exports (initial_only)."),
    CDC_ENUM("snapshot.locking.mode", locking, lockings, "shared, custom, none", .def = "none",
             SNAPSHOT, .refuse = NO_CODE, .refuse_values = "custom",
             .doc = "shared: hold an ACCESS SHARE lock on the tables, so that none is altered while "
                    "the snapshot runs."),
    CDC_LONG("snapshot.lock.timeout.ms", lock_timeout_ms, .def = "10000", SNAPSHOT,
             .check = settings_not_negative_long, .doc = "How long to wait for these locks."),
    CDC_INT("snapshot.fetch.size", fetch_size, .def = "10240", SNAPSHOT,
            .check = settings_not_negative,
            .no_effect = "rows come through COPY, in a stream", .doc = "How many rows to fetch at a time."),
    CDC_STRING("snapshot.include.collection.list", snapshot_tables, SNAPSHOT,
               .check = settings_patterns,
               .doc = "Of the captured tables those whose rows the snapshot reads: regular "
                      "expressions for schema.table."),
    OPT_LIST("snapshot.select.statement.overrides", overrides, SNAPSHOT,
             .doc = "Tables (schema.table) whose rows a query of yours selects."),
    OPT_PREFIX("snapshot.select.statement.overrides.", override_statements, SNAPSHOT,
               .doc = "The query for one of these tables."),
    CDC_ENUM("snapshot.tables.order.by.row.count", order, orders, "disabled, ascending, descending",
             .def = "disabled", SNAPSHOT,
             .no_effect = "as in the original, tables are read in the order of table.include.list, else "
                          "of their names",
             .doc = "Order of tables by their sizes."),
    CDC_ENUM("snapshot.query.mode", query_mode, query_modes, "select_all, custom",
             .def = "select_all", SNAPSHOT, .refuse = NO_CODE, .refuse_values = "custom",
             .doc = "How rows are selected."),
    OPT_REFUSED("snapshot.query.mode.custom.name", NO_CODE, SNAPSHOT, .doc = "Name of a Java class."),
    OPT_REFUSED("snapshot.locking.mode.custom.name", NO_CODE, SNAPSHOT,
                .doc = "Name of a Java class."),
    CDC_LONG("snapshot.delay.ms", snapshot_delay_ms, .def = "0", SNAPSHOT,
             .check = settings_not_negative_long, .doc = "Wait before the snapshot begins."),
    CDC_LONG("streaming.delay.ms", stream_delay_ms, .def = "0", SNAPSHOT,
             .check = settings_not_negative_long,
             .doc = "Wait between snapshot and stream."),
    CDC_INT("snapshot.max.threads", snapshot_threads, .def = "1", SNAPSHOT,
            .check = settings_positive,
            .refuse = "Tables are read one after the other. Leave it out.",
            .doc = "How many connections read rows at a time."),

    CDC_STRING("schema.include.list", schema_include, .importance = KC_HIGH, FILTERS,
               .check = settings_patterns,
               .doc = "Regular expressions for the schemas to capture."),
    CDC_STRING("schema.exclude.list", schema_exclude, FILTERS, .check = settings_patterns,
               .doc = "Regular expressions for the schemas to leave out."),
    CDC_STRING("table.include.list", table_include, .importance = KC_HIGH, FILTERS,
               .check = settings_patterns,
               .doc = "Regular expressions for schema.table of the tables to capture. Each must match "
                      "the whole name, in any case."),
    CDC_STRING("table.exclude.list", table_exclude, FILTERS, .check = settings_patterns,
               .doc = "Regular expressions for schema.table of the tables to leave out."),
    CDC_STRING("column.include.list", column_include, FILTERS, .check = settings_patterns,
               .doc = "Regular expressions for schema.table.column of the columns that values hold."),
    CDC_STRING("column.exclude.list", column_exclude, FILTERS, .check = settings_patterns,
               .doc = "Regular expressions for schema.table.column of the columns that values lack."),
    CDC_BOOL("table.ignore.builtin", ignore_builtin, .def = "true", .importance = KC_LOW, FILTERS,
             .doc = "Leave the system's own tables out."),
    CDC_STRING("skipped.operations", skipped_operations, .importance = KC_LOW, FILTERS,
               .check = check_skipped,
               .doc = "Kinds of changes to leave out: c (create), u (update), d (delete), t "
                      "(truncate), separated by commas, or none. If it is not set, truncates are "
                      "left out; if it is, a publication made here leaves them out too."),
    CDC_BOOL("skip.messages.without.change", skip_unchanged, .def = "false", FILTERS,
             .doc = "Leave updates out that change no captured column. Needs REPLICA IDENTITY FULL."),
    CDC_STRING("message.key.columns", key_columns, FILTERS, .check = key_columns_check,
               .doc = "Key columns other than the primary key: entries TABLES:COLUMN,COLUMN separated "
                      "by semicolons, TABLES a regular expression for schema.table."),
    OPT_PREFIX("column.truncate.to.", truncate, FILTERS,
               .doc = "column.truncate.to.N.chars: columns (regular expressions for "
                      "schema.table.column) whose texts are cut to N characters."),
    OPT_PREFIX("column.mask.with.", mask, FILTERS,
               .doc = "column.mask.with.N.chars: columns whose texts are replaced by N asterisks."),
    OPT_PREFIX("column.mask.hash.", hash, FILTERS,
               .doc = "column.mask.hash.ALGORITHM.with.salt.SALT, or column.mask.hash.v2...: columns "
                      "whose texts are replaced by a digest of salt and text, in hexadecimal."),
    CDC_STRING("message.prefix.include.list", message_include, FILTERS, .check = settings_patterns,
               .doc = "Regular expressions for the prefixes of the logical messages to capture."),
    CDC_STRING("message.prefix.exclude.list", message_exclude, FILTERS, .check = settings_patterns,
               .doc = "Regular expressions for the prefixes of the logical messages to leave out."),

    CDC_BOOL("tombstones.on.delete", tombstones, .def = "true", EVENTS,
             .doc = "After each delete also send a record without a value, so that compaction "
                    "forgets the key."),
    CDC_BOOL("extended.headers.enabled", extended_headers, .def = "true", EVENTS,
             .doc = "Records carry headers with the connector's name, task and run."),
    CDC_BOOL("provide.transaction.metadata", transactions, .def = "false", EVENTS,
             .doc = "Send a record at the begin and the end of each transaction, and say in each "
                    "event which place it has in its own."),
    CDC_STRING("topic.transaction", topic_transaction, .def = "transaction", .importance = KC_LOW,
               EVENTS, .doc = "Last part of the name of the topic of these records."),
    CDC_STRING("topic.delimiter", delimiter, .def = ".", EVENTS,
               .doc = "What stands between prefix, schema and table in topic names."),
    CDC_ENUM("schema.name.adjustment.mode", schema_adjustment, adjustments,
             "none, avro_unicode, avro", .def = "none", EVENTS,
             .doc = "How schema names are made fit for Avro."),
    CDC_ENUM("field.name.adjustment.mode", field_adjustment, adjustments,
             "none, avro_unicode, avro", .def = "none", EVENTS,
             .doc = "How field names are made fit for Avro."),
    CDC_STRING("unavailable.value.placeholder", placeholder, .def = "__debezium_unavailable_value",
               EVENTS,
               .doc = "Stands for large values that an update left as they were and the server does "
                      "not send."),
    CDC_INT("heartbeat.interval.ms", heartbeat_ms, .def = "0", EVENTS,
            .check = settings_not_negative,
            .doc = "How often to send a heartbeat record, with the position; 0: never."),
    CDC_STRING("topic.heartbeat.prefix", heartbeat_prefix, .def = "__debezium-heartbeat",
               .importance = KC_LOW, EVENTS, .doc = "First part of the heartbeat topic's name."),
    CDC_STRING("topic.heartbeat.name", heartbeat_name, .importance = KC_LOW, EVENTS,
               .doc = "Whole name of the heartbeat topic."),
    CDC_STRING("heartbeat.action.query", heartbeat_query, .importance = KC_LOW, EVENTS,
               .doc = "SQL to run with each heartbeat, such as an update of a small table, which "
                      "keeps a quiet database's slot moving."),

    CDC_ENUM("decimal.handling.mode", modes.decimal, decimal_modes, "string, double, precise",
             .def = "precise", TYPES,
             .doc = "numeric and money as exact decimals, as floating point, or as text."),
    CDC_ENUM("time.precision.mode", modes.time, time_modes,
             "adaptive, adaptive_time_microseconds, isostring, structured, microseconds, "
             "nanoseconds, connect",
             .def = "adaptive", TYPES,
             .refuse = "Use adaptive, connect, isostring, microseconds or nanoseconds.",
             .refuse_values = "structured",
             .doc = "Which semantic types dates and times have."),
    CDC_ENUM("binary.handling.mode", modes.binary, binary_modes,
             "bytes, base64, hex, base64-url-safe", .def = "bytes", TYPES,
             .doc = "bytea as bytes, or as text in base64 or hexadecimal digits."),
    CDC_ENUM("interval.handling.mode", modes.interval, interval_modes, "string, numeric",
             .def = "numeric", TYPES,
             .doc = "interval as microseconds (a month counts as 30.4375 days), or as ISO 8601."),
    CDC_ENUM("hstore.handling.mode", modes.hstore, hstore_modes, "json, map", .def = "json", TYPES,
             .doc = "hstore as JSON text or as a map."),
    CDC_INT("money.fraction.digits", modes.money_digits, .def = "2", .importance = KC_LOW, TYPES,
            .check = NULL, .doc = "Digits behind the point of money."),
    CDC_BOOL("include.unknown.datatypes", modes.unknown, .def = "false", TYPES,
             .doc = "Columns of types that have no Connect type go as the bytes of their text, in the "
                    "form of binary.handling.mode, instead of being left out."),
    CDC_ENUM("event.converting.failure.handling.mode", convert_failure, failure_modes,
             "warn, fail, skip", .def = "warn", TYPES,
             .doc = "What to do about a value that its Connect type can't hold: stop, or send null "
                    "with a word in the log (warn) or without (skip)."),
    CDC_ENUM("event.processing.failure.handling.mode", process_failure, failure_modes,
             "warn, fail, ignore, skip", .def = "fail", TYPES,
             .refuse = "An event that can't be read stops the task: nothing is lost silently.",
             .refuse_values = "warn|skip|ignore",
             .doc = "What to do about an event that can't be read."),

    CDC_INT("max.batch.size", max_batch, .def = "2048", TASK, .check = settings_positive,
            .doc = "Most records of one batch."),
    CDC_INT("max.queue.size", max_queue, .def = "8192", TASK, .check = settings_positive,
            .doc = "Has no effect but that it must be larger than max.batch.size: there is no queue "
                   "between reading and sending."),
    CDC_LONG("max.queue.size.in.bytes", max_queue_bytes, .def = "0", .importance = KC_LOW, TASK,
             .check = settings_not_negative_long, .no_effect = "there is no queue", .doc = "Most bytes that wait in the queue."),
    CDC_LONG("poll.interval.ms", poll_ms, .def = "500", TASK, .check = settings_positive,
             .no_effect = "changes are sent when they come",
             .doc = "How often to look for changes."),
    CDC_INT("errors.max.retries", max_retries, .def = "-1", TASK,
            .doc = "How often to start again after errors that may pass, such as a lost connection, "
                   "before the task fails; -1: for ever."),
    CDC_LONG("retriable.restart.connector.wait.ms", retry_ms, .def = "10000", .importance = KC_LOW,
             TASK, .check = settings_positive_long,
             .doc = "How long to wait before starting again."),
    /* What the original has and this source has not (yet). */
    OPT_REFUSED("transaction.metadata.factory", NO_CODE, EVENTS, .doc = "Java class."),
    OPT_REFUSED("include.schema.comments", "Schemas carry no comments.", EVENTS, .def = "false",
                .doc = "Comments of columns in schemas."),
    OPT_REFUSED("column.propagate.source.type", "Schemas carry no source types.", EVENTS,
                .doc = "Columns whose schemas name the database's type."),
    OPT_REFUSED("datatype.propagate.source.type", "Schemas carry no source types.", EVENTS,
                .doc = "Types whose schemas name the database's type."),
    OPT_REFUSED("topic.naming.strategy", "Topics are named prefix.schema.table; rename them with the "
                "RegexRouter transform.", EVENTS,
                .def = "io.debezium.schema.SchemaTopicNamingStrategy", .doc = "Java class."),
    OPT_REFUSED("topic.regex", "Rename topics with the RegexRouter transform.", EVENTS,
                .doc = "Pattern of a topic naming strategy."),
    OPT_REFUSED("topic.replacement", "Rename topics with the RegexRouter transform.", EVENTS,
                .doc = "Replacement of a topic naming strategy."),
    OPT_REFUSED("topic.key.enforce.uniqueness", "Rename topics with the RegexRouter transform.",
                EVENTS, .def = "true", .doc = "Of a topic naming strategy."),
    OPT_REFUSED("topic.key.field.name", "Rename topics with the RegexRouter transform.", EVENTS,
                .def = "__dbz__physicalTableIdentifier", .doc = "Of a topic naming strategy."),
    OPT_REFUSED("topic.key.field.regex", "Rename topics with the RegexRouter transform.", EVENTS,
                .doc = "Of a topic naming strategy."),
    OPT_REFUSED("topic.key.field.replacement", "Rename topics with the RegexRouter transform.",
                EVENTS, .doc = "Of a topic naming strategy."),
    OPT_REFUSED("signal.data.collection", "Signals are not read.", TASK, .doc = "Signal table."),
    OPT_REFUSED("signal.enabled.channels", "Signals are not read.", TASK, .def = "source",
                .doc = "Where signals come from."),
    OPT_REFUSED("signal.file", "Signals are not read.", TASK, .doc = "Signal file."),
    OPT_REFUSED("signal.poll.interval.ms", "Signals are not read.", TASK, .def = "5000",
                .doc = "How often to look for signals."),
    OPT_REFUSED("incremental.snapshot.chunk.size", "There are no incremental snapshots.", SNAPSHOT,
                .def = "1024", .doc = "Rows of a chunk."),
    OPT_REFUSED("incremental.snapshot.watermarking.strategy", "There are no incremental snapshots.",
                SNAPSHOT, .def = "insert_insert", .doc = "How chunks are marked."),
    OPT_REFUSED("read.only", "There are no incremental snapshots.", SNAPSHOT, .def = "false",
                .doc = "Incremental snapshots without writing."),
    OPT_REFUSED("notification.enabled.channels", "No notifications are sent.", TASK,
                .doc = "Where notifications go."),
    OPT_REFUSED("notification.sink.topic.name", "No notifications are sent.", TASK,
                .doc = "Topic of notifications."),
    OPT_REFUSED("post.processors", NO_CODE, EVENTS, .doc = "Post processors of events."),
    OPT_REFUSED("converters", NO_CODE, TYPES, .doc = "Java converters of values."),
    OPT_REFUSED("custom.metric.tags", "Metrics have the usual labels.", TASK, .doc = "Tags."),
    OPT_REFUSED("guardrail.collections.max", "There is no limit of tables.", FILTERS, .def = "0",
                .doc = "Most tables that may be captured."),
    OPT_REFUSED("snapshot.max.threads.multiplier", "Tables are read one after the other.", SNAPSHOT,
                .def = "1", .doc = "Chunks for each thread."),
    OPT_REFUSED("legacy.snapshot.max.threads", "Tables are read one after the other.", SNAPSHOT,
                .def = "false", .doc = "One thread a table."),
    OPT_REFUSED("lsn.flush.timeout.ms", "Confirming a position does not wait.", CONNECTOR,
                .def = "30000", .doc = "How long confirming may take."),
    OPT_REFUSED("lsn.flush.timeout.action", "Confirming a position does not wait.", CONNECTOR,
                .def = "fail", .doc = "What to do when it takes longer."),
    OPT_END
};
