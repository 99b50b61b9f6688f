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
    /* Signals come as inserted rows, and may be taken back: the stream leaves those of other tables
     * out. */
    const char *needed = config->signal_table && *config->signal_table ? "cCdD" : "";
    if (skipped && strcmp(skipped, "none") != 0) {
        const char *comma = "";
        kc_buf_printf(sql, "%spublish = '", open);
        for (size_t i = 0; i < KC_COUNT(operations); i++)
            if (!strpbrk(skipped, operations[i].letters) ||
                strpbrk(needed, operations[i].letters)) {
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

/* The captured tables as a publication names them, and as texts for a query. */
struct captured_list {
    struct kc_buf names, literals; /* "a"."b", ...   '"a"."b"', ... */
    size_t count;
};

static void list_add(struct captured_list *list, const char *schema, const char *name)
{
    KC_AUTO_BUF full = KC_BUF(0);
    link_put_identifier(&full, schema);
    kc_buf_char(&full, '.');
    link_put_identifier(&full, name);
    kc_buf_str(&list->names, list->count ? ", " : "");
    kc_buf_str(&list->names, full.data);
    kc_buf_str(&list->literals, list->count ? ", " : "");
    link_put_literal(&list->literals, full.data);
    list->count++;
}

static struct kc_error *list_captured(struct catalog *catalog, const struct captures *captures,
                                      struct captured_list *list)
{
    const struct pg_config *config = catalog->config;
    AUTO_RESULT *tables = NULL;
    struct kc_error *err = catalog_tables(catalog, &tables);
    for (int i = 0; !err && i < PQntuples(tables); i++) {
        const char *schema = PQgetvalue(tables, i, TABLE_SCHEMA);
        const char *name = PQgetvalue(tables, i, TABLE_NAME);
        bool root = PQgetvalue(tables, i, TABLE_KIND)[0] == 'p';
        bool partition = link_true(tables, i, TABLE_IS_PARTITION);
        if (!(config->via_root ? partition : root) &&
            captures_table(captures, config, kc_text(schema), kc_text(name)))
            list_add(list, schema, name);
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

struct published {
    bool standby, exists, all_tables;
};

static struct kc_error *look_up(struct catalog *catalog, struct published *published)
{
    AUTO_RESULT *found = NULL;
    struct kc_error *err =
        link_ask(catalog->conn, catalog->stop_fd, &found,
                 "SELECT pg_catalog.pg_is_in_recovery(), p.oid IS NOT NULL,"
                 " coalesce(p.puballtables, false) FROM (SELECT $1::text AS name) n"
                 " LEFT JOIN pg_catalog.pg_publication p ON p.pubname = n.name",
                 catalog->config->publication, NULL);
    if (err)
        return err;
    *published =
        (struct published){link_true(found, 0, 0), link_true(found, 0, 1), link_true(found, 0, 2)};
    return NULL;
}

/* Why there can be no publication as the settings want it; NULL: there can. */
static struct kc_error *refuse(const struct pg_config *config, const struct published *published)
{
    if (published->exists && published->all_tables)
        return kc_fail_as(
            KC_FATAL, "io.debezium.DebeziumException",
            "A logical publication for all tables named '%s' for plugin 'pgoutput' and "
            "database '%s' is already active on the server and can not be altered. If "
            "you need to exclude some tables or include only specific subset, please "
            "recreate the publication with necessary configuration. Otherwise, please "
            "choose a different publication name or set "
            "publication.autocreate.mode=all_tables.",
            config->publication, config->dbname);
    if (!published->exists && config->publication_mode == PUBLICATION_DISABLED)
        return kc_fail_as(KC_FATAL, "org.apache.kafka.connect.errors.ConnectException",
                          "Publication autocreation is disabled, please create one and restart the "
                          "connector.");
    if (!published->exists && published->standby)
        return kc_fail_as(
            KC_FATAL, "org.apache.kafka.connect.errors.ConnectException",
            "Publication \"%s\" is not there, and a standby can't make it. Make it on "
            "the primary server.",
            config->publication);
    return NULL;
}

static struct kc_error *nothing_captured(const struct pg_config *config)
{
    return kc_while_as(kc_fail_as(KC_FATAL, "io.debezium.DebeziumException",
                                  "No table filters found for filtered publication %s: no "
                                  "table of database %s matches table.include.list and the "
                                  "other lists",
                                  config->publication, config->dbname),
                       "org.apache.kafka.connect.errors.ConnectException",
                       "Unable to create filtered publication %s for ", config->publication);
}

/* Does the publication hold these tables, no more and no less? A change takes locks, and is not
 * made for nothing. */
static struct kc_error *holds(struct catalog *catalog, const struct kc_buf *tables, size_t count,
                              bool *same)
{
    AUTO_RESULT *result = NULL;
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql,
               "SELECT count(*), count(*) FILTER (WHERE pg_catalog.format('%I.%I', schemaname,"
               " tablename)::regclass = ANY (ARRAY[");
    kc_buf_put(&sql, tables->data, tables->len);
    kc_buf_str(&sql, "]::regclass[])) FROM pg_catalog.pg_publication_tables WHERE pubname = ");
    link_put_literal(&sql, catalog->config->publication);
    struct kc_error *err = link_query(catalog->conn, catalog->stop_fd, sql.data, &result);
    if (!err)
        *same = strtoul(PQgetvalue(result, 0, 0), NULL, 10) == count &&
                strtoul(PQgetvalue(result, 0, 1), NULL, 10) == count;
    return err;
}

/* publication.autocreate.mode=filtered. */
static struct kc_error *ensure_filtered(struct catalog *catalog, const struct captures *captures,
                                        bool exists)
{
    const struct pg_config *config = catalog->config;
    struct captured_list list = {.names = KC_BUF(0), .literals = KC_BUF(0)};
    bool same = false;
    KC_AUTO_BUF sql = KC_BUF(0);
    struct kc_error *err = list_captured(catalog, captures, &list);
    if (!err && !list.count && !exists)
        err = nothing_captured(config);
    if (!err && list.count && exists)
        err = holds(catalog, &list.literals, list.count, &same);
    if (!err && !list.count && exists)
        kc_log_warn("postgres", "No table is captured: publication \"%s\" stays as it is",
                    config->publication);
    kc_buf_str(&sql, exists ? "ALTER PUBLICATION " : "CREATE PUBLICATION ");
    link_put_identifier(&sql, config->publication);
    kc_buf_str(&sql, exists ? " SET TABLE " : " FOR TABLE ");
    kc_buf_put(&sql, list.names.data, list.names.len);
    if (!exists)
        put_options(&sql, config);
    if (!err && list.count && !same)
        err = run(catalog, sql.data);
    kc_buf_clear(&list.names);
    kc_buf_clear(&list.literals);
    return err;
}

struct kc_error *publication_ensure(struct catalog *catalog, const struct captures *captures)
{
    const struct pg_config *config = catalog->config;
    bool filtered = config->publication_mode == PUBLICATION_FILTERED;
    struct published published = {0};
    struct kc_error *err = look_up(catalog, &published);
    if (err || (published.exists && (!filtered || published.standby)))
        return err;
    err = refuse(config, &published);
    if (err || filtered)
        return err ? err : ensure_filtered(catalog, captures, published.exists);
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, "CREATE PUBLICATION ");
    link_put_identifier(&sql, config->publication);
    if (config->publication_mode == PUBLICATION_ALL_TABLES)
        kc_buf_str(&sql, " FOR ALL TABLES");
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

/* Has the table that identity already? Setting it again would lock the table for nothing. */
static struct kc_error *has_identity(struct catalog *catalog, const char *oid,
                                     struct kc_text identity, bool *has)
{
    AUTO_RESULT *result = NULL;
    char *wanted = kc_strndup(identity.ptr, identity.len);
    struct kc_error *err = link_ask(
        catalog->conn, catalog->stop_fd, &result,
        "SELECT upper($2) = CASE c.relreplident WHEN 'd' THEN 'DEFAULT' WHEN 'f' THEN 'FULL'"
        " WHEN 'n' THEN 'NOTHING' ELSE (SELECT upper('INDEX ' || x.relname)"
        " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
        " WHERE i.indrelid = c.oid AND i.indisreplident) END"
        " FROM pg_catalog.pg_class c WHERE c.oid = $1::oid",
        oid, wanted, NULL);
    free(wanted);
    *has = !err && PQntuples(result) > 0 && link_true(result, 0, 0);
    return err;
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
            bool has;
            kc_buf_str(&sql, "ALTER TABLE ");
            link_put_identifier(&sql, schema);
            kc_buf_char(&sql, '.');
            link_put_identifier(&sql, name);
            kc_buf_str(&sql, " REPLICA IDENTITY ");
            put_identity(&sql, identity);
            err = has_identity(catalog, PQgetvalue(tables, i, TABLE_OID), identity, &has);
            if (!err && !has)
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
    struct published published = {0};
    struct kc_error *err = look_up(catalog, &published);
    if (!err && !published.standby)
        err = catalog_tables(catalog, &tables);
    struct kc_text rest = kc_text(published.standby ? NULL : values), entry;
    while (!err && rest.ptr && kc_text_split(&rest, ',', &entry))
        err = set_identity(catalog, captures, tables, kc_text_trim(entry));
    return err;
}
