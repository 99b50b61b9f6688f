/* Would it work? Settings together, a login, and for `penstock check` all that a start
 * needs of the live database, each finding with what to do about it. The checks are rows of the
 * tables in check_*.c. */
#include "sources/postgres/check.h"

#include <stdlib.h>

#define MOST_ALIKE 20

/* ---- settings together ---- */

/* What the original finds when the task starts, not when it validates: a word of warning then. */
static void check_topics(const struct kc_check *check, const struct pg_config *config)
{
    struct topic_strategy topics;
    struct kc_error *err = relation_topics(config, &topics);
    topic_strategy_clear(&topics);
    if (!err)
        return;
    char *line = kc_error_line(err);
    kc_find(check->findings, check->depth == KC_CHECK_LIVE ? KC_ERROR : KC_WARN,
            "topic.naming.strategy", "%s", line);
    free(line);
    kc_error_free(err);
}

/* ---- a probe ---- */

void probe_say(struct probe *probe, enum kc_severity severity, const char *setting,
               const char *format, ...)
{
    if (++probe->said > MOST_ALIKE)
        return;
    va_list args;
    va_start(args, format);
    char *text = kc_vprintf(format, args);
    va_end(args);
    kc_find(probe->check->findings, severity, setting, "%s", text);
    free(text);
}

void probe_close(struct probe *probe, const char *what)
{
    if (probe->said > MOST_ALIKE)
        kc_find(probe->check->findings, KC_WARN, NULL, "%s: %zu more like these.", what,
                probe->said - MOST_ALIKE);
}

/* An error as a finding; takes it. */
static void say_error(struct probe *probe, const char *what, struct kc_error *err)
{
    char *line = kc_error_line(err);
    probe_say(probe, KC_WARN, NULL, "%s could not be looked at: %s", what, line);
    free(line);
    kc_error_free(err);
}

PGresult *probe_ask(struct probe *probe, const char *what, const char *sql, const char *param)
{
    PGresult *result = NULL;
    struct kc_error *err =
        link_ask(probe->catalog.conn, probe->check->stop_fd, &result, sql, param, NULL);
    if (err)
        say_error(probe, what, err);
    return result;
}

const char *probe_text(const struct probe *probe, const char *setting)
{
    for (int i = 0; i < PQntuples(probe->settings); i++)
        if (strcmp(PQgetvalue(probe->settings, i, 0), setting) == 0)
            return PQgetvalue(probe->settings, i, 1);
    return NULL;
}

int64_t probe_number(const struct probe *probe, const char *setting)
{
    const char *text = probe_text(probe, setting);
    int64_t number;
    return text && kc_text_int64(kc_text(text), &number) ? number : -1;
}

bool probe_captures(const struct live_table *table)
{
    return table->captured && (table->kind == 'r' || table->kind == 'p');
}

static unsigned state_of(const struct probe *probe)
{
    return (probe->streams ? STREAM : 0U) | (probe->reads_rows ? ROWS : 0U) |
           (PQntuples(probe->slot) ? SLOT : NO_SLOT) |
           (PQntuples(probe->publication) ? PUBLICATION : NO_PUBLICATION) |
           (probe->standby ? STANDBY : PRIMARY);
}

void probe_run(struct probe *probe, const struct check_row *rows)
{
    for (; rows->look; rows++) {
        if (rows->needs & ~state_of(probe) || probe->version < rows->since)
            continue;
        probe->said = 0;
        rows->look(probe);
        probe_close(probe, rows->what);
    }
}

/* ---- what the checks look at ---- */

static const char settings_sql[] =
    "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('wal_level', 'max_wal_senders',"
    " 'max_replication_slots', 'wal_sender_timeout', 'statement_timeout', 'transaction_timeout',"
    " 'idle_session_timeout', 'idle_in_transaction_session_timeout', 'max_slot_wal_keep_size',"
    " 'max_wal_size', 'idle_replication_slot_timeout', 'synchronized_standby_slots',"
    " 'sync_replication_slots', 'hot_standby_feedback', 'primary_conninfo', 'server_encoding',"
    " 'DateStyle', 'TimeZone', 'bytea_output', 'IntervalStyle', 'max_connections')";
static const char user_sql[] =
    "SELECT rolsuper, rolreplication OR EXISTS (SELECT FROM pg_catalog.pg_roles g WHERE g.rolname ="
    " 'rds_replication' AND pg_catalog.pg_has_role(g.oid, 'MEMBER')),"
    " pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'), rolconnlimit,"
    " pg_catalog.pg_is_in_recovery() FROM pg_catalog.pg_roles WHERE rolname = current_user";
static const char slot_sql[] =
    "SELECT plugin, database, active_pid, to_jsonb(s) ->> 'wal_status', restart_lsn,"
    " confirmed_flush_lsn, to_jsonb(s) ->> 'failover', to_jsonb(s) ->> 'invalidation_reason',"
    " pg_catalog.pg_size_pretty(CASE WHEN pg_catalog.pg_is_in_recovery() THEN 0 ELSE"
    " pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn) END)"
    " FROM pg_catalog.pg_replication_slots s WHERE slot_name = $1";
static const char publication_sql[] =
    "SELECT puballtables, pubinsert, pubupdate, pubdelete, pubtruncate,"
    " to_jsonb(p) ->> 'pubviaroot', pg_catalog.pg_has_role(pubowner, 'USAGE')"
    " FROM pg_catalog.pg_publication p WHERE pubname = $1";

