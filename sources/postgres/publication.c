#include "sources/postgres/publication.h"

#include <stdlib.h>
#include <strings.h>

#include "base/log.h"

/* " WITH (publish = 'insert, update', publish_via_partition_root = true)" where settings ask. */
static void put_options(struct kc_buf *sql, const struct pg_config *config)
{
    static const struct {
        const char *letters;
        const char *name;
    } operations[] = {{"cC", "insert"}, {"uU", "update"}, {"dD", "delete"}, {"tT", "truncate"}};
    const char *skipped = config->skipped_operations;
    const char *open = " WITH (";
    if (skipped && strcmp(skipped, "none") != 0) {
        const char *comma = "";
        kc_buf_printf(sql, "%spublish = '", open);
        for (size_t i = 0; i < KC_COUNT(operations); i++)
            if (!strpbrk(skipped, operations[i].letters)) {
                kc_buf_printf(sql, "%s%s", comma, operations[i].name);
                comma = ", ";
            }
        kc_buf_char(sql, '\'');
        open = ", ";
    }
    if (config->via_root) {
        kc_buf_printf(sql, "%spublish_via_partition_root = true", open);
        open = ", ";
    }
    if (*open == ',')
        kc_buf_char(sql, ')');
}

static struct kc_error *put_captured(struct catalog *catalog, const struct captures *captures,
                                     struct kc_buf *sql, size_t *count)
{
    const struct pg_config *config = catalog->config;
    AUTO_RESULT *tables = NULL;
    struct kc_error *err = catalog_tables(catalog, &tables);
    *count = 0;
    for (int i = 0; !err && i < PQntuples(tables); i++) {
        const char *schema = PQgetvalue(tables, i, TABLE_SCHEMA);
        const char *name = PQgetvalue(tables, i, TABLE_NAME);
        bool root = PQgetvalue(tables, i, TABLE_KIND)[0] == 'p';
        bool partition = link_true(tables, i, TABLE_IS_PARTITION);
        if ((config->via_root ? partition : root) ||
            !captures_table(captures, config, kc_text(schema), kc_text(name)))
            continue;
        kc_buf_str(sql, *count ? ", " : "");
        link_put_identifier(sql, schema);
        kc_buf_char(sql, '.');
        link_put_identifier(sql, name);
        (*count)++;
    }
    return err;
}

static struct kc_error *run(struct catalog *catalog, const char *sql)
{
    kc_log_info("postgres", "%s", sql);
    struct kc_error *err = link_query(catalog->conn, catalog->stop_fd, sql, NULL);
    if (!err)
        return NULL;
    char *line = kc_error_line(err);
    err = kc_while_as(err, "io.debezium.jdbc.JdbcConnectionException", "%s", line);
    free(line);
    return err;
}

