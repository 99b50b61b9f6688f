#include "sinks/postgres/catalog.h"

#include <stdlib.h>

/* https://www.postgresql.org/docs/15/catalog-pg-attribute.html; a domain counts as the type below
 * it. */
static const char pg_columns_sql[] =
    "SELECT c.relkind, a.attname, format_type(a.atttypid, a.atttypmod), format_type(b.oid, -1), "
    "b.oid, "
    "a.attnotnull, a.atthasdef OR a.attidentity <> '', a.attgenerated <> '', "
    "a.attidentity = 'a' "
    "FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
    "a.attisdropped "
    "LEFT JOIN LATERAL (WITH RECURSIVE d AS ("
    "SELECT oid, typtype, typbasetype FROM pg_type WHERE oid = a.atttypid UNION ALL "
    "SELECT t.oid, t.typtype, t.typbasetype FROM d JOIN pg_type t ON t.oid = d.typbasetype "
    "WHERE d.typtype = 'd') SELECT oid FROM d WHERE typtype <> 'd') b ON true "
    "WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY a.attnum";

static const char pg_related_sql[] =
    "SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_constraint k "
    "JOIN pg_class c ON c.oid = CASE WHEN k.conrelid = to_regclass($1) THEN k.confrelid ELSE "
    "k.conrelid END "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE k.contype = 'f' AND to_regclass($1) IN (k.conrelid, k.confrelid)";

static const char *pg_kind(char relkind)
{
    static const struct {
        char relkind;
        const char *name;
    } kinds[] = { { 'r', "TABLE" },
                  { 'p', "PARTITIONED TABLE" },
                  { 'v', "VIEW" },
                  { 'm', "MATERIALIZED VIEW" },
                  { 'f', "FOREIGN TABLE" } };

    for (size_t i = 0; i < KC_COUNT(kinds); i++)
        if (kinds[i].relkind == relkind)
            return kinds[i].name;
    return "TABLE";
}

static bool pg_true(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column)[0] == 't';
}

static void pg_columns(const PGresult *result, struct jdbc_table *table)
{
    int rows = PQntuples(result);

    table->known = true;
    table->exists = rows > 0;
    if (!rows)
        return;
    table->kind = pg_kind(PQgetvalue(result, 0, 0)[0]);
    table->columns = kc_calloc((size_t)rows, sizeof(*table->columns));
    for (int i = 0; i < rows; i++) {
        if (PQgetisnull(result, i, 1))
            continue; /* a table without columns */
        table->columns[table->n_columns++] = (struct jdbc_table_column){
            .name = kc_strdup(PQgetvalue(result, i, 1)),
            .type = kc_strdup(PQgetvalue(result, i, 2)),
            .cast = kc_strdup(PQgetvalue(result, i, 3)),
            .type_id = (uint32_t)strtoul(PQgetvalue(result, i, 4), NULL, 10),
            .not_null = pg_true(result, i, 5),
            .has_default = pg_true(result, i, 6),
            .computed = pg_true(result, i, 7),
            .identity = pg_true(result, i, 8),
        };
    }
}

struct kc_error *pg_describe(struct jdbc_conn *base, struct jdbc_table *table,
                             struct kc_list *related)
{
    struct pg_conn *conn = (struct pg_conn *)base;
    const char *values[] = { table->sql };
    PGresult *result;

    jdbc_table_forget(table);
    struct kc_error *err = pg_query(conn, pg_columns_sql, 1, values, &result);
    if (err)
        return kc_while(err, "looking up table '%s'", table->full);
    pg_columns(result, table);
    PQclear(result);
    if (!table->exists)
        return NULL;
    err = pg_query(conn, pg_related_sql, 1, values, &result);
    if (err)
        return kc_while(err, "looking up the foreign keys of table '%s'", table->full);
    for (int i = 0; i < PQntuples(result); i++) {
        related->items = kc_realloc(related->items, (related->len + 1) * sizeof(*related->items));
        related->items[related->len++] = kc_strdup(PQgetvalue(result, i, 0));
    }
    PQclear(result);
    return NULL;
}

struct kc_error *pg_run(struct jdbc_conn *base, const char *sql)
{
    PGresult *result;
    struct kc_error *err = pg_query((struct pg_conn *)base, sql, 0, NULL, &result);

    if (!err)
        PQclear(result);
    base->stale = false;
    return err;
}
