#include "sources/postgres/catalog.h"

#include <stdlib.h>

static const char columns_sql[] =
    "SELECT a.attname, a.atttypid, a.atttypmod, a.attnotnull OR t.typtype = 'd' AND t.typnotnull,"
    " CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,"
    " a.attgenerated, a.attndims"
    " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

static const char key_sql[] =
    "SELECT a.attname FROM (SELECT i.indrelid, i.indkey::int2[] AS keys, i.indnkeyatts"
    " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
    " WHERE i.indrelid = $1::oid AND i.indisvalid AND (i.indisprimary OR i.indisunique"
    " AND i.indexprs IS NULL AND i.indpred IS NULL)"
    " ORDER BY i.indisprimary DESC, c.relname LIMIT 1) k"
    " CROSS JOIN LATERAL pg_catalog.unnest(k.keys) WITH ORDINALITY AS u(attnum, place)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = k.indrelid AND a.attnum = u.attnum"
    " WHERE u.place <= k.indnkeyatts ORDER BY u.place";

static const char tables_sql[] =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.reltuples::bigint"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE "
    "'pg\\_toast%'"
    " ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

static const char type_sql[] =
    "SELECT n.nspname, t.typname, t.typtype,"
    " CASE WHEN t.typlen = -1 AND t.typcategory = 'A' THEN t.typelem ELSE 0 END,"
    " t.typbasetype, t.typtypmod, (SELECT pg_catalog.string_agg(e.enumlabel, ',' ORDER BY"
    " e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), t.typdelim"
    " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
    " WHERE t.oid = $1::oid";

static const char slot_sql[] =
    "SELECT plugin, database, active, restart_lsn, confirmed_flush_lsn,"
    " catalog_xmin FROM pg_catalog.pg_replication_slots WHERE slot_name = $1";

static struct kc_error *ask_by_oid(struct catalog *catalog, const char *sql, uint32_t oid,
                                   PGresult **result)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", oid);
    return link_ask(catalog->conn, catalog->stop_fd, result, sql, text, NULL);
}

struct kc_error *catalog_columns(struct catalog *catalog, uint32_t table, PGresult **columns)
{
    return ask_by_oid(catalog, columns_sql, table, columns);
}

struct kc_error *catalog_key(struct catalog *catalog, uint32_t table, PGresult **key)
{
    return ask_by_oid(catalog, key_sql, table, key);
}

struct kc_error *catalog_tables(struct catalog *catalog, PGresult **tables)
{
    return link_ask(catalog->conn, catalog->stop_fd, tables, tables_sql, NULL);
}

struct kc_error *catalog_slot(struct catalog *catalog, struct catalog_slot *slot)
{
    AUTO_RESULT *result = NULL;
    struct kc_error *err =
        link_ask(catalog->conn, catalog->stop_fd, &result, slot_sql, catalog->config->slot, NULL);
    *slot = (struct catalog_slot){0};
    if (err || PQntuples(result) == 0)
        return err;
    slot->exists = true;
    snprintf(slot->plugin, sizeof(slot->plugin), "%s", PQgetvalue(result, 0, 0));
    snprintf(slot->database, sizeof(slot->database), "%s", PQgetvalue(result, 0, 1));
    slot->active = link_true(result, 0, 2);
    slot->restart_lsn = link_lsn(link_text(result, 0, 3));
    slot->confirmed_lsn = link_lsn(link_text(result, 0, 4));
    slot->xmin = strtoll(PQgetvalue(result, 0, 5), NULL, 10);
    return NULL;
}

/* ---- types ---- */

static void free_info(void *value)
{
    struct type_info *info = value;
    free(info->schema);
    free(info->name);
    free(info->labels);
    free(info);
}

static const struct type_info *find_type(struct type_catalog *types, uint32_t oid)
{
    struct catalog *catalog = (struct catalog *)types;
    char text[16];
    snprintf(text, sizeof(text), "%u", oid);
    struct type_info *info = kc_map_get(&catalog->known, kc_text(text));
    if (info || catalog->failed)
        return info;
    AUTO_RESULT *result = NULL;
    catalog->failed = ask_by_oid(catalog, type_sql, oid, &result);
    if (catalog->failed || PQntuples(result) == 0)
        return NULL;
    info = kc_calloc(1, sizeof(*info));
    info->oid = oid;
    info->schema = kc_strdup(PQgetvalue(result, 0, 0));
    info->name = kc_strdup(PQgetvalue(result, 0, 1));
    info->kind = PQgetvalue(result, 0, 2)[0];
    info->element = (uint32_t)strtoul(PQgetvalue(result, 0, 3), NULL, 10);
    info->base = (uint32_t)strtoul(PQgetvalue(result, 0, 4), NULL, 10);
    info->base_typmod = atoi(PQgetvalue(result, 0, 5));
    info->labels = kc_strdup(link_text(result, 0, 6));
    info->delimiter = PQgetvalue(result, 0, 7)[0];
    kc_map_set(&catalog->known, kc_text(text), info);
    return info;
}

struct kc_error *catalog_failure(struct catalog *catalog)
{
    struct kc_error *err = catalog->failed;
    catalog->failed = NULL;
    return err ? kc_while(err, "while looking up a data type") : NULL;
}

bool catalog_first(struct catalog *catalog, const char *text)
{
    return !kc_map_set(&catalog->said, kc_text(text), catalog);
}

void catalog_forget(struct catalog *catalog)
{
    kc_map_clear(&catalog->known, free_info);
}

/* The next statement, with ";;" as ';' in it; NULL at the end. To be freed. */
static char *next_statement(const char **at)
{
    if (!*at)
        return NULL;
    char *statement = kc_calloc(1, strlen(*at) + 1), *out = statement;
    const char *p = *at;
    for (; *p && (*p != ';' || p[1] == ';'); p++) {
        *out++ = *p;
        p += *p == ';';
    }
    *at = *p ? p + 1 : NULL;
    return statement;
}

struct kc_error *catalog_greet(const struct pg_config *config, PGconn *conn, int stop_fd)
{
    const char *rest = config->initial_statements;
    struct kc_error *err = NULL;
    char *statement;
    while (!err && (statement = next_statement(&rest))) {
        if (kc_text_trim(kc_text(statement)).len)
            err = link_query(conn, stop_fd, statement, NULL);
        if (err)
            err = kc_while(err, "while running database.initial.statements: %s", statement);
        free(statement);
    }
    return err;
}

struct kc_error *catalog_open(struct catalog *catalog, const struct pg_config *config, int stop_fd)
{
    catalog->types.find = find_type;
    catalog->config = config;
    catalog->stop_fd = stop_fd;
    struct kc_error *err = link_open(config, LINK_SQL, stop_fd, &catalog->conn);
    return err ? err : catalog_greet(config, catalog->conn, stop_fd);
}

void catalog_close(struct catalog *catalog)
{
    catalog_forget(catalog);
    kc_map_clear(&catalog->said, NULL);
    kc_error_free(catalog->failed);
    link_close(&catalog->conn);
    *catalog = (struct catalog){0};
}