static bool load_user(struct probe *probe)
{
    AUTO_RESULT *user = probe_ask(probe, "The user's rights", user_sql, NULL);
    if (!user || !PQntuples(user))
        return false;
    probe->superuser = link_true(user, 0, 0);
    probe->replication = probe->superuser || link_true(user, 0, 1);
    probe->may_create = link_true(user, 0, 2);
    probe->connections = atoi(PQgetvalue(user, 0, 3));
    probe->standby = link_true(user, 0, 4);
    return true;
}

static const char tables_sql[] =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident, c.relispartition,"
    " c.relpersistence = 'u', pg_catalog.has_table_privilege(c.oid, 'SELECT') AND"
    " pg_catalog.has_schema_privilege(n.oid, 'USAGE'),"
    " EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary),"
    " EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisreplident),"
    " pg_catalog.pg_has_role(c.relowner, 'USAGE'),"
    " pg_catalog.row_security_active(c.oid), p.tablename IS NOT NULL, to_jsonb(p) ->> 'rowfilter'"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_catalog.pg_publication_tables p ON p.pubname = $1"
    " AND p.schemaname = n.nspname AND p.tablename = c.relname"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'"
    " ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

/* Of a partitioned table either itself or its partitions are published. */
static bool is_captured(const struct probe *probe, const struct live_table *table)
{
    bool via_root = PQntuples(probe->publication)
                        ? link_true(probe->publication, 0, PUBLICATION_ROOT)
                        : probe->config->via_root;
    return !(via_root ? table->partition : table->kind == 'p') &&
           captures_table(&probe->captures, probe->config, kc_text(table->schema),
                          kc_text(table->name));
}

static bool load_tables(struct probe *probe)
{
    probe->rows = probe_ask(probe, "The tables", tables_sql, probe->config->publication);
    probe->n_tables = probe->rows ? (size_t)PQntuples(probe->rows) : 0;
    probe->tables = kc_calloc(probe->n_tables + 1, sizeof(*probe->tables));
    for (size_t i = 0; i < probe->n_tables; i++) {
        const PGresult *rows = probe->rows;
        int row = (int)i;
        struct live_table *table = &probe->tables[i];
        *table = (struct live_table){
            .oid = (uint32_t)strtoul(PQgetvalue(rows, row, 0), NULL, 10),
            .schema = PQgetvalue(rows, row, 1),
            .name = PQgetvalue(rows, row, 2),
            .kind = PQgetvalue(rows, row, 3)[0],
            .identity = PQgetvalue(rows, row, 4)[0],
            .partition = link_true(rows, row, 5),
            .unlogged = link_true(rows, row, 6),
            .readable = link_true(rows, row, 7),
            .has_primary = link_true(rows, row, 8),
            .has_index = link_true(rows, row, 9),
            .owned = link_true(rows, row, 10),
            .hides_rows = link_true(rows, row, 11),
            .published = link_true(rows, row, 12),
            .filter = link_text(rows, row, 13),
        };
        table->captured = is_captured(probe, table);
        probe->n_captured += probe_captures(table);
    }
    return probe->rows;
}

static bool load(struct probe *probe)
{
    const struct pg_config *config = probe->config;
    bool only_rows = config->snapshot_mode == SNAPSHOT_INITIAL_ONLY;
    bool based = config->snapshot_mode == SNAPSHOT_CONFIGURATION_BASED;
    probe->streams = based ? config->based_stream : !only_rows;
    probe->reads_rows = based ? config->based_data : config->snapshot_mode != SNAPSHOT_NO_DATA;
    probe->version = PQserverVersion(probe->catalog.conn);
    probe->settings = probe_ask(probe, "The server's settings", settings_sql, NULL);
    probe->slot = probe_ask(probe, "The slot", slot_sql, config->slot);
    probe->publication = probe_ask(probe, "The publication", publication_sql, config->publication);
    struct kc_error *err = captures_init(&probe->captures, config);
    if (err)
        say_error(probe, "The filters", err);
    return !err && probe->settings && probe->slot && probe->publication && load_user(probe) &&
           load_tables(probe);
}

static void unload(struct probe *probe)
{
    free(probe->tables);
    PQclear(probe->rows);
    PQclear(probe->settings);
    PQclear(probe->slot);
    PQclear(probe->publication);
    captures_clear(&probe->captures);
    catalog_close(&probe->catalog);
}

/* ---- all together ---- */

static void check_live(struct probe *probe)
{
    static const struct check_row *const tables[] = {check_server_rows, check_slot_rows,
                                                     check_publication_rows, check_table_rows};
    if (!load(probe))
        return;
    for (size_t i = 0; i < KC_COUNT(tables); i++)
        probe_run(probe, tables[i]);
}

static void say_login(const struct kc_check *check, const struct kc_error *err)
{
    char *line = kc_error_line(err);
    const char *advice = check->depth == KC_CHECK_LIVE ? check_login_advice(line) : NULL;
    bool initial = strstr(line, "database.initial.statements");
    kc_find(check->findings, KC_ERROR,
            initial ? "database.initial.statements" : "database.hostname",
            "Error while validating connector config: %s%s%s", line, advice ? ". " : "",
            advice ? advice : "");
    free(line);
}

void check_source(const struct kc_check *check)
{
    struct probe probe = {.check = check, .config = check->config};
    check_topics(check, probe.config);
    if (kc_findings_errors(check->findings) && check->depth == KC_CHECK_CONFIG)
        return;
    struct kc_error *err = catalog_open(&probe.catalog, probe.config, check->stop_fd);
    if (err && err->fault != KC_STOPPED)
        say_login(check, err);
    else if (!err && check->depth == KC_CHECK_LIVE)
        check_live(&probe);
    kc_error_free(err);
    unload(&probe);
}
