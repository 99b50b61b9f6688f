/* Checks of the tables: each that is captured, and the one that signals come by. */
#include "sources/postgres/check.h"

#include <stdlib.h>

#include "sources/common/table_id.h"
#include "sources/postgres/signals.h"

/* ---- one table ---- */

static void check_readable(struct probe *probe, const struct live_table *t)
{
    const char *user = probe->config->user;
    if (probe->reads_rows && !t->readable)
        probe_say(probe, KC_ERROR, "database.user",
                  "The user may not read table %s.%s, which the snapshot needs. Run: GRANT USAGE ON "
                  "SCHEMA \"%s\" TO \"%s\"; GRANT SELECT ON \"%s\".\"%s\" TO \"%s\";",
                  t->schema, t->name, t->schema, user, t->schema, t->name, user);
}

static void check_hidden_rows(struct probe *probe, const struct live_table *t)
{
    if (probe->reads_rows && t->hides_rows)
        probe_say(probe, KC_WARN, "database.user",
                  "Table %s.%s has row security that holds for the user: the snapshot has only the rows "
                  "that its policies show. Run: ALTER ROLE \"%s\" BYPASSRLS;",
                  t->schema, t->name, probe->config->user);
}

static void check_unlogged(struct probe *probe, const struct live_table *t)
{
    if (probe->streams && t->unlogged)
        probe_say(probe, KC_WARN, "table.include.list",
                  "Table %s.%s is UNLOGGED: its changes are not in the WAL and never come. Run: ALTER "
                  "TABLE \"%s\".\"%s\" SET LOGGED; or leave it out.",
                  t->schema, t->name, t->schema, t->name);
}

/* Is the publication there, and will it stay as it is? */
static bool publication_stands(const struct probe *probe)
{
    return probe->streams && PQntuples(probe->publication) &&
           probe->config->publication_mode != PUBLICATION_FILTERED;
}

static void check_published(struct probe *probe, const struct live_table *t)
{
    if (publication_stands(probe) && !t->published && !t->unlogged)
        probe_say(probe, KC_WARN, "publication.name",
                  "Table %s.%s is not in publication \"%s\": its changes won't come. Run: ALTER "
                  "PUBLICATION \"%s\" ADD TABLE \"%s\".\"%s\";",
                  t->schema, t->name, probe->config->publication, probe->config->publication,
                  t->schema, t->name);
}

static void check_row_filter(struct probe *probe, const struct live_table *t)
{
    if (probe->streams && t->published && t->filter)
        probe_say(probe, KC_WARN, "publication.name",
                  "Publication \"%s\" has of table %s.%s only the rows that meet %s; the snapshot has "
                  "all of them.",
                  probe->config->publication, t->schema, t->name, t->filter);
}

static void check_owned(struct probe *probe, const struct live_table *t)
{
    if (probe->streams && probe->config->publication_mode == PUBLICATION_FILTERED && !t->owned)
        probe_say(probe, KC_ERROR, "publication.autocreate.mode",
                  "The user does not own table %s.%s and so can't add it to a publication. Have its "
                  "owner or a superuser make the publication, and set publication.autocreate.mode to "
                  "disabled.",
                  t->schema, t->name);
}

/* Does replica.identity.autoset.values speak of the table? Then its identity will be another. */
static bool identity_is_set(const struct probe *probe, const struct live_table *t)
{
    struct kc_text rest = kc_text(probe->config->replica_identities), entry;
    bool found = false;
    char *full = kc_printf("%s.%s", t->schema, t->name);
    while (!found && rest.ptr && kc_text_split(&rest, ',', &entry)) {
        entry = kc_text_trim(entry);
        const char *colon = entry.len ? memchr(entry.ptr, ':', entry.len) : NULL;
        char *pattern = kc_strndup(entry.ptr, colon ? (size_t)(colon - entry.ptr) : 0);
        struct filter filter;
        struct kc_error *err = filter_init(&filter, pattern);
        found = !err && filter_matches(&filter, kc_text(full));
        kc_error_free(err);
        filter_clear(&filter);
        free(pattern);
    }
    free(full);
    return found;
}

static void check_identity_owned(struct probe *probe, const struct live_table *t)
{
    if (probe->streams && !t->owned && identity_is_set(probe, t))
        probe_say(probe, KC_ERROR, "replica.identity.autoset.values",
                  "The user does not own table %s.%s and so can't set its replica identity. Have its "
                  "owner set it, and leave the table out of the setting.",
                  t->schema, t->name);
}

/* Nothing that tells the old row: the server refuses UPDATE and DELETE once the table is published. */
static bool has_no_identity(const struct live_table *t)
{
    return t->identity == 'n' || (t->identity == 'd' && !t->has_primary) ||
           (t->identity == 'i' && !t->has_index);
}

