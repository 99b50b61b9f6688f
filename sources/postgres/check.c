/* Would it work? Settings together, a login, and for `penstock check` all that a start
 * needs of the live database, each finding with what to do about it. */
#include <stdlib.h>

#include "plugin/plugin.h"
#include "sources/postgres/source.h"

struct probe {
    const struct kc_check *check;
    const struct pg_config *config;
    struct kc_findings *findings;
    struct catalog catalog;
    struct captures captures;
    bool superuser, replication;
};

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

/* ---- the live database ---- */

/* One query; on an error a finding and NULL. */
static PGresult *ask(struct probe *probe, const char *what, const char *sql, const char *param)
{
    PGresult *result = NULL;
    struct kc_error *err =
        link_ask(probe->catalog.conn, probe->check->stop_fd, &result, sql, param, NULL);
    if (!err)
        return result;
    char *line = kc_error_line(err);
    kc_find(probe->findings, KC_WARN, NULL, "%s could not be looked at: %s", what, line);
    free(line);
    kc_error_free(err);
    return NULL;
}

static void check_server(struct probe *probe)
{
    int version = PQserverVersion(probe->catalog.conn);
    const char *text = PQparameterStatus(probe->catalog.conn, "server_version");
    if (version < 100000)
        kc_find(probe->findings, KC_ERROR, "database.hostname",
                "The server is PostgreSQL %s, which has no logical replication. Version 10 is the "
                "least, 14 and later are tested.",
                text);
    else
        kc_find(probe->findings, KC_OK, "database.hostname", "Logged in to PostgreSQL %s.", text);

    AUTO_RESULT *level =
        ask(probe, "wal_level", "SELECT pg_catalog.current_setting('wal_level')", NULL);
    if (!level)
        return;
    const char *value = PQgetvalue(level, 0, 0);
    if (strcmp(value, "logical") == 0)
        kc_find(probe->findings, KC_OK, NULL, "wal_level is logical.");
    else
        kc_find(
            probe->findings, KC_ERROR, NULL,
            "wal_level is %s. Set wal_level = logical in postgresql.conf and restart the server.",
            value);
}

static void check_user(struct probe *probe)
{
    AUTO_RESULT *user = ask(probe, "The user's rights",
                            "SELECT rolsuper, rolreplication, pg_catalog.has_database_privilege("
                            "current_database(), 'CREATE') FROM pg_catalog.pg_roles"
                            " WHERE rolname = current_user",
                            NULL);
    if (!user || !PQntuples(user))
        return;
    probe->superuser = link_true(user, 0, 0);
    probe->replication = probe->superuser || link_true(user, 0, 1);
    /* Amazon RDS grants replication through a role of its own. */
    AUTO_RESULT *rds = ask(probe, "rds_replication",
                           "SELECT pg_catalog.pg_has_role(oid, 'MEMBER') FROM pg_catalog.pg_roles"
                           " WHERE rolname = 'rds_replication'",
                           NULL);
    if (rds && PQntuples(rds) && link_true(rds, 0, 0))
        probe->replication = true;
    if (probe->replication)
        kc_find(probe->findings, KC_OK, "database.user", "The user may replicate.");
    else
        kc_find(probe->findings, KC_ERROR, "database.user",
                "The user %s may not replicate. Run: ALTER ROLE \"%s\" REPLICATION;",
                probe->config->user, probe->config->user);
}

static void check_room(struct probe *probe, bool slot_exists)
{
    AUTO_RESULT *room =
        ask(probe, "Slots and senders",
            "SELECT current_setting('max_replication_slots')::int,"
            " (SELECT count(*) FROM pg_catalog.pg_replication_slots),"
            " current_setting('max_wal_senders')::int,"
            " (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'walsender')",
            NULL);
    if (!room)
        return;
    const char *names[] = {"max_replication_slots", "max_wal_senders"};
    const char *things[] = {"replication slots", "WAL senders"};
    for (int i = 0; i < 2; i++) {
        int most = atoi(PQgetvalue(room, 0, 2 * i)), used = atoi(PQgetvalue(room, 0, 2 * i + 1));
        bool needed = i == 1 || !slot_exists;
        if (most - used > 0 || !needed)
            kc_find(probe->findings, KC_OK, NULL, "%d of %d %s are in use.", used, most, things[i]);
        else
            kc_find(probe->findings, KC_ERROR, NULL,
                    "All %d %s are in use. Raise %s and restart the server, or drop what is not "
                    "needed any more.",
                    most, things[i], names[i]);
    }
}