struct kc_error *publication_ensure(struct catalog *catalog, const struct captures *captures)
{
    const struct pg_config *config = catalog->config;
    AUTO_RESULT *found = NULL;
    struct kc_error *err = link_ask(catalog->conn, catalog->stop_fd, &found,
                                    "SELECT puballtables, pg_is_in_recovery() FROM "
                                    "pg_catalog.pg_publication WHERE pubname = $1",
                                    config->publication, NULL);
    if (err)
        return err;
    bool exists = PQntuples(found) > 0;
    bool filtered = config->publication_mode == PUBLICATION_FILTERED;
    if (exists && (!filtered || link_true(found, 0, 1)))
        return NULL;
    if (exists && link_true(found, 0, 0))
        return kc_fail_as(
            KC_FATAL, "io.debezium.DebeziumException",
            "A logical publication for all tables named '%s' for plugin 'pgoutput' and "
            "database '%s' is already active on the server and can not be altered. If "
            "you need to exclude some tables or include only specific subset, please "
            "recreate the publication with necessary configuration. Otherwise, please "
            "choose a different publication name or set "
            "publication.autocreate.mode=all_tables.",
            config->publication, config->dbname);
    if (!exists && config->publication_mode == PUBLICATION_DISABLED)
        return kc_fail_as(KC_FATAL, "org.apache.kafka.connect.errors.ConnectException",
                          "Publication autocreation is disabled, please create one and restart the "
                          "connector.");
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, exists ? "ALTER PUBLICATION " : "CREATE PUBLICATION ");
    link_put_identifier(&sql, config->publication);
    if (filtered) {
        size_t count;
        kc_buf_str(&sql, exists ? " SET TABLE " : " FOR TABLE ");
        err = put_captured(catalog, captures, &sql, &count);
        if (err)
            return err;
        if (!count)
            return kc_while_as(kc_fail_as(KC_FATAL, "io.debezium.DebeziumException",
                                          "No table filters found for filtered publication %s: no "
                                          "table of database %s matches table.include.list and the "
                                          "other lists",
                                          config->publication, config->dbname),
                               "org.apache.kafka.connect.errors.ConnectException",
                               "Unable to create filtered publication %s for ",
                               config->publication);
    } else if (config->publication_mode == PUBLICATION_ALL_TABLES) {
        kc_buf_str(&sql, " FOR ALL TABLES");
    }
    if (!exists)
        put_options(&sql, config);
    return run(catalog, sql.data);
}

/* ---- replica.identity.autoset.values: "public.a:FULL,public.b:INDEX idx" ---- */

static void put_identity(struct kc_buf *sql, struct kc_text identity)
{
    if (identity.len > 6 && strncasecmp(identity.ptr, "INDEX ", 6) == 0) {
        char *index = kc_strndup(identity.ptr + 6, identity.len - 6);
        kc_buf_str(sql, "USING INDEX ");
        link_put_identifier(sql, index);
        free(index);
        return;
    }
    kc_buf_text(sql, identity); /* the setting's check lets only three words through */
}

static struct kc_error *set_identity(struct catalog *catalog, const struct captures *captures,
                                     const PGresult *tables, struct kc_text entry)
{
    const char *colon = memchr(entry.ptr, ':', entry.len);
    if (!colon)
        return NULL;
    struct kc_text identity =
        kc_text_trim((struct kc_text){colon + 1, entry.len - (size_t)(colon + 1 - entry.ptr)});
    char *pattern = kc_strndup(entry.ptr, (size_t)(colon - entry.ptr));
    struct filter filter;
    struct kc_error *err = filter_init(&filter, pattern);
    free(pattern);
    for (int i = 0; !err && i < PQntuples(tables); i++) {
        const char *schema = PQgetvalue(tables, i, TABLE_SCHEMA);
        const char *name = PQgetvalue(tables, i, TABLE_NAME);
        char *full = kc_printf("%s.%s", schema, name);
        if (filter_matches(&filter, kc_text(full)) &&
            captures_table(captures, catalog->config, kc_text(schema), kc_text(name))) {
            KC_AUTO_BUF sql = KC_BUF(0);
            kc_buf_str(&sql, "ALTER TABLE ");
            link_put_identifier(&sql, schema);
            kc_buf_char(&sql, '.');
            link_put_identifier(&sql, name);
            kc_buf_str(&sql, " REPLICA IDENTITY ");
            put_identity(&sql, identity);
            err = run(catalog, sql.data);
        }
        free(full);
    }
    filter_clear(&filter);
    return err;
}

struct kc_error *publication_identities(struct catalog *catalog, const struct captures *captures)
{
    const char *values = catalog->config->replica_identities;
    if (!values || !*values)
        return NULL;
    AUTO_RESULT *tables = NULL;
    struct kc_error *err = catalog_tables(catalog, &tables);
    struct kc_text rest = kc_text(values), entry;
    while (!err && rest.ptr && kc_text_split(&rest, ',', &entry))
        err = set_identity(catalog, captures, tables, kc_text_trim(entry));
    return err;
}
