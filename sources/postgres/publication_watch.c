#include "sources/postgres/publication_watch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#define EVERY_MS 60000
#define AGAIN_MS 2000 /* least time between two looks */
#define NAMED    5    /* tables in one line of the log */

enum { PUBLISHED_SCHEMA, PUBLISHED_NAME, PUBLISHED_QUOTED, PUBLISHED_YES, PUBLISHED_EXISTS };

/* Partitions may be published through a table above them. */
static const char published_sql[] =
    "WITH p AS (SELECT t.relid FROM pg_catalog.pg_publication,"
    " LATERAL pg_catalog.pg_get_publication_tables(pubname) t WHERE pubname = $1)"
    " SELECT n.nspname, c.relname, pg_catalog.format('%I.%I', n.nspname, c.relname),"
    " c.oid IN (SELECT relid FROM p) OR c.relispartition AND EXISTS (SELECT 1 FROM"
    " pg_catalog.pg_partition_ancestors(c.oid) a WHERE a.relid IN (SELECT relid FROM p)),"
    " EXISTS (SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = $1)"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog',"
    " 'information_schema') ORDER BY 1, 2";

static void tell_gone(struct publication_watch *watch, const struct pg_config *config, bool gone)
{
    if (gone && !watch->gone)
        kc_log_warn("postgres",
                    "Publication \"%s\" is not there any more: the next change that the server reads "
                    "will end the task, and changes made without a publication can't be read. Make it "
                    "again now: CREATE PUBLICATION \"%s\" ...",
                    config->publication, config->publication);
    watch->gone = gone;
}

static void tell_missing(const struct pg_config *config, const struct kc_buf *names, size_t count)
{
    if (!count)
        return;
    KC_AUTO_BUF more = KC_BUF(0);
    if (count > NAMED)
        kc_buf_printf(&more, " and %zu more", count - NAMED);
    kc_log_warn("postgres",
                "Publication \"%s\" does not hold %s%s: changes of captured tables that are not in it "
                "don't come. Add them (ALTER PUBLICATION \"%s\" ADD TABLE ...), then read their rows anew "
                "with an incremental snapshot, for what changed in between is missing",
                config->publication, names->data, more.len ? more.data : "", config->publication);
}

static struct kc_error *look(struct publication_watch *watch, struct catalog *catalog,
                             const struct captures *captures, bool first)
{
    const struct pg_config *config = catalog->config;
    AUTO_RESULT *rows = NULL;
    struct kc_error *err = link_ask(catalog->conn, catalog->stop_fd, &rows, published_sql,
                                    config->publication, NULL);
    if (err)
        return kc_while(err, "while looking at publication %s", config->publication);
    bool gone = PQntuples(rows) > 0 && !link_true(rows, 0, PUBLISHED_EXISTS);
    bool listed = config->table_include && *config->table_include;
    tell_gone(watch, config, gone);
    struct kc_map now = {0};
    KC_AUTO_BUF names = KC_BUF(0);
    size_t missing = 0;
    for (int i = 0; !gone && i < PQntuples(rows); i++) {
        struct kc_text schema = kc_text(PQgetvalue(rows, i, PUBLISHED_SCHEMA));
        struct kc_text name = kc_text(PQgetvalue(rows, i, PUBLISHED_NAME));
        if (!captures_table(captures, config, schema, name))
            continue;
        const char *quoted = PQgetvalue(rows, i, PUBLISHED_QUOTED);
        if (link_true(rows, i, PUBLISHED_YES))
            kc_map_set(&now, kc_text(quoted), watch);
        else if (kc_map_has(&watch->tables, kc_text(quoted)) || (first && listed)) {
            if (missing++ < NAMED)
                kc_buf_printf(&names, "%s%s", missing > 1 ? ", " : "", quoted);
        }
    }
    tell_missing(config, &names, missing);
    if (!gone) {
        kc_map_clear(&watch->tables, NULL);
        watch->tables = now;
    }
    return NULL;
}

struct kc_error *publication_watch_serve(struct publication_watch *watch, struct catalog *catalog,
                                         const struct captures *captures, bool *again)
{
    int64_t now = kc_monotonic_ms(), since = now - watch->looked;
    bool first = !watch->looked;
    if (!first && since < EVERY_MS && (!*again || since < AGAIN_MS))
        return NULL;
    watch->looked = now;
    *again = false;
    if (watch->refused || PQserverVersion(catalog->conn) < 120000)
        return NULL;
    struct kc_error *err = look(watch, catalog, captures, first);
    if (!err || err->fault != KC_FATAL)
        return err;
    /* Without rights to look there is nothing to tell; that is no fault of the stream. */
    char *line = kc_error_line(err);
    kc_log_warn("postgres", "%s", line);
    free(line);
    kc_error_free(err);
    watch->refused = true;
    return NULL;
}

void publication_watch_clear(struct publication_watch *watch)
{
    kc_map_clear(&watch->tables, NULL);
    *watch = (struct publication_watch){0};
}
