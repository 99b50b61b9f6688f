#include "sources/common/key_columns.h"
#include "sources/common/reselect.h"
#include "sources/common/settings.h"
#include "sources/postgres/enums.h"

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
               .check = settings_host, .doc = "Host of the PostgreSQL server."),
    CDC_INT("database.port", port, .def = "5432", .importance = KC_HIGH, CONNECTION,
            .check = settings_is_int, .doc = "Its TCP port."),
    CDC_STRING("database.user", user, .required = true, .importance = KC_HIGH, CONNECTION,
               .doc = "User to log in as. It needs REPLICATION and SELECT on the captured tables."),
    CDC_PASSWORD("database.password", password, .importance = KC_HIGH, CONNECTION,
                 .doc = "Its password."),
    CDC_STRING("database.dbname", dbname, .required = true, .importance = KC_HIGH, CONNECTION,
               .doc = "The one database whose tables are captured."),
    CDC_STRING("topic.prefix", prefix, .required = true, .importance = KC_HIGH, CONNECTOR,
               .check = settings_name,
               .doc = "Names this connector: first part of every topic, and of the stored position. "
                      "Another value means a new start."),
    CDC_ENUM("database.sslmode", sslmode, pg_ssl_modes,
             "allow, prefer, disable, verify-ca, require, verify-full", .def = "prefer", CONNECTION,
             .doc = "Whether the connection is encrypted and the server's certificate checked, as "
                    "libpq's sslmode."),
    CDC_STRING("database.sslcert", sslcert, CONNECTION, .doc = "File with the client's certificate."),
    CDC_STRING("database.sslkey", sslkey, CONNECTION,
               .doc = "File with the client's private key: PEM, or DER (PKCS#8) that has no password. None but "
                      "its owner may be able to read it."),
    CDC_PASSWORD("database.sslpassword", sslpassword, CONNECTION,
                 .doc = "Password of the private key."),
    CDC_STRING("database.sslrootcert", sslrootcert, CONNECTION,
               .doc = "File with the certificates that sign the server's."),
    OPT_REFUSED("database.sslfactory", NO_CODE, CONNECTION,
                .doc = "Java class that makes TLS sockets."),
    CDC_BOOL("database.tcpKeepAlive", keepalive, .def = "true", CONNECTION,
             .check = settings_is_bool, .doc = "Keep idle connections alive with TCP probes."),
    CDC_STRING("database.initial.statements", initial_statements, .importance = KC_LOW, CONNECTION,
               .doc = "SQL to run first on each connection that is not the replication stream, "
                      "statements separated by semicolons. A failing one stops the task."),
    CDC_INT("database.query.timeout.ms", query_timeout_ms, .def = "600000", .importance = KC_LOW,
            CONNECTION,
            .doc = "How long the server may work on one query of ours, rows of the snapshot aside. "
                   "0: no limit."),
    CDC_LONG("connection.validation.timeout.ms", connect_timeout_ms, .def = "60000",
             .importance = KC_LOW, CONNECTION, .check = settings_positive_long,
             .doc = "How long a login may take."),

    CDC_ENUM("plugin.name", plugin, pg_plugins, "decoderbufs, pgoutput", .def = "pgoutput", CONNECTOR,
             .refuse = "Use pgoutput, which every PostgreSQL server has built in.",
             .refuse_values = "decoderbufs",
             .doc = "Logical decoding plug-in of the server."),
    CDC_STRING("slot.name", slot, .def = "debezium", CONNECTOR, .check = pg_check_slot,
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
            .check = settings_is_int,
            .doc = "How often to try again while another connection holds the slot."),
    CDC_LONG("slot.retry.delay.ms", slot_retry_ms, .def = "10000", .importance = KC_LOW, CONNECTOR,
             .check = settings_is_int, .doc = "How long to wait between two of these."),
    CDC_STRING("publication.name", publication, .def = "dbz_publication", CONNECTOR,
               .doc = "Publication to stream; made as publication.autocreate.mode says."),
    CDC_ENUM("publication.autocreate.mode", publication_mode, pg_publication_modes,
             "no_tables, filtered, disabled, all_tables", .def = "all_tables", CONNECTOR,
             .doc = "What to do about the publication: make one for all tables (needs a superuser), "
                    "make or change it to hold the captured tables, make an empty one, or nothing."),
    CDC_BOOL("publish.via.partition.root", via_root, .def = "false", CONNECTOR,
             .check = settings_is_bool,
             .doc = "Changes of partitions appear as changes of their root table."),
    CDC_STRING("replica.identity.autoset.values", replica_identities, CONNECTOR,
               .check = settings_filled, .check_with = pg_check_identities,
               .doc = "Replica identities to set at the start: TABLES:IDENTITY entries separated by "
                      "commas, with a regular expression for TABLES and DEFAULT, FULL, NOTHING or "
                      "INDEX name."),
    CDC_INT("status.update.interval.ms", status_ms, .def = "10000", CONNECTOR,
            .check = settings_positive,
            .doc = "How often the server is told how far the stream was read."),
    CDC_ENUM("lsn.flush.mode", flush_mode, pg_flush_modes, "connector_and_driver, connector, manual",
             CONNECTOR,
             .doc = "Who tells the server that it may forget WAL: the connector, once positions "
                    "are stored; with connector_and_driver it also lets go at once of WAL that holds "
                    "nothing of ours while all of ours is stored; or somebody else (manual). "
                    "If it is not set: connector."),
    CDC_LONG("lsn.flush.timeout.ms", flush_timeout_ms, .def = "30000", CONNECTOR,
             .check = settings_positive,
             .doc = "How long the server may refuse to take the word that it may forget WAL."),
    CDC_ENUM("lsn.flush.timeout.action", flush_timeout_action, pg_timeout_actions,
             "fail, warn, ignore", .def = "fail", CONNECTOR,
             .doc = "What to do then: stop the task, say so in the log, or nothing."),
    CDC_BOOL("flush.lsn.source", flush_source, .def = "true", .importance = KC_LOW, CONNECTOR,
             .check = settings_is_bool, .doc = "false is the old way to say lsn.flush.mode=manual."),
    CDC_ENUM("schema.refresh.mode", refresh_mode, pg_refresh_modes,
             "columns_diff, columns_diff_exclude_unchanged_toast", .def = "columns_diff", CONNECTOR,
             .no_effect = "the stream says itself when a table changed",
             .doc = "When a table's structure is read again."),
    CDC_ENUM("offset.mismatch.strategy", mismatch, pg_mismatches,
             "no_validation, trust_offset, trust_slot, trust_greater_lsn", .def = "no_validation",
             .lenient = true, .importance = KC_LOW, CONNECTOR,
             .doc = "At a start, when the slot is not where the stored position is: go on from the "
                    "position (no_validation); move the slot up to it, and fail when the slot is "
                    "ahead, since changes are lost then (trust_offset); go on from a slot that is "
                    "ahead (trust_slot); from whichever is ahead (trust_greater_lsn)."),
    CDC_LONG("xmin.fetch.interval.ms", xmin_ms, .def = "0", CONNECTOR,
             .check = settings_not_negative_long,
             .doc = "How often to look up the slot's catalog_xmin for source.xmin; 0: never."),
    CDC_LONG("internal.create.slot.command.timeout", create_slot_s, .def = "90", .lenient = true,
             .importance = KC_LOW, CONNECTOR,
             .doc = "How many seconds the server may take to make the slot, for which it waits until "
                    "all transactions of that moment have ended."),
    CDC_LOOSE_BOOL("internal.slot.seek.to.known.offset.on.start", seek_slot, .def = "false",
                   .importance = KC_LOW, CONNECTOR,
                   .doc = "true is the old way to say offset.mismatch.strategy=trust_offset."),
    CDC_BOOL("internal.log.position.check.enable", check_position, .def = "true",
             .importance = KC_LOW, CONNECTOR,
             .doc = "At a start look whether the server still has what comes after the stored "
                    "position. Without that a lost position goes unnoticed."),

    CDC_ENUM("snapshot.mode", snapshot_mode, pg_snapshot_modes,
             "always, initial_only, configuration_based, when_needed, initial, custom, no_data",
             .def = "initial", SNAPSHOT,
             .doc = "When the rows that are there already are read: once at first (initial), at "
                    "every start (always), once and then stop (initial_only), or never (no_data)."),
    OPT_REFUSED("snapshot.mode.custom.name", NO_CODE, SNAPSHOT, .check_with = settings_custom_name,
                .doc = "Name of a Java snapshotter."),
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
    CDC_ENUM("snapshot.isolation.mode", isolation, pg_isolations,
             "read_uncommitted, repeatable_read, read_committed, serializable",
             .def = "serializable", SNAPSHOT,
             .doc = "Isolation of a snapshot that no slot exports (initial_only)."),
    CDC_ENUM("snapshot.locking.mode", locking, pg_lockings, "shared, custom, none", .def = "none",
             SNAPSHOT,
             .doc = "shared: hold an ACCESS SHARE lock on the tables, so that none is altered while "
                    "the snapshot runs."),
    CDC_LONG("snapshot.lock.timeout.ms", lock_timeout_ms, .def = "10000", SNAPSHOT,
             .doc = "How long to wait for these locks."),
    CDC_INT("snapshot.fetch.size", fetch_size, .def = "10240", SNAPSHOT,
            .check = settings_not_negative,
            .doc = "Rows of a chunk of a resumable snapshot; 0 for the default. Other snapshots need "
                   "none: their rows come in a stream, through COPY."),
    CDC_STRING("snapshot.include.collection.list", snapshot_tables, SNAPSHOT,
               .check = settings_patterns,
               .doc = "Of the captured tables those whose rows the snapshot reads: regular "
                      "expressions for schema.table."),
    OPT_LIST("snapshot.select.statement.overrides", overrides, SNAPSHOT,
             .doc = "Tables (schema.table) whose rows a query of yours selects."),
    OPT_PREFIX("snapshot.select.statement.overrides.", override_statements, SNAPSHOT,
               .doc = "The query for one of these tables."),
    CDC_ENUM("snapshot.tables.order.by.row.count", order, pg_orders, "disabled, ascending, descending",
             .def = "disabled", SNAPSHOT,
             .doc = "Read tables in the order of their numbers of rows, which are counted first. As in the "
                    "original only where tables are cut (snapshot.max.threads above 1); else their order "
                    "is that of table.include.list, or of their names."),
    CDC_ENUM("snapshot.query.mode", query_mode, pg_query_modes, "custom, select_all",
             .def = "select_all", SNAPSHOT,
             .doc = "How rows are selected."),
    CDC_BOOL("internal.snapshot.scan.all.columns.force", scan_all, .def = "false",
             .importance = KC_LOW, SNAPSHOT,
             .no_effect = "the structure of captured tables is read one table at a time",
             .doc = "Read the columns of all tables at once."),
    OPT_REFUSED("snapshot.query.mode.custom.name", NO_CODE, SNAPSHOT, .check_with = settings_custom_name,
                .doc = "Name of a Java class."),
    OPT_REFUSED("snapshot.locking.mode.custom.name", NO_CODE, SNAPSHOT,
                .check_with = settings_custom_name,
                .doc = "Name of a Java class."),
    CDC_LONG("snapshot.delay.ms", snapshot_delay_ms, .def = "0", SNAPSHOT,
             .check = settings_not_negative_long, .doc = "Wait before the snapshot begins."),
    CDC_LONG("streaming.delay.ms", stream_delay_ms, .def = "0", SNAPSHOT,
             .check = settings_not_negative_long,
             .doc = "Wait between snapshot and stream."),
    CDC_BOOL("snapshot.resumable", resumable, .def = "false", SNAPSHOT,
             .doc = "Read tables in chunks of their keys while the stream is already followed, and "
                    "keep the progress in the connector's offset: after any end the snapshot goes on "
                    "where it was, instead of from the beginning. Records of rows and changes come "
                    "interleaved. Not in the original."),
    CDC_INT("snapshot.max.threads", snapshot_threads, .def = "1", SNAPSHOT,
            .check = settings_positive,
            .doc = "How many connections read rows at a time, all of them as of the same moment. With "
                   "more than one each table is counted and cut by its key into as many pieces."),
    CDC_INT("snapshot.max.threads.multiplier", snapshot_multiplier, .def = "1", SNAPSHOT,
            .check = settings_positive,
            .doc = "Pieces of a table for each of these connections."),
    OPT_PREFIX("snapshot.max.threads.multiplier.", table_multipliers, SNAPSHOT,
               .doc = "The same for one table: snapshot.max.threads.multiplier.SCHEMA.TABLE."),
    CDC_BOOL("internal.legacy.snapshot.max.threads", old_legacy_threads, .def = "false",
             .lenient = true, .importance = KC_LOW, SNAPSHOT,
             .no_effect = "it is legacy.snapshot.max.threads now",
             .doc = "The older name of legacy.snapshot.max.threads."),
    CDC_BOOL("legacy.snapshot.max.threads", legacy_threads, .def = "false", .importance = KC_LOW,
             SNAPSHOT,
             .doc = "Each of these connections reads whole tables; none is cut."),

    CDC_STRING("database.include.list", database_include, FILTERS, .check = settings_patterns,
               .no_effect = "database.dbname names the one database",
               .doc = "Databases to capture."),
    CDC_STRING("database.exclude.list", database_exclude, FILTERS, .check = settings_patterns,
               .check_with = settings_excludes,
               .no_effect = "database.dbname names the one database",
               .doc = "Databases to leave out."),
    CDC_STRING("schema.include.list", schema_include, .importance = KC_HIGH, FILTERS,
               .check = settings_patterns,
               .doc = "Regular expressions for the schemas to capture."),
    CDC_STRING("schema.exclude.list", schema_exclude, FILTERS, .check = settings_patterns,
               .check_with = settings_excludes,
               .doc = "Regular expressions for the schemas to leave out."),
    CDC_STRING("table.include.list", table_include, .importance = KC_HIGH, FILTERS,
               .check = settings_patterns,
               .check_with = settings_patterns_again,
               .doc = "Regular expressions for schema.table of the tables to capture. Each must match "
                      "the whole name, in any case."),
    CDC_STRING("table.exclude.list", table_exclude, FILTERS, .check = settings_patterns,
               .check_with = settings_excludes,
               .doc = "Regular expressions for schema.table of the tables to leave out."),
    CDC_STRING("column.include.list", column_include, FILTERS, .check = settings_patterns,
               .doc = "Regular expressions for schema.table.column of the columns that values hold."),
    CDC_STRING("column.exclude.list", column_exclude, FILTERS, .check = settings_patterns,
               .check_with = settings_excludes,
               .doc = "Regular expressions for schema.table.column of the columns that values lack."),
    CDC_BOOL("table.ignore.builtin", ignore_builtin, .def = "true", .importance = KC_LOW, FILTERS,
             .check = settings_is_bool, .doc = "Leave the system's own tables out."),
    CDC_INT("guardrail.collections.max", guardrail, .def = "0", FILTERS,
            .check = settings_not_negative,
            .doc = "How many tables are thought to be captured at most; 0: any number."),
    CDC_ENUM("guardrail.collections.limit.action", guardrail_action, pg_guardrail_actions,
             "warn, fail", .def = "warn", FILTERS,
             .doc = "What to do at a start when there are more: say so in the log, or fail."),
    CDC_STRING("skipped.operations", skipped_operations, .importance = KC_LOW, FILTERS,
               .check = pg_check_skipped,
               .doc = "Kinds of changes to leave out: c (create), u (update), d (delete), t "
                      "(truncate), separated by commas, or none. If it is not set, truncates are "
                      "left out; if it is, a publication made here leaves them out too."),
    CDC_BOOL("skip.messages.without.change", skip_unchanged, .def = "false", FILTERS,
             .check = settings_is_bool,
             .doc = "Leave updates out that change no captured column. Needs REPLICA IDENTITY FULL."),
    CDC_STRING("message.key.columns", key_columns, FILTERS, .check = settings_filled,
               .check_with = key_columns_check,
               .doc = "Key columns other than the primary key: entries TABLES:COLUMN,COLUMN separated "
                      "by semicolons, TABLES a regular expression for schema.table."),
    CDC_STRING("column.propagate.source.type", propagate_columns, .importance = KC_MEDIUM, FILTERS,
               .check = settings_patterns,
               .doc = "Columns (regular expressions for schema.table.column, separated by commas) "
                      "whose schemas name the database's type: parameters "
                      "`__debezium.source.column.type`, `.length`, `.scale` and `.name`."),
    CDC_STRING("datatype.propagate.source.type", propagate_types, .importance = KC_MEDIUM, FILTERS,
               .check = settings_patterns,
               .doc = "The same for all columns of some types: regular expressions for "
                      "schema.table.type, such as `.+\\.numeric`, separated by commas."),
    CDC_BOOL("include.schema.comments", schema_comments, .def = "false", EVENTS,
             .check = settings_is_bool,
             .no_effect = "as in the original, comments of PostgreSQL tables stand in no schema",
             .doc = "Comments of columns in schemas."),
    OPT_PREFIX("column.truncate.to.", truncate, FILTERS,
               .doc = "column.truncate.to.N.chars: columns (regular expressions for "
                      "schema.table.column) whose texts are cut to N characters."),
    OPT_PREFIX("column.mask.with.", mask, FILTERS,
               .doc = "column.mask.with.N.chars: columns whose texts are replaced by N asterisks. Of "
                      "types of characters and enums only, as in the original: leave others out."),
    OPT_PREFIX("column.mask.hash.", hash, FILTERS,
               .doc = "column.mask.hash.ALGORITHM.with.salt.SALT, or column.mask.hash.v2...: columns "
                      "whose texts are replaced by a digest of salt and text, in hexadecimal. Of types "
                      "of characters and enums only."),
    CDC_STRING("message.prefix.include.list", message_include, FILTERS, .check = settings_patterns,
               .doc = "Regular expressions for the prefixes of the logical messages to capture."),
    CDC_STRING("message.prefix.exclude.list", message_exclude, FILTERS, .check = settings_patterns,
               .check_with = settings_excludes,
               .doc = "Regular expressions for the prefixes of the logical messages to leave out."),

    CDC_BOOL("tombstones.on.delete", tombstones, .def = "true", EVENTS,
             .check = settings_is_bool,
             .doc = "After each delete also send a record without a value, so that compaction "
                    "forgets the key."),
    CDC_BOOL("extended.headers.enabled", extended_headers, .def = "true", EVENTS,
             .check = settings_is_bool,
             .doc = "Records carry headers with the connector's name, task and run."),
    CDC_BOOL("provide.transaction.metadata", transactions, .def = "false", EVENTS,
             .doc = "Send a record at the begin and the end of each transaction, and say in each "
                    "event which place it has in its own."),
    CDC_CLASS("topic.naming.strategy", topics.strategy,
              .def = "io.debezium.schema.SchemaTopicNamingStrategy", EVENTS,
              .doc = "How topics are named after tables: io.debezium.schema.SchemaTopicNamingStrategy "
                     "(prefix.schema.table), DefaultTopicNamingStrategy (prefix.table), "
                     "SchemaUnicodeTopicNamingStrategy and DefaultUnicodeTopicNamingStrategy (what "
                     "Kafka won't have in a name is written as _uXXXX instead of _), or "
                     "SchemaRegexTopicNamingStrategy and DefaultRegexTopicNamingStrategy "
                     "(topic.regex)."),
    CDC_STRING("topic.regex", topics.regex, .importance = KC_LOW, EVENTS,
               .doc = "For the regex strategies: topics that match it as a whole are renamed."),
    CDC_STRING("topic.replacement", topics.replacement, .importance = KC_LOW, EVENTS,
               .doc = "The new name; $1 and ${name} stand for groups of topic.regex."),
    CDC_BOOL("topic.key.enforce.uniqueness", topics.key_unique, .def = "true", .lenient = true, .importance = KC_LOW,
             EVENTS,
             .doc = "For the regex strategies: keys get a field that says which table a row is of, so "
                    "that rows of several tables in one topic don't share a key."),
    CDC_STRING("topic.key.field.name", topics.key_field, .def = "__dbz__physicalTableIdentifier",
               .importance = KC_LOW, EVENTS, .doc = "Name of that field."),
    CDC_STRING("topic.key.field.regex", topics.key_regex, .importance = KC_LOW, EVENTS,
               .doc = "Makes that field's value of the topic that the table would have had; without "
                      "it the value is that name."),
    CDC_STRING("topic.key.field.replacement", topics.key_replacement, .importance = KC_LOW, EVENTS,
               .doc = "Replacement for topic.key.field.regex."),
    CDC_INT("topic.cache.size", topic_cache, .def = "10000", .lenient = true, .importance = KC_LOW, EVENTS,
            .no_effect = "names are kept with the structure of the tables",
            .doc = "How many names of topics to keep."),
    CDC_STRING("topic.transaction", topic_transaction, .def = "transaction", .importance = KC_LOW,
               EVENTS, .doc = "Last part of the name of the topic of these records."),
    CDC_STRING("topic.delimiter", delimiter, .def = ".", EVENTS,
               .doc = "What stands between prefix, schema and table in topic names."),
    CDC_ENUM("schema.name.adjustment.mode", schema_adjustment, pg_adjustments,
             "none, avro_unicode, avro", .def = "none", EVENTS,
             .doc = "How schema names are made fit for Avro."),
    CDC_ENUM("field.name.adjustment.mode", field_adjustment, pg_adjustments,
             "none, avro_unicode, avro", .def = "none", EVENTS,
             .doc = "How field names are made fit for Avro."),
    CDC_STRING("unavailable.value.placeholder", placeholder, .def = "__debezium_unavailable_value",
               EVENTS,
               .doc = "Stands for large values that an update left as they were and the server does "
                      "not send."),
    OPT_NAMED("post.processors", post_processors, .importance = KC_LOW, EVENTS,
              .check_with = reselects_check,
              .doc = "Names of post processors. NAME.type must be io.debezium.processors.reselect."
                     "ReselectColumnsPostProcessor, which reads columns from the table again that a "
                     "change did not bring: large ones that were not changed (unless "
                     "NAME.reselect.unavailable.values=false) and null ones (unless "
                     "NAME.reselect.null.values=false), of NAME.reselect.columns.include.list or all "
                     "but NAME.reselect.columns.exclude.list (regular expressions for "
                     "schema.table:column). Rows are found by primary key, or by the event's key with "
                     "NAME.reselect.use.event.key=true; one that is not found is told in the log, or "
                     "an error with NAME.reselect.error.handling.mode=fail. The value is the one that "
                     "is there now, not the one of that time."),
    CDC_INT("heartbeat.interval.ms", heartbeat_ms, .def = "0", EVENTS,
            .check = settings_not_negative,
            .doc = "How often to send a heartbeat record, with the position; 0: never."),
    CDC_STRING("topic.heartbeat.prefix", heartbeat_prefix, .def = "__debezium-heartbeat",
               .importance = KC_LOW, EVENTS, .doc = "First part of the heartbeat topic's name."),
    CDC_STRING("topic.heartbeat.name", heartbeat_name, .importance = KC_LOW, EVENTS,
               .doc = "Whole name of the heartbeat topic."),
    CDC_STRING("heartbeat.topics.prefix", old_heartbeat_prefix, .def = "__debezium-heartbeat",
               .importance = KC_LOW, EVENTS, .no_effect = "it is topic.heartbeat.prefix now",
               .doc = "The older name of topic.heartbeat.prefix, which the original ignores too."),
    CDC_BOOL("include.schema.changes", schema_changes, .def = "true", .lenient = true, EVENTS,
             .no_effect = "PostgreSQL tells of no changes to schemas but by the events after them",
             .doc = "Events about changes to tables."),
    CDC_STRING("heartbeat.action.query", heartbeat_query, .importance = KC_LOW, EVENTS,
               .doc = "SQL to run with each heartbeat, such as an update of a small table, which "
                      "keeps a quiet database's slot moving."),

    CDC_ENUM("decimal.handling.mode", modes.decimal, pg_decimal_modes, "string, double, precise",
             .def = "precise", TYPES,
             .doc = "numeric and money as exact decimals, as floating point, or as text."),
    CDC_ENUM("time.precision.mode", modes.time, pg_time_modes,
             "adaptive, adaptive_time_microseconds, isostring, structured, microseconds, "
             "nanoseconds, connect",
             .def = "adaptive", TYPES,
             .doc = "Which semantic types dates and times have. structured keeps all that the database "
                    "has, as a struct of year, month, ... precision; the others give numbers or text."),
    CDC_ENUM("binary.handling.mode", modes.binary, pg_binary_modes,
             "bytes, base64, hex, base64-url-safe", .def = "bytes", TYPES,
             .doc = "bytea as bytes, or as text in base64 or hexadecimal digits."),
    CDC_ENUM("interval.handling.mode", modes.interval, pg_interval_modes, "string, numeric",
             .def = "numeric", TYPES,
             .doc = "interval as microseconds (a month counts as 30.4375 days), or as ISO 8601."),
    CDC_ENUM("hstore.handling.mode", modes.hstore, pg_hstore_modes, "json, map", .def = "json", TYPES,
             .doc = "hstore as JSON text or as a map."),
    CDC_SHORT("money.fraction.digits", modes.money_digits, .def = "2", .lenient = true, .importance = KC_LOW, TYPES,
              .doc = "Digits behind the point of money."),
    CDC_BOOL("include.unknown.datatypes", modes.unknown, .def = "false", TYPES,
             .doc = "Columns of types that have no Connect type go as the bytes of their text, in the "
                    "form of binary.handling.mode, instead of being left out."),
    CDC_ENUM("event.converting.failure.handling.mode", convert_failure, pg_failure_modes,
             "warn, fail, skip", .def = "warn", TYPES,
             .doc = "What to do about a value that its Connect type can't hold: stop, or send null "
                    "with a word in the log (warn) or without (skip)."),
    CDC_ENUM("event.processing.failure.handling.mode", process_failure, pg_failure_modes,
             "warn, fail, ignore, skip", .def = "fail", TYPES,
             .doc = "What to do about an event that can't be made of a change: stop, or leave it out "
                    "with a word in the log (warn) or without (skip, ignore)."),

    CDC_INT("max.batch.size", max_batch, .def = SETTINGS_MAX_BATCH, TASK, .check = settings_positive,
            .doc = "Most records of one batch."),
    CDC_INT("max.queue.size", max_queue, .def = "8192", TASK, .check = settings_queue_size,
            .check_with = settings_queue, .no_effect = "there is no queue between reading and sending",
            .doc = "Most changes that wait in the queue; must be larger than max.batch.size."),
    CDC_LONG("max.queue.size.in.bytes", max_queue_bytes, .def = "0", .importance = KC_LOW, TASK,
             .check = settings_not_negative_long, .no_effect = "there is no queue",
             .doc = "Most bytes that wait in the queue."),
    CDC_LONG("poll.interval.ms", poll_ms, .def = "500", TASK, .check = settings_positive,
             .no_effect = "changes are sent when they come",
             .doc = "How often to look for changes."),
    CDC_LONG("poll.dispatch.interval.ms", dispatch_ms, .def = "0", .lenient = true, TASK,
             .doc = "How long to gather changes before they are sent; 0: a few milliseconds, as long "
                    "as more come."),
    CDC_INT("query.fetch.size", query_fetch, .def = "0", TASK, .check = settings_not_negative,
            .no_effect = "queries beside the snapshot's give few rows",
            .doc = "How many rows of other queries to fetch at a time."),
    CDC_LONG("executor.shutdown.timeout.ms", shutdown_ms, .def = "4000", .importance = KC_LOW, TASK,
             .check = settings_positive_long, .no_effect = "there are no helper threads to wait for",
             .doc = "How long helper threads may take to stop."),
    CDC_LONG("internal.offset.activity.monitor.interval.ms", activity_ms, .def = "600000",
             .importance = KC_LOW, TASK, .check = settings_not_negative_long,
             .no_effect = "how far the position is behind is watched all the time",
             .doc = "How often to look whether the position moves."),
    CDC_STRING("internal.custom.retriable.exception", retriable, .def = "false",
               .importance = KC_LOW, TASK,
               .doc = "A regular expression for the text of errors that are to be tried again, though "
                      "they look as if they would last; false: none."),
    CDC_BOOL("statistics.metrics.enabled", statistics, .def = "true", .importance = KC_LOW, TASK,
             .no_effect = "there is no JMX", .doc = "Statistics among the metrics of JMX."),
    CDC_BOOL("internal.advanced.metrics.enable", advanced_metrics, .def = "false",
             .importance = KC_LOW, TASK, .no_effect = "there is no JMX",
             .doc = "More metrics of JMX."),
    CDC_STRING("custom.sanitize.pattern", sanitize, .importance = KC_LOW, TASK,
               .no_effect = "no values of settings go to the log",
               .doc = "Which settings are hidden in the log."),
    CDC_INT("errors.max.retries", max_retries, .def = "-1", TASK,
            .check = settings_is_int,
            .doc = "How often to start again after errors that may pass, such as a lost connection, "
                   "before the task fails; -1: for ever."),
    CDC_LONG("retriable.restart.connector.wait.ms", retry_ms, .def = "10000", .importance = KC_LOW,
             TASK, .check = settings_positive_long,
             .doc = "How long to wait before starting again."),
    CDC_LONG("lag.log.interval.ms", lag_log_ms, .def = "60000", .importance = KC_LOW, TASK,
             .check = settings_not_negative_long,
             .doc = "How often to log how far behind the source is, or how far its snapshot, as long as "
                    "anything moves; 0: never. An addition of ours."),
    /* What the original has and this source has not (yet). */
    OPT_REFUSED("transaction.metadata.factory", NO_CODE, EVENTS,
                .def = "io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory",
                .doc = "Java class."),
    OPT_REFUSED("sourceinfo.struct.maker", NO_CODE, EVENTS,
                .def = "io.debezium.connector.postgresql.PostgresSourceInfoStructMaker",
                .doc = "Java class."),
    OPT_REFUSED("notification.http.", "Notifications go to a topic or to the log.", TASK,
                .doc = "Notifications by HTTP."),
    OPT_REFUSED("queue.provider.type", "Changes wait in memory only. Leave it out.", TASK,
                .def = "memory", .doc = "Where changes wait."),
    OPT_REFUSED("database.connection.factory.class", NO_CODE, CONNECTION, .doc = "Java class."),
    OPT_REFUSED("driver.", "There is no JDBC driver to set up. Use the settings database.*: sslmode, "
                "tcpKeepAlive, query.timeout.ms, initial.statements.", CONNECTION,
                .doc = "Settings of the JDBC driver."),
    OPT_REFUSED("openlineage.integration.enabled", "No lineage is reported.", TASK, .def = "false",
                .doc = "Reports to OpenLineage."),
    OPT_REFUSED("openlineage.integration.", "No lineage is reported. Leave it out.", TASK,
                .doc = "Reports to OpenLineage."),
    OPT_REFUSED("memory.management.", NO_CODE, TASK, .doc = "Java classes that keep schemas."),
    CDC_STRING("signal.data.collection", signal_table, TASK,
               .doc = "A table (schema.table) of three text columns, id, type and data, whose "
                      "inserted rows are signals, such as a request for an incremental snapshot. "
                      "It is captured whatever the lists say."),
    CHANNELS_OPTIONS(channels, TASK),
    CDC_INT("signal.emit.failure.max.retries", emit_retries, .def = "0", TASK,
            .check = settings_not_negative,
            .doc = "How often to try again to write the marks of a chunk to the signal table."),
    CDC_INT("internal.signal.synchronous.batch.size", signal_batch, .def = "10",
            .importance = KC_LOW, TASK, .check = settings_positive,
            .no_effect = "signals are handled where they stand in the stream",
            .doc = "How many signals are handled at a time."),
    CDC_LONG("internal.signal.processor.semaphore.wait.ms", signal_wait_ms, .def = "10000",
             .importance = KC_LOW, TASK, .check = settings_positive,
             .no_effect = "nothing waits for signals", .doc = "How long to wait for signals."),
    CDC_LONG("signal.emit.failure.backoff.ms", emit_backoff_ms, .def = "10000", TASK,
             .check = settings_positive, .doc = "How long to wait before that."),
    CDC_INT("incremental.snapshot.chunk.size", chunk_size, .def = "1024", SNAPSHOT,
            .check = settings_not_negative,
            .doc = "How many rows an incremental snapshot reads at a time, and holds in memory until "
                   "the stream has come as far."),
    CDC_BOOL("incremental.snapshot.allow.schema.changes", allow_schema_changes, .def = "false",
             SNAPSHOT, .no_effect = "a table may always be altered while its rows are read",
             .doc = "Let tables be altered during an incremental snapshot."),
    CDC_ENUM("incremental.snapshot.watermarking.strategy", watermarks, pg_watermarkings,
             "insert_delete, insert_insert", .def = "INSERT_INSERT", SNAPSHOT,
             .doc = "How the end of a chunk is marked in the signal table: by a second row, or by "
                    "deleting the first."),
    CDC_LOOSE_BOOL("read.only", read_only, .def = "false", SNAPSHOT,
           .doc = "Incremental snapshots write nothing to the database: what changes while a chunk "
                  "is read is told by transaction ids. Signals then come by other channels than "
                  "the table."),
    NOTIFICATIONS_OPTIONS(notifications, TASK),
    OPT_REFUSED("converters", NO_CODE, TYPES, .doc = "Java converters of values."),
    CDC_STRING("custom.metric.tags", metric_tags, .importance = KC_LOW, TASK,
               .check = settings_pairs, .no_effect = "there is no JMX",
               .doc = "What the names of JMX have more, as name=value pairs separated by commas."),
    OPT_END
};
