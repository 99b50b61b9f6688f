#include "sinks/postgres/preflight.h"

#include <stdlib.h>

#include "sinks/postgres/connect.h"

#define OLDEST 90500 /* ON CONFLICT; unnest of several arrays came before */

/* Runs a query of one parameter; false after adding what went wrong. */
static bool preflight_ask(struct jdbc_conn *base, const char *sql, const char *value,
                          PGresult **result, struct kc_findings *findings)
{
    const char *values[] = { value };
    struct kc_error *err = pg_query((struct pg_conn *)base, sql, 1, values, result);

    if (!err)
        return true;
    char *text = kc_error_line(err);
    kc_find(findings, KC_ERROR, NULL, "%s", text);
    free(text);
    kc_error_free(err);
    return false;
}

static bool preflight_true(const PGresult *result, int column)
{
    return PQntuples(result) > 0 && PQgetvalue(result, 0, column)[0] == 't';
}

void pg_check_server(struct jdbc_conn *base, struct kc_findings *findings)
{
    static const char sql[] =
        "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on', "
        "current_database(), current_user, $1::text";
    int version = PQserverVersion(((struct pg_conn *)base)->pg);
    PGresult *result;

    if (version < OLDEST)
        kc_find(findings, KC_ERROR, "connection.url",
                "The server is PostgreSQL %d.%d; 9.5 is the oldest that knows ON CONFLICT",
                version / 10000, version / 100 % 100);
    if (!preflight_ask(base, sql, "", &result, findings))
        return;
    if (preflight_true(result, 0))
        kc_find(findings, KC_ERROR, "connection.url",
                "The server is a standby, which can't be written to; connect to the primary "
                "(targetServerType=primary tries the hosts in order)");
    else if (preflight_true(result, 1))
        kc_find(findings, KC_ERROR, "connection.url",
                "Transactions are read-only for this user (default_transaction_read_only)");
    else
        kc_find(findings, KC_OK, "connection.url", "PostgreSQL %d, database %s, user %s",
                version / 10000, PQgetvalue(result, 0, 2), PQgetvalue(result, 0, 3));
    PQclear(result);
}

static void preflight_create(struct jdbc_conn *base, const struct jdbc_table *table,
                             struct kc_findings *findings)
{
    static const char sql[] =
        "SELECT s, has_schema_privilege(s, 'CREATE') FROM "
        "(SELECT coalesce($1, current_schema())) q(s) WHERE to_regnamespace(quote_ident(s)) "
        "IS NOT NULL";
    PGresult *result;

    if (!preflight_ask(base, sql, table->schema, &result, findings))
        return;
    if (PQntuples(result) == 0)
        kc_find(findings, KC_ERROR, NULL, "Table %s: its schema does not exist, and is not created",
                table->full);
    else if (!preflight_true(result, 1))
        kc_find(findings, KC_ERROR, NULL,
                "Table %s is not there, and the user may not create it: GRANT CREATE ON SCHEMA %s "
                "TO \"%s\"",
                table->full, PQgetvalue(result, 0, 0), PQuser(((struct pg_conn *)base)->pg));
    else
        kc_find(findings, KC_OK, NULL, "Table %s is not there; the first record will create it",
                table->full);
    PQclear(result);
}

static void preflight_rights(struct jdbc_conn *base, const struct jdbc_table *table,
                             struct kc_findings *findings)
{
    static const char sql[] =
        "SELECT has_table_privilege(t, 'INSERT'), has_table_privilege(t, 'UPDATE'), "
        "has_table_privilege(t, 'SELECT'), has_table_privilege(t, 'DELETE'), "
        "has_table_privilege(t, 'TRUNCATE') FROM (SELECT to_regclass($1)::oid) q(t)";
    static const char *const names[] = { "INSERT", "UPDATE", "SELECT", "DELETE", "TRUNCATE" };
    const struct jdbc_config *config = base->settings->config;
    const bool needed[] = {
        config->insert_mode != JDBC_UPDATE,
        config->insert_mode != JDBC_INSERT,
        config->insert_mode != JDBC_INSERT || config->delete_enabled,
        config->delete_enabled,
        config->truncate_enabled,
    };
    KC_AUTO_BUF missing = KC_BUF(0);
    PGresult *result;

    if (!preflight_ask(base, sql, table->sql, &result, findings))
        return;
    for (int i = 0; i < (int)KC_COUNT(names); i++)
        if (needed[i] && !preflight_true(result, i))
            kc_buf_printf(&missing, "%s%s", missing.len ? ", " : "", names[i]);
    if (missing.len)
        kc_find(findings, KC_ERROR, NULL,
                "Table %s: the user lacks rights: GRANT %s ON %s TO \"%s\"", table->full,
                missing.data, table->sql, PQuser(((struct pg_conn *)base)->pg));
    PQclear(result);
}

/* Are these exactly the columns of the index (given as "a" separated by NUL-free lines)? */
static bool preflight_covers(const char *columns, const char *const *keys, size_t n_keys)
{
    struct kc_text rest = kc_text(columns), column;
    size_t found = 0, count = 0;

    while (kc_text_split(&rest, '\n', &column)) {
        count++;
        for (size_t i = 0; i < n_keys; i++)
            found += kc_text_is(column, keys[i]);
    }
    return count == n_keys && found == n_keys;
}

/* An upsert finds its row by an index that is unique over exactly the key. */
static void preflight_unique(struct jdbc_conn *base, const struct jdbc_table *table,
                             const char *const *keys, size_t n_keys, struct kc_findings *findings)
{
    static const char sql[] =
        "SELECT (SELECT string_agg(a.attname, E'\\n' ORDER BY a.attname) FROM pg_attribute a "
        "WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])) "
        "FROM pg_index i WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid "
        "AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY i.indisprimary "
        "DESC";
    KC_AUTO_BUF wanted = KC_BUF(0);
    bool covered = false;
    PGresult *result;

    if (!preflight_ask(base, sql, table->sql, &result, findings))
        return;
    for (int i = 0; i < PQntuples(result); i++)
        covered = covered || preflight_covers(PQgetvalue(result, i, 0), keys, n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        kc_buf_str(&wanted, i ? ", " : "");
        jdbc_quote(&wanted, '"', keys[i]);
    }
    if (PQntuples(result) == 0)
        kc_find(findings, KC_ERROR, "insert.mode",
                "Table %s has neither a primary key nor a unique index, which an upsert needs: "
                "ALTER TABLE %s ADD "
                "PRIMARY KEY (%s)",
                table->full, table->sql, n_keys ? wanted.data : "...");
    else if (n_keys && !covered)
        kc_find(
            findings, KC_ERROR, "pk.fields",
            "Table %s has no primary key or unique index over exactly (%s), which an upsert needs",
            table->full, wanted.data);
    PQclear(result);
}

void pg_check_table(struct jdbc_conn *base, const struct jdbc_table *table, const char *const *keys,
                    size_t n_keys, struct kc_findings *findings)
{
    if (!table->exists) {
        preflight_create(base, table, findings);
        return;
    }
    preflight_rights(base, table, findings);
    if (base->settings->config->insert_mode == JDBC_UPSERT)
        preflight_unique(base, table, keys, n_keys, findings);
}