static void check_identity(struct probe *probe, const struct live_table *t)
{
    const char *lacks = t->identity == 'n'   ? "no replica identity"
                        : t->identity == 'i' ? "a replica identity whose index was dropped"
                                             : "no primary key";
    if (probe->streams && has_no_identity(t) && !identity_is_set(probe, t))
        probe_say(
            probe, KC_WARN, NULL,
            "Table %s.%s has %s: once published, the server refuses UPDATE and DELETE on it. "
            "Give it a primary key, or run: ALTER TABLE \"%s\".\"%s\" REPLICA IDENTITY FULL;",
            t->schema, t->name, lacks, t->schema, t->name);
}

static bool has_key_columns(const struct probe *probe, const struct live_table *t)
{
    char *full = kc_printf("%s.%s", t->schema, t->name);
    bool has = false;
    for (size_t i = 0; i < probe->captures.keys.count; i++)
        has = has || key_columns_match(&probe->captures.keys, i, kc_text(full));
    free(full);
    return has;
}

static void check_key(struct probe *probe, const struct live_table *t)
{
    AUTO_RESULT *key = NULL;
    if (t->has_primary || has_key_columns(probe, t))
        return;
    struct kc_error *err = catalog_key(&probe->catalog, t->oid, &key);
    if (!err && !PQntuples(key))
        probe_say(probe, KC_WARN, "message.key.columns",
                  "Table %s.%s has no primary key and no unique index: its records have no key, so "
                  "their order is kept in one partition only, and a sink can't update or delete. Name "
                  "key columns: message.key.columns=%s.%s:COLUMN,...",
                  t->schema, t->name, t->schema, t->name);
    kc_error_free(err);
}

/* What the settings expect of the old row, and the replica identity does not give. */
static void check_old_row(struct probe *probe, const struct live_table *t)
{
    if (!probe->streams || t->identity == 'f' || identity_is_set(probe, t))
        return;
    if (probe->config->skip_unchanged)
        probe_say(probe, KC_WARN, "skip.messages.without.change",
                  "skip.messages.without.change needs the whole old row, which table %s.%s does not "
                  "give. Run: ALTER TABLE \"%s\".\"%s\" REPLICA IDENTITY FULL;",
                  t->schema, t->name, t->schema, t->name);
    if (has_key_columns(probe, t))
        probe_say(probe, KC_WARN, "message.key.columns",
                  "message.key.columns names other key columns for table %s.%s: a DELETE and a changed "
                  "key have them only where the replica identity holds them. Run: ALTER TABLE "
                  "\"%s\".\"%s\" REPLICA IDENTITY FULL;",
                  t->schema, t->name, t->schema, t->name);
}

static void check_column(struct probe *probe, const struct live_table *t, const PGresult *columns,
                         int row)
{
    struct type_use use;
    const char *name = PQgetvalue(columns, row, COLUMN_NAME);
    if (!captures_column(&probe->captures, t->schema, t->name, name))
        return;
    types_resolve(&probe->catalog.types, &probe->config->modes,
                  (uint32_t)strtoul(PQgetvalue(columns, row, COLUMN_TYPE), NULL, 10),
                  atoi(PQgetvalue(columns, row, COLUMN_TYPMOD)), &use);
    struct type_source declared;
    types_source(&use, &declared);
    const char *loss = types_loss(&use);
    if (loss)
        probe_say(probe, KC_WARN, NULL, "Column %s.%s.%s of type %s %s.", t->schema, t->name, name,
                  declared.name, loss);
    const char *generated = PQgetvalue(columns, row, COLUMN_GENERATED);
    if (*generated && probe->streams)
        probe_say(probe, KC_WARN, NULL,
                  "Column %s.%s.%s is generated: the snapshot has its values, the stream has none.",
                  t->schema, t->name, name);
    types_clear(&use);
}

static void check_columns(struct probe *probe, const struct live_table *t)
{
    AUTO_RESULT *columns = NULL;
    struct kc_error *err = catalog_columns(&probe->catalog, t->oid, &columns);
    for (int i = 0; !err && i < PQntuples(columns); i++)
        check_column(probe, t, columns, i);
    kc_error_free(err);
    kc_error_free(catalog_failure(&probe->catalog));
}

static const struct {
    const char *what;
    void (*look)(struct probe *probe, const struct live_table *table);
} table_checks[] = {
    {"Tables that can't be read", check_readable},
    {"Tables with row security", check_hidden_rows},
    {"UNLOGGED tables", check_unlogged},
    {"Tables that are not published", check_published},
    {"Tables published in part", check_row_filter},
    {"Tables of others", check_owned},
    {"Replica identities to set", check_identity_owned},
    {"Replica identities", check_identity},
    {"Tables without key", check_key},
    {"Old rows", check_old_row},
    {"Columns", check_columns},
};

/* Each check goes over all tables, so that those alike stand together. */
static void check_each(struct probe *probe)
{
    for (size_t i = 0; i < KC_COUNT(table_checks); i++) {
        probe->said = 0;
        for (size_t j = 0; j < probe->n_tables; j++)
            if (probe_captures(&probe->tables[j]))
                table_checks[i].look(probe, &probe->tables[j]);
        probe_close(probe, table_checks[i].what);
    }
    probe->said = 0;
}