static void check_slot(struct probe *probe)
{
    const struct pg_config *config = probe->config;
    AUTO_RESULT *slot = ask(
        probe, "The slot",
        "SELECT plugin, database, active_pid,"
        " to_jsonb(s) ->> 'wal_status', pg_catalog.pg_size_pretty(CASE WHEN pg_is_in_recovery()"
        " THEN 0 ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn) END)"
        " FROM pg_catalog.pg_replication_slots s WHERE slot_name = $1",
        config->slot);
    if (!slot)
        return;
    check_room(probe, PQntuples(slot) > 0);
    if (!PQntuples(slot)) {
        kc_find(probe->findings, KC_OK, "slot.name", "Slot \"%s\" will be made.", config->slot);
        return;
    }
    const char *status = link_text(slot, 0, 3);
    if (strcmp(PQgetvalue(slot, 0, 0), "pgoutput") != 0 ||
        strcmp(PQgetvalue(slot, 0, 1), config->dbname) != 0)
        kc_find(probe->findings, KC_ERROR, "slot.name",
                "Slot \"%s\" is of plug-in %s in database %s. Choose another slot.name.",
                config->slot, PQgetvalue(slot, 0, 0), PQgetvalue(slot, 0, 1));
    else if (status && strcmp(status, "lost") == 0)
        kc_find(
            probe->findings, KC_ERROR, "slot.name",
            "Slot \"%s\" is lost: the server has removed WAL that it needs. Drop it with SELECT "
            "pg_drop_replication_slot('%s'); remove the connector's offsets and start with a "
            "snapshot.",
            config->slot, config->slot);
    else if (link_text(slot, 0, 2))
        kc_find(probe->findings, KC_WARN, "slot.name",
                "Slot \"%s\" is in use by process %s. Only one connector can use it at a time.",
                config->slot, link_text(slot, 0, 2));
    else
        kc_find(probe->findings, KC_OK, "slot.name",
                "Slot \"%s\" is there and free; it holds back %s of WAL.", config->slot,
                PQgetvalue(slot, 0, 4));
}

static void check_new_publication(struct probe *probe)
{
    const struct pg_config *config = probe->config;
    switch (config->publication_mode) {
    case PUBLICATION_DISABLED:
        kc_find(
            probe->findings, KC_ERROR, "publication.name",
            "Publication \"%s\" is not there, and publication.autocreate.mode is disabled. Run: "
            "CREATE PUBLICATION \"%s\" FOR TABLE ...;",
            config->publication, config->publication);
        break;
    case PUBLICATION_ALL_TABLES:
        if (!probe->superuser) {
            kc_find(
                probe->findings, KC_ERROR, "publication.autocreate.mode",
                "Only a superuser can make a publication for all tables. Set "
                "publication.autocreate.mode to filtered (the user must own the tables), or have "
                "a superuser run: CREATE PUBLICATION \"%s\" FOR ALL TABLES;",
                config->publication);
            break;
        }
        /* fall through */
    default:
        kc_find(probe->findings, KC_OK, "publication.name", "Publication \"%s\" will be made.",
                config->publication);
    }
}