/* ---- all of them ---- */

static void check_count(struct probe *probe)
{
    size_t tables = 0;
    for (size_t i = 0; i < probe->n_tables; i++)
        tables += probe->tables[i].kind == 'r' || probe->tables[i].kind == 'p';
    if (probe->n_captured)
        probe_say(probe, KC_OK, "table.include.list", "%zu of %zu tables are captured.",
                  probe->n_captured, tables);
    else
        probe_say(
            probe, KC_WARN, "table.include.list",
            "None of the %zu tables of database %s is captured. Patterns must match the whole of "
            "schema.table, such as public\\.orders.",
            tables, probe->config->dbname);
}

/* Patterns of table.include.list that no table answers to: most are misspelt. */
static void check_patterns(struct probe *probe)
{
    const struct filter *include = &probe->captures.table_include;
    bool *used = kc_calloc(include->count + 1, sizeof(*used));
    for (size_t i = 0; i < probe->n_tables; i++) {
        const struct live_table *t = &probe->tables[i];
        char *full = kc_printf("%s.%s", t->schema, t->name);
        for (size_t j = 0; j < include->count; j++)
            used[j] = used[j] || kc_regex_matches(include->patterns[j], kc_text(full));
        free(full);
    }
    for (size_t j = 0; j < include->count; j++)
        if (!used[j])
            probe_say(probe, KC_WARN, "table.include.list",
                      "Nothing in database %s matches %s of table.include.list. It must match the whole "
                      "of schema.table.",
                      probe->config->dbname, include->texts[j]);
    free(used);
}

/* What has the name of a captured table, but no changes. */
static void check_kinds(struct probe *probe)
{
    if (!probe->captures.table_include.count)
        return;
    for (size_t i = 0; i < probe->n_tables; i++) {
        const struct live_table *t = &probe->tables[i];
        if (t->captured && !probe_captures(t))
            probe_say(probe, KC_WARN, "table.include.list",
                      "%s.%s is a %s: it has no changes of its own, and is left out.", t->schema, t->name,
                      t->kind == 'v'   ? "view"
                      : t->kind == 'm' ? "materialized view"
                                       : "foreign table");
    }
}

/* ---- signals ---- */

static const char signal_sql[] =
    "SELECT pg_catalog.has_table_privilege(c.oid, 'INSERT'), pg_catalog.has_table_privilege(c.oid,"
    " 'DELETE'), (SELECT count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum"
    " > 0 AND NOT a.attisdropped) FROM pg_catalog.pg_class c WHERE c.oid = $1::oid";

static void check_signal_rights(struct probe *probe, const struct live_table *t)
{
    char oid[16];
    snprintf(oid, sizeof(oid), "%u", t->oid);
    AUTO_RESULT *found = probe_ask(probe, "The signal table", signal_sql, oid);
    if (!found || !PQntuples(found))
        return;
    if (strcmp(PQgetvalue(found, 0, 2), "3") != 0)
        probe_say(probe, KC_ERROR, "signal.data.collection",
                  "The signal table has %s columns: signals have three texts, id, type and data.",
                  PQgetvalue(found, 0, 2));
    bool deletes = probe->config->watermarks == WATERMARK_INSERT_DELETE;
    if (!link_true(found, 0, 0) || (deletes && !link_true(found, 0, 1)))
        probe_say(probe, KC_ERROR, "signal.data.collection",
                  "The user may not write to the signal table, as an incremental snapshot does. Run: "
                  "GRANT INSERT, DELETE ON \"%s\".\"%s\" TO \"%s\";",
                  t->schema, t->name, probe->config->user);
    if (publication_stands(probe) && !t->published)
        return; /* said of all tables */
    probe_say(probe, KC_OK, "signal.data.collection", "The signal table %s.%s is there.", t->schema,
              t->name);
}

static void check_signals(struct probe *probe)
{
    const struct pg_config *config = probe->config;
    if (!config->signal_table || !*config->signal_table)
        return;
    for (size_t i = 0; i < probe->n_tables; i++) {
        const struct live_table *t = &probe->tables[i];
        if (signals_is_table(config, kc_text(t->schema), kc_text(t->name))) {
            check_signal_rights(probe, t);
            return;
        }
    }
    probe_say(probe, KC_ERROR, "signal.data.collection",
              "There is no signal table %s. It must be named schema.table. Run: CREATE TABLE %s (id "
              "varchar(42) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048));",
              config->signal_table, config->signal_table);
}

const struct check_row check_table_rows[] = {
    {"The tables", 0, 0, check_count},       {"The patterns", 0, 0, check_patterns},
    {"Views", 0, 0, check_kinds},            {"The tables", 0, 0, check_each},
    {"The signal table", STREAM, 0, check_signals}, {.look = NULL},
};