static void check_publication(struct probe *probe)
{
    const struct pg_config *config = probe->config;
    AUTO_RESULT *found = ask(probe, "The publication",
                             "SELECT puballtables, pubinsert, pubupdate, pubdelete"
                             " FROM pg_catalog.pg_publication WHERE pubname = $1",
                             config->publication);
    if (!found)
        return;
    if (!PQntuples(found)) {
        check_new_publication(probe);
        return;
    }
    if (link_true(found, 0, 0) && config->publication_mode == PUBLICATION_FILTERED)
        kc_find(probe->findings, KC_ERROR, "publication.autocreate.mode",
                "Publication \"%s\" is for all tables and can't be narrowed. Use another "
                "publication.name, or publication.autocreate.mode=all_tables.",
                config->publication);
    static const struct {
        const char *operation;
        const char *letters;
    } operations[] = {{"INSERT", "cC"}, {"UPDATE", "uU"}, {"DELETE", "dD"}};
    for (int i = 0; i < (int)KC_COUNT(operations); i++)
        if (!link_true(found, 0, i + 1) &&
            !(config->skipped_operations &&
              strpbrk(config->skipped_operations, operations[i].letters)))
            kc_find(
                probe->findings, KC_WARN, "publication.name",
                "Publication \"%s\" leaves out %s. Run: ALTER PUBLICATION \"%s\" SET (publish = "
                "'insert, update, delete, truncate');",
                config->publication, operations[i].operation, config->publication);
    kc_find(probe->findings, KC_OK, "publication.name", "Publication \"%s\" is there.",
            config->publication);
}

/* What is wrong with one captured table: rows of tables_sql. */
enum {
    LIVE_SCHEMA,
    LIVE_NAME,
    LIVE_READABLE,
    LIVE_IDENTITY,
    LIVE_HAS_KEY,
    LIVE_PUBLISHED,
    LIVE_FILTERED,
    LIVE_OWNED,
};
static const char tables_sql[] =
    "SELECT n.nspname, c.relname, pg_catalog.has_table_privilege(c.oid, 'SELECT') AND"
    " pg_catalog.has_schema_privilege(n.oid, 'USAGE'), c.relreplident,"
    " EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary),"
    " p.tablename IS NOT NULL, pub.oid IS NOT NULL, pg_catalog.pg_has_role(c.relowner, 'USAGE')"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_catalog.pg_publication pub ON pub.pubname = $1"
    " LEFT JOIN pg_catalog.pg_publication_tables p ON p.pubname = $1"
    " AND p.schemaname = n.nspname AND p.tablename = c.relname"
    " WHERE c.relkind = 'r' AND c.relpersistence <> 't'"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

static void check_table(struct probe *probe, const PGresult *tables, int row)
{
    const char *schema = PQgetvalue(tables, row, LIVE_SCHEMA);
    const char *name = PQgetvalue(tables, row, LIVE_NAME);
    char identity = PQgetvalue(tables, row, LIVE_IDENTITY)[0];
    bool filtered = probe->config->publication_mode == PUBLICATION_FILTERED;
    if (!link_true(tables, row, LIVE_READABLE))
        kc_find(probe->findings, KC_ERROR, "database.user",
                "The user may not read table %s.%s, which the snapshot needs. Run: GRANT USAGE ON "
                "SCHEMA \"%s\" TO \"%s\"; GRANT SELECT ON \"%s\".\"%s\" TO \"%s\";",
                schema, name, schema, probe->config->user, schema, name, probe->config->user);
    if (link_true(tables, row, LIVE_FILTERED) && !link_true(tables, row, LIVE_PUBLISHED) &&
        !filtered)
        kc_find(probe->findings, KC_WARN, "publication.name",
                "Table %s.%s is not in publication \"%s\": its changes won't come. Run: ALTER "
                "PUBLICATION \"%s\" ADD TABLE \"%s\".\"%s\";",
                schema, name, probe->config->publication, probe->config->publication, schema, name);
    if (filtered && !link_true(tables, row, LIVE_OWNED))
        kc_find(probe->findings, KC_ERROR, "publication.autocreate.mode",
                "The user does not own table %s.%s and so can't add it to a publication. Have its "
                "owner or a superuser make the publication, and set publication.autocreate.mode to "
                "disabled.",
                schema, name);
    if (identity == 'n' || (identity == 'd' && !link_true(tables, row, LIVE_HAS_KEY)))
        kc_find(
            probe->findings, KC_WARN, NULL,
            "Table %s.%s has no %s: once published, the server refuses UPDATE and DELETE on it. "
            "Give it a primary key, or run: ALTER TABLE \"%s\".\"%s\" REPLICA IDENTITY FULL;",
            schema, name, identity == 'n' ? "replica identity" : "primary key", schema, name);
}

/* Columns that no Connect type stands for. */
static void check_columns(struct probe *probe, const char *schema, const char *name)
{
    char *full = kc_printf("\"%s\".\"%s\"", schema, name);
    AUTO_RESULT *oid = ask(probe, full, "SELECT $1::regclass::oid", full);
    free(full);
    AUTO_RESULT *columns = NULL;
    if (!oid)
        return;
    struct kc_error *err = catalog_columns(
        &probe->catalog, (uint32_t)strtoul(PQgetvalue(oid, 0, 0), NULL, 10), &columns);
    for (int i = 0; !err && i < PQntuples(columns); i++) {
        struct type_use use;
        types_resolve(&probe->catalog.types, &probe->config->modes,
                      (uint32_t)strtoul(PQgetvalue(columns, i, COLUMN_TYPE), NULL, 10),
                      atoi(PQgetvalue(columns, i, COLUMN_TYPMOD)), &use);
        if (!use.form)
            kc_find(probe->findings, KC_WARN, NULL,
                    "Column %s of table %s.%s is left out: there is no Connect type for %s.",
                    PQgetvalue(columns, i, COLUMN_NAME), schema, name, use.type_name);
        types_clear(&use);
    }
    kc_error_free(err);
    kc_error_free(catalog_failure(&probe->catalog));
}

static void check_tables(struct probe *probe)
{
    AUTO_RESULT *tables = ask(probe, "The tables", tables_sql, probe->config->publication);
    int captured = 0;
    for (int i = 0; tables && i < PQntuples(tables); i++) {
        const char *schema = PQgetvalue(tables, i, LIVE_SCHEMA);
        const char *name = PQgetvalue(tables, i, LIVE_NAME);
        if (!captures_table(&probe->captures, probe->config, kc_text(schema), kc_text(name)))
            continue;
        captured++;
        check_table(probe, tables, i);
        check_columns(probe, schema, name);
    }
    if (!tables)
        return;
    if (captured)
        kc_find(probe->findings, KC_OK, "table.include.list", "%d of %d tables are captured.",
                captured, PQntuples(tables));
    else
        kc_find(
            probe->findings, KC_WARN, "table.include.list",
            "None of the %d tables of database %s is captured. Patterns must match the whole of "
            "schema.table, such as public\\.orders.",
            PQntuples(tables), probe->config->dbname);
}

static void check_live(struct probe *probe)
{
    struct kc_error *err = captures_init(&probe->captures, probe->config);
    if (err) {
        char *line = kc_error_line(err);
        kc_find(probe->findings, KC_ERROR, NULL, "%s", line);
        free(line);
        kc_error_free(err);
        return;
    }
    check_server(probe);
    check_user(probe);
    check_slot(probe);
    check_publication(probe);
    check_tables(probe);
}

void check_source(const struct kc_check *check)
{
    struct probe probe = {.check = check, .config = check->config, .findings = check->findings};
    check_topics(check, probe.config);
    if (kc_findings_errors(check->findings) && check->depth == KC_CHECK_CONFIG)
        return;
    struct kc_error *err = catalog_open(&probe.catalog, probe.config, check->stop_fd);
    if (err && err->fault != KC_STOPPED) {
        char *line = kc_error_line(err);
        kc_find(check->findings, KC_ERROR, "database.hostname",
                "Error while validating connector config: %s", line);
        free(line);
    } else if (!err && check->depth == KC_CHECK_LIVE) {
        check_live(&probe);
    }
    kc_error_free(err);
    captures_clear(&probe.captures);
    catalog_close(&probe.catalog);
}
